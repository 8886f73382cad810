"""What lies behind a collection of clips: files, or one flat buffer."""

import functools
import math
import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np

from sersk.audio._reading import (
    FileExtent,
    Recording,
    check_samples,
    file_digest,
    measure_recording,
    read_recording,
)
from sersk.audio._samples import to_float32
from sersk.audio._validation import check_items, check_waveform, frozen
from sersk.utils import AudioError, sha256

# Raised whenever decoding or mixing down gives other samples than before.
_READER_VERSION = "1"


_MAX_DIGESTS = 1 << 14

# The same few texts are digested in every fold.
digest_of = functools.lru_cache(maxsize=_MAX_DIGESTS)(sha256)


class Source(Protocol):
    """Clips by number, in memory or not."""

    def __len__(self) -> int:
        """Return the number of clips."""

    def read(self, index: int, max_duration: float) -> Recording:
        """Return the samples and their own rate, or raise an AudioError phrase."""

    def digest(self, index: int) -> str:
        """Return a digest of what `read` gives."""

    def name(self, index: int) -> str | None:
        """Return how the user calls the clip."""

    def take(self, index: slice | np.ndarray) -> "Source":
        """Return a source of some of the clips, without copying audio."""

    def table(self) -> dict[str, np.ndarray]:
        """Return where each clip lies, as columns of a table."""

    def extent(self) -> str:
        """Say how much there is, as far as that is known without opening files."""


class FileSource:
    """Parts of files, decoded when they are read.

    Parameters
    ----------
    files : ndarray of str objects of shape (n_clips,)
        Paths.
    starts, ends : ndarray of shape (n_clips,)
        Seconds; an end of NaN is that of the file.
    channel : int or None, default=None
        The only channel that counts; None stands for the mean of all.
    """

    def __init__(
        self,
        files: np.ndarray,
        starts: np.ndarray,
        ends: np.ndarray,
        channel: int | None = None,
    ) -> None:
        self.files = frozen(files)
        self.starts = frozen(starts)
        self.ends = frozen(ends)
        self.channel = channel

    def __reduce__(self) -> tuple:
        """Pickle the beginning that all paths share once."""
        files = self.files.tolist()
        shared = os.path.commonprefix(files)  # noqa: RUF071 - half a name is shared too
        rest = [file[len(shared) :] for file in files]
        return _unpack_files, (shared, rest, self.starts, self.ends, self.channel)

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.files)

    def read(self, index: int, max_duration: float) -> Recording:
        """Decode one clip at its own rate."""
        start, end = self._part(index)
        return read_recording(
            self.files[index],
            start=start,
            end=end,
            max_duration=max_duration,
            channel=self.channel,
        )

    def measure(self, index: int) -> FileExtent:
        """Return where in its file one clip lies, decoding nothing where possible."""
        start, end = self._part(index)
        return measure_recording(
            self.files[index], start=start, end=end, channel=self.channel
        )

    def digest(self, index: int) -> str:
        """Digest the bytes of the file, the part, channel and version of the reader."""
        content = file_digest(self.files[index])
        return _digest_part(content, self._part(index), self.channel, _reader())

    def name(self, index: int) -> str | None:
        """Return the path as the user gave it."""
        return self.files[index]

    def take(self, index: slice | np.ndarray) -> "FileSource":
        """Return a source of some of the clips."""
        return FileSource(
            self.files[index], self.starts[index], self.ends[index], self.channel
        )

    def with_channel(self, channel: int | None) -> "FileSource":
        """Return a source of the same clips that reads another channel."""
        return FileSource(self.files, self.starts, self.ends, channel)

    def table(self) -> dict[str, np.ndarray]:
        """Return files, and starts and ends in seconds."""
        return {"file": self.files, "start": self.starts, "end": self.ends}

    def extent(self) -> str:
        """Say where the audio is."""
        return "from files"

    def _part(self, index: int) -> tuple[float, float | None]:
        end = float(self.ends[index])
        return float(self.starts[index]), None if math.isnan(end) else end


