"""Arrays of numbers and of text, one behind the other in one file of plain bytes."""

import math
import re
from typing import Any, Literal, NamedTuple

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
    """Give the arrays of a file, all of whose sizes are checked before one is made.

    No two lie over each other, and each is made once: arrays take no more memory than
    the file, however often they are asked for.
    """

    def __init__(self, entries: list[Any], data: bytes) -> None:
        self._layouts = [_check_entry(i, entry) for i, entry in enumerate(entries)]
        self._data = data
        self._made: dict[int, np.ndarray] = {}
        end = 0
        for index, layout in enumerate(self._layouts):
            if layout.offset != end + -end % _ALIGNMENT:
                raise ValueError(f"its array {index} does not follow the one before")
            end = layout.end
        if end != len(data):
            raise ValueError(
                f"its arrays end after {end} bytes, and their file after {len(data)}"
            )

    def get(self, index: Any) -> np.ndarray:
        """Return an array; ValueError where the file does not hold it."""
        if type(index) is not int or not 0 <= index < len(self._layouts):
            raise ValueError(f"it asks for the array {index!r}, which it does not hold")
        if index not in self._made:
            self._made[index] = self._make(self._layouts[index])
        return self._made[index]

    def _make(self, layout: "_Layout") -> np.ndarray:
        dtype, shape, order, offset, _ = layout
        count = math.prod(shape)
        if count * dtype.itemsize == 0:
            return np.zeros(shape, dtype, order=order)
        flat = np.frombuffer(self._data, dtype, count, offset)
        return flat.reshape(shape, order=order).copy(order="K")


class _Layout(NamedTuple):
    dtype: np.dtype
    shape: tuple[int, ...]
    order: Literal["C", "F"]
    offset: int
    end: int


def _check_entry(index: int, entry: dict[str, Any]) -> _Layout:
    dtype, shape, order = find_dtype(entry["dtype"]), entry["shape"], entry["order"]
    numbers = [entry["offset"], *shape]
    if (
        any(type(number) is not int or number < 0 for number in numbers)
        or len(shape) > _MAX_DIMENSIONS
        or order not in ("C", "F")
    ):
        raise ValueError(f"its array {index} is described as {entry!r}")
    if dtype.itemsize == 0 and math.prod(shape):
        raise ValueError(f"its array {index} holds {math.prod(shape)} of no size")
    end = entry["offset"] + math.prod(shape) * dtype.itemsize
    return _Layout(dtype, tuple(shape), order, entry["offset"], end)
