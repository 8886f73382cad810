import math

import pytest
import torch

from sersk.nets import (
    AdditiveAttentionPooling,
    AttentiveStatisticsPooling,
    MaskedMaxPooling,
    MaskedMeanPooling,
)
from tests.nets.toy import count, spoil

LENGTHS = torch.tensor([5, 2])
POOLINGS = [
    MaskedMeanPooling,
    MaskedMaxPooling,
    lambda: AttentiveStatisticsPooling(3),
    lambda: AdditiveAttentionPooling(3, 4),
]


@pytest.mark.parametrize("make", POOLINGS)
@pytest.mark.parametrize("value", [0.0, 9.0, math.nan])
def test_padding_is_left_out(make, value):
    pooling = make()
    x = torch.randn(2, 5, 3)
    pooled = pooling(spoil(x, LENGTHS, value), LENGTHS)
    torch.testing.assert_close(pooled[1], pooling(x[1:, :2])[0])
    torch.testing.assert_close(pooled[0], pooling(x[:1])[0])


def test_mean_and_maximum():
    x = torch.tensor([[[1.0, -4.0], [3.0, -2.0], [8.0, 8.0]]])
    lengths = torch.tensor([2])
    assert MaskedMeanPooling()(x, lengths).tolist() == [[2, -3]]
    assert MaskedMaxPooling()(x, lengths).tolist() == [[3, -2]]
    assert MaskedMaxPooling()(x).tolist() == [[8, 8]]


def test_attentive_statistics_has_the_published_number_of_parameters():
    assert count(AttentiveStatisticsPooling()) == 1_050_624


def test_attentive_statistics_computed_by_hand():
    pooling = AttentiveStatisticsPooling(1)
    with torch.no_grad():
        pooling.sap_linear.weight.fill_(1.0)
        pooling.sap_linear.bias.fill_(0.0)
        pooling.attention.fill_(1.0)
    x = torch.tensor([[[0.0], [2.0]]])
    weight = 1 / (1 + math.exp(-math.tanh(2.0)))
    mean = 2 * weight
    variance = 4 * weight - mean**2
    expected = torch.tensor([[mean, math.sqrt(variance)]])
    torch.testing.assert_close(pooling(x), expected)


def test_the_deviation_of_a_constant_is_the_smallest():
    pooled = AttentiveStatisticsPooling(2)(torch.ones(1, 4, 2))
    torch.testing.assert_close(pooled[0, 2:], torch.full((2,), math.sqrt(1e-5)))


def test_the_scores_of_attention_start_from_a_normal_distribution():
    attention = AttentiveStatisticsPooling(512).attention
    assert attention.shape == (512, 1)
    assert abs(attention.std().item() - 1) < 0.1


def test_equal_frames_have_equal_weights():
    x = torch.ones(1, 4, 3)
    torch.testing.assert_close(AdditiveAttentionPooling(3)(x), torch.ones(1, 3))


def test_attention_can_choose_a_frame():
    pooling = AdditiveAttentionPooling(1, 1)
    with torch.no_grad():
        pooling.hidden.weight.fill_(10.0)
        pooling.hidden.bias.fill_(0.0)
        pooling.score.weight.fill_(50.0)
    x = torch.tensor([[[-1.0], [1.0], [-1.0]]])
    torch.testing.assert_close(pooling(x), torch.tensor([[1.0]]))
