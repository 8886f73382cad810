"""Clips of which each is changed in a way of its own."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sersk.audio._clips import AudioClips
from sersk.audio._latest import Latest
from sersk.audio._operations import (
    Operation,
    check_operation,
    resampler,
    run_operations,
)
from sersk.audio._reading import Recording
from sersk.audio._resampling import resample
from sersk.audio._sources import Source, digest_of
from sersk.audio._validation import frozen


class VariedSource:
    """Clips of another source, some of them changed.

    The clip read last is kept, because its copies are likely to be read next.

    Parameters
    ----------
    source : Source
        What is changed.
    sampling_rate : int
        Rate in Hz at which operations run; a clip without one keeps its own.
    operations : ndarray of objects of shape (n_clips,)
        An operation, or None, for each clip.
    """

    def __init__(
        self, source: Source, sampling_rate: int, operations: np.ndarray
    ) -> None:
        self.source = source
        self.sampling_rate = sampling_rate
        self.operations = operations
        self._as_recorded = Latest()
        self._at_rate = Latest()

    def __reduce__(self) -> tuple:
        """Pickle what the constructor takes."""
        return VariedSource, (self.source, self.sampling_rate, self.operations)

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.source)

    def read(self, index: int, max_duration: float) -> Recording:
        """Return the samples of a clip, changed if it has an operation."""
        operation = self.operations[index]
        if operation is None:
            return self._read(index, max_duration)
        samples, _, known = self._resampled(index, max_duration)
        samples, notes = run_operations((operation,), samples, self.sampling_rate)
        rate = operation.output_rate(self.sampling_rate)
        return Recording(samples, rate, (*known, *notes))

    def _read(self, index: int, max_duration: float) -> Recording:
        """Return a clip of the source."""

        def make() -> Recording:
            samples, rate, notes = self.source.read(index, max_duration)
            # What is kept must not change in the hands of whoever gets it.
            return Recording(frozen(samples), rate, notes)

        return self._as_recorded.get((self.source.digest(index), max_duration), make)

    def _resampled(self, index: int, max_duration: float) -> Recording:
        """Return a clip of the source at the rate at which operations run."""

        def make() -> Recording:
            samples, rate, notes = self._read(index, max_duration)
            samples = resample(samples, rate, self.sampling_rate)
            return Recording(frozen(samples), self.sampling_rate, notes)

        return self._at_rate.get((self.source.digest(index), max_duration), make)

    def digest(self, index: int) -> str:
        """Digest content and operation; a clip without one has that of its source."""
        content = self.source.digest(index)
        operation = self.operations[index]
        if operation is None:
            return content
        rate = f"{self.sampling_rate} Hz"
        return digest_of(content, rate, resampler(), operation.key)

    def name(self, index: int) -> str | None:
        """Return what the source calls the clip."""
        return self.source.name(index)

    def take(self, index: slice | np.ndarray) -> "VariedSource":
        """Return a source of some of the clips."""
        return VariedSource(
            self.source.take(index), self.sampling_rate, self.operations[index]
        )

    def with_source(self, source: Source) -> "VariedSource":
        """Return the same changes of other clips."""
        return VariedSource(source, self.sampling_rate, self.operations)

    def table(self) -> dict[str, np.ndarray]:
        """Return where each clip lies, as the source does."""
        return self.source.table()

    def extent(self) -> str:
        """Say how much there is before it is changed."""
        return self.source.extent()


def vary_clips(clips: AudioClips, operations: Sequence[Operation | None]) -> AudioClips:
    """Return clips of which each is changed by an operation of its own.

    Where :meth:`sersk.AudioClips.apply` does the same to all, and last, these run at
    the sampling rate of the recordings as `clips` reads them, before the operations
    that `clips` has already.

    Parameters
    ----------
    clips : AudioClips of shape (n_clips,)
        What is changed.
    operations : sequence of Operation or None of length n_clips
        What to do to each clip. One that stays as it is, None, keeps its digest.

    Returns
    -------
    clips : AudioClips of shape (n_clips,)
        The same clips, some of them changed.

    Raises
    ------
    ValueError
        If there is not one operation a clip.
    TypeError
        If one of them is no :class:`sersk.audio.Operation`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from sersk import AudioClips
    >>> from sersk.audio import Operation, vary_clips
    >>> @dataclass(frozen=True)
    ... class Gain(Operation):
    ...     factor: float
    ...
    ...     def __call__(self, waveform, sampling_rate):
    ...         return self.factor * waveform
    >>> clips = AudioClips.from_arrays([[0.5], [0.5]], sampling_rate=16_000)
    >>> [waveform.tolist() for waveform in vary_clips(clips, [None, Gain(0.5)])]
    [[0.5], [0.25]]
    """
    if len(operations) != len(clips):
        raise ValueError(
            f"operations has {len(operations)} entries, but there are {len(clips)} "
            "clips. Pass one for each, or None."
        )
    checked = np.empty(len(clips), dtype=object)
    checked[:] = [_check(operation) for operation in operations]
    source: Any = VariedSource(clips._source, clips._rate, checked)
    return clips._replace(source=source)


def _check(operation: Operation | None) -> Operation | None:
    return None if operation is None else check_operation(operation)
