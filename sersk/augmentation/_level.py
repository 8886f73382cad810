"""Augmenters that change how loud speech is, and where in its clip it lies."""

from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np

from sersk.augmentation._base import BaseAugmenter, RandomOperation, Span, check_span
from sersk.utils import AudioError
from sersk.utils._sklearn import StrOptions


class Gain(BaseAugmenter):
    """Make speech louder or softer.

    Parameters
    ----------
    gain : float or (float, float), default=(-12.0, 12.0)
        Gain in dB, or the lowest and the highest between which it is drawn.

    Notes
    -----
    What exceeds full scale stays as it is: it is neither clipped nor scaled back. A
    system that normalises the amplitude of clips is not changed by this.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import Gain
    >>> clips = AudioClips.from_arrays([[0.5, -0.25]], sampling_rate=16_000)
    >>> clips.apply(Gain(-20).operation(seed=0))[0]
    array([ 0.05 , -0.025], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {"gain": [Real, tuple, list]}

    def __init__(self, gain: float | tuple[float, float] = (-12.0, 12.0)) -> None:
        self.gain = gain

    def _make_operation(self, seed: int) -> "GainOperation":
        return GainOperation(seed, check_span("gain", self.gain, least=-100, most=100))


@dataclass(frozen=True)
class GainOperation(RandomOperation):
    """Multiply a waveform; `gain` in dB."""

    gain: Span

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the waveform, louder or softer."""
        return waveform * np.float32(10 ** (rng.uniform(*self.gain) / 20))


class TimeShift(BaseAugmenter):
    """Move speech within its clip, whose length stays.

    Parameters
    ----------
    seconds : float or (float, float), default=(-0.25, 0.25)
        Shift in seconds, or the least and the greatest between which it is drawn;
        positive shifts make the speech come later.
    mode : {"wrap", "pad"}, default="wrap"
        Whether what leaves the clip at one end comes in at the other, or silence does.

    Notes
    -----
    With ``mode="pad"``, a clip that does not last longer than the greatest shift of
    `seconds` is an :class:`~sersk.AudioError`, whatever shift is drawn.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import TimeShift
    >>> clips = AudioClips.from_arrays([[0.1, 0.2, 0.3, 0.4]], sampling_rate=16_000)
    >>> clips.apply(TimeShift(1 / 16_000).operation(seed=0))[0]
    array([0.4, 0.1, 0.2, 0.3], dtype=float32)
    >>> clips.apply(TimeShift(1 / 16_000, mode="pad").operation(seed=0))[0]
    array([0. , 0.1, 0.2, 0.3], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "seconds": [Real, tuple, list],
        "mode": [StrOptions({"wrap", "pad"})],
    }

    def __init__(
        self,
        seconds: float | tuple[float, float] = (-0.25, 0.25),
        *,
        mode: str = "wrap",
    ) -> None:
        self.seconds = seconds
        self.mode = mode

    def _make_operation(self, seed: int) -> "TimeShiftOperation":
        seconds = check_span("seconds", self.seconds, least=-600, most=600)
        return TimeShiftOperation(seed, seconds, self.mode)


@dataclass(frozen=True)
class TimeShiftOperation(RandomOperation):
    """Move the samples of a waveform; `seconds` is positive for later."""

    seconds: Span
    mode: str

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return a waveform of the same length."""
        duration, greatest = len(waveform) / sampling_rate, max(map(abs, self.seconds))
        if self.mode == "pad" and duration <= greatest:
            raise AudioError(
                f"lasts {duration:.3f} s, so that a shift by {greatest:g} s leaves "
                "nothing of it. Narrow seconds=, or pass mode='wrap'."
            )
        shift = round(rng.uniform(*self.seconds) * sampling_rate)
        shifted = np.roll(waveform, shift)
        if self.mode == "pad":
            shifted[slice(0, shift) if shift >= 0 else slice(shift, None)] = 0
        return shifted
