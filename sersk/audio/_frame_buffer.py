"""Where the frames of many clips lie: in memory, or in a file when they are many."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from typing import IO, Protocol

import numpy as np

from sersk.audio._validation import frozen

# Log spectrograms of nearly four hours; what is more goes into a temporary file.
MEMORY_LIMIT = 2**30


class FrameBuffer(Protocol):
    """Rows of float32 of one width, of which a part can be read."""

    n_features: int

    def read(self, first: int, count: int) -> np.ndarray:
        """Return some rows as an array of shape (count, n_features), not to change."""


class MemoryBuffer:
    """Rows in memory."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = frozen(rows)
        self.n_features = rows.shape[1]

    def read(self, first: int, count: int) -> np.ndarray:
        """Return some rows, without a copy."""
        return self.rows[first : first + count]


class FileBuffer:
    """Rows in a temporary file that nobody else can open, read part by part.

    The file has no name and goes with whoever has it open, however that ends. It is
    read and not mapped, so that what was read once does not stay in the memory of the
    process.
    """

    def __init__(self, file: IO[bytes], n_rows: int, n_features: int) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.n_rows = n_rows
        self.n_features = n_features

    def read(self, first: int, count: int) -> np.ndarray:
        """Return some rows, read from the file."""
        rows = np.empty((count, self.n_features), dtype=np.float32)
        view = rows.reshape(-1).view(np.uint8).data
        offset = first * self.n_features * rows.itemsize
        while len(view):
            n_bytes = self._read_into(view, offset)
            if not n_bytes:
                raise OSError(
                    "A temporary file of frames is shorter than it was. Extract them "
                    "again, with room left on the disk of the temporary folder."
                )
            view, offset = view[n_bytes:], offset + n_bytes
        return frozen(rows)

    def _read_into(self, view: memoryview, offset: int) -> int:
        # Processes that were forked share the position in a file, and cannot share a
        # lock; where there is no other way to read, processes are not forked.
        if hasattr(os, "preadv"):
            return os.preadv(self._file.fileno(), [view], offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.readinto(view)  # type: ignore[attr-defined]  # it is there

    def __reduce__(self) -> tuple:
        """Pickle the rows; to its workers, joblib sends no more than where they lie."""
        return _buffer_of, (self._map(),)

    def _map(self) -> np.ndarray:
        """Return all rows without reading them, where the system names open files."""
        path = f"/proc/{os.getpid()}/fd/{self._file.fileno()}"
        if not os.path.exists(path):
            return np.array(self.read(0, self.n_rows))
        return np.memmap(path, np.float32, "r", shape=(self.n_rows, self.n_features))

    def __del__(self) -> None:
        self._file.close()


def _buffer_of(rows: np.ndarray) -> MemoryBuffer:
    """Return a buffer of rows that were unpickled, mapped or not."""
    return MemoryBuffer(np.asarray(rows))


class FrameWriter:
    """Gather the rows of clips one after another, in bounded memory.

    Parameters
    ----------
    n_features : int
        Width of every row.
    memory_limit : int, default=2**30
        Bytes that are kept in memory; beyond, all rows go into a temporary file, and
        those of further clips at once.

    See Also
    --------
    FrameSequences.from_writer : The collection of what was written.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import FrameSequences, FrameWriter
    >>> writer = FrameWriter(3)
    >>> writer.append(np.zeros((5, 3)))
    >>> FrameSequences.from_writer(writer)
    <FrameSequences: 1 clip, 5 to 5 frames of 3 features>
    """

    def __init__(self, n_features: int, *, memory_limit: int = MEMORY_LIMIT) -> None:
        self._file: IO[bytes] | None = None
        self._closed = False
        self.n_features = n_features
        self.lengths: list[int] = []
        self._limit = memory_limit
        self._parts: list[np.ndarray] = []
        self._n_bytes = 0

    def append(self, rows: np.ndarray) -> None:
        """Add the rows of one clip.

        Parameters
        ----------
        rows : ndarray of shape (n_frames, n_features)
            Frames, which are copied unless they are float32 in one piece.

        Raises
        ------
        ValueError
            If they have another width than those before, or the writer is closed.
        OSError
            If the folder of temporary files cannot hold them. The writer is closed.
        """
        self._check_open()
        if rows.ndim != 2 or rows.shape[1] != self.n_features:
            raise ValueError(
                f"The frames of a clip have shape {rows.shape}, but (n_frames, "
                f"{self.n_features}) is expected."
            )
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        self.lengths.append(len(rows))
        self._parts.append(rows)
        self._n_bytes += rows.nbytes
        if self._file is not None or self._n_bytes > self._limit:
            self._flush()

    def close(self) -> FrameBuffer:
        """Return the buffer of all rows.

        Returns
        -------
        buffer : FrameBuffer
            Rows one clip behind another.

        Raises
        ------
        ValueError
            If it was closed before: the rows have an owner.
        OSError
            If the folder of temporary files cannot hold them.
        """
        self._check_open()
        self._closed = True
        n_rows = sum(self.lengths)
        if self._file is None:
            return MemoryBuffer(self._join(n_rows))
        with self._explained():
            self._file.flush()
        file, self._file = self._file, None
        return FileBuffer(file, n_rows, self.n_features)

    def __del__(self) -> None:
        """Close the file that nobody took over."""
        if self._file is not None:
            # What a full disk did not take would be written once more.
            with contextlib.suppress(OSError):
                self._file.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("The writer is closed. Write further clips with another.")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say where frames find no room; some of a clip may be written, so it is over.

        A folder is looked for when the first of them are written.
        """
        try:
            yield
        except OSError as error:
            self._closed = True
            raise OSError(
                error.errno,
                f"{error.strerror or error}. More than {self._limit} bytes of frames "
                "go into a temporary file. Make room, or name another folder in the "
                "environment variable TMPDIR",
                tempfile.tempdir,
            ) from error

    def _join(self, n_rows: int) -> np.ndarray:
        """Return all rows as one array; those of a clip go once they are copied."""
        joined = np.empty((n_rows, self.n_features), dtype=np.float32)
        first = 0
        self._parts.reverse()
        while self._parts:
            rows = self._parts.pop()
            joined[first : first + len(rows)] = rows
            first += len(rows)
        return joined

    def _flush(self) -> None:
        with self._explained():
            if self._file is None:
                name = "sersk-frames-"
                self._file = tempfile.TemporaryFile(prefix=name)  # noqa: SIM115  # the owner closes it
            for rows in self._parts:
                self._file.write(rows.data)
        self._parts, self._n_bytes = [], 0
