"""What lies behind a collection of clips: files, or one flat buffer."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Protocol

import numpy as np

from sersk.audio._reading import Recording, check_samples, file_digest, read_recording
from sersk.utils import AudioError, sha256

# Raised whenever decoding or mixing down gives other samples than before.
_READER_VERSION = "1"


class Source(Protocol):
    """Clips by number; the numbers of a source never change."""

    def __len__(self) -> int:
        """Return the number of clips."""

    def read(self, index: int, max_duration: float) -> Recording:
        """Return the samples and their own rate, or raise an AudioError phrase."""

    def digest(self, index: int) -> str:
        """Return a digest of what `read` gives."""

    def name(self, index: int) -> str | None:
        """Return how the user calls the clip."""

    def take(self, rows: np.ndarray) -> "Source":
        """Return a source that holds these clips and no others."""


@dataclass(frozen=True)
class FileSource:
    """Parts of files, decoded when they are read."""

    files: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.files)

    def read(self, index: int, max_duration: float) -> Recording:
        """Decode one clip at its own rate."""
        start, end = self._part(index)
        return read_recording(
            self.files[index], start=start, end=end, max_duration=max_duration
        )

    def digest(self, index: int) -> str:
        """Digest the bytes of the file, the part and the version of the reader."""
        content = file_digest(self.files[index])
        return sha256(content, repr(self._part(index)), _reader())

    def name(self, index: int) -> str | None:
        """Return the path as the user gave it."""
        return self.files[index]

    def take(self, rows: np.ndarray) -> "FileSource":
        """Return a source of some of the clips."""
        return FileSource(self.files[rows], self.starts[rows], self.ends[rows])

    def _part(self, index: int) -> tuple[float, float | None]:
        end = self.ends[index]
        return float(self.starts[index]), None if np.isnan(end) else float(end)


class ArraySource:
    """Waveforms of one rate, one after another in a float32 buffer.

    One flat array travels to worker processes as a memory map, once; a list of
    arrays would be copied clip by clip.
    """

    def __init__(
        self,
        buffer: np.ndarray,
        starts: np.ndarray,
        lengths: np.ndarray,
        sampling_rate: int,
    ) -> None:
        self.buffer = buffer
        self.starts = starts
        self.lengths = lengths
        self.sampling_rate = sampling_rate
        self._digests: dict[int, str] = {}
        self.buffer.flags.writeable = False

    @classmethod
    def from_waveforms(
        cls, waveforms: Sequence[np.ndarray], sampling_rate: int
    ) -> "ArraySource":
        """Copy float32 waveforms into one buffer."""
        lengths = np.array([len(waveform) for waveform in waveforms], dtype=np.int64)
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)
        empty = np.empty(0, dtype=np.float32)
        return cls(
            np.concatenate([*waveforms, empty]),
            starts[: len(lengths)],
            lengths,
            sampling_rate,
        )

    @classmethod
    def from_matrix(cls, matrix: np.ndarray, sampling_rate: int) -> "ArraySource":
        """Take the rows of a float32 matrix, which nobody else may write to."""
        n_clips, length = matrix.shape
        starts = np.arange(n_clips, dtype=np.int64) * length
        lengths = np.full(n_clips, length, dtype=np.int64)
        return cls(matrix.reshape(-1), starts, lengths, sampling_rate)

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.starts)

    def read(self, index: int, max_duration: float) -> Recording:
        """Return a read-only view of one waveform."""
        duration = self.lengths[index] / self.sampling_rate
        if duration > max_duration:
            raise AudioError(
                f"lasts {duration:.1f} s, more than max_duration={max_duration:g} s. "
                "Cut it, or pass a larger max_duration."
            )
        samples = check_samples(self._samples(index), self.sampling_rate)
        return Recording(samples, self.sampling_rate)

    def digest(self, index: int) -> str:
        """Digest the samples and their rate, once."""
        if index not in self._digests:
            self._digests[index] = sha256(self._samples(index), str(self.sampling_rate))
        return self._digests[index]

    def name(self, index: int) -> str | None:
        """Return None: a waveform has no name."""
        return None

    def take(self, rows: np.ndarray) -> "ArraySource":
        """Return a source of some of the clips, without the samples of the others."""
        begin, length = self.starts[rows], self.lengths[rows]
        adjoining = len(rows) > 0 and np.array_equal(begin[1:], (begin + length)[:-1])
        if adjoining:
            buffer = self.buffer[begin[0] : begin[-1] + length[-1]]
            taken = ArraySource(buffer, begin - begin[0], length, self.sampling_rate)
        else:
            taken = ArraySource.from_waveforms(
                [self._samples(row) for row in rows], self.sampling_rate
            )
        known = self._digests
        taken._digests = {
            new: known[old] for new, old in enumerate(rows.tolist()) if old in known
        }
        return taken

    def _samples(self, index: int) -> np.ndarray:
        start = self.starts[index]
        return self.buffer[start : start + self.lengths[index]]


@functools.cache
def _reader() -> str:
    """Name all that decides which samples a file gives."""
    return f"{_READER_VERSION} soundfile {version('soundfile')}"
