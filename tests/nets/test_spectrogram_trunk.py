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


@pytest.mark.parametrize(("trunk", "width"), [("alexnet", 256), ("vit", 768)])
def test_a_vector_is_what_the_trunk_makes_of_a_clip(trunk, width):
    net = SpectrogramTrunkNet(40, 4, trunk=trunk, head="linear").eval()
    assert net.n_embedded == width
    x, lengths = torch.rand(2, 50, 40), torch.tensor([50, 30])
    with torch.no_grad():
        vectors, logits = net.embed(x, lengths), net(x, lengths)
        assert vectors.shape == (2, width)
        alone = net.embed(x[1:, :30])
        torch.testing.assert_close(alone, vectors[1:], rtol=1e-4, atol=1e-5)
        if trunk == "vit":
            torch.testing.assert_close(net.trunk.heads(vectors), logits)


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
