"""Agreement and distance of predicted and true degrees, such as those of arousal."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def concordance_correlation_coefficient(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Compute Lin's concordance correlation coefficient (CCC).

    .. math::
        \mathrm{CCC} = \frac{2 \, \mathrm{cov}(t, p)}
        {\mathrm{var}(t) + \mathrm{var}(p) + (\bar{t} - \bar{p})^2}

    with population moments (divided by n, not n - 1). Unlike Pearson's correlation it
    falls where the predictions have another mean or another spread than the truth.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True degrees of one attribute, in any unit.
    y_pred : array-like of shape (n_clips,)
        Predicted degrees, in the same unit.

    Returns
    -------
    ccc : float
        Between -1 and 1; 1 only if the two are equal.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, are not one-dimensional or hold a
        value that is not a finite number.

    Notes
    -----
    Call it once over all clips of a partition. The mean of coefficients of batches or
    of folds is another quantity: within a small batch the means differ by chance.

    Where both arrays are constant the formula is 0 / 0 if the constants are equal, and
    0 if they differ. Equal arrays agree perfectly, so the first gives 1.0. A constant
    prediction of a truth that varies gives 0.0.

    For several attributes, compute one coefficient each:
    ``[concordance_correlation_coefficient(t, p) for t, p in zip(Y_true.T, Y_pred.T)]``;
    their mean is :func:`mean_concordance`.

    References
    ----------
    .. [1] L. I. Lin, "A concordance correlation coefficient to evaluate
       reproducibility", Biometrics 45 (1), 1989, pp. 255-268.

    Examples
    --------
    >>> from sersk.metrics import concordance_correlation_coefficient
    >>> concordance_correlation_coefficient([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    >>> round(concordance_correlation_coefficient([1, 2, 3], [2, 3, 4]), 4)
    0.5714
    """
    true, predicted = _check_pair(y_true, y_pred)
    # Deviations from the first value: those of a constant array are zeros exactly,
    # where deviations from its mean are rounding errors divided by one another.
    t, p = true - true[0], predicted - predicted[0]
    bias = (true[0] - predicted[0]) + (t.mean() - p.mean())
    t, p = t - t.mean(), p - p.mean()
    spread = np.mean(t * t) + np.mean(p * p) + bias**2
    if spread == 0.0:
        return float(np.array_equal(true, predicted))
    return float(2 * np.mean(t * p) / spread)


