import numpy as np
import pytest
import torch
from torch import nn

from sersk.descriptors import mel_spectrogram, power_to_db
from sersk.nets import MelCNN
from tests.nets.toy import count


def test_parameters_with_the_statistics_of_batch_normalisation():
    net = MelCNN()
    statistics = [n for n, _ in net.named_buffers() if n.endswith(("mean", "var"))]
    held = sum(net.get_buffer(name).numel() for name in statistics)
    assert count(net) + held == 920_390


def test_maps_are_those_of_the_report():
    net = MelCNN().eval()
    sizes = []
    for module in net.modules():
        if isinstance(module, nn.MaxPool2d):
            module.register_forward_hook(
                lambda _, inputs, maps: sizes.append(tuple(maps.shape[1:]))
            )
    with torch.no_grad():
        assert net(torch.zeros(1, 94, 128)).shape == (1, 6)
    assert sizes == [(16, 64, 47), (32, 32, 23), (64, 16, 11), (128, 8, 5), (256, 4, 2)]


def test_three_seconds_at_16_khz_fit():
    waveform = np.random.default_rng(0).normal(size=48_000).astype(np.float32)
    power = mel_spectrogram(waveform, 16_000, fmax=8_000)
    decibels = power_to_db(power, ref="max")
    net = MelCNN().eval()
    with torch.no_grad():
        assert net(torch.from_numpy(decibels.T.copy())[None]).shape == (1, 6)
    assert decibels.min() >= net.pad_value


def test_dropouts_are_those_of_the_report():
    dropouts = [m.p for m in MelCNN().modules() if isinstance(m, nn.Dropout)]
    assert dropouts == [0.1, 0.1, 0.1, 0.2, 0.2, 0.2]


@pytest.mark.parametrize("name", ["n_features", "n_frames"])
def test_what_five_poolings_leave_nothing_of_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 32.*got 31"):
        MelCNN(**{name: 31})
