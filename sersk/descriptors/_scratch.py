"""Memory that a thread uses again and again.

Memory that is fresh from the system costs as much as the transform that fills it.
"""

import math
import threading

import numpy as np

_local = threading.local()

# Of a cache line, and of the widest vector: what straddles two costs twice.
_ALIGNMENT = 64


def borrow(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return this thread's float32 memory of a name, with whatever is in it.

    It is valid until the same name is borrowed again: nothing that a caller sees may
    be a view of it.
    """
    size = math.prod(shape)
    memory = getattr(_local, name, None)
    if memory is None or memory.size < size:
        memory = aligned(size)
        setattr(_local, name, memory)
    return memory[:size].reshape(shape)


def aligned(size: int) -> np.ndarray:
    """Return new float32 memory that begins with a cache line."""
    n_bytes = size * np.dtype(np.float32).itemsize
    memory = np.empty(n_bytes + _ALIGNMENT, dtype=np.uint8)
    start = -memory.__array_interface__["data"][0] % _ALIGNMENT
    return memory[start : start + n_bytes].view(np.float32)