def mean_concordance(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Compute the mean over attributes of Lin's concordance correlation coefficient.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,) or (n_clips, n_attributes)
        True degrees, a column for each attribute.
    y_pred : array-like of shape (n_clips,) or (n_clips, n_attributes)
        Predicted degrees.

    Returns
    -------
    mean : float
        Between -1 and 1; of one attribute, its coefficient.

    Raises
    ------
    ValueError
        If the arrays differ in shape, are empty, or hold a value that is not a finite
        number.

    See Also
    --------
    concordance_correlation_coefficient : That of one attribute.

    Notes
    -----
    Each coefficient is computed once over all clips. The mean hides that one attribute
    is told badly, as valence often is: give each beside it.

    Examples
    --------
    >>> from sersk.metrics import mean_concordance
    >>> y_true = [[1, 1], [2, 2], [3, 3]]
    >>> round(mean_concordance(y_true, [[1, 2], [2, 3], [3, 4]]), 4)
    0.7857
    """
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    if true.shape != predicted.shape or true.ndim not in (1, 2) or not true.size:
        raise ValueError(
            f"y_true has shape {true.shape} and y_pred {predicted.shape}; both must "
            "hold the same clips, and a column for each attribute."
        )
    columns = zip(
        true.reshape(len(true), -1).T,
        predicted.reshape(len(predicted), -1).T,
        strict=True,
    )
    return float(
        np.mean([concordance_correlation_coefficient(*pair) for pair in columns])
    )


def pearson_correlation(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Compute Pearson's correlation coefficient (PCC).

    .. math::
        \mathrm{PCC} = \frac{\mathrm{cov}(t, p)}
        {\sqrt{\mathrm{var}(t) \, \mathrm{var}(p)}}

    It does not change if the predictions are shifted or scaled, so that it says
    nothing about whether they are right. Where neither array is constant,
    :func:`concordance_correlation_coefficient` is never farther from 0.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True degrees of one attribute, in any unit.
    y_pred : array-like of shape (n_clips,)
        Predicted degrees, in any unit.

    Returns
    -------
    pcc : float
        Between -1 and 1.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, are not one-dimensional or hold a
        value that is not a finite number.

    Notes
    -----
    Where either array is constant the formula is 0 / 0; the value is then 0.0, where
    :func:`scipy.stats.pearsonr` gives NaN and warns. Call it once over all clips of a
    partition.

    Examples
    --------
    >>> from sersk.metrics import pearson_correlation
    >>> round(pearson_correlation([1, 2, 3], [20, 30, 40]), 4)
    1.0
    >>> pearson_correlation([1, 2, 3], [2, 2, 2])
    0.0
    """
    true, predicted = _check_pair(y_true, y_pred)
    t, p = _unit_deviations(true), _unit_deviations(predicted)
    return float(np.clip(t @ p, -1.0, 1.0))


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Compute the mean absolute error (MAE); the smaller, the better.

    .. math::
        \mathrm{MAE} = \frac{1}{N} \sum_i |t_i - p_i|

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True degrees of one attribute, in any unit.
    y_pred : array-like of shape (n_clips,)
        Predicted degrees, in the same unit.

    Returns
    -------
    error : float
        From 0, in the unit of the degrees.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, are not one-dimensional or hold a
        value that is not a finite number.

    Notes
    -----
    As ``scoring``, pass scikit-learn's own ``"neg_mean_absolute_error"``.

    Examples
    --------
    >>> from sersk.metrics import mean_absolute_error
    >>> mean_absolute_error([1, 2, 3], [1, 3, 5])
    1.0
    """
    true, predicted = _check_pair(y_true, y_pred)
    return float(np.mean(np.abs(true - predicted)))


def root_mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Compute the root of the mean squared error (RMSE); the smaller, the better.

    .. math::
        \mathrm{RMSE} = \sqrt{\frac{1}{N} \sum_i (t_i - p_i)^2}

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True degrees of one attribute, in any unit.
    y_pred : array-like of shape (n_clips,)
        Predicted degrees, in the same unit.

    Returns
    -------
    error : float
        From 0, in the unit of the degrees; never below :func:`mean_absolute_error`.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, are not one-dimensional or hold a
        value that is not a finite number.

    Notes
    -----
    The root is taken once, over all clips. As ``scoring``, pass scikit-learn's own
    ``"neg_root_mean_squared_error"``.

    Examples
    --------
    >>> from sersk.metrics import root_mean_squared_error
    >>> root_mean_squared_error([1, 2], [2, 9])
    5.0
    """
    true, predicted = _check_pair(y_true, y_pred)
    return float(np.sqrt(np.mean((true - predicted) ** 2)))


def _unit_deviations(values: np.ndarray) -> np.ndarray:
    """Return the deviations from the mean, scaled to length 1, or to 0 if constant."""
    # From the first value, so that those of a constant array are exactly 0, and scaled
    # before they are squared, so that small ones do not vanish.
    deviations = values - values[0]
    largest = np.abs(deviations).max()
    if largest == 0.0:
        return deviations
    deviations = deviations / largest
    deviations -= deviations.mean()
    return deviations / np.linalg.norm(deviations)


def _check_pair(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    true = _check_numbers(y_true, "y_true")
    predicted = _check_numbers(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise ValueError(
            f"y_true has {len(true)} values and y_pred {len(predicted)}; both must "
            "describe the same clips."
        )
    return true, predicted


def _check_numbers(values: Any, name: str) -> np.ndarray:
    """Return values as float64 of shape (n,), or raise naming the array."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name} must hold numbers, got values of type {array.dtype}.")
    if array.ndim != 1:
        raise ValueError(
            f"{name} has shape {array.shape}, but one attribute is expected, of shape "
            "(n_clips,). Compute one coefficient for each column."
        )
    if not len(array):
        raise ValueError(f"{name} is empty.")
    wrong = np.flatnonzero(~np.isfinite(array))
    if len(wrong):
        raise ValueError(
            f"{name} holds {len(wrong)} values that are not finite (first: "
            f"{array[wrong[0]]} at position {wrong[0]}). Drop these clips from both "
            "arrays, and say so where you report the result."
        )
    return array.astype(np.float64)
