"""Errors, settings and small helpers that every layer may use."""

from sersk.utils._config import config_context, get_config, set_config
from sersk.utils._convolutions import count_frames, receptive_field
from sersk.utils._device import find_device
from sersk.utils._digest import canonical_json, sha256
from sersk.utils._environment import (
    describe_machine,
    find_version,
    installed_versions,
)
from sersk.utils._errors import (
    AudioError,
    AudioWarning,
    CacheWarning,
    CorpusWarning,
    EvaluationWarning,
    MissingDependencyError,
    ModelWarning,
    TransductionWarning,
)
from sersk.utils._halves import in_halves
from sersk.utils._label_columns import label_columns
from sersk.utils._labels import check_given, check_labels, choose_weights
from sersk.utils._listing import listed, listed_and_more
from sersk.utils._optional import import_optional
from sersk.utils._parallel import as_completed
from sersk.utils._progress import progress_bar
from sersk.utils._seeded import seeded_torch
from sersk.utils._transformers import import_from_transformers
from sersk.utils._warnings import warn_user

__all__ = [
    "AudioError",
    "AudioWarning",
    "CacheWarning",
    "CorpusWarning",
    "EvaluationWarning",
    "MissingDependencyError",
    "ModelWarning",
    "TransductionWarning",
    "as_completed",
    "canonical_json",
    "check_given",
    "check_labels",
    "choose_weights",
    "config_context",
    "count_frames",
    "describe_machine",
    "find_device",
    "find_version",
    "get_config",
    "import_from_transformers",
    "import_optional",
    "in_halves",
    "installed_versions",
    "label_columns",
    "listed",
    "listed_and_more",
    "progress_bar",
    "receptive_field",
    "seeded_torch",
    "set_config",
    "sha256",
    "warn_user",
]
