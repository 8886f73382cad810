"""Extracting features of all clips, then fitting and testing fold by fold."""

import copy
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import delayed, parallel_config
from sklearn.base import BaseEstimator, clone

from sersk.audio import AudioClips
from sersk.cache import FeatureStore, check_store
from sersk.evaluation._cells import Cells
from sersk.evaluation._description import Undescribable, describe
from sersk.evaluation._kinds import Kind
from sersk.evaluation._labels import TunedThresholds
from sersk.evaluation._plan import Fold
from sersk.evaluation._systems import give_seed
from sersk.evaluation._task import Task
from sersk.features import count_extractions, plan_extractions
from sersk.utils import (
    CacheWarning,
    EvaluationWarning,
    as_completed,
    progress_bar,
    warn_user,
)

# What a result is called in this evaluation, and what only a failure has.
_OF_THE_PLAN = ("pipeline", "seed", "fold", "error", "cause")


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
    chosen: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
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
        for extractor, clips in plan_extractions(system, task.clips):
            if check_store(extractor.cache) is not None:
                clone(extractor).fit(clips).transform(clips)
    return Extraction(count_extractions() - before, time.perf_counter() - began)


def run_folds(
    systems: dict[str, BaseEstimator],
    task: Task,
    folds: list[Fold],
    n_jobs: int | None,
    cells: Cells | None = None,
    seeds: Sequence[int | None] = (None,),
) -> list[FoldResult]:
    """Return the results of all systems with all seeds in all folds, in that order.

    With `cells`, those that are kept there are not run, and the others are kept.
    """
    plan = [(name, seed, fold) for name in systems for seed in seeds for fold in folds]
    finished = _find_finished(plan, cells)
    calls = (
        delayed(_run_cell)(name, systems[name], seed, task, fold, cells)
        for name, seed, fold in plan
        if (name, seed, fold.number) not in finished
    )
    with (
        _single_thread(),
        progress_bar(len(plan), description="evaluating", unit="fold") as bar,
    ):
        bar.update(len(finished))
        for result in as_completed(calls, n_jobs=n_jobs):
            finished[result.pipeline, result.seed, result.fold] = result
            bar.update()
    results = [finished[name, seed, fold.number] for name, seed, fold in plan]
    _report_failures(results)
    return results


def _find_finished(
    plan: list[tuple[str, int | None, Fold]], cells: Cells | None
) -> dict[tuple[str, int | None, int], FoldResult]:
    finished = {}
    if cells is None:
        return {}
    for name, seed, fold in plan:
        fields = cells.find(name, fold, seed)
        if fields is not None:
            result = FoldResult(name, fold.number, seed=seed, **fields)
            finished[name, seed, fold.number] = result
    return finished


def _run_cell(
    name: str,
    system: BaseEstimator,
    seed: int | None,
    task: Task,
    fold: Fold,
    cells: Cells | None,
) -> FoldResult:
    """Run a fold and keep what comes out before it leaves the worker."""
    result = _run_fold(name, system, seed, task, fold)
    if cells is not None and not result.error:
        fields = vars(result)
        kept = {key: fields[key] for key in fields if key not in _OF_THE_PLAN}
        try:
            cells.keep(name, fold, kept, seed)
        except OSError as error:
            # A full disk must cost no result that is there.
            warn_user(
                f"A result is not kept in {cells.folder!r}: {error}.", CacheWarning
            )
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


def _run_fold(
    name: str, system: BaseEstimator, seed: int | None, task: Task, fold: Fold
) -> FoldResult:
    """Fit and test one system in one fold, in whatever process this is."""
    before, began = count_extractions(), time.perf_counter()
    try:
        with _noted(f"in fold {fold.number} of pipeline {name!r}"), _single_thread():
            fitted = give_seed(system, seed)
            fitted.fit(task.clips[fold.train], task.target[fold.train])
            fitted_at = time.perf_counter()
            tested = task.clips[fold.test]
            predicted = task.kind.check_predicted(fitted.predict(tested), len(tested))
            probabilities = _probabilities(fitted, tested, task.kind)
    except Exception as error:
        return _failure(name, seed, fold, error, time.perf_counter() - began)
    return FoldResult(
        pipeline=name,
        fold=fold.number,
        predicted=predicted,
        fit_seconds=fitted_at - began,
        predict_seconds=time.perf_counter() - fitted_at,
        n_extracted=count_extractions() - before,
        probabilities=probabilities,
        chosen=_chosen(fitted, task.classes),
        seed=seed,
    )


def _probabilities(
    fitted: BaseEstimator, clips: AudioClips, kind: Kind
) -> np.ndarray | None:
    """Return a column a class or label, or None where there are none."""
    try:
        return kind.probabilities(fitted, clips)
    except Exception:
        return None  # predictions are there, and are what was asked for


def _chosen(fitted: BaseEstimator, names: Sequence) -> dict[str, Any]:
    """Return what was chosen on training clips, as what JSON can hold."""
    if isinstance(fitted, TunedThresholds):
        values = fitted.thresholds_.tolist()
        thresholds = {
            str(name): value for name, value in zip(names, values, strict=True)
        }
        return {**_chosen(fitted.estimator_, names), "thresholds": thresholds}
    found: Mapping[str, Any] = getattr(fitted, "best_params_", {})
    return {name: _as_plain(value) for name, value in found.items()}


def _as_plain(value: Any) -> Any:
    """Return plain data as it is, estimators by their parameters, others as text."""
    if isinstance(value, (list, tuple)):
        return [_as_plain(item) for item in value]
    try:
        return describe(value)
    except Undescribable:
        return repr(value)


def _failure(
    name: str, seed: int | None, fold: Fold, error: Exception, seconds: float
) -> FoldResult:
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
        cause=_sendable(error),
        seed=seed,
    )


def _sendable(error: Exception) -> Exception:
    """Return the error, or what it says if no other process could be sent it."""
    try:
        copy.deepcopy(error)  # goes through what a pickle would
    except Exception:
        said = RuntimeError(f"{type(error).__name__}: {error}")
        said.__notes__ = getattr(error, "__notes__", [])
        return said
    return error


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
