"""Augmenters that add noise at a signal-to-noise ratio."""

from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import scipy.fft

from sersk.audio import AudioClips, check_clips
from sersk.augmentation._base import BaseAugmenter, RandomOperation, Span, check_span
from sersk.utils import AudioError, canonical_json, sha256
from sersk.utils._sklearn import StrOptions

# Power falls with this power of the frequency: 0, 3 and 6 dB per octave.
_SLOPES = {"white": 0, "pink": 1, "brown": 2}
_FEWEST_SAMPLES = 16


class AddNoise(BaseAugmenter):
    """Add synthetic noise at a signal-to-noise ratio.

    Parameters
    ----------
    snr : float or (float, float), default=(10.0, 30.0)
        Ratio in dB, or the lowest and the highest between which it is drawn.
    color : {"white", "pink", "brown"}, default="white"
        Whether the power of the noise is the same at all frequencies, or falls by 3 or
        6 dB per octave.

    See Also
    --------
    AddBackgroundNoise : Noise from recordings.

    Notes
    -----
    The ratio is that of the mean power of the clip, pauses included, to the mean power
    of what is added to it, and is exact. A silent clip stays silent. What exceeds full
    scale stays as it is, since clipping it would change the ratio.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import AddNoise
    >>> tone = np.sin(np.arange(16_000) / 10)
    >>> clips = AudioClips.from_arrays([tone], sampling_rate=16_000)
    >>> noise = clips.apply(AddNoise(20, color="pink").operation(seed=0))[0] - tone
    >>> round(float(10 * np.log10(np.mean(tone**2) / np.mean(noise**2))), 3)
    20.0
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "snr": [Real, tuple, list],
        "color": [StrOptions(set(_SLOPES))],
    }

    def __init__(
        self, snr: float | tuple[float, float] = (10.0, 30.0), *, color: str = "white"
    ) -> None:
        self.snr = snr
        self.color = color

    def _make_operation(self, seed: int) -> "NoiseOperation":
        return NoiseOperation(seed, _check_snr(self.snr), self.color)


@dataclass(frozen=True)
class NoiseOperation(RandomOperation):
    """Add noise of a colour to a waveform; `snr` in dB."""

    snr: Span
    color: str

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the waveform with noise."""
        snr = rng.uniform(*self.snr)
        return mix(waveform, make_noise(len(waveform), self.color, rng), snr)


class AddBackgroundNoise(BaseAugmenter):
    """Add noise from recordings at a signal-to-noise ratio.

    For each clip one recording is drawn, and of that a part as long as the clip; a
    shorter recording is repeated.

    Parameters
    ----------
    noises : clips
        Recordings of noise, see :func:`sersk.check_clips`. They are brought to the
        rate of the clip; arrays are taken to be at 16 kHz.
    snr : float or (float, float), default=(5.0, 20.0)
        Ratio in dB, or the lowest and the highest between which it is drawn.

    See Also
    --------
    AddNoise : Noise that needs no recording.

    Notes
    -----
    The ratio is that of :class:`AddNoise`. A part of a noise that is silent is an
    :class:`~sersk.AudioError`. A recording is read as a whole for each clip it is
    added to: cut long ones into parts by `start` and `end`. Noise that is to test a
    system must not be among the noise that trains it.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import AddBackgroundNoise
    >>> low = np.sin(np.arange(8_000) / 50)
    >>> hum = AudioClips.from_arrays([low], sampling_rate=8_000)
    >>> tone = np.sin(np.arange(16_000) / 10)
    >>> clips = AudioClips.from_arrays([tone], sampling_rate=16_000)
    >>> mixed = clips.apply(AddBackgroundNoise(hum, snr=10).operation(seed=0))[0]
    >>> round(float(10 * np.log10(np.mean(tone**2) / np.mean((mixed - tone) ** 2))), 3)
    10.0
    """

    _parameter_constraints: ClassVar[dict] = {
        "noises": "no_validation",
        "snr": [Real, tuple, list],
    }

    def __init__(
        self, noises: Any, snr: float | tuple[float, float] = (5.0, 20.0)
    ) -> None:
        self.noises = noises
        self.snr = snr

    def _make_operation(self, seed: int) -> "BackgroundNoiseOperation":
        noises, content = check_recordings("noises", self.noises)
        return BackgroundNoiseOperation(seed, _check_snr(self.snr), content, noises)


