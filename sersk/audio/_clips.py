"""The one type that X is inside the library."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio._display import ClipsDisplay
from sersk.audio._operations import (
    ChangeRate,
    Operation,
    check_operation,
    resampler,
    run_operations,
)
from sersk.audio._reading import Recording
from sersk.audio._resampling import resample
from sersk.audio._sources import FileSource, Source, digest_of, make_array_source
from sersk.audio._texts import make_text_source
from sersk.audio._validation import (
    check_columns,
    check_index,
    check_items,
    check_max_duration,
    check_path,
    check_sampling_rate,
    check_seconds,
    frozen,
)
from sersk.utils import AudioError

DEFAULT_MAX_DURATION = 600.0


class AudioClips(ClipsDisplay):
    """Hold audio clips and what is known of each, as scikit-learn's X.

    A one-dimensional, immutable collection. Behind it lie files, decoded when a clip
    is read, or arrays in one flat buffer. Slicing copies no audio, and per-clip
    columns such as the speaker are sliced along, so that splitters find them.

    Build it with :meth:`from_files` or :meth:`from_arrays`, or let
    :func:`sersk.check_clips` do so.

    Attributes
    ----------
    sampling_rate : int
        Rate in Hz of every waveform that the collection gives.
    columns : mapping of str to ndarray of shape (n_clips,)
        What is known of each clip; read-only.
    shape : tuple
        ``(n_clips,)``.

    See Also
    --------
    sersk.check_clips : Make clips of anything that can be taken for them.
    sersk.datasets.Corpus : Clips with their labels.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> waveforms = [np.zeros(16_000), np.zeros(8_000), np.zeros(4_000)]
    >>> clips = AudioClips.from_arrays(
    ...     waveforms, sampling_rate=16_000, columns={"speaker": ["03", "03", "08"]}
    ... )
    >>> clips
    <AudioClips: 3 clips (0.00 h) at 16000 Hz, 2 speakers>
    >>> clips[1:].speaker
    array(['03', '08'], dtype=object)
    >>> clips[2].shape
    (4000,)
    """

    __slots__ = ("_columns", "_key", "_max_duration", "_operations", "_rate", "_source")

    def __init__(
        self,
        source: Source,
        source_rate: int,
        columns: Mapping[str, np.ndarray],
        operations: tuple[Operation, ...],
        max_duration: float,
    ) -> None:
        self._source = source
        self._rate = source_rate
        self._columns = {name: frozen(column) for name, column in columns.items()}
        self._operations = operations
        self._key = tuple(operation.key for operation in operations)
        self._max_duration = max_duration

    @classmethod
    def from_files(
        cls,
        files: Sequence,
        *,
        start: Sequence | None = None,
        end: Sequence | None = None,
        sampling_rate: int = 16_000,
        columns: Mapping[str, Sequence] | None = None,
        max_duration: float = DEFAULT_MAX_DURATION,
    ) -> "AudioClips":
        """Make clips of files, which are opened only when a clip is read.

        Parameters
        ----------
        files : sequence of path of length n_clips
            Files that soundfile decodes: WAV, FLAC, OGG or MP3.
        start, end : sequence of float of length n_clips, default=None
            Where the clip begins and ends, in seconds; None or NaN stands for the
            beginning or the end of the file.
        sampling_rate : int, default=16000
            Rate in Hz to which every clip is resampled.
        columns : mapping of str to sequence, default=None
            What is known of each clip.
        max_duration : float, default=600.0
            Longest clip in seconds that is read; it bounds the memory.

        Returns
        -------
        clips : AudioClips
            The collection.

        Raises
        ------
        ValueError
            If the lengths differ or the rate is out of range.

        Examples
        --------
        >>> from sersk import AudioClips
        >>> AudioClips.from_files(["a.wav", "b.wav"], sampling_rate=16_000)
        <AudioClips: 2 clips from files at 16000 Hz>
        """
        items = check_items(files, "files", "a list of paths")
        paths = [check_path(index, item) for index, item in enumerate(items)]
        source = FileSource(
            np.array(paths, dtype=object),
            check_seconds("start", start, len(paths), 0.0),
            check_seconds("end", end, len(paths), np.nan),
        )
        return cls._make(source, sampling_rate, columns, max_duration)

    @classmethod
    def from_arrays(
        cls,
        waveforms: Sequence[Any] | np.ndarray,
        *,
        sampling_rate: int,
        columns: Mapping[str, Sequence] | None = None,
        max_duration: float = DEFAULT_MAX_DURATION,
    ) -> "AudioClips":
        """Make clips of waveforms, which are copied into one float32 buffer.

        Parameters
        ----------
        waveforms : sequence of array-like of shape (n_samples,), or 2-D array
            Mono waveforms: floats in [-1, 1] or integer PCM codes.
        sampling_rate : int
            Rate in Hz of all of them.
        columns : mapping of str to sequence, default=None
            What is known of each clip.
        max_duration : float, default=600.0
            Longest clip in seconds that is read.

        Returns
        -------
        clips : AudioClips
            The collection.

        Raises
        ------
        AudioError
            If a waveform is not a one-dimensional array of numbers.
        ValueError
            If the lengths differ or the rate is out of range.

        Examples
        --------
        >>> import numpy as np
        >>> from sersk import AudioClips
        >>> pcm = np.array([0, 16384, -32768], dtype=np.int16)
        >>> AudioClips.from_arrays([pcm], sampling_rate=16_000)[0]
        array([ 0. ,  0.5, -1. ], dtype=float32)
        """
        rate = check_sampling_rate(sampling_rate)
        source = make_array_source(waveforms, rate)
        return cls._make(source, rate, columns, max_duration)

    @classmethod
    def from_texts(
        cls, texts: Sequence[str], *, columns: Mapping[str, Sequence] | None = None
    ) -> "AudioClips":
        """Make clips of texts without audio, which they carry as ``transcript``.

        Parameters
        ----------
        texts : sequence of str of length n_clips
            What was said or written.
        columns : mapping of str to sequence, default=None
            What else is known of each clip.

        Returns
        -------
        clips : AudioClips
            The collection. To read a waveform of it is an AudioError.

        Examples
        --------
        >>> from sersk import AudioClips
        >>> AudioClips.from_texts(["what a day", ""])
        <AudioClips: 2 clips without audio at 16000 Hz>
        """
        source = make_text_source(texts)
        clips = cls._make(source, 16_000, columns, DEFAULT_MAX_DURATION)
        return clips.with_columns({"transcript": list(texts)})

    @classmethod
    def _make(
        cls,
        source: Source,
        sampling_rate: Any,
        columns: Mapping[str, Sequence] | None,
        max_duration: Any,
    ) -> "AudioClips":
        return cls(
            source,
            check_sampling_rate(sampling_rate),
            check_columns(columns, len(source), reserved=source.table()),
            (),
            check_max_duration(max_duration),
        )

    @property
    def shape(self) -> tuple[int]:
        """``(n_clips,)``."""
        return (len(self._source),)

    @property
    def sampling_rate(self) -> int:
        """Rate in Hz of every waveform that the collection gives."""
        rate = self._rate
        for operation in self._operations:
            rate = operation.output_rate(rate)
        return rate

    @property
    def columns(self) -> Mapping[str, np.ndarray]:
        """What is known of each clip, by name; read-only."""
        return MappingProxyType(self._columns)

    @property
    def speaker(self) -> np.ndarray:
        """Speaker of each clip."""
        return self._column("speaker")

    @property
    def session(self) -> np.ndarray:
        """Session of each clip."""
        return self._column("session")

    @property
    def files(self) -> np.ndarray | None:
        """Path of each clip, or None where the clips are arrays."""
        return self._source.table().get("file")

    @property
    def digests(self) -> list[str]:
        """Digest of each clip's content, part and operations, as hex.

        Two clips have the same digest only if their waveforms are equal; the path
        does not count, the bytes of the file do.
        """
        return [self._named(index, self.digest) for index in range(len(self))]

    def digest(self, index: int) -> str:
        """Return the digest of one clip.

        Parameters
        ----------
        index : int
            Number of the clip.

        Returns
        -------
        digest : str
            64 hexadecimal digits.

        Raises
        ------
        AudioError
            If the file cannot be read; the message is a phrase without the clip.
        """
        content = self._source.digest(index)
        return digest_of(content, f"{self._rate} Hz", resampler(), *self._key)

    def read(self, index: int) -> Recording:
        """Return the waveform of one clip and the rate at which it was recorded.

        Parameters
        ----------
        index : int
            Number of the clip.

        Returns
        -------
        recording : Recording
            ``samples``, float32 of shape (n_samples,) at `sampling_rate`, read-only
            or fresh; ``sampling_rate``, the recording's own in Hz; ``notes``.

        Raises
        ------
        AudioError
            If the clip cannot be read; the message is a phrase without the clip.
        """
        samples, rate, known = self._source.read(index, self._max_duration)
        samples = resample(samples, rate, self._rate)
        samples, notes = run_operations(self._operations, samples, self._rate)
        return Recording(samples, rate, (*known, *notes))

    def describe(self, index: int) -> str:
        """Name a clip as error messages do.

        Parameters
        ----------
        index : int
            Number of the clip.

        Returns
        -------
        name : str
            Such as ``Clip 17 ('03a01Fa.wav')``.
        """
        name = self._source.name(index)
        return f"Clip {index}" if name is None else f"Clip {index} ({name!r})"

    def apply(self, operation: Operation) -> "AudioClips":
        """Append an operation that runs when a clip is read.

        Parameters
        ----------
        operation : Operation
            What to do; it enters the digests.

        Returns
        -------
        clips : AudioClips
            The same clips, changed.

        Raises
        ------
        TypeError
            If it is no :class:`sersk.audio.Operation`, or one without a key.
        """
        checked = check_operation(operation)
        return self._replace(operations=(*self._operations, checked))

    def resample(self, sampling_rate: int) -> "AudioClips":
        """Return the same clips at another rate.

        Parameters
        ----------
        sampling_rate : int
            Rate in Hz.

        Returns
        -------
        clips : AudioClips
            These clips themselves where the rate is theirs already.

        Raises
        ------
        ValueError
            If the rate is out of range.
        """
        if check_sampling_rate(sampling_rate) == self.sampling_rate:
            return self
        # Straight from the recording's own rate, never by way of another.
        if not self._operations:
            return self._replace(source_rate=int(sampling_rate))
        return self.apply(ChangeRate(int(sampling_rate)))

    def with_columns(self, columns: Mapping[str, Sequence]) -> "AudioClips":
        """Return the same clips with more, or other, columns.

        Parameters
        ----------
        columns : mapping of str to sequence of length n_clips
            What is known of each clip.

        Returns
        -------
        clips : AudioClips
            The same clips.

        Raises
        ------
        ValueError
            If a column has another length.

        Examples
        --------
        >>> from sersk import AudioClips
        >>> clips = AudioClips.from_files(["a.wav", "b.wav"])
        >>> clips.with_columns({"speaker": ["anna", "bob"]}).speaker
        array(['anna', 'bob'], dtype=object)
        """
        added = check_columns(columns, len(self), reserved=self._source.table())
        return self._replace(columns={**self._columns, **added})

    def with_max_duration(self, max_duration: float) -> "AudioClips":
        """Return the same clips with another bound on their length.

        Parameters
        ----------
        max_duration : float
            Longest clip in seconds that is read.

        Returns
        -------
        clips : AudioClips
            The same clips.
        """
        return self._replace(max_duration=check_max_duration(max_duration))

    def to_frame(self) -> pd.DataFrame:
        """Return a table of the clips, one row each.

        Returns
        -------
        frame : pandas.DataFrame
            ``file``, ``start`` and ``end`` (seconds) where the clips are files, and
            the columns.

        Examples
        --------
        >>> from sersk import AudioClips
        >>> AudioClips.from_files(["a.wav"], end=[1.5]).to_frame()
            file  start  end
        0  a.wav    0.0  1.5
        """
        table = {**self._source.table(), **self._columns}
        # As they are: pandas' own type for text refuses names that are not UTF-8.
        kept = {name: pd.Series(v, dtype=v.dtype) for name, v in table.items()}
        return pd.DataFrame(kept, index=range(len(self)))

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self._source)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Iterate over the waveforms."""
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        """Return the waveform at an integer, or the clips at a slice, mask or list."""
        index = check_index(key, len(self))
        if isinstance(index, int):
            return self._named(index, self.read).samples
        columns = {name: column[index] for name, column in self._columns.items()}
        return self._replace(source=self._source.take(index), columns=columns)

    def __reduce__(self) -> tuple:
        """Pickle what the constructor takes."""
        return AudioClips, tuple(self._state().values())

    def _column(self, name: str) -> np.ndarray:
        if name in self._columns:
            return self._columns[name]
        known = ", ".join(self._columns) or "none"
        raise ValueError(
            f"These clips carry no {name!r} column (columns: {known}). Give it with "
            f"clips.with_columns({{{name!r}: [...]}})."
        )

    def _named(self, index: int, function: Callable[[int], Any]) -> Any:
        """Call a function of one clip, and name the clip where it fails."""
        try:
            return function(index)
        except AudioError as error:
            raise AudioError(
                f"{self.describe(index)} {error}", indices=[index]
            ) from error

    def _replace(self, **changes: Any) -> "AudioClips":
        return AudioClips(**{**self._state(), **changes})

    def _state(self) -> dict[str, Any]:
        """Return what the constructor takes, in its order."""
        return {
            "source": self._source,
            "source_rate": self._rate,
            "columns": self._columns,
            "operations": self._operations,
            "max_duration": self._max_duration,
        }
