"""Values that a process read lately, so that folds need not read them again."""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress

import numpy as np

# Enough for the largest functionals of a corpus as large as EmoDB.
_MAX_BYTES = 16 << 20

# A file system's clock ticks every few milliseconds. A folder that changed this short
# a time ago could change again without its times telling.
_SETTLED_NANOSECONDS = 20_000_000

State = tuple[int, int, int]


def settled_states(folders: dict[str, str]) -> dict[str, State]:
    """Return what changes when a file comes into a folder, goes or is replaced.

    Folders that are absent, or changed only just now, are left out.
    """
    now = time.time_ns()
    states = {}
    for name, folder in folders.items():
        with suppress(OSError):
            status = os.stat(folder, follow_symlinks=False)
            if now - status.st_ctime_ns >= _SETTLED_NANOSECONDS:
                states[name] = status.st_ino, status.st_mtime_ns, status.st_ctime_ns
    return states


class Memory:
    """Keep arrays by name for as long as what they were read of stays as it was."""

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, tuple[State, np.ndarray]] = OrderedDict()
        self._n_bytes = 0
        self._lock = threading.Lock()

    def recall(self, name: Hashable, state: State | None) -> np.ndarray | None:
        """Return what was kept in this state, if it is known, or None."""
        with self._lock:
            known = self._values.get(name)
            if known is None or known[0] != state:
                return None
            self._values.move_to_end(name)
        return known[1]

    def keep(self, name: Hashable, state: State | None, value: np.ndarray) -> None:
        """Keep a value that fits, if its state is known; nobody may write to it now."""
        value.flags.writeable = False
        if state is None or value.nbytes > _MAX_BYTES:
            return
        with self._lock:
            self._forget(name)
            self._values[name] = state, value
            self._n_bytes += value.nbytes
            while self._n_bytes > _MAX_BYTES:
                self._forget(next(iter(self._values)))

    def _forget(self, name: Hashable) -> None:
        if name in self._values:
            self._n_bytes -= self._values.pop(name)[1].nbytes
