"""Convolution over padded batches: what lies beyond a clip's end never leaks in.

After every layer the frames beyond a clip's length are set to zero, which is what the
convolution's own padding is: a clip gives the same numbers whatever it is padded to.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from sersk.nets._lengths import frame_mask


class ConvBlock(nn.Module):
    """Convolve frames, normalise, rectify and pool.

    Frames are the last axis, of (batch, channels, frames) or (batch, channels,
    features, frames). `pool` is a max pooling with ``ceil_mode``, as long as its
    stride: what it covers beyond the end is zero, and rectified values are not less.
    """

    def __init__(
        self,
        convolution: nn.Conv1d | nn.Conv2d,
        *,
        norm: bool = False,
        pool: nn.MaxPool1d | nn.MaxPool2d | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = nn.BatchNorm1d(convolution.out_channels) if norm else None
        self.pool = pool
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """Return the maps and their valid frames; x must be zero beyond a length."""
        x = self.convolution(x)
        mask = None if lengths is None else frame_mask(lengths, x.shape[-1])
        if self.norm is not None:
            x = masked_batch_norm(self.norm, x, mask)
        x = zero_beyond(F.relu(x), mask)
        if self.pool is not None:
            x = self.pool(x)
            stride = last_size(self.pool.stride)
            lengths = None if lengths is None else -(-lengths // stride)
        return self.dropout(x), lengths


def run_blocks(
    blocks: nn.ModuleList, x: Tensor, lengths: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Return what blocks, one after another, make of maps and their lengths."""
    for block in blocks:
        x, lengths = block(x, lengths)
    return x, lengths


def masked_batch_norm(norm: nn.BatchNorm1d, x: Tensor, mask: Tensor | None) -> Tensor:
    """Normalise channels; in training by the valid frames alone.

    What becomes of others is for the caller to overwrite.
    """
    if mask is None or not norm.training:
        return _normalise(norm, x.flatten(2)).view_as(x)
    frames = x.transpose(1, -1)
    valid = frames[mask]
    normal = _normalise(norm, valid.reshape(-1, valid.shape[-1])).view_as(valid)
    result = normal.new_zeros(frames.shape)
    result[mask] = normal
    return result.transpose(1, -1)


def _normalise(norm: nn.BatchNorm1d, x: Tensor) -> Tensor:
    """Normalise x (values, channels) or (batch, channels, values)."""
    if norm.training and x.numel() == x.shape[1]:
        raise ValueError(
            "A batch comes down to one frame, over which nothing can be normalised in "
            "training. Take a larger batch_size, or longer clips."
        )
    return norm(x)


def zero_beyond(x: Tensor, mask: Tensor | None) -> Tensor:
    """Return x (batch, channels, ..., frames) with zeros where the mask is False."""
    if mask is None:
        return x
    shape = (len(mask), *[1] * (x.ndim - 2), mask.shape[1])
    return x.masked_fill(~mask.view(shape), 0.0)


def last_size(size: int | str | tuple[int, ...]) -> int:
    """Return a layer's size along the last axis."""
    return size[-1] if isinstance(size, tuple) else int(size)
