"""How regular a voice is: harmonics to noise, and periods and amplitudes in turn."""

from typing import NamedTuple

import numpy as np

from sersk.descriptors._pitch import PitchTrack, voiced_runs

# Beyond this, a signal is as periodic, or as noisy, as can be told.
_MAX_RATIO_DB = 60.0

# Praat's limits on how far one cycle may be from the next: beyond them, one of the two
# was missed.
_MAX_PERIOD_FACTOR = 1.3
_MAX_AMPLITUDE_FACTOR = 1.6

# The next cycle is looked for at these shares of the period that pitch gives, and
# found where it resembles the last one at least this much.
_NEAREST, _FURTHEST = 0.8, 1.25
_MIN_RESEMBLANCE = 0.5


class GlottalCycles(NamedTuple):
    """The cycles of a voice, in order of time.

    Parameters
    ----------
    starts : ndarray of float64 of shape (n_cycles,)
        Where each cycle starts, in samples.
    periods : ndarray of float64 of shape (n_cycles,)
        How long it lasts, in samples.
    amplitudes : ndarray of float64 of shape (n_cycles,)
        From its lowest to its highest sample.
    follows : ndarray of bool of shape (n_cycles,)
        Whether it starts where the cycle before it ends.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import find_cycles, track_pitch
    >>> wave = np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    >>> cycles = find_cycles(wave, track_pitch(wave, 16_000), 16_000)
    >>> cycles.periods.mean().round(2)
    np.float64(80.0)
    """

    starts: np.ndarray
    periods: np.ndarray
    amplitudes: np.ndarray
    follows: np.ndarray


def harmonics_to_noise_ratio(track: PitchTrack) -> np.ndarray:
    """Compute the harmonics-to-noise ratio of voiced frames.

    Parameters
    ----------
    track : PitchTrack
        From :func:`track_pitch`.

    Returns
    -------
    ratio : ndarray of float32 of shape (1, n_frames)
        ``10 log10(r / (1 - r))`` in dB, where r is the periodicity, between -60 and
        60; NaN in frames that are not voiced.

    References
    ----------
    P. Boersma: Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound. IFA Proceedings 17, 97-110, 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import PitchTrack, harmonics_to_noise_ratio
    >>> f0, periodicity = np.array([100.0, np.nan]), np.array([0.99, 0.2])
    >>> harmonics_to_noise_ratio(PitchTrack(f0, periodicity, 1024, 512)).round(2)
    array([[19.96,   nan]], dtype=float32)
    """
    least = 10.0 ** (-_MAX_RATIO_DB / 10.0)
    share = np.clip(track.periodicity.astype(np.float64), least, 1.0 - least)
    ratio = 10.0 * np.log10(share / (1.0 - share))
    ratio[np.isnan(track.f0)] = np.nan
    return ratio.astype(np.float32)[np.newaxis]


def find_cycles(
    waveform: np.ndarray, track: PitchTrack, sampling_rate: int
) -> GlottalCycles:
    """Find the cycles of a voice by matching each stretch of one period to the next.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    track : PitchTrack
        From :func:`track_pitch`.
    sampling_rate : int
        Rate in Hz.

    Returns
    -------
    cycles : GlottalCycles
        Those of all voiced frames; none if no frame is voiced.

    Notes
    -----
    In each voiced stretch the first cycle is centred at the largest sample of the
    first period. The next centre is where the normalised cross-correlation of one
    period of waveform with that around the last centre is highest, at 0.8 to 1.25
    periods from it, between samples by a parabola; this is Praat's "To PointProcess
    (cc)". Where nothing correlates by 0.5, the chain breaks.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import find_cycles, track_pitch
    >>> silence = np.zeros(1_024)
    >>> find_cycles(silence, track_pitch(silence, 16_000), 16_000).periods
    array([], dtype=float64)
    """
    samples = np.asarray(waveform, dtype=np.float64)
    energies = np.concatenate([[0.0], np.cumsum(np.square(samples))])
    found: list[tuple[float, float, bool]] = []
    for run in voiced_runs(track):
        periods = (sampling_rate / track.f0[run]).astype(np.float64).tolist()
        first = max((run.start - 0.5) * track.hop_length, 0.0)
        found += _follow(samples, energies, periods, first, track.hop_length)
    starts, periods, follows = np.array(found, dtype=np.float64).reshape(-1, 3).T
    amplitudes = _amplitudes(samples, starts, periods)
    return GlottalCycles(starts, periods, amplitudes, follows.astype(bool))


def jitter(cycles: GlottalCycles, track: PitchTrack) -> np.ndarray:
    """Compute how much periods differ from one to the next.

    Parameters
    ----------
    cycles : GlottalCycles
        From :func:`find_cycles`.
    track : PitchTrack
        From :func:`track_pitch`.

    Returns
    -------
    jitter : ndarray of float32 of shape (1, n_frames)
        Mean absolute difference of successive periods over their mean, in each
        voiced frame; NaN elsewhere, and where a frame holds no two cycles. Praat's
        "jitter (local)": periods that differ by a factor of more than 1.3 do not count.

    References
    ----------
    F. Eyben et al.: The Geneva minimalistic acoustic parameter set (GeMAPS) for voice
    research and affective computing. IEEE Transactions on Affective Computing 7(2),
    2016.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import find_cycles, jitter, track_pitch
    >>> wave = np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    >>> track = track_pitch(wave, 16_000)
    >>> bool(np.nanmax(jitter(find_cycles(wave, track, 16_000), track)) < 1e-3)
    True
    """
    return _perturbation(cycles.periods, _MAX_PERIOD_FACTOR, cycles, track)


