"""What was read last, for the next that need it."""

import threading
from collections.abc import Callable, Hashable
from typing import Any

# Two, because a window may lie in two chunks, and readers may be at two clips.
_N_KEPT = 2


class Latest:
    """Keep the few things made last, for whoever asks next."""

    def __init__(self) -> None:
        self._held: tuple[tuple[Hashable, Any], ...] = ()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple:
        """Pickle nothing of it."""
        return Latest, ()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what is kept under a key, or make it: once, whoever else asks."""
        with self._lock:
            for held, value in self._held:
                if held == key:
                    return value
            value = make()
            self._held = (*self._held, (key, value))[-_N_KEPT:]
            return value
