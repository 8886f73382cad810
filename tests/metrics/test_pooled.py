"""Sums by group give what the metrics give over the clips of each draw."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sersk import metrics
from sersk.metrics._pooled import bounds_of, pooled

CLASSES = ["angry", "fear", "happy", "sad"]
OF_LABELS = [
    metrics.weighted_accuracy,
    metrics.unweighted_accuracy,
    metrics.macro_f1,
    metrics.micro_f1,
    metrics.weighted_f1,
]


def _draw(seed: int, n_groups: int = 3) -> tuple[np.ndarray, ...]:
    """Return few clips, so that draws lack classes, and draws of their groups."""
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(n_groups), generator.integers(1, 5, n_groups))
    truth, predicted = generator.choice(CLASSES, (2, len(group)))
    weights = generator.multinomial(n_groups, [1 / n_groups] * n_groups, 40)
    return truth, predicted, group, weights


def _by_hand(metric, truth, predicted, group, weights) -> list[float]:
    """Return the metric over the clips of each draw, one draw after the other."""
    values = []
    for row in weights:
        clips = [i for i in range(len(group)) for _ in range(row[group[i]])]
        values.append(metric(truth[clips], predicted[clips]))
    return values


@pytest.mark.parametrize("metric", OF_LABELS)
@pytest.mark.parametrize("labels", [None, CLASSES, [*CLASSES, "bored"]])
@given(seed=st.integers(0, 10_000))
def test_counts_give_what_the_metric_gives(metric, labels, seed):
    truth, predicted, group, weights = _draw(seed)
    told = metric if labels is None else partial(metric, labels=labels)
    expected = _by_hand(told, truth, predicted, group, weights)
    assert_allclose(pooled(told, truth, predicted, group)(weights), expected)


@given(seed=st.integers(0, 10_000))
def test_moments_give_what_the_concordance_gives(seed):
    *_, group, weights = _draw(seed)
    truth, predicted = np.random.default_rng(seed).integers(1, 4, (2, len(group)))
    metric = metrics.concordance_correlation_coefficient
    expected = _by_hand(metric, truth, predicted, group, weights)
    values = pooled(metric, truth, predicted, group)(weights)
    assert_allclose(values, expected, atol=1e-12)


def test_equal_constants_agree_and_different_ones_do_not():
    group, weights = np.array([0, 0, 1, 1]), np.array([[2, 0], [0, 2], [1, 1]])
    truth, predicted = np.array([0.1, 0.1, 0.3, 0.3]), np.array([0.1, 0.1, 0.7, 0.7])
    metric = metrics.concordance_correlation_coefficient
    values = pooled(metric, truth, predicted, group)(weights)
    assert_allclose(values, [1.0, 0.0, metric(truth, predicted)], atol=1e-12)


@pytest.mark.parametrize(
    "metric",
    [
        lambda truth, predicted: float(np.mean(truth == predicted)),
        partial(metrics.weighted_accuracy),
        partial(lambda share, t, p: share * np.mean(t == p), 1.0),
    ],
)
def test_any_callable_is_called_for_each_draw(metric):
    truth, predicted, group, weights = _draw(0)
    expected = _by_hand(metrics.weighted_accuracy, truth, predicted, group, weights)
    assert_allclose(pooled(metric, truth, predicted, group)(weights), expected)


def test_metrics_of_tables_are_called_with_rows():
    truth = np.array([[1, 0], [0, 1], [1, 1]])
    values = pooled(
        lambda t, p: float((t == p).all(axis=1).mean()),
        truth,
        np.array([[1, 0], [1, 1], [1, 1]]),
        np.array([0, 1, 1]),
    )
    assert_allclose(values(np.array([[1, 1], [2, 0], [0, 2]])), [2 / 3, 1, 1 / 2])


def test_many_draws_are_computed_in_parts():
    truth, predicted, group, weights = _draw(1)
    many = np.tile(weights, (300, 1))
    values = pooled(metrics.unweighted_accuracy, truth, predicted, group)
    assert len(many) > 4096 * 2
    assert_allclose(values(many), np.tile(values(weights), 300))


def test_the_bounds_of_metrics_are_known():
    assert {bounds_of(metric) for metric in OF_LABELS} == {(0.0, 1.0)}
    assert bounds_of(partial(metrics.macro_f1, labels=CLASSES)) == (0.0, 1.0)
    assert bounds_of(metrics.concordance_correlation_coefficient) == (-1.0, 1.0)
    assert bounds_of(metrics.pearson_correlation) == (-1.0, 1.0)
    assert bounds_of(metrics.mean_absolute_error) is None


@given(st.integers(0, 10_000))
def test_several_attributes_by_sums_are_those_of_the_clips_of_each_draw(seed):
    generator = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], 4)
    truth, predicted = generator.normal(size=(2, 12, 3))
    weights = generator.multinomial(3, [1 / 3] * 3, 20)
    metric = metrics.mean_concordance
    expected = _by_hand(metric, truth, predicted, group, weights)
    assert_allclose(pooled(metric, truth, predicted, group)(weights), expected)
    assert bounds_of(metric) == (-1.0, 1.0)


@given(st.integers(0, 10_000))
def test_several_labels_by_sums_are_those_of_the_clips_of_each_draw(seed):
    generator = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], 3)
    truth, predicted = generator.integers(0, 2, (2, 9, 4))
    weights = generator.multinomial(3, [1 / 3] * 3, 20)
    metric = metrics.multilabel_macro_f1
    expected = _by_hand(metric, truth, predicted, group, weights)
    assert_allclose(pooled(metric, truth, predicted, group)(weights), expected)
    assert bounds_of(metric) == (0.0, 1.0)


@pytest.mark.parametrize("metric", ["unweighted_accuracy", None])
def test_the_name_of_a_metric_is_none(metric):
    truth, speaker = ["sad", "happy"] * 4, list("aabbccdd")
    systems = {"one": truth, "two": ["sad"] * 8}
    for call in (
        partial(metrics.bootstrap_interval, truth, truth, speaker),
        partial(metrics.compare_systems, truth, systems, speaker),
        partial(metrics.smallest_difference, truth, *systems.values(), speaker),
    ):
        with pytest.raises(TypeError, match=r"metric=.* Pass one, such as sersk"):
            call(metric=metric)
