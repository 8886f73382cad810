"""Convolution, then recurrence, with or without attention (report 003)."""

from torch import Tensor, nn

from sersk.nets._blocks import ConvBlock, run_blocks
from sersk.nets._lengths import check_sequences, fill_padding
from sersk.nets._lstm import bidirectional_lstm, run_lstm
from sersk.nets._options import check_option
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
