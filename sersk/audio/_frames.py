"""Frames of clips as one collection: what lies between an extractor and a net."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Integral
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from sersk.audio._frame_buffer import FrameBuffer, FrameWriter
from sersk.audio._validation import check_columns, check_index, frozen


class FrameSequences:
    """Hold the frames of clips: one matrix a clip, as long as the clip is.

    A one-dimensional, immutable collection. The frames of all clips lie in one buffer,
    in memory or in a temporary file where they are many, and nothing is padded until
    :meth:`pad` is called on the clips of a batch. Per-clip columns such as the speaker
    are sliced along.

    Attributes
    ----------
    shape : tuple
        ``(n_clips,)``.
    n_features : int
        Width of a frame.
    lengths : ndarray of int of shape (n_clips,)
        Number of frames of each clip.
    pad_value : ndarray of float32 of shape (n_features,)
        What stands for no sound: the floor of the extractor, scaled as the frames are.
    period : float or None
        Time between two frames in seconds, where it is known.
    columns : mapping of str to ndarray of shape (n_clips,)
        What is known of each clip; read-only.

    See Also
    --------
    sersk.AudioClips : The clips themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import FrameSequences
    >>> frames = [np.ones((2, 3)), np.ones((1, 3))]
    >>> sequences = FrameSequences.from_arrays(frames, pad_value=-80.0)
    >>> sequences
    <FrameSequences: 2 clips, 1 to 2 frames of 3 features>
    >>> batch, lengths = sequences.pad()
    >>> batch[1]
    array([[  1.,   1.,   1.],
           [-80., -80., -80.]], dtype=float32)
    >>> lengths
    array([2, 1])
    """

    __slots__ = ("_buffer", "_columns", "_operations", "_starts", "lengths", "period")

    def __init__(
        self,
        buffer: FrameBuffer,
        starts: np.ndarray,
        lengths: np.ndarray,
        columns: Mapping[str, np.ndarray],
        operations: tuple[Callable[[np.ndarray], np.ndarray], ...],
        period: float | None,
    ) -> None:
        self._buffer = buffer
        self._starts = starts
        self.lengths = frozen(lengths)
        self._columns = {name: frozen(column) for name, column in columns.items()}
        self._operations = operations
        self.period = period

    @classmethod
    def from_arrays(
        cls,
        arrays: Sequence[ArrayLike],
        *,
        pad_value: ArrayLike = 0.0,
        period: float | None = None,
        columns: Mapping[str, Sequence] | None = None,
    ) -> "FrameSequences":
        """Make a collection of matrices, which are copied into one buffer.

        Parameters
        ----------
        arrays : sequence of array-like of shape (n_frames, n_features)
            The frames of each clip; at least one clip, and at least one frame a clip.
        pad_value : float or array-like of shape (n_features,), default=0.0
            What stands for no sound.
        period : float, default=None
            Time between two frames in seconds.
        columns : mapping of str to sequence, default=None
            What is known of each clip.

        Returns
        -------
        sequences : FrameSequences
            The collection.

        Raises
        ------
        ValueError
            If there is no clip, a clip has no frames or no numbers, or widths differ.
        """
        matrices = [_as_matrix(index, array) for index, array in enumerate(arrays)]
        if not matrices or matrices[0].ndim != 2 or not matrices[0].shape[1]:
            raise ValueError(
                "arrays must hold at least one matrix of shape (n_frames, n_features), "
                "with one feature or more."
            )
        writer = FrameWriter(matrices[0].shape[1])
        for matrix in matrices:
            writer.append(matrix)
        return cls.from_writer(
            writer, pad_value=pad_value, period=period, columns=columns
        )

    @classmethod
    def from_writer(
        cls,
        writer: FrameWriter,
        *,
        pad_value: ArrayLike = 0.0,
        period: float | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> "FrameSequences":
        """Make a collection of what was written; for extractors.

        Parameters
        ----------
        writer : FrameWriter
            Gathered frames; nothing may be appended afterwards.
        pad_value : float or array-like of shape (n_features,), default=0.0
            What stands for no sound.
        period : float, default=None
            Time between two frames in seconds.
        columns : mapping of str to sequence, default=None
            What is known of each clip.

        Returns
        -------
        sequences : FrameSequences
            The collection.

        Raises
        ------
        ValueError
            If a clip has no frames, or `pad_value` is no frame of numbers.
        """
        lengths = np.array(writer.lengths, dtype=np.int64)
        if not lengths.all():
            index = int(np.flatnonzero(lengths == 0)[0])
            raise ValueError(f"Clip {index} has no frames. Give each clip one or more.")
        # The row that pads is kept behind all others, so that it is scaled with them.
        writer.append(_pad_row(pad_value, writer.n_features))
        starts = np.concatenate([[0], np.cumsum(lengths)])
        checked = check_columns(columns, len(lengths))
        return cls(writer.close(), starts, lengths, checked, (), period)

    @property
    def shape(self) -> tuple[int]:
        """``(n_clips,)``."""
        return (len(self.lengths),)

    @property
    def n_features(self) -> int:
        """Width of a frame."""
        return len(self.pad_value)

    @property
    def pad_value(self) -> np.ndarray:
        """What stands for no sound, as a frame."""
        return self._read(int(self._starts[-1]), 1)[0]

    @property
    def columns(self) -> Mapping[str, np.ndarray]:
        """What is known of each clip, by name; read-only."""
        return MappingProxyType(self._columns)

    def apply(self, operation: Callable[[np.ndarray], np.ndarray]) -> "FrameSequences":
        """Append an operation on frames that runs when they are read.

        Parameters
        ----------
        operation : callable
            From an array of shape (n_frames, n_features) to a new one of as many
            frames, each by itself: the frame that pads goes through it too.

        Returns
        -------
        sequences : FrameSequences
            The same clips, changed.
        """
        operations = (*self._operations, operation)
        return self._replace(operations=operations)

    def pad(self, n_frames: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return all clips as one array, padded at their ends.

        Parameters
        ----------
        n_frames : int, default=None
            Length of the result; longer clips lose their end. None: that of the
            longest clip.

        Returns
        -------
        frames : ndarray of float32 of shape (n_clips, n_frames, n_features)
            Frames, followed by frames of ``pad_value``.
        lengths : ndarray of int64 of shape (n_clips,)
            How many of them are no padding.
        """
        longest = int(self.lengths.max(initial=1)) if n_frames is None else n_frames
        if not isinstance(longest, Integral) or longest < 1:
            raise ValueError(
                f"n_frames must be a whole number of at least 1, got {n_frames!r}."
            )
        lengths = np.minimum(self.lengths, longest)
        padding = self.pad_value
        frames = np.empty((len(self), longest, len(padding)), dtype=np.float32)
        for index, length in enumerate(lengths):
            frames[index, :length] = self._read(int(self._starts[index]), int(length))
            frames[index, length:] = padding
        return frames, lengths

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        """Refuse: clips have no common length."""
        raise TypeError(
            "FrameSequences are no matrix, since each clip is as long as it is. Scale "
            "them with SequenceScaler() and give them to a net, such as "
            "CRNNClassifier(); for a row a clip, take an extractor such as "
            "AcousticFunctionals(). pad() gives one array of all."
        )

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.lengths)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Iterate over the matrices."""
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        """Return the matrix at an integer, or the clips at a slice, mask or list."""
        index = check_index(key, len(self))
        if isinstance(index, int):
            return self._read(int(self._starts[index]), int(self.lengths[index]))
        # The last start is that of the frame that pads.
        starts = np.append(self._starts[:-1][index], self._starts[-1])
        columns = {name: column[index] for name, column in self._columns.items()}
        return self._replace(
            starts=starts, lengths=self.lengths[index], columns=columns
        )

    def __repr__(self) -> str:
        """Say how many clips there are, and how long and wide."""
        count = f"{len(self)} clip{'' if len(self) == 1 else 's'}"
        extent = f"{self.lengths.min()} to {self.lengths.max()}" if len(self) else "no"
        return (
            f"<FrameSequences: {count}, {extent} frames of {self.n_features} features>"
        )

    def __reduce__(self) -> tuple:
        """Pickle what the constructor takes."""
        return FrameSequences, tuple(self._state().values())

    def _read(self, first: int, count: int) -> np.ndarray:
        frames = self._buffer.read(first, count)
        for operation in self._operations:
            frames = np.asarray(operation(frames), dtype=np.float32)
        return frames

    def _replace(self, **changes: Any) -> "FrameSequences":
        return FrameSequences(**{**self._state(), **changes})

    def _state(self) -> dict[str, Any]:
        """Return what the constructor takes, in its order."""
        return {
            "buffer": self._buffer,
            "starts": self._starts,
            "lengths": self.lengths,
            "columns": self._columns,
            "operations": self._operations,
            "period": self.period,
        }


def _as_matrix(index: int, array: ArrayLike) -> np.ndarray:
    """Return the frames of a clip in single precision, or raise naming it."""
    try:
        # What is too large becomes infinite, as what is infinite already: a net, or a
        # scaler, refuses it.
        with np.errstate(over="ignore"):
            return np.asarray(array, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Clip {index} is no matrix of numbers: {error}. Give it the shape "
            "(n_frames, n_features)."
        ) from error


def _pad_row(pad_value: ArrayLike, n_features: int) -> np.ndarray:
    """Return the frame that pads, of shape (1, n_features), or raise."""
    row = np.asarray(pad_value, dtype=np.float32)
    if row.shape not in {(), (1,), (n_features,)} or not np.isfinite(row).all():
        raise ValueError(
            f"pad_value={pad_value!r} must be a finite number, or one for each of the "
            f"{n_features} features."
        )
    return np.broadcast_to(row, (1, n_features))
