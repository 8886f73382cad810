"""The mel scale and its filters, in librosa's definitions."""

import functools
from typing import NamedTuple

import numpy as np

# Bands that are close in frequency share most of their bins, so that a few small
# dense products cost a quarter of the one large, nearly empty one.
_BANDS_PER_GROUP = 16

# The error of a transform in single precision is about the same in all bins, so that
# it shows in bands that are faint beside the mean power of the frame: the error of a
# band is at most the root of this over its share of that mean. Measured on EmoDB and
# RAVDESS with frames of 400 to 2048 samples: at most 9e-5 where 1e-4 was expected.
_NOISE = 1.2e-13

# Slaney's scale is linear up to here, and logarithmic above.
_SLANEY_BREAK_HZ = 1000.0
_SLANEY_BREAK_MEL = 15.0
_SLANEY_HZ_PER_MEL = _SLANEY_BREAK_HZ / _SLANEY_BREAK_MEL
_SLANEY_LOG_STEP = np.log(6.4) / 27.0


class FilterGroup(NamedTuple):
    """Neighbouring bands and the bins that they need."""

    bands: slice
    bins: slice
    weights: np.ndarray


class FilterBands(NamedTuple):
    """All bands, and what a transform in single precision adds to each.

    The relative error of a band of some power, in a frame of some mean power a bin, is
    at most the root of ``noise * mean / power``.
    """

    groups: tuple[FilterGroup, ...]
    noise: np.ndarray


def hz_to_mel(frequency: float | np.ndarray, *, htk: bool = False) -> np.ndarray:
    """Convert hertz to mel.

    Parameters
    ----------
    frequency : float or ndarray
        In Hz.
    htk : bool, default=False
        Whether to use HTK's formula instead of Slaney's.

    Returns
    -------
    mel : ndarray
        In mel, the shape of the input.

    Examples
    --------
    >>> from sersk.descriptors import hz_to_mel
    >>> float(hz_to_mel(1000.0))
    15.0
    """
    frequency = np.asarray(frequency, dtype=np.float64)
    if htk:
        return 2595.0 * np.log10(1.0 + frequency / 700.0)
    linear = frequency / _SLANEY_HZ_PER_MEL
    ratio = np.maximum(frequency, _SLANEY_BREAK_HZ) / _SLANEY_BREAK_HZ
    above = _SLANEY_BREAK_MEL + np.log(ratio) / _SLANEY_LOG_STEP
    return np.where(frequency >= _SLANEY_BREAK_HZ, above, linear)


def mel_to_hz(mel: float | np.ndarray, *, htk: bool = False) -> np.ndarray:
    """Convert mel to hertz.

    Parameters
    ----------
    mel : float or ndarray
        In mel.
    htk : bool, default=False
        Whether to use HTK's formula instead of Slaney's.

    Returns
    -------
    frequency : ndarray
        In Hz, the shape of the input.

    Examples
    --------
    >>> from sersk.descriptors import mel_to_hz
    >>> float(mel_to_hz(15.0))
    1000.0
    """
    mel = np.asarray(mel, dtype=np.float64)
    if htk:
        return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    above = _SLANEY_BREAK_HZ * np.exp(_SLANEY_LOG_STEP * (mel - _SLANEY_BREAK_MEL))
    return np.where(mel >= _SLANEY_BREAK_MEL, above, mel * _SLANEY_HZ_PER_MEL)


@functools.lru_cache(maxsize=32)
def mel_filterbank(
    sampling_rate: int,
    n_fft: int,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
) -> np.ndarray:
    """Make triangular mel filters with Slaney's area normalisation.

    Parameters
    ----------
    sampling_rate : int
        Rate in Hz.
    n_fft : int
        Length of the transform in samples.
    n_mels : int, default=128
        Number of bands.
    fmin, fmax : float, default=0.0 and None
        Lowest and highest frequency in Hz; None stands for half the rate.
    htk : bool, default=False
        Whether to use HTK's mel scale instead of Slaney's.

    Returns
    -------
    filters : ndarray of float32 of shape (n_mels, 1 + n_fft // 2)
        As :func:`librosa.filters.mel`; read-only, since it is shared.

    Raises
    ------
    ValueError
        If not ``0 <= fmin < fmax <= sampling_rate / 2``.

    Examples
    --------
    >>> from sersk.descriptors import mel_filterbank
    >>> mel_filterbank(16_000, 512, n_mels=40).shape
    (40, 257)
    """
    nyquist = sampling_rate / 2
    highest = nyquist if fmax is None else fmax
    if not 0.0 <= fmin < highest <= nyquist:
        raise ValueError(
            f"fmin={fmin:g} and fmax={highest:g} Hz must satisfy 0 <= fmin < fmax <= "
            f"{nyquist:g} Hz, half the sampling rate."
        )
    limits = hz_to_mel(np.array([fmin, highest]), htk=htk)
    edges = mel_to_hz(np.linspace(limits[0], limits[1], n_mels + 2), htk=htk)
    bins = np.arange(1 + n_fft // 2) * (sampling_rate / n_fft)
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - lower) / (centre - lower)
    falling = (upper - bins) / (upper - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    filters = (triangles * (2.0 / (upper - lower))).astype(np.float32)
    filters.flags.writeable = False
    return filters


@functools.lru_cache(maxsize=32)
def mel_bands(
    sampling_rate: int,
    n_fft: int,
    n_mels: int,
    fmin: float,
    fmax: float | None,
    htk: bool,
) -> FilterBands:
    """Return the filters of :func:`mel_filterbank` in groups of neighbours."""
    filters = mel_filterbank(sampling_rate, n_fft, n_mels, fmin, fmax, htk)
    starts = range(0, n_mels, _BANDS_PER_GROUP)
    groups = [_group(filters, slice(s, s + _BANDS_PER_GROUP)) for s in starts]
    # Errors average out over the bins of a band. Narrow bands may hold no bin at all.
    n_bins = np.maximum(np.count_nonzero(filters, axis=1), 1)
    noise = _NOISE * filters.sum(axis=1) / n_bins**0.25
    return FilterBands(tuple(groups), noise.astype(np.float32))


def _group(filters: np.ndarray, bands: slice) -> FilterGroup:
    used = np.flatnonzero(filters[bands].any(axis=0))
    bins = slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, 1)
    return FilterGroup(bands, bins, np.ascontiguousarray(filters[bands, bins].T))
