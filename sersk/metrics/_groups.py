"""Scores of groups of clips: speakers, genders, sessions."""

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.metrics._classification import unweighted_accuracy
from sersk.metrics._pooled import Metric, check_metric


def scores_by_group(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    groups: ArrayLike,
    *,
    metric: Metric = unweighted_accuracy,
) -> pd.DataFrame:
    """Compute a metric over the clips of each group.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels, or degrees if the metric is one of those.
    y_pred : array-like of shape (n_clips,)
        Predicted labels or degrees.
    groups : array-like of shape (n_clips,)
        The group of each clip, such as its speaker, the speaker's gender or the
        session.
    metric : callable, default=unweighted_accuracy
        Function of true and predicted values that returns a number.

    Returns
    -------
    scores : pandas.DataFrame of shape (n_groups, 3)
        Indexed by group, sorted, with the columns

        - ``n``: number of clips.
        - ``n_classes``: number of different true values.
        - ``value``: what the metric says.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, or a clip lacks its group, and
        whatever the metric raises, with the group before it.

    Notes
    -----
    The metric is not told the classes, so that unweighted accuracy is averaged over
    those that a group has. Where ``n_classes`` differs, chance does too: with two
    classes it is 1/2, with one 1. To count a class that a group lacks as 0, pass
    ``functools.partial(unweighted_accuracy, labels=[...])``.

    Examples
    --------
    >>> from sersk.metrics import scores_by_group
    >>> y_true = ["sad", "happy", "sad", "happy", "sad"]
    >>> y_pred = ["sad", "happy", "happy", "happy", "sad"]
    >>> scores_by_group(y_true, y_pred, ["ann", "ann", "bob", "bob", "cem"])
           n  n_classes  value
    group
    ann    2          2    1.0
    bob    2          2    0.5
    cem    1          1    1.0
    """
    check_metric(metric)
    true, predicted = _as_series(y_true, "y_true"), _as_series(y_pred, "y_pred")
    keys = _as_series(groups, "groups")
    if not len(true) == len(predicted) == len(keys):
        raise ValueError(
            f"y_true has {len(true)} values, y_pred {len(predicted)} and groups "
            f"{len(keys)}; all must describe the same clips."
        )
    missing = np.flatnonzero(keys.isna())
    if len(missing):
        raise ValueError(
            f"groups lack a value for {len(missing)} clips (first at position "
            f"{missing[0]}). Drop these clips from all arrays, and say so where you "
            "report the result."
        )
    rows = {
        group: _score(true[clips], predicted[clips], group, metric)
        for group, clips in keys.groupby(keys, sort=True).groups.items()
    }
    names = pd.Index(list(rows), name="group")
    columns = ["n", "n_classes", "value"]
    return pd.DataFrame(list(rows.values()), index=names, columns=columns)


def worst_group(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    groups: ArrayLike,
    *,
    metric: Metric = unweighted_accuracy,
    greater_is_better: bool = True,
) -> tuple[Hashable, float]:
    """Find the group that is served worst.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels, or degrees if the metric is one of those.
    y_pred : array-like of shape (n_clips,)
        Predicted labels or degrees.
    groups : array-like of shape (n_clips,)
        The group of each clip.
    metric : callable, default=unweighted_accuracy
        Function of true and predicted values that returns a number.
    greater_is_better : bool, default=True
        False for errors, of which the greatest is the worst.

    Returns
    -------
    group : hashable
        The group with the worst value; the first of several.
    value : float
        Its value.

    Raises
    ------
    ValueError
        As :func:`scores_by_group`.

    Notes
    -----
    The worst of many groups with few clips each is bad by chance as well. Read it
    beside ``n`` and ``n_classes`` of :func:`scores_by_group`.

    Examples
    --------
    >>> from sersk.metrics import worst_group
    >>> y_true = ["sad", "happy", "sad", "happy"]
    >>> y_pred = ["sad", "happy", "sad", "sad"]
    >>> worst_group(y_true, y_pred, ["ann", "ann", "bob", "bob"])
    ('bob', 0.5)
    """
    values = scores_by_group(y_true, y_pred, groups, metric=metric)["value"]
    worst = int(values.argmin() if greater_is_better else values.argmax())
    return values.index[worst], float(values.iloc[worst])


def group_gap(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    groups: ArrayLike,
    *,
    metric: Metric = unweighted_accuracy,
) -> float:
    """Compute the distance of the best from the worst group.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels, or degrees if the metric is one of those.
    y_pred : array-like of shape (n_clips,)
        Predicted labels or degrees.
    groups : array-like of shape (n_clips,)
        The group of each clip, such as the gender of its speaker.
    metric : callable, default=unweighted_accuracy
        Function of true and predicted values that returns a number.

    Returns
    -------
    gap : float
        Greatest minus least value, from 0.

    Raises
    ------
    ValueError
        If there is one group only, and as :func:`scores_by_group`.

    Notes
    -----
    It grows with the number of groups and shrinks with their clips, even where all
    groups are served alike. Between genders the speakers are the sample, and not the
    clips: with three speakers each, a gap of one difficult voice is to be expected.

    Examples
    --------
    >>> from sersk.metrics import group_gap
    >>> y_true = ["sad", "happy", "sad", "happy"]
    >>> y_pred = ["sad", "happy", "sad", "sad"]
    >>> group_gap(y_true, y_pred, ["female", "female", "male", "male"])
    0.5
    """
    values = scores_by_group(y_true, y_pred, groups, metric=metric)["value"]
    if len(values) < 2:
        raise ValueError(
            f"groups hold {values.index[0]!r} only; a gap needs two groups at least."
        )
    return float(values.max() - values.min())


def _as_series(values: ArrayLike, name: str) -> pd.Series:
    """Return values numbered from 0, whatever index they came with."""
    # As objects unless numbers, because numpy would turn a missing value into 'nan'.
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"{name} has shape {array.shape}, but one value for each clip is expected, "
            "of shape (n_clips,)."
        )
    if not len(array):
        raise ValueError(f"{name} is empty.")
    return pd.Series(array)


def _score(
    true: pd.Series, predicted: pd.Series, group: Hashable, metric: Metric
) -> tuple[int, int, float]:
    try:
        value = float(metric(true.to_numpy(), predicted.to_numpy()))
    except ValueError as error:
        raise ValueError(f"In group {group!r}: {error}") from error
    return len(true), true.nunique(), value
