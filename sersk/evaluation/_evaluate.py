"""Running systems over a corpus, fold by fold."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from joblib import delayed, parallel_config
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import check_cv

from sersk.cache import FeatureStore, check_store
from sersk.datasets import Corpus
from sersk.evaluation._evaluation import Evaluation
from sersk.evaluation._plan import (
    Fold,
    Task,
    check_folds,
    check_pipelines,
    check_task,
    describe_protocol,
    is_transductive,
)
from sersk.features import count_extractions, warm_cache
from sersk.model_selection import LeaveOneSpeakerOut
from sersk.utils import as_completed, config_context, progress_bar


@dataclass(frozen=True)
class FoldResult:
    """What one system predicted in one fold, and what it took."""

    pipeline: str
    fold: Fold
    predicted: np.ndarray
    fit_seconds: float
    predict_seconds: float
    n_extracted: int


def evaluate(
    pipelines: Any,
    corpus: Corpus | Any,
    y: Any = None,
    *,
    cv: Any = None,
    n_jobs: int | None = None,
    cache: FeatureStore | str | PathLike | None = None,
    acknowledge_overlap: bool = False,
) -> Evaluation:
    """Evaluate systems on a corpus by speakers that they have not heard.

    Every clip is extracted once for each extractor, before the folds begin, and the
    folds read the store.

    Parameters
    ----------
    pipelines : dict of str to classifier, or a classifier
        Systems by name; each is cloned for every fold.
    corpus : Corpus or clips
        What to evaluate on; clips, see :func:`sersk.check_clips`, go with `y`.
    y : array-like of shape (n_clips,), default=None
        Labels, where `corpus` is not a Corpus.
    cv : splitter, int or iterable, default=None
        How clips are divided; :class:`~sersk.model_selection.LeaveOneSpeakerOut` by
        default.
    n_jobs : int or None, default=None
        Number of workers for extraction and for folds, as joblib understands it.
    cache : FeatureStore, path or None, default=None
        Where features are kept; by default where the settings say, or else in a
        temporary folder for the length of this call.
    acknowledge_overlap : bool, default=False
        Whether folds may share speakers between training and test clips; the table
        then says so.

    Returns
    -------
    evaluation : Evaluation
        Scores, predictions and tables.

    Raises
    ------
    ValueError
        If folds share speakers, or clips and labels do not fit together.
    TypeError
        If a pipeline does not end in a classifier.

    See Also
    --------
    sersk.evaluation.Evaluation : What comes out.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.evaluation import evaluate
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=3, random_state=0)
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> evaluation = evaluate({"functionals + LR": pipeline}, corpus)
    >>> evaluation.folds[["fold", "test_speakers", "n_test", "extractions"]]
       fold test_speakers  n_test  extractions
    0     0            01      24            0
    1     1            02      24            0
    2     2            03      24            0
    """
    systems = check_pipelines(pipelines)
    task = check_task(corpus, y)
    splitter = LeaveOneSpeakerOut() if cv is None else check_cv(cv, task.target)
    splits = splitter.split(task.clips, task.target)
    folds = check_folds(splits, task, acknowledge_overlap)
    with _store(cache) as store:
        warmed = {
            name: _warm(system, task, store, n_jobs) for name, system in systems.items()
        }
        results = _run(systems, task, folds, store, n_jobs)
    return Evaluation(
        corpus=task.name,
        classes=task.classes,
        protocol=describe_protocol(splitter, folds, task),
        folds=_fold_frame(results, task),
        predictions=_prediction_frame(results, task),
        pipelines=_pipeline_frame(systems, results, warmed, len(task.clips)),
    )


@contextmanager
def _store(cache: Any) -> Iterator[FeatureStore]:
    """Yield the store asked for, or one that is gone afterwards."""
    store = check_store(cache)
    if store is not None:
        yield store
        return
    with tempfile.TemporaryDirectory(prefix="sersk-") as folder:
        yield FeatureStore(folder)


def _warm(
    system: BaseEstimator, task: Task, store: FeatureStore, n_jobs: int | None
) -> tuple[int, float]:
    """Fill the store; return how many clips were computed, in how many seconds."""
    began = time.perf_counter()
    with config_context(cache_dir=store.path), parallel_config(n_jobs=n_jobs):
        n_extracted = warm_cache(system, task.clips)
    return n_extracted, time.perf_counter() - began


def _run(
    systems: dict[str, BaseEstimator],
    task: Task,
    folds: list[Fold],
    store: FeatureStore,
    n_jobs: int | None,
) -> list[FoldResult]:
    plan = [(name, fold) for name in systems for fold in folds]
    calls = (
        delayed(_run_fold)(name, systems[name], task, fold, store.path)
        for name, fold in plan
    )
    finished = {}
    with progress_bar(len(plan), description="evaluating", unit="fold") as bar:
        for result in as_completed(calls, n_jobs=n_jobs):
            finished[result.pipeline, result.fold.number] = result
            bar.update()
    return [finished[name, fold.number] for name, fold in plan]


def _run_fold(
    name: str, system: BaseEstimator, task: Task, fold: Fold, cache_dir: str
) -> FoldResult:
    """Fit and test one system in one fold, in whatever process this is."""
    before = count_extractions()
    # Workers of another process do not see the settings of this one.
    with config_context(cache_dir=cache_dir):
        try:
            began = time.perf_counter()
            fitted = clone(system).fit(task.clips[fold.train], task.target[fold.train])
            fitted_at = time.perf_counter()
            predicted = np.asarray(fitted.predict(task.clips[fold.test])).astype(str)
        except Exception as error:
            error.add_note(f"in fold {fold.number} of pipeline {name!r}")
            raise
    return FoldResult(
        pipeline=name,
        fold=fold,
        predicted=predicted,
        fit_seconds=fitted_at - began,
        predict_seconds=time.perf_counter() - fitted_at,
        n_extracted=count_extractions() - before,
    )


def _fold_frame(results: list[FoldResult], task: Task) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pipeline": result.pipeline,
            "fold": result.fold.number,
            "test_speakers": _names(task.speakers, result.fold.test),
            "n_train": len(result.fold.train),
            "n_test": len(result.fold.test),
            "fit_seconds": result.fit_seconds,
            "predict_seconds": result.predict_seconds,
            "extractions": result.n_extracted,
        }
        for result in results
    )


def _names(speakers: np.ndarray | None, rows: np.ndarray) -> str:
    """Return the speakers of some rows, as one word of a table."""
    if speakers is None:
        return ""
    return " ".join(sorted({str(speaker) for speaker in speakers[rows]}))


def _prediction_frame(results: list[FoldResult], task: Task) -> pd.DataFrame:
    frames = []
    for result in results:
        rows = result.fold.test
        columns = {
            "pipeline": result.pipeline,
            "fold": result.fold.number,
            "clip": rows,
            "target": task.target[rows],
            "prediction": result.predicted,
        }
        if task.speakers is not None:
            columns["speaker"] = task.speakers[rows]
        if task.clips.files is not None:
            columns["file"] = task.clips.files[rows]
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _pipeline_frame(
    systems: dict[str, BaseEstimator],
    results: list[FoldResult],
    warmed: dict[str, tuple[int, float]],
    n_clips: int,
) -> pd.DataFrame:
    """Return what each system cost, and whether it is transductive."""
    rows = []
    for name, system in systems.items():
        own = [result for result in results if result.pipeline == name]
        n_extracted = warmed[name][0] + sum(result.n_extracted for result in own)
        seconds = sum(result.fit_seconds + result.predict_seconds for result in own)
        rows.append(
            {
                "pipeline": name,
                "transductive": is_transductive(system),
                "extractions_per_clip": n_extracted / n_clips,
                "seconds": warmed[name][1] + seconds,
            }
        )
    return pd.DataFrame(rows)
