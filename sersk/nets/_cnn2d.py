"""The two convolutional nets of report 003 that see MFCCs as an image."""

from torch import Tensor, nn

from sersk.nets._blocks import ConvBlock, run_blocks
from sersk.nets._lengths import (
    check_sequences,
    fill_padding,
    fix_frames,
)
from sersk.nets._options import check_option
from sersk.nets._pooling import MaskedMeanPooling

_FILTERS = {2: (32, 64), 6: (32, 32, 64, 64, 128, 128)}


class CNN2D(nn.Module):
    """Classify MFCCs by 2 or 6 layers of two-dimensional convolution.

    Report 003 names the numbers of layers, the input and the classes; sizes are our
    reconstruction. With 2 layers: 32 and 64 filters of 3 x 3, each with ReLU, 2 x 2 max
    pooling and dropout; the maps are flattened, so the number of frames is fixed. With
    6: 32, 32, 64, 64, 128 and 128 filters with batch normalisation, a pooling after
    every second, and the mean over each map, for clips of any length.

    Parameters
    ----------
    n_features : int, default=40
        MFCCs; published.
    n_outputs : int, default=6
        Number of classes; published.
    n_layers : {2, 6}, default=2
        Number of convolutions; published.
    n_frames : int, default=300
        Frames of the net with 2 layers, to which clips are padded; a longer one is an
        error. Our reconstruction. With 6 layers it means nothing.
    hidden_size : int, default=128
        Width of the hidden layer; our reconstruction.
    dropout : float, default=0.25
        Share of values dropped after each pooling of 2 layers; our reconstruction. The
        hidden layer drops twice as many.
    pad_value : float, default=0.0
        What stands beyond the end of a clip with 2 layers: 0 is the mean of
        standardised features.

    Notes
    -----
    The report's tables of both nets agree in every figure, so that at most one of them
    was measured.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import CNN2D
    >>> CNN2D(13, n_layers=6)(torch.zeros(2, 50, 13), torch.tensor([50, 8])).shape
    torch.Size([2, 6])
    """

    def __init__(
        self,
        n_features: int = 40,
        n_outputs: int = 6,
        *,
        n_layers: int = 2,
        n_frames: int = 300,
        hidden_size: int = 128,
        dropout: float = 0.25,
        pad_value: float = 0.0,
    ) -> None:
        super().__init__()
        check_option("n_layers", n_layers, (2, 6))
        self.n_features = n_features
        self.n_layers = n_layers
        self.n_frames = n_frames
        self.pad_value = pad_value
        self.blocks = _blocks(n_layers, dropout)
        width = _FILTERS[n_layers][-1]
        if n_layers == 2:
            width *= -(-n_features // 4) * -(-n_frames // 4)
        self.pooling = MaskedMeanPooling()
        self.head = nn.Sequential(
            nn.Linear(width, hidden_size),
            nn.ReLU(),
            nn.Dropout(2 * dropout),
            nn.Linear(hidden_size, n_outputs),
        )

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            MFCCs.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            One row a clip.
        """
        check_sequences(x, x_lengths, self.n_features)
        if self.n_layers == 2:
            x = fix_frames(x, x_lengths, self.n_frames, self.pad_value)
            maps, _ = run_blocks(self.blocks, x.mT[:, None], None)
            return self.head(maps.flatten(1))
        x = fill_padding(x, x_lengths, 0.0)
        maps, lengths = run_blocks(self.blocks, x.mT[:, None], x_lengths)
        return self.head(self.pooling(maps.mean(2).mT, lengths))


def _blocks(n_layers: int, dropout: float) -> nn.ModuleList:
    """Return the convolutions; poolings round up, so that a short clip survives."""
    filters = _FILTERS[n_layers]
    deep = n_layers > 2
    blocks = nn.ModuleList()
    for index, (wide, narrow) in enumerate(zip((1, *filters), filters, strict=False)):
        pooled = not deep or index % 2
        blocks.append(
            ConvBlock(
                nn.Conv2d(wide, narrow, 3, padding="same"),
                norm=deep,
                pool=nn.MaxPool2d(2, ceil_mode=True) if pooled else None,
                dropout=0.0 if deep else dropout,
            )
        )
    return blocks
