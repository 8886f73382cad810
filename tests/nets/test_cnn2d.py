from itertools import pairwise

import pytest
from torch import nn

from sersk.nets import CNN2D
from tests.nets.toy import count


@pytest.mark.parametrize(
    ("n_layers", "filters"), [(2, [32, 64]), (6, [32, 32, 64, 64, 128, 128])]
)
def test_filters(n_layers, filters):
    convolutions = [
        module
        for module in CNN2D(n_layers=n_layers).modules()
        if isinstance(module, nn.Conv2d)
    ]
    assert [layer.out_channels for layer in convolutions] == filters


def test_parameters_of_two_layers():
    # 40 MFCCs by 300 frames become 20 by 150, and 10 by 75.
    convolutions = 9 * 32 + 32 + 9 * 32 * 64 + 64
    hidden = 64 * 10 * 75 * 128 + 128
    assert count(CNN2D()) == convolutions + hidden + 128 * 6 + 6


def test_parameters_of_six_layers():
    filters = [1, 32, 32, 64, 64, 128, 128]
    pairs = pairwise(filters)
    # With the two of batch normalisation, and a bias.
    convolutions = sum(9 * wide * narrow + 3 * narrow for wide, narrow in pairs)
    head = 128 * 128 + 128 + 128 * 6 + 6
    assert count(CNN2D(n_layers=6)) == convolutions + head


def test_another_number_of_layers_is_refused():
    with pytest.raises(ValueError, match="n_layers must be one of 2, 6, got 4"):
        CNN2D(n_layers=4)
