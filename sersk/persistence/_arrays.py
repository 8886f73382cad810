"""Arrays of numbers and of text, one behind the other in one file of plain bytes."""

import math
import re
from typing import Any

import numpy as np

# Numbers, text and times: nothing that holds references.
_DTYPE = re.compile(r"[<>|=]([biufcSU]\d+|[mM]8\[\d*[a-zA-Z]+\])")
_ALIGNMENT = 64
_MAX_DIMENSIONS = 32


def dtype_name(dtype: np.dtype) -> str | None:
    """Return the name of a dtype that can be saved, or None."""
    return dtype.str if _DTYPE.fullmatch(dtype.str) else None


def find_dtype(name: Any) -> np.dtype:
    """Return the dtype of a name, or raise ValueError."""
    if not isinstance(name, str) or not _DTYPE.fullmatch(name):
        raise ValueError(f"it asks for the dtype {name!r}, which is none of numbers")
    return np.dtype(name)


class ArrayWriter:
    """Collect arrays, and say where in the file each lies."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, array: np.ndarray) -> int:
        """Append an array whose dtype can be saved, and return its number."""
        # Sums depend on the order in which numbers lie in memory.
        is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        data = array.tobytes(order="F" if is_fortran else "C")
        padding = -self._size % _ALIGNMENT
        self._parts += [bytes(padding), data]
        self.entries.append(
            {
                "dtype": array.dtype.str,
                "shape": list(array.shape),
                "order": "F" if is_fortran else "C",
                "offset": self._size + padding,
            }
        )
        self._size += padding + len(data)
        return len(self.entries) - 1

    def tobytes(self) -> bytes:
        """Return the content of the file."""
        return b"".join(self._parts)


class ArrayReader:
    """Give the arrays of a file; a size is checked before memory is taken for it."""

    def __init__(self, entries: Any, data: bytes) -> None:
        self._entries = entries
        self._data = data

    def get(self, index: Any) -> np.ndarray:
        """Return a new array; ValueError where the file does not hold it."""
        if type(index) is not int or not 0 <= index < len(self._entries):
            raise ValueError(f"it asks for the array {index!r}, which it does not hold")
        entry = self._entries[index]
        dtype, shape = find_dtype(entry["dtype"]), entry["shape"]
        offset, order = entry["offset"], entry["order"]
        numbers = [offset, *shape]
        if any(type(n) is not int or n < 0 for n in numbers) or order not in ("C", "F"):
            raise ValueError(f"array {index} is described as {entry!r}")
        count = math.prod(shape)
        n_bytes = count * dtype.itemsize
        if len(shape) > _MAX_DIMENSIONS or offset + n_bytes > len(self._data):
            raise ValueError(
                f"array {index} has shape {tuple(shape)}, which is more than the file "
                "holds"
            )
        if n_bytes == 0:
            return np.zeros(shape, dtype, order=order)
        flat = np.frombuffer(self._data, dtype, count, offset)
        return flat.reshape(shape, order=order).copy(order="K")
