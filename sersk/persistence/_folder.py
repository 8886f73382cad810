"""A folder of files and of what they must be, written at once and checked when read."""

import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from os import PathLike
from typing import Any, NoReturn

MANIFEST = "manifest.json"
# Of what a fine-tuned encoder writes.
_BUNDLE = "bundle.json"
# No name that leads anywhere else can be written like this.
_NAME = re.compile(r"model\.json|arrays\.bin|booster_\d+\.json|net_\d+\.safetensors")
_MOST_OF_MANIFEST = 2**24
_MOST_OF_JSON = 2**28
# Of a machine that does not say how much memory it has.
_SOME_MEMORY = 2**36


def write_folder(
    folder: str | PathLike,
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    overwrite: bool,
) -> str:
    """Write files and the manifest, with their sizes and digests; return the path."""
    path = os.path.realpath(os.path.expanduser(os.fspath(folder)))
    _check_free(path, overwrite=overwrite)
    if len(files["model.json"]) > _MOST_OF_JSON:
        raise ValueError(
            f"The model takes {len(files['model.json'])} bytes beside its numbers, and "
            f"no more than {_MOST_OF_JSON} are loaded. Save a smaller one."
        )
    listed = {
        name: {"bytes": len(data), "sha256": _digest(data)}
        for name, data in files.items()
    }
    text = json.dumps({**manifest, "files": listed}, indent=1, allow_nan=False)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as parent:
        made = os.path.join(parent, "made")
        os.mkdir(made)
        for name, data in {**files, MANIFEST: text.encode()}.items():
            with open(os.path.join(made, name), "wb") as file:
                file.write(data)
        if os.path.isdir(path):
            os.rename(path, os.path.join(parent, "before"))
        os.rename(made, path)
    return path


def _digest(data: bytes) -> str:
    """Return what ``sha256sum`` prints."""
    return hashlib.sha256(data).hexdigest()


def _check_free(path: str, *, overwrite: bool) -> None:
    """Raise unless a new folder would replace nothing but a model, if asked to."""
    if not os.path.lexists(path):
        return
    held = set(os.listdir(path)) if os.path.isdir(path) else None
    if held is not None and not held:
        return
    if not overwrite:
        raise ValueError(
            f"folder={path!r} exists and is not empty. Pass a new folder, or "
            "overwrite=True where it is a saved model."
        )
    others = [] if held is None else sorted(held - {MANIFEST, *_listed(path)})
    if held is None or MANIFEST not in held or others:
        found = f"holds {others[0]!r}" if others else "is no saved model"
        raise ValueError(
            f"folder={path!r} {found}, which overwrite=True does not remove. Pass a "
            "new folder."
        )


def _listed(path: str) -> list[str]:
    try:
        return list(read_listing(path)["files"])
    except ValueError:
        return []


def read_listing(path: str) -> dict[str, Any]:
    """Return the manifest of a folder, its list of files checked."""
    if not os.path.isdir(path):
        raise ValueError(
            f"{path!r} is no folder. Pass the folder that sersk.save wrote."
        )
    if _is_checkpoint(path):
        raise ValueError(
            f"{path!r} is no saved model, but what a fine-tuned encoder wrote to its "
            "checkpoint. Load it with sersk.estimators.load_fine_tuned, whose result "
            "sersk.save takes."
        )
    data = _read(path, MANIFEST, None)
    manifest = read_json(path, MANIFEST, data)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict):
        refuse(path, "its manifest lists no files")
    for name, expected in files.items():
        if not _NAME.fullmatch(name):
            refuse(path, f"its manifest lists {name!r}, which is no file of a model")
        size = expected.get("bytes") if isinstance(expected, dict) else None
        if type(size) is not int or size < 0:
            refuse(path, f"its manifest gives {name!r} a size of {size!r}")
    _check_sizes(path, {name: expected["bytes"] for name, expected in files.items()})
    return manifest


def _is_checkpoint(path: str) -> bool:
    has_manifest, has_bundle = (
        os.path.lexists(os.path.join(path, name)) for name in (MANIFEST, _BUNDLE)
    )
    return has_bundle and not has_manifest


def _check_sizes(path: str, sizes: Mapping[str, int]) -> None:
    """Refuse files that this machine could not hold, before one is read."""
    memory = _SOME_MEMORY
    if "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if (total := sum(sizes.values())) > memory // 2:
        refuse(path, f"its files take {total} bytes, more than half of the memory")
    if sizes.get("model.json", 0) > _MOST_OF_JSON:
        refuse(path, f"'model.json' is {sizes['model.json']} bytes long")


def read_files(path: str, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files that a manifest lists, each as it was written."""
    files = {}
    for name, expected in manifest["files"].items():
        files[name] = _read(path, name, expected["bytes"])
        if _digest(files[name]) != expected.get("sha256"):
            refuse(path, f"{name!r} is not what was saved: its digest is another")
    for name in ("model.json", "arrays.bin"):
        if name not in files:
            refuse(path, f"its manifest does not list {name!r}")
    return files


def _read(path: str, name: str, size: int | None) -> bytes:
    """Return the bytes of a regular file of a size that was checked first."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(os.path.join(path, name), flags)
    except OSError as error:
        refuse(path, f"{name!r} cannot be read ({error.strerror})", error)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            refuse(path, f"{name!r} is no regular file")
        if size is None and status.st_size > _MOST_OF_MANIFEST:
            refuse(path, f"{name!r} is {status.st_size} bytes long")
        if size is not None and status.st_size != size:
            refuse(path, f"{name!r} has {status.st_size} bytes, not {size} as saved")
        return file.read(status.st_size)


def read_json(path: str, name: str, data: bytes) -> Any:
    """Return what a file of JSON holds: numbers that JSON has, and no deep nesting."""
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=_no_constant,
            object_pairs_hook=_no_duplicates,
        )
    except (ValueError, RecursionError) as error:
        refuse(path, f"{name!r} cannot be read ({error})", error)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError(f"something of {list(held)[:3]} stands there twice")
    return held


def refuse(path: str, what: str, error: BaseException | None = None) -> NoReturn:
    """Raise the error of a folder that is not loaded."""
    raise ValueError(
        f"The model in {path!r} is not loaded: {what}. Save it again, or get it again "
        "from where it came."
    ) from error
