import numpy as np

from sersk.utils import count_frames, receptive_field

KERNELS, STRIDES = [4, 3], [2, 1]  # a frame sees 8 samples, the next begins 2 later


def test_a_frame_needs_its_receptive_field():
    assert receptive_field(KERNELS, STRIDES) == 8
    counts = [count_frames(n, KERNELS, STRIDES) for n in (0, 1, 7, 8, 9, 10, 12)]
    assert counts == [0, 0, 0, 1, 1, 2, 3]


def test_many_clips_are_counted_at_once():
    counts = count_frames(np.array([0, 7, 8, 12]), KERNELS, STRIDES)
    assert counts.tolist() == [0, 0, 1, 3]


def test_no_convolution_leaves_samples_alone():
    assert receptive_field([], []) == 1
    assert count_frames(5, [], []) == 5
