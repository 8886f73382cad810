"""Which of a net's clips it learns from, and which tell it when to stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import check_cv

from sersk.estimators._columns import speakers_of, split_by_speaker
from sersk.model_selection import SpeakerKFold

# A column of X that marks the clips to validate on, chosen by an estimator around us.
_MARK = "validation"
_N_FOLDS = 5


@dataclass(frozen=True)
class Split:
    """Positions of the clips to learn from, and of those to validate on, if any."""

    training: np.ndarray
    validation: np.ndarray | None


def divide(
    X: Any, targets: np.ndarray, cv: Any, *, early_stopping: bool, name: str
) -> Split:
    """Divide clips by their marks, or by their speakers.

    Parameters
    ----------
    X : FrameSequences, FeatureStreams or ndarray
        What a net is fitted to. A column ``validation`` marks the clips to validate on;
        without it, the column ``speaker`` says whom each clip is of.
    targets : ndarray of shape (n_clips, ...)
        What is to be learned.
    cv : splitter, int or None
        Its first split is taken; a number, or None, stands for that many folds of
        speakers, or 5.
    early_stopping : bool
        Whether clips to validate on are wanted where none are marked.
    name : str
        Of the estimator, for messages.

    Returns
    -------
    split : Split
        The clips of both kinds.

    Raises
    ------
    ValueError
        If speakers are not known or there is only one, if the split mixes them, or if
        fewer than two clips are left to learn from.
    """
    split = _choose(X, targets, cv, early_stopping=early_stopping, name=name)
    if len(split.training) < 2:
        raise ValueError(
            f"There is {len(split.training)} sample to learn from, but {name} needs "
            "two at least. Give more clips."
        )
    return split


def _choose(
    X: Any, targets: np.ndarray, cv: Any, *, early_stopping: bool, name: str
) -> Split:
    columns = getattr(X, "columns", None)
    columns = columns if isinstance(columns, Mapping) else {}
    if _MARK in columns:
        marked = _check_marks(columns[_MARK])
        if marked.any():
            return Split(np.flatnonzero(~marked), np.flatnonzero(marked))
    if not early_stopping:
        return Split(np.arange(len(targets)), None)
    speakers = speakers_of(X, None, len(targets)) if columns else None
    if speakers is None:
        raise ValueError(
            f"{name}(early_stopping=True) divides clips by speaker, but X, a "
            f"{type(X).__name__}, carries no column 'speaker'"
            + (
                ". Load the clips with their speakers"
                if columns or hasattr(X, "columns")
                else ": a matrix carries none at all. Give it the frames of an "
                "extractor such as MFCCSequence, on clips with speakers"
            )
            + ", or pass early_stopping=False."
        )
    return _by_speaker(cv, X, targets, speakers)


def _check_marks(column: np.ndarray) -> np.ndarray:
    marks = np.asarray(column, dtype=object)
    odd = [at for at, mark in enumerate(marks) if not isinstance(mark, bool | np.bool_)]
    if odd:
        raise ValueError(
            f"X's column {_MARK!r} must say True or False of each clip, got "
            f"{marks[odd[0]]!r} for clip {odd[0]}. Rename the column if it means "
            "something else."
        )
    marked = marks.astype(bool)
    if marked.all():
        raise ValueError(
            f"X's column {_MARK!r} marks all {len(marked)} clips, so that none is left "
            "to learn from."
        )
    return marked


def _by_speaker(cv: Any, X: Any, targets: np.ndarray, speakers: np.ndarray) -> Split:
    """Return the first split of a splitter, in which no speaker is on both sides."""
    n_speakers = len(set(speakers.tolist()))
    if n_speakers < 2:
        raise ValueError(
            f"All clips are of the speaker {speakers[0]!r}, but early stopping holds "
            "speakers out. Give clips of two or more, or pass early_stopping=False."
        )
    if cv is None:
        cv = min(_N_FOLDS, n_speakers)
    # Of a list of splits, scikit-learn makes a splitter.
    splitter = SpeakerKFold(cv) if isinstance(cv, Integral) else check_cv(cv)
    training, validation = next(split_by_speaker(splitter, X, targets, speakers))
    training, validation = np.asarray(training), np.asarray(validation)
    chosen = np.concatenate([training, validation])
    if not len(validation) or not np.isin(chosen, np.arange(len(X))).all():
        raise ValueError(
            f"validation_cv={splitter!r} holds out {len(validation)} clips, and names "
            f"positions up to {chosen.max(initial=0)} of {len(X)} clips. Pass a "
            "splitter that holds out some of the clips of X, such as SpeakerKFold(5)."
        )
    both = set(speakers[training].tolist()) & set(speakers[validation].tolist())
    if both:
        names = ", ".join(sorted(map(str, both))[:3])
        raise ValueError(
            f"validation_cv={splitter!r} puts clips of the speakers {names} on both "
            "sides, so that stopping early would look at voices that were trained on. "
            "Pass a splitter by speaker, such as SpeakerKFold(5)."
        )
    return Split(training, validation)
