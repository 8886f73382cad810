"""Functionals by hand, and against numpy and scipy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from sersk.descriptors import (
    FUNCTIONALS,
    apply_functionals,
    check_functionals,
    measured_functionals,
)

TRACKS = np.random.default_rng(0).gamma(2.0, size=(4, 50)).astype(np.float32)


def theirs(name):
    """Return the functional as numpy and scipy have it."""
    time = np.arange(TRACKS.shape[1])
    return {
        "mean": lambda: TRACKS.mean(axis=1),
        "std": lambda: TRACKS.std(axis=1),
        "min": lambda: TRACKS.min(axis=1),
        "max": lambda: TRACKS.max(axis=1),
        "median": lambda: np.median(TRACKS, axis=1),
        "skewness": lambda: scipy.stats.skew(TRACKS, axis=1),
        "kurtosis": lambda: scipy.stats.kurtosis(TRACKS, axis=1),
        "slope": lambda: np.polyfit(time, TRACKS.T, deg=1)[0],
        "percentile_05": lambda: np.percentile(TRACKS, 5, axis=1),
        "percentile_95": lambda: np.percentile(TRACKS, 95, axis=1),
    }[name]()


@pytest.mark.parametrize("name", [*FUNCTIONALS, "percentile_05", "percentile_95"])
def test_a_functional_is_what_it_is_called(name):
    (row,) = apply_functionals(TRACKS, [name])
    assert_allclose(row, theirs(name), rtol=1e-4, atol=1e-5)
    assert row.dtype == np.float32


def test_rows_are_in_the_order_asked_for():
    rows = apply_functionals(TRACKS, ["max", "min"])
    assert_array_equal(rows, [TRACKS.max(axis=1), TRACKS.min(axis=1)])


@pytest.mark.parametrize("n_frames", [1, 2, 30])
@pytest.mark.parametrize("level", [0.0, 0.1, 1e6])
def test_a_constant_has_no_spread(level, n_frames):
    constant = np.full((1, n_frames), level, dtype=np.float32)
    rows = apply_functionals(constant, ["skewness", "kurtosis", "slope", "mean"])
    assert_allclose(rows[:, 0], [0.0, 0.0, 0.0, level], atol=1e-6 * level)


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 20)),
        elements=st.floats(-1e3, 1e3, width=32),
    )
)
def test_every_functional_is_finite_and_ordered(tracks):
    names = [*FUNCTIONALS, "percentile_25"]
    rows = dict(zip(names, apply_functionals(tracks, names), strict=True))
    assert all(np.isfinite(row).all() for row in rows.values())
    assert (rows["min"] <= rows["percentile_25"]).all()
    assert (rows["percentile_25"] <= rows["median"]).all()
    assert (rows["median"] <= rows["max"]).all()
    assert (rows["std"] >= 0).all()


def test_long_tracks_keep_their_digits():
    track = np.full((1, 100_000), 0.1, dtype=np.float32)
    assert apply_functionals(track, ["mean"])[0, 0] == pytest.approx(0.1, rel=1e-7)
    steps = np.tile(np.float32([-100.0, -99.0]), (2, 50_000))
    mean, std = apply_functionals(steps)
    assert_allclose(mean, -99.5, rtol=1e-7)
    assert_allclose(std, 0.5, rtol=1e-5)


@pytest.mark.parametrize("wrong", ["mode", "percentile_100", "percentile_x"])
def test_unknown_names_are_refused(wrong):
    with pytest.raises(ValueError, match=f"'{wrong}'.*There are mean"):
        check_functionals(["mean", wrong])


@pytest.mark.parametrize("wrong", [[], ["mean", "mean"]])
def test_none_or_twice_the_same_is_refused(wrong):
    with pytest.raises(ValueError, match="different names"):
        check_functionals(wrong)


def test_one_name_may_stand_alone():
    assert check_functionals("mean") == ("mean",)


def test_counts_are_summarised_as_numbers():
    rows = apply_functionals(np.array([[1, 2, 2, 4]]), ["mean", "std", "median"])
    assert_allclose(rows[:, 0], [2.25, np.sqrt(19 / 16), 2.0])


def test_the_order_in_memory_does_not_matter():
    rows = apply_functionals(np.asfortranarray(TRACKS), FUNCTIONALS)
    assert_array_equal(
        rows, apply_functionals(np.ascontiguousarray(TRACKS), FUNCTIONALS)
    )


def test_the_descriptors_are_not_changed():
    tracks = TRACKS.copy()
    apply_functionals(tracks, [*FUNCTIONALS, "percentile_10"])
    assert_array_equal(tracks, TRACKS)


def test_functionals_of_what_was_measured():
    features = np.array([[np.nan, 1.0, 3.0, 5.0], [2.0, 4.0, 9.0, 9.0], [np.nan] * 4])
    names = ["mean", "std", "max", "slope"]
    summary = measured_functionals(features, names)
    assert summary.dtype == np.float32
    assert_allclose(summary[:, 0], [3.0, np.sqrt(8 / 3), 5.0, 2.0], rtol=1e-6)
    assert_array_equal(summary[:, 1:2], apply_functionals(features[1:2], names))
    assert_array_equal(summary[:, 2], np.zeros(4))


def test_functionals_of_no_frames_are_zero():
    assert_array_equal(measured_functionals(np.empty((2, 0))), np.zeros((2, 2)))


def test_functionals_of_complete_frames_are_the_others():
    features = np.random.default_rng(0).normal(size=(3, 20)).astype(np.float32)
    assert_array_equal(
        measured_functionals(features, FUNCTIONALS),
        apply_functionals(features, FUNCTIONALS),
    )
