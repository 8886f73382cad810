"""A metric over groups of clips that are drawn thousands of times.

A metric over pooled clips is a function of sums over them, and the sum over any draw of
groups is a product of weights and sums by group. So no draw is counted anew.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from sersk.metrics._classification import (
    macro_f1,
    micro_f1,
    unweighted_accuracy,
    weighted_accuracy,
    weighted_f1,
)
from sersk.metrics._labels import count_pairs, encode_labels
from sersk.metrics._multilabel import multilabel_macro_f1
from sersk.metrics._regression import (
    concordance_correlation_coefficient,
    mean_concordance,
    pearson_correlation,
)

_AT_ONCE = 4096

Metric = Callable[..., float]
# From weights of shape (n_draws, n_groups), how often each group is drawn, to the
# metric over the clips of each draw, of shape (n_draws,).
Pooled = Callable[[np.ndarray], np.ndarray]


def pooled(
    metric: Metric, y_true: np.ndarray, y_pred: np.ndarray, group: np.ndarray
) -> Pooled:
    """Return a function from draws of groups to the metric over their clips.

    The metrics of this package, also with ``partial(metric, labels=...)``, are computed
    from sums; any other callable is called once for each draw.

    Parameters
    ----------
    metric : callable
        From true and predicted values to a number.
    y_true, y_pred : ndarray of shape (n_clips,) or (n_clips, n_columns)
        True and predicted values.
    group : ndarray of shape (n_clips,)
        Number of the group of each clip, 0 to n_groups - 1.

    Returns
    -------
    values : callable
        From whole numbers of shape (n_draws, n_groups) to floats of shape (n_draws,).
    """
    check_metric(metric)
    function, labels = _labelled(metric)
    if function is concordance_correlation_coefficient:
        return _of_sums(_concordance, _moments(y_true, y_pred), group)
    if function is mean_concordance:
        return _of_sums(_mean_concordance, _moments(y_true, y_pred), group)
    if function is multilabel_macro_f1:
        return _of_sums(_mean_label_f1, _marks(y_true, y_pred), group)
    if function in _OF_COUNTS:
        hits = _cells(y_true, y_pred, labels)
        of_counts = partial(_OF_COUNTS[function], everywhere=labels is not None)
        return _of_sums(of_counts, hits, group)
    return partial(_one_by_one, metric, y_true, y_pred, group)


def check_metric(metric: Any) -> None:
    """Raise where a metric is the name of one, or something else."""
    if not callable(metric):
        raise TypeError(
            f"metric={metric!r} is no function of true and predicted values. Pass one, "
            "such as sersk.metrics.unweighted_accuracy."
        )


def bounds_of(metric: Metric) -> tuple[float, float] | None:
    """Return the least and greatest value that a metric of this package can take."""
    function, _ = _labelled(metric)
    if function in _COEFFICIENTS:
        return (-1.0, 1.0)
    is_share = function in _OF_COUNTS or function is multilabel_macro_f1
    return (0.0, 1.0) if is_share else None


def _labelled(metric: Any) -> tuple[Any, Sequence | None]:
    """Return the function of a metric and the classes that it was told, if any."""
    if isinstance(metric, partial) and not metric.args:
        if not set(metric.keywords) <= {"labels"}:
            return None, None
        return metric.func, metric.keywords.get("labels")
    return metric, None


def _of_sums(
    formula: Callable[[np.ndarray], np.ndarray], summands: np.ndarray, group: np.ndarray
) -> Pooled:
    """Return `formula` of the weighted sums of `summands` over groups."""
    n_groups = group.max() + 1
    sums = np.zeros((n_groups, *summands.shape[1:]))
    np.add.at(sums, group, summands)

    def values(weights: np.ndarray) -> np.ndarray:
        # In parts, so that memory does not grow with the number of draws.
        starts = range(0, len(weights), _AT_ONCE)
        parts = [weights[start : start + _AT_ONCE] for start in starts]
        return np.concatenate(
            [formula(np.tensordot(part, sums, axes=1)) for part in parts]
        )

    return values


def _one_by_one(
    metric: Metric,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    group: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Return the metric over each draw, a clip as often as its group is drawn."""
    draws = (np.repeat(np.arange(len(group)), row[group]) for row in weights)
    return np.array([float(metric(y_true[draw], y_pred[draw])) for draw in draws])


