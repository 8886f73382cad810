"""What will be run: checked pipelines, clips, labels and folds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils.multiclass import check_classification_targets

from sersk.audio import AudioClips, check_clips
from sersk.datasets import Corpus

_SHOWN_SPEAKERS = 5


@dataclass(frozen=True)
class Task:
    """Clips with labels, and the order in which classes are shown."""

    name: str
    clips: AudioClips
    target: np.ndarray
    classes: tuple[str, ...]

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


def check_task(corpus: Any, y: Any) -> Task:
    """Return a task from a corpus, or from clips and labels."""
    if isinstance(corpus, Corpus):
        if y is not None:
            raise ValueError("A corpus has its labels already: do not pass y.")
        classes = tuple(map(str, corpus.scheme.classes))
        return Task(corpus.name, corpus.clips, np.asarray(corpus.target), classes)
    if y is None:
        raise ValueError("Pass a Corpus, or clips and their labels y.")
    clips = corpus if isinstance(corpus, AudioClips) else check_clips(corpus)
    target = np.asarray(y)
    if target.shape != clips.shape:
        raise ValueError(f"y has shape {target.shape}, but X holds {len(clips)} clips.")
    check_classification_targets(target)
    target = target.astype(str)
    return Task("clips", clips, target, tuple(np.unique(target).tolist()))


def check_pipelines(pipelines: Any) -> dict[str, BaseEstimator]:
    """Return classifiers by name, or raise naming the one that is none."""
    if not isinstance(pipelines, Mapping):
        pipelines = {type(pipelines).__name__: pipelines}
    if not pipelines:
        raise ValueError("pipelines is empty: pass a dict of name to classifier.")
    for name, pipeline in pipelines.items():
        if not is_classifier(pipeline):
            raise TypeError(
                f"Pipeline {name!r} does not end in a classifier: {pipeline!r}."
            )
    return {str(name): pipeline for name, pipeline in pipelines.items()}


def check_folds(
    splits: Iterable[tuple[Sequence, Sequence]], task: Task, acknowledged: bool
) -> list[Fold]:
    """Return the folds, or raise where one would flatter the systems."""
    folds = []
    for number, (train, test) in enumerate(splits):
        fold = Fold(number, np.asarray(train), np.asarray(test))
        if len(np.intersect1d(fold.train, fold.test)):
            raise ValueError(f"Fold {number} trains on clips that it tests.")
        folds.append(fold)
    shared = shared_speakers(folds, task.speakers)
    if shared and not acknowledged:
        listed = ", ".join(map(repr, shared[:_SHOWN_SPEAKERS]))
        raise ValueError(
            f"{len(shared)} speakers are in the training and the test clips of a fold "
            f"({listed}{', …' if len(shared) > _SHOWN_SPEAKERS else ''}), so the "
            "scores would be those of voices that the model has heard. Use "
            "cv=LeaveOneSpeakerOut() or SpeakerKFold(), or pass "
            "acknowledge_overlap=True, which the table then shows."
        )
    return folds


def shared_speakers(folds: Sequence[Fold], speakers: np.ndarray | None) -> list:
    """Return the speakers that some fold both trains on and tests."""
    if speakers is None:
        return []
    shared: set = set()
    for fold in folds:
        shared |= set(speakers[fold.train]) & set(speakers[fold.test])
    return sorted(shared, key=str)


def is_transductive(estimator: Any) -> bool:
    """Tell whether an estimator learns from the clips that it predicts."""
    if getattr(estimator, "is_transductive", False):
        return True
    if isinstance(estimator, BaseEstimator):
        return is_transductive(list(estimator.get_params(deep=False).values()))
    return isinstance(estimator, (list, tuple)) and any(map(is_transductive, estimator))


def describe_protocol(cv: Any, folds: Sequence[Fold], task: Task) -> str:
    """Say in a few words how training and test clips were divided."""
    protocol = f"{type(cv).__name__}, {len(folds)} folds"
    if task.speakers is None:
        return f"{protocol}, speakers unknown"
    n_shared = len(shared_speakers(folds, task.speakers))
    return f"{protocol}, {n_shared} SPEAKERS SHARED" if n_shared else protocol
