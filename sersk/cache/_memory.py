"""Values that a process read lately, so that folds need not read them again."""

import os
import threading
import time
from collections import OrderedDict

import numpy as np

# Enough for the functionals of some thousand clips.
_MAX_BYTES = 8 << 20

# A file system's clock ticks every few milliseconds. An entry that changed this short
# a time ago could change again without its times telling.
_SETTLED_NANOSECONDS = 20_000_000

State = tuple[int, int, int, int]


def file_state(path: str) -> State:
    """Return what changes when a file changes; FileNotFoundError if there is none.

    Whoever sets the modification time back still changes the time of that change.
    """
    status = os.stat(path, follow_symlinks=False)
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Memory:
    """Keep arrays by path for as long as their files stay as they were."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, tuple[State, np.ndarray]] = OrderedDict()
        self._n_bytes = 0
        self._lock = threading.Lock()

    def recall(self, path: str, state: State) -> np.ndarray | None:
        """Return a copy of what was read of a file in this state, or None."""
        with self._lock:
            known = self._values.get(path)
            if known is None or known[0] != state:
                return None
            self._values.move_to_end(path)
        return known[1].copy()

    def keep(self, path: str, state: State, value: np.ndarray) -> None:
        """Keep a copy of what was read of a file, if its state can be told apart."""
        if time.time_ns() - max(state[2:]) < _SETTLED_NANOSECONDS:
            return
        if value.nbytes > _MAX_BYTES:
            return
        with self._lock:
            self._forget(path)
            self._values[path] = (state, value.copy())
            self._n_bytes += value.nbytes
            while self._n_bytes > _MAX_BYTES:
                self._forget(next(iter(self._values)))

    def _forget(self, path: str) -> None:
        if path in self._values:
            self._n_bytes -= self._values.pop(path)[1].nbytes
