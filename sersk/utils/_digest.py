"""Stable digests of bytes and of plain parameters."""

import hashlib
import json
from numbers import Integral, Real
from os import PathLike
from typing import Any


def sha256(*parts: bytes | memoryview | str) -> str:
    """Return the SHA-256 of some parts, each preceded by its length, as hex.

    Parameters
    ----------
    *parts : bytes, memoryview or str
        What to digest; text is encoded as UTF-8.

    Returns
    -------
    digest : str
        64 hexadecimal digits.

    Examples
    --------
    >>> from sersk.utils import sha256
    >>> sha256("ab", "c") == sha256("a", "bc")
    False
    """
    state = hashlib.sha256()
    for part in parts:
        data = memoryview(part.encode() if isinstance(part, str) else part).cast("B")
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)
    return state.hexdigest()


def canonical_json(value: Any) -> str:
    """Write plain parameters as JSON that is the same for equal values.

    Parameters
    ----------
    value : None, bool, number, str, path, sequence or mapping
        Parameters; numpy scalars count as numbers, tuples as lists.

    Returns
    -------
    text : str
        JSON with sorted keys and no spaces.

    Raises
    ------
    TypeError
        If the value holds something that has no canonical form.

    Examples
    --------
    >>> from sersk.utils import canonical_json
    >>> canonical_json({"n_mels": 128, "fmax": None, "descriptors": ("mfcc",)})
    '{"descriptors":["mfcc"],"fmax":null,"n_mels":128}'
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return int(number) if number.is_integer() else number
    if isinstance(value, PathLike):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(
        f"{value!r} has no canonical form. Parameters that change a result must be "
        "numbers, text, paths, or sequences or mappings of such."
    )