def shimmer(cycles: GlottalCycles, track: PitchTrack) -> np.ndarray:
    """Compute how much amplitudes differ from one cycle to the next.

    Parameters
    ----------
    cycles : GlottalCycles
        From :func:`find_cycles`.
    track : PitchTrack
        From :func:`track_pitch`.

    Returns
    -------
    shimmer : ndarray of float32 of shape (1, n_frames)
        Mean absolute difference of the amplitudes of successive cycles over their
        mean, in each voiced frame; NaN elsewhere, and where a frame holds no two
        cycles. Praat's "shimmer (local)", of amplitudes from peak to peak: those
        that differ by a factor of more than 1.6 do not count.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import find_cycles, shimmer, track_pitch
    >>> wave = np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)
    >>> track = track_pitch(wave, 16_000)
    >>> bool(np.nanmedian(shimmer(find_cycles(wave, track, 16_000), track)) < 1e-3)
    True
    """
    return _perturbation(cycles.amplitudes, _MAX_AMPLITUDE_FACTOR, cycles, track)


def _follow(
    samples: np.ndarray,
    energies: np.ndarray,
    periods: list[float],
    first: float,
    hop_length: int,
) -> list[tuple[float, float, bool]]:
    """Return start, period and whether it follows, of the cycles of one stretch."""
    end = min(first + len(periods) * hop_length, len(samples))
    opening = samples[int(first) : int(min(first + periods[0], end))]
    if not len(opening):
        return []
    centre = int(first) + float(np.argmax(np.abs(opening)))
    found, follows = [], False
    while centre < end:
        number = int((centre - first) / hop_length)
        period = periods[min(number, len(periods) - 1)]
        lag = _next_cycle(samples, energies, round(centre), period)
        if lag:
            found.append((centre, lag, follows))
        follows = lag > 0.0
        centre += lag or period
    return found


def _next_cycle(
    samples: np.ndarray, energies: np.ndarray, centre: int, period: float
) -> float:
    """Return how far off the stretch is that most resembles that around a centre."""
    half = int(period / 2) + 1
    nearest, furthest = int(_NEAREST * period), int(_FURTHEST * period) + 1
    start, stop = centre - half, centre + half
    if start < 0 or stop + furthest > len(samples):
        return 0.0
    likeness = np.correlate(
        samples[start + nearest : stop + furthest], samples[start:stop]
    )
    ends = slice(stop + nearest, stop + furthest + 1)
    starts = slice(start + nearest, start + furthest + 1)
    likeness /= np.sqrt(np.maximum(energies[ends] - energies[starts], 1e-20))
    best = int(likeness.argmax())
    enough = _MIN_RESEMBLANCE * (energies[stop] - energies[start]) ** 0.5
    if not 0 < best < len(likeness) - 1 or likeness[best] < enough:
        return 0.0
    before, at, after = likeness[best - 1 : best + 2].tolist()
    bend = before + after - 2.0 * at
    return nearest + best + (0.5 * (before - after) / bend if bend else 0.0)


def _amplitudes(
    samples: np.ndarray, starts: np.ndarray, periods: np.ndarray
) -> np.ndarray:
    """Return the largest less the smallest sample of one period around each start."""
    if not len(starts):
        return np.zeros(0)
    half = (periods / 2).astype(np.intp)
    middle = np.rint(starts).astype(np.intp)
    edges = np.stack([middle - half, middle + half + 1], axis=1).ravel()
    edges = np.clip(edges, 0, len(samples))
    # reduceat takes no index past the end, and every other stretch is the one asked.
    padded = np.append(samples, samples[-1])
    highest = np.maximum.reduceat(padded, edges)[::2]
    return highest - np.minimum.reduceat(padded, edges)[::2]


def _perturbation(
    values: np.ndarray, factor: float, cycles: GlottalCycles, track: PitchTrack
) -> np.ndarray:
    """Return the mean absolute change of a value over its mean, in voiced frames."""
    before, after = values[:-1], values[1:]
    larger, smaller = np.maximum(before, after), np.minimum(before, after)
    counts = cycles.follows[1:] & (larger <= factor * smaller)
    columns = np.stack([counts, counts * (larger - smaller), counts * (before + after)])
    sums = np.cumsum(np.pad(columns, ((0, 0), (1, 0))), axis=1)
    centres = np.arange(len(track.f0)) * track.hop_length
    limits = np.stack([centres - track.frame_length / 2] * 2)
    limits[1] += track.frame_length
    first, stop = np.searchsorted(cycles.starts[1:], limits)
    number, change, total = sums[:, stop] - sums[:, first]
    measured = (number > 0) & (total > 0.0) & np.isfinite(track.f0)
    share = np.where(measured, 2.0 * change / np.where(measured, total, 1.0), np.nan)
    return share.astype(np.float32)[np.newaxis]
