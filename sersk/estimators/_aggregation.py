"""From scores of windows to scores of clips.

Windows are rows; `owners` holds for each the number of its clip, from 0 on and without
a gap.
"""

from typing import Any

import numpy as np

# Below it a logarithm of a probability would outvote all other windows.
_SMALLEST = np.finfo(np.float64).eps


def aggregate(probabilities: np.ndarray, owners: np.ndarray, how: str) -> np.ndarray:
    """Return the probabilities of each clip, which sum to 1.

    Parameters
    ----------
    probabilities : ndarray of shape (n_windows, n_classes)
        Those of windows.
    owners : ndarray of int of shape (n_windows,)
        Clip of each window.
    how : {"mean_proba", "mean_logproba", "max_proba", "max_confidence", "vote"}
        See :class:`sersk.estimators.WindowedClassifier`.

    Returns
    -------
    probabilities : ndarray of shape (n_clips, n_classes)
        Those of clips; with "vote", the shares of the votes.
    """
    if how == "mean_logproba":
        means = mean_by(np.log(np.maximum(probabilities, _SMALLEST)), owners)
        return _normalised(np.exp(means - means.max(axis=1, keepdims=True)))
    if how == "max_proba":
        return _normalised(max_by(probabilities, owners))
    if how == "max_confidence":
        return probabilities[most_confident(probabilities, owners)]
    if how == "vote":
        return mean_by(cast_votes(probabilities), owners)
    return mean_by(probabilities, owners)


def mean_by(values: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the mean over the windows of each clip."""
    counts = np.bincount(owners)
    return _reduce(np.add, values, owners) / _as_column(counts, values)


def max_by(values: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the largest value over the windows of each clip, column by column."""
    return _reduce(np.maximum, values, owners)


def cast_votes(probabilities: np.ndarray) -> np.ndarray:
    """Return 1 for the most probable class of each window, the first of several."""
    chosen = probabilities.argmax(axis=1)
    return np.eye(probabilities.shape[1])[chosen]


def count_votes(probabilities: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the class that most windows of each clip vote for.

    Between classes with equally many votes the larger sum of probabilities decides,
    and then the lower number.
    """
    votes = _reduce(np.add, cast_votes(probabilities), owners)
    sums = _reduce(np.add, probabilities, owners)
    leads = votes == votes.max(axis=1, keepdims=True)
    return np.where(leads, sums, -np.inf).argmax(axis=1)


def most_confident(probabilities: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the window of each clip with the widest range of log-probabilities.

    Of several, it is the first.
    """
    logarithms = np.log(np.maximum(probabilities, _SMALLEST))
    widths = logarithms.max(axis=1) - logarithms.min(axis=1)
    # The last key counts first, and ties keep the order of the windows.
    order = np.lexsort((-widths, owners))
    return order[_beginnings(owners[order])]


def _reduce(function: Any, values: np.ndarray, owners: np.ndarray) -> np.ndarray:
    order = np.argsort(owners, kind="stable")
    return function.reduceat(values[order], _beginnings(owners[order]), axis=0)


def _beginnings(ordered: np.ndarray) -> np.ndarray:
    """Return where each clip begins among windows in the order of clips."""
    return np.flatnonzero(np.diff(ordered, prepend=-1))


def _as_column(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    return counts.reshape(-1, *[1] * (values.ndim - 1))


def _normalised(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=1, keepdims=True)
