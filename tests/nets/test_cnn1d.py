import pytest
import torch
from torch import nn

from sersk.nets import CNN1D
from tests.nets.toy import count


def _convolutions(net):
    return [module for module in net.modules() if isinstance(module, nn.Conv1d)]


@pytest.mark.parametrize(
    ("n_layers", "filters"),
    [
        (3, [64, 64, 64]),
        (5, [64, 64, 128, 128, 256]),
        (8, [64, 64, 128, 128, 256, 256, 512, 512]),
    ],
)
def test_filters(n_layers, filters):
    net = CNN1D(n_layers=n_layers)
    assert [layer.out_channels for layer in _convolutions(net)] == filters
    assert {layer.kernel_size for layer in _convolutions(net)} == {(5,)}


def test_parameters_of_three_layers():
    # 40 MFCCs; 300 frames become 150 and 75.
    convolutions = (40 + 64 + 64) * 5 * 64 + 3 * 64
    assert count(CNN1D()) == convolutions + 75 * 64 * 6 + 6


@pytest.mark.parametrize(
    ("settings", "kernel"),
    [
        ({"summary": "mean_over_time"}, 3),
        ({"summary": "mean_over_frequency"}, 5),
        ({"n_frames": 13}, 3),
        ({"n_layers": 8, "n_frames": 13}, 5),
        ({"summary": "mean_over_time", "kernel_size": 7}, 7),
    ],
)
def test_kernels_are_narrow_where_little_is_convolved(settings, kernel):
    net = CNN1D(13, **settings)
    assert {layer.kernel_size for layer in _convolutions(net)} == {(kernel,)}


@pytest.mark.parametrize("n_layers", [3, 5, 8])
def test_mean_over_time_sees_the_means_of_valid_frames_only(n_layers):
    net = CNN1D(13, n_layers=n_layers, summary="mean_over_time").eval()
    x = torch.randn(2, 30, 13)
    lengths = torch.tensor([30, 9])
    means = torch.stack([x[0].mean(0), x[1, :9].mean(0)])
    torch.testing.assert_close(net(x, lengths), net(means[:, None]))


def test_mean_over_frequency_sees_a_number_a_frame():
    net = CNN1D(13, n_layers=5, summary="mean_over_frequency").eval()
    x = torch.randn(2, 30, 13)
    flat = x.mean(2, keepdim=True).expand(-1, -1, 13)
    torch.testing.assert_close(net(x), net(flat))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_layers": 4}, "n_layers must be one of 3, 5, 8, got 4"),
        ({"summary": "mean"}, "summary must be one of None, 'mean_over_time'"),
    ],
)
def test_settings_that_no_report_has_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CNN1D(**settings)
