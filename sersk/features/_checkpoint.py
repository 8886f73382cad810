"""Finding a speech encoder's checkpoint, and checking it before anything is loaded."""

import functools
import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from sersk.utils import import_optional, sha256

# How config.json calls the architectures, and the classes of transformers.
ARCHITECTURES = {
    "hubert": "HubertModel",
    "wav2vec2": "Wav2Vec2Model",
    "wavlm": "WavLMModel",
}
SAMPLING_RATE = 16_000

_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_PREPROCESSOR = "preprocessor_config.json"
_PROCESSOR = "processor_config.json"
_FILES = [_CONFIG, _PREPROCESSOR, _PROCESSOR, _INDEX, "model*.safetensors"]
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_POINTER = b"version https://git-lfs"
# What the format allows for its header.
_MOST_HEADER_BYTES = 100_000_000


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
        hop = 1
        for stride in self.conv_stride:
            hop *= stride
        return hop

    @property
    def receptive_field(self) -> int:
        """Length of one frame in samples, which is the shortest clip."""
        length = 1
        for kernel, stride in zip(
            reversed(self.conv_kernel), reversed(self.conv_stride), strict=True
        ):
            length = (length - 1) * stride + kernel
        return length

    def count_frames(self, n_samples: int) -> int:
        """Return how many frames the convolutions make of samples."""
        for kernel, stride in zip(self.conv_kernel, self.conv_stride, strict=True):
            n_samples = (n_samples - kernel) // stride + 1
        return max(n_samples, 0)


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
    folder = Path(model)
    if not folder.is_dir():
        _refuse_paths(model)
        folder = Path(_download(str(model), revision))
    names = sorted(path for path in folder.iterdir() if path.is_file())
    stamps = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in names]
    return _read(str(folder.resolve()), tuple(stamps))


def _refuse_paths(model: str | PathLike) -> None:
    """Raise where there should be a folder and the hub cannot be meant."""
    name = os.fspath(model)
    if Path(model).is_file():
        raise ValueError(
            f"model={name!r} is a file. Pass the folder in which it lies, with its "
            f"{_CONFIG}."
        )
    if isinstance(model, PathLike) or not _HUB_NAME.fullmatch(name):
        raise ValueError(
            f"model={name!r} is no folder. Pass the folder that save_pretrained "
            "wrote, or a name on the Hugging Face hub such as "
            "'facebook/wav2vec2-base-960h'."
        )


@functools.lru_cache(maxsize=32)
def _download(name: str, revision: str | None) -> str:
    """Return the folder of a hub's checkpoint, which is fetched if it is not there."""
    hub = import_optional("huggingface_hub", extra="torch")
    offline = _is_offline()
    try:
        return hub.snapshot_download(
            name, revision=revision, allow_patterns=_FILES, local_files_only=offline
        )
    # What the hub raises is one or the other; a name that is none is a ValueError.
    except (OSError, ValueError) as error:
        if offline:
            remedy = (
                "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, and it was not "
                "downloaded before. Unset them, or pass a folder."
            )
        else:
            remedy = (
                "There is no folder of this name either. Check the name, the revision "
                "and the network, or pass a folder that holds the checkpoint."
            )
        reason = str(error).strip().splitlines()[0]
        where = "" if revision is None else f" at revision={revision!r}"
        raise ValueError(
            f"model={name!r}{where} cannot be had from the Hugging Face hub: {reason} "
            f"{remedy}"
        ) from error


def _is_offline() -> bool:
    """Tell whether the switches of the hub are set now, not when it was imported."""
    yes = {"1", "ON", "YES", "TRUE"}
    switches = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(os.environ.get(name, "").upper() in yes for name in switches)


@functools.lru_cache(maxsize=32)
def _read(folder: str, stamps: tuple[tuple[str, int, int], ...]) -> Checkpoint:
    """Check and digest a checkpoint; once, as long as its files stay as they are."""
    root, names = Path(folder), {name for name, _, _ in stamps}
    if _CONFIG not in names:
        raise ValueError(
            f"{folder} holds no {_CONFIG}, and is no checkpoint or an incomplete one. "
            "Download it again, or pass the folder that save_pretrained wrote."
        )
    config = _read_json(root / _CONFIG)
    _check_config(folder, config)
    weights = _weights(root, names)
    for path in weights:
        _check_weights(path)
    preprocessor = _preprocessor(root, names)
    _check_rate(folder, preprocessor)
    return Checkpoint(
        folder=folder,
        digest=_digest(config, preprocessor, weights),
        architecture=config["model_type"],
        n_layers=config["num_hidden_layers"],
        n_features=config["hidden_size"],
        conv_kernel=tuple(config["conv_kernel"]),
        conv_stride=tuple(config["conv_stride"]),
        do_normalize=bool(preprocessor.get("do_normalize", True)),
    )


