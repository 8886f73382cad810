"""Functionals: from descriptors over time to numbers per clip."""

import re
from collections.abc import Sequence

import numpy as np

FUNCTIONALS = ("mean", "std", "min", "max", "median", "skewness", "kurtosis", "slope")
_PERCENTILE = re.compile(r"percentile_(\d{1,2})")


def check_functionals(functionals: Sequence[str]) -> tuple[str, ...]:
    """Return names of functionals as a tuple, or raise naming those that exist.

    Parameters
    ----------
    functionals : sequence of str
        Names.

    Returns
    -------
    functionals : tuple of str
        The same names.

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or there is none.

    Examples
    --------
    >>> from sersk.descriptors import check_functionals
    >>> check_functionals(["mean", "percentile_95"])
    ('mean', 'percentile_95')
    """
    names = (functionals,) if isinstance(functionals, str) else tuple(functionals)
    for name in names:
        if name not in FUNCTIONALS and not _PERCENTILE.fullmatch(str(name)):
            raise ValueError(
                f"Unknown functional {name!r}. There are {', '.join(FUNCTIONALS)} and "
                "percentile_NN with NN from 0 to 99."
            )
    if not names or len(set(names)) < len(names):
        raise ValueError(f"functionals must be some different names, got {names!r}.")
    return names


def apply_functionals(
    features: np.ndarray, functionals: Sequence[str] = ("mean", "std")
) -> np.ndarray:
    """Summarise descriptors over time.

    Parameters
    ----------
    features : ndarray of shape (n_features, n_frames)
        Descriptors.
    functionals : sequence of str, default=("mean", "std")
        Any of mean, std, min, max, median, percentile_NN, skewness, kurtosis and
        slope. std has no degrees of freedom taken off; kurtosis is that in excess of
        a normal distribution; slope is the change per frame of the fitted line.
        Skewness, kurtosis and slope of a constant are 0.

    Returns
    -------
    summary : ndarray of float32 of shape (n_functionals, n_features)
        One row a functional, in the order given.

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import apply_functionals
    >>> apply_functionals(np.array([[1.0, 2.0, 3.0]]), ["mean", "max", "slope"])
    array([[2.],
           [3.],
           [1.]], dtype=float32)
    """
    names = check_functionals(functionals)
    dtype = np.result_type(features, np.float32)
    frames = np.ascontiguousarray(features.T, dtype=dtype)
    summary = np.empty((len(names), frames.shape[1]), dtype=np.float32)
    # In double precision, because a recording of an hour has 100,000 frames.
    mean = frames.sum(axis=0, dtype=np.float64) / len(frames)
    centred = frames - mean.astype(dtype)
    for row, name in zip(summary, names, strict=True):
        row[:] = mean if name == "mean" else _functional(name, frames, centred)
    return summary


def measured_functionals(
    features: np.ndarray, functionals: Sequence[str] = ("mean", "std")
) -> np.ndarray:
    """Summarise descriptors over the frames in which they could be measured.

    Parameters
    ----------
    features : ndarray of shape (n_features, n_frames)
        Descriptors; NaN where there is none, such as the pitch of an unvoiced frame.
    functionals : sequence of str, default=("mean", "std")
        See :func:`apply_functionals`. The slope is that over the frames that are left,
        as if one followed the other.

    Returns
    -------
    summary : ndarray of float32 of shape (n_functionals, n_features)
        One row a functional; 0 for what was measured in no frame.

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.descriptors import measured_functionals
    >>> f0 = np.array([[np.nan, 100.0, 120.0], [np.nan, np.nan, np.nan]])
    >>> measured_functionals(f0, ["mean", "max"])
    array([[110.,   0.],
           [120.,   0.]], dtype=float32)
    """
    names = check_functionals(functionals)
    measured = ~np.isnan(features)
    if measured.size and measured.all():
        return apply_functionals(features, names)
    summary = np.zeros((len(names), len(features)), dtype=np.float32)
    for number, (row, is_measured) in enumerate(zip(features, measured, strict=True)):
        if is_measured.any():
            kept = row[np.newaxis, is_measured]
            summary[:, number] = apply_functionals(kept, names)[:, 0]
    return summary


def _functional(name: str, frames: np.ndarray, centred: np.ndarray) -> np.ndarray:
    if name == "std":
        return np.sqrt(np.einsum("ij,ij->j", centred, centred) / len(centred))
    if name == "slope":
        return _slope(centred)
    if name == "skewness":
        return _standardised_moment(centred, 3)
    if name == "kurtosis":
        return _standardised_moment(centred, 4)
    percentile = _PERCENTILE.fullmatch(name)
    if percentile:
        return np.percentile(frames, float(percentile[1]), axis=0)
    return getattr(np, name)(frames, axis=0)


def _slope(centred: np.ndarray) -> np.ndarray:
    time = np.arange(len(centred)) - (len(centred) - 1) / 2
    spread = np.square(time).sum()
    return np.tensordot(time, centred, axes=1) / (spread if spread else 1.0)


def _standardised_moment(centred: np.ndarray, order: int) -> np.ndarray:
    """Return skewness (order 3) or excess kurtosis (order 4), 0 for a constant."""
    centred = centred.astype(np.float64)
    variance = np.square(centred).mean(axis=0)
    moment = np.power(centred, order).mean(axis=0)
    # Rounding leaves a constant a variance of its own size times 1e-14.
    varies = variance > 1e-12 * np.square(centred).max(initial=0.0)
    scale = np.power(np.where(varies, variance, 1.0), order / 2)
    return np.where(varies, moment / scale - (3.0 if order == 4 else 0.0), 0.0)
