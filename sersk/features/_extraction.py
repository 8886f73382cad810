"""Computing features of many clips: from the store, in workers, one failure at a time.

The unit of work is one clip. Its features are in the store before they leave the
worker, so that a run that is killed goes on where it was, and a clip that fails
costs only itself.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.externals.loky.process_executor import BrokenProcessPool

from sersk.audio import AudioClips
from sersk.cache import FeatureStore
from sersk.utils import AudioError, MissingDependencyError, progress_bar

_MAX_CLIPS_PER_TASK = 16


class Extractor(Protocol):
    """What this module needs of an extractor."""

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Return the features of one clip, or raise an AudioError phrase."""


@dataclass(frozen=True)
class Place:
    """Where in which store an extractor keeps its results."""

    store: FeatureStore
    key: str


@dataclass(frozen=True)
class Outcome:
    """What became of one clip: its features, or the reason why there are none."""

    value: np.ndarray | None = None
    reason: str = ""
    source_rate: int | None = None
    is_computed: bool = False


def extract_clips(
    extractor: Extractor,
    clips: AudioClips,
    *,
    place: Place | None = None,
    n_jobs: int | None = None,
) -> list[Outcome]:
    """Return one outcome a clip, in order.

    Parameters
    ----------
    extractor : Extractor
        Stateless and picklable.
    clips : AudioClips
        What to extract from, at the extractor's rate.
    place : Place or None, default=None
        Where results are looked up and kept.
    n_jobs : int or None, default=None
        Number of workers, as joblib understands it.

    Returns
    -------
    outcomes : list of Outcome
        As long as `clips`.
    """
    outcomes: list[Outcome | None] = [
        _look_up(clips, i, place) for i in range(len(clips))
    ]
    missing = [index for index, outcome in enumerate(outcomes) if outcome is None]
    with progress_bar(len(missing), description=type(extractor).__name__) as bar:
        for index, outcome in _compute(extractor, clips, missing, place, n_jobs):
            outcomes[index] = outcome
            bar.update()
    return [outcome for outcome in outcomes if outcome is not None]


def _look_up(clips: AudioClips, index: int, place: Place | None) -> Outcome | None:
    """Return what the store holds of a clip, or None where it must be computed."""
    if place is None:
        return None
    try:
        value = place.store.get(place.key, clips.digest(index))
    except AudioError as error:
        return Outcome(reason=str(error))
    return None if value is None else Outcome(value)


def _compute(
    extractor: Extractor,
    clips: AudioClips,
    indices: Sequence[int],
    place: Place | None,
    n_jobs: int | None,
) -> Iterator[tuple[int, Outcome]]:
    n_workers = min(effective_n_jobs(n_jobs), len(indices))
    if n_workers <= 1:
        with single_thread():
            for index in indices:
                yield index, _extract_one(extractor, clips, index, place)
        return
    per_task = int(np.clip(len(indices) // (8 * n_workers), 1, _MAX_CLIPS_PER_TASK))
    tasks = [indices[at : at + per_task] for at in range(0, len(indices), per_task)]
    job = functools.partial(_run_tasks, extractor, clips, place, n_jobs)
    finished = set()
    try:
        for index, outcome in job(tasks):
            finished.add(index)
            yield index, outcome
    except BrokenProcessPool:
        yield from _run_alone(
            job, [index for index in indices if index not in finished]
        )


def _run_tasks(
    extractor: Extractor,
    clips: AudioClips,
    place: Place | None,
    n_jobs: int | None,
    tasks: Iterable[Sequence[int]],
) -> Iterator[tuple[int, Outcome]]:
    calls = (
        delayed(_extract_some)(extractor, clips[list(task)], task, place)
        for task in tasks
    )
    parallel = Parallel(n_jobs=n_jobs, pre_dispatch="n_jobs", batch_size=1)
    # Ray's backend for joblib cannot hand over results one by one.
    if getattr(parallel._backend, "supports_return_generator", False):
        parallel.return_as = "generator_unordered"
        parallel.return_generator = parallel.return_unordered = True
    for results in parallel(calls):
        yield from results


def _run_alone(job: functools.partial, indices: Sequence[int]) -> Iterator:
    """Run, after a worker died, each clip in a task of its own.

    A clip that kills the worker that has nothing else to do is the culprit.
    """
    remaining = list(indices)
    while remaining:
        started: list[int] = []
        finished = set()
        try:
            for index, outcome in job(_recorded(remaining, started)):
                finished.add(index)
                yield index, outcome
            return
        except BrokenProcessPool:
            suspects = [index for index in started if index not in finished]
            for index in suspects:
                yield _run_suspect(job, index)
            done = finished.union(suspects)
            remaining = [index for index in remaining if index not in done]


def _recorded(indices: Sequence[int], started: list[int]) -> Iterator[list[int]]:
    for index in indices:
        started.append(index)
        yield [index]


def _run_suspect(job: functools.partial, index: int) -> tuple[int, Outcome]:
    try:
        return next(iter(job([[index]])))
    except BrokenProcessPool:
        reason = "kills the process that reads it. Drop the clip."
        return index, Outcome(reason=reason)


def _extract_some(
    extractor: Extractor,
    clips: AudioClips,
    indices: Sequence[int],
    place: Place | None,
) -> list[tuple[int, Outcome]]:
    """Extract in a worker; the clips are those of the indices and no others."""
    with single_thread():
        return [
            (index, _extract_one(extractor, clips, position, place))
            for position, index in enumerate(indices)
        ]


def _extract_one(
    extractor: Extractor, clips: AudioClips, index: int, place: Place | None
) -> Outcome:
    try:
        digest = None if place is None else clips.digest(index)
        recording = clips.read(index)
        value = extractor.extract(recording.samples)
        # A file that changed while it was read must not be kept under either digest.
        if place is not None and clips.digest(index) == digest:
            place.store.put(place.key, digest, value)
    except AudioError as error:
        return Outcome(reason=str(error))
    except MissingDependencyError:
        raise
    except Exception as error:
        # Whatever a library makes of one clip, the others are worth having.
        failure = f"{type(error).__name__}: {error}"
        return Outcome(reason=f"made {type(extractor).__name__} fail with {failure}")
    return Outcome(value, source_rate=recording.sampling_rate, is_computed=True)


def single_thread() -> AbstractContextManager:
    """Keep linear algebra to one thread: workers share the cores, and sums their order.

    A product that is split over threads may round differently, and features must not
    depend on the number of workers.
    """
    return _thread_pools().limit(limits=1)


@functools.cache
def _thread_pools():  # noqa: ANN202 - threadpoolctl is imported late
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
