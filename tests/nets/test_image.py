import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sersk.nets import spectrogram_to_image
from sersk.nets._image import spectrogram_to_strips

MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def _gray(images):
    """Return the values before they were normalised, of the first channel."""
    return (images * STD + MEAN)[..., 0, :, :]


def test_three_channels_are_normalised_as_imagenets():
    images = spectrogram_to_image(torch.full((1, 5, 4), 0.5), size=(8, 10))
    expected = ((0.5 - MEAN) / STD).expand(3, 8, 10)
    torch.testing.assert_close(images[0], expected)


def test_low_frequencies_lie_at_the_bottom_and_time_runs_to_the_right():
    x = torch.zeros(1, 3, 2)
    x[0, 0, 0] = 1.0  # the lowest bin of the first frame
    gray = _gray(spectrogram_to_image(x, size=(2, 3)))
    torch.testing.assert_close(gray[0], torch.tensor([[0.0, 0, 0], [1, 0, 0]]))


def test_values_outside_are_clipped():
    x = torch.tensor([[[-3.0, 2.0]]])
    gray = _gray(spectrogram_to_image(x, size=(2, 1)))
    torch.testing.assert_close(gray.flatten(), torch.tensor([1.0, 0.0]))


def test_the_published_size():
    assert spectrogram_to_image(torch.zeros(2, 300, 200)).shape == (2, 3, 256, 384)


def test_only_valid_frames_are_resized():
    x = torch.rand(2, 30, 8)
    lengths = torch.tensor([30, 11])
    x[1, 11:] = torch.nan
    images = spectrogram_to_image(x, lengths, size=(16, 20))
    alone = spectrogram_to_image(x[1:, :11], size=(16, 20))
    torch.testing.assert_close(images[1:], alone)
    torch.testing.assert_close(images[:1], spectrogram_to_image(x[:1], size=(16, 20)))


@pytest.mark.parametrize("shape", [(300, 200), (600, 500), (90, 128)])
def test_resizing_is_pillows(shape):
    image = pytest.importorskip("PIL.Image")
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    codes = (values * 255).astype(np.uint8)
    # The published steps: 8 bits, the frequency axis flipped, and Pillow.
    picture = image.fromarray(np.ascontiguousarray(codes.T[::-1]))
    resized = np.asarray(picture.resize((384, 256), image.Resampling.BILINEAR))
    exact = spectrogram_to_image(torch.from_numpy(values)[None])
    whole = torch.from_numpy(codes / np.float32(255))[None]
    # Rounding once after each of two passes, and cutting to whole codes before.
    expected = torch.from_numpy(resized / np.float32(255))
    assert float((_gray(spectrogram_to_image(whole))[0] - expected).abs().max()) < (
        1.01 / 255
    )
    assert float((_gray(exact)[0] - expected).abs().max()) < 2 / 255


def test_enlarging_is_plain_bilinear():
    x = torch.rand(1, 30, 20)
    plain = F.interpolate(
        x.mT.flip(1)[:, None], (64, 70), mode="bilinear", align_corners=False
    )
    gray = _gray(spectrogram_to_image(x, size=(64, 70)))
    torch.testing.assert_close(gray, plain[:, 0], rtol=1e-4, atol=1e-5)


def test_strips_are_as_wide_as_clips_are_long():
    x = torch.rand(2, 100, 10)
    images, widths = spectrogram_to_strips(
        x, torch.tensor([100, 55]), height=16, columns_per_frame=1.28
    )
    assert widths.tolist() == [128, 70]
    assert images.shape == (2, 3, 16, 128)
    expected = spectrogram_to_image(x[1:, :55], size=(16, 70))[0]
    torch.testing.assert_close(images[1, ..., :70], expected)
    assert not images[1, ..., 70:].any()


def test_what_is_no_batch_of_spectrograms_is_refused():
    with pytest.raises(ValueError, match=r"takes \(batch, frames"):
        spectrogram_to_image(torch.zeros(30, 20))
