"""Speech emotion recognition shaped like scikit-learn."""

from sersk._version import __version__
from sersk.audio import AudioClips, check_clips
from sersk.cache import FeatureStore
from sersk.features import warm_cache
from sersk.persistence import load, save
from sersk.utils import AudioError, config_context, get_config, set_config

__all__ = [
    "AudioClips",
    "AudioError",
    "FeatureStore",
    "__version__",
    "check_clips",
    "config_context",
    "get_config",
    "load",
    "save",
    "set_config",
    "warm_cache",
]
