"""Confusion as shares of each class: of one table of counts, or of those of folds."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

_Folds = Iterable[pd.DataFrame] | Mapping[Any, pd.DataFrame]


def normalise_confusion(counts: pd.DataFrame | ArrayLike) -> pd.DataFrame:
    """Divide each row of confusion counts by the number of clips of its class.

    The diagonal then holds the recalls of the classes.

    Parameters
    ----------
    counts : pandas.DataFrame or array-like of shape (n_classes, n_classes)
        Numbers of clips as :func:`confusion_counts` gives them: a row for each true
        and a column for each predicted class, in the same order.

    Returns
    -------
    shares : pandas.DataFrame of shape (n_classes, n_classes)
        Rows that sum to 1. The row of a class without clips is NaN: there is nothing
        to be taken for something.

    Raises
    ------
    ValueError
        If the counts are not square, are not whole numbers from 0, are all 0, or if
        rows and columns do not name the same classes in the same order.

    Examples
    --------
    >>> from sersk.metrics import confusion_counts, normalise_confusion
    >>> counts = confusion_counts(["sad", "sad", "happy"], ["sad", "happy", "happy"])
    >>> normalise_confusion(counts)
    predicted  happy  sad
    true
    happy        1.0  0.0
    sad          0.5  0.5
    """
    return _shares(_check_counts(counts))


def mean_confusion(counts_by_fold: _Folds) -> pd.DataFrame:
    """Average the normalised confusion matrices of the folds: each fold counts alike.

    This is what most papers print. A fold with few clips of a class weighs as much as
    one with many; in :func:`pooled_confusion` each clip counts alike. The two differ
    unless all folds hold the same number of clips of each class, so say which it is.

    Parameters
    ----------
    counts_by_fold : sequence or mapping of pandas.DataFrame
        Counts of each fold, over the same classes in the same order: pass `labels` to
        :func:`confusion_counts`.

    Returns
    -------
    shares : pandas.DataFrame of shape (n_classes, n_classes)
        Element-wise mean over the folds of their normalised matrices. A fold without
        clips of a class says nothing about its row and is left out of it; the row of
        a class that no fold holds is NaN.

    Raises
    ------
    ValueError
        If there is no fold, the folds differ in their classes, or their counts are
        not such as :func:`normalise_confusion` takes.

    Notes
    -----
    If every fold holds every class, the mean of the diagonal is exactly the mean of
    the folds' unweighted accuracies. If not, it is the mean over classes of the mean
    recall over the folds that hold the class.

    Examples
    --------
    >>> from sersk.metrics import confusion_counts, mean_confusion
    >>> folds = [
    ...     confusion_counts(["happy", "sad"], ["happy", "happy"]),
    ...     confusion_counts(["happy", "sad", "sad", "sad"], ["happy"] + ["sad"] * 3),
    ... ]
    >>> mean_confusion(folds)
    predicted  happy  sad
    true
    happy        1.0  0.0
    sad          0.5  0.5
    """
    folds = _check_folds(counts_by_fold)
    shares = np.stack([_shares(fold).to_numpy() for fold in folds])
    present = ~np.isnan(shares)
    total = np.where(present, shares, 0.0).sum(axis=0)
    n_folds = present.sum(axis=0)
    means = np.full(total.shape, np.nan)
    np.divide(total, n_folds, out=means, where=n_folds > 0)
    return pd.DataFrame(means, index=folds[0].index, columns=folds[0].columns)


def pooled_confusion(counts_by_fold: _Folds) -> pd.DataFrame:
    """Add the confusion counts of the folds, then normalise: each clip counts alike.

    Compare :func:`mean_confusion`, where each fold counts alike.

    Parameters
    ----------
    counts_by_fold : sequence or mapping of pandas.DataFrame
        Counts of each fold, over the same classes in the same order: pass `labels` to
        :func:`confusion_counts`.

    Returns
    -------
    shares : pandas.DataFrame of shape (n_classes, n_classes)
        Rows that sum to 1; NaN for a class that no fold holds.

    Raises
    ------
    ValueError
        If there is no fold, the folds differ in their classes, or their counts are
        not such as :func:`normalise_confusion` takes.

    Notes
    -----
    The mean of the diagonal is the unweighted accuracy of all predictions pooled, and
    its mean weighted by the numbers of clips is their weighted accuracy.

    Examples
    --------
    >>> from sersk.metrics import confusion_counts, pooled_confusion
    >>> folds = [
    ...     confusion_counts(["happy", "sad"], ["happy", "happy"]),
    ...     confusion_counts(["happy", "sad", "sad", "sad"], ["happy"] + ["sad"] * 3),
    ... ]
    >>> pooled_confusion(folds)
    predicted  happy   sad
    true
    happy       1.00  0.00
    sad         0.25  0.75
    """
    first, *others = _check_folds(counts_by_fold)
    return _shares(sum(others, start=first))


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    support = counts.sum(axis=1)
    return counts.div(support.where(support > 0), axis=0)


def _check_counts(counts: pd.DataFrame | ArrayLike) -> pd.DataFrame:
    """Return counts as a square frame of integers, or raise saying what they are."""
    frame = counts if isinstance(counts, pd.DataFrame) else _name_classes(counts)
    if not frame.index.equals(frame.columns):
        raise ValueError(
            f"The rows of counts are the classes {frame.index.tolist()}, and the "
            f"columns {frame.columns.tolist()}; they must be the same in the same "
            "order."
        )
    values = frame.to_numpy()
    if values.dtype.kind not in "fiu" or not _are_counts(values):
        raise ValueError(
            "counts must be whole numbers of clips, as confusion_counts gives them. "
            "Matrices that are normalised already cannot be added or averaged here."
        )
    if not values.any():
        raise ValueError("counts hold no clip.")
    return frame.astype(np.int64)


def _are_counts(values: np.ndarray) -> bool:
    finite = np.isfinite(values)
    return bool((finite & (values >= 0) & (values == np.rint(values))).all())


def _name_classes(counts: ArrayLike) -> pd.DataFrame:
    """Return an array of counts as a frame whose classes are numbers from 0."""
    array = np.asarray(counts)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(
            f"counts have shape {array.shape}, but a row and a column for each class "
            "are expected, of shape (n_classes, n_classes)."
        )
    classes = range(len(array))
    return pd.DataFrame(
        array,
        index=pd.Index(classes, name="true"),
        columns=pd.Index(classes, name="predicted"),
    )


def _check_folds(counts_by_fold: _Folds) -> list[pd.DataFrame]:
    if isinstance(counts_by_fold, pd.DataFrame):
        raise ValueError(
            "counts_by_fold is one table; pass a list with the counts of each fold, "
            "or use normalise_confusion."
        )
    if isinstance(counts_by_fold, Mapping):
        counts_by_fold = counts_by_fold.values()
    folds = [_check_counts(counts) for counts in counts_by_fold]
    if not folds:
        raise ValueError("counts_by_fold is empty.")
    for number, fold in enumerate(folds):
        if not fold.index.equals(folds[0].index):
            raise ValueError(
                f"Fold {number} counts the classes {fold.index.tolist()}, and fold 0 "
                f"{folds[0].index.tolist()}. Pass the same labels to confusion_counts "
                "for each fold."
            )
    return folds
