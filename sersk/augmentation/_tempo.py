"""Augmenters that change tempo, pitch, or both."""

from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np

from sersk.audio import resample
from sersk.augmentation._base import BaseAugmenter, RandomOperation, Span, check_span
from sersk.augmentation._vocoder import shift_pitch, stretch_time

# Further away it is another recording, if it is speech at all.
_SLOWEST, _FASTEST = 0.25, 4.0


class TimeStretch(BaseAugmenter):
    """Make speech faster or slower, at the same pitch.

    Parameters
    ----------
    rate : float or (float, float), default=(0.9, 1.1)
        Factor of the tempo, 0.25 to 4, or the lowest and the highest between which it
        is drawn; above 1 is faster, and the clip shorter.

    See Also
    --------
    SpeedPerturbation : Faster and higher at once, without a vocoder's artefacts.

    Notes
    -----
    By a phase vocoder with frames of 2048 samples, as librosa's. Tempo is a mark of
    emotion: a wide range changes what the label says.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import TimeStretch
    >>> clips = AudioClips.from_arrays([np.ones(16_000)], sampling_rate=16_000)
    >>> clips.apply(TimeStretch(0.8).operation(seed=0))[0].shape
    (20000,)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {"rate": [Real, tuple, list]}

    def __init__(self, rate: float | tuple[float, float] = (0.9, 1.1)) -> None:
        self.rate = rate

    def _make_operation(self, seed: int) -> "TimeStretchOperation":
        rate = check_span("rate", self.rate, least=_SLOWEST, most=_FASTEST)
        return TimeStretchOperation(seed, rate)


@dataclass(frozen=True)
class TimeStretchOperation(RandomOperation):
    """Change the tempo of a waveform."""

    rate: Span

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the waveform, faster or slower."""
        return stretch_time(waveform, rng.uniform(*self.rate))


class PitchShift(BaseAugmenter):
    """Make speech higher or lower, at the same tempo.

    Parameters
    ----------
    semitones : float or (float, float), default=(-2.0, 2.0)
        Shift in semitones, -24 to 24, or the lowest and the highest between which it
        is drawn.

    See Also
    --------
    SpeedPerturbation : Faster and higher at once, without a vocoder's artefacts.

    Notes
    -----
    By a phase vocoder and resampling, as librosa's; formants move along. Pitch is a
    mark of emotion: a wide range changes what the label says.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import PitchShift
    >>> tone = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)
    >>> clips = AudioClips.from_arrays([tone], sampling_rate=16_000)
    >>> octave_up = clips.apply(PitchShift(12).operation(seed=0))[0]
    >>> int(np.abs(np.fft.rfft(octave_up)).argmax())
    2000
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "semitones": [Real, tuple, list]
    }

    def __init__(self, semitones: float | tuple[float, float] = (-2.0, 2.0)) -> None:
        self.semitones = semitones

    def _make_operation(self, seed: int) -> "PitchShiftOperation":
        semitones = check_span("semitones", self.semitones, least=-24, most=24)
        return PitchShiftOperation(seed, semitones)


@dataclass(frozen=True)
class PitchShiftOperation(RandomOperation):
    """Change the pitch of a waveform."""

    semitones: Span

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return a waveform of the same length, higher or lower."""
        return shift_pitch(waveform, sampling_rate, rng.uniform(*self.semitones))


class SpeedPerturbation(BaseAugmenter):
    """Play speech faster or slower, which moves its pitch along.

    Parameters
    ----------
    factor : float or (float, float), default=(0.9, 1.1)
        Factor of the speed, 0.25 to 4, or the lowest and the highest between which it
        is drawn, in steps of 0.01; above 1 is faster and higher, and the clip shorter.

    References
    ----------
    T. Ko, V. Peddinti, D. Povey and S. Khudanpur, "Audio Augmentation for Speech
    Recognition", Interspeech 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import SpeedPerturbation
    >>> clips = AudioClips.from_arrays([np.ones(16_000)], sampling_rate=16_000)
    >>> clips.apply(SpeedPerturbation(1.25).operation(seed=0))[0].shape
    (12800,)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {"factor": [Real, tuple, list]}

    def __init__(self, factor: float | tuple[float, float] = (0.9, 1.1)) -> None:
        self.factor = factor

    def _make_operation(self, seed: int) -> "SpeedOperation":
        factor = check_span("factor", self.factor, least=_SLOWEST, most=_FASTEST)
        return SpeedOperation(seed, factor)


@dataclass(frozen=True)
class SpeedOperation(RandomOperation):
    """Change tempo and pitch of a waveform together."""

    factor: Span

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the waveform as it sounds at another speed."""
        # Between rates in a ratio of small integers resampling is twice as fast.
        factor = np.clip(round(rng.uniform(*self.factor), 2), *self.factor)
        return resample(waveform, factor * sampling_rate, sampling_rate)
