"""What is heard in every clip of a corpus, one failure at a time."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import delayed, effective_n_jobs

from sersk.audio import AudioClips, RecordingHeader, inspect_recording
from sersk.utils import AudioError, as_completed, progress_bar, sha256

# The largest code of 16 bits, half a step less: a converter gives it for anything
# louder. One such sample is a normalised peak, three in a row are a flat top.
_FULL_SCALE = 1 - 1.5 / 2**15
_FLAT_TOP = 3
_MOST_CLIPS_PER_TASK = 16


@dataclass(frozen=True)
class Heard:
    """What one clip sounds like, or the reason why nobody knows.

    `rate`, `channels` and `file_seconds` are those of the file; None for arrays.
    """

    reason: str = ""
    rate: int | None = None
    channels: int | None = None
    file_seconds: float | None = None
    seconds: float | None = None
    peak: float | None = None
    rms: float | None = None
    n_clipped: int = 0
    digest: str | None = None


def listen(
    clips: AudioClips, *, n_jobs: int | None = None, passed_over: Container[str] = ()
) -> list[Heard]:
    """Decode every clip at its own rate and measure it.

    Parameters
    ----------
    clips : AudioClips of shape (n_clips,)
        The clips.
    n_jobs : int or None, default=None
        Number of workers, as joblib understands it.
    passed_over : container of str, default=()
        Files that are not opened.

    Returns
    -------
    heard : list of Heard of length n_clips
        In the order of the clips.
    """
    heard = [Heard() for _ in range(len(clips))]
    wanted = _by_file(clips, passed_over)
    calls = (
        delayed(_listen_to)(clips[task], task)
        for task in _split(wanted, effective_n_jobs(n_jobs))
    )
    with progress_bar(len(wanted), description="verifying") as bar:
        for results in as_completed(calls, n_jobs=n_jobs):
            for index, result in results:
                heard[index] = result
            bar.update(len(results))
    return heard


def _by_file(clips: AudioClips, passed_over: Container[str]) -> list[int]:
    """Return the numbers of the clips, with the parts of a file side by side."""
    if clips.files is None:
        return list(range(len(clips)))
    files = clips.files.tolist()
    wanted = [index for index, file in enumerate(files) if file not in passed_over]
    return sorted(wanted, key=lambda index: files[index])


def _split(indices: Sequence[int], n_workers: int) -> Iterator[list[int]]:
    size = int(np.clip(len(indices) // (8 * n_workers), 1, _MOST_CLIPS_PER_TASK))
    return (list(indices[at : at + size]) for at in range(0, len(indices), size))


def _listen_to(clips: AudioClips, indices: Sequence[int]) -> list[tuple[int, Heard]]:
    """Listen in a worker; the clips are those of the indices and no others."""
    return [(index, _hear(clips[at : at + 1])) for at, index in enumerate(indices)]


def _hear(clip: AudioClips) -> Heard:
    """Measure a collection of one clip."""
    header = None
    try:
        if clip.files is not None:
            header = inspect_recording(clip.files[0])
            # At its own rate nothing is resampled.
            clip = clip.resample(header.sampling_rate)
        samples = clip.read(0).samples
    except AudioError as error:
        return Heard(reason=str(error), **_facts(header))
    except Exception as error:
        # Whatever a decoder makes of one file, the others are worth a look.
        reason = f"makes reading fail with {type(error).__name__}: {error}"
        return Heard(reason=reason, **_facts(header))
    return _measure(samples, clip.sampling_rate, header)


def _measure(samples: np.ndarray, rate: int, header: RecordingHeader | None) -> Heard:
    peak = float(np.abs(samples).max())
    return Heard(
        seconds=len(samples) / rate,
        peak=peak,
        rms=float(np.sqrt(np.dot(samples, samples) / len(samples))),
        n_clipped=_count_clipped(samples) if peak >= _FULL_SCALE else 0,
        # Neither the rate nor the channels: copies may differ in both.
        digest=sha256(np.ascontiguousarray(samples).data),
        **_facts(header),
    )


def _facts(header: RecordingHeader | None) -> dict:
    if header is None:
        return {}
    return {
        "rate": header.sampling_rate,
        "channels": header.n_channels,
        "file_seconds": header.duration,
    }


def _count_clipped(samples: np.ndarray) -> int:
    """Count the samples at full scale that have enough such neighbours."""
    is_full = np.concatenate([[False], np.abs(samples) >= _FULL_SCALE, [False]])
    borders = np.flatnonzero(is_full[1:] != is_full[:-1])
    lengths = borders[1::2] - borders[::2]
    return int(lengths[lengths >= _FLAT_TOP].sum())
