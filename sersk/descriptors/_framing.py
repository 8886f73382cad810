"""Cutting a waveform into overlapping frames, without copying it more than once."""

import numpy as np


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
        Overlapping views of one padded copy; do not write to them.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import frame
    >>> frame(np.arange(1.0, 5.0), frame_length=2, hop_length=2, center=False)
    array([[1., 2.],
           [3., 4.]])
    """
    margin = frame_length // 2 if center else 0
    n_frames = frame_count(
        len(waveform), frame_length=frame_length, hop_length=hop_length, center=center
    )
    needed = (n_frames - 1) * hop_length + frame_length
    padded = np.zeros(max(needed, margin + len(waveform)), dtype=waveform.dtype)
    padded[margin : margin + len(waveform)] = waveform
    windows = np.lib.stride_tricks.sliding_window_view(padded, frame_length)
    return windows[::hop_length][:n_frames]
