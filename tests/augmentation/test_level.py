import numpy as np
import pytest

from sersk import AudioClips, AudioError
from sersk.augmentation import Gain, TimeShift
from tests.augmentation.conftest import RATE


def test_gain_is_in_decibels(clips):
    for clean, louder in zip(clips, clips.apply(Gain(6).operation(0)), strict=True):
        np.testing.assert_allclose(louder, clean * 10 ** (6 / 20), rtol=1e-6)


def test_gains_are_drawn_from_the_range():
    many = AudioClips.from_arrays(
        np.random.default_rng(0).uniform(0.1, 1, size=(300, 5)), sampling_rate=RATE
    )
    gains = [
        20 * np.log10(louder[0] / clean[0])
        for clean, louder in zip(
            many, many.apply(Gain((-6, 3)).operation(0)), strict=True
        )
    ]
    assert -6.001 <= min(gains) < -5.8
    assert 2.8 < max(gains) <= 3.001


def test_a_gain_that_nobody_can_read_names_the_clip():
    clips = AudioClips.from_arrays([[0.5]], sampling_rate=RATE)
    with pytest.raises(AudioError, match=r"^Clip 0 after GainOperation"):
        clips.apply(Gain(100).operation(0))[0]


@pytest.mark.parametrize(
    ("seconds", "wrapped", "padded"),
    [
        (2 / RATE, [4, 5, 1, 2, 3], [0, 0, 1, 2, 3]),
        (-1 / RATE, [2, 3, 4, 5, 1], [2, 3, 4, 5, 0]),
        (0, [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
    ],
)
def test_shifts_by_hand(seconds, wrapped, padded):
    clips = AudioClips.from_arrays([np.arange(1.0, 6)], sampling_rate=RATE)
    np.testing.assert_array_equal(
        clips.apply(TimeShift(seconds).operation(0))[0], wrapped
    )
    np.testing.assert_array_equal(
        clips.apply(TimeShift(seconds, mode="pad").operation(0))[0], padded
    )


def test_a_shift_longer_than_the_clip_goes_round():
    clips = AudioClips.from_arrays([np.arange(1.0, 6)], sampling_rate=RATE)
    shifted = clips.apply(TimeShift(12 / RATE).operation(0))[0]
    np.testing.assert_array_equal(shifted, [4, 5, 1, 2, 3])


def test_a_shift_that_leaves_nothing_names_the_clip():
    clips = AudioClips.from_arrays([np.ones(1_600), np.ones(160)], sampling_rate=RATE)
    shifted = clips.apply(TimeShift((-0.05, 0.01), mode="pad").operation(0))
    assert len(shifted[0]) == 1_600
    with pytest.raises(
        AudioError, match=r"^Clip 1 lasts 0.010 s, so that a shift by 0.05 s leaves"
    ):
        shifted[1]


@pytest.mark.parametrize(
    "augmenter",
    [
        Gain((3, -3)),
        Gain(np.nan),
        Gain(1e9),
        Gain(None),
        TimeShift(np.inf),
        TimeShift((0.2, 0.1)),
        TimeShift(mode="reflect"),
    ],
)
def test_bad_parameters_are_refused(augmenter):
    with pytest.raises(ValueError, match=r"gain|seconds|mode"):
        augmenter.operation(0)
