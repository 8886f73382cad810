import pytest
import torch

from sersk.nets import ConcatPoolHead, SpectrogramTrunkNet


@pytest.mark.parametrize(
    ("trunk", "n_channels"),
    [("alexnet", 256), ("resnet50", 2048), ("resnext50", 2048), ("densenet201", 1920)],
)
def test_maps_are_pooled_by_fastais_head(trunk, n_channels):
    with torch.device("meta"):
        net = SpectrogramTrunkNet(40, 4, trunk=trunk)
    assert isinstance(net.head, ConcatPoolHead)
    assert net.head.layers[0].num_features == 2 * n_channels
    assert net.trunk.n_outputs is None


@pytest.mark.parametrize(
    "trunk", ["alexnet", "resnet50", "resnext50", "densenet201", "vit"]
)
def test_a_linear_head_is_the_trunks_own(trunk):
    with torch.device("meta"):
        net = SpectrogramTrunkNet(40, 4, trunk=trunk, head="linear")
        assert net.trunk(torch.zeros(2, 3, 224, 224)).shape == (2, 4)
    assert list(net.head.parameters()) == []


def test_vit_has_nothing_to_pool():
    with pytest.raises(ValueError, match="head='linear'"):
        SpectrogramTrunkNet(40, 4, trunk="vit")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trunk": "vgg16"}, "trunk must be one of 'alexnet', 'resnet50', "),
        ({"head": "mlp"}, "head must be one of 'pooled', 'linear', got 'mlp'"),
    ],
)
def test_what_is_not_known_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        SpectrogramTrunkNet(40, 4, **settings)
