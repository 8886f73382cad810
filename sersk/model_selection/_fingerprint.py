"""Recordings that are nearly the same: copies at another level, rate or codec."""

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.fft
from joblib import delayed, effective_n_jobs

from sersk.audio import AudioClips
from sersk.descriptors import mel_spectrogram
from sersk.utils import AudioError, as_completed, progress_bar

# Below 3.8 kHz, which a copy at 8 kHz still has.
_RATE = 16_000
_N_MELS, _FMIN, _FMAX = 24, 100.0, 3_800.0
_N_FFT, _HOP = 512, 160
_N_SEGMENTS = 32
# Shares of the energy that are cut off at either end, and with it the silence there.
# Where one of them falls into a pause, a little noise moves the cut by a syllable; two
# hardly do so at once.
_EDGES = (0.005, 0.01)
# Decibels below the loudest cell at which noise is not looked at.
_DEPTH = 30.0

# Distance below which two clips may be copies of one recording, and correlation above
# which they are. Measured on all 535 clips of EmoDB and 720 of RAVDESS: copies with
# half the gain, noise at 40 dB and 20 ms cut off at both ends are at most 0.0214 and
# 0.0005 from their originals, MP3 0.0021 and 0.0011, Ogg Vorbis 0.0016 and 0.0023. The
# nearest two recordings are 0.1102 and 0.0386 apart, but for the one with which RAVDESS
# was published twice; of synthetic voices many are nearer than any copy. Copies, also
# resampled to 8 kHz, have a correlation of at least 0.87; of other recordings the
# nearest fifty pairs of each have 0.37 at most, and synthetic ones 0.43.
THRESHOLD = 0.05
_SAME_WAVEFORM = 0.7

# Copies last about as long between the edges: this much longer or shorter at most.
_STRETCH, _SLACK_FRAMES = 0.05, 5
_BLOCK = 1024
_MOST_CLIPS_PER_TASK = 16


class Fingerprint(NamedTuple):
    """Shapes of a clip cut at two places, and how many frames lie between its edges.

    Two clips are as far apart as the nearest of their shapes: 1 - cosine.
    """

    shapes: np.ndarray
    n_frames: np.ndarray


