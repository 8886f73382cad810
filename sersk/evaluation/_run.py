"""Extracting features of all clips, then fitting and testing fold by fold."""

import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import delayed, parallel_config
from sklearn.base import BaseEstimator, clone
from sklearn.utils import column_or_1d

from sersk.audio import AudioClips
from sersk.cache import FeatureStore, check_store
from sersk.evaluation._cells import Cells
from sersk.evaluation._plan import Fold, Task
from sersk.features import count_extractions, find_extractors
from sersk.utils import EvaluationWarning, as_completed, progress_bar, warn_user

# What a result is called in this evaluation, and what only a failure has.
_OF_THE_PLAN = ("pipeline", "fold", "error", "cause")


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
    probabilities: np.ndarray | None = None
    chosen: str = ""
    error: str = ""
    cause: Exception | None = None


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
    cells: Cells | None = None,
) -> list[FoldResult]:
    """Return the results of all systems in all folds, in that order.

    With `cells`, those that are kept there are not run, and the others are kept.
    """
    plan = [(name, fold) for name in systems for fold in folds]
    finished = _find_finished(plan, cells)
    calls = (
        delayed(_run_cell)(name, systems[name], task, fold, cells)
        for name, fold in plan
        if (name, fold.number) not in finished
    )
    with (
        _single_thread(),
        progress_bar(len(plan), description="evaluating", unit="fold") as bar,
    ):
        bar.update(len(finished))
        for result in as_completed(calls, n_jobs=n_jobs):
            finished[result.pipeline, result.fold] = result
            bar.update()
    results = [finished[name, fold.number] for name, fold in plan]
    _report_failures(results)
    return results


def _find_finished(
    plan: list[tuple[str, Fold]], cells: Cells | None
) -> dict[tuple[str, int], FoldResult]:
    finished = {}
    if cells is None:
        return {}
    for name, fold in plan:
        fields = cells.find(name, fold)
        if fields is not None:
            finished[name, fold.number] = FoldResult(name, fold.number, **fields)
    return finished


def _run_cell(
    name: str, system: BaseEstimator, task: Task, fold: Fold, cells: Cells | None
) -> FoldResult:
    """Run a fold and keep what comes out before it leaves the worker."""
    result = _run_fold(name, system, task, fold)
    if cells is not None and not result.error:
        fields = vars(result)
        kept = {key: fields[key] for key in fields if key not in _OF_THE_PLAN}
        cells.keep(name, fold, kept)
    return result


def _report_failures(results: list[FoldResult]) -> None:
    """Warn of the folds that failed, or raise if nothing else is left."""
    failed = [result for result in results if result.error]
    if not failed:
        return
    first = failed[0]
    if len(failed) == len(results) and first.cause is not None:
        raise first.cause
    warn_user(
        f"{len(failed)} of {len(results)} cells failed (first: fold {first.fold} of "
        f"pipeline {first.pipeline!r}: {first.error}). The others stand; see "
        "Evaluation.folds.",
        EvaluationWarning,
    )


def _run_fold(name: str, system: BaseEstimator, task: Task, fold: Fold) -> FoldResult:
    """Fit and test one system in one fold, in whatever process this is."""
    before, began = count_extractions(), time.perf_counter()
    try:
        with _noted(f"in fold {fold.number} of pipeline {name!r}"), _single_thread():
            fitted = clone(system).fit(task.clips[fold.train], task.target[fold.train])
            fitted_at = time.perf_counter()
            predicted = column_or_1d(fitted.predict(task.clips[fold.test]))
            probabilities = _probabilities(fitted, task.clips[fold.test], task.classes)
    except Exception as error:
        return _failure(name, fold, error, time.perf_counter() - began)
    chosen = getattr(fitted, "best_params_", None)
    return FoldResult(
        pipeline=name,
        fold=fold.number,
        predicted=predicted,
        fit_seconds=fitted_at - began,
        predict_seconds=time.perf_counter() - fitted_at,
        n_extracted=count_extractions() - before,
        probabilities=probabilities,
        chosen="" if chosen is None else repr(chosen),
    )


def _probabilities(
    fitted: BaseEstimator, clips: AudioClips, classes: tuple
) -> np.ndarray | None:
    """Return one column a class of the scheme, of 0 where training lacked the class."""
    try:
        given = np.asarray(fitted.predict_proba(clips), dtype=np.float64)
    except Exception:
        return None  # predictions are there, and are what was asked for
    columns = {label: given[:, at] for at, label in enumerate(fitted.classes_)}
    nothing = np.zeros(len(given))
    return np.column_stack([columns.get(label, nothing) for label in classes])


def _failure(name: str, fold: Fold, error: Exception, seconds: float) -> FoldResult:
    """Return what is known of a cell that failed, in a form that can be sent."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return FoldResult(
        pipeline=name,
        fold=fold.number,
        predicted=np.empty(0),
        fit_seconds=seconds,
        predict_seconds=0.0,
        n_extracted=0,
        error=f"{type(error).__name__}: {error} (in {last.name}, {last.filename}:"
        f"{last.lineno})",
        cause=error,
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
