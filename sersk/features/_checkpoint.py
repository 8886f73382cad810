"""Finding a speech encoder's checkpoint, and checking it before anything is loaded."""

import functools
import math
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from reprlib import repr as short_repr
from typing import Any, TypeVar

from sersk.features._checkpoint_files import (
    Stamps,
    check_sizes,
    digest_files,
    find_folder,
    find_weights,
    read_config,
    read_json,
    require,
)
from sersk.utils import count_frames, receptive_field

# How config.json calls the architectures, and the classes of transformers.
ARCHITECTURES = {
    "hubert": "HubertModel",
    "wav2vec2": "Wav2Vec2Model",
    "wavlm": "WavLMModel",
}
SAMPLING_RATE = 16_000

_PREPROCESSOR = "preprocessor_config.json"
_PROCESSOR = "processor_config.json"
_OTHERS = (_PREPROCESSOR, _PROCESSOR)
_NEEDED = {"num_hidden_layers", "hidden_size", "conv_kernel", "conv_stride"}
# Beyond the largest that there are: 48 layers of 1920.
_LARGEST = {
    "num_hidden_layers": 1_000,
    "hidden_size": 65_536,
}
_EXAMPLE = "facebook/wav2vec2-base-960h"

Count = TypeVar("Count", int, Any)

_check_config = functools.partial(
    read_config, architectures=ARCHITECTURES, kind="speech encoder"
)


@dataclass(frozen=True)
class Checkpoint:
    """What is known of a checkpoint without loading it; equal ones are the same."""

    folder: str
    digest: str
    architecture: str
    n_layers: int
    n_features: int
    conv_kernel: tuple[int, ...]
    conv_stride: tuple[int, ...]
    do_normalize: bool

    @property
    def hop_length(self) -> int:
        """Distance between two frames in samples."""
        return math.prod(self.conv_stride)

    @property
    def receptive_field(self) -> int:
        """Length of one frame in samples, which is the shortest clip."""
        return receptive_field(self.conv_kernel, self.conv_stride)

    def count_frames(self, n_samples: Count) -> Count:
        """Return how many frames the convolutions make of samples."""
        return count_frames(n_samples, self.conv_kernel, self.conv_stride)


def find_checkpoint(model: str | PathLike, revision: str | None = None) -> Checkpoint:
    """Find a checkpoint in a folder or on the hub, and check its files.

    Parameters
    ----------
    model : str or path
        A folder, or a name on the Hugging Face hub.
    revision : str or None, default=None
        Commit, tag or branch on the hub; it does not concern a folder.

    Returns
    -------
    checkpoint : Checkpoint
        What its configuration says, and the digest of its files.

    Raises
    ------
    ValueError
        If there is no such checkpoint, a file is missing or damaged, its weights are
        no safetensors, it needs code of its own, or it is no speech encoder.
    """
    return _read(*find_folder(model, revision, _OTHERS, _EXAMPLE, _check_config))


@functools.lru_cache(maxsize=32)
def _read(folder: str, stamps: Stamps) -> Checkpoint:
    """Check and digest a checkpoint; once, as long as its files stay as they are."""
    root, names = Path(folder), {name for name, _, _ in stamps}
    config = _check_config(folder, names)
    require(folder, config, _NEEDED)
    check_sizes(folder, config, _LARGEST)
    _check_convolutions(folder, config)
    weights = find_weights(folder, names)
    preprocessor = _preprocessor(root, names)
    _check_rate(folder, preprocessor)
    return Checkpoint(
        folder=folder,
        digest=digest_files([config, preprocessor], weights),
        architecture=config["model_type"],
        n_layers=config["num_hidden_layers"],
        n_features=config["hidden_size"],
        conv_kernel=tuple(config["conv_kernel"]),
        conv_stride=tuple(config["conv_stride"]),
        do_normalize=bool(preprocessor.get("do_normalize", True)),
    )


def _preprocessor(root: Path, names: set[str]) -> dict[str, Any]:
    """Return how samples are prepared; empty stands for transformers' defaults."""
    if _PREPROCESSOR in names:
        return read_json(root / _PREPROCESSOR)
    if _PROCESSOR in names:
        nested = read_json(root / _PROCESSOR).get("feature_extractor", {})
        if not isinstance(nested, dict):
            raise ValueError(
                f"{root / _PROCESSOR} has a feature_extractor that is no object of "
                "JSON. Download it again."
            )
        return nested
    return {}


def _check_convolutions(folder: str, config: dict[str, Any]) -> None:
    """Raise if convolutions do not have a kernel and a stride each."""
    kernels, strides = config["conv_kernel"], config["conv_stride"]
    if (
        not isinstance(kernels, list)
        or not isinstance(strides, list)
        or len(kernels) != len(strides)
        or not all(type(one) is int and one > 0 for one in kernels + strides)
    ):
        raise ValueError(
            f"config.json in {folder} has conv_kernel={short_repr(kernels)} and "
            f"conv_stride={short_repr(strides)}, which should be as many whole numbers "
            "above 0 each. Download it again."
        )


def _check_rate(folder: str, preprocessor: dict[str, Any]) -> None:
    rate = preprocessor.get("sampling_rate", SAMPLING_RATE)
    if rate != SAMPLING_RATE:
        raise ValueError(
            f"The checkpoint in {folder} is made for sampling_rate={rate}. Only "
            f"encoders of {SAMPLING_RATE} Hz are supported."
        )
