import os
import sys

import pytest
import torch
from safetensors.torch import save_file

from sersk.nets import (
    AlexNet,
    DenseNet201,
    ResNet50,
    ResNeXt50,
    SpectrogramTrunkNet,
    load_trunk_weights,
)
from sersk.nets._weights import _new_name


@pytest.fixture(scope="module")
def resnet():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ResNet50()


@pytest.fixture(scope="module")
def resnet_file(resnet, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "resnet50.pth"
    torch.save(resnet.state_dict(), path)
    return path


def _differences(one, other):
    other = other.state_dict()
    return [k for k, v in one.state_dict().items() if not torch.equal(v, other[k])]


def test_a_file_of_torch(resnet, resnet_file):
    trunk = ResNet50()
    assert load_trunk_weights(trunk, resnet_file) == []
    assert _differences(trunk, resnet) == []


def test_a_file_of_torch_before_version_1_6(tmp_path):
    state = AlexNet(n_outputs=None).state_dict()
    path = tmp_path / "alexnet.pth"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    trunk = AlexNet(n_outputs=None)
    assert load_trunk_weights(trunk, str(path)) == []
    assert torch.equal(trunk.features[0].weight, state["features.0.weight"])


def test_a_file_of_safetensors(resnet, tmp_path):
    path = tmp_path / "resnet50.safetensors"
    save_file(resnet.state_dict(), path)
    trunk = ResNet50()
    assert load_trunk_weights(trunk, path) == []
    assert _differences(trunk, resnet) == []


def test_a_trunk_without_classifier_takes_the_rest(resnet, resnet_file):
    trunk = ResNet50(n_outputs=None)
    assert load_trunk_weights(trunk, resnet_file) == []
    assert _differences(trunk, resnet) == []


def test_a_last_layer_of_another_size_is_kept_and_named(resnet, resnet_file):
    trunk = ResNet50(n_outputs=4)
    before = trunk.fc.weight.clone()
    assert load_trunk_weights(trunk, resnet_file) == ["fc.bias", "fc.weight"]
    assert torch.equal(trunk.fc.weight, before)
    assert torch.equal(trunk.conv1.weight, resnet.conv1.weight)


def test_the_trunk_of_a_net(resnet, resnet_file):
    net = SpectrogramTrunkNet(40, 4)
    assert load_trunk_weights(net.trunk, resnet_file) == []
    assert torch.equal(net.trunk.conv1.weight, resnet.conv1.weight)


def test_a_whole_net_is_no_trunk(resnet_file):
    net = SpectrogramTrunkNet(40, 4, trunk="alexnet")
    with pytest.raises(TypeError, match=r"got SpectrogramTrunkNet\..*net\.trunk"):
        load_trunk_weights(net, resnet_file)


def test_files_from_before_batches_were_counted(resnet, tmp_path):
    path = tmp_path / "old.pth"
    state = resnet.state_dict()
    torch.save({k: v for k, v in state.items() if "num_batches" not in k}, path)
    trunk = ResNet50()
    assert load_trunk_weights(trunk, path) == []
    assert _differences(trunk, resnet) == []


def test_older_names_of_densenet(tmp_path):
    saved = DenseNet201(n_outputs=None)
    older = {}
    for name, value in saved.state_dict().items():
        for kind in ("norm", "conv"):
            for digit in "12":
                name = name.replace(f".{kind}{digit}.", f".{kind}.{digit}.")
        older[name] = value
    assert "features.denseblock1.denselayer1.norm.1.weight" in older
    path = tmp_path / "densenet201.pth"
    torch.save(older, path)
    trunk = DenseNet201(n_outputs=None)
    assert load_trunk_weights(trunk, path) == []
    assert _differences(trunk, saved) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("encoder.layers.e.mlp.linear_1.weight", "encoder.layers.e.mlp.0.weight"),
        ("encoder.layers.e.mlp.linear_2.bias", "encoder.layers.e.mlp.3.bias"),
        ("features.denseblock1.denselayer2.conv.1.weight", None),
        ("features.transition1.norm.weight", "features.transition1.norm.weight"),
        ("features.norm5.weight", "features.norm5.weight"),
        ("layer1.0.conv1.weight", "layer1.0.conv1.weight"),
    ],
)
def test_older_names(old, new):
    new = new or "features.denseblock1.denselayer2.conv1.weight"
    assert _new_name(old) == new


