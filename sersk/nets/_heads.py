"""What turns a clip's vector, or its maps, into logits."""

from itertools import pairwise

import torch
from torch import Tensor, nn


class EmotionRegression(nn.Module):
    """Map a clip's vector to attributes or to logits of classes.

    The head of the MSP-Podcast challenge of 2024 (report 000), with the names of its
    parameters: dropout, then blocks of linear layer, layer normalisation, ReLU and
    dropout, then a linear layer.

    Parameters
    ----------
    n_features : int, default=2048
        Length of the vector; the default, published, is what attentive statistics
        pooling makes of WavLM-large.
    n_outputs : int, default=3
        Published: 3 for arousal, dominance and valence at once, 1 for one of them, 8
        for classes.
    hidden_size : int, default=1024
        Width of a block; published.
    n_layers : int, default=1
        Number of blocks; published.
    dropout : float, default=0.5
        Share of values that are dropped; published.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import EmotionRegression
    >>> EmotionRegression(16, 3, hidden_size=8)(torch.zeros(2, 16)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        n_features: int = 2048,
        n_outputs: int = 3,
        *,
        hidden_size: int = 1024,
        n_layers: int = 1,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        widths = [n_features, *[hidden_size] * n_layers]
        self.inp_drop = nn.Dropout(dropout)
        self.fc = nn.ModuleList(
            nn.Sequential(
                nn.Linear(wide, narrow),
                nn.LayerNorm(narrow),
                nn.ReLU(),
                nn.Dropout(dropout),
            )
            for wide, narrow in pairwise(widths)
        )
        self.out = nn.Sequential(nn.Linear(widths[-1], n_outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Return the attributes, or the logits.

        Parameters
        ----------
        x : Tensor of shape (batch, n_features)
            One vector a clip.

        Returns
        -------
        outputs : Tensor of shape (batch, n_outputs)
            Without an activation.
        """
        return self.out(self.embed(x))

    def embed(self, x: Tensor) -> Tensor:
        """Return what the last layer makes outputs of.

        Parameters
        ----------
        x : Tensor of shape (batch, n_features)
            One vector a clip.

        Returns
        -------
        vectors : Tensor of shape (batch, hidden_size)
            One row a clip.
        """
        x = self.inp_drop(x)
        for block in self.fc:
            x = block(x)
        return x


class ConcatPoolHead(nn.Module):
    """Map the maps of an image trunk to logits, as fastai does.

    Average and maximum of each map, then twice batch normalisation, dropout and a
    linear layer without bias, with a ReLU between. Report 003 names the library; the
    head is its default, with half the dropout before the first layer.

    Parameters
    ----------
    n_channels : int, default=2048
        Maps: 2048 of ResNet50 and ResNeXt50, 1920 of DenseNet201, 256 of AlexNet.
    n_outputs : int, default=6
        Number of classes.
    hidden_size : int, default=512
        Width of the first linear layer; fastai's.
    dropout : float, default=0.5
        Share of values dropped before the second layer; fastai's.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import ConcatPoolHead
    >>> ConcatPoolHead(8, 3)(torch.zeros(2, 8, 7, 7)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        n_channels: int = 2048,
        n_outputs: int = 6,
        *,
        hidden_size: int = 512,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm1d(2 * n_channels),
            nn.Dropout(dropout / 2),
            # Neither linear layer of fastai's has a bias.
            nn.Linear(2 * n_channels, hidden_size, bias=False),
            nn.ReLU(),
            nn.BatchNorm1d(hidden_size),
            nn.Dropout(dropout),
            nn.Linear(hidden_size, n_outputs, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        x : Tensor of shape (batch, n_channels, height, width)
            Maps.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            One row a clip.
        """
        return self.layers(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
