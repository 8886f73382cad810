"""Files of checkpoints of transformers: found, fetched and checked, but not loaded."""

import functools
import hashlib
import json
import os
import re
from collections.abc import Collection, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from sersk.utils import import_optional, sha256

_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_FILES = (_CONFIG, _INDEX, "model*.safetensors")
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_POINTER = b"version https://git-lfs"
# What the format allows for its header.
_MOST_HEADER_BYTES = 100_000_000

# Name, size and time of the last change of each file.
Stamps = tuple[tuple[str, int, int], ...]


def find_folder(
    model: str | PathLike, revision: str | None, others: tuple[str, ...], example: str
) -> tuple[str, Stamps]:
    """Return the folder of a checkpoint, which is fetched if need be, and its files.

    Parameters
    ----------
    model : str or path
        A folder, or a name on the Hugging Face hub.
    revision : str or None
        Commit, tag or branch on the hub; it does not concern a folder.
    others : tuple of str
        Files that are wanted beside configuration and weights.
    example : str
        Name on the hub, for messages.

    Returns
    -------
    folder : str
        Its path.
    stamps : tuple of (str, int, int)
        What tells whether the files are still the same.

    Raises
    ------
    ValueError
        If there is no such checkpoint.
    """
    folder = Path(model)
    if not folder.is_dir():
        _refuse_paths(model, example)
        folder = Path(_download(str(model), revision, others))
    names = sorted(path for path in folder.iterdir() if path.is_file())
    stamps = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in names
    ]
    return str(folder.resolve()), tuple(stamps)


def read_config(
    folder: str, names: Collection[str], architectures: Collection[str], kind: str
) -> dict[str, Any]:
    """Return the configuration of a checkpoint, which is one of some architectures."""
    if _CONFIG not in names:
        raise ValueError(
            f"{folder} holds no {_CONFIG}, and is no checkpoint or an incomplete one. "
            "Download it again, or pass the folder that save_pretrained wrote."
        )
    config = read_json(Path(folder) / _CONFIG)
    if "auto_map" in config:
        raise ValueError(
            f"The checkpoint in {folder} asks for code of its own (auto_map in "
            f"{_CONFIG}), which is never run. Use one of an architecture that "
            "transformers has."
        )
    architecture = config.get("model_type")
    if architecture not in architectures:
        raise ValueError(
            f"The checkpoint in {folder} is of the architecture {architecture!r}, and "
            f"no {kind}. Pass one of {', '.join(sorted(architectures))}."
        )
    return config


def require(folder: str, config: dict[str, Any], needed: Collection[str]) -> None:
    """Raise if a configuration lacks something."""
    if missing := sorted(set(needed) - set(config)):
        raise ValueError(
            f"{_CONFIG} in {folder} lacks {', '.join(missing)}. Download it again, or "
            "write it with save_pretrained, which leaves nothing out."
        )


def digest_files(parts: Sequence[Any], weights: Sequence[Path]) -> str:
    """Digest what can be written as JSON, and files."""
    digests = [json.dumps(part, sort_keys=True) for part in parts]
    for path in weights:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return sha256(*digests)


def read_json(path: Path) -> dict[str, Any]:
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


def find_weights(folder: str, names: Collection[str]) -> list[Path]:
    """Return the files of the weights, in the order of their names, if all is there."""
    paths = _weights(Path(folder), set(names))
    for path in paths:
        _check_weights(path)
    return paths


def _refuse_paths(model: str | PathLike, example: str) -> None:
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
            f"wrote, or a name on the Hugging Face hub such as {example!r}."
        )


@functools.lru_cache(maxsize=32)
def _download(name: str, revision: str | None, others: tuple[str, ...]) -> str:
    """Return the folder of a hub's checkpoint, which is fetched if it is not there."""
    hub = import_optional("huggingface_hub", extra="torch")
    offline = _is_offline()
    try:
        return hub.snapshot_download(
            name,
            revision=revision,
            allow_patterns=[*_FILES, *others],
            local_files_only=offline,
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


def _weights(root: Path, names: set[str]) -> list[Path]:
    """Return the files of the weights, in the order of their names."""
    if _WEIGHTS in names:
        return [root / _WEIGHTS]
    if _INDEX in names:
        parts = sorted(set(read_json(root / _INDEX)["weight_map"].values()))
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
