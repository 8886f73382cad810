"""How power is spread over the twelve pitch classes."""

import functools

import numpy as np

N_CHROMA = 12

# librosa's and Ellis's: filters fade out by a Gaussian two octaves wide around the
# fifth octave above 27.5 Hz.
_LOWEST_A = 27.5
_CENTRE_OCTAVE = 5.0
_OCTAVE_WIDTH = 2.0
# The first filter is for C, three semitones above A.
_C_ABOVE_A = 3


def chroma(
    power: np.ndarray, sampling_rate: int, *, n_fft: int | None = None
) -> np.ndarray:
    """Compute the power of each of the twelve pitch classes.

    Parameters
    ----------
    power : ndarray of shape (n_bins, n_frames)
        From :func:`power_spectrogram`.
    sampling_rate : int
        Rate in Hz.
    n_fft : int or None, default=None
        Length of the transform; None stands for ``2 * (n_bins - 1)``.

    Returns
    -------
    chroma : ndarray of float32 of shape (12, n_frames)
        From C to B, the largest of a frame being 1; all are 0 in silence. As
        :func:`librosa.feature.chroma_stft` with ``tuning=0``: speech is in no tuning.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import chroma, power_spectrogram
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype("f4")
    >>> int(chroma(power_spectrogram(tone), 16_000)[:, 10].argmax())  # A
    9
    """
    size = n_fft or 2 * (len(power) - 1)
    classes = power.T @ chroma_filterbank(sampling_rate, size).T
    largest = classes.max(axis=1, keepdims=True)
    classes /= np.where(largest > np.finfo(np.float32).tiny, largest, 1.0)
    return classes.astype(np.float32, copy=False).T


@functools.lru_cache(maxsize=32)
def chroma_filterbank(sampling_rate: int, n_fft: int) -> np.ndarray:
    """Make the filters of the twelve pitch classes.

    Parameters
    ----------
    sampling_rate : int
        Rate in Hz.
    n_fft : int
        Length of the transform in samples.

    Returns
    -------
    filters : ndarray of float32 of shape (12, 1 + n_fft // 2)
        As :func:`librosa.filters.chroma`; read-only, since it is shared.

    Examples
    --------
    >>> from sersk.descriptors import chroma_filterbank
    >>> chroma_filterbank(16_000, 512).shape
    (12, 257)
    """
    frequencies = np.arange(1, n_fft) * (sampling_rate / n_fft)
    semitones = N_CHROMA * np.log2(frequencies / _LOWEST_A)
    # 0 Hz has no pitch: an octave and a half below the first bin, and as broad.
    semitones = np.concatenate([[semitones[0] - 1.5 * N_CHROMA], semitones])
    widths = np.append(np.maximum(np.diff(semitones), 1.0), 1.0)
    distance = semitones - np.arange(N_CHROMA)[:, np.newaxis]
    half = N_CHROMA / 2
    distance = np.remainder(distance + half, N_CHROMA) - half
    bumps = np.exp(-0.5 * (2.0 * distance / widths) ** 2)
    bumps /= np.maximum(np.linalg.norm(bumps, axis=0), np.finfo(np.float64).tiny)
    octaves = semitones / N_CHROMA
    bumps *= np.exp(-0.5 * ((octaves - _CENTRE_OCTAVE) / _OCTAVE_WIDTH) ** 2)
    filters = np.roll(bumps, -_C_ABOVE_A, axis=0)[:, : 1 + n_fft // 2]
    filters = np.ascontiguousarray(filters, dtype=np.float32)
    filters.flags.writeable = False
    return filters
