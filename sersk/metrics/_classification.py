"""Metrics of classification, all computed from one table of counts."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

_MOST_LISTED = 10


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
    _, counts = _count(y_true, y_pred, labels)
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
    _, counts = _count(y_true, y_pred, labels)
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
    _, counts = _count(y_true, y_pred, labels)
    support = counts.sum(axis=1)
    answers = counts.sum(axis=0)
    scores = 2 * np.diag(counts) / np.maximum(support + answers, 1)
    return float(scores[_averaged(support, labels)].mean())


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
    _, counts = _count(y_true, y_pred, labels)
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
    classes, counts = _count(y_true, y_pred, labels)
    return pd.DataFrame(
        counts,
        index=pd.Index(classes, name="true"),
        columns=pd.Index(classes, name="predicted"),
    )


def _count(
    y_true: Any, y_pred: Any, labels: Sequence | None
) -> tuple[list, np.ndarray]:
    """Return the classes, and the number of clips of each true and predicted class."""
    true, predicted = _check_labels(y_true, "y_true"), _check_labels(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise ValueError(
            f"y_true has {len(true)} labels and y_pred {len(predicted)}; both must "
            "describe the same clips."
        )
    classes = _occurring(true, predicted) if labels is None else _check_classes(labels)
    positions = {label: position for position, label in enumerate(classes)}
    rows = _positions(true, positions, "y_true")
    columns = _positions(predicted, positions, "y_pred")
    n = len(classes)
    return classes, np.bincount(rows * n + columns, minlength=n * n).reshape(n, n)


def _check_labels(values: Any, name: str) -> list:
    """Return labels as a list of Python objects, or raise naming the array."""
    # As objects, because numpy would turn a missing value among texts into 'nan'.
    array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"{name} has shape {array.shape}, but one label for each clip is expected, "
            "of shape (n_clips,)."
        )
    if not len(array):
        raise ValueError(f"{name} is empty.")
    missing = np.flatnonzero(pd.isna(array))
    if len(missing):
        raise ValueError(
            f"{name} lacks {len(missing)} labels (first at position {missing[0]}). "
            "Drop these clips from both arrays, and say so where you report the result."
        )
    return array.tolist()


def _occurring(true: list, predicted: list) -> list:
    """Return the labels that occur, sorted."""
    occurring = {*true, *predicted}
    for label in occurring:
        if isinstance(label, (float, np.floating)) and float(label) % 1:
            raise ValueError(
                f"Labels are expected, but there is the number {label}. If these are "
                "scores, take the class with the highest one for each clip."
            )
    try:
        return sorted(occurring)
    except TypeError:
        raise ValueError(
            f"y_true holds labels such as {true[0]!r} and y_pred such as "
            f"{predicted[0]!r}, which are of different kinds. Decode the encoded ones."
        ) from None


def _check_classes(labels: Sequence) -> list:
    classes = np.asarray(labels, dtype=object).tolist()
    if not isinstance(classes, list) or not classes:
        raise ValueError(f"labels must be a sequence of classes, got {labels!r}.")
    if len(set(classes)) < len(classes):
        raise ValueError(f"labels hold a class twice: {_listed(classes)}.")
    return classes


def _positions(values: list, positions: dict, name: str) -> np.ndarray:
    """Return the number of the class of each label."""
    unknown = {label: None for label in values if label not in positions}
    if unknown:
        raise ValueError(
            f"{name} holds {_listed(unknown)}, not among labels: {_listed(positions)}."
        )
    return np.array([positions[label] for label in values], dtype=np.intp)


def _averaged(support: np.ndarray, labels: Sequence | None) -> np.ndarray:
    """Return a mask of the classes that a mean goes over."""
    return support > 0 if labels is None else np.ones(len(support), dtype=bool)


def _listed(values: Iterable) -> str:
    names = [repr(value) for value in values]
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
