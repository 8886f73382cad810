"""Lazy operations on waveforms: small frozen values that are also their own key."""

from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from sersk.audio._resampling import resample
from sersk.utils import canonical_json


@dataclass(frozen=True)
class Operation:
    """Change a waveform when it is read.

    A subclass is a frozen dataclass whose fields are its parameters. Name, version
    and fields enter the digest of every clip that the operation is applied to, so
    raise ``version`` whenever the result changes.

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
        """Return the rate in Hz of what the operation makes of a given rate."""
        return sampling_rate

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        return canonical_json([type(self).__name__, self.version, asdict(self)])


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
