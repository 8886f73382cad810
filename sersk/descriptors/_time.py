"""Descriptors of the waveform itself."""

import numpy as np

from sersk.descriptors._framing import FrameSteps, frame_blocks, frame_count

_ZERO_CROSSING_THRESHOLD = 1e-10

# Entry n has the n lowest of 64 bits set.
_EARLIER_BITS = np.array([2**n - 1 for n in range(64)], dtype=np.uint64)


def zero_crossing_rate(
    waveform: np.ndarray,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
) -> np.ndarray:
    """Compute the share of samples at which the waveform changes its sign.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples; less than 1e-10 counts as zero, and zero as positive.
    frame_length, hop_length : int, default=2048 and 512
        Length of a frame and distance between frames, in samples.
    center : bool, default=True
        Whether frame t is centred at sample ``t * hop_length``.

    Returns
    -------
    rate : ndarray of float32 of shape (1, n_frames)
        Crossings per sample, as :func:`librosa.feature.zero_crossing_rate`.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import zero_crossing_rate
    >>> sign = np.tile([0.5, -0.5], 1024).astype(np.float32)
    >>> zero_crossing_rate(sign, frame_length=512, center=False)[0, 0]
    np.float32(0.9980469)
    """
    n_frames = frame_count(
        len(waveform), frame_length=frame_length, hop_length=hop_length, center=center
    )
    start = -(frame_length // 2) if center else 0
    # The first sample of a frame has no predecessor in it, so crossing i, which lies
    # between samples i and i + 1, counts where both are in the frame.
    edges = np.array([[start], [start + frame_length - 1]])
    edges = edges + np.arange(n_frames) * hop_length
    before, until = _count_crossings(waveform, edges)
    return np.divide(until - before, frame_length, dtype=np.float32)[np.newaxis]


def rms(
    waveform: np.ndarray,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
) -> np.ndarray:
    """Compute the root mean square of each frame.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    frame_length, hop_length : int, default=2048 and 512
        Length of a frame and distance between frames, in samples.
    center : bool, default=True
        Whether frame t is centred at sample ``t * hop_length``; the waveform is then
        padded with zeros.

    Returns
    -------
    level : ndarray of float32 of shape (1, n_frames)
        As :func:`librosa.feature.rms`.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import rms
    >>> rms(np.full(4096, 0.5), center=False)
    array([[0.5, 0.5, 0.5, 0.5, 0.5]], dtype=float32)
    """
    steps = FrameSteps(frame_length=frame_length, hop_length=hop_length, center=center)
    energy = np.empty(frame_count(len(waveform), **steps), dtype=np.float32)
    for rows, frames in frame_blocks(waveform, **steps):
        np.einsum("ij,ij->i", frames, frames, out=energy[rows])
    return np.sqrt(energy / frame_length)[np.newaxis]


def _count_crossings(waveform: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Count the samples before some positions whose successor has the other sign."""
    negative = waveform < -_ZERO_CROSSING_THRESHOLD
    # In words of 64 bits, so that the cumulative sum is short.
    crossings = np.zeros(64 * (len(waveform) // 64 + 1), dtype=bool)
    last = len(waveform) - 1
    np.not_equal(negative[1:], negative[:-1], out=crossings[:last])
    words = np.packbits(crossings, bitorder="little").view("<u8")
    n_crossings = np.bitwise_count(words)
    before = np.cumsum(n_crossings, dtype=np.int64) - n_crossings
    inside = np.minimum(np.maximum(positions, 0), last)
    word, bit = inside >> 6, inside & 63
    return before[word] + np.bitwise_count(words[word] & _EARLIER_BITS[bit])
