"""Decibels, cepstral coefficients and their changes over time."""

import functools
import math
from typing import Literal

import numpy as np
import scipy.fft

from sersk.descriptors._spectrum import mel_spectrogram

_AMIN = 1e-10


def power_to_db(
    power: np.ndarray, *, ref: float | str = 1.0, top_db: float | None = 80.0
) -> np.ndarray:
    """Convert power to decibels.

    Parameters
    ----------
    power : ndarray
        Power, such as :func:`mel_spectrogram` gives; less than 1e-10 counts as 1e-10.
    ref : float or "max", default=1.0
        Power of 0 dB; "max" stands for the largest one given.
    top_db : float or None, default=80.0
        Everything this far below the largest value is raised to it.

    Returns
    -------
    decibels : ndarray of float32
        As :func:`librosa.power_to_db`.

    Raises
    ------
    ValueError
        If `ref` or `top_db` is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import power_to_db
    >>> power_to_db(np.array([1.0, 0.1, 1e-12]), ref="max")
    array([  0., -10., -80.], dtype=float32)
    """
    reference = float(power.max()) if ref == "max" else float(ref)
    if reference < 0 or (top_db is not None and top_db < 0):
        raise ValueError(f"ref={ref!r} and top_db={top_db!r} must not be negative.")
    decibels = np.maximum(power, _AMIN)
    np.log10(decibels, out=decibels)
    decibels *= 10.0
    if reference != 1.0:
        decibels -= 10.0 * math.log10(max(reference, _AMIN))
    if top_db is not None:
        np.maximum(decibels, decibels.max() - top_db, out=decibels)
    return decibels.astype(np.float32, copy=False)


def cepstrum(log_mel: np.ndarray, *, n_mfcc: int = 20) -> np.ndarray:
    """Compute cepstral coefficients of a mel spectrogram in decibels.

    Parameters
    ----------
    log_mel : ndarray of shape (n_mels, n_frames)
        From :func:`power_to_db`.
    n_mfcc : int, default=20
        Number of coefficients, the zeroth included.

    Returns
    -------
    coefficients : ndarray of float32 of shape (n_mfcc, n_frames)
        First rows of the orthonormal discrete cosine transform of type II.

    Raises
    ------
    ValueError
        If there are fewer bands than coefficients.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import cepstrum
    >>> cepstrum(np.ones((4, 1), dtype=np.float32), n_mfcc=2).round(3)
    array([[2.],
           [0.]], dtype=float32)
    """
    n_mels = len(log_mel)
    if n_mfcc > n_mels:
        raise ValueError(f"n_mfcc={n_mfcc} needs at least as many mel bands: {n_mels}.")
    # In single precision the sum over bands of -100 dB is off by more than 1e-3.
    coefficients = log_mel.T.astype(np.float64) @ _cosines(n_mels, n_mfcc)
    return coefficients.astype(np.float32).T


def mfcc(
    waveform: np.ndarray,
    sampling_rate: int,
    *,
    n_mfcc: int = 20,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: str = "hann",
    center: bool = True,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
) -> np.ndarray:
    """Compute mel-frequency cepstral coefficients.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    sampling_rate : int
        Rate in Hz.
    n_mfcc : int, default=20
        Number of coefficients, the zeroth included.
    n_fft, hop_length, win_length, window, center, n_mels, fmin, fmax, htk
        See :func:`mel_spectrogram`.

    Returns
    -------
    coefficients : ndarray of float32 of shape (n_mfcc, n_frames)
        Agrees with :func:`librosa.feature.mfcc` to 1e-3.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import mfcc
    >>> mfcc(np.ones(48_000, dtype=np.float32), 16_000, n_mfcc=13).shape
    (13, 94)
    """
    mel = mel_spectrogram(
        waveform,
        sampling_rate,
        n_fft=n_fft,
        hop_length=hop_length,
        win_length=win_length,
        window=window,
        center=center,
        n_mels=n_mels,
        fmin=fmin,
        fmax=fmax,
        htk=htk,
    )
    return cepstrum(power_to_db(mel), n_mfcc=n_mfcc)


def delta(features: np.ndarray, *, width: int = 9, order: int = 1) -> np.ndarray:
    """Compute local slopes over time of some descriptors.

    Parameters
    ----------
    features : ndarray of shape (n_features, n_frames)
        Descriptors.
    width : int, default=9
        Odd number of frames to which a line (parabola, …) is fitted.
    order : int, default=1
        1 for slopes, 2 for curvatures.

    Returns
    -------
    change : ndarray of float32 of shape (n_features, n_frames)
        As :func:`librosa.feature.delta`. Fewer frames than `width`, which librosa
        refuses, are continued at both ends with their first and last value.

    Raises
    ------
    ValueError
        If `width` is even, less than 3 or not larger than `order`.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import delta
    >>> delta(np.arange(12.0)[np.newaxis] * 3.0)[0, :3].round(6)
    array([3., 3., 3.], dtype=float32)
    """
    from scipy.signal import savgol_filter

    if width < 3 or width % 2 == 0 or order >= width:
        raise ValueError(f"width={width} must be odd, at least 3 and above order.")
    edges: Literal["interp", "nearest"] = (
        "interp" if features.shape[-1] >= width else "nearest"
    )
    change = savgol_filter(
        features, width, polyorder=order, deriv=order, axis=-1, mode=edges
    )
    return change.astype(np.float32, copy=False)


@functools.lru_cache(maxsize=32)
def _cosines(n_mels: int, n_mfcc: int) -> np.ndarray:
    """Return the transposed matrix of the orthonormal cosine transform."""
    matrix = scipy.fft.dct(np.eye(n_mels), axis=0, norm="ortho")[:n_mfcc].T
    return np.ascontiguousarray(matrix)
