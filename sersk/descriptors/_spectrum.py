"""One short-time Fourier transform for all descriptors that need a spectrum.

Arrays are laid out with frames first while they are computed, which is how memory
likes them, and returned with frames last, which is how librosa shows them.
"""

import functools
from typing import NamedTuple

import numpy as np
import scipy.fft

from sersk.descriptors._framing import FrameSteps, frame_blocks, frame_count
from sersk.descriptors._mel import FilterBands, mel_bands
from sersk.descriptors._scratch import aligned, borrow
from sersk.descriptors._window import get_window


class Taper(NamedTuple):
    """A window in both precisions."""

    single: np.ndarray
    double: np.ndarray


def power_spectrogram(
    waveform: np.ndarray,
    *,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: str = "hann",
    center: bool = True,
) -> np.ndarray:
    """Compute the power of a short-time Fourier transform.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    n_fft : int, default=2048
        Length of the transform in samples.
    hop_length : int, default=512
        Distance between frames in samples.
    win_length : int, default=None
        Length of the window in samples, `n_fft` by default; a shorter window is
        padded with zeros on both sides.
    window : str, default="hann"
        Name of a window of :func:`scipy.signal.get_window`.
    center : bool, default=True
        Whether frame t is centred at sample ``t * hop_length``; the waveform is then
        padded with zeros.

    Returns
    -------
    power : ndarray of float32 of shape (1 + n_fft // 2, n_frames)
        Squared magnitudes, as ``numpy.abs(librosa.stft(waveform)) ** 2``.

    See Also
    --------
    mel_spectrogram : The same in mel bands, without ever holding the whole of this.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import power_spectrogram
    >>> power_spectrogram(np.ones(1024, dtype=np.float32), n_fft=512).shape
    (257, 3)
    """
    taper = _window(window, win_length or n_fft, n_fft)
    steps = FrameSteps(frame_length=n_fft, hop_length=hop_length, center=center)
    n_frames = frame_count(len(waveform), **steps)
    power = np.empty((n_frames, 1 + n_fft // 2), dtype=np.float32)
    for rows, frames in frame_blocks(waveform, **steps):
        _power(frames, taper, out=power[rows])
    return power.T


def mel_spectrogram(
    waveform: np.ndarray,
    sampling_rate: int,
    *,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: str = "hann",
    center: bool = True,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    rtol: float = 1e-4,
    power_out: np.ndarray | None = None,
) -> np.ndarray:
    """Compute the power in mel bands.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    sampling_rate : int
        Rate in Hz.
    n_fft, hop_length, win_length, window, center
        See :func:`power_spectrogram`.
    n_mels : int, default=128
        Number of bands.
    fmin, fmax : float, default=0.0 and None
        Lowest and highest frequency in Hz; None stands for half the rate.
    htk : bool, default=False
        Whether to use HTK's mel scale instead of Slaney's.
    rtol : float, default=1e-4
        Relative error that the faintest bands of a frame may have, above 0.
    power_out : ndarray of float32 of shape (n_frames, 1 + n_fft // 2), default=None
        Memory in which to leave the power that is computed on the way: that of
        :func:`power_spectrogram`, with frames first.

    Returns
    -------
    power : ndarray of float32 of shape (n_mels, n_frames)
        Agrees with :func:`librosa.feature.melspectrogram` to `rtol` in every cell,
        cells 70 dB below the loudest included.

    Raises
    ------
    ValueError
        If the bands do not fit between 0 and half the rate.

    Notes
    -----
    Filters have Slaney's area normalisation. The transform runs in single precision,
    and again in double for frames with bands so faint that their error could be above
    `rtol`: of recorded speech one frame in ten by default, and none with ``rtol=1e-3``.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import mel_spectrogram
    >>> mel_spectrogram(np.ones(48_000, dtype=np.float32), 16_000).shape
    (128, 94)
    """
    bands = mel_bands(sampling_rate, n_fft, n_mels, fmin, fmax, htk)
    taper = _window(window, win_length or n_fft, n_fft)
    steps = FrameSteps(frame_length=n_fft, hop_length=hop_length, center=center)
    mel = np.empty((frame_count(len(waveform), **steps), n_mels), dtype=np.float32)
    for rows, frames in frame_blocks(waveform, **steps):
        if power_out is None:
            power = borrow("power", (len(frames), 1 + n_fft // 2))
        else:
            power = power_out[rows]
        _power(frames, taper, out=power)
        _project(power, bands, out=mel[rows])
        lossy = _lossy(mel[rows], power, bands, rtol)
        if len(lossy):
            mel[rows][lossy] = _precise_mel(frames[lossy], taper, bands)
    return mel.T


def _power(frames: np.ndarray, taper: Taper, out: np.ndarray) -> None:
    """Compute the power of some frames in single precision."""
    tapered = borrow("tapered", frames.shape)
    np.multiply(frames, taper.single, out=tapered)
    np.abs(scipy.fft.rfft(tapered), out=out)
    np.square(out, out=out)


def _project(power: np.ndarray, bands: FilterBands, out: np.ndarray) -> None:
    """Sum power into mel bands, group by group: each needs few of the bins."""
    for group in bands.groups:
        np.matmul(power[:, group.bins], group.weights, out=out[:, group.bands])


def _lossy(
    mel: np.ndarray, power: np.ndarray, bands: FilterBands, rtol: float
) -> np.ndarray:
    """Return which frames have bands too faint for single precision."""
    n_bins = power.shape[1]
    mean = power @ np.full(n_bins, 1.0 / n_bins, dtype=np.float32)
    limits = np.multiply.outer(mean, bands.noise / np.float32(rtol) ** 2)
    faint = np.flatnonzero(mel < limits)
    return np.unique(faint // mel.shape[1]) if len(faint) else faint


def _precise_mel(frames: np.ndarray, taper: Taper, bands: FilterBands) -> np.ndarray:
    """Return the power of some frames in mel bands, computed in double precision."""
    tapered = frames.astype(np.float64)
    tapered *= taper.double
    # What is lost here is a share of each bin, not of the loudest.
    spectrum = scipy.fft.rfft(tapered).astype(np.complex64)
    mel = np.empty((len(frames), len(bands.noise)), dtype=np.float32)
    _project(np.square(np.abs(spectrum)), bands, out=mel)
    return mel


@functools.lru_cache(maxsize=32)
def _window(name: str, win_length: int, n_fft: int) -> Taper:
    """Return a window, padded with zeros on both sides to n_fft."""
    if win_length > n_fft:
        raise ValueError(f"win_length={win_length} is longer than n_fft={n_fft}.")
    before = (n_fft - win_length) // 2
    taper = np.zeros(n_fft)
    taper[before : before + win_length] = get_window(name, win_length)
    single = aligned(n_fft)
    single[:] = taper
    return Taper(single, taper)
