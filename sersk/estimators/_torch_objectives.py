"""Losses of a whole batch that comes in parts.

A batch that fits into memory only in parts must give the gradient of the loss of the
whole. The mean of the parts' losses is not it: a part may have fewer clips, or lighter
classes, and concordance is no mean over clips at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sersk.estimators._torch_common import generator_states, restore_generators
from sersk.nets import ccc_loss

Parts = Sequence[tuple[Callable[[], Tensor], Tensor]]


@dataclass(frozen=True)
class Objective:
    """A loss of outputs and targets.

    Parameters
    ----------
    loss : callable
        From outputs and targets of a whole batch to a number.
    summed : callable or None
        The same without its mean: a sum over clips. None where there is no such.
    weight : callable or None
        From targets to what that sum is divided by.
    """

    loss: Callable[[Tensor, Tensor], Tensor]
    summed: Callable[[Tensor, Tensor], Tensor] | None = None
    weight: Callable[[Tensor], Tensor | float] | None = None


def cross_entropy(class_weights: np.ndarray) -> Objective:
    """Return the loss of one class a clip: a mean, weighted by classes.

    It is divided by the sum of the weights of the batch's clips, as torch does.
    """
    known = torch.from_numpy(class_weights)

    def loss(outputs: Tensor, targets: Tensor, reduction: str = "mean") -> Tensor:
        weights = known.to(outputs.device)
        return F.cross_entropy(outputs, targets, weight=weights, reduction=reduction)

    return Objective(
        loss,
        partial(loss, reduction="sum"),
        lambda targets: known.to(targets.device)[targets].sum(),
    )


def binary_cross_entropy() -> Objective:
    """Return the loss of several labels a clip: a mean over clips and labels."""
    return _mean_of(F.binary_cross_entropy_with_logits)


def squared_error() -> Objective:
    """Return the mean squared error over clips and attributes."""
    return _mean_of(F.mse_loss)


def concordance() -> Objective:
    """Return one minus concordance, summed over attributes."""
    return Objective(ccc_loss)


def backward(
    objective: Objective,
    parts: Parts,
    scale: Callable[[Tensor], Tensor],
    devices: list[int],
) -> float:
    """Add the gradient of a batch's loss to the parameters, part by part.

    Parameters
    ----------
    objective : Objective
        The loss.
    parts : sequence of (callable, Tensor)
        Of each part, what runs it forward, and its targets.
    scale : callable
        What keeps gradients in the range of half precision.
    devices : list of int
        GPUs whose generators a forward pass draws from.

    Returns
    -------
    loss : float
        The loss of the whole batch.
    """
    if len(parts) == 1:
        run, targets = parts[0]
        loss = objective.loss(run(), targets)
        scale(loss).backward()
        return loss.item()
    if objective.summed is None or objective.weight is None:
        return _backward_twice(objective, parts, scale, devices)
    total = 0.0
    weight = objective.weight(torch.cat([targets for _, targets in parts]))
    for run, targets in parts:
        loss = objective.summed(run(), targets) / weight
        scale(loss).backward()
        total += loss.item()
    return total


def _backward_twice(
    objective: Objective,
    parts: Parts,
    scale: Callable[[Tensor], Tensor],
    devices: list[int],
) -> float:
    """Take the loss of all outputs, and then their gradients back part by part.

    Each part runs twice, the first time without a graph, and draws the same dropout
    both times.
    """
    states, outputs = [], []
    with torch.no_grad():
        for run, _ in parts:
            states.append(generator_states(devices))
            outputs.append(run())
    gathered = torch.cat(outputs).requires_grad_()
    loss = objective.loss(gathered, torch.cat([targets for _, targets in parts]))
    (gradient,) = torch.autograd.grad(loss, gathered)
    sizes = [len(output) for output in outputs]
    for (run, _), state, slope in zip(
        parts, states, gradient.split(sizes), strict=True
    ):
        restore_generators(state, devices)
        run().backward(scale(slope))
    return loss.item()


def _mean_of(function: Callable[..., Tensor]) -> Objective:
    summed = partial(function, reduction="sum")
    return Objective(function, summed, lambda targets: float(targets.numel()))
