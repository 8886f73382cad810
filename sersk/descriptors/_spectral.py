"""The shape of a spectrum, in librosa's definitions.

All take a spectrogram, so that they can share one.
"""

import functools
from typing import NamedTuple

import numpy as np

from sersk.descriptors._cepstrum import power_to_db

_AMIN = 1e-10
_CONTRAST_FMIN = 200.0
_CONTRAST_BANDS = 6
_CONTRAST_QUANTILE = 0.02


class _Band(NamedTuple):
    """Neighbouring bins, and how many of them are its peaks, or its valleys."""

    bins: slice
    n_extreme: int


def spectral_centroid(
    magnitude: np.ndarray, sampling_rate: int, *, n_fft: int | None = None
) -> np.ndarray:
    """Compute the mean frequency of each frame.

    Parameters
    ----------
    magnitude : ndarray of shape (n_bins, n_frames)
        Magnitudes of a short-time Fourier transform, such as the root of what
        :func:`power_spectrogram` gives.
    sampling_rate : int
        Rate in Hz.
    n_fft : int or None, default=None
        Length of the transform; None stands for ``2 * (n_bins - 1)``.

    Returns
    -------
    centroid : ndarray of float32 of shape (1, n_frames)
        In Hz, as :func:`librosa.feature.spectral_centroid`; 0 in silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import spectral_centroid
    >>> spectral_centroid(np.array([[0.0], [1.0], [3.0]]), 8_000)
    array([[3500.]], dtype=float32)
    """
    frequencies = _frequencies(magnitude, sampling_rate, n_fft)
    return _as_row(_mean(magnitude.T, frequencies))


def spectral_bandwidth(
    magnitude: np.ndarray, sampling_rate: int, *, n_fft: int | None = None
) -> np.ndarray:
    """Compute the standard deviation of frequency in each frame.

    Parameters
    ----------
    magnitude : ndarray of shape (n_bins, n_frames)
        See :func:`spectral_centroid`.
    sampling_rate : int
        Rate in Hz.
    n_fft : int or None, default=None
        Length of the transform; None stands for ``2 * (n_bins - 1)``.

    Returns
    -------
    bandwidth : ndarray of float32 of shape (1, n_frames)
        In Hz, as :func:`librosa.feature.spectral_bandwidth`; 0 in silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import spectral_bandwidth
    >>> spectral_bandwidth(np.array([[1.0], [0.0], [1.0]]), 8_000)
    array([[2000.]], dtype=float32)
    """
    frequencies = _frequencies(magnitude, sampling_rate, n_fft)
    frames = magnitude.T
    distance = frequencies - _mean(frames, frequencies)[:, np.newaxis]
    np.square(distance, out=distance)
    spread = np.einsum("ij,ij->i", frames, distance) / _total(frames)
    return _as_row(np.sqrt(spread))


def spectral_rolloff(
    magnitude: np.ndarray,
    sampling_rate: int,
    *,
    n_fft: int | None = None,
    share: float = 0.85,
) -> np.ndarray:
    """Compute the frequency below which a share of the magnitude of a frame lies.

    Parameters
    ----------
    magnitude : ndarray of shape (n_bins, n_frames)
        See :func:`spectral_centroid`.
    sampling_rate : int
        Rate in Hz.
    n_fft : int or None, default=None
        Length of the transform; None stands for ``2 * (n_bins - 1)``.
    share : float, default=0.85
        Between 0 and 1.

    Returns
    -------
    rolloff : ndarray of float32 of shape (1, n_frames)
        In Hz, as :func:`librosa.feature.spectral_rolloff`; 0 in silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import spectral_rolloff
    >>> spectral_rolloff(np.array([[5.0], [4.0], [1.0]]), 8_000)
    array([[2000.]], dtype=float32)
    """
    frequencies = _frequencies(magnitude, sampling_rate, n_fft)
    below = np.cumsum(magnitude.T, axis=1, dtype=np.float64)
    place = np.argmax(below >= share * below[:, -1:], axis=1)
    return _as_row(frequencies[place])


def spectral_flux(magnitude: np.ndarray) -> np.ndarray:
    """Compute how much the shape of the spectrum changes from frame to frame.

    Parameters
    ----------
    magnitude : ndarray of shape (n_bins, n_frames)
        See :func:`spectral_centroid`.

    Returns
    -------
    flux : ndarray of float32 of shape (1, n_frames)
        Euclidean distance of the magnitudes of a frame from those of the frame
        before, both scaled to a length of 1, so that loudness plays no part: between 0
        and the root of 2. 0 in the first frame; a silent frame has a length of 0.

    References
    ----------
    E. Scheirer and M. Slaney: Construction and evaluation of a robust multifeature
    speech/music discriminator. ICASSP, 1331-1334, 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import spectral_flux
    >>> spectral_flux(np.array([[2.0, 4.0, 0.0], [0.0, 0.0, 1.0]])).round(3)
    array([[0.   , 0.   , 1.414]], dtype=float32)
    """
    frames = magnitude.T
    length = np.sqrt(np.einsum("ij,ij->i", frames, frames))
    length[length == 0.0] = 1.0
    change = np.diff(frames / length[:, np.newaxis], axis=0)
    flux = np.zeros(len(frames), dtype=np.float32)
    flux[1:] = np.sqrt(np.einsum("ij,ij->i", change, change))
    return flux[np.newaxis]


