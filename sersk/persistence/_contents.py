"""What is in the folder of a model: from estimators to bytes, and back."""

import json
import platform
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sklearn.base import BaseEstimator

from sersk.persistence._classes import SCHEMES, find_class
from sersk.persistence._decode import Decoder
from sersk.persistence._encode import Encoder
from sersk.persistence._folder import read_files, read_json, read_listing, refuse
from sersk.utils import ModelWarning, find_version, warn_user

FORMAT = 1
# Whatever the model is, these decide what it makes of a recording.
_LIBRARIES = ("sersk", "numpy", "scipy", "scikit-learn", "soundfile", "soxr")
_LIBRARY = re.compile(r"[A-Za-z0-9]([\w.-]*\w)?", re.ASCII)
_VERSION = re.compile(r"[\w.+!-]{1,64}", re.ASCII)
# What is told of each kind of input, in whole numbers.
_INPUTS = {"clips": {"sampling_rate"}, "frames": set(), "table": {"n_features"}}
_DISTRIBUTIONS = {"imblearn": "imbalanced-learn", "xgboost": "xgboost"}


def make_contents(
    pipeline: BaseEstimator, scheme: Any
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest of a model, without its files, and the files."""
    if scheme is not None and not isinstance(scheme, SCHEMES):
        raise TypeError(f"scheme must be a label scheme or None, got {scheme!r}.")
    encoder = Encoder()
    model = {
        "pipeline": encoder.encode(pipeline, "pipeline"),
        "scheme": encoder.encode(scheme, "scheme"),
        "objects": encoder.objects,
        "arrays": encoder.arrays.entries,
    }
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": _versions(_needed(encoder.objects)),
        "inputs": _inputs(pipeline, encoder.objects),
        "classes": _classes(pipeline),
    }
    files = {
        "model.json": json.dumps(model, allow_nan=False).encode(),
        "arrays.bin": encoder.arrays.tobytes(),
        **encoder.files,
    }
    return manifest, files


def read_contents(path: str, part: str) -> tuple[dict[str, Any], Any]:
    """Return the manifest of a model, and a part of it: ``pipeline`` or ``scheme``."""
    manifest = read_listing(path)
    _check_format(path, manifest)
    _check_told(path, manifest)
    files = read_files(path, manifest)
    model = read_json(path, "model.json", files["model.json"])
    return manifest, _decode(path, model, files, part)


def check_classes(path: str, manifest: Mapping[str, Any], pipeline: Any) -> None:
    """Refuse a model that does not predict what its manifest tells."""
    if manifest["classes"] != _classes(pipeline):
        told = repr(manifest["classes"])
        refuse(path, f"its classes are not {told:.80}, as its manifest tells")


def warn_versions(path: str, before: Mapping[str, str]) -> None:
    """Warn of libraries of other versions than a manifest tells."""
    now = _versions(before)
    changed = [
        f"{name} {then} (now {now.get(name, 'not installed')})"
        for name, then in before.items()
        if now.get(name) != then
    ]
    if changed:
        warn_user(
            f"The model in {path!r} was saved with {', '.join(changed)}. It may answer "
            "otherwise. Install those versions, or try it on clips that you know.",
            ModelWarning,
        )


def _check_format(path: str, manifest: Mapping[str, Any]) -> None:
    found = manifest.get("format")
    if type(found) is int and found == FORMAT:
        return
    versions = manifest.get("versions")
    by = versions.get("sersk") if isinstance(versions, dict) else None
    raise ValueError(
        f"The model in {path!r} has format {found!r:.40}, and this version of sersk "
        f"reads {FORMAT}. Load it with the version of sersk that saved it ({by!r:.40})."
    )


def _check_told(path: str, manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that tells what sersk does not write."""
    versions, classes = manifest.get("versions"), manifest.get("classes")
    told = {
        "versions": isinstance(versions, dict)
        and all(_is_version(*item) for item in versions.items()),
        "inputs": _are_inputs(manifest.get("inputs")),
        "classes": "classes" in manifest and isinstance(classes, (list, type(None))),
        "created": isinstance(manifest.get("created"), str),
    }
    for name, is_told in told.items():
        if not is_told:
            shown = repr(manifest.get(name))
            refuse(path, f"its manifest tells {name}={shown:.80}")


def _is_version(name: str, version: Any) -> bool:
    is_text = isinstance(version, str)
    return bool(_LIBRARY.fullmatch(name) and is_text and _VERSION.fullmatch(version))


def _are_inputs(told: Any) -> bool:
    if not isinstance(told, dict):
        return False
    numbers = {key: value for key, value in told.items() if key != "kind"}
    seconds = numbers.pop("max_duration", None)
    return (
        set(numbers) == _INPUTS.get(str(told.get("kind")))
        and all(type(value) is int and value > 0 for value in numbers.values())
        and (seconds is None or (type(seconds) in (int, float) and seconds > 0))
    )


def _decode(path: str, model: Any, files: Mapping[str, bytes], part: str) -> Any:
    """Return a part of the model; what is wrong with it is a ValueError."""
    try:
        return Decoder(model, files).decode(model[part])
    except ImportError:
        raise
    except KeyError as error:
        refuse(path, f"{error} is missing in it", error)
    except Exception as error:
        # Whatever any library says of numbers that it did not write.
        said, _, more = str(error).strip().partition("\n")
        if said.endswith(":"):
            said += f" {more.strip().splitlines()[0]:.200}"
        refuse(path, said.rstrip(".") or type(error).__name__, error)


def _needed(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the libraries that the answers of some objects depend on."""
    names = dict.fromkeys(_LIBRARIES)
    for described in objects:
        kind = find_class(described["class"])
        names |= dict.fromkeys(getattr(kind, "_libraries", ()))
        distribution = _DISTRIBUTIONS.get(kind.__module__.partition(".")[0])
        if distribution is not None:
            names[distribution] = None
        if "net" in described:
            names["torch"] = None
    return list(names)


def _versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of libraries, and of Python, whose patches change nothing."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in names:
        if (installed := find_version(name)) is not None:
            found.setdefault(name, installed)
    return found


def _inputs(
    pipeline: BaseEstimator, objects: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what a pipeline takes, by what its parts read."""
    objects = list(objects)
    # What reads transcripts hears nothing, and takes clips of any rate.
    rates = _numbers(objects, "sampling_rate") or _numbers(objects, "clip_rate")
    if rates:
        seconds = _numbers(objects, "max_duration")
        return {
            "kind": "clips",
            "sampling_rate": max(rates),
            "max_duration": min(seconds, default=None),
        }
    n_features = getattr(pipeline, "n_features_in_", None)
    if n_features is None:
        return {"kind": "frames"}
    return {"kind": "table", "n_features": int(n_features)}


def _numbers(objects: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    """Return what objects, or their classes, say of something, where it is a number."""
    said = [
        described["state"].get(
            name, getattr(find_class(described["class"]), name, None)
        )
        for described in objects
    ]
    return [value for value in said if type(value) in (int, float)]


def _classes(pipeline: BaseEstimator) -> list[Any] | None:
    """Return what a classifier predicts, as what JSON can hold."""
    classes = getattr(pipeline, "classes_", None)
    if classes is None:
        return None
    return [known.tolist() if hasattr(known, "tolist") else known for known in classes]
