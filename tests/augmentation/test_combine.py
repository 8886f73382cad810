import numpy as np
import pytest

from sersk import AudioClips
from sersk.augmentation import AddBackgroundNoise, Compose, Gain, MuLaw, OneOf
from tests.augmentation.conftest import RATE, noises


@pytest.fixture
def many():
    waveforms = np.random.default_rng(0).uniform(0.1, 0.2, size=(300, 5))
    return AudioClips.from_arrays(waveforms, sampling_rate=RATE)


def test_compose_runs_all_in_order(clips):
    both = clips.apply(Compose([Gain(6), MuLaw(4)]).operation(0))
    other = clips.apply(Compose([MuLaw(4), Gain(6)]).operation(0))
    expected = clips.apply(Gain(6).operation(0)).apply(MuLaw(4).operation(0))
    np.testing.assert_array_equal(both[0], expected[0])
    assert (other[0] != both[0]).any()
    assert other.digests != both.digests


def test_one_of_chooses_each_as_often(many):
    changed = many.apply(OneOf([Gain(0), Gain(6), Gain(12)]).operation(0))
    ratios = [after[0] / before[0] for before, after in zip(many, changed, strict=True)]
    counts = np.unique(np.round(20 * np.log10(ratios)), return_counts=True)
    np.testing.assert_array_equal(counts[0], [0, 6, 12])
    assert counts[1].min() > 70


def test_the_choice_does_not_decide_what_is_drawn(many):
    # Both draw from generators of the same clip, which must not be the same numbers.
    changed = many.apply(OneOf([Gain((0, 6)), Gain((0, 6))]).operation(0))
    ratios = [after[0] / before[0] for before, after in zip(many, changed, strict=True)]
    gains = 20 * np.log10(ratios)
    assert np.histogram(gains, bins=4, range=(0, 6))[0].min() > 50


def test_those_inside_draw_different_numbers(many):
    twice = many.apply(Compose([Gain((-6, 6)), Gain((-6, 6))]).operation(0))
    ratios = [after[0] / before[0] for before, after in zip(many, twice, strict=True)]
    # The sum of two independent uniform numbers; of twice the same it would be 6.9.
    assert np.std(20 * np.log10(ratios)) == pytest.approx(np.sqrt(24), rel=0.1)


def test_recordings_inside_are_in_the_key():
    keys = {
        OneOf([AddBackgroundNoise(noises(rate))]).operation(0).key
        for rate in (8_000, 16_000, 16_000)
    }
    assert len(keys) == 2


@pytest.mark.parametrize("cls", [Compose, OneOf])
def test_bad_parameters_are_refused(cls):
    with pytest.raises(ValueError, match="augmenters is empty"):
        cls([]).operation(0)
    with pytest.raises(TypeError, match="no augmenter"):
        cls([3]).operation(0)
    with pytest.raises(ValueError, match="gain="):
        cls([Gain((2, 1))]).operation(0)
