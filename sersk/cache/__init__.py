"""A store of features on disk that is safe to share, damage, fill and delete.

Extractors keep here what they computed of a clip, under a key made of the
extractor's description and of the clip's content.
"""

from sersk.cache._key import extractor_key
from sersk.cache._statistics import has_entries
from sersk.cache._store import FeatureStore, check_store

__all__ = ["FeatureStore", "check_store", "extractor_key", "has_entries"]
