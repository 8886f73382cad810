"""Computing features of many clips: from the store, in workers, one failure at a time.

The unit of work is one clip. Its features are in the store before they leave the
worker, so that a run that is killed goes on where it was, and a clip that fails
costs only itself.
"""

import functools
import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from joblib import delayed, effective_n_jobs

from sersk.audio import AudioClips, Note, Recording
from sersk.cache import FeatureStore, has_entries
from sersk.features._batches import BatchLimits, length_batches
from sersk.utils import (
    AudioError,
    MissingDependencyError,
    as_completed,
    progress_bar,
)

_MAX_CLIPS_PER_TASK = 16
_CLIPS_AHEAD = 2
# Where clips are computed in batches, decoding is what takes the time.
_READERS = min(8, os.cpu_count() or 1)
# So many batches of clips are in memory, to put those of similar lengths together.
_BATCHES_SORTED = 8

# Of this thread: an evaluation that runs folds in threads counts each by itself.
_tally = threading.local()


class Extractor(Protocol):
    """What this module needs of an extractor: stateless and picklable."""

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Return the features of one clip, or raise an AudioError phrase."""

    def begin_many(
        self, waveforms: Sequence[np.ndarray]
    ) -> Callable[[], list[np.ndarray]]:
        """Return what gives the features of several clips; both may raise anything."""

    def prepare(self) -> None:
        """Get ready in this process, or raise what keeps all clips from it."""

    def batching(self) -> BatchLimits | None:
        """Return how many clips are computed at once, if not one by one."""


@dataclass(frozen=True)
class Place:
    """Where in which store an extractor keeps its results."""

    store: FeatureStore
    key: str
    description: dict[str, Any]


class Loaded(NamedTuple):
    """One clip in memory, and its digest if the result is to be kept."""

    digest: str | None
    recording: Recording


class Outcome(NamedTuple):
    """What became of one clip: its features, or the reason why there are none."""

    value: np.ndarray | None = None
    reason: str = ""
    source_rate: int | None = None
    is_computed: bool = False
    digest: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Work:
    """What is to be extracted from which clips, and where results are kept, if so."""

    extractor: Extractor
    clips: AudioClips
    place: Place | None = None

    def take(self, indices: Sequence[int]) -> "Work":
        """Return the work on some of the clips, without the audio of the others."""
        return replace(self, clips=self.clips[list(indices)])

    def look_up(self) -> dict[int, Outcome]:
        """Return what the store holds, by number of the clip; the rest is to be done.

        Clips that have no digest because they cannot be read are done, too. Of an
        empty store nothing is asked: clips are digested when they are read.
        """
        if self.place is None or not has_entries(self.place.store, self.place.key):
            return {}
        found: dict[int, Outcome] = {}
        digests: dict[int, str] = {}
        for index in range(len(self.clips)):
            try:
                digests[index] = self.clips.digest(index)
            except AudioError as error:
                found[index] = Outcome(reason=str(error))
        values = self.place.store.get_many(self.place.key, list(digests.values()))
        for index, value in zip(digests, values, strict=True):
            if value is not None:
                found[index] = Outcome(value)
        return found

    def load(self, index: int) -> Loaded:
        """Read one clip, and digest it before if the result is to be kept."""
        digest = None if self.place is None else self.clips.digest(index)
        return Loaded(digest, self.clips.read(index))

    def compute(self, load: Callable[[], Loaded]) -> Outcome:
        """Extract from one clip, or say what went wrong."""
        try:
            return self._compute(load())
        except AudioError as error:
            return Outcome(reason=str(error))
        except (MissingDependencyError, NotImplementedError):
            raise
        except Exception as error:
            # Whatever a library makes of one clip, the others are worth having. The
            # traceback stays in the worker, so the message says where it ended.
            name = type(self.extractor).__name__
            last = traceback.extract_tb(error.__traceback__)[-1]
            return Outcome(
                reason=f"made {name} fail with {type(error).__name__}: {error} (in "
                f"{last.name}, {last.filename}:{last.lineno}). Drop the clip, or pass "
                'on_error="nan".'
            )

    def keep(self, index: int, outcome: Outcome) -> None:
        """Put what was computed of a clip into the store, if there is one."""
        if self.place is None or outcome.value is None or not outcome.is_computed:
            return
        with suppress(AudioError):  # the file is gone, and so is its digest
            # One that changed while it was read is kept under neither digest.
            if self.clips.digest(index) == outcome.digest:
                self.place.store.put(self.place.key, outcome.digest, outcome.value)

    def begin_batch(self, batch: Sequence[Loaded]) -> Callable[[], list[Outcome]]:
        """Begin to extract from clips at once, and return what waits for the outcomes.

        One by one where that fails, to say which of them is wrong.
        """
        try:
            finish = self.extractor.begin_many([one.recording.samples for one in batch])
        except Exception:
            return partial(self._one_by_one, batch)
        return partial(self._finish_batch, finish, batch)

    def _finish_batch(
        self, finish: Callable[[], list[np.ndarray]], batch: Sequence[Loaded]
    ) -> list[Outcome]:
        try:
            values = finish()
        except Exception:
            return self._one_by_one(batch)
        return [
            self._outcome(value, loaded)
            for value, loaded in zip(values, batch, strict=True)
        ]

    def _one_by_one(self, batch: Sequence[Loaded]) -> list[Outcome]:
        return [self.compute(partial(_itself, loaded)) for loaded in batch]

    def _compute(self, loaded: Loaded) -> Outcome:
        return self._outcome(self.extractor.extract(loaded.recording.samples), loaded)

    def _outcome(self, value: np.ndarray, loaded: Loaded) -> Outcome:
        digest, recording = loaded
        return Outcome(
            value,
            source_rate=recording.sampling_rate,
            is_computed=True,
            digest=digest,
            notes=recording.notes,
        )


def extract_clips(work: Work, *, n_jobs: int | None = None) -> list[Outcome]:
    """Return what became of each clip, in order.

    Parameters
    ----------
    work : Work
        Clips at the extractor's rate, and where results are looked up and kept.
    n_jobs : int or None, default=None
        Number of workers, as joblib understands it.

    Returns
    -------
    outcomes : list of Outcome
        As long as the clips.
    """
    outcomes = work.look_up()
    indices = range(len(work.clips))
    missing = [index for index in indices if index not in outcomes]
    if not missing:
        return [outcomes[index] for index in indices]
    if work.place is not None:
        work.place.store.describe(work.place.key, work.place.description)
    missing = _beside_each_other(work.clips, missing)
    limits = work.extractor.batching()
    # Of batches, this process computes all: workers would share one device.
    n_workers = 1 if limits else min(effective_n_jobs(n_jobs), len(missing))
    if n_workers == 1:
        work.extractor.prepare()
    description = type(work.extractor).__name__
    with (
        single_thread(),
        progress_bar(len(missing), description=description) as bar,
        closing(_compute(work, missing, n_jobs, n_workers, limits)) as computed,
    ):
        for index, outcome in computed:
            outcomes[index] = outcome
            count_extracted(outcome.is_computed)
            bar.update()
    return [outcomes[index] for index in indices]


def count_extractions() -> int:
    """Return how many clips this thread has had computed, by itself or by workers.

    Returns
    -------
    n_extracted : int
        What came out of a store does not count.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import AcousticFunctionals, count_extractions
    >>> before = count_extractions()
    >>> _ = AcousticFunctionals().fit_transform(np.zeros((3, 1_000)))
    >>> count_extractions() - before
    3
    """
    return getattr(_tally, "n_extracted", 0)


def count_extracted(n_clips: int) -> None:
    """Count clips that were computed in this thread, or for it."""
    _tally.n_extracted = count_extractions() + n_clips


def _beside_each_other(clips: AudioClips, indices: Sequence[int]) -> list[int]:
    """Put clips that come from one recording in succession: it is decoded once."""
    if clips.files is None or len(set(clips.files)) == len(clips):
        return list(indices)
    table = clips.to_frame()
    # An end that is not known would not be equal to itself.
    parts = zip(clips.files, table["start"], table["end"].fillna(-1), strict=True)
    places = list(parts)
    numbers: dict[tuple, int] = {}
    for index in indices:
        numbers.setdefault(places[index], len(numbers))
    return sorted(indices, key=lambda index: numbers[places[index]])


def _compute(
    work: Work,
    indices: Sequence[int],
    n_jobs: int | None,
    n_workers: int,
    limits: BatchLimits | None,
) -> Generator[tuple[int, Outcome]]:
    if limits is not None:
        yield from _compute_in_batches(work, indices, limits)
    elif n_workers > 1:
        yield from _compute_in_workers(work, indices, n_jobs, n_workers)
    else:
        yield from _compute_here(work, indices)


def _compute_in_batches(
    work: Work, indices: Sequence[int], limits: BatchLimits
) -> Generator[tuple[int, Outcome]]:
    """Extract in this thread from clips of similar lengths; in others, decode ahead."""
    waiting: list[tuple[int, Loaded]] = []
    n_samples = 0
    with ThreadPoolExecutor(_READERS, thread_name_prefix="sersk-reader") as pool:
        for index, load in _load_ahead(work, indices, pool, 2 * _READERS):
            try:
                loaded = load()
            except Exception:
                yield index, work.compute(load)
                continue
            waiting.append((index, loaded))
            n_samples += len(loaded.recording.samples)
            if (
                len(waiting) >= _BATCHES_SORTED * limits.n_clips
                or n_samples >= _BATCHES_SORTED * limits.n_samples
            ):
                yield from _compute_waiting(work, waiting, limits, pool)
                waiting, n_samples = [], 0
        if waiting:
            yield from _compute_waiting(work, waiting, limits, pool)


def _compute_waiting(
    work: Work,
    waiting: Sequence[tuple[int, Loaded]],
    limits: BatchLimits,
    pool: ThreadPoolExecutor,
) -> Iterator[tuple[int, Outcome]]:
    lengths = [len(loaded.recording.samples) for _, loaded in waiting]
    # One batch is begun before another is waited for.
    begun: deque[tuple[list[int], Callable[[], list[Outcome]]]] = deque()
    for positions in length_batches(lengths, limits):
        finish = work.begin_batch([waiting[at][1] for at in positions])
        begun.append(([waiting[at][0] for at in positions], finish))
        if len(begun) > 1:
            yield from _keep_all(work, *begun.popleft(), pool)
    yield from _keep_all(work, *begun.popleft(), pool)


def _keep_all(
    work: Work,
    indices: Sequence[int],
    finish: Callable[[], list[Outcome]],
    pool: ThreadPoolExecutor,
) -> Iterator[tuple[int, Outcome]]:
    outcomes = finish()
    if work.place is not None:
        # Taken to the end, so that all of them are kept before any leaves.
        list(pool.map(work.keep, indices, outcomes))
    yield from zip(indices, outcomes, strict=True)


def _itself(loaded: Loaded) -> Loaded:
    return loaded


def _compute_here(work: Work, indices: Sequence[int]) -> Generator[tuple[int, Outcome]]:
    """Extract in this thread and keep what is done, and in another decode ahead.

    Decoding does not need the interpreter for long. Only a few clips are ahead, because
    each may be as long as the longest that is read. A thread that kept results would
    want the interpreter at the same time as the other two, and cost more than it saves.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="sersk-reader") as pool:
        for index, load in _load_ahead(work, indices, pool):
            yield index, _compute_and_keep(work, index, load)