def _check_config(folder: str, config: dict[str, Any]) -> None:
    if "auto_map" in config:
        raise ValueError(
            f"The checkpoint in {folder} asks for code of its own (auto_map in "
            f"{_CONFIG}), which is never run. Use one of an architecture that "
            "transformers has."
        )
    architecture = config.get("model_type")
    if architecture not in ARCHITECTURES:
        raise ValueError(
            f"The checkpoint in {folder} is of the architecture {architecture!r}, and "
            f"no speech encoder. Pass one of {', '.join(sorted(ARCHITECTURES))}."
        )
    needed = {"num_hidden_layers", "hidden_size", "conv_kernel", "conv_stride"}
    if missing := sorted(needed - set(config)):
        raise ValueError(
            f"{_CONFIG} in {folder} lacks {', '.join(missing)}. Download it again, or "
            "write it with save_pretrained, which leaves nothing out."
        )


def _weights(root: Path, names: set[str]) -> list[Path]:
    """Return the files of the weights, in the order of their names."""
    if _WEIGHTS in names:
        return [root / _WEIGHTS]
    if _INDEX in names:
        parts = sorted(set(_read_json(root / _INDEX)["weight_map"].values()))
        if missing := [part for part in parts if part not in names]:
            raise ValueError(
                f"{root} lacks {len(missing)} of {len(parts)} parts of the weights, "
                f"such as {missing[0]}. Download it again."
            )
        return [root / part for part in parts]
    if names & set(_PICKLES):
        raise ValueError(
            f"{root} holds its weights as a pickle only, which can run code while it "
            "is read, and is refused. Where you trust it, convert it once: load it "
            "with transformers and write it with save_pretrained, which writes "
            f"{_WEIGHTS}. Some checkpoints on the hub have one at another revision, "
            "such as 'refs/pr/1'."
        )
    raise ValueError(
        f"{root} holds no {_WEIGHTS}: the download did not get that far, or it is no "
        "checkpoint. Download it again."
    )


def _check_weights(path: Path) -> None:
    """Raise if a file is shorter or longer than its header says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(_POINTER))
        if start == _POINTER:
            raise ValueError(
                f"{path} is a pointer of git-lfs and not the weights. Run `git lfs "
                "pull` in its folder, or download the file itself."
            )
        n_bytes = int.from_bytes(start[:8], "little")
        file.seek(8)
        try:
            if n_bytes > min(_MOST_HEADER_BYTES, size - 8):
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(n_bytes))
            header.pop("__metadata__", None)
            expected = max(entry["data_offsets"][1] for entry in header.values())
            if (rest := size - 8 - n_bytes) != expected:
                raise ValueError(f"it holds {rest} bytes of {expected}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path} is damaged or was not downloaded to its end: {error}. "
                "Download it again."
            ) from error


def _preprocessor(root: Path, names: set[str]) -> dict[str, Any]:
    """Return how samples are to be prepared; empty stands for transformers' defaults."""
    if _PREPROCESSOR in names:
        return _read_json(root / _PREPROCESSOR)
    if _PROCESSOR in names:
        return _read_json(root / _PROCESSOR).get("feature_extractor", {})
    return {}


def _check_rate(folder: str, preprocessor: dict[str, Any]) -> None:
    rate = preprocessor.get("sampling_rate", SAMPLING_RATE)
    if rate != SAMPLING_RATE:
        raise ValueError(
            f"The checkpoint in {folder} is made for sampling_rate={rate}. Only "
            f"encoders of {SAMPLING_RATE} Hz are supported."
        )


def _digest(
    config: dict[str, Any], preprocessor: dict[str, Any], weights: Sequence[Path]
) -> str:
    parts = [json.dumps(part, sort_keys=True) for part in (config, preprocessor)]
    for path in weights:
        with path.open("rb") as file:
            parts.append(hashlib.file_digest(file, "sha256").hexdigest())
    return sha256(*parts)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{path} is no JSON: {error}. It was not downloaded to its end, or is a "
            "pointer of git-lfs. Download it again."
        ) from error
    if not isinstance(value, dict):
        raise ValueError(f"{path} holds no object of JSON. Download it again.")
    return value
