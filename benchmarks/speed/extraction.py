"""How fast features are extracted."""

import statistics
from collections.abc import Iterator

import librosa
import numpy as np

from benchmarks.speed.measure import Figure, compare, run_python, seconds
from sersk import AudioClips, check_clips
from sersk.features import AcousticFunctionals, EGeMAPS

_THEIR_PROGRAM = """
import sys
import librosa
import numpy as np

rows = []
for path in open(sys.argv[1]).read().splitlines():
    waveform, _ = librosa.load(path, sr=16000)
    parts = (
        librosa.feature.mfcc(y=waveform, sr=16000, n_mfcc=40),
        librosa.feature.melspectrogram(y=waveform, sr=16000),
        librosa.feature.zero_crossing_rate(waveform),
    )
    means_and_deviations = [f(p, axis=1) for p in parts for f in (np.mean, np.std)]
    rows.append(np.concatenate(means_and_deviations))
np.stack(rows)
"""

_OUR_PROGRAM = """
import sys
from sersk.features import AcousticFunctionals

AcousticFunctionals(cache=False).fit_transform(open(sys.argv[1]).read().splitlines())
"""


def extraction_figures(
    clips: AudioClips, listing: str, *, quick: bool = False
) -> Iterator[Figure]:
    """Measure clips in memory, files in new processes, and two workers."""
    yield _functionals_per_clip(clips, 1 if quick else 9)
    yield _functionals_from_files(listing, len(clips), 1 if quick else 3)
    yield _two_workers(clips, 1 if quick else 3)


def _functionals_per_clip(clips: AudioClips, rounds: int) -> Figure:
    """Compare functionals of clips in memory with three librosa calls."""
    waveforms = list(clips[::5])
    in_memory = AudioClips.from_arrays(waveforms, sampling_rate=16_000)
    extractor = AcousticFunctionals(cache=False)
    expected = np.stack([librosa_functionals(waveform) for waveform in waveforms])
    np.testing.assert_allclose(extractor.transform(in_memory), expected, atol=1e-2)
    times = compare(
        lambda: extractor.transform(in_memory),
        lambda: [librosa_functionals(waveform) for waveform in waveforms],
        rounds=rounds,
    )
    return Figure(
        "functionals of clips in memory, ms a clip",
        f"{1e3 * times.ours / len(waveforms):.2f}",
        f"{1e3 * times.theirs / len(waveforms):.2f} (three librosa calls)",
        f"{times.ratio:.1f}x",
        "at least 8x",
        times.ratio >= 8,
    )


def _functionals_from_files(listing: str, n_clips: int, rounds: int) -> Figure:
    """Compare whole processes that read files, imports and compilation included."""
    times = compare(
        lambda: run_python(_OUR_PROGRAM, listing),
        lambda: run_python(_THEIR_PROGRAM, listing),
        rounds=rounds,
    )
    return Figure(
        f"functionals of {n_clips} files, new process, s",
        f"{times.ours:.1f}",
        f"{times.theirs:.1f} (librosa)",
        f"{times.ratio:.1f}x",
        "at least 3x",
        times.ratio >= 3,
    )


def _two_workers(clips: AudioClips, rounds: int) -> Figure:
    """Compare two warm workers with one on eGeMAPS."""
    some = clips[::3]
    one, two = EGeMAPS(cache=False), EGeMAPS(cache=False, n_jobs=2)
    two.transform(check_clips(some[:32], 16_000))
    pairs = [
        (seconds(lambda: two.transform(some)), seconds(lambda: one.transform(some)))
        for _ in range(rounds)
    ]
    ratio = statistics.median(alone / together for together, alone in pairs)
    return Figure(
        f"eGeMAPS of {len(some)} clips, two warm workers, s",
        f"{statistics.median(pair[0] for pair in pairs):.1f}",
        f"{statistics.median(pair[1] for pair in pairs):.1f} (one worker)",
        f"{ratio:.2f}x",
        "at least 1.7x",
        ratio >= 1.7,
    )


def librosa_functionals(waveform: np.ndarray) -> np.ndarray:
    """Return the numbers of AcousticFunctionals() as one would get them of librosa."""
    parts = (
        librosa.feature.mfcc(y=waveform, sr=16_000, n_mfcc=40),
        librosa.feature.melspectrogram(y=waveform, sr=16_000),
        librosa.feature.zero_crossing_rate(waveform),
    )
    return np.concatenate(
        [functional(p, axis=1) for p in parts for functional in (np.mean, np.std)]
    )
