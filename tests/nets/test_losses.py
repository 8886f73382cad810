import numpy as np
import pytest
import torch

from sersk.metrics import concordance_correlation_coefficient
from sersk.nets import CCCLoss, ccc_loss


def test_a_loss_computed_by_hand():
    target = torch.tensor([0.0, 1.0, 2.0])
    # Variances of 2/3, a covariance of 2/3, and means that differ by 1.
    expected = 1 - 2 * (2 / 3) / (2 / 3 + 2 / 3 + 1)
    assert float(ccc_loss(target + 1, target)) == pytest.approx(expected)


def test_no_loss_where_all_is_right_and_two_where_all_is_reversed():
    target = torch.randn(32)
    assert float(ccc_loss(target, target)) == pytest.approx(0, abs=1e-6)
    centred = target - target.mean()
    assert float(ccc_loss(-centred, centred)) == pytest.approx(2, abs=1e-6)


def test_a_common_affine_map_changes_nothing():
    prediction, target = torch.randn(2, 32)
    loss = ccc_loss(prediction, target)
    torch.testing.assert_close(ccc_loss(prediction * 6 + 1, target * 6 + 1), loss)


@pytest.mark.parametrize("target", [torch.zeros(4), torch.arange(4.0)])
def test_a_constant_prediction_loses_one(target):
    prediction = torch.zeros(4, requires_grad=True)
    loss = ccc_loss(prediction, target)
    loss.backward()
    assert loss.item() == 1
    assert torch.isfinite(prediction.grad).all()


def test_attributes_are_summed():
    prediction, target = torch.randn(2, 16, 3)
    each = [ccc_loss(prediction[:, k], target[:, k]) for k in range(3)]
    torch.testing.assert_close(ccc_loss(prediction, target), sum(each))


def test_it_is_the_metrics_complement():
    prediction, target = torch.randn(2, 50)
    metric = concordance_correlation_coefficient(
        np.asarray(target), np.asarray(prediction)
    )
    assert float(ccc_loss(prediction, target)) == pytest.approx(1 - metric, abs=1e-5)


def test_gathered_batches_have_the_loss_of_all_and_their_mean_has_not():
    prediction, target = torch.randn(2, 32)
    whole = ccc_loss(prediction, target)
    gathered = torch.cat(list(prediction.split(8))), torch.cat(list(target.split(8)))
    parts = [
        ccc_loss(p, y)
        for p, y in zip(prediction.split(8), target.split(8), strict=True)
    ]
    assert torch.equal(ccc_loss(*gathered), whole)
    assert abs(float(torch.stack(parts).mean() - whole)) > 0.01


def test_half_precision_is_computed_in_single():
    prediction, target = torch.randn(2, 32).half()
    exact = ccc_loss(prediction.float(), target.float())
    assert torch.equal(ccc_loss(prediction, target), exact)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 1\) and target \(4,\)"):
        ccc_loss(torch.zeros(4, 1), torch.zeros(4))


def test_the_module_passes_its_eps_on():
    prediction, target = torch.randn(2, 8)
    assert torch.equal(
        CCCLoss(eps=1.0)(prediction, target), ccc_loss(prediction, target, eps=1.0)
    )
