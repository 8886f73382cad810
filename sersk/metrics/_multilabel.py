"""Metrics where a clip may have several labels or none, and thresholds for them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.metrics._columns import check_columns, check_same_clips, find_classes
from sersk.utils import listed_and_more

_AVERAGES = ["micro avg", "macro avg", "weighted avg", "samples avg"]
_SCORES = ["precision", "recall", "f1"]

Table = pd.DataFrame | ArrayLike


def multilabel_scores(
    y_true: Table, y_pred: Table, *, classes: Sequence
) -> pd.DataFrame:
    r"""Compute precision, recall and F1 of each label, and their four averages.

    Of the clips that have a label, recall is the share that got it; of the clips that
    got it, precision is the share that have it; :math:`F_1 = 2PR / (P + R)`. The value
    is 0 where a denominator is 0.

    Parameters
    ----------
    y_true : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        1 where a clip has a label, else 0.
    y_pred : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        1 where a label was answered, else 0; see :func:`apply_thresholds`.
    classes : sequence
        The labels, in the order of the columns. Frames must have them as the names of
        their columns, in this order, unless their columns are numbered only.

    Returns
    -------
    scores : pandas.DataFrame of shape (n_classes + 4, 5)
        Indexed by label and then by average, with the columns ``precision``,
        ``recall``, ``f1``, ``support`` (number of clips with the label; of an average,
        their sum) and ``defined`` (False where a value is 0, or holds a 0, only because
        a denominator is). The averages are

        - ``micro avg``: of the hits and errors of all labels pooled.
        - ``macro avg``: mean over labels.
        - ``weighted avg``: mean over labels, weighted by their support.
        - ``samples avg``: mean over clips of the score of each clip's row.

    Raises
    ------
    ValueError
        If the tables differ in shape, are empty, hold anything but 0 and 1, or if
        columns bear other names than `classes`, or these in another order.

    Notes
    -----
    The values equal those of scikit-learn's ``precision_recall_fscore_support`` with
    ``zero_division=0``. An F1 score that is averaged is the mean of F1 scores, not the
    F1 score of the averages that stand beside it.

    Examples
    --------
    >>> from sersk.metrics import multilabel_scores
    >>> y_true = [[1, 0], [1, 1], [0, 0], [1, 0]]
    >>> y_pred = [[1, 0], [1, 0], [1, 0], [0, 1]]
    >>> multilabel_scores(y_true, y_pred, classes=["happy", "sad"]).round(2)
                  precision  recall    f1  support  defined
    label
    happy              0.67    0.67  0.67        3     True
    sad                0.00    0.00  0.00        1     True
    micro avg          0.50    0.50  0.50        4     True
    macro avg          0.33    0.33  0.33        4     True
    weighted avg       0.50    0.50  0.50        4     True
    samples avg        0.50    0.38  0.42        4    False
    """
    labels = _check_labels(classes)
    true, predicted = (
        _check_marks(y_true, "y_true", labels),
        _check_marks(y_pred, "y_pred", labels),
    )
    check_same_clips(true, predicted, "y_true and y_pred")
    return _score(true, predicted, labels)


def multilabel_macro_f1(y_true: Table, y_pred: Table) -> float:
    """Compute the mean F1 over labels, where a clip may have several or none.

    Parameters
    ----------
    y_true : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        1 where a clip has a label, else 0.
    y_pred : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        1 where a label was answered, else 0.

    Returns
    -------
    score : float
        Between 0 and 1; the F1 of a label that no clip has and none got is 0.

    Raises
    ------
    ValueError
        If the tables differ in shape, are empty, or hold anything but 0 and 1.

    See Also
    --------
    multilabel_scores : All labels and averages.

    Examples
    --------
    >>> from sersk.metrics import multilabel_macro_f1
    >>> y_true = [[1, 0], [1, 1], [0, 0], [1, 0]]
    >>> round(multilabel_macro_f1(y_true, [[1, 0], [1, 0], [1, 0], [0, 1]]), 4)
    0.3333
    """
    labels = find_classes(y_true, y_pred)
    true = _check_marks(y_true, "y_true", labels)
    predicted = _check_marks(y_pred, "y_pred", labels)
    check_same_clips(true, predicted, "y_true and y_pred")
    return float(_ratios(*_count(true, predicted, axis=0))[2].mean())


def threshold_sweep(
    y_true: Table,
    scores: Table,
    thresholds: ArrayLike,
    *,
    classes: Sequence | None = None,
) -> pd.DataFrame:
    """Compute the scores of multi-label answers at each of several thresholds.

    All rows come from one matrix of scores, so that a recall that rises with the
    threshold, as it does in tables put together from several runs, cannot occur.

    Parameters
    ----------
    y_true : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        1 where a clip has a label, else 0.
    scores : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        Scores, in any unit; a label is answered where its score is at least the
        threshold.
    thresholds : array-like of shape (n_thresholds,)
        Thresholds, the same for all labels, in any order.
    classes : sequence, default=None
        The labels, in the order of the columns. None: the columns of `y_true` or of
        `scores`, whichever is a frame, or else numbers from 0.

    Returns
    -------
    table : pandas.DataFrame of shape (n_thresholds * (n_classes + 4), 7)
        A row for each threshold, ascending, and each row of :func:`multilabel_scores`,
        with the columns ``threshold``, ``label``, ``precision``, ``recall``, ``f1``,
        ``support`` and ``defined``.

    Raises
    ------
    ValueError
        If the tables differ in shape, are empty, hold marks other than 0 and 1 or
        scores that are not finite, if columns bear other names than `classes`, or if
        there is no threshold, or one that is no number.

    See Also
    --------
    tune_thresholds : Choose a threshold for each label.

    Examples
    --------
    >>> from sersk.metrics import threshold_sweep
    >>> y_true, scores = [[1], [1], [0]], [[0.9], [0.4], [0.2]]
    >>> sweep = threshold_sweep(y_true, scores, [0.3, 0.5], classes=["happy"])
    >>> sweep.query("label == 'happy'")[["threshold", "precision", "recall"]]
       threshold  precision  recall
    0        0.3        1.0     1.0
    5        0.5        1.0     0.5
    """
    labels = _check_labels(find_classes(y_true, scores, classes=classes))
    true, values = _check_scored(y_true, scores, labels)
    steps = np.unique(_check_thresholds(thresholds))
    tables = [
        _score(true, values >= step, labels).reset_index().assign(threshold=step)
        for step in steps.tolist()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["threshold", *table.columns.drop("threshold")]]


def tune_thresholds(
    y_true: Table,
    scores: Table,
    *,
    metric: str = "f1",
    classes: Sequence | None = None,
) -> pd.Series:
    """Choose the threshold of each label that scores best.

    Pass clips that the model was not trained on and that it will not be tested on:
    thresholds tuned on test clips flatter them.

    Parameters
    ----------
    y_true : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        1 where a clip has a label, else 0.
    scores : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        Scores, in any unit.
    metric : {"f1", "unweighted_accuracy"}, default="f1"
        What to maximise for each label on its own: the F1 score of its clips, or the
        mean of the recalls of having and of not having the label.
    classes : sequence, default=None
        The labels, in the order of the columns. None: the columns of `y_true` or of
        `scores`, whichever is a frame, or else numbers from 0.

    Returns
    -------
    thresholds : pandas.Series of shape (n_classes,)
        Indexed by label, for :func:`apply_thresholds`.

    Raises
    ------
    ValueError
        If the tables differ in shape, are empty, hold marks other than 0 and 1 or
        scores that are not finite, if columns bear other names than `classes`, or if
        the metric is not known.

    Notes
    -----
    Only the order of the scores matters, so that every split of the clips between two
    neighbouring scores is tried, and the threshold is laid halfway between the two.
    Where all clips get the label, it is the lowest score.

    Of several that score alike, the highest is taken, so that the label is answered as
    seldom as the score allows: with scores that say little, F1 favours giving a rare
    label to every clip [1]_. A label that no clip has gets an infinite threshold and is
    never answered, because nothing says where to begin.

    References
    ----------
    .. [1] Z. C. Lipton, C. Elkan, B. Naryanaswamy, "Optimal thresholding of classifiers
       to maximize F1 measure", ECML PKDD 2014, pp. 225-239.

    Examples
    --------
    >>> from sersk.metrics import tune_thresholds
    >>> y_true = [[1, 0], [1, 0], [0, 0]]
    >>> scores = [[0.9, 0.3], [0.5, 0.2], [0.25, 0.1]]
    >>> tune_thresholds(y_true, scores, classes=["happy", "fear"])
    label
    happy    0.375
    fear       inf
    Name: threshold, dtype: float64
    """
    if metric not in _TUNED:
        raise ValueError(
            f"metric must be one of {listed_and_more(_TUNED)}, got {metric!r}."
        )
    labels = _check_labels(find_classes(y_true, scores, classes=classes))
    true, values = _check_scored(y_true, scores, labels)
    tuned = [
        _best_threshold(marks, column, _TUNED[metric])
        for marks, column in zip(true.T, values.T, strict=True)
    ]
    return pd.Series(tuned, index=pd.Index(labels, name="label"), name="threshold")


def apply_thresholds(
    scores: Table, thresholds: float | Mapping | pd.Series | ArrayLike
) -> pd.DataFrame:
    """Answer each label whose score is at least its threshold.

    Parameters
    ----------
    scores : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        Scores, in any unit.
    thresholds : float, pandas.Series, mapping or array-like of shape (n_classes,)
        One threshold for all labels, or one each, as :func:`tune_thresholds` gives
        them. If both these and the columns of `scores` have names, they must be the
        same in the same order.

    Returns
    -------
    answers : pandas.DataFrame of shape (n_clips, n_classes)
        1 where a label is answered, else 0.

    Raises
    ------
    ValueError
        If the scores are empty, not of two dimensions or not finite, or the thresholds
        are no numbers, not as many as labels or those of others.

    Examples
    --------
    >>> from sersk.metrics import apply_thresholds
    >>> apply_thresholds([[0.9, 0.3], [0.5, 0.4]], {"happy": 0.6, "sad": 0.4})
       happy  sad
    0      1    0
    1      0    1
    """
    if isinstance(thresholds, Mapping):
        thresholds = pd.Series(dict(thresholds))
    named = thresholds.index if isinstance(thresholds, pd.Series) else None
    labels = find_classes(scores, classes=named)
    values = check_columns(scores, "scores", labels)
    limits = _check_thresholds(thresholds)
    if np.ndim(thresholds) and len(limits) != len(labels):
        raise ValueError(
            f"There are {len(limits)} thresholds for {len(labels)} labels: "
            f"{listed_and_more(labels)}."
        )
    rows = scores.index if isinstance(scores, pd.DataFrame) else None
    return pd.DataFrame((values >= limits).astype(int), index=rows, columns=labels)


def _score(true: np.ndarray, predicted: np.ndarray, labels: list) -> pd.DataFrame:
    """Return the table of scores of marks, which are booleans."""
    hits, support, answers = _count(true, predicted, axis=0)
    by_label = _ratios(hits, support, answers)
    by_clip = _ratios(*_count(true, predicted, axis=1))
    total = support.sum()
    averages = [
        _ratios(hits.sum(), total, answers.sum()),
        by_label.mean(axis=1),
        by_label @ support / max(total, 1),
        by_clip.mean(axis=1),
    ]
    defined = (support > 0) & (answers > 0)
    averages_defined = [
        total > 0 and answers.any(),
        defined.all(),
        total > 0 and defined[support > 0].all(),
        (true.any(axis=1) & predicted.any(axis=1)).all(),
    ]
    table = pd.DataFrame(
        np.vstack([by_label.T, *averages]),
        index=pd.Index([*labels, *_AVERAGES], name="label"),
        columns=_SCORES,
    )
    return table.assign(
        support=np.append(support, [total] * len(_AVERAGES)),
        defined=np.append(defined, averages_defined),
    )


def _count(
    true: np.ndarray, predicted: np.ndarray, axis: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (true & predicted).sum(axis), true.sum(axis), predicted.sum(axis)


def _ratios(hits: Any, support: Any, answers: Any) -> np.ndarray:
    """Return precision, recall and F1, 0 where there is nothing to divide by."""
    return np.stack(
        [
            hits / np.maximum(answers, 1),
            hits / np.maximum(support, 1),
            2 * hits / np.maximum(support + answers, 1),
        ]
    )


def _best_threshold(
    marks: np.ndarray, scores: np.ndarray, metric: Callable[..., np.ndarray]
) -> float:
    """Return the highest of the thresholds of one label that score best."""
    if not marks.any():
        return np.inf
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order], np.cumsum(marks[order])
    # Equal scores are answered together: only the last of them may end the answers.
    ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))
    values = metric(hits[ends], ends + 1, marks.sum(), len(marks))
    end = ends[np.argmax(values)]
    lowest = float(scores[end])
    if end + 1 == len(scores):
        return lowest
    next_lower = float(scores[end + 1])
    halfway = next_lower + (lowest - next_lower) / 2
    # Between neighbouring floats there is nothing.
    return halfway if halfway > next_lower else lowest


def _f1(hits: np.ndarray, answers: np.ndarray, support: int, _: int) -> np.ndarray:
    return 2 * hits / (support + answers)


def _mean_recall(
    hits: np.ndarray, answers: np.ndarray, support: int, n_clips: int
) -> np.ndarray:
    n_others = n_clips - support
    rejections = n_others - (answers - hits)
    return hits / support + rejections / max(n_others, 1)


_TUNED: dict[str, Callable[..., np.ndarray]] = {
    "f1": _f1,
    "unweighted_accuracy": _mean_recall,
}


def _check_labels(classes: Any) -> list:
    labels = find_classes(classes=classes)
    taken = [label for label in labels if label in _AVERAGES]
    if taken:
        raise ValueError(
            f"classes hold {listed_and_more(taken)}, which names an average."
        )
    return labels


def _check_marks(values: Table, name: str, labels: list) -> np.ndarray:
    array = check_columns(values, name, labels)
    wrong = array[(array != 0) & (array != 1)]
    if len(wrong):
        raise ValueError(
            f"{name} must hold 0 and 1, but there is {wrong[0]:g}. Make answers of "
            "scores by apply_thresholds, and truth of degrees by comparing them."
        )
    return array.astype(bool)


def _check_scored(
    y_true: Table, scores: Table, labels: list
) -> tuple[np.ndarray, np.ndarray]:
    true = _check_marks(y_true, "y_true", labels)
    values = check_columns(scores, "scores", labels)
    check_same_clips(true, values, "y_true and scores")
    return true, values


def _check_thresholds(thresholds: Any) -> np.ndarray:
    array = np.atleast_1d(np.asarray(thresholds))
    if array.dtype.kind not in "fiu" or array.ndim != 1 or not len(array):
        raise ValueError(f"thresholds must be numbers in one row, got {thresholds!r}.")
    if np.isnan(array).any():
        raise ValueError("thresholds hold NaN.")
    return array.astype(np.float64)
