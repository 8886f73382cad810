"""Losses that emotional attributes are trained with."""

from torch import Tensor, nn


def ccc_loss(prediction: Tensor, target: Tensor, *, eps: float = 1e-8) -> Tensor:
    """Measure one minus the concordance correlation coefficient of a batch.

    ``1 - 2 cov(p, y) / (var(p) + var(y) + (mean(p) - mean(y))**2 + eps)`` for each
    attribute, with moments divided by the number of clips, summed over attributes.

    It is a statistic of the batch: the mean over four batches of 8 clips is not the
    loss of these 32. Whoever accumulates gradients gathers predictions first.

    Parameters
    ----------
    prediction : Tensor of shape (batch,) or (batch, n_attributes)
        What the net says.
    target : Tensor of the same shape
        What the raters said.
    eps : float, default=1e-8
        Keeps a batch in which nothing varies from being divided by zero.

    Returns
    -------
    loss : Tensor of shape ()
        Between 0 and twice the number of attributes.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Lin (1989), A concordance correlation coefficient to evaluate reproducibility,
    Biometrics 45.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import ccc_loss
    >>> y = torch.tensor([0.0, 1.0, 2.0])
    >>> ccc_loss(y + 1, y)  # 1 - 2 (2/3) / (2/3 + 2/3 + 1)
    tensor(0.4286)
    """
    if prediction.shape != target.shape:
        raise ValueError(
            f"prediction has shape {tuple(prediction.shape)} and target "
            f"{tuple(target.shape)}; they must be the same."
        )
    # Half precision has too few digits for differences of moments.
    prediction, target = prediction.float(), target.float()
    p, y = prediction - prediction.mean(0), target - target.mean(0)
    shift = prediction.mean(0) - target.mean(0)
    spread = (p**2).mean(0) + (y**2).mean(0) + shift**2
    return (1 - 2 * (p * y).mean(0) / (spread + eps)).sum()


class CCCLoss(nn.Module):
    """Measure :func:`ccc_loss` where a module is asked for.

    Parameters
    ----------
    eps : float, default=1e-8
        See :func:`ccc_loss`.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import CCCLoss
    >>> y = torch.tensor([0.0, 1.0, 2.0])
    >>> CCCLoss()(y, y)
    tensor(0.)
    """

    def __init__(self, eps: float = 1e-8) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        prediction : Tensor of shape (batch,) or (batch, n_attributes)
            What the net says.
        target : Tensor of the same shape
            What the raters said.

        Returns
        -------
        loss : Tensor of shape ()
            See :func:`ccc_loss`.
        """
        return ccc_loss(prediction, target, eps=self.eps)
