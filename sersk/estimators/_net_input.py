"""What a net is given: features by the names of its arguments, clip by clip."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sersk.audio import AudioClips, FeatureStreams, FrameSequences

# A stream: matrices of their own lengths, matrices of one length, or one row a clip.
Stream = FrameSequences | np.ndarray
Streams = Mapping[str, Stream]


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
        If a stream is missing or not known to the net.
    """
    if isinstance(X, AudioClips):
        raise TypeError(
            "X holds waveforms, but a net takes frames. Put an extractor in front of "
            "it: make_pipeline(MFCCSequence(), SequenceScaler(), net)."
        )
    if isinstance(X, FeatureStreams):
        return _by_name(X, names)
    if len(names) > 1:
        raise TypeError(
            f"X is a {type(X).__name__}, but this net takes {', '.join(names)}. Extract "
            "them side by side with sersk.features.FeatureDict."
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
        return {names[0]: X[X.keys()[0]]}
    if set(names) != set(X.keys()):
        raise ValueError(
            f"X holds the streams {', '.join(X.keys())}, but this net takes "
            f"{', '.join(names)}. Give the transformers of FeatureDict these names."
        )
    return {name: X[name] for name in names}


def check_lengths(streams: Streams, n_frames: int | None) -> None:
    """Raise where a clip has more frames than a net of fixed length takes."""
    if n_frames is None:
        return
    for name, stream in streams.items():
        if isinstance(stream, FrameSequences) or stream.ndim == 3:
            lengths = getattr(stream, "lengths", None)
            longest = np.full(1, stream.shape[1]) if lengths is None else lengths
            if longest.max(initial=0) > n_frames:
                raise ValueError(
                    f"Clip {longest.argmax()} has {longest.max()} frames of {name}, but "
                    f"n_frames={n_frames}. Raise n_frames, or cut clips first: with "
                    "WindowedClassifier into windows, or with FixDuration."
                )


def take(streams: Streams, index: np.ndarray) -> dict[str, Stream]:
    """Return some of the clips."""
    return {name: stream[index] for name, stream in streams.items()}


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


def gather(streams: Streams, indices: np.ndarray, n_frames: int | None) -> dict:
    """Return a batch: arrays by name, padded at their ends, and their lengths.

    Parameters
    ----------
    streams : mapping of str to FrameSequences or ndarray
        Features of all clips.
    indices : ndarray of int of shape (n_batch,)
        Which clips.
    n_frames : int or None
        Length of every sequence; None stands for that of the longest in the batch.

    Returns
    -------
    batch : dict of str to ndarray
        ``name`` of shape (n_batch, n_frames, n_features) and float32, and
        ``name_lengths`` of int64; or ``name`` of shape (n_batch, n_features).

    Raises
    ------
    ValueError
        If a value is not finite; the message names the clip.
    """
    batch = {}
    for name, stream in streams.items():
        if isinstance(stream, FrameSequences):
            batch[name], batch[f"{name}_lengths"] = stream[indices].pad(n_frames)
        else:
            batch[name] = np.ascontiguousarray(stream[indices], dtype=np.float32)
            if stream.ndim == 3:
                batch |= _fixed(name, batch[name], n_frames)
        _check_finite(batch[name], name, indices)
    return batch


def _fixed(name: str, frames: np.ndarray, n_frames: int | None) -> dict:
    """Return matrices of one length, cut or padded with zeros, and that length."""
    count = frames.shape[1]
    wanted = count if n_frames is None else n_frames
    if wanted > count:
        frames = np.pad(frames, ((0, 0), (0, wanted - count), (0, 0)))
    lengths = np.full(len(frames), min(count, wanted), dtype=np.int64)
    return {name: frames[:, :wanted], f"{name}_lengths": lengths}


def _check_finite(values: np.ndarray, name: str, indices: np.ndarray) -> None:
    if np.isfinite(values.sum()):
        return
    bad = ~np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    if bad.any():
        raise ValueError(
            f"Clip {indices[np.flatnonzero(bad)[0]]} has values of {name} that are not "
            "finite. Drop the clip."
        )
