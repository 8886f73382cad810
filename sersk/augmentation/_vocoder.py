"""Changing the tempo of speech without its pitch, and the pitch without the tempo."""

import functools

import numpy as np
import scipy.fft

from sersk.audio import resample
from sersk.descriptors import get_window

_N_FFT, _HOP = 2048, 512
_OVERLAP = _N_FFT // _HOP
_TINY = np.finfo(np.float32).tiny


def stretch_time(waveform: np.ndarray, rate: float) -> np.ndarray:
    """Change the tempo of a waveform by a phase vocoder.

    Agrees with :func:`librosa.effects.time_stretch` in double precision.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    rate : float
        Factor of the tempo; above 1 is faster.

    Returns
    -------
    stretched : ndarray of float32 of shape (round(n_samples / rate),)
        At least one sample.
    """
    spectra = _stft(waveform)
    # What lies behind the last frame is silence.
    spectra = np.pad(spectra, ((0, 2), (0, 0)))
    steps = np.arange(0, len(spectra) - 2, rate)
    before = steps.astype(np.intp)
    share = (steps - before).astype(np.float32)[:, np.newaxis]
    magnitudes = np.abs(spectra)
    wanted = (1 - share) * magnitudes[before] + share * magnitudes[before + 1]
    turned = wanted * _phases(spectra, magnitudes, before)
    return _istft(turned, max(1, round(len(waveform) / rate)))


def shift_pitch(
    waveform: np.ndarray, sampling_rate: int, semitones: float
) -> np.ndarray:
    """Change the pitch of a waveform: stretch it, and play it faster or slower.

    Agrees with :func:`librosa.effects.pitch_shift` in double precision.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    sampling_rate : int
        Rate in Hz.
    semitones : float
        Shift; 12 is an octave up. Formants move along.

    Returns
    -------
    shifted : ndarray of float32 of shape (n_samples,)
        As long as before.
    """
    rate = 2 ** (-semitones / 12)
    stretched = stretch_time(waveform, rate)
    shifted = resample(stretched, sampling_rate / rate, sampling_rate)[: len(waveform)]
    return np.pad(shifted, (0, len(waveform) - len(shifted)))


def _phases(
    spectra: np.ndarray, magnitudes: np.ndarray, before: np.ndarray
) -> np.ndarray:
    """Return phases that advance from step to step as they do from frame to frame.

    They are complex numbers of length 1, whose products need no arc tangent.
    """
    phases = spectra * (1 / np.maximum(magnitudes, _TINY))
    phases[magnitudes <= _TINY] = 1
    advances = phases[before + 1] * np.conj(phases[before])
    advances = np.concatenate([phases[:1], advances[:-1]])
    return np.cumprod(advances, axis=0)


def _stft(waveform: np.ndarray) -> np.ndarray:
    """Return spectra of centred frames, complex64 of shape (n_frames, n_bins)."""
    padded = np.pad(waveform, _N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP]
    return scipy.fft.rfft(frames * _taper(), overwrite_x=True)


def _istft(spectra: np.ndarray, length: int) -> np.ndarray:
    """Return the waveform of some spectra, cut or padded to a length."""
    n_frames = min(len(spectra), -(-(length + _N_FFT) // _HOP))
    frames = scipy.fft.irfft(spectra[:n_frames], _N_FFT) * _taper()
    waveform = _overlap_add(frames)
    weights = _overlap_add(np.broadcast_to(_taper() ** 2, frames.shape))
    waveform /= np.where(weights > _TINY, weights, 1)
    cut = waveform[_N_FFT // 2 : _N_FFT // 2 + length]
    return np.pad(cut, (0, length - len(cut)))


def _overlap_add(frames: np.ndarray) -> np.ndarray:
    blocks = frames.reshape(len(frames), _OVERLAP, _HOP)
    total = np.zeros((len(frames) + _OVERLAP - 1, _HOP), dtype=np.float32)
    for part in range(_OVERLAP):
        total[part : part + len(frames)] += blocks[:, part]
    return total.ravel()


@functools.cache
def _taper() -> np.ndarray:
    return get_window("hann", _N_FFT).astype(np.float32)