def make_fingerprint(waveform: np.ndarray) -> Fingerprint | None:
    """Return what copies of a recording have in common, or None for silence.

    The clip is cut where 0.5 % (then 1 %) of its energy is left at either end, and
    divided into 32 segments of one length. Power is summed in each segment and in each
    of 24 mel bands from 100 to 3800 Hz, and taken in decibels down to 30 dB below the
    largest. The shape is that table less its mean, as a vector of length 1.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples at 16 kHz.

    Returns
    -------
    fingerprint : Fingerprint or None
        None where there is no sound, or no shape.
    """
    power = mel_spectrogram(
        waveform,
        _RATE,
        n_fft=_N_FFT,
        hop_length=_HOP,
        n_mels=_N_MELS,
        fmin=_FMIN,
        fmax=_FMAX,
        rtol=1e-2,
    )
    total = np.pad(np.cumsum(power, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    energy = total.sum(axis=0)
    if not energy[-1] > 0:
        return None
    share, frames = energy / energy[-1], np.arange(len(energy))
    limits = [np.interp([edge, 1 - edge], share, frames) for edge in _EDGES]
    shapes = np.array([_shape(total, *limit) for limit in limits], dtype=np.float32)
    if not np.isfinite(shapes).all():
        return None
    return Fingerprint(shapes, np.diff(limits)[:, 0])


def _shape(total: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return decibels over segments and bands of a cumulated spectrogram."""
    borders = np.linspace(start, end, _N_SEGMENTS + 1)
    frames = np.arange(total.shape[1])
    pooled = np.diff([np.interp(borders, frames, band) for band in total])
    decibels = 10 * np.log10(np.maximum(pooled / pooled.max(), 10 ** (-_DEPTH / 10)))
    centred = (decibels - decibels.mean()).ravel()
    length = np.linalg.norm(centred)
    return centred / length if length else np.full_like(centred, np.nan)


def listen(
    clips: AudioClips, *, n_jobs: int | None = None
) -> list[Fingerprint | str | None]:
    """Return the fingerprint of each clip, or why it cannot be read.

    Parameters
    ----------
    clips : AudioClips of shape (n_clips,)
        The clips.
    n_jobs : int or None, default=None
        Number of workers, as joblib understands it.

    Returns
    -------
    fingerprints : list of length n_clips
        None for silence; a phrase for a clip that cannot be read.
    """
    clips = clips.resample(_RATE)
    heard: list[Fingerprint | str | None] = [None] * len(clips)
    calls = (
        delayed(_listen_to)(clips[task], task)
        for task in _split(len(clips), effective_n_jobs(n_jobs))
    )
    with progress_bar(len(clips), description="fingerprints") as bar:
        for results in as_completed(calls, n_jobs=n_jobs):
            for index, result in results:
                heard[index] = result
            bar.update(len(results))
    return heard


def find_near_copies(
    fingerprints: Sequence[Fingerprint | str | None], threshold: float = THRESHOLD
) -> list[tuple[int, int, float]]:
    """Return the pairs of clips whose shapes are nearly the same.

    Parameters
    ----------
    fingerprints : sequence of length n_clips
        From :func:`listen`.
    threshold : float, default=0.05
        Distance below which two clips are a pair.

    Returns
    -------
    pairs : list of (int, int, float)
        Two clips, the lower number first, and their distance.
    """
    known = {i: f for i, f in enumerate(fingerprints) if isinstance(f, Fingerprint)}
    if len(known) < 2:
        return []
    clips = np.array(list(known))
    nearest: dict[tuple[int, int], float] = {}
    for edge in range(len(_EDGES)):
        lengths = np.array([one.n_frames[edge] for one in known.values()])
        order = np.argsort(lengths, kind="stable")
        shapes = np.stack([one.shapes[edge] for one in known.values()])[order]
        for *pair, distance in _close(shapes, lengths[order], threshold):
            first, second = sorted(clips[order[pair]].tolist())
            known_distance = nearest.get((first, second), np.inf)
            nearest[first, second] = min(distance, known_distance)
    return sorted((*pair, distance) for pair, distance in nearest.items())


def _close(
    shapes: np.ndarray, lengths: np.ndarray, threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Yield the pairs of close rows, which are sorted by length."""
    longest = lengths * (1 + _STRETCH) + _SLACK_FRAMES
    for start in range(0, len(shapes), _BLOCK):
        stop = min(start + _BLOCK, len(shapes))
        last = int(np.searchsorted(lengths, longest[stop - 1], side="right"))
        distances = 1 - shapes[start:stop] @ shapes[start:last].T
        rows, columns = np.nonzero(np.triu(distances < threshold, k=1))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if lengths[start + column] <= longest[start + row]:
                distance = max(float(distances[row, column]), 0.0)
                yield start + row, start + column, distance


def _split(n_clips: int, n_workers: int) -> Iterator[list[int]]:
    size = int(np.clip(n_clips // (8 * n_workers), 1, _MOST_CLIPS_PER_TASK))
    return (list(range(at, min(at + size, n_clips))) for at in range(0, n_clips, size))


def _listen_to(
    clips: AudioClips, indices: Sequence[int]
) -> list[tuple[int, Fingerprint | str | None]]:
    """Listen in a worker; the clips are those of the indices and no others."""
    return [(index, _hear(clips, at)) for at, index in enumerate(indices)]


def _hear(clips: AudioClips, index: int) -> Fingerprint | str | None:
    try:
        return make_fingerprint(clips.read(index).samples)
    except AudioError as error:
        return str(error)


def confirm(
    clips: AudioClips, pairs: Sequence[tuple[int, int, float]]
) -> list[tuple[int, int, float]]:
    """Return the pairs that have one waveform.

    Parameters
    ----------
    clips : AudioClips of shape (n_clips,)
        The clips.
    pairs : sequence of (int, int, float)
        From :func:`find_near_copies`.

    Returns
    -------
    confirmed : list of (int, int, float)
        Two clips and their correlation.
    """
    clips = clips.resample(_RATE)
    read = functools.lru_cache(maxsize=_MOST_CLIPS_PER_TASK)(clips.__getitem__)
    compared = [
        (one, other, correlate(read(one), read(other))) for one, other, _ in pairs
    ]
    return [pair for pair in compared if pair[2] > _SAME_WAVEFORM]


def correlate(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest correlation of two waveforms over all shifts, 0 to 1.

    Copies of a recording follow the same pressure, which no two recordings do, however
    alike they sound.
    """
    size = scipy.fft.next_fast_len(len(one) + len(other) - 1, real=True)
    spectra = [scipy.fft.rfft(wave.astype(np.float64), size) for wave in (one, other)]
    product = scipy.fft.irfft(spectra[0] * np.conj(spectra[1]), size)
    norm = np.linalg.norm(one.astype(np.float64)) * np.linalg.norm(
        other.astype(np.float64)
    )
    return float(np.abs(product).max() / norm) if norm else 0.0
