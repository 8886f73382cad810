"""The fundamental frequency of a voice, and which frames have one."""

import functools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.fft

from sersk.descriptors._framing import FrameSteps, frame_blocks, frame_count
from sersk.descriptors._window import get_window
from sersk.utils import import_optional

PITCH_METHODS = ("yin", "pyin")

# Praat's silence threshold, of the level instead of the peak, and a voicing threshold
# above Praat's 0.45, which whispered vowels pass now and then.
_SILENCE = 0.03
_MIN_PERIODICITY = 0.6

# The autocorrelation is interpolated by this many of its values on each side of the
# highest one, at eighths of a sample.
_SINC_DEPTH = 24
_SINC_STEP = 0.125


class PitchTrack(NamedTuple):
    """The pitch of a clip, frame by frame.

    Parameters
    ----------
    f0 : ndarray of float32 of shape (n_frames,)
        In Hz; NaN in frames that are not voiced.
    periodicity : ndarray of float32 of shape (n_frames,)
        Normalised autocorrelation at the period, from 0 to 1; 0 where there is none.
    frame_length : int
        Length of a frame in samples.
    hop_length : int
        Distance between the centres of frames in samples; the first is centred at
        the first sample.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import track_pitch
    >>> time = np.arange(16_000) / 16_000
    >>> track = track_pitch(np.sin(2 * np.pi * 200 * time), 16_000)
    >>> round(float(np.nanmean(track.f0)))
    200
    """

    f0: np.ndarray
    periodicity: np.ndarray
    frame_length: int
    hop_length: int


def track_pitch(
    waveform: np.ndarray,
    sampling_rate: int,
    *,
    method: str = "yin",
    fmin: float = 65.0,
    fmax: float = 600.0,
    frame_length: int | None = None,
    hop_length: int = 512,
) -> PitchTrack:
    """Find the fundamental frequency of each frame, and whether it is voiced.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    sampling_rate : int
        Rate in Hz.
    method : {"yin", "pyin"}, default="yin"
        "yin" is :func:`yin`; "pyin" is :func:`librosa.pyin`, which follows the
        likeliest path over the whole clip and takes a hundred times as long.
    fmin, fmax : float, default=65.0 and 600.0
        Lowest and highest fundamental frequency in Hz.
    frame_length : int or None, default=None
        Length of a frame in samples, even; None stands for four periods of `fmin`.
    hop_length : int, default=512
        Distance between frames in samples; frames are centred.

    Returns
    -------
    track : PitchTrack
        Of ``1 + n_samples // hop_length`` frames.

    Raises
    ------
    ValueError
        If `method` is unknown, `frame_length` is odd, or not
        ``0 < fmin < fmax <= sampling_rate / 2``.

    See Also
    --------
    harmonics_to_noise_ratio : Periodicity in decibels.

    Notes
    -----
    A frame is voiced if its pitch is within the range, its level at least 0.03 of that
    of the loudest one, and its autocorrelation has a maximum of at least 0.6
    within a tenth of the period that was found; with "pyin" also only where librosa
    says so. The autocorrelation is that of Boersma (1993): of the frame without its
    mean and through a Hann window, over that of the window, interpolated by a windowed
    sinc.

    References
    ----------
    P. Boersma: Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound. IFA Proceedings 17, 97-110, 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import track_pitch
    >>> track_pitch(np.zeros(1_024), 16_000).f0
    array([nan, nan, nan], dtype=float32)
    """
    _check_range(sampling_rate, fmin, fmax)
    length = frame_length or pitch_frame_length(sampling_rate, fmin)
    if method not in PITCH_METHODS or length % 2:
        raise ValueError(
            f"method={method!r} must be one of {', '.join(PITCH_METHODS)}, and "
            f"frame_length={length} even."
        )
    waveform = np.asarray(waveform, dtype=np.float32)
    find = yin if method == "yin" else _pyin
    steps = {"frame_length": length, "hop_length": hop_length}
    (f0,) = find(waveform, sampling_rate, fmin=fmin, fmax=fmax, **steps)
    periods = sampling_rate / np.where(np.isnan(f0), fmin, f0)
    periodicity = _periodicity(waveform, periods, sampling_rate / fmin, **steps)
    # The shortest lag may be the least of all without being a dip.
    voiced = (f0 >= fmin) & (f0 <= fmax) & (periodicity >= _MIN_PERIODICITY)
    f0 = np.where(voiced, f0, np.float32(np.nan))
    return PitchTrack(f0, periodicity, length, hop_length)


