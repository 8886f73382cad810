"""Saving and loading fitted pipelines without pickle."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from sersk.datasets import AttributeScheme, LabelScheme, MultiLabelScheme
from sersk.persistence._classes import SCHEMES, find_class
from sersk.persistence._decode import Decoder
from sersk.persistence._encode import Encoder
from sersk.persistence._folder import (
    read_files,
    read_json,
    read_listing,
    refuse,
    write_folder,
)
from sersk.utils import ModelWarning, warn_user

Scheme = LabelScheme | MultiLabelScheme | AttributeScheme

_FORMAT = 1
# Whatever the model is, these decide what it makes of a recording.
_LIBRARIES = ("sersk", "numpy", "scipy", "scikit-learn", "soundfile", "soxr")
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "imblearn": "imbalanced-learn",
    "xgboost": "xgboost",
}


@dataclass(frozen=True)
class Manifest:
    """Say what a saved model is, without loading it.

    Parameters
    ----------
    created : str
        When it was saved, in UTC.
    versions : dict of str to str
        Python and the libraries that its answers depend on.
    inputs : dict
        What it takes: ``kind`` is ``"clips"``, ``"frames"`` or ``"table"``; of clips,
        ``sampling_rate``, the highest rate in Hz at which a part reads them, and
        ``max_duration``, the longest that all parts read, in seconds; of a table,
        ``n_features``.
    classes : list or None
        What it predicts, in the order of its probabilities; None for a regressor.
    scheme : LabelScheme, MultiLabelScheme, AttributeScheme or None
        The label scheme that it was saved with.
    files : dict of str to dict
        ``bytes`` and ``sha256`` of each file.
    format : int, default=1
        Of the folder.

    See Also
    --------
    sersk.persistence.read_manifest : Reads one.

    Examples
    --------
    >>> from sersk.persistence import Manifest
    >>> Manifest("2026-01-31T12:00:00+00:00", {"python": "3.11"}, {}, None, None, {})
    Manifest(created='2026-01-31T12:00:00+00:00', versions={'python': '3.11'}, ...)
    """

    created: str
    versions: dict[str, str]
    inputs: dict[str, Any]
    classes: list[Any] | None
    scheme: Scheme | None
    files: dict[str, dict[str, Any]]
    format: int = _FORMAT


def save(
    pipeline: BaseEstimator,
    folder: str | PathLike,
    *,
    scheme: Scheme | None = None,
    overwrite: bool = False,
) -> str:
    """Save a fitted pipeline into a folder, without pickle.

    Estimators of sersk, scikit-learn, imbalanced-learn and XGBoost can be saved,
    inside each other and with nets. What is loaded predicts the same, bit by bit.

    Parameters
    ----------
    pipeline : estimator
        A fitted estimator, most often a :class:`~sklearn.pipeline.Pipeline`.
    folder : path
        A new or empty folder. It appears when all is written.
    scheme : LabelScheme, MultiLabelScheme or AttributeScheme, default=None
        What the labels mean, such as ``corpus.scheme``; :func:`read_manifest` gives it
        back.
    overwrite : bool, default=False
        Whether a saved model in `folder` is replaced. Nothing else ever is.

    Returns
    -------
    path : str
        The folder.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    TypeError
        If a part is neither plain data nor of a class that can be saved; the message
        names the part.
    ValueError
        If the folder holds something already.

    See Also
    --------
    sersk.load : The way back.

    Notes
    -----
    ``manifest.json`` lists the files with sizes and SHA-256, and what the model takes
    and was made with. ``model.json`` holds parameters and what was learned, classes by
    the names that their packages give them, and ``arrays.bin`` the numbers; boosters
    are in XGBoost's own format and weights of nets are safetensors.

    Where features are kept (`cache`, and `memory` of pipelines) is not saved. Other
    parameters are, paths too.

    Examples
    --------
    >>> import os, tempfile
    >>> import sersk
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(n_mfcc=13), StandardScaler(), LogisticRegression()
    ... ).fit(corpus.clips, corpus.target)
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = sersk.save(pipeline, os.path.join(parent, "model"))
    ...     loaded = sersk.load(folder)
    >>> bool((loaded.predict(corpus.clips) == pipeline.predict(corpus.clips)).all())
    True
    """
    if scheme is not None and not isinstance(scheme, SCHEMES):
        raise TypeError(f"scheme must be a label scheme or None, got {scheme!r}.")
    check_is_fitted(pipeline)
    encoder = Encoder()
    model = {
        "pipeline": encoder.encode(pipeline, "pipeline"),
        "scheme": encoder.encode(scheme, "scheme"),
        "objects": encoder.objects,
        "arrays": encoder.arrays.entries,
    }
    manifest = {
        "format": _FORMAT,
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
    return write_folder(folder, manifest, files, overwrite=overwrite)


def load(folder: str | PathLike) -> Any:
    """Load a pipeline that :func:`sersk.save` wrote.

    Nothing in the folder is run or unpickled, and nothing that its manifest does not
    list is read. Each file is checked against the size and digest in the manifest, and
    only classes that :func:`sersk.save` knows are made.

    Parameters
    ----------
    folder : path
        What :func:`sersk.save` wrote.

    Returns
    -------
    pipeline : estimator
        The fitted pipeline.

    Raises
    ------
    ValueError
        If a file is missing, is a link, or is not what was saved; if the folder has
        another format; or if it asks for anything that models do not hold.
    sersk.utils.MissingDependencyError
        If the model needs a library that is not installed.

    Warns
    -----
    sersk.utils.ModelWarning
        If libraries have other versions than when it was saved.

    See Also
    --------
    sersk.save : What can be saved, and how.
    sersk.persistence.read_manifest : What a model is, without loading it.

    Examples
    --------
    >>> import os, tempfile
    >>> import sersk
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["sad", "happy"])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     sersk.load(sersk.save(model, os.path.join(parent, "model")))
    LogisticRegression()
    """
    path = _path(folder)
    listing = read_listing(path)
    _check_format(path, listing)
    files = read_files(path, listing)
    model = read_json(path, "model.json", files["model.json"])
    versions = listing.get("versions")
    pipeline = _decode(path, model, files, "pipeline")
    if not isinstance(pipeline, BaseEstimator):
        refuse(path, "it holds no estimator")
    _warn_versions(path, versions)
    return pipeline


def read_manifest(folder: str | PathLike) -> Manifest:
    """Return what a saved model is, without loading it.

    Parameters
    ----------
    folder : path
        What :func:`sersk.save` wrote.

    Returns
    -------
    manifest : Manifest
        What it takes and predicts, and what it was made with.

    Raises
    ------
    ValueError
        If the folder is no saved model, or its files are not what was saved.

    See Also
    --------
    sersk.load : The model itself.

    Examples
    --------
    >>> import os, tempfile
    >>> import sersk
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sersk.persistence import read_manifest
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["sad", "happy"])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     manifest = read_manifest(sersk.save(model, os.path.join(parent, "model")))
    >>> manifest.classes, manifest.inputs
    (['happy', 'sad'], {'kind': 'table', 'n_features': 1})
    """
    path = _path(folder)
    listing = read_listing(path)
    _check_format(path, listing)
    files = read_files(path, listing)
    model = read_json(path, "model.json", files["model.json"])
    scheme = _decode(path, model, files, "scheme")
    try:
        return Manifest(**{**listing, "scheme": scheme})
    except TypeError as error:
        refuse(path, f"its manifest is incomplete ({error})", error)


def _path(folder: str | PathLike) -> str:
    return os.path.abspath(os.path.expanduser(os.fspath(folder)))


def _check_format(path: str, listing: Mapping[str, Any]) -> None:
    found = listing.get("format")
    if found != _FORMAT:
        versions = listing.get("versions")
        by = versions.get("sersk") if isinstance(versions, dict) else None
        raise ValueError(
            f"The model in {path!r} has format {found!r}, and this version of sersk "
            f"reads {_FORMAT}. Load it with the version that saved it: {by}."
        )


def _decode(path: str, model: Any, files: Mapping[str, bytes], part: str) -> Any:
    """Return a part of the model; what is wrong with it is a ValueError."""
    try:
        return Decoder(model, files).decode(model[part])
    except ImportError:
        raise
    except Exception as error:  # whatever a library says of numbers it did not write
        what = str(error).strip().partition("\n")[0] or type(error).__name__
        if isinstance(error, KeyError):
            what = f"{what} is missing"
        refuse(path, what, error)


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
    """Return the versions of Python, by its minor one, and of what is installed."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _warn_versions(path: str, before: Any) -> None:
    if not isinstance(before, dict):
        refuse(path, "its manifest gives no versions")
    now = _versions(name for name in before if name != "python")
    changed = [
        f"{name} {then} (now {now.get(name, 'not installed')})"
        for name, then in before.items()
        if now.get(name) != then
    ]
    if changed:
        warn_user(
            f"The model in {path!r} was saved with {', '.join(changed)}. It may answer "
            "otherwise. Install those versions, or check it on clips you know.",
            ModelWarning,
        )


def _inputs(
    pipeline: BaseEstimator, objects: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what a pipeline takes, by what its parts read."""
    states = [described["state"] for described in objects]
    rates = [state.get("sampling_rate") for state in states]
    rates = [rate for rate in rates if type(rate) is int]
    if rates:
        longest = [state.get("max_duration") for state in states]
        known = [seconds for seconds in longest if type(seconds) in (int, float)]
        return {
            "kind": "clips",
            "sampling_rate": max(rates),
            "max_duration": min(known, default=None),
        }
    n_features = getattr(pipeline, "n_features_in_", None)
    if n_features is None:
        return {"kind": "frames"}
    return {"kind": "table", "n_features": int(n_features)}


def _classes(pipeline: BaseEstimator) -> list[Any] | None:
    """Return what a classifier predicts, as what JSON can hold."""
    classes = getattr(pipeline, "classes_", None)
    if classes is None:
        return None
    return [c.tolist() if hasattr(c, "tolist") else c for c in classes]
