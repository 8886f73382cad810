"""Augmenters that do what codecs and telephones do."""

from dataclasses import dataclass
from numbers import Integral
from typing import ClassVar

import numpy as np

from sersk.audio import Operation, resample
from sersk.augmentation._base import BaseAugmenter
from sersk.utils._sklearn import Interval


class MuLaw(BaseAugmenter):
    r"""Code speech by the mu-law, as digital telephones do, and decode it.

    Nothing is drawn: all copies of a clip are the same.

    Parameters
    ----------
    bits : int, default=8
        Bits of a sample, 2 to 16.

    Notes
    -----
    With :math:`\mu = 2^{bits} - 1`, a sample :math:`x` in [-1, 1] is coded as
    :math:`\operatorname{sgn}(x) \ln(1 + \mu |x|) / \ln(1 + \mu)`, rounded to one
    of :math:`\mu + 1` levels. What exceeds full scale is clipped.

    References
    ----------
    ITU-T Recommendation G.711, "Pulse code modulation (PCM) of voice frequencies",
    1988, in the continuous form of :func:`librosa.mu_compress`.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import MuLaw
    >>> clips = AudioClips.from_arrays([[-1.0, -0.3, 0.002, 1.0]], sampling_rate=8_000)
    >>> clips.apply(MuLaw(bits=4).operation(seed=0))[0].round(3)
    array([-1.   , -0.285,  0.014,  1.   ], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "bits": [Interval(Integral, 2, 16, closed="both")]
    }

    def __init__(self, bits: int = 8) -> None:
        self.bits = bits

    def _make_operation(self, seed: int) -> "MuLawOperation":
        return MuLawOperation(int(self.bits))


@dataclass(frozen=True)
class MuLawOperation(Operation):
    """Quantise a waveform by the mu-law."""

    bits: int

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return what a decoder makes of it."""
        mu = 2**self.bits - 1
        clipped = np.clip(waveform, -1, 1)
        coded = np.sign(clipped) * np.log1p(mu * np.abs(clipped)) / np.log1p(mu)
        levels = np.floor((coded + 1) / 2 * mu + 0.5)
        decoded = 2 * levels / mu - 1
        return np.sign(decoded) * np.expm1(np.abs(decoded) * np.log1p(mu)) / mu


class LowRate(BaseAugmenter):
    """Take speech through a lower sampling rate and back.

    Nothing is drawn: all copies of a clip are the same. A clip whose rate is not above
    this one stays as it is.

    Parameters
    ----------
    sampling_rate : int, default=8000
        The lower rate in Hz, 2000 to 48000; nothing is left above half of it. A
        telephone has 8000.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import LowRate
    >>> seconds = np.arange(4_000) / 16_000
    >>> tones = [np.sin(2 * np.pi * hertz * seconds) for hertz in (1_000, 6_000)]
    >>> clips = AudioClips.from_arrays(tones, sampling_rate=16_000)
    >>> lower = clips.apply(LowRate(8_000).operation(seed=0))
    >>> [round(float(waveform[500:-500].std()), 2) for waveform in lower]
    [0.71, 0.0]
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "sampling_rate": [Interval(Integral, 2_000, 48_000, closed="both")]
    }

    def __init__(self, sampling_rate: int = 8_000) -> None:
        self.sampling_rate = sampling_rate

    def _make_operation(self, seed: int) -> "LowRateOperation":
        return LowRateOperation(int(self.sampling_rate))


@dataclass(frozen=True)
class LowRateOperation(Operation):
    """Resample a waveform down and up again."""

    sampling_rate: int

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return a waveform of the same length and rate."""
        if self.sampling_rate >= sampling_rate:
            return waveform
        lower = resample(waveform, sampling_rate, self.sampling_rate)
        back = resample(lower, self.sampling_rate, sampling_rate)[: len(waveform)]
        return np.pad(back, (0, len(waveform) - len(back)))
