"""What will be run: checked clips, labels and folds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

from sersk.audio import AudioClips, check_clips
from sersk.datasets import Corpus, LabelScheme
from sersk.model_selection import PredefinedPartition, SplitAudit, audit_split

_DEFAULT_RATE = 16_000
_MOST_LISTED = 5


@dataclass(frozen=True)
class Task:
    """Clips with labels, and the order in which classes are shown."""

    name: str
    clips: AudioClips
    target: np.ndarray
    classes: tuple
    scheme: str = ""

    @property
    def speakers(self) -> np.ndarray | None:
        """Speaker of each clip, where the clips carry it."""
        return self.clips.columns.get("speaker")


@dataclass(frozen=True)
class Fold:
    """Rows for training and for testing."""

    number: int
    train: np.ndarray
    test: np.ndarray


def check_task(corpus: Any, y: Any, sampling_rates: set[int]) -> Task:
    """Return a task from a corpus, or from clips and labels."""
    if isinstance(corpus, Corpus):
        if y is not None:
            raise ValueError("A corpus has its labels already: do not pass y.")
        return _corpus_task(corpus)
    if y is None:
        raise ValueError("Pass a Corpus, or clips and their labels y.")
    clips = _check_clips(corpus, sampling_rates)
    target = _check_target(y, len(clips))
    return Task("clips", clips, target, tuple(np.unique(target).tolist()))


def _corpus_task(corpus: Corpus) -> Task:
    scheme = corpus.scheme
    if not isinstance(scheme, LabelScheme):
        raise ValueError(
            f"evaluate scores one class a clip, but the scheme of {corpus.name} is "
            f"{scheme}. Use corpus.with_scheme() with a LabelScheme."
        )
    return Task(corpus.name, corpus.clips, corpus.target, scheme.classes, str(scheme))


def _check_clips(X: Any, sampling_rates: set[int]) -> AudioClips:
    """Pass X through the one door, at the rate that the extractors expect."""
    if isinstance(X, AudioClips):
        return X
    clips = check_clips(X, min(sampling_rates, default=_DEFAULT_RATE))
    if clips.files is None and len(sampling_rates) > 1:
        raise ValueError(
            f"X holds arrays, which the pipelines take to be at {sampling_rates} Hz. "
            "Say at which rate they are: AudioClips.from_arrays(X, sampling_rate=...)."
        )
    return clips


def _check_target(y: Any, n_clips: int) -> np.ndarray:
    """Return labels as they are, of shape (n_clips,), or raise."""
    # As objects, because numpy would turn a missing label among texts into 'nan'.
    labels = np.asarray(y, dtype=object)
    if labels.shape != (n_clips,):
        raise ValueError(f"y has shape {labels.shape}, but X holds {n_clips} clips.")
    missing = np.flatnonzero(pd.isna(labels))
    if len(missing):
        raise ValueError(
            f"y lacks the labels of {len(missing)} clips (first: clip {missing[0]}). "
            "Drop these clips from X and y."
        )
    kinds = {type(label).__name__ for label in labels}
    if "str" in kinds and len(kinds) > 1:
        raise ValueError(
            f"y holds labels of different types ({', '.join(sorted(kinds))}), so that "
            "one class may have two names. Make all of them text."
        )
    target = np.array(labels.tolist())
    check_classification_targets(target)
    return target


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
            f"({_listed(shared)}), so the scores would be those of voices that the "
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
    inner: Any = None,
    mixed: bool = False,
) -> str:
    """Say in a few words how training and test clips were divided.

    `inner` divides training clips for a search, if there is one, and `mixed` says
    that splits inside a system share speakers.
    """
    name = type(splitter).__name__
    # scikit-learn wraps folds that are given as such in a class of its own.
    facts = ["given folds" if name.startswith("_") else name]
    facts.append(f"{len(folds)} fold{'s' * (len(folds) != 1)}")
    if isinstance(splitter, PredefinedPartition):
        facts.append(_name_partitions(splitter, folds[0]))
    if inner is not None:
        facts.append(f"parameters searched by {type(inner).__name__}")
    facts += _reservations(folds, task.speakers)
    return ", ".join(facts + ["INNER SPLITS SHARE SPEAKERS"] * mixed)


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


def _listed(names: Sequence) -> str:
    more = ", …" if len(names) > _MOST_LISTED else ""
    return ", ".join(map(repr, names[:_MOST_LISTED])) + more
