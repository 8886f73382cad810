"""What will be run: checked folds, and what is to be said of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv

from sersk.evaluation._task import Task
from sersk.model_selection import (
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SplitAudit,
    audit_split,
)
from sersk.utils import listed


@dataclass(frozen=True)
class Fold:
    """Rows for training and for testing."""

    number: int
    train: np.ndarray
    test: np.ndarray


def make_splitter(cv: Any, task: Task) -> Any:
    """Return what divides the clips, by speaker if nothing is asked for."""
    if cv is None:
        return LeaveOneSpeakerOut()
    if isinstance(cv, type):
        raise TypeError(f"cv={cv.__name__} is a class. Make one: {cv.__name__}().")
    if isinstance(cv, Iterable) and not isinstance(cv, str):
        cv = list(_pairs(cv))
    return check_cv(cv, task.target, classifier=task.kind.role == "classifier")


def _pairs(folds: Iterable) -> Iterator[tuple]:
    for number, parts in enumerate(folds):
        if len(parts) != 2:
            raise ValueError(
                f"Fold {number} of cv has {len(parts)} parts, but (train, test) is "
                "expected. Leave validation clips among those for training, and let "
                "inner_cv= divide them."
            )
        yield tuple(parts)


def check_folds(
    splits: Iterable[tuple[Sequence, Sequence]], task: Task, acknowledged: bool
) -> list[Fold]:
    """Return the folds, or raise where one would flatter the systems."""
    n_clips = len(task.clips)
    folds = [
        Fold(number, _rows(train, n_clips, number), _rows(test, n_clips, number))
        for number, (train, test) in enumerate(splits)
    ]
    if not folds:
        raise ValueError("cv gives no folds.")
    for fold in folds:
        _check_fold(fold)
    shared = shared_speakers(folds, task.speakers)
    if shared and not acknowledged:
        subject = "1 speaker is" if len(shared) == 1 else f"{len(shared)} speakers are"
        raise ValueError(
            f"{subject} in the training and the test clips of a fold "
            f"({listed(shared)}), so the scores would be those of voices that the "
            "model has heard. Use cv=LeaveOneSpeakerOut() or SpeakerKFold(), or pass "
            "acknowledge_overlap=True, which the table then shows."
        )
    return folds


def audit_folds(folds: Sequence[Fold], task: Task, acknowledged: bool) -> SplitAudit:
    """Look for all that folds share, and raise where it is recordings.

    Speakers are refused before; that sessions go on on both sides is what a protocol
    by speaker does, and is said under the table.
    """
    audit = audit_split(
        task.clips,
        task.target,
        cv=[(fold.train, fold.test) for fold in folds],
        audio="digest",
    )
    known = True if acknowledged else ("speaker", "session", "dialog")
    audit.raise_if_leaking(known, parameter="acknowledge_overlap")
    return audit


def _rows(chosen: Sequence, n_clips: int, number: int) -> np.ndarray:
    """Return clips that are given by a mask, or by positions from either end."""
    rows = np.asarray(chosen)
    try:
        return np.arange(n_clips)[rows if rows.size else rows.astype(np.intp)]
    except IndexError as error:
        raise ValueError(
            f"Fold {number} does not fit {n_clips} clips: {error}."
        ) from error


def _check_fold(fold: Fold) -> None:
    for name, rows in (("train", fold.train), ("test", fold.test)):
        if not len(rows):
            raise ValueError(f"Fold {fold.number} has no clips to {name} on.")
    both = np.intersect1d(fold.train, fold.test)
    if len(both):
        raise ValueError(
            f"Fold {fold.number} trains on {len(both)} clips that it tests (first: "
            f"clip {both[0]})."
        )
    clips, times = np.unique(fold.test, return_counts=True)
    if len(clips) < len(fold.test):
        again = clips[times > 1]
        raise ValueError(
            f"Fold {fold.number} tests {len(again)} clips more than once (first: clip "
            f"{again[0]}), so that they would count more than others."
        )


def shared_speakers(folds: Sequence[Fold], speakers: np.ndarray | None) -> list:
    """Return the speakers that some fold both trains on and tests."""
    if speakers is None:
        return []
    codes, names = pd.factorize(speakers)
    shared: set[int] = set()
    for fold in folds:
        shared.update(np.intersect1d(codes[fold.train], codes[fold.test]))
    # Code -1 is of clips whose speaker is not known.
    return sorted((names[code] for code in shared - {-1}), key=str)


def describe_protocol(
    splitter: Any,
    folds: Sequence[Fold],
    task: Task,
    *,
    inside: Sequence[str] = (),
    reservations: Sequence[str] = (),
) -> str:
    """Say in a few words how training and test clips were divided.

    `inside` says what was chosen on parts of the training clips, and `reservations`
    what else stands against the scores.
    """
    name = type(splitter).__name__
    # scikit-learn wraps folds that are given as such in a class of its own.
    facts = ["given folds" if name.startswith("_") else name]
    facts.append(f"{len(folds)} fold{'s' * (len(folds) != 1)}")
    if isinstance(splitter, PredefinedPartition):
        facts.append(_name_partitions(splitter, folds[0]))
    _, times = np.unique(
        np.concatenate([fold.test for fold in folds]), return_counts=True
    )
    if times.max() > 1:
        facts.append(f"clips tested up to {times.max()} times")
    facts += [*inside, *_reservations(folds, task.speakers), *reservations]
    return ", ".join(facts)


def _name_partitions(splitter: PredefinedPartition, fold: Fold) -> str:
    """Say what is trained on and tested, and how many clips of it there are."""
    train, test = (
        names if isinstance(names, str) else "+".join(map(str, names))
        for names in (splitter.train, splitter.test)
    )
    return (
        f"trained on {train} ({len(fold.train)}), tested on {test} ({len(fold.test)})"
    )


def _reservations(folds: Sequence[Fold], speakers: np.ndarray | None) -> list[str]:
    """Return what stands against the claim that no speaker was heard in training."""
    if speakers is None:
        return ["SPEAKERS UNKNOWN"]
    known = pd.Series(speakers).dropna()
    n_shared, n_unknown = (
        len(shared_speakers(folds, speakers)),
        len(speakers) - len(known),
    )
    reservations = []
    if n_shared:
        reservations.append(f"{n_shared} of {known.nunique()} SPEAKERS SHARED")
    if n_unknown:
        reservations.append(f"{n_unknown} of {len(speakers)} CLIPS WITHOUT SPEAKER")
    return reservations