def spectral_flatness(power: np.ndarray) -> np.ndarray:
    """Compute how much the spectrum of each frame is like that of white noise.

    Parameters
    ----------
    power : ndarray of shape (n_bins, n_frames)
        From :func:`power_spectrogram`; less than 1e-10 counts as 1e-10.

    Returns
    -------
    flatness : ndarray of float32 of shape (1, n_frames)
        Geometric over arithmetic mean of power, between 0 and 1, as
        :func:`librosa.feature.spectral_flatness`; 1 in silence.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import spectral_flatness
    >>> spectral_flatness(np.array([[1.0, 1.0], [1.0, 4.0]]))
    array([[1. , 0.8]], dtype=float32)
    """
    frames = np.maximum(power.T, _AMIN)
    mean = frames.mean(axis=1, dtype=np.float64)
    return _as_row(np.exp(np.log(frames).mean(axis=1, dtype=np.float64)) / mean)


def spectral_contrast(
    magnitude: np.ndarray, sampling_rate: int, *, n_fft: int | None = None
) -> np.ndarray:
    """Compute how far peaks rise above valleys in bands of an octave.

    Parameters
    ----------
    magnitude : ndarray of shape (n_bins, n_frames)
        See :func:`spectral_centroid`.
    sampling_rate : int
        Rate in Hz.
    n_fft : int or None, default=None
        Length of the transform; None stands for ``2 * (n_bins - 1)``.

    Returns
    -------
    contrast : ndarray of float32 of shape (n_bands, n_frames)
        In dB: the mean of the highest 2 % of a band over that of the lowest. The
        first band ends at 200 Hz, the last at half the rate. As
        :func:`librosa.feature.spectral_contrast`, with fewer than its 7 bands at low
        rates, which it refuses.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import spectral_contrast
    >>> spectral_contrast(np.ones((513, 2)), 16_000).shape
    (7, 2)
    """
    size = n_fft or 2 * (len(magnitude) - 1)
    frames = np.ascontiguousarray(magnitude.T)
    bands = _octaves(sampling_rate, size, frames.shape[1])
    extremes = np.empty((2, len(bands), len(frames)), dtype=np.float32)
    for number, (bins, count) in enumerate(bands):
        last = bins.stop - bins.start - 1
        ordered = np.partition(frames[:, bins], (count - 1, last - count + 1), axis=1)
        extremes[0, number] = ordered[:, -count:].mean(axis=1)
        extremes[1, number] = ordered[:, :count].mean(axis=1)
    return power_to_db(extremes[0]) - power_to_db(extremes[1])


def contrast_band_count(sampling_rate: int) -> int:
    """Count the bands of :func:`spectral_contrast`.

    Parameters
    ----------
    sampling_rate : int
        Rate in Hz.

    Returns
    -------
    n_bands : int
        How many bands begin below half the rate, 7 at most.

    Examples
    --------
    >>> from sersk.descriptors import contrast_band_count
    >>> contrast_band_count(16_000), contrast_band_count(8_000)
    (7, 6)
    """
    edges = _CONTRAST_FMIN * 2.0 ** np.arange(_CONTRAST_BANDS)
    return 1 + int(np.count_nonzero(edges < sampling_rate / 2))


@functools.lru_cache(maxsize=32)
def _octaves(sampling_rate: int, n_fft: int, n_bins: int) -> tuple[_Band, ...]:
    """Return the bins of the bands of an octave."""
    n_bands = contrast_band_count(sampling_rate)
    edges = [0.0, *(_CONTRAST_FMIN * 2.0 ** np.arange(n_bands))]
    frequencies = np.arange(n_bins) * (sampling_rate / n_fft)
    bands = []
    for number in range(n_bands):
        start = int(np.searchsorted(frequencies, edges[number]))
        stop = int(np.searchsorted(frequencies, edges[number + 1], side="right"))
        is_last = number == n_bands - 1
        # As in librosa, a band begins with the last bin before it and leaves its own
        # last bin to the next. A short transform may have no bin of its own there.
        start = min(max(start - 1, 0), n_bins - 1)
        stop = n_bins if is_last else stop
        count = max(round(_CONTRAST_QUANTILE * (stop - start)), 1)
        stop = max(stop if is_last else stop - 1, start + 1)
        bands.append(_Band(slice(start, stop), count))
    return tuple(bands)


def _frequencies(
    magnitude: np.ndarray, sampling_rate: int, n_fft: int | None
) -> np.ndarray:
    size = n_fft or 2 * (len(magnitude) - 1)
    return (np.arange(len(magnitude)) * (sampling_rate / size)).astype(np.float32)


def _total(frames: np.ndarray) -> np.ndarray:
    """Return the sum of each frame, 1 for a silent one."""
    total = frames.sum(axis=1)
    return np.where(total > np.finfo(np.float32).tiny, total, 1.0)


def _mean(frames: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    return (frames @ frequencies) / _total(frames)


def _as_row(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)[np.newaxis]
