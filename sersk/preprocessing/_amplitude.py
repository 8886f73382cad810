"""Giving all clips one level."""

from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np

from sersk.audio import Operation
from sersk.descriptors import integrated_loudness
from sersk.preprocessing._waveform_step import WaveformStep
from sersk.utils._sklearn import Interval, StrOptions

# Where a level is not given, in dB: full scale, 20 dB below it, and EBU R 128.
_LEVELS = {"peak": 0.0, "rms": -20.0, "loudness": -23.0}


def measure_amplitude(waveform: np.ndarray, method: str, sampling_rate: int) -> float:
    """Measure how large a waveform is, as an amplitude in which 1 is 0 dB.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    method : {"peak", "rms", "loudness"}
        What is measured.
    sampling_rate : int
        Rate in Hz.

    Returns
    -------
    amplitude : float
        0 for silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing._amplitude import measure_amplitude
    >>> waveform = np.array([0.0, -0.5, 0.5, 0.0], dtype=np.float32)
    >>> measure_amplitude(waveform, "peak", 16_000)
    0.5
    >>> round(measure_amplitude(waveform, "rms", 16_000), 4)
    0.3536
    """
    if method == "peak":
        return float(max(waveform.max(), -waveform.min()))
    if method == "rms":
        energy = np.einsum("i,i->", waveform, waveform, dtype=np.float64)
        return float(np.sqrt(energy / len(waveform)))
    return float(10 ** (integrated_loudness(waveform, sampling_rate) / 20))


@dataclass(frozen=True)
class Normalise(Operation):
    """Scale a waveform to a level in dB."""

    method: str
    level: float

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the waveform at its new level, and silence as it is."""
        amplitude = measure_amplitude(waveform, self.method, sampling_rate)
        divisor = np.float32(amplitude / 10 ** (self.level / 20))
        # As librosa.util.normalize: what is next to nothing stays what it is.
        if divisor < np.finfo(np.float32).tiny:
            return waveform
        return waveform / divisor


class NormalizeAmplitude(WaveformStep):
    """Scale each clip by one factor, so that all have the same level.

    Parameters
    ----------
    method : {"peak", "rms", "loudness"}, default="peak"
        What is brought to `level`: the largest absolute sample, the root mean square of
        all samples, or the integrated loudness by ITU-R BS.1770-4, which weights
        frequencies as one hears them and leaves pauses out.
    level : float, default=None
        Level in dB, between -100 and 20: of full scale for "peak" and "rms", in LUFS
        for "loudness". None stands for 0, -20 and -23.
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    sersk.descriptors.integrated_loudness : What "loudness" measures.

    Notes
    -----
    Each clip is scaled by itself, so nothing is learned, and how loud somebody spoke is
    lost: where speakers kept their distance to the microphone, that says much about
    anger and sadness. Silence stays silent. At levels of "rms" and "loudness" as high
    as those of music, peaks lie above full scale; samples are floats and keep their
    shape, but openSMILE clips them.

    ``method="peak"`` at level 0 is :func:`librosa.util.normalize`.

    Examples
    --------
    >>> from sersk.preprocessing import NormalizeAmplitude
    >>> NormalizeAmplitude().fit_transform([[0.25, -0.5, 0.125]])[0]
    array([ 0.5 , -1.  ,  0.25], dtype=float32)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **WaveformStep._parameter_constraints,
        "method": [StrOptions(set(_LEVELS))],
        "level": [Interval(Real, -100, 20, closed="both"), None],
    }

    def __init__(
        self,
        method: str = "peak",
        level: float | None = None,
        *,
        sampling_rate: int | None = None,
    ) -> None:
        super().__init__(sampling_rate=sampling_rate)
        self.method = method
        self.level = level

    def _operation(self) -> Operation:
        level = _LEVELS[self.method] if self.level is None else self.level
        return Normalise(self.method, float(level))

    def _check_rate(self, sampling_rate: int) -> None:
        if self.method == "loudness":
            integrated_loudness(np.zeros(1), sampling_rate)
