import pytest
import torch
from torch import nn

from sersk.nets import AlexNet
from sersk.nets._alexnet import masked_features
from sersk.nets._blocks import ConvBlock, masked_batch_norm
from sersk.nets._lengths import frame_mask


@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 3, 4, 5)])
def test_batch_normalisation_uses_valid_frames_only(shape):
    x = torch.randn(shape) * 3 + 1
    lengths = torch.tensor([5, 2])
    norm = nn.BatchNorm1d(3)
    result = masked_batch_norm(norm, x, frame_mask(lengths, 5))
    valid = torch.cat([x[0, ..., :5].flatten(1), x[1, ..., :2].flatten(1)], 1)
    torch.testing.assert_close(norm.running_mean, valid.mean(1) * 0.1)
    mean, variance = valid.mean(1), valid.var(1, correction=0)
    expected = (x[1, ..., :2].movedim(0, -1) - mean) / (variance + 1e-5).sqrt()
    torch.testing.assert_close(result[1, ..., :2].movedim(0, -1), expected)


def test_batch_normalisation_of_full_clips_is_that_of_torch():
    x = torch.randn(2, 3, 4, 5)
    mask = frame_mask(torch.tensor([5, 5]), 5)
    expected = nn.BatchNorm2d(3)(x)
    torch.testing.assert_close(masked_batch_norm(nn.BatchNorm1d(3), x, None), expected)
    torch.testing.assert_close(masked_batch_norm(nn.BatchNorm1d(3), x, mask), expected)


@pytest.mark.parametrize("mask", [None, torch.tensor([[True]])])
def test_one_frame_cannot_be_normalised_in_training(mask):
    norm, x = nn.BatchNorm1d(3), torch.randn(1, 3, 1)
    with pytest.raises(ValueError, match=r"comes down to one frame, .* batch_size"):
        masked_batch_norm(norm, x, mask)
    assert masked_batch_norm(norm.eval(), x, mask).isfinite().all()


def test_lengths_are_pooled_upwards():
    pool = nn.MaxPool1d(3, ceil_mode=True)
    block = ConvBlock(nn.Conv1d(2, 4, 3, padding="same"), pool=pool)
    lengths = torch.tensor([10, 9, 4, 1])
    maps, pooled = block(torch.zeros(4, 2, 10), lengths)
    assert pooled.tolist() == [4, 3, 2, 1]
    assert maps.shape == (4, 4, 4)


def test_features_of_images_of_several_widths_are_those_of_each_alone():
    trunk = AlexNet(n_outputs=None).eval()
    widths = torch.tensor([130, 64, 97])
    images = torch.randn(3, 3, 64, 130)
    for image, width in zip(images, widths.tolist(), strict=True):
        image[..., width:] = 0.0
    with torch.no_grad():
        maps, map_widths = masked_features(trunk.features, images, widths)
        for index, width in enumerate(widths.tolist()):
            alone = trunk.features(images[index : index + 1, ..., :width])[0]
            assert alone.shape[-1] == map_widths[index]
            together = maps[index, ..., : alone.shape[-1]]
            torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-6)
