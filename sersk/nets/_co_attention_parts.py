"""The branches of the co-attention net, and how it weights an encoder's frames."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersk.nets._alexnet import AlexNet, masked_features
from sersk.nets._image import spectrogram_to_image, spectrogram_to_strips
from sersk.nets._lengths import fix_frames
from sersk.nets._lstm import bidirectional_lstm, run_lstm
from sersk.nets._pooling import AdditiveAttentionPooling, attend, masked_softmax
from sersk.nets._vit import ViT

_HEIGHT, _WIDTH = 256, 384
_VIT_SIZE = (224, 224)
# AlexNet's poolings leave nothing of fewer columns.
_FEWEST_COLUMNS = 63
# How many times as long as the shortest a clip is that is convolved beside it.
_ALIKE = 1.25
_LSTM_SIZE, _LSTM_LAYERS = 256, 2
# What a spectrogram scaled to [0, 1] is where nothing is heard.
_FLOOR = 0.0


def projection(n_inputs: int, n_outputs: int, dropout: float) -> nn.Sequential:
    """Return dropout, a linear layer and ReLU."""
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(n_inputs, n_outputs), nn.ReLU())


class SpectrogramBranch(nn.Module):
    """Map spectrograms, as images, to one vector a clip."""

    def __init__(
        self, trunk: str, width: int, dropout: float, *, n_frames: int, fixed: bool
    ) -> None:
        super().__init__()
        self.n_frames = n_frames
        self.fixed = fixed
        self.trunk: AlexNet | ViT = ViT(None) if trunk == "vit" else AlexNet(None)
        n_values = ViT.n_channels if trunk == "vit" else AlexNet.n_channels * 36
        self.projection = projection(n_values, width, dropout)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Return vectors (batch, width) of spectrograms (batch, frames, bins)."""
        if self.fixed:
            x, lengths = fix_frames(x, lengths, self.n_frames, _FLOOR), None
        if isinstance(self.trunk, AlexNet) and not self.fixed:
            columns = _WIDTH / self.n_frames
            return self.projection(_maps_of_any_width(self.trunk, x, lengths, columns))
        images = spectrogram_to_image(x, lengths, size=(_HEIGHT, _WIDTH))
        if isinstance(self.trunk, ViT):
            images = F.interpolate(images, _VIT_SIZE, mode="bilinear", antialias=True)
        return self.projection(self.trunk(images).flatten(1))


def _maps_of_any_width(
    trunk: AlexNet, x: Tensor, lengths: Tensor | None, columns_per_frame: float
) -> Tensor:
    """Return 6 x 6 maps of images that are as wide as their clips, flattened."""
    fewest = math.ceil(_FEWEST_COLUMNS / columns_per_frame)
    if lengths is None:
        lengths = torch.full((len(x),), x.shape[1], device=x.device)
    x = fix_frames(x, lengths, max(fewest, x.shape[1]), _FLOOR)
    lengths = lengths.clamp(min=fewest)
    groups = _alike(lengths)
    maps = [
        _maps_of_group(trunk, x[group], lengths[group], columns_per_frame)
        for group in groups
    ]
    return torch.cat(maps)[torch.cat(groups).argsort()]


def _alike(lengths: Tensor) -> list[Tensor]:
    """Return rows whose lengths differ by a quarter at most, shortest first.

    Convolving the padding of clips that differ more takes longer than what a larger
    batch saves, and no layer of the trunk looks at two clips.
    """
    order = lengths.argsort(stable=True)
    steps = (lengths[order].log() / math.log(_ALIKE)).floor()
    _, counts = steps.unique_consecutive(return_counts=True)
    return list(order.split(counts.tolist()))


def _maps_of_group(
    trunk: AlexNet, x: Tensor, lengths: Tensor, columns_per_frame: float
) -> Tensor:
    images, widths = spectrogram_to_strips(
        x[:, : int(lengths.max())],
        lengths,
        height=_HEIGHT,
        columns_per_frame=columns_per_frame,
    )
    maps, widths = masked_features(trunk.features, images, widths)
    clips = zip(maps, widths.tolist(), strict=True)
    pooled = [F.adaptive_avg_pool2d(clip[..., :n], 6) for clip, n in clips]
    return torch.stack(pooled).flatten(1)


class MFCCBranch(nn.Module):
    """Map MFCCs to one vector a clip: flat where frames are fixed, or by attention."""

    def __init__(
        self,
        n_mfcc: int,
        width: int,
        dropout: float,
        lstm_dropout: float,
        *,
        n_frames: int | None,
    ) -> None:
        super().__init__()
        self.lstm = bidirectional_lstm(n_mfcc, _LSTM_SIZE, _LSTM_LAYERS, lstm_dropout)
        n_states = 2 * _LSTM_SIZE
        self.pooling = AdditiveAttentionPooling(n_states) if n_frames is None else None
        n_values = n_states * (n_frames or 1)
        self.projection = projection(n_values, width, dropout)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Return vectors (batch, width) of MFCCs (batch, frames, n_mfcc)."""
        states = run_lstm(self.lstm, x, lengths)
        if self.pooling is None:
            return self.projection(states.flatten(1))
        return self.projection(self.pooling(states, lengths))


class FixedCoAttention(nn.Module):
    """Weight a fixed number of frames by rectified weights, as published."""

    def __init__(self, n_inputs: int, n_frames: int, dropout: float) -> None:
        super().__init__()
        self.weights = projection(n_inputs, n_frames, dropout)

    def forward(self, query: Tensor, frames: Tensor, lengths: None) -> Tensor:
        """Return the sum of frames (batch, frames, features), weighted by a query."""
        return attend(self.weights(query), frames)


class MaskedCoAttention(nn.Module):
    """Weight any number of frames by a softmax of their products with a query."""

    def __init__(self, n_inputs: int, n_features: int, dropout: float) -> None:
        super().__init__()
        self.query = nn.Sequential(nn.Dropout(dropout), nn.Linear(n_inputs, n_features))

    def forward(self, query: Tensor, frames: Tensor, lengths: Tensor | None) -> Tensor:
        """Return the mean of frames (batch, frames, features), weighted by a query."""
        scores = (frames @ self.query(query)[..., None]).squeeze(2)
        return attend(masked_softmax(scores / frames.shape[2] ** 0.5, lengths), frames)
