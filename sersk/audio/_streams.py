"""Several inputs of one net, clip by clip."""

from collections.abc import ItemsView, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np

from sersk.audio._frames import FrameSequences
from sersk.audio._validation import check_index


class FeatureStreams:
    """Hold several features of the same clips under the names that a net knows.

    A one-dimensional, immutable collection of clips: slicing takes clips of all
    streams at once, and a name gives a stream.

    Parameters
    ----------
    streams : mapping of str to FrameSequences or ndarray of shape (n_clips, n_features)
        The features by name, all of as many clips.

    Attributes
    ----------
    shape : tuple
        ``(n_clips,)``.
    columns : mapping of str to ndarray of shape (n_clips,)
        What is known of each clip, of all streams; read-only.

    Raises
    ------
    ValueError
        If there is no stream, if the numbers of clips differ, or if a clip has more
        frames in one stream than in another of the same period.

    See Also
    --------
    FrameSequences : A stream whose clips differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import FeatureStreams, FrameSequences
    >>> mfcc = FrameSequences.from_arrays([np.ones((2, 3)), np.ones((1, 3))])
    >>> streams = FeatureStreams({"mfcc": mfcc, "w2e": np.zeros((2, 4))})
    >>> streams
    <FeatureStreams: 2 clips of mfcc, w2e>
    >>> streams[:1]["w2e"].shape
    (1, 4)
    """

    __slots__ = ("_streams",)

    def __init__(self, streams: Mapping[str, FrameSequences | np.ndarray]) -> None:
        lengths = {name: len(stream) for name, stream in streams.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(
                "The streams must hold the same clips, one stream or more; got "
                f"{lengths}."
            )
        self._streams = dict(streams)
        _check_lengths(self._streams)

    @property
    def shape(self) -> tuple[int]:
        """``(n_clips,)``."""
        return (len(self),)

    @property
    def columns(self) -> Mapping[str, np.ndarray]:
        """What is known of each clip, by name; read-only."""
        columns: dict[str, np.ndarray] = {}
        for stream in self._streams.values():
            columns |= getattr(stream, "columns", {})
        return MappingProxyType(columns)

    def keys(self) -> list[str]:
        """Return the names of the streams.

        Returns
        -------
        names : list of str
            In their order.
        """
        return list(self._streams)

    def items(self) -> ItemsView[str, FrameSequences | np.ndarray]:
        """Return the streams with their names.

        Returns
        -------
        items : view of (str, FrameSequences or ndarray)
            In their order.
        """
        return self._streams.items()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        """Refuse: there are several features."""
        raise TypeError(
            "FeatureStreams are no matrix. Give them to a net of several inputs, such "
            "as CoAttentionClassifier(), or take one of them by its name. Rows of "
            "several extractors side by side are scikit-learn's make_union."
        )

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(next(iter(self._streams.values())))

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        """Iterate over the clips."""
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        """Return a stream by name, a clip's features at an integer, or some clips."""
        if isinstance(key, str):
            return self._streams[key]
        index = check_index(key, len(self))
        taken = {name: stream[index] for name, stream in self._streams.items()}
        return taken if isinstance(index, int) else FeatureStreams(taken)

    def __repr__(self) -> str:
        """Say how many clips there are, and which features."""
        count = f"{len(self)} clip{'' if len(self) == 1 else 's'}"
        return f"<FeatureStreams: {count} of {', '.join(self._streams)}>"

    def __reduce__(self) -> tuple:
        """Pickle what the constructor takes."""
        return FeatureStreams, (self._streams,)


def _check_lengths(streams: Mapping[str, Any]) -> None:
    """Raise where frames that lie side by side in time do not."""
    first: dict[float, str] = {}
    for name, stream in streams.items():
        period = getattr(stream, "period", None)
        if period is None or first.setdefault(period, name) == name:
            continue
        other = first[period]
        odd = np.flatnonzero(streams[other].lengths != stream.lengths)
        if len(odd):
            index = int(odd[0])
            raise ValueError(
                f"Clip {index} has {streams[other].lengths[index]} frames of {other} "
                f"but {stream.lengths[index]} of {name}, both every {period * 1000:g} "
                "ms. Give both extractors the same hop_length, and frames that are "
                "centred alike."
            )
