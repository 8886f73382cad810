"""What a net is given: features by the names of its arguments, clip by clip."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from sersk.audio import AudioClips, FeatureStreams, FrameSequences

# A stream: matrices of their own lengths, or matrices of one length.
Stream = FrameSequences | np.ndarray
Streams = Mapping[str, Stream]

# Seconds by which frames that are not centred end before their clip does.
_WINDOW = 0.05


def check_streams(X: Any, names: tuple[str, ...]) -> dict[str, Stream]:
    """Return the features of clips by the names of a net's arguments.

    Parameters
    ----------
    X : FrameSequences, FeatureStreams or ndarray
        Features; an array has the shape (n_clips, n_frames, n_features), or
        (n_clips, n_frames) where a frame is one number.
    names : tuple of str
        The names that the net knows.

    Returns
    -------
    streams : dict of str to FrameSequences or ndarray
        One a name, in the order of the names.

    Raises
    ------
    TypeError
        If X is none of these.
    ValueError
        If there are no clips, if a stream is missing or not known to the net, if it
        holds rows instead of frames, or if its frames or their features are none.
    """
    streams = _read_streams(X, names)
    for name, stream in streams.items():
        if 0 in (widths({name: stream})[name], frame_counts(stream).min(initial=1)):
            raise ValueError(
                f"The clips have no frames of {name}, or frames of no features. Give "
                "each clip a frame or more, of a feature or more."
            )
    return streams


def _read_streams(X: Any, names: tuple[str, ...]) -> dict[str, Stream]:
    if isinstance(X, AudioClips):
        raise TypeError(
            "X holds waveforms, but a net takes frames. Put an extractor in front of "
            "it: make_pipeline(MFCCSequence(), SequenceScaler(), net)."
        )
    if not isinstance(X, np.ndarray) and not len(X):
        raise ValueError("X holds 0 clips; a net needs at least 1.")
    if isinstance(X, FeatureStreams):
        return _by_name(X, names)
    if len(names) > 1:
        raise TypeError(
            f"X is a {type(X).__name__}, but this net takes {', '.join(names)}. "
            "Extract them side by side with sersk.features.FeatureDict."
        )
    if isinstance(X, FrameSequences):
        return {names[0]: X}
    array = np.asarray(X, dtype=np.float32)
    if array.ndim not in (2, 3):
        raise ValueError(
            f"X has shape {array.shape}, but (n_clips, n_frames, n_features) is "
            "expected."
        )
    return {names[0]: array if array.ndim == 3 else array[..., np.newaxis]}


def _by_name(X: FeatureStreams, names: tuple[str, ...]) -> dict[str, Stream]:
    if len(names) == len(X.keys()) == 1:
        return {names[0]: _check_frames(names[0], X[X.keys()[0]])}
    if set(names) != set(X.keys()):
        raise ValueError(
            f"X holds the streams {', '.join(X.keys())}, but this net takes "
            f"{', '.join(names)}. Give the transformers of FeatureDict these names."
        )
    return {name: _check_frames(name, X[name]) for name in names}


def _check_frames(name: str, stream: Stream) -> Stream:
    if isinstance(stream, FrameSequences) or stream.ndim == 3:
        return stream
    raise ValueError(
        f"X holds one row a clip as {name}, but this net takes frames of it. Use an "
        "extractor of frames, such as MFCCSequence."
    )


def check_lengths(streams: Streams, longest: Mapping[str, int]) -> None:
    """Raise where a clip has more frames than a net takes of a stream."""
    for name, limit in longest.items():
        lengths = frame_counts(streams[name])
        if lengths.max(initial=0) > limit:
            index = int(np.argmax(lengths > limit))
            raise ValueError(
                f"Clip {index} has {lengths[index]} {_counted(streams[name])} {name}, "
                f"but this net takes {limit} at most. Raise n_frames, where the net "
                "has it, or cut clips first: with WindowedClassifier or FixDuration, "
                "mind that n samples give 1 + n // hop_length frames."
            )


def _counted(stream: Stream) -> str:
    """Return what the length of a stream counts, in a sentence before its name."""
    if isinstance(stream, FrameSequences) or stream.shape[2] > 1:
        return "frames of"
    return "columns, each a frame of one number, in"


def check_durations(streams: Streams) -> None:
    """Raise where streams whose periods are known cannot be of the same clips."""
    periods = {
        name: stream.period
        for name, stream in streams.items()
        if isinstance(stream, FrameSequences) and stream.period is not None
    }
    for one, other in itertools.combinations(periods, 2):
        first, second = (
            frame_counts(streams[name]) * periods[name] for name in (one, other)
        )
        tolerance = periods[one] + periods[other] + _WINDOW
        odd = np.flatnonzero(np.abs(first - second) > tolerance)
        if len(odd):
            index = int(odd[0])
            raise ValueError(
                f"Clip {index} lasts {first[index]:.2f} s in {one} but "
                f"{second[index]:.2f} s in {other}. Give all extractors the same "
                "clips: what trims or pads goes in front of FeatureDict."
            )


def frame_counts(stream: Stream) -> np.ndarray:
    """Return the number of frames of each clip."""
    if isinstance(stream, FrameSequences):
        return stream.lengths
    return np.full(len(stream), stream.shape[1])


def count_clips(streams: Streams) -> int:
    """Return how many clips there are."""
    return len(next(iter(streams.values())))


def widths(streams: Streams) -> dict[str, int]:
    """Return the number of features of each stream."""
    return {
        name: stream.n_features
        if isinstance(stream, FrameSequences)
        else stream.shape[-1]
        for name, stream in streams.items()
    }


def gather(streams: Streams, indices: np.ndarray) -> dict[str, np.ndarray]:
    """Return a batch: arrays by name, padded at their ends, and their lengths.

    Parameters
    ----------
    streams : mapping of str to FrameSequences or ndarray
        Features of all clips.
    indices : ndarray of int of shape (n_batch,)
        Which clips.

    Returns
    -------
    batch : dict of str to ndarray
        ``name`` of shape (n_batch, n_frames, n_features) and float32, and
        ``name_lengths`` of int64.

    Raises
    ------
    ValueError
        If a value is not finite; the message names the clip.
    """
    batch = {}
    for name, stream in streams.items():
        if isinstance(stream, FrameSequences):
            batch[name], batch[f"{name}_lengths"] = stream[indices].pad()
        else:
            batch[name] = np.ascontiguousarray(stream[indices], dtype=np.float32)
            batch[f"{name}_lengths"] = frame_counts(batch[name])
        _check_finite(batch[name], name, indices)
    return batch


def fix_frames(
    batch: dict[str, np.ndarray], streams: Streams, n_frames: int | None
) -> dict[str, np.ndarray]:
    """Return sequences of a fixed length, of which what pads is a part.

    Without a fixed length, the batch as it is.
    """
    if n_frames is None:
        return batch
    fixed = {}
    for name, stream in streams.items():
        frames = batch[name]
        whole = np.empty((len(frames), n_frames, frames.shape[2]), dtype=np.float32)
        whole[:, : frames.shape[1]] = frames
        whole[:, frames.shape[1] :] = pad_value(stream)
        fixed[name] = whole
    return fixed


def pad_value(stream: Stream) -> np.ndarray | float:
    """Return what stands for no sound."""
    return stream.pad_value if isinstance(stream, FrameSequences) else 0.0


def _check_finite(values: np.ndarray, name: str, indices: np.ndarray) -> None:
    # One sum tells nearly always that all is well.
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum()
    if np.isfinite(total):
        return
    bad = ~np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    if bad.any():
        raise ValueError(
            f"Clip {indices[np.flatnonzero(bad)[0]]} has values of {name} that are not "
            "finite. Drop the clip."
        )
