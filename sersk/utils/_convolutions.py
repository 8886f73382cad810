"""How many frames an encoder of speech makes of samples; without torch."""

from collections.abc import Sequence
from typing import Any, TypeVar

Count = TypeVar("Count", int, Any)


def count_frames(
    n_samples: Count, kernels: Sequence[int], strides: Sequence[int]
) -> Count:
    """Count what convolutions without padding make of samples.

    Parameters
    ----------
    n_samples : int, ndarray of int or Tensor of int
        Length of a clip, or of several.
    kernels, strides : sequence of int
        Of each convolution, from the first.

    Returns
    -------
    n_frames : int, ndarray of int or Tensor of int
        As `n_samples`; 0 below `receptive_field`.

    Examples
    --------
    >>> from sersk.utils import count_frames
    >>> count_frames(16_000, [10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2])
    49
    """
    for kernel, stride in zip(kernels, strides, strict=True):
        n_samples = (n_samples - kernel) // stride + 1
    return n_samples * (n_samples > 0)


def receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many samples convolutions without padding need for one frame.

    Parameters
    ----------
    kernels, strides : sequence of int
        Of each convolution, from the first.

    Returns
    -------
    n_samples : int
        Length of the shortest clip.

    Examples
    --------
    >>> from sersk.utils import receptive_field
    >>> receptive_field([10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2])
    400
    """
    length = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        length = (length - 1) * stride + kernel
    return length
