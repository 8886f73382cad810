"""One entry of a feature store as bytes: plain numbers, checked, never code.

An entry is a prefix (magic, version, length of the header), a JSON header, the
numbers in C order and little-endian, and the SHA-256 of everything before it.
"""

import hashlib
import json
import math
import struct
from typing import Any

import numpy as np

_MAGIC = b"\x89sersk"
_VERSION = 1
_PREFIX = struct.Struct("<6sHI")
_CHECKSUM_SIZE = hashlib.sha256().digest_size
_LONGEST_HEADER = 4096
# A list, not a rule: np.dtype("O") would unpickle, and the layout of long double
# differs between machines that share a folder.
_DTYPES = {
    name: np.dtype(name)
    for name in (
        *("<f2", "<f4", "<f8"),
        *("|i1", "<i2", "<i4", "<i8"),
        *("|u1", "<u2", "<u4", "<u8"),
    )
}
# Whatever file is met, these bytes are enough to learn the size that it claims.
HEAD_SIZE = 64 * 1024


class EntryError(ValueError):
    """Bytes that are not the entry asked for; the message is a verb phrase."""


def encode(extractor_key: str, digest: str, value: np.ndarray) -> bytes:
    """Write an array and its key as an entry; TypeError if it is not plain numbers."""
    # A subclass may carry more than its numbers: a mask would be lost silently.
    if type(value) is not np.ndarray:
        raise TypeError(
            f"value must be a numpy.ndarray, got {type(value).__name__}. "
            "Pass numpy.asarray(value)."
        )
    dtype = value.dtype.newbyteorder("<")
    if dtype.str not in _DTYPES:
        raise TypeError(
            f"value has dtype {value.dtype}, but only integers and floats of up to "
            "64 bits can be stored. Convert it with astype."
        )
    header = json.dumps(
        {
            "extractor_key": extractor_key,
            "digest": digest,
            "dtype": dtype.str,
            "shape": value.shape,
        },
        separators=(",", ":"),
    ).encode()
    head = _PREFIX.pack(_MAGIC, _VERSION, len(header)) + header
    numbers = value.astype(dtype, copy=False).tobytes()
    checksum = hashlib.sha256(head)
    checksum.update(numbers)
    return b"".join((head, numbers, checksum.digest()))


def decode(data: bytes, extractor_key: str, digest: str) -> np.ndarray:
    """Return the array of an entry as a fresh one; EntryError at any doubt."""
    header, start = _read_header(data)
    dtype, shape = _array_layout(header)
    end = len(data) - _CHECKSUM_SIZE
    count = math.prod(shape)
    if end - start != count * dtype.itemsize:
        raise EntryError("is not as long as its header says")
    if hashlib.sha256(memoryview(data)[:end]).digest() != data[end:]:
        raise EntryError("does not match its checksum")
    if (header.get("extractor_key"), header.get("digest")) != (extractor_key, digest):
        raise EntryError("belongs to another clip or extractor")
    numbers = np.frombuffer(data, dtype, count, start)
    try:
        return numbers.reshape(shape).astype(dtype.newbyteorder("="))
    except (ValueError, OverflowError) as error:
        raise EntryError(f"has an impossible shape {shape}") from error


def claimed_size(head: bytes) -> int:
    """Return the bytes that an entry with this head must have; EntryError if none."""
    header, start = _read_header(head)
    dtype, shape = _array_layout(header)
    return start + math.prod(shape) * dtype.itemsize + _CHECKSUM_SIZE


def _read_header(data: bytes) -> tuple[Any, int]:
    """Return the parsed header and the position of the first number."""
    if len(data) < _PREFIX.size:
        raise EntryError("is cut short")
    magic, version, length = _PREFIX.unpack_from(data)
    if magic != _MAGIC:
        raise EntryError("was not written by sersk")
    if version != _VERSION:
        raise EntryError(f"has format version {version}, not {_VERSION}")
    start = _PREFIX.size + length
    if length > _LONGEST_HEADER or start > len(data):
        raise EntryError("is cut short or has an endless header")
    try:
        return json.loads(data[_PREFIX.size : start].decode()), start
    # Brackets within brackets end in a RecursionError.
    except (ValueError, RecursionError) as error:
        raise EntryError("has an unreadable header") from error


def _array_layout(header: Any) -> tuple[np.dtype, tuple[int, ...]]:
    """Return dtype and shape if the header describes plain numbers."""
    try:
        dtype = _DTYPES[header["dtype"]]
        shape = tuple(header["shape"])
    except (KeyError, TypeError) as error:
        raise EntryError("does not hold plain numbers") from error
    if not all(type(length) is int and length >= 0 for length in shape):
        raise EntryError(f"has an impossible shape {shape}")
    return dtype, shape
