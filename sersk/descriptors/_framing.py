"""Cutting a waveform into overlapping frames, without copying it more than once."""

from collections.abc import Iterator
from typing import TypedDict

import numpy as np

from sersk.descriptors._scratch import borrow

# 256 frames of 2048 samples, or 8 s at the default hop: most utterances are one block,
# and a thread keeps no more than a few megabytes.
_SAMPLES_PER_BLOCK = 2**19


class FrameSteps(TypedDict):
    """How a waveform is cut: the parameters that all functions here take."""

    frame_length: int
    hop_length: int
    center: bool


def frame_count(
    n_samples: int, *, frame_length: int, hop_length: int, center: bool
) -> int:
    """Return how many frames a waveform gives.

    Parameters
    ----------
    n_samples : int
        Length of the waveform.
    frame_length, hop_length : int
        Length of a frame and distance between frames, in samples.
    center : bool
        Whether frame t is centred at sample ``t * hop_length``.

    Returns
    -------
    n_frames : int
        At least 1: a shorter waveform is padded to one frame.

    Examples
    --------
    >>> from sersk.descriptors import frame_count
    >>> frame_count(48_000, frame_length=2048, hop_length=512, center=True)
    94
    """
    padded = n_samples + 2 * (frame_length // 2) if center else n_samples
    return 1 + max(0, padded - frame_length) // hop_length


def frame(
    waveform: np.ndarray, *, frame_length: int, hop_length: int, center: bool = True
) -> np.ndarray:
    """Cut a waveform into frames, padded with zeros where they stick out.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Mono samples.
    frame_length, hop_length : int
        Length of a frame and distance between frames, in samples.
    center : bool, default=True
        Whether frame t is centred at sample ``t * hop_length``.

    Returns
    -------
    frames : ndarray of shape (n_frames, frame_length)
        Overlapping, read-only views of one padded copy.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import frame
    >>> frame(np.arange(1.0, 5.0), frame_length=2, hop_length=2, center=False)
    array([[1., 2.],
           [3., 4.]])
    """
    n_frames = frame_count(
        len(waveform), frame_length=frame_length, hop_length=hop_length, center=center
    )
    padded = np.empty((n_frames - 1) * hop_length + frame_length, waveform.dtype)
    _copy_stretch(waveform, -(frame_length // 2) if center else 0, padded)
    return _overlapping(padded, n_frames, frame_length, hop_length)


def frame_blocks(
    waveform: np.ndarray, *, frame_length: int, hop_length: int, center: bool = True
) -> Iterator[tuple[slice, np.ndarray]]:
    """Cut a waveform into frames, some at a time.

    Yields
    ------
    rows : slice
        Which frames these are.
    frames : ndarray of float32 of shape (n_rows, frame_length)
        As of :func:`frame`, but in memory that the next block overwrites.
    """
    n_frames = frame_count(
        len(waveform), frame_length=frame_length, hop_length=hop_length, center=center
    )
    margin = frame_length // 2 if center else 0
    per_block = max(1, _SAMPLES_PER_BLOCK // max(frame_length, hop_length))
    for first in range(0, n_frames, per_block):
        count = min(per_block, n_frames - first)
        stretch = borrow("stretch", ((count - 1) * hop_length + frame_length,))
        _copy_stretch(waveform, first * hop_length - margin, stretch)
        frames = _overlapping(stretch, count, frame_length, hop_length)
        yield slice(first, first + count), frames


def _copy_stretch(waveform: np.ndarray, start: int, out: np.ndarray) -> None:
    """Copy what follows sample `start`, with zeros where there is no waveform."""
    held = waveform[max(start, 0) : max(start + len(out), 0)]
    before = min(max(-start, 0), len(out))
    after = before + len(held)
    out[:before] = 0.0
    out[before:after] = held
    out[after:] = 0.0


def _overlapping(
    padded: np.ndarray, n_frames: int, frame_length: int, hop_length: int
) -> np.ndarray:
    step = padded.itemsize
    shape, strides = (n_frames, frame_length), (hop_length * step, step)
    frames = np.ndarray(shape, padded.dtype, buffer=padded, strides=strides)
    frames.flags.writeable = False
    return frames