class ArraySource:
    """Waveforms of one rate, one after another in a float32 buffer.

    One flat array travels to worker processes as a memory map, once; a list of
    arrays would be copied clip by clip.

    Parameters
    ----------
    buffer : ndarray of float32 of shape (n_values,)
        Samples, which nobody else may write to.
    starts, lengths : ndarray of int of shape (n_clips,)
        Where in the buffer each clip lies.
    sampling_rate : int
        Rate in Hz.
    """

    def __init__(
        self,
        buffer: np.ndarray,
        starts: np.ndarray,
        lengths: np.ndarray,
        sampling_rate: int,
    ) -> None:
        self.buffer = frozen(buffer)
        self.starts = starts
        self.lengths = lengths
        self.sampling_rate = sampling_rate
        # By place in the buffer, so that slices can share it.
        self._digests: dict[tuple[int, int], str] = {}
        self._packed: tuple | None = None

    @classmethod
    def from_waveforms(
        cls, waveforms: Sequence[np.ndarray], sampling_rate: int
    ) -> "ArraySource":
        """Copy float32 waveforms into one buffer."""
        lengths = np.array([len(waveform) for waveform in waveforms], dtype=np.int64)
        empty = np.empty(0, dtype=np.float32)
        buffer = np.concatenate([*waveforms, empty])
        return cls(buffer, np.cumsum(lengths) - lengths, lengths, sampling_rate)

    @classmethod
    def from_matrix(cls, matrix: np.ndarray, sampling_rate: int) -> "ArraySource":
        """Take the rows of a float32 matrix, which nobody else may write to."""
        n_clips, length = matrix.shape
        starts = np.arange(n_clips, dtype=np.int64) * length
        lengths = np.full(n_clips, length, dtype=np.int64)
        return cls(matrix.reshape(-1), starts, lengths, sampling_rate)

    def __reduce__(self) -> tuple:
        """Pickle without the samples of clips that were sliced away."""
        # Kept, because joblib maps an array into its workers' memory once, but only
        # if it meets the same array again.
        if self._packed is None:
            self._packed = self._pack()
        return ArraySource, self._packed

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.starts)

    def read(self, index: int, max_duration: float) -> Recording:
        """Return a read-only view of one waveform."""
        duration = self.lengths[index] / self.sampling_rate
        if duration > max_duration:
            raise AudioError(
                f"lasts {duration:.3f} s, longer than max_duration={max_duration:g} s. "
                "Raise max_duration, or cut the clip."
            )
        samples = check_samples(self._samples(index), self.sampling_rate)
        return Recording(samples, self.sampling_rate)

    def digest(self, index: int) -> str:
        """Digest the samples and their rate, once."""
        place = int(self.starts[index]), int(self.lengths[index])
        if place not in self._digests:
            samples = self._samples(index)
            self._digests[place] = sha256(samples.data, str(self.sampling_rate))
        return self._digests[place]

    def name(self, index: int) -> str | None:
        """Return None: a waveform has no name."""
        return None

    def take(self, index: slice | np.ndarray) -> "ArraySource":
        """Return a source of some of the clips, over the same buffer."""
        taken = ArraySource(
            self.buffer, self.starts[index], self.lengths[index], self.sampling_rate
        )
        taken._digests = self._digests
        return taken

    def table(self) -> dict[str, np.ndarray]:
        """Return no columns: the clips lie in memory."""
        return {}

    def extent(self) -> str:
        """Say how long the audio is in all."""
        return f"({self.lengths.sum() / self.sampling_rate / 3600:.2f} h)"

    def _samples(self, index: int) -> np.ndarray:
        start = self.starts[index]
        return self.buffer[start : start + self.lengths[index]]

    def _pack(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """Return what the constructor takes, of the samples that are needed."""
        starts, ends = self.starts, self.starts + self.lengths
        if not np.array_equal(starts[1:], ends[:-1]):
            waveforms = [self._samples(index) for index in range(len(self))]
            copied = ArraySource.from_waveforms(waveforms, self.sampling_rate)
            return copied.buffer, copied.starts, copied.lengths, self.sampling_rate
        first, last = (starts[0], ends[-1]) if len(self) else (0, 0)
        buffer = self.buffer
        if last - first < len(buffer):
            buffer = buffer[first:last]
        return buffer, starts - first, self.lengths, self.sampling_rate


def make_array_source(waveforms: Any, sampling_rate: int) -> ArraySource:
    """Copy a sequence of waveforms, or the rows of a matrix, or raise naming a clip."""
    is_matrix = isinstance(waveforms, np.ndarray) and waveforms.ndim == 2
    if is_matrix and waveforms.dtype.kind in "fiu" and not np.ma.is_masked(waveforms):
        given = np.asarray(waveforms)
        try:
            matrix = to_float32(given)
        except AudioError as error:
            raise AudioError(f"Every clip {error}") from error
        if np.may_share_memory(matrix, given):
            matrix = matrix.copy()
        return ArraySource.from_matrix(matrix, sampling_rate)
    items = check_items(waveforms, "waveforms", "a list of waveforms")
    converted = [check_waveform(index, item) for index, item in enumerate(items)]
    return ArraySource.from_waveforms(converted, sampling_rate)


def _unpack_files(
    shared: str,
    rest: list[str],
    starts: np.ndarray,
    ends: np.ndarray,
    channel: int | None,
) -> FileSource:
    files = np.array([shared + end for end in rest], dtype=object)
    return FileSource(files, starts, ends, channel)


# The same few parts are digested in every fold.
@functools.lru_cache(maxsize=_MAX_DIGESTS)
def _digest_part(
    content: str, part: tuple[float, float | None], channel: int | None, reader: str
) -> str:
    """Digest what a part of a file is read from, and how."""
    chosen = [] if channel is None else [f"channel {channel}"]
    return sha256(content, repr(part), reader, *chosen)


@functools.cache
def _reader() -> str:
    """Name all that decides which samples a file gives."""
    return f"{_READER_VERSION} soundfile {version('soundfile')}"