def _load_ahead(
    work: Work,
    indices: Sequence[int],
    pool: ThreadPoolExecutor,
    n_ahead: int = _CLIPS_AHEAD,
) -> Iterator[tuple[int, Callable[[], Loaded]]]:
    if work.clips.files is None:  # in memory: there is nothing to decode
        for index in indices:
            yield index, partial(work.load, index)
        return
    ahead: deque[tuple[int, Callable[[], Loaded]]] = deque()
    for index in indices:
        ahead.append((index, pool.submit(work.load, index).result))
        if len(ahead) > n_ahead:
            yield ahead.popleft()
    yield from ahead


def _compute_in_workers(
    work: Work, indices: Sequence[int], n_jobs: int | None, n_workers: int
) -> Iterator[tuple[int, Outcome]]:
    """Share clips out, and go on without a clip that takes its worker down.

    joblib hears of the death of a worker from loky, its default. From Dask and from
    multiprocessing it does not, and waits for ever.
    """
    left = list(indices)
    while left:
        begun: list[int] = []
        done: set[int] = set()
        tasks = _recorded(_split(left, n_workers), begun)
        try:
            for index, outcome in _run_tasks(work, tasks, n_jobs):
                done.add(index)
                yield index, outcome
        except BrokenProcessPool:
            # Nobody says which clip the worker was at: any that was handed out.
            for index in (index for index in begun if index not in done):
                yield index, _compute_alone(work, index, n_jobs)
        done.update(begun)
        left = [index for index in left if index not in done]