@pytest.mark.parametrize("cls", [AlexNet, ResNeXt50, DenseNet201])
def test_another_architecture_is_named(cls, resnet_file):
    message = f"does not fit {cls.__name__} .it looks like weights of ResNet50.: "
    with pytest.raises(ValueError, match=message):
        load_trunk_weights(cls(n_outputs=None), resnet_file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda state: state.pop("conv1.weight"),
            "does not fit ResNet50: it lacks conv1.weight, and has besides nothing",
        ),
        (
            lambda state: state.update(extra=torch.zeros(1)),
            "it lacks nothing, and has besides extra",
        ),
        (
            lambda state: state.update({"bn1.bias": torch.zeros(3)}),
            r"does not fit ResNet50: bn1.bias is \(3,\), not \(64,\)",
        ),
        (
            lambda state: [state.pop(k) for k in list(state) if k.startswith("layer4")],
            "it lacks layer4.0.bn1.bias, .* and 47 more",
        ),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_loaded(
    resnet, tmp_path, change, message
):
    state = dict(resnet.state_dict())
    change(state)
    path = tmp_path / "changed.pth"
    torch.save(state, path)
    trunk = ResNet50()
    before = trunk.bn1.running_mean.clone(), trunk.layer1[0].conv1.weight.clone()
    with pytest.raises(ValueError, match=message):
        load_trunk_weights(trunk, path)
    assert torch.equal(trunk.bn1.running_mean, before[0])
    assert torch.equal(trunk.layer1[0].conv1.weight, before[1])


@pytest.fixture(scope="module")
def trunk():
    return AlexNet(n_outputs=None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html></html>", "a web page, not weights"),
        (b"\n<HTML>\n", "a web page, not weights"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Run: git lfs pull"),
        (b"", "damaged, cut short"),
        (b"nothing of the kind", "damaged, cut short"),
        (b"PK\x03\x04 and no more", "damaged, cut short"),
    ],
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_files_that_hold_no_weights(trunk, tmp_path, content, message, suffix):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_trunk_weights(trunk, path)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_half_a_file(trunk, tmp_path, suffix, share):
    whole = tmp_path / f"whole{suffix}"
    save = save_file if suffix == ".safetensors" else torch.save
    save(trunk.state_dict(), whole)
    content = whole.read_bytes()
    path = tmp_path / f"half{suffix}"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match="damaged, cut short"):
        load_trunk_weights(trunk, path)


def test_no_file(trunk, tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        load_trunk_weights(trunk, tmp_path / "absent.pth")


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, torch.zeros(3)])
def test_what_is_no_state_dict_is_refused(trunk, tmp_path, content):
    path = tmp_path / "other.pth"
    torch.save(content, path)
    with pytest.raises(ValueError, match="no state dict"):
        load_trunk_weights(trunk, path)


class _Command:
    """What runs a command where it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder / "ran"),)


def test_nothing_in_a_file_is_executed(trunk, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"features.0.weight": _Command(tmp_path)}, path)
    with pytest.raises(ValueError, match="holds more than weights"):
        load_trunk_weights(trunk, path)
    assert not (tmp_path / "ran").exists()


def test_safetensors_is_named_where_it_is_missing(trunk, tmp_path, monkeypatch):
    path = tmp_path / "weights.safetensors"
    save_file(trunk.state_dict(), path)
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    with pytest.raises(ImportError, match=r'pip install "sersk\[torch\]"'):
        load_trunk_weights(trunk, path)
