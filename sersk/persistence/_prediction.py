"""What a saved model says of files: a row a file, also for those that are of no use."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import DEFAULT_MAX_DURATION, AudioClips
from sersk.persistence._model import Manifest, load, read_manifest
from sersk.utils import AudioError

_ENDINGS = (".wav", ".flac", ".ogg", ".mp3")


def predict_files(
    folder: str | os.PathLike,
    files: Sequence[str | os.PathLike],
    *,
    proba: bool = False,
) -> pd.DataFrame:
    """Predict what is heard in files, and in the sound files of folders.

    Parameters
    ----------
    folder : path
        What :func:`sersk.save` wrote.
    files : sequence of path
        Sound files, and folders with some.
    proba : bool, default=False
        Whether to add a column for the probability of each class.

    Returns
    -------
    table : pandas.DataFrame
        ``file``, ``prediction`` (or a column for each of several), probabilities, and
        ``error``: why there is no prediction, or the empty text.

    Raises
    ------
    ValueError
        If the model is not loaded, does not take clips, gives no probabilities, or
        there are no files.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> import sersk, soundfile
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.features import AcousticFunctionals
    >>> from sersk.persistence import predict_files
    >>> model = make_pipeline(AcousticFunctionals(), DummyClassifier())
    >>> model = model.fit(np.zeros((3, 16_000)), ["calm", "calm", "angry"])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = sersk.save(model, os.path.join(parent, "model"))
    ...     soundfile.write(os.path.join(parent, "clip.wav"), np.zeros(16_000), 16_000)
    ...     table = predict_files(folder, [parent])
    >>> table[["prediction", "error"]]
      prediction error
    0       calm
    """
    manifest, model = read_manifest(folder), load(folder)
    _check_model(manifest, model, proba=proba)
    paths = list(_expand(files))
    if not paths:
        given = ", ".join(repr(str(file)) for file in files)
        raise ValueError(
            f"There are no sound files in {given}. Pass files, or folders of files "
            f"that end in {', '.join(_ENDINGS)}."
        )
    clips = AudioClips.from_files(
        paths,
        sampling_rate=manifest.inputs["sampling_rate"],
        max_duration=manifest.inputs["max_duration"] or DEFAULT_MAX_DURATION,
    )
    errors = _unreadable(clips)
    answers, rows = _answer(model, clips, errors, proba=proba)
    table = pd.DataFrame({"file": pd.Series(paths, dtype=object)})
    for name, values in _columns(answers, manifest).items():
        kept = values if values.dtype.kind == "f" else values.astype(object)
        table[name] = pd.Series(kept, index=rows).reindex(table.index)
    table["error"] = pd.Series(errors, dtype=object).reindex(table.index, fill_value="")
    return table


def _check_model(manifest: Manifest, model: Any, *, proba: bool) -> None:
    if manifest.inputs.get("kind") != "clips":
        raise ValueError(
            f"The model takes {manifest.inputs.get('kind')!r} and no clips. Save the "
            "pipeline that begins with the extractor."
        )
    if proba and not hasattr(model, "predict_proba"):
        raise ValueError(
            "The model gives no probabilities. Leave out --proba, or save one that "
            "does."
        )


def _expand(files: Iterable[str | os.PathLike]) -> Iterator[str]:
    """Return files as they are, and the sound files of folders, sorted."""
    for given in files:
        path = os.fspath(given)
        if not os.path.isdir(path):
            yield path
            continue
        for parent, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                if name.lower().endswith(_ENDINGS):
                    yield os.path.join(parent, name)


def _unreadable(clips: AudioClips) -> dict[int, str]:
    """Return why clips cannot be read, so that they do not cost the others."""
    errors = {}
    for index in range(len(clips)):
        try:
            clips.read(index)
        except AudioError as error:
            errors[index] = str(error)
    return errors


def _answer(
    model: Any, clips: AudioClips, errors: dict[int, str], *, proba: bool
) -> tuple[dict[str, np.ndarray], list[int]]:
    """Return what a model says of the clips that are of use, and which these are.

    Why others are not is added to the errors.
    """
    while True:
        rows = [index for index in range(len(clips)) if index not in errors]
        if not rows:
            return {"prediction": np.empty(0, dtype=object)}, rows
        given = clips[rows]
        try:
            answers = {"prediction": np.asarray(model.predict(given))}
            if proba:
                answers["probability"] = np.asarray(model.predict_proba(given))
            return answers, rows
        except AudioError as error:
            if not error.indices:
                raise
            said = str(error).splitlines()
            for number, index in enumerate(error.indices):
                line = said[number + 1] if len(said) > len(error.indices) else said[0]
                errors[rows[index]] = line.strip()


def _columns(
    answers: dict[str, np.ndarray], manifest: Manifest
) -> dict[str, np.ndarray]:
    """Return the columns of some answers, named by the classes or attributes."""
    columns: dict[str, np.ndarray] = {}
    for kind, values in answers.items():
        if values.ndim == 1:
            columns[kind] = values
            continue
        names = _names(manifest, values.shape[1])
        columns |= {f"{kind} {name}": values[:, i] for i, name in enumerate(names)}
    return columns


def _names(manifest: Manifest, n_columns: int) -> list[str]:
    scheme = manifest.scheme
    named = [manifest.classes, None if scheme is None else scheme.classes]
    for names in named:
        if names is not None and len(names) == n_columns:
            return [str(name) for name in names]
    # A regressor does not say what it tells.
    kind = "degree_" if manifest.classes is None else ""
    return [f"{kind}{number}" for number in range(n_columns)]
