"""Formants: the resonances of the vocal tract, by linear prediction."""

import math
from typing import NamedTuple

import numpy as np
import scipy.fft

from sersk.descriptors._framing import frame
from sersk.descriptors._pitch import PitchTrack
from sersk.descriptors._window import get_window

N_FORMANTS = 3

# One formant about every 1100 Hz, as in a vocal tract of 16 cm; two poles each.
_HZ_PER_FORMANT = 1100.0
# Praat's: raises what is above this by 6 dB per octave.
_PREEMPHASIS_HZ = 50.0
# Poles closer to the ends of the spectrum shape it without being formants.
_MARGIN_HZ = 50.0
# Noise 90 dB below the signal: keeps the prediction of a pure tone from degenerating.
_WHITE_NOISE = 1e-9
_FRAMES_PER_BLOCK = 512


class Formants(NamedTuple):
    """The first three formants of a clip, frame by frame.

    Parameters
    ----------
    frequencies : ndarray of float32 of shape (3, n_frames)
        In Hz, increasing; NaN where a frame is not voiced or has fewer formants.
    bandwidths : ndarray of float32 of shape (3, n_frames)
        In Hz, at half the power.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import formants, track_pitch
    >>> silence = np.zeros(1_024)
    >>> formants(silence, track_pitch(silence, 16_000), 16_000).frequencies.shape
    (3, 3)
    """

    frequencies: np.ndarray
    bandwidths: np.ndarray


def formants(
    waveform: np.ndarray,
    track: PitchTrack,
    sampling_rate: int,
    *,
    max_frequency: float = 5500.0,
) -> Formants:
    """Find the first three formants of voiced frames by linear prediction.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    track : PitchTrack
        From :func:`track_pitch`; formants have its frames.
    sampling_rate : int
        Rate in Hz.
    max_frequency : float, default=5500.0
        Only what is below this, or below half the rate, is predicted, with two poles
        for every 1100 Hz. Praat's manual advises 5500 Hz for women and 5000 Hz for men.

    Returns
    -------
    formants : Formants
        Frequencies and bandwidths in Hz.

    Notes
    -----
    The autocorrelation of each frame, through a Hann window, is computed from its
    power below `max_frequency` alone, which is selective linear prediction (Makhoul
    1975) and spares resampling; pre-emphasis by ``1 - exp(-2 pi 50 / rate) / z`` is
    applied to the power too. A pole z of the predictor is a formant of frequency
    ``arg(z) rate / 2 pi`` and bandwidth ``-ln|z| rate / pi`` if it lies at least 50 Hz
    from both ends of the spectrum, as in Praat.

    References
    ----------
    J. Makhoul: Spectral linear prediction: properties and applications. IEEE
    Transactions on Acoustics, Speech, and Signal Processing 23(3), 283-296, 1975.

    J. D. Markel and A. H. Gray: Linear Prediction of Speech. Springer, 1976.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.signal import lfilter
    >>> from sersk.descriptors import formants, track_pitch
    >>> pulses = (np.arange(16_000) % 160 == 0).astype(float)
    >>> pole = np.exp((-60 + 2j * 700) * np.pi / 16_000)
    >>> vowel = lfilter([1], np.poly([pole, pole.conj()]).real, pulses)
    >>> first = formants(vowel, track_pitch(vowel, 16_000), 16_000).frequencies[0]
    >>> bool(abs(np.nanmedian(first) - 700) < 25)
    True
    """
    found = np.full((2, N_FORMANTS, len(track.f0)), np.nan, dtype=np.float32)
    voiced = np.flatnonzero(np.isfinite(track.f0))
    frames = frame(
        np.asarray(waveform),
        frame_length=track.frame_length,
        hop_length=track.hop_length,
    )
    for first in range(0, len(voiced), _FRAMES_PER_BLOCK):
        block = voiced[first : first + _FRAMES_PER_BLOCK]
        correlation, rate = _low_band_autocorrelation(
            frames[block], sampling_rate, max_frequency
        )
        poles = _poles(_predictors(correlation))
        found[:, :, block] = _lowest_formants(poles, rate)
    return Formants(*found)


def _low_band_autocorrelation(
    frames: np.ndarray, sampling_rate: int, max_frequency: float
) -> tuple[np.ndarray, float]:
    """Return autocorrelations of what is below a frequency, and the rate they have."""
    length = frames.shape[1]
    tapered = frames * get_window("hann", length)
    size = scipy.fft.next_fast_len(2 * length, real=True)
    n_bins = 1 + min(int(max_frequency * size / sampling_rate), size // 2)
    power = np.square(np.abs(scipy.fft.rfft(tapered, size)[:, :n_bins]))
    angle = 2 * np.pi * np.arange(n_bins) / size
    share = math.exp(-2 * np.pi * _PREEMPHASIS_HZ / sampling_rate)
    power *= 1.0 + share * share - 2.0 * share * np.cos(angle)
    rate = 2.0 * (n_bins - 1) * sampling_rate / size
    order = 2 * max(round(rate / 2 / _HZ_PER_FORMANT), 1)
    correlation = scipy.fft.irfft(power, 2 * (n_bins - 1))[:, : order + 1]
    correlation[:, 0] *= 1.0 + _WHITE_NOISE
    return correlation, rate


def _predictors(correlation: np.ndarray) -> np.ndarray:
    """Return polynomials of linear prediction by Levinson's recursion, one a row."""
    order = correlation.shape[1] - 1
    predictor = np.zeros_like(correlation)
    predictor[:, 0] = 1.0
    error = correlation[:, 0].copy()
    for n in range(1, order + 1):
        product = np.einsum("ij,ij->i", predictor[:, :n], correlation[:, n:0:-1])
        reflection = -product / error
        predictor[:, 1 : n + 1] += reflection[:, np.newaxis] * predictor[:, n - 1 :: -1]
        error *= 1.0 - reflection * reflection
    return predictor


def _poles(predictors: np.ndarray) -> np.ndarray:
    """Return the roots of polynomials that begin with 1, one row each."""
    n_rows, n_terms = predictors.shape
    companions = np.zeros((n_rows, n_terms - 1, n_terms - 1))
    companions[:, 0] = -predictors[:, 1:]
    below = np.arange(n_terms - 2)
    companions[:, below + 1, below] = 1.0
    return np.linalg.eigvals(companions)


def _lowest_formants(poles: np.ndarray, rate: float) -> np.ndarray:
    """Return frequencies and bandwidths, of shape (2, 3, n_frames); NaN for none."""
    frequency = np.angle(poles) * (rate / (2 * np.pi))
    bandwidth = -np.log(np.maximum(np.abs(poles), 1e-12)) * (rate / np.pi)
    is_formant = (frequency >= _MARGIN_HZ) & (frequency <= rate / 2 - _MARGIN_HZ)
    is_formant &= bandwidth > 0.0
    frequency = np.where(is_formant, frequency, np.inf)
    lowest = np.argsort(frequency, axis=1)[:, :N_FORMANTS]
    both = [np.take_along_axis(one, lowest, axis=1) for one in (frequency, bandwidth)]
    kept = np.isfinite(both[0])
    found = np.full((2, N_FORMANTS, len(poles)), np.nan)
    found[:, : lowest.shape[1]] = [np.where(kept, one, np.nan).T for one in both]
    return found
