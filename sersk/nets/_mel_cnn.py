"""The convolutional net of report 001, on mel spectrograms."""

from torch import Tensor, nn

from sersk.nets._lengths import check_sequences, fix_frames

# Filters and dropout of each block.
_BLOCKS = ((16, 0.1), (32, 0.1), (64, 0.1), (128, 0.2), (256, 0.2))
# Each block halves both axes.
_SMALLEST = 2 ** len(_BLOCKS)


class MelCNN(nn.Module):
    """Classify mel spectrograms by five blocks of convolution and pooling.

    Each block is a 3 x 3 convolution, ReLU, batch normalisation, 2 x 2 max pooling and
    dropout, with 16, 32, 64, 128 and 256 filters; then a hidden layer of 256. Report
    001 prints 58.9 % on six classes of RAVDESS, SAVEE and CREMA-D (the same speakers in
    training and test). It flattens its maps, so the number of frames is fixed: a longer
    clip is an error, a shorter one is padded.

    Parameters
    ----------
    n_features : int, default=128
        Mel bands; published.
    n_outputs : int, default=6
        Number of classes; published.
    n_frames : int, default=94
        Frames; published: 3 s at 16 kHz with a hop of 512.
    hidden_size : int, default=256
        Width of the hidden layer; published.
    dropout : float, default=0.2
        Share of its values that are dropped; published. The blocks drop 0.1, 0.1, 0.1,
        0.2 and 0.2.
    pad_value : float, default=-80.0
        What stands beyond the end of a clip: silence as the spectrogram has it, which
        is -80 dB unless it is scaled.

    Notes
    -----
    The published net is written in Keras, whose batch normalisation adds 1e-3 to the
    variance and moves its statistics by 1 %; so does this one.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import MelCNN
    >>> net = MelCNN()
    >>> net(torch.zeros(2, 94, 128), torch.tensor([94, 60])).shape
    torch.Size([2, 6])
    """

    def __init__(
        self,
        n_features: int = 128,
        n_outputs: int = 6,
        *,
        n_frames: int = 94,
        hidden_size: int = 256,
        dropout: float = 0.2,
        pad_value: float = -80.0,
    ) -> None:
        super().__init__()
        for name, size in (("n_features", n_features), ("n_frames", n_frames)):
            if size < _SMALLEST:
                raise ValueError(
                    f"{name} must be at least {_SMALLEST}, which five poolings halve "
                    f"to 1, got {size}."
                )
        self.n_features = n_features
        self.n_frames = n_frames
        self.pad_value = pad_value
        channels = [1, *[filters for filters, _ in _BLOCKS]]
        self.blocks = nn.Sequential(
            *(
                _block(channels[index], filters, share)
                for index, (filters, share) in enumerate(_BLOCKS)
            )
        )
        flat = channels[-1] * (n_features // _SMALLEST) * (n_frames // _SMALLEST)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(flat, hidden_size),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_size, n_outputs),
        )

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            Mel spectrograms in dB, at most ``n_frames`` long.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            One row a clip.
        """
        check_sequences(x, x_lengths, self.n_features)
        x = fix_frames(x, x_lengths, self.n_frames, self.pad_value)
        return self.head(self.blocks(x.mT[:, None]))


def _block(n_inputs: int, n_filters: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(n_inputs, n_filters, 3, padding="same"),
        nn.ReLU(),
        nn.BatchNorm2d(n_filters, eps=1e-3, momentum=0.01),
        nn.MaxPool2d(2),
        nn.Dropout(dropout),
    )
