"""Extracting features of all clips, then fitting and testing fold by fold."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import delayed, parallel_config
from sklearn.base import BaseEstimator, clone
from sklearn.utils import column_or_1d

from sersk.cache import FeatureStore, check_store
from sersk.evaluation._plan import Fold, Task
from sersk.features import count_extractions, find_extractors
from sersk.utils import as_completed, progress_bar


@dataclass(frozen=True)
class Extraction:
    """What it took to compute the features that a system needs of all clips."""

    n_extracted: int
    seconds: float


@dataclass(frozen=True)
class FoldResult:
    """What one system predicted in one fold, and what it took."""

    pipeline: str
    fold: int
    predicted: np.ndarray
    fit_seconds: float
    predict_seconds: float
    n_extracted: int


@contextmanager
def open_store(cache: Any) -> Iterator[FeatureStore]:
    """Yield the store asked for, or one that is gone afterwards."""
    store = check_store(cache)
    if store is not None:
        yield store
        return
    # What cannot be deleted must not cost the results.
    with tempfile.TemporaryDirectory(
        prefix="sersk-", ignore_cleanup_errors=True
    ) as folder:
        yield FeatureStore(folder)


def extract_all(
    name: str, system: BaseEstimator, task: Task, n_jobs: int | None
) -> Extraction:
    """Fill the store, and raise here where clips are bad.

    In a fold, the numbers of the clips in the message would be those of its part.
    """
    before, began = count_extractions(), time.perf_counter()
    with _noted(f"in pipeline {name!r}, before its folds"), _workers(n_jobs):
        for extractor in find_extractors(system):
            if check_store(extractor.cache) is not None:
                clone(extractor).fit(task.clips).transform(task.clips)
    return Extraction(count_extractions() - before, time.perf_counter() - began)


def run_folds(
    systems: dict[str, BaseEstimator],
    task: Task,
    folds: list[Fold],
    n_jobs: int | None,
) -> list[FoldResult]:
    """Return the results of all systems in all folds, in that order."""
    plan = [(name, fold) for name in systems for fold in folds]
    calls = (delayed(_run_fold)(name, systems[name], task, fold) for name, fold in plan)
    finished = {}
    with (
        _single_thread(),
        progress_bar(len(plan), description="evaluating", unit="fold") as bar,
    ):
        for result in as_completed(calls, n_jobs=n_jobs):
            finished[result.pipeline, result.fold] = result
            bar.update()
    return [finished[name, fold.number] for name, fold in plan]


def _run_fold(name: str, system: BaseEstimator, task: Task, fold: Fold) -> FoldResult:
    """Fit and test one system in one fold, in whatever process this is."""
    before, began = count_extractions(), time.perf_counter()
    with _noted(f"in fold {fold.number} of pipeline {name!r}"), _single_thread():
        fitted = clone(system).fit(task.clips[fold.train], task.target[fold.train])
        fitted_at = time.perf_counter()
        predicted = column_or_1d(fitted.predict(task.clips[fold.test]))
    return FoldResult(
        pipeline=name,
        fold=fold.number,
        predicted=predicted,
        fit_seconds=fitted_at - began,
        predict_seconds=time.perf_counter() - fitted_at,
        n_extracted=count_extractions() - before,
    )


@contextmanager
def _noted(where: str) -> Iterator[None]:
    """Say in the errors that come out of the block where they come from."""
    try:
        yield
    except Exception as error:
        error.add_note(where)
        raise


def _workers(n_jobs: int | None) -> AbstractContextManager:
    """Give extractors workers; None leaves what the caller has configured."""
    return nullcontext() if n_jobs is None else parallel_config(n_jobs=n_jobs)


def _single_thread() -> AbstractContextManager:
    """Keep linear algebra and OpenMP to one thread.

    Workers share the cores, where two teams of threads are many times slower than
    one; and sums that are split over threads may round differently, while results
    must not depend on the number of workers. Around all folds it keeps folds in
    threads from undoing each other's.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)