def _split(indices: Sequence[int], n_workers: int) -> Iterator[Sequence[int]]:
    """Cut into tasks: enough to keep all workers busy, few enough to cost nothing."""
    size = int(np.clip(len(indices) // (8 * n_workers), 1, _MAX_CLIPS_PER_TASK))
    return (indices[at : at + size] for at in range(0, len(indices), size))


def _recorded(
    tasks: Iterable[Sequence[int]], begun: list[int]
) -> Iterator[Sequence[int]]:
    for task in tasks:
        begun.extend(task)
        yield task


def _run_tasks(
    work: Work, tasks: Iterable[Sequence[int]], n_jobs: int | None
) -> Iterator[tuple[int, Outcome]]:
    calls = (delayed(_run_task)(work.take(task), task) for task in tasks)
    for results in as_completed(calls, n_jobs=n_jobs):
        yield from results


def _run_task(work: Work, indices: Sequence[int]) -> list[tuple[int, Outcome]]:
    """Compute in a worker; the work is on the clips of the indices and no others."""
    work.extractor.prepare()
    with single_thread():
        return [
            (index, _compute_and_keep(work, at, partial(work.load, at)))
            for at, index in enumerate(indices)
        ]


def _compute_and_keep(work: Work, index: int, load: Callable[[], Loaded]) -> Outcome:
    outcome = work.compute(load)
    work.keep(index, outcome)
    return outcome


def _compute_alone(work: Work, index: int, n_jobs: int | None) -> Outcome:
    """Compute one clip in a worker that has nothing else to do: if it dies, it is it.

    The clip may have been finished before the worker died, and be in the store.
    """
    found = work.take([index]).look_up()
    if found:
        return found[0]
    try:
        results = dict(_run_tasks(work, [[index]], n_jobs))
    except BrokenProcessPool:
        return Outcome(reason="kills the process that reads it. Drop the clip.")
    return results[index]


def single_thread() -> AbstractContextManager:
    """Keep linear algebra to one thread: workers share the cores, and sums their order.

    A product that is split over threads may round differently, and features must not
    depend on the number of workers. Worker threads need it around all of them too, or
    the last to leave would put back what it found when others had changed it already.
    """
    return _thread_pools().limit(limits=1)


@functools.cache
def _thread_pools():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def forget_thread_pools() -> None:
    """Look for thread pools again: a library that has some was imported."""
    _thread_pools.cache_clear()
