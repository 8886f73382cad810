"""What the folder of a feature store holds."""

import json
import os
from typing import TYPE_CHECKING, Any

from sersk.cache import _folder
from sersk.cache._key import extractor_key as key_of

if TYPE_CHECKING:
    from sersk.cache._store import FeatureStore


def has_entries(store: "FeatureStore", extractor_key: str) -> bool:
    """Tell whether it is worth looking for values of an extractor.

    Parameters
    ----------
    store : FeatureStore
        Where they would be.
    extractor_key : str
        Key of the extractor, from :func:`sersk.cache.extractor_key`.

    Returns
    -------
    has_entries : bool
        False only if there is none. What there is may turn out not to be usable.

    Examples
    --------
    >>> from sersk.cache import FeatureStore, has_entries
    >>> has_entries(FeatureStore("/nowhere"), "ab" * 32)
    False
    """
    folders = _folder.shard_paths(store.path, extractor_key).values()
    return any(os.path.lexists(folder) for folder in folders)


def count_entries(root: str) -> dict[str, dict[str, Any]]:
    """Return entries, bytes and description of each extractor in a store."""
    extractors: dict[str, dict[str, Any]] = {}
    for entry in _folder.find_entries(root):
        counts = extractors.get(entry.extractor_key)
        if counts is None:
            description = _read_description(root, entry.extractor_key)
            counts = {"entries": 0, "bytes": 0, "description": description}
            extractors[entry.extractor_key] = counts
        counts["entries"] += 1
        counts["bytes"] += entry.size
    return extractors


def _read_description(root: str, extractor_key: str) -> dict[str, Any] | None:
    """Return the description of an extractor if it is there and gives its key."""
    try:
        description = json.loads(_folder.read_description(root, extractor_key))
        return description if key_of(description) == extractor_key else None
    except (OSError, TypeError, ValueError, RecursionError):
        return None
