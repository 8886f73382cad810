"""Augmenters that put speech into a room."""

from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import scipy.fft

from sersk.audio import AudioClips
from sersk.augmentation._base import BaseAugmenter, RandomOperation, Span, check_span
from sersk.augmentation._noise import (
    check_recordings,
    describe_recording,
    read_recording,
    recordings_key,
)
from sersk.utils import AudioError


class AddReverb(BaseAugmenter):
    r"""Add the reverberation of a synthetic room.

    The room's response is the direct sound, and behind it noise that decays
    exponentially.

    Parameters
    ----------
    rt60 : float or (float, float), default=(0.2, 0.8)
        Reverberation time in seconds, in which the noise decays by 60 dB; 0.01 to 10.
    drr : float or (float, float), default=(0.0, 15.0)
        Direct-to-reverberant energy ratio in dB; the larger, the nearer the speaker.

    See Also
    --------
    ApplyImpulseResponse : Responses of rooms that were measured.

    Notes
    -----
    Tail and ratio are those of the response :math:`h(0) = 1`, :math:`h(t) = c\, n(t)\,
    10^{-3t / RT_{60}}` with white noise :math:`n`. The clip keeps its length, so what
    would sound on behind its end is cut off, and its mean power.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import AddReverb
    >>> click = np.zeros(8_000)
    >>> click[0] = 1
    >>> clips = AudioClips.from_arrays([click], sampling_rate=16_000)
    >>> response = clips.apply(AddReverb(rt60=0.3, drr=6).operation(seed=0))[0]
    >>> energy = response**2
    >>> round(float(10 * np.log10(energy[0] / energy[1:].sum())), 2)
    6.0
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "rt60": [Real, tuple, list],
        "drr": [Real, tuple, list],
    }

    def __init__(
        self,
        rt60: float | tuple[float, float] = (0.2, 0.8),
        drr: float | tuple[float, float] = (0.0, 15.0),
    ) -> None:
        self.rt60 = rt60
        self.drr = drr

    def _make_operation(self, seed: int) -> "ReverbOperation":
        rt60 = check_span("rt60", self.rt60, least=0.01, most=10)
        return ReverbOperation(
            seed, rt60, check_span("drr", self.drr, least=-60, most=100)
        )


@dataclass(frozen=True)
class ReverbOperation(RandomOperation):
    """Convolve a waveform with a synthetic response; seconds and dB."""

    rt60: Span
    drr: Span

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return a waveform of the same length and power."""
        rt60, drr = rng.uniform(*self.rt60), rng.uniform(*self.drr)
        response = make_response(rt60, drr, sampling_rate, rng)
        return apply_response(waveform, response)


class ApplyImpulseResponse(BaseAugmenter):
    """Put speech into rooms, or behind microphones, whose response was measured.

    Parameters
    ----------
    responses : clips
        Impulse responses, see :func:`sersk.check_clips`, one of which is drawn for
        each clip. They are brought to the rate of the clip; arrays are taken to be at
        16 kHz.

    See Also
    --------
    AddReverb : Rooms that need no measurement.

    Notes
    -----
    What comes before the peak of a response is cut off, so that speech does not move.
    The clip keeps its length and its mean power. A silent response is an
    :class:`~sersk.AudioError`.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import ApplyImpulseResponse
    >>> echo = AudioClips.from_arrays([[0.0, 0.8, 0.6]], sampling_rate=16_000)
    >>> clips = AudioClips.from_arrays([[0.5, 0.0, 0.0]], sampling_rate=16_000)
    >>> clips.apply(ApplyImpulseResponse(echo).operation(seed=0))[0].round(2)
    array([0.4, 0.3, 0. ], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict] = {"responses": "no_validation"}

    def __init__(self, responses: Any) -> None:
        self.responses = responses

    def _make_operation(self, seed: int) -> "ImpulseResponseOperation":
        responses, content = check_recordings("responses", self.responses)
        return ImpulseResponseOperation(seed, content, responses)


@dataclass(frozen=True)
class ImpulseResponseOperation(RandomOperation):
    """Convolve a waveform with a recording; `content` stands for the recordings."""

    content: str
    responses: AudioClips = field(compare=False, repr=False)

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return a waveform of the same length and power."""
        index = int(rng.integers(len(self.responses)))
        response = read_recording(self.responses, index, sampling_rate)
        if not response.any():
            name = describe_recording(self.responses, index)
            raise AudioError(
                f"cannot be put into the room of {name}, which is silent. Drop that "
                "response."
            )
        return apply_response(waveform, response[np.abs(response).argmax() :])

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        return recordings_key(self, [self.seed, self.content])


def make_response(
    rt60: float, drr: float, sampling_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Return direct sound and a decaying tail of noise, as long as `rt60`."""
    n_samples = max(1, round(rt60 * sampling_rate))
    seconds = np.arange(1, n_samples + 1, dtype=np.float32) / np.float32(sampling_rate)
    tail = rng.standard_normal(n_samples, dtype=np.float32)
    tail *= np.exp(seconds * np.float32(-3 * np.log(10) / rt60))
    energy = np.sum(np.square(tail, dtype=np.float64))
    tail *= np.float32(np.sqrt(10 ** (-drr / 10) / energy))
    return np.concatenate([np.ones(1, dtype=np.float32), tail])


def apply_response(waveform: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Return a waveform in a room, with its length and its power."""
    n_samples = len(waveform)
    response = response[:n_samples]
    n_fft = scipy.fft.next_fast_len(n_samples + len(response) - 1, real=True)
    product = scipy.fft.rfft(waveform, n_fft) * scipy.fft.rfft(response, n_fft)
    heard = scipy.fft.irfft(product, n_fft)[:n_samples]
    powers = [np.sum(np.square(part, dtype=np.float64)) for part in (waveform, heard)]
    return heard * np.float32(np.sqrt(powers[0] / powers[1])) if powers[1] else waveform
