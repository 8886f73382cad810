"""What an audit looks at: folds and sides, labels, and what is known of each clip."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv

from sersk.audio import AudioClips, check_clips
from sersk.datasets import Corpus, LabelScheme
from sersk.model_selection._split import LeaveOneSpeakerOut, _check_groups, _column_of

COLUMNS = ("speaker", "session", "dialog", "script", "sentence")
_COPIES = ("copy_of", "utterance", "window_of")


@dataclass(frozen=True)
class Sides:
    """Two sets of clips of one fold that should have nothing in common."""

    fold: int
    names: tuple[str, str]
    first: np.ndarray
    second: np.ndarray
    inner: int | None = None

    @property
    def title(self) -> str:
        """Which sides they are, as a table shows them."""
        return "/".join(self.names)


@dataclass(frozen=True)
class Subject:
    """Clips, labels and columns that are audited."""

    name: str
    n_clips: int
    X: Any
    target: np.ndarray | None
    clips: AudioClips | None
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def labels(self) -> np.ndarray | None:
        """One class a clip, or None where the target is something else."""
        if self.target is None or self.target.ndim != 1:
            return None
        return None if self.target.dtype.kind == "f" else self.target

    def describe(self, clip: int) -> str:
        """Name a clip as errors do, without a capital letter."""
        if self.clips is None:
            return f"clip {clip}"
        name = self.clips.describe(clip)
        return name[0].lower() + name[1:]


def check_subject(X: Any, y: Any, groups: Any) -> Subject:
    """Return what is to be audited, or raise where it does not fit together."""
    frame = None
    name = "clips"
    if isinstance(X, Corpus):
        if y is not None:
            raise ValueError("A corpus has its labels already: do not pass y.")
        name, frame, scheme = X.name, X.frame, X.scheme
        X, y = X.clips, X.target if isinstance(scheme, LabelScheme) else None
    clips = _as_clips(X)
    n_clips = len(X)
    columns = _read_columns(X if clips is None else clips, frame)
    if groups is not None:
        columns["speaker"] = _check_groups(groups, "speaker", "groups")
    for column, values in columns.items():
        if len(values) != n_clips:
            raise ValueError(
                f"{column!r} has {len(values)} values, but X holds {n_clips} clips."
            )
    return Subject(name, n_clips, X, _check_target(y, n_clips), clips, columns)


def _as_clips(X: Any) -> AudioClips | None:
    """Return clips, or None for a table that says nothing of audio."""
    if isinstance(X, AudioClips):
        return X
    columns = getattr(X, "columns", None)
    if columns is not None and "file" not in columns:
        return None
    return check_clips(X)


def _read_columns(X: Any, frame: pd.DataFrame | None) -> dict[str, np.ndarray]:
    """Return the columns that are audited, of X or else of a corpus's table."""
    found = {}
    for name in (*COLUMNS, *_COPIES):
        values = _column_of(X, name)
        if values is None and frame is not None and name in frame:
            values = frame[name]
        if values is not None:
            found[name] = np.asarray(values, dtype=object)
    return found


def _check_target(y: Any, n_clips: int) -> np.ndarray | None:
    if y is None:
        return None
    target = np.asarray(y, dtype=object)
    if len(target) != n_clips:
        raise ValueError(f"y has {len(target)} labels, but X holds {n_clips} clips.")
    missing = np.flatnonzero(pd.isna(target).reshape(n_clips, -1).any(axis=1))
    if len(missing):
        raise ValueError(
            f"y lacks the labels of {len(missing)} clips (first: clip {missing[0]}). "
            "Drop these clips from X and y."
        )
    kinds = sorted({type(label).__name__ for label in target.ravel()})
    if "str" in kinds and len(kinds) > 1:
        raise ValueError(
            f"y holds labels of different types ({', '.join(kinds)}), so that one "
            "class may have two names. Make all of them text."
        )
    return np.array(target.tolist())


def make_sides(
    subject: Subject, cv: Any, groups: Any, validation: Any
) -> tuple[list[Sides], int, str]:
    """Return all pairs of sides, the number of folds and what divided the clips."""
    splits, protocol = _splits(subject, cv, groups)
    sides: list[Sides] = []
    n_folds = 0
    for fold, split in enumerate(splits):
        n_folds += 1
        outer = _outer(fold, split, subject.n_clips)
        sides += outer
        if validation is not None:
            sides += _inner(fold, outer[0].first, subject, groups, validation)
    if not n_folds:
        raise ValueError("cv gives no folds.")
    return sides, n_folds, protocol


def _splits(subject: Subject, cv: Any, groups: Any) -> tuple[Iterable, str]:
    if cv is not None and not isinstance(cv, int) and not hasattr(cv, "split"):
        return list(cv), "given folds"
    chosen = LeaveOneSpeakerOut() if cv is None else cv
    # Classes are stratified where there are any.
    splitter = check_cv(chosen, subject.target, classifier=subject.labels is not None)
    splits = _split(splitter, subject.X, subject.target, groups)
    return splits, type(splitter).__name__


def _split(splitter: Any, X: Any, target: Any, groups: Any) -> list:
    """Return the folds of a splitter, which may have no use for groups."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        return list(splitter.split(X, target, groups))


def _outer(fold: int, split: Sequence, n_clips: int) -> list[Sides]:
    """Return the pairs of sides of (train, test) or (train, validation, test)."""
    if len(split) not in (2, 3):
        raise ValueError(
            f"Fold {fold} has {len(split)} parts. Give (train, test) or (train, "
            "validation, test)."
        )
    parts = [_rows(part, n_clips, fold) for part in split]
    if len(parts) == 2:
        return [Sides(fold, ("train", "test"), parts[0], parts[1])]
    train, validation, test = parts
    return [
        Sides(fold, ("train", "test"), train, test),
        Sides(fold, ("train", "validation"), train, validation),
        Sides(fold, ("validation", "test"), validation, test),
    ]


def _rows(chosen: Any, n_clips: int, fold: int) -> np.ndarray:
    """Return clips that are given by a mask, or by positions from either end."""
    rows = np.asarray(chosen)
    if rows.size == 0:
        return np.zeros(0, dtype=np.intp)
    try:
        return np.arange(n_clips)[rows]
    except IndexError as error:
        raise ValueError(
            f"Fold {fold} does not fit {n_clips} clips: {error}."
        ) from error


def _inner(
    fold: int, train: np.ndarray, subject: Subject, groups: Any, validation: Any
) -> Iterator[Sides]:
    """Yield the sides into which training clips are divided for selection."""
    if not len(train):
        return
    target = None if subject.target is None else subject.target[train]
    own = None if groups is None else np.asarray(groups, dtype=object)[train]
    splitter = check_cv(validation, target, classifier=subject.labels is not None)
    folds = _split(splitter, take_rows(subject.X, train), target, own)
    for number, (fitted, held_out) in enumerate(folds):
        names = ("train", "validation")
        yield Sides(fold, names, train[fitted], train[held_out], number)


def take_rows(X: Any, rows: np.ndarray) -> Any:
    """Return some rows of clips, a table, an array or a list."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    return [X[row] for row in rows] if isinstance(X, (list, tuple)) else X[rows]
