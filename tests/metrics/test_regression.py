"""Metrics of degrees: by hand, by their invariances and against other libraries."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn import metrics as sklearn_metrics

from sersk.metrics import concordance_correlation_coefficient as ccc
from sersk.metrics import (
    mean_absolute_error,
    mean_concordance,
    pearson_correlation,
    root_mean_squared_error,
)

METRICS = [ccc, pearson_correlation, mean_absolute_error, root_mean_squared_error]

DEGREES = st.lists(st.integers(-70, 70), min_size=2, max_size=30)
PAIRS = st.lists(
    st.tuples(st.integers(-70, 70), st.integers(-70, 70)), min_size=1, max_size=30
)


def _random(seed: int, n_clips: int = 32) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = generator.uniform(1, 7, n_clips)
    return truth, truth + generator.normal(0, 1, n_clips)


def test_value_by_hand():
    # Means 2 and 3; variances 2/3 and 8/3; covariance 4/3: 2 * 4/3 / (10/3 + 1).
    assert ccc([1, 2, 3], [1, 3, 5]) == pytest.approx(8 / 13)


def test_a_shift_lowers_it_though_correlation_is_perfect():
    # Variances 2/3 each, covariance 2/3, difference of means 1: 4/3 / (4/3 + 1).
    assert ccc([1, 2, 3], [2, 3, 4]) == pytest.approx(4 / 7)


def test_opposite_values_disagree():
    assert ccc([-1, 0, 1], [1, 0, -1]) == pytest.approx(-1.0)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_correlation_times_bias_correction(seed):
    truth, predicted = _random(seed)
    rho = np.corrcoef(truth, predicted)[0, 1]
    spread = truth.var() + predicted.var() + (truth.mean() - predicted.mean()) ** 2
    expected = 2 * rho * truth.std() * predicted.std() / spread
    assert ccc(truth, predicted) == pytest.approx(expected, rel=1e-12)


@given(DEGREES)
def test_equal_values_agree_exactly(values):
    assert ccc(values, values) == 1.0


@given(DEGREES, st.integers(-70, 70))
def test_a_constant_prediction_gives_zero(values, constant):
    same = values == [constant] * len(values)
    assert ccc(values, [constant] * len(values)) == (1.0 if same else 0.0)


def test_different_constants_give_zero_and_equal_ones_one():
    # 0.1 is no binary fraction: a mean of it is not 0.1, and its variance not 0.
    assert ccc([0.1] * 7, [0.3] * 7) == 0.0
    assert ccc([0.1] * 7, [np.nextafter(0.1, 1)] * 7) == 0.0
    assert ccc([0.1] * 7, [0.1] * 7) == 1.0


def test_one_clip():
    assert ccc([3.0], [3.0]) == 1.0
    assert ccc([3.0], [4.0]) == 0.0


def test_differences_that_vanish_when_squared_are_not_agreement():
    assert ccc([0.0, 1e-200], [1e-200, 0.0]) == 0.0


@given(st.data(), DEGREES)
def test_it_is_symmetric_and_bounded(data, truth):
    n_clips = len(truth)
    values = st.lists(st.integers(-70, 70), min_size=n_clips, max_size=n_clips)
    predicted = data.draw(values)
    value = ccc(truth, predicted)
    assert ccc(predicted, truth) == pytest.approx(value, abs=1e-12)
    assert -1 - 1e-12 <= value <= 1 + 1e-12


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("scale", "shift"), [(1 / 6, -1 / 6), (-2.0, 3.0), (1.0, 1e6)])
def test_a_common_affine_map_changes_nothing(seed, scale, shift):
    truth, predicted = _random(seed)
    mapped = ccc(scale * truth + shift, scale * predicted + shift)
    assert mapped == pytest.approx(ccc(truth, predicted), rel=1e-8)


def test_the_order_of_clips_changes_nothing():
    truth, predicted = _random(0)
    order = np.random.default_rng(1).permutation(len(truth))
    value = ccc(truth[order], predicted[order])
    assert value == pytest.approx(ccc(truth, predicted), rel=1e-12)


def test_it_is_not_the_mean_over_batches():
    truth, predicted = _random(0)
    parts = [slice(start, start + 4) for start in range(0, 32, 4)]
    batches = [ccc(truth[part], predicted[part]) for part in parts]
    assert abs(np.mean(batches) - ccc(truth, predicted)) > 0.01


def test_correlation_by_hand():
    # Covariance 1/3, variances 2/3 and 2/3.
    assert pearson_correlation([1, 2, 3], [1, 3, 2]) == pytest.approx(1 / 2)


def test_errors_by_hand():
    truth, predicted = [1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 1.0, 4.0]
    assert mean_absolute_error(truth, predicted) == pytest.approx(3 / 4)
    assert root_mean_squared_error(truth, predicted) == pytest.approx((5 / 4) ** 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_values_are_those_of_scipy_and_sklearn(seed):
    truth, predicted = _random(seed)
    assert pearson_correlation(truth, predicted) == pytest.approx(
        pearsonr(truth, predicted).statistic, rel=1e-12
    )
    for metric in (mean_absolute_error, root_mean_squared_error):
        expected = getattr(sklearn_metrics, metric.__name__)(truth, predicted)
        assert metric(truth, predicted) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("scale", "shift"), [(3.0, 1.0), (1e-6, 0.0), (1.0, 1e6)])
def test_correlation_does_not_see_shift_and_scale(scale, shift):
    truth, predicted = _random(0)
    value = pearson_correlation(truth, scale * predicted + shift)
    assert value == pytest.approx(pearson_correlation(truth, predicted), rel=1e-8)
    assert pearson_correlation(truth, scale * truth + shift) == pytest.approx(1.0)
    assert pearson_correlation(truth, -scale * truth + shift) == pytest.approx(-1.0)


@given(DEGREES, st.integers(-70, 70))
def test_a_constant_correlates_with_nothing(values, constant):
    constants = [constant + 0.1] * len(values)
    assert pearson_correlation(values, constants) == 0.0
    assert pearson_correlation(constants, values) == 0.0
    assert pearson_correlation(constants, constants) == 0.0


@given(PAIRS)
def test_concordance_is_never_farther_from_zero_than_correlation(pairs):
    truth, predicted = zip(*pairs, strict=True)
    value = pearson_correlation(truth, predicted)
    assert -1.0 <= value <= 1.0
    if len(set(truth)) > 1 and len(set(predicted)) > 1:
        assert abs(ccc(truth, predicted)) <= abs(value) + 1e-12


@given(PAIRS)
def test_the_root_of_squares_is_never_below_the_mean(pairs):
    truth, predicted = zip(*pairs, strict=True)
    error = mean_absolute_error(truth, predicted)
    assert 0.0 <= error <= root_mean_squared_error(truth, predicted) + 1e-9
    assert (error == 0.0) == (truth == predicted)


def test_small_deviations_correlate_too():
    assert pearson_correlation([0.0, 1e-200], [0.0, 1e-200]) == pytest.approx(1.0)
    assert pearson_correlation([1.0, 1.0 + 1e-12], [5.0, 4.0]) == pytest.approx(-1.0)


@pytest.mark.parametrize("metric", METRICS)
def test_containers_and_precisions_give_the_same(metric):
    truth, predicted = (side.astype(np.float32) for side in _random(0))
    expected = metric(truth.astype(float), predicted.astype(float))
    assert metric(truth, pd.Series(predicted, index=range(5, 37))) == expected
    assert type(metric(truth, predicted)) is float


def test_unsigned_integers_do_not_wrap_around():
    smaller, greater = np.array([1, 2, 3], np.uint8), np.array([2, 3, 4], np.uint8)
    assert ccc(smaller, greater) == pytest.approx(4 / 7)
    assert pearson_correlation(smaller, greater[::-1]) == pytest.approx(-1.0)
    assert mean_absolute_error(smaller, greater) == 1.0
    assert root_mean_squared_error(smaller, greater) == 1.0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        ([1.0, 2.0], [1.0], "y_true has 2 values and y_pred 1"),
        ([], [], "y_true is empty"),
        (["1", "2"], [1, 2], "y_true must hold numbers"),
        ([1, 2], [None, 2], "y_pred must hold numbers"),
        ([True, False], [1, 0], "y_true must hold numbers"),
        ([1.0, np.nan], [1.0, 2.0], r"first: nan at position 1"),
        ([1.0, 2.0], [np.inf, 2.0], r"y_pred holds 1 values that are not finite"),
        ([[1.0, 2.0]], [[1.0, 2.0]], r"y_true has shape \(1, 2\).*each column"),
    ],
)
def test_wrong_values_are_refused(metric, y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        metric(y_true, y_pred)


def test_mean_concordance_is_the_mean_over_columns():
    generator = np.random.default_rng(0)
    truth, predicted = generator.normal(size=(2, 30, 3))
    expected = np.mean([ccc(t, p) for t, p in zip(truth.T, predicted.T, strict=True)])
    assert mean_concordance(truth, predicted) == pytest.approx(expected)
    assert mean_concordance(truth[:, 0], predicted[:, 0]) == ccc(
        truth[:, 0], predicted[:, 0]
    )
    frames = pd.DataFrame(truth), pd.DataFrame(predicted)
    assert mean_concordance(*frames) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), r"shape \(3, 2\) and y_pred \(3, 3\)"),
        (np.zeros((3, 2)), np.zeros(3), "a column for each attribute"),
        ([], [], "must hold the same clips"),
        ([[np.nan], [1.0]], [[0.0], [1.0]], "not finite"),
    ],
)
def test_a_mean_over_what_does_not_fit_is_refused(y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        mean_concordance(y_true, y_pred)
