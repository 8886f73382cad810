"""What windows of a long recording cost."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.speed.measure import Figure, run_python

# The most that the process ever held, beside what it held after a short recording.
_MEMORY_PROGRAM = """
import json, resource, sys, time
from sersk import AudioClips
from sersk.audio import make_windows
from sersk.features import AcousticFunctionals

def extract(path, hop, sampling_rate):
    clips = AudioClips.from_files([path], sampling_rate=sampling_rate)
    windows = make_windows(clips, 1.0, hop)
    return AcousticFunctionals(cache=False).transform(windows)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

short, long, hop = sys.argv[1], sys.argv[2], float(sys.argv[3])
extract(short, hop, 16_000)
before, began = peak(), time.perf_counter()
result = extract(long, hop, 16_000)
print(json.dumps({
    "windows": len(result),
    "seconds": time.perf_counter() - began,
    # Rows of features are held twice while they are stacked.
    "megabytes": (peak() - before - 2 * result.nbytes) / 1e6,
    "result": result.nbytes / 1e6,
}))
"""


def window_figures(*, quick: bool = False) -> Iterator[Figure]:
    """Measure the memory that windows of one hour take, beside their features."""
    minutes = 1 if quick else 60
    dense = _measure(16_000, 0.25, minutes)
    resampled = _measure(44_100, 1.0, minutes)
    most = max(dense["megabytes"], resampled["megabytes"])
    yield Figure(
        f"{minutes} min in windows of 1 s, peak memory beside the features, MB",
        f"{dense['megabytes']:.1f}",
        "",
        f"{dense['megabytes']:.1f} MB for {dense['windows']} windows of a WAV file of "
        f"16 kHz ({dense['result']:.0f} MB of features) in {dense['seconds']:.0f} s; "
        f"{resampled['megabytes']:.1f} MB for "
        f"{resampled['windows']} resampled from 44.1 kHz in "
        f"{resampled['seconds']:.0f} s",
        f"constant: less than 20 MB (the samples are {3.84 * minutes:.0f} MB)",
        most < 20,
    )


def _measure(sampling_rate: int, hop: float, minutes: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder, "short.wav"), Path(folder, "long.wav")
        _write_noise(short, sampling_rate, 30)
        _write_noise(long, sampling_rate, 60 * minutes)
        return run_python(_MEMORY_PROGRAM, str(short), str(long), str(hop))


def _write_noise(path: Path, sampling_rate: int, seconds: int) -> None:
    """Write noise a second at a time."""
    generator = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", sampling_rate, 1, subtype="PCM_16") as file:
        for _ in range(seconds):
            file.write(generator.uniform(-0.5, 0.5, sampling_rate))
