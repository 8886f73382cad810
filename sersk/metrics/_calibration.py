"""Whether a system is as often right as its probabilities say."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.metrics._columns import check_columns, check_same_clips
from sersk.metrics._labels import check_classes, check_labels, encode_labels

# As loose as probabilities that were printed with four decimals.
_TOLERANCE = 1e-3


def expected_calibration_error(
    y_true: ArrayLike,
    probabilities: pd.DataFrame | ArrayLike,
    *,
    classes: Sequence,
    n_bins: int = 15,
) -> float:
    r"""Compute the expected calibration error of the answers (ECE); less is better.

    The clips are sorted into bins :math:`B_m` by their confidence, the probability of
    their most probable class. In each, mean confidence and share of right answers
    should be the same:

    .. math::
        \mathrm{ECE} = \sum_{m=1}^{M} \frac{|B_m|}{N}
        \left| \mathrm{acc}(B_m) - \mathrm{conf}(B_m) \right|

    The bins have equal widths, :math:`((m - 1) / M, \, m / M]` [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    probabilities : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        Probabilities of the classes; each row sums to 1. The columns of a frame must
        be named by the classes, or ``probability_`` and the class.
    classes : sequence
        The classes, in the order of the columns.
    n_bins : int, default=15
        Number of bins, M.

    Returns
    -------
    error : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty or hold missing values, if a row does
        not hold probabilities, a label is not among `classes`, columns bear other
        names, or `n_bins` is not a whole number from 1.

    Notes
    -----
    The answer is the most probable class, of equally probable ones the first. Only its
    probability is looked at; :func:`brier_score` looks at all of them. The value
    depends on `n_bins` and, with few clips in a bin, is greater than 0 even for perfect
    probabilities: compare systems on the same clips with the same bins.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural
       networks", ICML 2017, equation 3.

    Examples
    --------
    >>> from sersk.metrics import expected_calibration_error
    >>> y_true = ["happy", "happy", "sad", "sad"]
    >>> probabilities = [[0.75, 0.25]] * 4
    >>> expected_calibration_error(y_true, probabilities, classes=["happy", "sad"])
    0.25
    """
    curve = reliability_curve(y_true, probabilities, classes=classes, n_bins=n_bins)
    filled = curve[curve["count"] > 0]
    gaps = (filled["accuracy"] - filled["confidence"]).abs()
    return float((gaps * filled["count"]).sum() / filled["count"].sum())


def reliability_curve(
    y_true: ArrayLike,
    probabilities: pd.DataFrame | ArrayLike,
    *,
    classes: Sequence,
    n_bins: int = 15,
) -> pd.DataFrame:
    """Compute how often answers of each confidence are right.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    probabilities : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        Probabilities of the classes; each row sums to 1. The columns of a frame must
        be named by the classes, or ``probability_`` and the class.
    classes : sequence
        The classes, in the order of the columns.
    n_bins : int, default=15
        Number of bins of equal width between 0 and 1.

    Returns
    -------
    curve : pandas.DataFrame of shape (n_bins, 5)
        A row for each bin, with the columns ``lower`` (not in the bin), ``upper`` (in
        it), ``confidence`` (mean probability of the most probable class), ``accuracy``
        (share of the clips whose most probable class is true) and ``count`` (of clips).
        The confidence and accuracy of an empty bin are NaN.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty or hold missing values, if a row does
        not hold probabilities, a label is not among `classes`, columns bear other
        names, or `n_bins` is not a whole number from 1.

    See Also
    --------
    expected_calibration_error : The curve's mean distance from the diagonal.

    Examples
    --------
    >>> from sersk.metrics import reliability_curve
    >>> probabilities = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    >>> reliability_curve(
    ...     ["sad", "sad", "happy"], probabilities, classes=["happy", "sad"], n_bins=4
    ... )
       lower  upper  confidence  accuracy  count
    0   0.00   0.25         NaN       NaN      0
    1   0.25   0.50         NaN       NaN      0
    2   0.50   0.75        0.60       1.0      1
    3   0.75   1.00        0.85       0.5      2
    """
    true, table = _check(y_true, probabilities, classes)
    edges = np.arange(_check_n_bins(n_bins) + 1) / n_bins
    confidence = np.minimum(table.max(axis=1), 1.0)
    right = table.argmax(axis=1) == true
    bins = np.searchsorted(edges[1:], confidence, side="left")
    count = np.bincount(bins, minlength=n_bins)
    filled = count > 0
    means = {}
    for name, values in {"confidence": confidence, "accuracy": right}.items():
        means[name] = np.full(n_bins, np.nan)
        sums = np.bincount(bins, weights=values, minlength=n_bins)
        np.divide(sums, count, out=means[name], where=filled)
    return pd.DataFrame(
        {"lower": edges[:-1], "upper": edges[1:], **means, "count": count}
    )


def brier_score(
    y_true: ArrayLike,
    probabilities: pd.DataFrame | ArrayLike,
    *,
    classes: Sequence,
) -> float:
    r"""Compute the Brier score of probabilities of several classes; less is better.

    .. math::
        \frac{1}{N} \sum_i \sum_k (p_{ik} - o_{ik})^2

    where :math:`o_{ik}` is 1 if clip i is of class k, else 0 [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    probabilities : pandas.DataFrame or array-like of shape (n_clips, n_classes)
        Probabilities of the classes; each row sums to 1. The columns of a frame must
        be named by the classes, or ``probability_`` and the class.
    classes : sequence
        The classes, in the order of the columns.

    Returns
    -------
    score : float
        Between 0 and 2. Equal probabilities of K classes score 1 - 1 / K.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty or hold missing values, if a row does
        not hold probabilities, a label is not among `classes`, or columns bear other
        names.

    Notes
    -----
    This is Brier's own definition, a sum over classes. For two classes it is twice the
    value of scikit-learn's ``brier_score_loss``, unless that is told
    ``scale_by_half=False``. Unlike :func:`expected_calibration_error` it is least for
    the true probabilities and no others.

    References
    ----------
    .. [1] G. W. Brier, "Verification of forecasts expressed in terms of probability",
       Monthly Weather Review 78 (1), 1950, pp. 1-3.

    Examples
    --------
    >>> from sersk.metrics import brier_score
    >>> probabilities = [[1.0, 0.0], [0.5, 0.5]]
    >>> brier_score(["happy", "sad"], probabilities, classes=["happy", "sad"])
    0.25
    """
    true, table = _check(y_true, probabilities, classes)
    outcomes = np.eye(table.shape[1])[true]
    return float(np.mean(np.sum((table - outcomes) ** 2, axis=1)))


def _check(
    y_true: ArrayLike, probabilities: pd.DataFrame | ArrayLike, classes: Sequence
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the true classes, and the probabilities as an array."""
    names = check_classes(classes, "classes")
    true = encode_labels(check_labels(y_true, "y_true"), names, "y_true", "classes")
    table = check_columns(probabilities, "probabilities", names)
    check_same_clips(true, table, "y_true and probabilities")
    outside = (table < 0).any(axis=1) | (abs(table.sum(axis=1) - 1) > _TOLERANCE)
    rows = np.flatnonzero(outside)
    if len(rows):
        raise ValueError(
            f"{len(rows)} rows of probabilities are negative or do not sum to 1 (first "
            f"at position {rows[0]}: {table[rows[0]].tolist()}). If these are scores, "
            "fit the classifier in CalibratedClassifierCV."
        )
    return true, table


def _check_n_bins(n_bins: int) -> int:
    if (
        isinstance(n_bins, bool)
        or not isinstance(n_bins, int | np.integer)
        or n_bins < 1
    ):
        raise ValueError(f"n_bins must be a whole number from 1, got {n_bins!r}.")
    return int(n_bins)
