"""What several classifiers say together."""

from collections.abc import Callable

import numpy as np

# Sums of the same probabilities in another order differ by rounding.
_SAME = 1e-9


def hard_vote(
    votes: np.ndarray,
    n_classes: int,
    sum_probabilities: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Return the class that most members vote for.

    Of classes with equally many votes, the one with the largest summed probability is
    taken, and where these are equal too, the one that the earliest member voted for.

    Parameters
    ----------
    votes : ndarray of int of shape (n_members, n_samples)
        Class that each member votes for, 0 to ``n_classes - 1``.
    n_classes : int
        Number of classes.
    sum_probabilities : function, default=None
        Takes positions of samples, and returns the sum of the members' probabilities,
        of shape (n_positions, n_classes). It is called for ties only. None: the
        earliest member decides them.

    Returns
    -------
    chosen : ndarray of int of shape (n_samples,)
        A class for each sample.
    """
    counts = np.zeros((votes.shape[1], n_classes), dtype=np.intp)
    for member in votes:
        counts[np.arange(len(member)), member] += 1
    leading = counts == counts.max(axis=1, keepdims=True)
    tied = np.flatnonzero(leading.sum(axis=1) > 1)
    if len(tied) and sum_probabilities is not None:
        sums = np.where(leading[tied], sum_probabilities(tied), -np.inf)
        leading[tied] = sums >= sums.max(axis=1, keepdims=True) - _SAME
    is_leading = np.take_along_axis(leading, votes.T, axis=1)
    return votes[is_leading.argmax(axis=1), np.arange(votes.shape[1])]


def align(
    probabilities: np.ndarray, own: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Return probabilities with a column for each class, 0 where there was none."""
    aligned = np.zeros((len(probabilities), len(classes)))
    aligned[:, np.searchsorted(classes, own)] = probabilities
    return aligned