def yin(
    waveform: np.ndarray,
    sampling_rate: int,
    *,
    fmin: float = 65.0,
    fmax: float = 600.0,
    frame_length: int = 2048,
    hop_length: int = 512,
    threshold: float = 0.1,
) -> np.ndarray:
    """Compute the fundamental frequency of each frame by YIN.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    sampling_rate : int
        Rate in Hz.
    fmin, fmax : float, default=65.0 and 600.0
        Lowest and highest frequency in Hz.
    frame_length, hop_length : int, default=2048 and 512
        Length of a frame and distance between frames, in samples; frames are centred
        and the waveform is padded with zeros.
    threshold : float, default=0.1
        The first dip of the normalised difference below this is the period; where
        there is none, the deepest dip.

    Returns
    -------
    f0 : ndarray of float32 of shape (1, n_frames)
        In Hz, as :func:`librosa.yin`. Every frame has a value, voiced or not.

    Raises
    ------
    ValueError
        If not ``0 < fmin < fmax <= sampling_rate / 2``.

    See Also
    --------
    track_pitch : The same, with a decision about voicing.

    References
    ----------
    A. de Cheveigné and H. Kawahara: YIN, a fundamental frequency estimator for speech
    and music. JASA 111, 1917-1930, 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import yin
    >>> time = np.arange(8_000) / 16_000
    >>> yin(np.sin(2 * np.pi * 250 * time), 16_000)[0, 4:8].round()
    array([250., 250., 250., 250.], dtype=float32)
    """
    _check_range(sampling_rate, fmin, fmax)
    shortest = math.floor(sampling_rate / fmax)
    longest = max(min(math.ceil(sampling_rate / fmin), frame_length - 1), shortest + 1)
    steps = FrameSteps(frame_length=frame_length, hop_length=hop_length, center=True)
    waveform = np.asarray(waveform)
    f0 = np.empty(frame_count(len(waveform), **steps), dtype=np.float32)
    for rows, frames in frame_blocks(waveform, **steps):
        difference = _normalised_difference(frames, shortest, longest)
        f0[rows] = sampling_rate / (shortest + _first_dip(difference, threshold))
    return f0[np.newaxis]


def pitch_frame_length(sampling_rate: int, fmin: float) -> int:
    """Return an even number of samples that holds four periods of `fmin`."""
    return 2 * math.ceil(2 * sampling_rate / fmin)


def voiced_runs(track: PitchTrack) -> Iterator[slice]:
    """Yield the frames of each stretch that is voiced without a break."""
    voiced = np.isfinite(track.f0).astype(np.int8)
    edges = np.flatnonzero(np.diff(voiced, prepend=0, append=0))
    for first, stop in edges.reshape(-1, 2).tolist():
        yield slice(first, stop)


def _check_range(sampling_rate: int, fmin: float, fmax: float) -> None:
    if not 0 < fmin < fmax <= sampling_rate / 2:
        raise ValueError(
            f"fmin={fmin:g} and fmax={fmax:g} Hz must satisfy 0 < fmin < fmax <= "
            f"{sampling_rate / 2:g} Hz, half the sampling rate."
        )


def _pyin(
    waveform: np.ndarray,
    sampling_rate: int,
    *,
    fmin: float,
    fmax: float,
    frame_length: int,
    hop_length: int,
) -> np.ndarray:
    """Return the fundamental frequency by librosa, NaN where it finds no voice."""
    librosa = import_optional("librosa", extra="all")
    f0, _, _ = librosa.pyin(
        waveform,
        fmin=fmin,
        fmax=fmax,
        sr=sampling_rate,
        frame_length=frame_length,
        hop_length=hop_length,
    )
    return f0.astype(np.float32)[np.newaxis]


def _normalised_difference(
    frames: np.ndarray, shortest: int, longest: int
) -> np.ndarray:
    """Return YIN's d' at some lags, of shape (n_frames, longest - shortest + 1)."""
    frames = frames.astype(np.float64)
    correlation = _autocorrelation(frames, longest)
    lags = np.arange(1, longest + 1)
    # As in librosa: of the energy that no longer overlaps, that at the start of the
    # frame is taken off from lag 2 on, and that at its end never.
    lost = np.cumsum(np.square(frames[:, :longest]), axis=1)
    lost[:, 0] = 0.0
    difference = 2.0 * (correlation[:, :1] - correlation[:, 1:]) - lost
    mean = np.cumsum(difference, axis=1) / lags
    return difference[:, shortest - 1 :] / (
        mean[:, shortest - 1 :] + np.finfo(np.float64).tiny
    )


def _autocorrelation(frames: np.ndarray, longest: int) -> np.ndarray:
    """Return the autocorrelation of each frame at lags from 0 to the longest."""
    size = scipy.fft.next_fast_len(frames.shape[1] + longest, real=True)
    spectrum = scipy.fft.rfft(frames, size)
    power = np.square(spectrum.real)
    power += np.square(spectrum.imag)
    return scipy.fft.irfft(power, size)[:, : longest + 1]


