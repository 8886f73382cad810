"""From frames to one vector a clip, over valid frames only."""

import math

import torch
from torch import Tensor, nn

from sersk.nets._lengths import check_sequences, fill_padding, frame_mask

# Below this a variance is taken for this; the value of the reference code.
_SMALLEST_VARIANCE = 1e-5


class MaskedMeanPooling(nn.Module):
    """Average the valid frames of each clip.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import MaskedMeanPooling
    >>> x = torch.tensor([[[1.0], [3.0], [100.0]]])
    >>> MaskedMeanPooling()(x, torch.tensor([2]))
    tensor([[2.]])
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the mean over time.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, features)
            Frames.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        mean : Tensor of shape (batch, features)
            One row a clip.
        """
        check_sequences(x, x_lengths, x.shape[-1])
        if x_lengths is None:
            return x.mean(1)
        return fill_padding(x, x_lengths, 0.0).sum(1) / x_lengths[:, None]


class MaskedMaxPooling(nn.Module):
    """Take the largest value among the valid frames of each clip.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import MaskedMaxPooling
    >>> x = torch.tensor([[[1.0], [3.0], [100.0]]])
    >>> MaskedMaxPooling()(x, torch.tensor([2]))
    tensor([[3.]])
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the maximum over time.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, features)
            Frames.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        maximum : Tensor of shape (batch, features)
            One row a clip.
        """
        check_sequences(x, x_lengths, x.shape[-1])
        return fill_padding(x, x_lengths, -math.inf).amax(1)


class AttentiveStatisticsPooling(nn.Module):
    """Weight frames by attention, and take their mean and standard deviation.

    With frames X, the scores are ``tanh(X W + b) v``, the weights their softmax over
    valid frames; the result is the weighted mean and the weighted standard deviation,
    from a variance of at least 1e-5. The form of the MSP-Podcast challenge of 2024
    (report 000), with the names of its parameters.

    Parameters
    ----------
    n_features : int, default=1024
        Features of a frame; the default, published, is that of WavLM-large.

    References
    ----------
    Okabe, Koshinaka and Shinoda (2018), Attentive Statistics Pooling for Deep Speaker
    Embedding, Interspeech.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import AttentiveStatisticsPooling
    >>> pooling = AttentiveStatisticsPooling(8)
    >>> pooling(torch.zeros(2, 5, 8), torch.tensor([5, 3])).shape
    torch.Size([2, 16])
    """

    def __init__(self, n_features: int = 1024) -> None:
        super().__init__()
        self.n_features = n_features
        self.sap_linear = nn.Linear(n_features, n_features)
        self.attention = nn.Parameter(torch.randn(n_features, 1))

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return mean and standard deviation under attention.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            Frames.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        statistics : Tensor of shape (batch, 2 * n_features)
            Means, then standard deviations.
        """
        check_sequences(x, x_lengths, self.n_features)
        x = fill_padding(x, x_lengths, 0.0)
        scores = (torch.tanh(self.sap_linear(x)) @ self.attention).squeeze(2)
        weights = masked_softmax(scores, x_lengths)[..., None]
        mean = (weights * x).sum(1)
        variance = (weights * x**2).sum(1) - mean**2
        return torch.cat([mean, variance.clamp(min=_SMALLEST_VARIANCE).sqrt()], 1)


class AdditiveAttentionPooling(nn.Module):
    """Average frames under additive attention.

    The scores are ``v tanh(W h + b)``, the weights their softmax over valid frames.

    Parameters
    ----------
    n_features : int, default=256
        Features of a frame.
    hidden_size : int, default=128
        Rows of W; our reconstruction, no report gives it.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import AdditiveAttentionPooling
    >>> pooling = AdditiveAttentionPooling(8, hidden_size=4)
    >>> pooling(torch.zeros(2, 5, 8), torch.tensor([5, 3])).shape
    torch.Size([2, 8])
    """

    def __init__(self, n_features: int = 256, hidden_size: int = 128) -> None:
        super().__init__()
        self.n_features = n_features
        self.hidden = nn.Linear(n_features, hidden_size)
        # A bias would cancel in the softmax and never be learned.
        self.score = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the mean under attention.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            Frames.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        mean : Tensor of shape (batch, n_features)
            One row a clip.
        """
        check_sequences(x, x_lengths, self.n_features)
        x = fill_padding(x, x_lengths, 0.0)
        scores = self.score(torch.tanh(self.hidden(x))).squeeze(2)
        return attend(masked_softmax(scores, x_lengths), x)


def masked_softmax(scores: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the softmax of scores (batch, frames) over valid frames."""
    if lengths is not None:
        valid = frame_mask(lengths, scores.shape[1])
        scores = scores.masked_fill(~valid, -math.inf)
    return scores.softmax(1)


def attend(weights: Tensor, x: Tensor) -> Tensor:
    """Return the sum over frames of x (batch, frames, features) under weights."""
    return (weights[:, None] @ x).squeeze(1)
