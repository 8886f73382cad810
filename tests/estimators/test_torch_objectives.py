"""The gradient of a whole batch, whatever parts it comes in."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from sersk.estimators._torch_objectives import (
    backward,
    binary_cross_entropy,
    concordance,
    cross_entropy,
    squared_error,
)
from sersk.nets import ccc_loss

WEIGHTS = np.array([0.5, 1.0, 3.0], dtype=np.float32)
OBJECTIVES = {
    "concordance": concordance(),
    "cross entropy": cross_entropy(WEIGHTS),
    "binary cross entropy": binary_cross_entropy(),
    "squared error": squared_error(),
}


def _same(value):
    return value


def _targets(name):
    if name == "cross entropy":
        return torch.randint(3, (32,))
    values = torch.randn(32, 3)
    return (values > 0).float() if name == "binary cross entropy" else values


def _gradients(name, sizes, *, training=False, scale=_same):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 8), nn.Dropout(0.5), nn.Tanh(), nn.Linear(8, 3))
    net.train(training)
    x, targets = torch.randn(32, 5), _targets(name)
    parts = [
        (partial(net, part), wanted)
        for part, wanted in zip(x.split(sizes), targets.split(sizes), strict=True)
    ]
    torch.manual_seed(1)
    loss = backward(OBJECTIVES[name], parts, scale, [])
    return loss, [parameter.grad for parameter in net.parameters()]


@pytest.mark.parametrize("sizes", [[8] * 4, [16, 15, 1], [31, 1]])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_parts_give_the_gradient_of_the_whole(name, sizes):
    whole_loss, whole = _gradients(name, [32])
    loss, parts = _gradients(name, sizes)
    assert loss == pytest.approx(whole_loss, rel=1e-5)
    for expected, found in zip(whole, parts, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-7)


def test_the_mean_over_parts_would_be_another_loss():
    torch.manual_seed(0)
    prediction, target = torch.randn(2, 32, 3)
    parts = zip(prediction.split(8), target.split(8), strict=True)
    mean = torch.stack([ccc_loss(p, y) for p, y in parts]).mean()
    assert abs(mean - ccc_loss(prediction, target)) > 0.05


def test_both_passes_draw_the_same_dropout():
    class Count(nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = nn.Parameter(torch.ones(3))
            self.seen = []

        def forward(self, x):
            dropped = torch.dropout(x, 0.5, True)
            self.seen.append(dropped)
            return dropped * self.factor

    torch.manual_seed(0)
    net, x, targets = Count(), torch.randn(8, 3), torch.randn(8, 3)
    parts = [
        (partial(net, part), y)
        for part, y in zip(x.split(4), targets.split(4), strict=True)
    ]
    backward(concordance(), parts, _same, [])
    first, second = net.seen[:2], net.seen[2:]
    assert not torch.equal(first[0] == 0, first[1] == 0)
    assert all(map(torch.equal, first, second))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradients_are_scaled(name):
    for sizes in ([32], [20, 12]):
        _, plain = _gradients(name, sizes)
        loss, scaled = _gradients(name, sizes, scale=lambda value: 1024.0 * value)
        assert loss < 100
        for expected, found in zip(plain, scaled, strict=True):
            torch.testing.assert_close(found, 1024 * expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("sizes", [[1], [4], [2, 2]])
def test_concordance_of_what_does_not_vary_is_a_number(sizes):
    n_clips = sum(sizes)
    net = nn.Linear(2, 1)
    x = torch.ones(n_clips, 2)
    targets = torch.zeros(n_clips, 1)
    parts = [
        (partial(net, part), y)
        for part, y in zip(x.split(sizes), targets.split(sizes), strict=True)
    ]
    assert np.isfinite(backward(concordance(), parts, _same, []))
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())


def test_weighted_cross_entropy_is_that_of_torch():
    outputs, targets = torch.randn(6, 3), torch.tensor([0, 0, 1, 2, 2, 2])
    expected = nn.CrossEntropyLoss(torch.from_numpy(WEIGHTS))(outputs, targets)
    torch.testing.assert_close(
        OBJECTIVES["cross entropy"].loss(outputs, targets), expected
    )
