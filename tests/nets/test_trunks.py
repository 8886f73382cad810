"""The four modules of image trunks; names and shapes are those of torchvision 0.28."""

import json
from pathlib import Path

import pytest
import torch

from sersk.nets import AlexNet, DenseNet201, ResNet50, ResNeXt50, ViT
from tests.nets.toy import count

# Made by torchvision itself, whose outputs these nets have to the bit.
PUBLISHED = json.loads((Path(__file__).parent / "state_dicts.json").read_text())
TRUNKS = {cls.__name__: cls for cls in (AlexNet, ResNet50, ResNeXt50, DenseNet201, ViT)}
COUNTS = {
    "AlexNet": 61_100_840,
    "ResNet50": 25_557_032,
    "ResNeXt50": 25_028_904,
    "DenseNet201": 20_013_928,
    "ViT": 86_567_656,
}


def _shapes(module):
    return {name: list(value.shape) for name, value in module.state_dict().items()}


@pytest.mark.parametrize("name", TRUNKS)
def test_number_of_parameters(name):
    with torch.device("meta"):
        assert count(TRUNKS[name]()) == COUNTS[name]


@pytest.mark.parametrize("name", TRUNKS)
def test_names_and_shapes_in_order(name):
    with torch.device("meta"):
        found = _shapes(TRUNKS[name]())
    assert list(found.items()) == list(PUBLISHED[name].items())


@pytest.mark.parametrize("name", TRUNKS)
def test_without_a_classifier_the_rest_is_the_same(name):
    cls = TRUNKS[name]
    with torch.device("meta"):
        found = _shapes(cls(n_outputs=None))
    head = cls.head_prefix
    rest = {k: v for k, v in PUBLISHED[name].items() if not k.startswith(head)}
    assert found == rest
    assert found.keys() < PUBLISHED[name].keys()


@pytest.mark.parametrize("name", TRUNKS)
def test_the_last_layer_has_as_many_outputs_as_asked_for(name):
    cls = TRUNKS[name]
    with torch.device("meta"):
        trunk = cls(n_outputs=7)
        assert trunk(torch.zeros(2, 3, 224, 224)).shape == (2, 7)
        last = f"{cls.last_layer}weight"
        changed = {k for k, v in _shapes(trunk).items() if v != PUBLISHED[name][k]}
    assert changed == {last, last.replace("weight", "bias")}


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("AlexNet", (256, 7, 11)),
        ("ResNet50", (2048, 8, 12)),
        ("ResNeXt50", (2048, 8, 12)),
        ("DenseNet201", (1920, 8, 12)),
    ],
)
def test_maps_of_an_image_of_256_by_384(name, shape):
    with torch.device("meta"):
        trunk = TRUNKS[name](n_outputs=None)
        assert trunk.n_channels == shape[0]
        maps = trunk.forward_features(torch.zeros(1, 3, 256, 384))
    assert maps.shape == (1, *shape)


def test_alexnet_averages_its_maps_to_six_by_six():
    with torch.device("meta"):
        maps = AlexNet(n_outputs=None)(torch.zeros(1, 3, 256, 384))
    assert maps.shape == (1, 256, 6, 6)


def test_vit_sees_196_patches_and_a_token():
    with torch.device("meta"):
        trunk = ViT(n_outputs=None)
        assert trunk.encoder.pos_embedding.shape == (1, 197, 768)
        assert trunk(torch.zeros(2, 3, 224, 224)).shape == (2, 768)


def test_vit_refuses_images_of_another_size():
    with (
        torch.device("meta"),
        pytest.raises(ValueError, match=r"takes \(batch, 3, 224, 224\)"),
    ):
        ViT()(torch.zeros(1, 3, 256, 384))


def test_the_smallest_images():
    x = torch.zeros(1, 3, 63, 63)
    with torch.no_grad():
        assert AlexNet(n_outputs=None).eval()(x).shape == (1, 256, 6, 6)
        small = DenseNet201(n_outputs=None).eval()(x[..., :29, :29])
    assert small.shape == (1, 1920, 1, 1)


@pytest.mark.parametrize("name", ["AlexNet", "ResNet50"])
def test_every_parameter_has_a_gradient(name):
    trunk = TRUNKS[name](n_outputs=3)
    trunk(torch.rand(2, 3, 64, 64)).square().sum().backward()
    assert [n for n, p in trunk.named_parameters() if p.grad is None] == []
    flat = [n for n, p in trunk.named_parameters() if p.ndim > 1 and not p.grad.any()]
    assert flat == []


@pytest.mark.parametrize("name", ["ResNet50", "ResNeXt50", "DenseNet201"])
def test_convolutions_start_as_published(name):
    # He's initialisation: 2 / fan; the first layer has 7 x 7 kernels of 3 channels.
    trunk = TRUNKS[name](n_outputs=None)
    first = next(iter(trunk.parameters()))
    fan = 49 * (3 if name == "DenseNet201" else 64)
    assert float(first.std().detach()) == pytest.approx((2 / fan) ** 0.5, rel=0.05)


def test_vit_starts_as_published():
    trunk = ViT(n_outputs=3)
    assert not any(parameter.any() for parameter in trunk.heads.parameters())
    assert not trunk.class_token.any()
    weights = trunk.encoder.layers.encoder_layer_0.mlp[0].weight
    bound = (6 / (768 + 3072)) ** 0.5
    assert 0.99 * bound < float(weights.abs().max().detach()) <= bound
