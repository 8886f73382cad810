"""The three one-dimensional convolutional nets of report 003."""

from torch import Tensor, nn

from sersk.nets._blocks import ConvBlock, run_blocks
from sersk.nets._lengths import (
    check_sequences,
    fill_padding,
    fix_frames,
)
from sersk.nets._options import check_option
from sersk.nets._pooling import MaskedMeanPooling

_FILTERS = {
    3: (64, 64, 64),
    5: (64, 64, 128, 128, 256),
    8: (64, 64, 128, 128, 256, 256, 512, 512),
}
# Up to this length of what is convolved, the kernel is 3 wide.
_SHORT = 13


class CNN1D(nn.Module):
    """Classify MFCCs by 3, 5 or 8 layers of one-dimensional convolution.

    Report 003 names the numbers of layers and three inputs; sizes are our
    reconstruction. With 3 layers: 64 filters each, max pooling by 2 after the first
    two, dropout, and the maps flattened, so the number of frames is fixed. With 5 and
    8: batch normalisation, filters from 64 to 256 or 512, a pooling after every second,
    and the mean over time, for clips of any length.

    Parameters
    ----------
    n_features : int, default=40
        MFCCs of a frame; published: 40 as a sequence, 13 for the means.
    n_outputs : int, default=6
        Number of classes; published.
    n_layers : {3, 5, 8}, default=3
        Number of convolutions; published.
    summary : {"mean_over_time", "mean_over_frequency"} or None, default=None
        What is convolved. None: the frames. ``"mean_over_time"``: the mean of each
        MFCC over the clip, `n_features` numbers. ``"mean_over_frequency"``: the mean of
        each frame, a number a frame. All published; which of the report's two captions
        means which is not known. The net takes frames, and averages them itself.
    n_frames : int, default=300
        Frames of the net with 3 layers, to which clips are padded; a longer one is an
        error. Our reconstruction. It means nothing with more layers, or to
        ``"mean_over_time"``.
    kernel_size : int or None, default=None
        Width of the kernels; None stands for 5, or for 3 where no more than 13 numbers
        are convolved. Our reconstruction.
    dropout : float, default=0.3
        Share of values dropped before the last layer; our reconstruction.
    pad_value : float, default=0.0
        What stands beyond the end of a clip with 3 layers: 0 is the mean of
        standardised features.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import CNN1D
    >>> x, lengths = torch.zeros(2, 50, 13), torch.tensor([50, 8])
    >>> CNN1D(13, n_layers=8)(x, lengths).shape
    torch.Size([2, 6])
    >>> CNN1D(13, n_layers=3, summary="mean_over_time")(x, lengths).shape
    torch.Size([2, 6])
    """

    def __init__(
        self,
        n_features: int = 40,
        n_outputs: int = 6,
        *,
        n_layers: int = 3,
        summary: str | None = None,
        n_frames: int = 300,
        kernel_size: int | None = None,
        dropout: float = 0.3,
        pad_value: float = 0.0,
    ) -> None:
        super().__init__()
        check_option("n_layers", n_layers, (3, 5, 8))
        known = (None, "mean_over_time", "mean_over_frequency")
        check_option("summary", summary, known)
        self.n_features = n_features
        self.summary = summary
        self.n_frames = n_frames
        self.pad_value = pad_value
        self.flattens = n_layers == 3
        length = self._convolved_length()
        if kernel_size is None:
            kernel_size = 3 if length is not None and length <= _SHORT else 5
        n_channels = n_features if summary is None else 1
        self.blocks = _blocks(n_channels, n_layers, kernel_size)
        width = _FILTERS[n_layers][-1]
        if self.flattens and length is not None:
            width *= -(-length // 4)
        self.pooling = MaskedMeanPooling()
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, n_outputs))

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
        x, lengths = self._summarise(x, x_lengths)
        maps, lengths = run_blocks(self.blocks, x.mT, lengths)
        if self.flattens:
            return self.head(maps.flatten(1))
        return self.head(self.pooling(maps.mT, lengths))

    def _convolved_length(self) -> int | None:
        """Return how many numbers are convolved, or None where clips decide."""
        if self.summary == "mean_over_time":
            return self.n_features
        return self.n_frames if self.flattens else None

    def _summarise(
        self, x: Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """Return what is convolved, (batch, length, channels), and its lengths."""
        if self.summary == "mean_over_time":
            return self.pooling(x, lengths)[..., None], None
        if self.flattens:
            x = fix_frames(x, lengths, self.n_frames, self.pad_value)
            lengths = None
        x = fill_padding(x, lengths, 0.0)
        if self.summary == "mean_over_frequency":
            x = x.mean(2, keepdim=True)
        return x, lengths


def _blocks(n_channels: int, n_layers: int, kernel_size: int) -> nn.ModuleList:
    """Return the convolutions; poolings round up, so that a short clip survives."""
    filters = _FILTERS[n_layers]
    deep = n_layers > 3
    blocks = nn.ModuleList()
    for index, narrow in enumerate(filters):
        wide = filters[index - 1] if index else n_channels
        pooled = index % 2 == 1 if deep else index < 2
        blocks.append(
            ConvBlock(
                nn.Conv1d(wide, narrow, kernel_size, padding="same"),
                norm=deep,
                pool=nn.MaxPool1d(2, ceil_mode=True) if pooled else None,
            )
        )
    return blocks
