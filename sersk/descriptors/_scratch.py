"""Memory that a thread uses again and again.

Memory that is fresh from the system costs as much as the transform that fills it.
"""

import math
import threading

import numpy as np

_local = threading.local()


def borrow(name: str, shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
    """Return this thread's memory of a name, with whatever is in it.

    It is valid until the same name is borrowed again: nothing that a caller sees may
    be a view of it.
    """
    size = math.prod(shape)
    memory = getattr(_local, name, None)
    if memory is None or memory.size < size or memory.dtype != dtype:
        memory = np.empty(size, dtype=dtype)
        setattr(_local, name, memory)
    return memory[:size].reshape(shape)
