"""Convolution, then recurrence, with or without attention (report 003)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sersk.nets._blocks import ConvBlock, run_blocks
from sersk.nets._lengths import check_option, check_sequences, fill_padding, frame_mask
from sersk.nets._pooling import AdditiveAttentionPooling, MaskedMeanPooling


class CRNN(nn.Module):
    """Classify frames by two convolutions and a bidirectional LSTM.

    Two convolutions over time, 3 wide, with ReLU and max pooling by 3; two layers of
    bidirectional LSTM; then the mean over time, or additive attention. Report 003 has
    the headings and no figures: all sizes are our reconstruction, after the net of its
    code's family. Clips may be of any length.

    Parameters
    ----------
    n_features : int, default=128
        Features of a frame, such as mel bands.
    n_outputs : int, default=4
        Number of classes; published.
    attention : {"additive"} or None, default=None
        How the states of the LSTM become one vector: by additive attention, or by
        their mean. Published are a net with attention and one without.
    n_channels : int, default=256
        Filters of each convolution.
    hidden_size : int, default=128
        States of the LSTM in each direction.
    n_layers : int, default=2
        Layers of the LSTM.
    dropout : float, default=0.5
        Share of values dropped between its layers and before the last.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import CRNN
    >>> net = CRNN(40, attention="additive")
    >>> net(torch.zeros(2, 50, 40), torch.tensor([50, 8])).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        n_features: int = 128,
        n_outputs: int = 4,
        *,
        attention: str | None = None,
        n_channels: int = 256,
        hidden_size: int = 128,
        n_layers: int = 2,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        check_option("attention", attention, (None, "additive"))
        self.n_features = n_features
        self.blocks = nn.ModuleList(
            ConvBlock(
                nn.Conv1d(channels, n_channels, 3, padding="same"),
                pool=nn.MaxPool1d(3, ceil_mode=True),
            )
            for channels in (n_features, n_channels)
        )
        self.lstm = bidirectional_lstm(n_channels, hidden_size, n_layers, dropout)
        self.pooling = (
            AdditiveAttentionPooling(2 * hidden_size)
            if attention
            else MaskedMeanPooling()
        )
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(2 * hidden_size, n_outputs)
        )

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            Frames.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            One row a clip.
        """
        check_sequences(x, x_lengths, self.n_features)
        x = fill_padding(x, x_lengths, 0.0)
        maps, lengths = run_blocks(self.blocks, x.mT, x_lengths)
        states = run_lstm(self.lstm, maps.mT, lengths)
        return self.head(self.pooling(states, lengths))


def bidirectional_lstm(
    n_features: int, hidden_size: int, n_layers: int, dropout: float
) -> nn.LSTM:
    """Return an LSTM that takes (batch, frames, features)."""
    return nn.LSTM(
        n_features,
        hidden_size,
        n_layers,
        # torch warns of dropout between the layers where there is one layer.
        dropout=dropout if n_layers > 1 else 0.0,
        batch_first=True,
        bidirectional=True,
    )


def run_lstm(lstm: nn.LSTM, x: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the states of every frame; both directions end where the clip does."""
    if lengths is None:
        return lstm(x)[0]
    if x.device.type == "cpu":
        return _run_padded(lstm, x, lengths)
    packed = pack_padded_sequence(
        x, lengths.cpu(), batch_first=True, enforce_sorted=False
    )
    states, _ = pad_packed_sequence(
        lstm(packed)[0], batch_first=True, total_length=x.shape[1]
    )
    return states


def _run_padded(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """Run over padded frames, each clip's own back to front in the other direction.

    On the CPU, the gradient of packed frames takes time quadratic in their number.
    """
    frames, ends = torch.arange(x.shape[1]), lengths[:, None]
    mirror = torch.where(frames < ends, ends - 1 - frames, frames)[..., None]
    start = x.new_zeros(1, len(x), lstm.hidden_size)

    def run(x: Tensor, weights: Sequence[Tensor]) -> Tensor:
        return torch.lstm(
            x, (start, start), list(weights), True, 1, 0.0, lstm.training, False, True
        )[0]

    weights = lstm.all_weights  # onwards and back of a layer, one after the other
    for layer in range(lstm.num_layers):
        if layer and lstm.training:
            x = _drop(x, lengths, lstm.dropout)
        onwards = run(x, weights[2 * layer])
        mirrored = torch.take_along_dim(x, mirror, 1)
        back = torch.take_along_dim(run(mirrored, weights[2 * layer + 1]), mirror, 1)
        x = torch.cat([onwards, back], 2)
    return fill_padding(x, lengths, 0.0)


def _drop(x: Tensor, lengths: Tensor, share: float) -> Tensor:
    """Drop values of valid frames, the same whatever the number of those that pad."""
    valid = frame_mask(lengths, x.shape[1])
    kept = torch.zeros_like(x)
    kept[valid] = F.dropout(x.new_ones(int(valid.sum()), x.shape[2]), share)
    return x * kept
