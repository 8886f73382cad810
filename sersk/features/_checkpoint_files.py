"""Files of checkpoints of transformers: found, fetched and checked, but not loaded."""

import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from reprlib import repr as short_repr
from typing import Any

from sersk.utils import import_optional, sha256

_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_FILES = (_CONFIG, _INDEX, "model*.safetensors")
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_POINTER = b"version https://git-lfs"
# What the format allows for its header; the largest vocabularies take a fifth of it.
_MOST_HEADER_BYTES = 100_000_000
# Beside them there are weights in few bits, whose numbers mean nothing by themselves.
_FLOATS = {"BF16", "F16", "F32", "F64"}

# Name, size and time of the last change of each file.
Stamps = tuple[tuple[str, int, int], ...]


# From a folder and the names of its files; raises if it is not what is looked for.
CheckConfig = Callable[[str, Collection[str]], Any]


def find_folder(
    model: str | PathLike,
    revision: str | None,
    others: tuple[str, ...],
    example: str,
    check: CheckConfig,
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
    check : callable
        What raises where the configuration is not one that can be used: of the hub,
        weights are fetched only then.

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
    folder = Path(model).expanduser()
    if not folder.is_dir():
        _refuse_paths(model, example)
        folder = Path(_download(str(model), revision, others, check))
    stamps = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in _files(folder)
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
    if not isinstance(architecture, str) or architecture not in architectures:
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


def check_sizes(folder: str, config: dict[str, Any], largest: dict[str, int]) -> None:
    """Raise if a size is none: a network of any would be built, however large."""
    for name, most in largest.items():
        size = config[name]
        if type(size) is not int or not 1 <= size <= most:
            raise ValueError(
                f"{_CONFIG} in {folder} has {name}={short_repr(size)}, where a whole "
                f"number from 1 to {most} should be. Download it again."
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
        if path.stat().st_size > _MOST_HEADER_BYTES:
            raise ValueError("it is larger than any such file")
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
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
def _download(
    name: str, revision: str | None, others: tuple[str, ...], check: CheckConfig
) -> str:
    """Return the folder of a hub's checkpoint, which is fetched if it is not there."""
    hub = import_optional("huggingface_hub", extra="torch")
    with _explained(name, revision):
        folder = _fetch(hub, name, revision, [_CONFIG])
    check(str(folder), [path.name for path in _files(folder)])
    # Of the same commit, whatever has become of the branch.
    commit = folder.name
    with _explained(name, revision):
        _fetch(hub, name, commit, [_CONFIG, *others, *_FILES])
        fetched = {path.name for path in _files(folder)}
        if not fetched & {_INDEX, _WEIGHTS} and not _is_offline():
            offered = set(hub.HfApi().list_repo_files(name, revision=commit))
        else:
            offered = fetched
    _refuse_pickles(f"model={name!r} on the hub", offered)
    return str(folder)


def _fetch(hub: Any, name: str, revision: str | None, patterns: Sequence[str]) -> Path:
    return Path(
        hub.snapshot_download(
            name,
            revision=revision,
            allow_patterns=list(patterns),
            local_files_only=_is_offline(),
        )
    )


@contextmanager
def _explained(name: str, revision: str | None) -> Iterator[None]:
    """Say what can be done where the hub does not give what it was asked for."""
    try:
        yield
    # Errors of transport have no base that is the same in all versions of the hub.
    except Exception as error:
        where = "" if revision is None else f" at revision={revision!r}"
        raise ValueError(
            f"model={name!r}{where} cannot be had from the Hugging Face hub: "
            f"{_reason(error)}"
        ) from error


def _reason(error: Exception) -> str:
    """Return why something cannot be fetched, and what can be done."""
    if _is_offline():
        return (
            "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, and not all of it was "
            "downloaded before. Unset them, or pass a folder."
        )
    lines = [line.strip(" .") for line in str(error).splitlines() if line.strip()]
    reason = ". ".join(lines[:2]) or type(error).__name__
    return (
        f"{reason}. There is no folder of this name either. Check the name, the "
        "revision and the network and try again, which goes on where a download was "
        "cut; or pass a folder that holds the checkpoint."
    )


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder; the hub leaves none where nothing was fetched."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file())


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
        parts = _parts(root / _INDEX)
        if missing := [part for part in parts if part not in names]:
            raise ValueError(
                f"{root} lacks {len(missing)} of {len(parts)} parts of the weights, "
                f"such as {missing[0]}. Download it again."
            )
        return [root / part for part in parts]
    _refuse_pickles(str(root), names)
    raise ValueError(
        f"{root} holds no {_WEIGHTS}: the download did not get that far, or it is no "
        "checkpoint. Download it again."
    )


def _parts(index: Path) -> list[str]:
    """Return the names of the files that an index puts weights into."""
    places = read_json(index).get("weight_map")
    parts = set(places.values()) if isinstance(places, dict) else set()
    if not parts or not all(isinstance(part, str) for part in parts):
        raise ValueError(
            f"{index} names no files of weights (weight_map). Download it again."
        )
    return sorted(parts)


def _refuse_pickles(place: str, names: set[str]) -> None:
    """Raise if there are weights, but no others than a pickle."""
    if names & set(_PICKLES) and not names & {_INDEX, _WEIGHTS}:
        raise ValueError(
            f"{place} holds its weights as a pickle only, which can run code while it "
            "is read, and is refused. Where you trust it, convert it once: load it "
            "with transformers and write it with save_pretrained, which writes "
            f"{_WEIGHTS}. Some checkpoints on the hub have one at another revision, "
            "such as 'refs/pr/1'."
        )


def _check_weights(path: Path) -> None:
    """Raise if a file is shorter or longer than its header says."""
    with path.open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise ValueError(
                f"{path} is a pointer of git-lfs and not the weights. Run `git lfs "
                "pull` in its folder, or download the file itself."
            )
    try:
        header = _read_header(path)
        narrow = [
            entry["dtype"]
            for name, entry in header.items()
            if name.endswith("weight") and entry["dtype"] not in _FLOATS
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{path} is damaged or was not downloaded to its end: {error}. "
            "Download it again."
        ) from error
    if narrow:
        raise ValueError(
            f"{path} holds {len(narrow)} weights as {narrow[0]}, which are no numbers "
            "to compute with as they are. Pass a checkpoint that is not quantised."
        )


def _read_header(path: Path) -> dict[str, Any]:
    """Return what a file says of its weights, if it is as long as it says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        n_bytes = int.from_bytes(file.read(8), "little")
        if n_bytes > min(_MOST_HEADER_BYTES, size - 8):
            raise ValueError("its header is longer than the file")
        header = json.loads(file.read(n_bytes))
    header.pop("__metadata__", None)
    expected = max(entry["data_offsets"][1] for entry in header.values())
    if (rest := size - 8 - n_bytes) != expected:
        raise ValueError(f"it holds {rest} bytes of {expected}")
    return header
