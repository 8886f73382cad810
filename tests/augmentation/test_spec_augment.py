import numpy as np
import pytest
from sklearn.base import clone

from sersk.augmentation import SpecAugment, spec_augment


@pytest.fixture
def frames():
    return np.random.default_rng(0).normal(size=(200, 128)).astype(np.float32)


def _masks(frames, n_draws, **parameters):
    """Return the masked features and frames of each draw."""
    rng = np.random.default_rng(0)
    for _ in range(n_draws):
        masked = spec_augment(frames, fill=99.0, rng=rng, **parameters)
        is_masked = masked == 99
        yield (
            np.flatnonzero(is_masked.all(axis=0)),
            np.flatnonzero(is_masked.all(axis=1)),
        )
        np.testing.assert_array_equal(masked[~is_masked], frames[~is_masked])


def test_widths_and_places_are_uniform(frames):
    bands, stretches = zip(*_masks(frames, 3_000), strict=True)
    for masks, widest in ((bands, 27), (stretches, 40)):
        widths = np.array([len(mask) for mask in masks])
        counts = np.bincount(widths, minlength=widest + 1)
        assert len(counts) == widest + 1
        # Chi-squared over widest + 1 cells: mean widest, deviation sqrt(2 widest).
        expected = len(widths) / len(counts)
        statistic = np.sum((counts - expected) ** 2 / expected)
        assert statistic < widest + 4 * np.sqrt(2 * widest)
        for mask in masks:
            assert len(mask) == 0 or mask[-1] - mask[0] + 1 == len(mask)


def test_masks_begin_anywhere_that_they_fit():
    narrow = np.zeros((3, 4))
    starts = {
        (len(band), int(band[0]))
        for band, _ in _masks(narrow, 500, frequency_mask=2, time_mask=0)
        if len(band)
    }
    assert starts == {*((1, start) for start in range(4)), *((2, s) for s in range(3))}


@pytest.mark.parametrize(
    ("n_frames", "longest"), [(100, 20), (199, 39), (200, 40), (900, 40), (4, 0)]
)
def test_the_longest_stretch_is_a_fifth_or_40_frames(n_frames, longest):
    lengths = [len(stretch) for _, stretch in _masks(np.zeros((n_frames, 3)), 600)]
    # All features may be masked as well, which are three here.
    partial = [length for length in lengths if length < n_frames]
    assert max(partial) == longest


def test_masks_no_larger_than_the_frames():
    tiny = np.zeros((1, 2))
    for band, _ in _masks(tiny, 50, frequency_mask=27, time_mask=40):
        assert len(band) <= 2


def test_several_masks_and_none(frames):
    many = [len(band) for band, _ in _masks(frames, 50, n_frequency_masks=4)]
    assert max(many) > 27
    for band, stretch in _masks(frames, 5, n_frequency_masks=0, n_time_masks=0):
        assert not len(band)
        assert not len(stretch)


def test_what_masked_cells_become(frames):
    zero = np.random.default_rng(3)
    floor = spec_augment(frames, rng=zero)
    changed = floor != frames
    assert set(floor[changed].tolist()) == {float(frames.min())}
    by_feature = np.arange(128.0)
    masked = spec_augment(frames, fill=by_feature, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(
        masked[changed], np.where(changed, by_feature, 0)[changed]
    )
    assert masked.dtype == np.float32


def test_the_frames_are_not_changed(frames):
    before = frames.copy()
    spec_augment(frames, rng=np.random.default_rng(0))
    SpecAugment()(frames, np.random.default_rng(0))
    np.testing.assert_array_equal(frames, before)


def test_nothing_is_masked_of_nothing():
    empty = np.zeros((0, 5))
    assert spec_augment(empty, rng=np.random.default_rng(0)).shape == (0, 5)


def test_padding_is_not_masked(frames):
    padded = np.full((200, 128), -80.0)
    padded[:50] = frames[:50]
    augment = SpecAugment(fill=5.0, frequency_mask=128, n_frequency_masks=3)
    masked = augment(padded, np.random.default_rng(0), length=50)
    assert (masked[50:] == -80).all()
    assert (masked[:50] == 5).any()
    alone = augment(frames[:50].astype(float), np.random.default_rng(0))
    np.testing.assert_array_equal(masked[:50], alone)


def test_the_floor_of_the_input_fills(frames):
    masked = SpecAugment()(frames, np.random.default_rng(1), pad_value=-80.0)
    assert set(masked[masked != frames].tolist()) == {-80.0}
    chosen = SpecAugment(fill=1.0)(frames, np.random.default_rng(1), pad_value=-80.0)
    assert set(chosen[chosen != frames].tolist()) == {1.0}


def test_it_is_seeded(frames):
    one, other, third = (
        SpecAugment()(frames, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, other)
    assert (one != third).any()


def test_it_is_cloned():
    augment = SpecAugment(5, 6, n_frequency_masks=2, n_time_masks=3, fill=-1.0)
    assert clone(augment).get_params() == augment.get_params()


@pytest.mark.parametrize(
    "parameters",
    [
        {"frequency_mask": -1},
        {"time_mask": 0.5},
        {"n_frequency_masks": None},
        {"n_time_masks": -1},
        {"fill": np.nan},
    ],
)
def test_bad_parameters_are_named(parameters, frames):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"'{name}'"):
        SpecAugment(**parameters)(frames, np.random.default_rng(0))