def _first_dip(difference: np.ndarray, threshold: float) -> np.ndarray:
    """Return the place of the first dip below a threshold, or else of the deepest."""
    n_lags = difference.shape[1]
    is_dip = np.empty(difference.shape, dtype=bool)
    is_dip[:, 0] = difference[:, 0] < difference[:, 1]
    is_dip[:, 1:] = difference[:, 1:] < difference[:, :-1]
    is_dip[:, 1:-1] &= difference[:, 1:-1] <= difference[:, 2:]
    is_dip &= difference < threshold
    first, deepest = is_dip.argmax(axis=1), difference.argmin(axis=1)
    rows = np.arange(len(difference))
    place = np.where(is_dip[rows, first], first, deepest)
    inner = np.clip(place, 1, n_lags - 2) if n_lags > 2 else np.ones_like(place)
    around = [difference[rows, np.minimum(inner + s, n_lags - 1)] for s in (-1, 0, 1)]
    return place + np.where(place == inner, parabola_peak(*around), 0.0)


def parabola_peak(before: np.ndarray, at: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return where a parabola through three values turns, 0 if further off than 1."""
    slope = (after - before) / 2.0
    curvature = after + before - 2.0 * at
    near = np.abs(slope) < np.abs(curvature)
    return np.where(near, -slope / np.where(near, curvature, 1.0), 0.0)


def _periodicity(
    waveform: np.ndarray,
    periods: np.ndarray,
    longest_period: float,
    *,
    frame_length: int,
    hop_length: int,
) -> np.ndarray:
    """Return the normalised autocorrelation near a period; 0 for silent frames."""
    steps = FrameSteps(frame_length=frame_length, hop_length=hop_length, center=True)
    found = np.empty((2, frame_count(len(waveform), **steps)))
    longest = math.ceil(1.1 * longest_period) + _SINC_DEPTH + 1
    longest = min(longest, frame_length - 1)
    weights, expected = _window_autocorrelation(frame_length, longest)
    for rows, frames in frame_blocks(waveform, **steps):
        tapered = frames - frames.mean(axis=1, dtype=np.float64)[:, np.newaxis]
        tapered *= weights
        correlation = _autocorrelation(tapered, longest)
        energy = correlation[:, :1].copy()
        correlation /= np.maximum(energy, np.finfo(np.float64).tiny) * expected
        found[0, rows] = energy[:, 0]
        found[1, rows] = _peak_near(correlation, periods[rows])
    energy, peak = found
    # Rounding leaves a constant of full scale about this much.
    is_silent = energy <= max(_SILENCE**2 * energy.max(), 1e-12)
    return np.where(is_silent, 0.0, peak).astype(np.float32)


@functools.lru_cache(maxsize=32)
def _window_autocorrelation(length: int, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a window and its autocorrelation, which is 1 at lag 0."""
    window = get_window("hann", length)
    (correlation,) = _autocorrelation(window[np.newaxis], longest)
    # Where the window hardly overlaps itself, nothing is to be divided by.
    return window, np.maximum(correlation / correlation[0], 1e-3)


def _peak_near(correlation: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Return the highest local maximum within a tenth of a period, 0 without one."""
    n_lags = correlation.shape[1]
    lags = np.arange(n_lags)
    reach = np.maximum(0.1 * periods, 1.0)[:, np.newaxis]
    is_near = np.abs(lags - periods[:, np.newaxis]) <= reach
    place = np.where(is_near, correlation, -np.inf).argmax(axis=1)
    taps = np.abs(place[:, np.newaxis] + np.arange(-_SINC_DEPTH, _SINC_DEPTH + 1))
    # Before lag 0 come the same values again.
    around = np.take_along_axis(correlation, np.minimum(taps, n_lags - 1), axis=1)
    before, at, after = around[:, _SINC_DEPTH - 1 : _SINC_DEPTH + 2].T
    fine = (around @ _sinc_kernel()).max(axis=1)
    # A value above 1 is one of interpolation; Boersma turns it round.
    peak = np.where(fine > 1.0, 1.0 / np.maximum(fine, 1.0), fine)
    return np.where((at >= before) & (at >= after), np.maximum(peak, 0.0), 0.0)


@functools.cache
def _sinc_kernel() -> np.ndarray:
    """Return weights that interpolate from a sample before to one after the middle."""
    offsets = np.arange(-1.0, 1.0 + _SINC_STEP, _SINC_STEP)
    taps = np.arange(-_SINC_DEPTH, _SINC_DEPTH + 1)[:, np.newaxis]
    distance = offsets - taps
    return np.sinc(distance) * np.cos(0.5 * np.pi * distance / (_SINC_DEPTH + 2)) ** 2
