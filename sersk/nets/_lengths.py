"""Valid frames of padded batches: checks, masks, and lengths after convolution."""

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

# Kernel widths and strides of the convolutions that wav2vec 2.0, HuBERT and WavLM
# begin with.
_KERNELS = (10, 3, 3, 3, 3, 2, 2)
_STRIDES = (5, 2, 2, 2, 2, 2, 2)

Count = TypeVar("Count", int, Tensor)


def wav2vec2_frame_count(n_samples: Count) -> Count:
    """Count the frames that wav2vec 2.0, HuBERT and WavLM make of a waveform.

    Each of seven convolutions without padding turns `n` values into
    ``floor((n - kernel) / stride) + 1``. Near 50 frames a second, but less than
    ``n_samples / 320``: what is counted so would let padding in.

    Parameters
    ----------
    n_samples : int or Tensor of int64
        Samples at 16 kHz.

    Returns
    -------
    n_frames : int or Tensor of int64
        Frames; 0 below 400 samples.

    Examples
    --------
    >>> from sersk.nets import wav2vec2_frame_count
    >>> [wav2vec2_frame_count(seconds * 16_000) for seconds in (1, 3, 4, 12)]
    [49, 149, 199, 599]
    """
    return count_frames(n_samples, _KERNELS, _STRIDES)


def count_frames(
    n_samples: Count, kernels: Sequence[int], strides: Sequence[int]
) -> Count:
    """Return how many frames convolutions make; as that of utils, for nets alone."""
    for kernel, stride in zip(kernels, strides, strict=True):
        n_samples = (n_samples - kernel) // stride + 1
    return n_samples * (n_samples > 0)


def receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many samples make one frame; as that of utils, for nets alone."""
    length = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        length = (length - 1) * stride + kernel
    return length


def check_sequences(
    x: Tensor, x_lengths: Tensor | None, n_features: int, name: str = "x"
) -> None:
    """Raise unless x is (batch, frames, n_features) and its lengths fit it."""
    if x.ndim != 3 or x.shape[2] != n_features:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; this net takes (batch, frames, "
            f"{n_features}). Build it with the number of features that {name} has."
        )
    check_lengths(x_lengths, len(x), x.shape[1], name)


def check_lengths(
    lengths: Tensor | None, n_clips: int, n_frames: int, name: str = "x"
) -> None:
    """Raise unless there are a batch's lengths, between 1 and its frames."""
    if n_frames < 1:
        raise ValueError(f"{name} holds no frames; a clip needs at least 1.")
    if lengths is None:
        return
    if lengths.shape != (n_clips,) or lengths.is_floating_point():
        raise ValueError(
            f"{name}_lengths must be {n_clips} integers, one a clip, got "
            f"{lengths.dtype} of shape {tuple(lengths.shape)}."
        )
    wrong = ((lengths < 1) | (lengths > n_frames)).nonzero()
    if len(wrong):
        clip = int(wrong[0])
        raise ValueError(
            f"{name}_lengths[{clip}] is {int(lengths[clip])}; {name} holds "
            f"{n_frames} frames, of which a clip needs at least 1."
        )


def frame_mask(lengths: Tensor, n_frames: int) -> Tensor:
    """Return which frames are valid, of shape (batch, n_frames)."""
    frames = torch.arange(n_frames, device=lengths.device)
    return frames < lengths[:, None]


def fill_padding(x: Tensor, lengths: Tensor | None, value: float) -> Tensor:
    """Return x (batch, frames, features) with a value beyond each length."""
    if lengths is None:
        return x
    return x.masked_fill(~frame_mask(lengths, x.shape[1])[..., None], value)


def fix_frames(
    x: Tensor,
    lengths: Tensor | None,
    n_frames: int,
    pad_value: float,
    name: str = "x",
) -> Tensor:
    """Return x (batch, n_frames, features), with a value beyond each length."""
    longest = x.shape[1] if lengths is None else int(lengths.max())
    if longest > n_frames:
        raise ValueError(
            f"{name} holds a clip of {longest} frames; this net was built for "
            f"n_frames={n_frames}. Cut clips to that length, or build it for more."
        )
    x = fill_padding(x, lengths, pad_value)[:, :n_frames]
    return F.pad(x, (0, 0, 0, n_frames - x.shape[1]), value=pad_value)
