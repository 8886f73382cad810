"""Systems ranked over many units, and which of them differ."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import friedmanchisquare, rankdata, studentized_range

from sersk.metrics._by_speaker import check_finite, check_share

# Ranks that are equal in theory differ by rounding.
_ROUNDING = 1e-12


class CriticalDifference(NamedTuple):
    """Hold what a critical-difference diagram shows.

    Parameters
    ----------
    ranks : pandas.Series
        Mean rank of each system, best first; 1 is best.
    statistic : float
        Friedman's chi-square.
    p_value : float
        Its p-value: whether there is any difference at all.
    critical_difference : float
        Nemenyi's difference of mean ranks, above which two systems differ.
    groups : list of tuple
        Largest groups of systems of which no two differ, by rank; a system that
        differs from all others is in none.

    Examples
    --------
    >>> from sersk.metrics import CriticalDifference
    >>> CriticalDifference._fields
    ('ranks', 'statistic', 'p_value', 'critical_difference', 'groups')
    """

    ranks: pd.Series
    statistic: float
    p_value: float
    critical_difference: float
    groups: list[tuple]


def critical_difference(
    scores: pd.DataFrame, *, alpha: float = 0.05
) -> CriticalDifference:
    r"""Rank three or more systems over speakers or corpora, and say which differ.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (n_units, n_systems)
        Score of each system, a column, for each independent unit, a row: a speaker, or
        a corpus. Better when greater.
    alpha : float, default=0.05
        Probability of finding a difference where there is none.

    Returns
    -------
    result : CriticalDifference
        The named tuple (ranks, statistic, p_value, critical_difference, groups).

    Raises
    ------
    ValueError
        If there are fewer than three systems or two units, or a score is missing.

    Notes
    -----
    Systems are ranked within each of :math:`N` units, ties sharing the mean rank.
    Friedman's test says whether the mean ranks of the :math:`k` systems differ at all.
    If it does not reject, all systems are one group. If it does, two systems differ
    where their mean ranks are more than

    .. math:: \mathrm{CD} = \frac{q_{\alpha, k, \infty}}{\sqrt 2}
        \sqrt{\frac{k (k + 1)}{6 N}}

    apart, with the quantile :math:`q` of the studentised range (Nemenyi's test, [1]_).
    Only ranks count: what a difference is worth, :func:`compare_systems` tells.

    References
    ----------
    .. [1] J. Demšar, "Statistical comparisons of classifiers over multiple data sets",
       Journal of Machine Learning Research 7, 2006, pp. 1-30.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.metrics import critical_difference
    >>> scores = pd.DataFrame(
    ...     {"A": [0.9, 0.8, 0.9, 0.7], "B": [0.8, 0.7, 0.8, 0.8], "C": [0.3] * 4}
    ... )
    >>> result = critical_difference(scores)
    >>> result.ranks.to_dict(), round(result.critical_difference, 3), result.groups
    ({'A': 1.25, 'B': 1.75, 'C': 3.0}, 1.657, [('A', 'B'), ('B', 'C')])
    """
    alpha = check_share(alpha, "alpha")
    table = pd.DataFrame(scores)
    n_units, n_systems = table.shape
    if n_systems < 3 or n_units < 2:
        raise ValueError(
            f"scores are of {n_systems} systems (columns) over {n_units} units (rows), "
            "but three and two are the least. Compare two systems by compare_systems."
        )
    values = check_finite(table.to_numpy(dtype=float), "scores")
    ranks = rankdata(-values, axis=1)
    # Where all tie everywhere, the statistic is 0 / 0.
    test = friedmanchisquare(*ranks.T) if np.ptp(ranks) else (0.0, 1.0)
    statistic, p_value = map(float, test)
    quantile = studentized_range.ppf(1 - alpha, n_systems, np.inf) / np.sqrt(2)
    distance = float(quantile * np.sqrt(n_systems * (n_systems + 1) / (6 * n_units)))
    mean = pd.Series(ranks.mean(axis=0), index=table.columns, name="rank")
    mean = mean.sort_values(kind="stable")
    groups = [tuple(mean.index)] if p_value > alpha else _groups(mean, distance)
    return CriticalDifference(mean, statistic, p_value, distance, groups)


def _groups(ranks: pd.Series, distance: float) -> list[tuple]:
    """Return the largest runs of two or more systems within a distance of ranks."""
    values = ranks.to_numpy()
    ends = np.searchsorted(values, values + distance + _ROUNDING, side="right")
    groups, reached = [], 0
    for start, end in enumerate(ends):
        if end > max(reached, start + 1):
            groups.append(tuple(ranks.index[start:end]))
            reached = end
    return groups
