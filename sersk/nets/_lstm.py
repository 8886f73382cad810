"""LSTMs over padded batches: both directions end where the clip does."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sersk.nets._lengths import fill_padding, frame_mask


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
