import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from sersk.estimators._aggregation import (
    aggregate,
    count_votes,
    max_by,
    mean_by,
    most_confident,
)

RULES = ["mean_proba", "mean_logproba", "vote", "max_confidence", "max_proba"]

# Two clips: three windows and one, not in order.
OWNERS = np.array([0, 1, 0, 0])
WINDOWS = np.array(
    [
        [0.6, 0.3, 0.1],
        [0.2, 0.2, 0.6],
        [0.45, 0.5, 0.05],
        [0.1, 0.45, 0.45],
    ]
)


def test_mean_proba():
    # 0.6 + 0.45 + 0.1 = 1.15; 0.3 + 0.5 + 0.45 = 1.25; 0.1 + 0.05 + 0.45 = 0.6.
    expected = [[1.15 / 3, 1.25 / 3, 0.6 / 3], [0.2, 0.2, 0.6]]
    assert_allclose(aggregate(WINDOWS, OWNERS, "mean_proba"), expected)


def test_mean_logproba_is_the_geometric_mean():
    # 0.6 * 0.45 * 0.1 = 0.027; 0.3 * 0.5 * 0.45 = 0.0675; 0.1 * 0.05 * 0.45 = 0.00225.
    roots = np.cbrt([0.027, 0.0675, 0.00225])
    expected = [roots / roots.sum(), [0.2, 0.2, 0.6]]
    assert_allclose(aggregate(WINDOWS, OWNERS, "mean_logproba"), expected)


def test_max_proba():
    # The largest of three windows: 0.6, 0.5, 0.45.
    expected = [np.array([0.6, 0.5, 0.45]) / 1.55, [0.2, 0.2, 0.6]]
    assert_allclose(aggregate(WINDOWS, OWNERS, "max_proba"), expected)


def test_max_confidence():
    # log(0.6 / 0.1) = 1.79; log(0.5 / 0.05) = 2.30; log(0.45 / 0.1) = 1.50.
    assert most_confident(WINDOWS, OWNERS).tolist() == [2, 1]
    assert_array_equal(aggregate(WINDOWS, OWNERS, "max_confidence"), WINDOWS[[2, 1]])


def test_the_first_of_equally_confident_windows_counts():
    windows = np.array([[0.5, 0.5], [0.8, 0.2], [0.2, 0.8]])
    assert most_confident(windows, np.zeros(3, dtype=int)).tolist() == [1]


def test_votes():
    # Windows 0, 2 and 3 vote for 0, 1 and (0.45 twice, the first) 1.
    assert_allclose(aggregate(WINDOWS, OWNERS, "vote"), [[1 / 3, 2 / 3, 0], [0, 0, 1]])
    assert count_votes(WINDOWS, OWNERS).tolist() == [1, 2]


def test_ties_of_votes_go_by_the_sum_and_then_by_the_order():
    # One vote each; sums 0.9 and 1.1.
    windows = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert count_votes(windows, np.zeros(2, dtype=int)).tolist() == [1]
    # Class 2 has the largest sum, but no vote.
    windows = np.array([[0.5, 0.1, 0.4], [0.05, 0.5, 0.45]])
    assert count_votes(windows, np.zeros(2, dtype=int)).tolist() == [1]
    windows = np.array([[0.25, 0.75], [0.75, 0.25]])
    assert count_votes(windows, np.zeros(2, dtype=int)).tolist() == [0]


def test_a_probability_of_zero_is_not_infinitely_bad():
    windows = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    owners = np.zeros(3, dtype=int)
    for rule in RULES:
        (row,) = aggregate(windows, owners, rule)
        assert np.isfinite(row).all()
        assert row.argmax() == 0


def test_values_of_several_outputs():
    values = np.array([[1.0, 5.0], [2.0, 2.0], [6.0, 0.0]])
    owners = np.array([1, 0, 1])
    assert_array_equal(mean_by(values, owners), [[2.0, 2.0], [3.5, 2.5]])
    assert_array_equal(max_by(values, owners), [[2.0, 2.0], [6.0, 5.0]])
    assert_array_equal(mean_by(values[:, 0], owners), [2.0, 3.5])
    assert_array_equal(max_by(values[:, 0], owners), [2.0, 6.0])


_scores = arrays(np.float64, (7, 3), elements=st.floats(0.0, 1.0))


@pytest.mark.parametrize("rule", RULES)
@given(scores=_scores, data=st.data())
def test_clips_have_probabilities_whatever_the_order(rule, scores, data):
    windows = (scores + 1e-3) / (scores + 1e-3).sum(axis=1, keepdims=True)
    owners = np.array([0, 0, 0, 1, 2, 2, 2])
    clips = aggregate(windows, owners, rule)
    assert clips.shape == (3, 3)
    assert_allclose(clips.sum(axis=1), 1.0)
    assert (clips >= 0).all()
    alone = np.eye(3)[windows[3].argmax()] if rule == "vote" else windows[3]
    assert_allclose(clips[1], alone)
    order = np.array(data.draw(st.permutations(range(7))))
    if rule != "max_confidence":  # of which the first of several counts
        assert_allclose(aggregate(windows[order], owners[order], rule), clips)
