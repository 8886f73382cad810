"""The two halves of a key: which extractor, and which clip."""

import re
from typing import Any

from sersk.utils import canonical_json, sha256

# Keys become file names, so only one spelling of them may exist on any file system.
HEX = re.compile(r"[0-9a-f]{16,128}")


def extractor_key(description: dict[str, Any]) -> str:
    """Digest everything about an extractor that can change its numbers.

    Parameters
    ----------
    description : dict
        Name and version of the extractor, parameters that can change the result,
        versions of the libraries and models behind it. Numbers that are equal
        (``1`` and ``1.0``) and sequences that are equal (lists and tuples) count
        as the same value.

    Returns
    -------
    key : str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        If the description is not a dict of plain values.

    Examples
    --------
    >>> from sersk.cache import extractor_key
    >>> key = extractor_key({"extractor": "MFCC", "version": 1, "n_mfcc": 13})
    >>> key == extractor_key({"n_mfcc": 13, "version": 1, "extractor": "MFCC"})
    True
    >>> key == extractor_key({"extractor": "MFCC", "version": 2, "n_mfcc": 13})
    False
    """
    if not isinstance(description, dict):
        raise TypeError(f"description must be a dict, got {description!r}.")
    return sha256(canonical_json(description))


def check_hex(name: str, value: str) -> None:
    """Refuse a key that is not plain hexadecimal, since it becomes a path."""
    if not (isinstance(value, str) and HEX.fullmatch(value)):
        raise ValueError(
            f"{name} must be 16 to 128 lower-case hexadecimal digits, such as "
            f"sersk.utils.sha256 returns; got {value!r}."
        )
