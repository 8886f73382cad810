"""From spectrograms to the images that trunks were trained on."""

import torch
from torch import Tensor
from torch.nn import functional as F

from sersk.nets._lengths import check_sequences

# Of ImageNet's red, green and blue.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


def spectrogram_to_image(
    x: Tensor, x_lengths: Tensor | None = None, *, size: tuple[int, int] = (256, 384)
) -> Tensor:
    """Turn spectrograms into images as ImageNet's are normalised.

    Values are clipped to [0, 1]; low frequencies come to lie at the bottom; the valid
    frames of each clip, and no others, are resized; the result is repeated for three
    channels, which are normalised by ImageNet's means and standard deviations.

    Parameters
    ----------
    x : Tensor of shape (batch, frames, bins)
        Spectrograms scaled to [0, 1], bin by bin, by the training clips.
    x_lengths : Tensor of int64 of shape (batch,) or None, default=None
        Valid frames; None for all.
    size : tuple of 2 int, default=(256, 384)
        Height and width; the default, published, is what resizing the shorter side of
        200 bins by 300 frames to 256 gives.

    Returns
    -------
    images : Tensor of shape (batch, 3, height, width)
        Images for a trunk.

    Notes
    -----
    Resizing is bilinear, with pixels taken for areas and smoothing where an image
    shrinks: what Pillow does, and what report 004 used. There, values were cut to 8
    bits before and rounded to 8 bits after; here they are not, so that values before
    normalisation differ from Pillow's by at most 2/255.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import spectrogram_to_image
    >>> x = torch.zeros(2, 300, 200)
    >>> spectrogram_to_image(x, torch.tensor([300, 120])).shape
    torch.Size([2, 3, 256, 384])
    """
    check_sequences(x, x_lengths, x.shape[-1])
    gray = _gray(x)
    if x_lengths is None:
        return _normalise(_resize(gray, size))
    clips = zip(gray, x_lengths.tolist(), strict=True)
    resized = [_resize(clip[None, ..., :length], size) for clip, length in clips]
    return _normalise(torch.cat(resized))


def spectrogram_to_strips(
    x: Tensor, lengths: Tensor, *, height: int, columns_per_frame: float
) -> tuple[Tensor, Tensor]:
    """Return images of one height whose widths grow with the clips, and the widths.

    Beyond a clip's width an image is zero, as the padding of convolutions is.
    """
    widths = (lengths * columns_per_frame).long()
    images = x.new_zeros(len(x), 3, height, int(widths.max()))
    clips = zip(_gray(x), lengths.tolist(), widths.tolist(), strict=True)
    for index, (clip, length, width) in enumerate(clips):
        strip = _resize(clip[None, ..., :length], (height, width))
        images[index, ..., :width] = _normalise(strip)[0]
    return images, widths


def _gray(x: Tensor) -> Tensor:
    """Return images (batch, 1, bins, frames) with low frequencies at the bottom."""
    return x.clamp(0, 1).mT.flip(1)[:, None]


def _resize(images: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(images, size, mode="bilinear", antialias=True)


def _normalise(gray: Tensor) -> Tensor:
    """Repeat one channel for three, and normalise each."""
    mean = gray.new_tensor(_MEAN)[:, None, None]
    std = gray.new_tensor(_STD)[:, None, None]
    return (gray - mean) / std
