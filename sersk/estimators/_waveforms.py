"""Clips as a net hears them: cut, normalised, and padded batch by batch."""

from dataclasses import dataclass

import numpy as np

from sersk.audio import AudioClips
from sersk.estimators._fine_tuning_batches import Batch, make_batches
from sersk.utils import AudioWarning, progress_bar, warn_user

# Of all encoders that can be loaded, in Hz.
SAMPLING_RATE = 16_000
# Added to a standard deviation, and to a variance: the values of the reference codes.
_LEAST_DEVIATION = 1e-6
_LEAST_VARIANCE = 1e-7
# Of all seconds; beyond, a user should hear that clips were cut.
_SHARE_TO_REPORT = 0.05


@dataclass(frozen=True)
class Normalizer:
    """Shift and scale waveforms: all alike, each by its own statistics, or not at all.

    Parameters
    ----------
    kind : {"corpus", "clip"} or None
        Whose statistics.
    mean, deviation : float
        Of all samples of the training clips, where the kind is ``"corpus"``.
    """

    kind: str | None
    mean: float = 0.0
    deviation: float = 1.0

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """Return the waveform with zero mean and unit variance, or as it was."""
        if self.kind is None:
            return waveform
        if self.kind == "corpus":
            return (waveform - self.mean) / (self.deviation + _LEAST_DEVIATION)
        centred = waveform - waveform.mean()
        return centred / np.sqrt((centred**2).mean() + _LEAST_VARIANCE)


@dataclass(frozen=True)
class WaveformStatistics:
    """What reading all samples of clips tells of them."""

    mean: float
    deviation: float
    n_samples: int
    n_removed: int
    n_cut: int


@dataclass(frozen=True)
class WaveformReader:
    """How waveforms are given to a net.

    Parameters
    ----------
    normalizer : Normalizer
        What is done to each, after it was cut.
    longest : int
        Samples of a clip that are heard, from its beginning.
    shortest : int
        Samples to which shorter clips are padded with zeros.
    """

    normalizer: Normalizer
    longest: int
    shortest: int

    def read(self, clips: AudioClips, indices: np.ndarray, size: int) -> list[Batch]:
        """Return some clips in batches of a size, longest first to pad little."""
        return make_batches([self._hear(clips[int(index)]) for index in indices], size)

    def describe(self, length: int) -> str:
        """Say what samples of this number are, and which parameter bounds them."""
        seconds, crop = length / SAMPLING_RATE, self.longest / SAMPLING_RATE
        return f"a clip of {seconds:.2f} s (crop={crop:g})"

    def _hear(self, waveform: np.ndarray) -> np.ndarray:
        heard = self.normalizer(waveform[: self.longest])
        return np.pad(heard, (0, max(0, self.shortest - len(heard))))


def measure_waveforms(
    clips: AudioClips, indices: np.ndarray, longest: int
) -> WaveformStatistics:
    """Read clips, and return the mean and deviation of all samples that are heard.

    Parameters
    ----------
    clips : AudioClips
        At the rate of the encoder.
    indices : ndarray of int of shape (n_training,)
        Which of them.
    longest : int
        Samples of a clip that are heard.

    Returns
    -------
    statistics : WaveformStatistics
        Statistics in double precision, over all clips as if they were one.

    Raises
    ------
    AudioError
        If a clip cannot be read.
    """
    n_samples = n_removed = n_cut = 0
    mean = squares = 0.0
    with progress_bar(len(indices), description="reading", unit="clip") as bar:
        for index in indices:
            waveform = clips[int(index)]
            removed = max(0, len(waveform) - longest)
            n_removed += removed
            n_cut += removed > 0
            heard = waveform[:longest].astype(np.float64)
            bar.update()
            if not len(heard):
                continue
            # The update of Chan, Golub and LeVeque: no large sums are subtracted.
            total = n_samples + len(heard)
            own = heard.mean()
            shift = own - mean
            squares += ((heard - own) ** 2).sum()
            squares += shift**2 * n_samples * len(heard) / total
            mean += shift * len(heard) / total
            n_samples = total
    deviation = float(np.sqrt(squares / max(n_samples, 1)))
    return WaveformStatistics(float(mean), deviation, n_samples, n_removed, n_cut)


def warn_cut(known: WaveformStatistics, n_clips: int, seconds: float) -> None:
    """Warn where much of the training clips is never heard."""
    share = known.n_removed / max(known.n_samples + known.n_removed, 1)
    if share > _SHARE_TO_REPORT:
        warn_user(
            f"crop={seconds:g} removes {share:.0%} of all that the training clips hold "
            f"({known.n_cut} of {n_clips} clips are longer). Pass a greater crop, or "
            "cut clips into windows with WindowedClassifier.",
            AudioWarning,
        )