def _cells(
    y_true: np.ndarray, y_pred: np.ndarray, labels: Sequence | None
) -> np.ndarray:
    """Return a confusion matrix of each clip, with a single one in it."""
    classes, _ = count_pairs(y_true, y_pred, labels)
    rows = encode_labels(y_true.tolist(), classes, "y_true")
    columns = encode_labels(y_pred.tolist(), classes, "y_pred")
    cells = np.zeros((len(rows), len(classes), len(classes)), dtype=np.int8)
    cells[np.arange(len(rows)), rows, columns] = 1
    return cells


def _accuracy(counts: np.ndarray, *, everywhere: bool) -> np.ndarray:
    return _hits(counts).sum(axis=-1) / counts.sum(axis=(-2, -1))


def _mean_recall(counts: np.ndarray, *, everywhere: bool) -> np.ndarray:
    support = counts.sum(axis=-1)
    return _class_mean(_hits(counts) / np.maximum(support, 1), support, everywhere)


def _mean_f1(counts: np.ndarray, *, everywhere: bool) -> np.ndarray:
    return _class_mean(_f1_scores(counts), counts.sum(axis=-1), everywhere)


def _weighted_f1(counts: np.ndarray, *, everywhere: bool) -> np.ndarray:
    support = counts.sum(axis=-1)
    return (support * _f1_scores(counts)).sum(axis=-1) / support.sum(axis=-1)


_OF_COUNTS: dict[Any, Callable[..., np.ndarray]] = {
    weighted_accuracy: _accuracy,
    micro_f1: _accuracy,
    unweighted_accuracy: _mean_recall,
    macro_f1: _mean_f1,
    weighted_f1: _weighted_f1,
}


def _f1_scores(counts: np.ndarray) -> np.ndarray:
    either = counts.sum(axis=-1) + counts.sum(axis=-2)
    return 2 * _hits(counts) / np.maximum(either, 1)


def _hits(counts: np.ndarray) -> np.ndarray:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _class_mean(
    scores: np.ndarray, support: np.ndarray, everywhere: bool
) -> np.ndarray:
    """Return the mean over all classes, or else over those that have clips."""
    counted = np.ones_like(support, dtype=bool) if everywhere else support > 0
    return (scores * counted).sum(axis=-1) / counted.sum(axis=-1)


def _moments(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """Return what Lin's coefficient sums over clips, of each column."""
    mean_concordance(y_true, y_pred)  # refuses what is no number
    t, p = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    miss = t - p
    t, p = t - t.mean(axis=0), p - p.mean(axis=0)
    ones = np.ones_like(t)
    return np.stack([ones, t, p, t * t, p * p, miss * miss, miss], axis=1)


def _concordance(sums: np.ndarray) -> np.ndarray:
    """Return 1 - mean squared miss / (variances + squared bias)."""
    t, p, tt, pp, squared, bias = np.moveaxis(sums[:, 1:] / sums[:, :1], 1, 0)
    spread = tt - t**2 + pp - p**2 + bias**2
    # Without a miss, both sides are equal, and agree even where they are constant.
    agreed = squared == 0
    return np.where(agreed, 1.0, 1 - squared / np.where(agreed, 1.0, spread))


def _mean_concordance(sums: np.ndarray) -> np.ndarray:
    values = _concordance(sums)
    return values.reshape(len(values), -1).mean(axis=1)


def _marks(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """Return what the F1 of labels sums over clips: hits, and labels of either side."""
    multilabel_macro_f1(y_true, y_pred)  # refuses what is neither 0 nor 1
    t, p = np.asarray(y_true, dtype=int), np.asarray(y_pred, dtype=int)
    return np.stack([t * p, t + p], axis=1)


def _mean_label_f1(sums: np.ndarray) -> np.ndarray:
    hits, either = np.moveaxis(sums, 1, 0)
    return (2 * hits / np.maximum(either, 1)).mean(axis=-1)


_COEFFICIENTS = {
    concordance_correlation_coefficient,
    mean_concordance,
    pearson_correlation,
}
