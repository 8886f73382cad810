"""Lazy operations on waveforms: small frozen values that are also their own key."""

import functools
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from typing import ClassVar

import numpy as np

from sersk.audio._notes import Note
from sersk.audio._reading import check_samples
from sersk.audio._resampling import resample
from sersk.utils import AudioError, canonical_json


@dataclass(frozen=True)
class Operation:
    """Change a waveform when it is read.

    A subclass is a frozen dataclass whose fields are its parameters. Name, version
    and fields enter the digest of every clip that the operation is applied to, so
    raise ``version`` whenever the result changes. A field that cannot change it is
    left out of the digest by ``dataclasses.field(compare=False)``.

    See Also
    --------
    sersk.AudioClips.apply : Append an operation to a collection.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.audio import Operation
    >>> @dataclass(frozen=True)
    ... class Gain(Operation):
    ...     factor: float
    ...
    ...     def __call__(self, waveform, sampling_rate):
    ...         return waveform * np.float32(self.factor)
    >>> clips = AudioClips.from_arrays([[0.5, -0.5]], sampling_rate=16_000)
    >>> clips.apply(Gain(0.5))[0]
    array([ 0.25, -0.25], dtype=float32)
    """

    version: ClassVar[int] = 1

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the changed waveform; the one given must not be modified."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__.")

    def output_rate(self, sampling_rate: int) -> int:
        """Return the rate of what the operation makes of a waveform.

        Parameters
        ----------
        sampling_rate : int
            Rate of the waveform in Hz.

        Returns
        -------
        sampling_rate : int
            Rate in Hz; the same, unless a subclass says otherwise.
        """
        return sampling_rate

    def remark(
        self, before: np.ndarray, after: np.ndarray, sampling_rate: int
    ) -> Note | None:
        """Return what whoever reads many clips should hear of this one.

        Parameters
        ----------
        before, after : ndarray of float32 of shape (n_samples,)
            The waveform that was given and the one that was made of it.
        sampling_rate : int
            Rate in Hz of the one that was given.

        Returns
        -------
        note : Note or None
            None, unless a subclass says otherwise.
        """
        return None

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        kind = type(self)
        if "__dataclass_params__" not in vars(kind):
            # Its parameters would not be fields, and clips that differ look equal.
            raise TypeError(
                f"{kind.__name__} is not a dataclass. Put @dataclass(frozen=True) "
                "above it, and declare its parameters as fields."
            )
        name = f"{kind.__module__}.{kind.__qualname__}"
        parameters = asdict(self)
        for field in fields(self):
            if not field.compare:
                del parameters[field.name]
        return canonical_json([name, self.version, parameters])


@dataclass(frozen=True)
class ChangeRate(Operation):
    """Resample a waveform to another rate, in Hz."""

    sampling_rate: int

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the waveform at the new rate."""
        return resample(waveform, sampling_rate, self.sampling_rate)

    def output_rate(self, sampling_rate: int) -> int:
        """Return the new rate."""
        return self.sampling_rate

    def remark(
        self, before: np.ndarray, after: np.ndarray, sampling_rate: int
    ) -> Note | None:
        """Say that a higher rate brings nothing back."""
        if sampling_rate >= self.sampling_rate:
            return None
        return Note(
            f"were brought to {sampling_rate} Hz before they were to "
            f"{self.sampling_rate} Hz, so that their upper band is empty",
            f"{len(before) / sampling_rate:.2f} s",
            f"Pass sampling_rate={sampling_rate} to what comes later.",
        )


def run_operations(
    operations: Iterable[Operation], samples: np.ndarray, sampling_rate: int
) -> tuple[np.ndarray, tuple[Note, ...]]:
    """Return what some operations, one after another, make of a waveform, and say.

    Raises
    ------
    AudioError
        If what one of them returns is no waveform; the message is a phrase that
        follows the name of the clip.
    """
    notes = []
    for operation in operations:
        changed = np.asarray(operation(samples, sampling_rate), np.float32, order="C")
        output_rate = operation.output_rate(sampling_rate)
        _check_changed(operation, changed, output_rate)
        notes.append(operation.remark(samples, changed, sampling_rate))
        samples, sampling_rate = changed, output_rate
    return samples, tuple(note for note in notes if note is not None)


def _check_changed(
    operation: Operation, changed: np.ndarray, sampling_rate: int
) -> None:
    """Refuse what is no waveform, and say who made it."""
    try:
        if changed.ndim != 1:
            raise AudioError(f"has shape {changed.shape}, not (n_samples,).")
        check_samples(changed, sampling_rate)
    except AudioError as error:
        raise AudioError(f"after {type(operation).__name__} {error}") from error


@functools.cache
def resampler() -> str:
    """Name what decides which samples a change of rate gives."""
    return f"soxr {version('soxr')}"


def check_operation(operation: Operation) -> Operation:
    """Return an operation that has a key, or raise: not as late as the first digest."""
    if not isinstance(operation, Operation):
        raise TypeError(
            f"operation must be a sersk.audio.Operation, got {operation!r}."
        )
    _ = operation.key
    return operation
