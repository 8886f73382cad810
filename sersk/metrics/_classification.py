"""Metrics of classification, all computed from one table of counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.metrics._labels import count_pairs


def weighted_accuracy(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> float:
    """Compute the share of clips that are classified correctly (WA).

    This is plain accuracy. Speech emotion recognition calls it weighted because each
    class counts by its number of clips, so that frequent classes decide it; compare
    :func:`unweighted_accuracy`, where each class counts the same.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes. They do not change the value; a label outside of them is an error.

    Returns
    -------
    accuracy : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Examples
    --------
    >>> from sersk.metrics import weighted_accuracy
    >>> weighted_accuracy(["sad", "sad", "sad", "happy"], ["sad"] * 4)
    0.75
    """
    _, counts = count_pairs(y_true, y_pred, labels)
    return float(np.trace(counts) / counts.sum())


def unweighted_accuracy(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> float:
    """Compute the mean of the recalls of the classes (UA).

    Also known as unweighted average recall (UAR), macro recall and balanced accuracy.
    Always answering the same class gives 1 / n_classes, however frequent it is.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes to average over; one of them that is absent from `y_true` counts
        as a recall of 0. None: the classes present in `y_true`. The two differ only
        where a class has no clip, as it happens in folds of one speaker.

    Returns
    -------
    accuracy : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Notes
    -----
    The value equals ``recall_score(y_true, y_pred, labels=labels, average="macro",
    zero_division=0)`` of scikit-learn if `labels` are given, and
    ``balanced_accuracy_score(y_true, y_pred)`` if not, without the warnings of either.

    Examples
    --------
    >>> from sersk.metrics import unweighted_accuracy
    >>> y_true, y_pred = ["sad", "sad", "sad", "happy"], ["sad"] * 4
    >>> unweighted_accuracy(y_true, y_pred)
    0.5
    >>> unweighted_accuracy(y_true, y_pred, labels=["angry", "fear", "happy", "sad"])
    0.25
    """
    _, counts = count_pairs(y_true, y_pred, labels)
    support = counts.sum(axis=1)
    recalls = np.diag(counts) / np.maximum(support, 1)
    return float(recalls[_averaged(support, labels)].mean())


def macro_f1(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> float:
    """Compute the mean of the F1 scores of the classes.

    The F1 score of a class is the harmonic mean of its precision and its recall, and
    0 where neither is defined.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes to average over; one of them that is absent from `y_true` counts
        as 0. None: the classes present in `y_true`.

    Returns
    -------
    score : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Notes
    -----
    The value equals ``f1_score(y_true, y_pred, labels=labels, average="macro",
    zero_division=0)`` of scikit-learn. Without `labels` scikit-learn also averages
    over classes that are only predicted, so that systems tested on the same clips are
    divided by different numbers; here the truth alone says which classes count.

    Examples
    --------
    >>> from sersk.metrics import macro_f1
    >>> round(macro_f1(["sad", "sad", "sad", "happy"], ["sad"] * 4), 4)
    0.4286
    """
    _, counts = count_pairs(y_true, y_pred, labels)
    averaged = _averaged(counts.sum(axis=1), labels)
    return float(_f1_scores(counts)[averaged].mean())


def weighted_f1(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> float:
    r"""Compute the mean of the F1 scores of the classes, weighted by their clips.

    .. math::
        \frac{1}{N} \sum_k n_k F_{1,k}

    where :math:`n_k` of the N clips truly are of class k. As in
    :func:`weighted_accuracy`, frequent classes decide it.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes. They do not change the value, as one without clips weighs
        nothing; a label outside of them is an error.

    Returns
    -------
    score : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Notes
    -----
    The value equals ``f1_score(y_true, y_pred, average="weighted", zero_division=0)``
    of scikit-learn. It need not lie between the weighted means of precision and recall.

    Examples
    --------
    >>> from sersk.metrics import weighted_f1
    >>> round(weighted_f1(["sad", "sad", "sad", "happy"], ["sad"] * 4), 4)
    0.6429
    """
    _, counts = count_pairs(y_true, y_pred, labels)
    support = counts.sum(axis=1)
    return float(support @ _f1_scores(counts) / support.sum())


def micro_f1(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> float:
    """Compute the F1 score of the hits and errors of all classes pooled.

    Where each clip has one label, each error is one false positive and one false
    negative, and the value is that of :func:`weighted_accuracy`. It has a function of
    its own because tables report it under this name.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes. They do not change the value; a label outside of them is an error.

    Returns
    -------
    score : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Examples
    --------
    >>> from sersk.metrics import micro_f1
    >>> micro_f1(["sad", "sad", "sad", "happy"], ["sad"] * 4)
    0.75
    """
    _, counts = count_pairs(y_true, y_pred, labels)
    hits = np.trace(counts)
    false_negatives = (counts.sum(axis=1) - np.diag(counts)).sum()
    false_positives = (counts.sum(axis=0) - np.diag(counts)).sum()
    return float(2 * hits / (2 * hits + false_negatives + false_positives))


def confusion_counts(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> pd.DataFrame:
    """Count how often each class is taken for each other.

    Counts can be added over folds, and every metric of classification follows from
    them; normalised matrices cannot be added.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes, in the order of the rows and columns. None: the labels that occur
        in either array, sorted.

    Returns
    -------
    counts : pandas.DataFrame of shape (n_classes, n_classes)
        Number of clips; a row for each true and a column for each predicted class.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Examples
    --------
    >>> from sersk.metrics import confusion_counts
    >>> confusion_counts(["sad", "sad", "happy"], ["sad", "happy", "happy"])
    predicted  happy  sad
    true
    happy          1    0
    sad            1    1
    """
    classes, counts = count_pairs(y_true, y_pred, labels)
    return pd.DataFrame(
        counts,
        index=pd.Index(classes, name="true"),
        columns=pd.Index(classes, name="predicted"),
    )


def _f1_scores(counts: np.ndarray) -> np.ndarray:
    """Return the F1 score of each class; 0 for one neither true nor predicted."""
    either = counts.sum(axis=1) + counts.sum(axis=0)
    return 2 * np.diag(counts) / np.maximum(either, 1)


def _averaged(support: np.ndarray, labels: Sequence | None) -> np.ndarray:
    """Return a mask of the classes that a mean goes over."""
    return support > 0 if labels is None else np.ones(len(support), dtype=bool)