@dataclass(frozen=True)
class BackgroundNoiseOperation(RandomOperation):
    """Add a part of a recording to a waveform; `content` stands for the recordings."""

    snr: Span
    content: str
    noises: AudioClips = field(compare=False, repr=False)

    def change(
        self, waveform: np.ndarray, sampling_rate: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the waveform with noise."""
        index = int(rng.integers(len(self.noises)))
        noise = read_recording(self.noises, index, sampling_rate)
        start = int(rng.integers(len(noise)))
        part = noise[(start + np.arange(len(waveform))) % len(noise)]
        if not part.any():
            name = describe_recording(self.noises, index)
            raise AudioError(
                f"gets {len(part) / sampling_rate:.3f} s of noise {name}, from "
                f"{start / sampling_rate:.3f} s, which are silent, so that there is no "
                "signal-to-noise ratio. Drop that noise, or cut the silence off."
            )
        return mix(waveform, part, rng.uniform(*self.snr))

    @property
    def key(self) -> str:
        """Text that differs whenever the result can differ."""
        return recordings_key(self, [self.seed, self.content, self.snr])


def mix(waveform: np.ndarray, noise: np.ndarray, snr: float) -> np.ndarray:
    """Return a waveform plus noise that is scaled to a ratio in dB."""
    powers = [np.mean(np.square(part, dtype=np.float64)) for part in (waveform, noise)]
    if not powers[0] or not powers[1]:
        return waveform
    scale = np.sqrt(powers[0] / powers[1]) * 10 ** (-snr / 20)
    return waveform + np.float32(scale) * noise


def make_noise(n_samples: int, color: str, rng: np.random.Generator) -> np.ndarray:
    """Return noise of a colour, float32 of shape (n_samples,) and any level."""
    if not _SLOPES[color]:
        return rng.standard_normal(n_samples, dtype=np.float32)
    n_fft = scipy.fft.next_fast_len(max(n_samples, _FEWEST_SAMPLES), real=True)
    spectrum = rng.standard_normal((n_fft // 2 + 1, 2), dtype=np.float32)
    frequencies = np.arange(1, len(spectrum), dtype=np.float32)
    spectrum[0] = 0
    spectrum[1:] *= (frequencies ** (-_SLOPES[color] / 2))[:, np.newaxis]
    noise = scipy.fft.irfft(spectrum.view(np.complex64)[:, 0], n_fft)
    return noise[:n_samples].astype(np.float32, copy=False)


def check_recordings(name: str, recordings: Any) -> tuple[AudioClips, str]:
    """Return recordings that clips are changed by, and a digest of them, or raise."""
    try:
        # Those that are clips already keep their rate.
        is_clips = isinstance(recordings, AudioClips)
        clips = recordings if is_clips else check_clips(recordings)
        content = sha256(*clips.digests)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} cannot be used: {error}") from error
    if not len(clips):
        raise ValueError(f"{name} is empty. Pass at least one recording.")
    return clips, content


def read_recording(
    recordings: AudioClips, index: int, sampling_rate: int
) -> np.ndarray:
    """Return a recording at a rate, or raise a phrase that follows a clip's name."""
    try:
        return recordings.resample(sampling_rate).read(index).samples
    except AudioError as error:
        name = describe_recording(recordings, index)
        raise AudioError(f"cannot be changed by {name}, which {error}") from error


def recordings_key(operation: RandomOperation, fields: list) -> str:
    """Return a key of all fields but the recordings, for which their digest stands."""
    kind = type(operation)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return canonical_json([name, kind.version, fields, f"numpy {np.__version__}"])


def describe_recording(recordings: AudioClips, index: int) -> str:
    """Name a recording as the second party of an error message."""
    return recordings.describe(index).replace("Clip", "recording", 1)


def _check_snr(snr: Any) -> Span:
    return check_span("snr", snr, least=-100, most=200)
