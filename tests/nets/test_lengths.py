import pytest
import torch

from sersk import utils
from sersk.nets import wav2vec2_frame_count
from sersk.nets._lengths import (
    count_frames,
    fill_padding,
    fix_frames,
    frame_mask,
    receptive_field,
)
from sersk.nets._options import check_option


@pytest.mark.parametrize(
    ("n_samples", "n_frames"),
    [(16_000, 49), (48_000, 149), (64_000, 199), (192_000, 599)],
)
def test_frames_of_wav2vec2(n_samples, n_frames):
    assert wav2vec2_frame_count(n_samples) == n_frames


def test_frames_of_wav2vec2_for_many_clips():
    counts = wav2vec2_frame_count(torch.tensor([0, 10, 399, 400, 719, 720, 16_000]))
    assert counts.tolist() == [0, 0, 0, 1, 1, 2, 49]


def test_frames_of_wav2vec2_are_those_of_its_convolutions():
    layers = [(10, 5), *[(3, 2)] * 4, *[(2, 2)] * 2]
    front = torch.nn.Sequential(
        *(torch.nn.Conv1d(1, 1, kernel, stride) for kernel, stride in layers)
    )
    with torch.no_grad():
        for n_samples in (400, 1_000, 3_333, 8_001):
            n_frames = front(torch.zeros(1, 1, n_samples)).shape[2]
            assert wav2vec2_frame_count(n_samples) == n_frames


@pytest.mark.parametrize(
    ("kernels", "strides"), [([10, 3, 2], [5, 2, 2]), ([400], [320]), ([], [])]
)
def test_nets_count_frames_as_the_rest_of_the_library(kernels, strides):
    assert receptive_field(kernels, strides) == utils.receptive_field(kernels, strides)
    for n_samples in range(60):
        expected = utils.count_frames(n_samples, kernels, strides)
        assert count_frames(n_samples, kernels, strides) == expected


def test_which_frames_are_valid():
    assert frame_mask(torch.tensor([2, 0, 3]), 3).tolist() == [
        [True, True, False],
        [False, False, False],
        [True, True, True],
    ]


def test_padding_is_filled():
    x = torch.ones(2, 3, 1)
    assert fill_padding(x, None, 5.0) is x
    filled = fill_padding(x, torch.tensor([1, 3]), 5.0)
    assert filled.squeeze(2).tolist() == [[1, 5, 5], [1, 1, 1]]


def test_frames_are_fixed_by_padding_and_by_cutting_what_is_not_valid():
    x = torch.tensor([[[1.0], [2.0], [3.0]]])
    assert fix_frames(x, None, 4, -1.0).flatten().tolist() == [1, 2, 3, -1]
    assert fix_frames(x, torch.tensor([1]), 2, -1.0).flatten().tolist() == [1, -1]
    with pytest.raises(ValueError, match=r"x holds a clip of 3 frames.*n_frames=2"):
        fix_frames(x, None, 2, -1.0)


def test_an_unknown_option_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match="form must be one of None, 'a', got 'b'"):
        check_option("form", "b", (None, "a"))
