"""What will be run: checked folds, and what is to be said of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sersk.evaluation._task import Task, listed
from sersk.model_selection import PredefinedPartition, SplitAudit, audit_split


@dataclass(frozen=True)
class Fold:
    """Rows for training and for testing."""

    number: int
    train: np.ndarray
    test: np.ndarray


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
    try:
        return np.arange(n_clips)[np.asarray(chosen)]
    except IndexError as error:
        raise ValueError(
            f"Fold {number} does not fit {n_clips} clips, or is empty: {error}."
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
