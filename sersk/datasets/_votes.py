"""What each of several raters heard: shares of the classes, and how far they agree."""

from typing import Any

import numpy as np
import pandas as pd

from sersk.datasets._scheme import LabelScheme

VOTES = "votes_"


def votes_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of votes under the names of the labels, as whole numbers."""
    names = [name for name in frame.columns if str(name).startswith(VOTES)]
    votes = frame[names].fillna(0).astype(np.int64)
    return votes.rename(columns=lambda name: name.removeprefix(VOTES))


def shares(votes: pd.DataFrame, scheme: Any, *, name: str) -> pd.DataFrame:
    """Return the share of each class in the votes for any, NaN where there is none."""
    if not isinstance(scheme, LabelScheme):
        raise ValueError(
            f"Votes are for labels, and the scheme {scheme} has none. Use "
            "corpus.with_scheme with a LabelScheme."
        )
    if not len(votes.columns):
        raise ValueError(
            f"{name} has no votes: its table holds no column {VOTES + 'sad'!r} or the "
            "like, with the number of raters that chose a label."
        )
    classes = scheme.classify(votes.columns.tolist()).to_numpy()
    counts = votes.T.groupby(classes).sum().T
    counts = counts.reindex(columns=list(scheme.classes), fill_value=0)
    totals = counts.sum(axis=1).astype(np.float64)
    return counts.div(totals.where(totals > 0), axis=0).rename_axis(columns="emotion")


def spread(
    labels: pd.DataFrame, target: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return clip, class and weight of every share, clip by clip.

    A clip without a share has its own label with the weight 1.
    """
    classes = labels.columns.to_numpy(dtype=str)
    weights = labels.to_numpy(dtype=np.float64)
    own = (classes == target[:, None]).astype(np.float64)
    weights = np.where(np.isnan(weights), own, weights)
    rows, columns = np.nonzero(weights)
    return rows, classes[columns], weights[rows, columns]


def rater_agreement(votes: pd.DataFrame) -> pd.Series:
    r"""Compute how far the raters of clips agree.

    Parameters
    ----------
    votes : pandas.DataFrame or array-like of shape (n_clips, n_labels)
        How many raters chose each label, such as ``corpus.votes``. The number of
        raters may differ from clip to clip.

    Returns
    -------
    agreement : pandas.Series
        ``clips``: clips with a vote. ``raters``: mean number of votes for each of
        these. Over the clips with two votes or more: ``majority``, the mean share of
        the label that most chose; ``unanimous``, the share of the clips for which all
        chose the same one; ``alpha``, Krippendorff's for nominal data; ``kappa``,
        Fleiss', which is NaN unless all clips have the same number of votes. Both
        are 1 for perfect agreement and 0 for that of chance, and NaN where only one
        label was ever chosen.

    Raises
    ------
    ValueError
        If it is no table, or holds anything but whole numbers from 0.

    See Also
    --------
    sersk.datasets.Corpus.votes : The votes of a corpus.

    Notes
    -----
    With :math:`n_{uk}` raters who chose label :math:`k` for clip :math:`u`,
    :math:`m_u` for the clip, :math:`n_k` for the label and :math:`n` in all,

    .. math::

        \alpha = 1 - (n - 1) \frac{\sum_u (m_u^2 - \sum_k n_{uk}^2) / (m_u - 1)}
        {n^2 - \sum_k n_k^2}

    over the clips with :math:`m_u \ge 2` [1]_. With :math:`m` raters for each of
    :math:`N` clips,

    .. math::

        \kappa = \frac{\bar P - P_e}{1 - P_e}, \quad
        \bar P = \frac{1}{N} \sum_u \frac{\sum_k n_{uk}^2 - m}{m (m - 1)}, \quad
        P_e = \sum_k \Big(\frac{n_k}{N m}\Big)^2

    [2]_. Whoever chose two labels for a clip counts as two raters.

    References
    ----------
    .. [1] K. Krippendorff, "Content analysis: an introduction to its methodology",
       2nd edition, Sage 2004, chapter 11.
    .. [2] J. L. Fleiss, "Measuring nominal scale agreement among many raters",
       Psychological Bulletin 76 (1971), 378-382.

    Examples
    --------
    Two clips that three raters agree on, and one where they do not:

    >>> import pandas as pd
    >>> from sersk.datasets import rater_agreement
    >>> votes = pd.DataFrame({"happy": [3, 0, 1], "sad": [0, 3, 2]})
    >>> rater_agreement(votes).round(3)
    clips        3.000
    raters       3.000
    majority     0.889
    unanimous    0.667
    alpha        0.600
    kappa        0.550
    dtype: float64
    """
    counts = _check_votes(votes)
    counts = counts[counts.sum(axis=1) > 0]
    pairable = counts[counts.sum(axis=1) > 1]
    per_clip = pairable.sum(axis=1)
    most = pairable.max(axis=1, initial=0)
    return pd.Series(
        {
            "clips": float(len(counts)),
            "raters": _mean(counts.sum(axis=1)),
            "majority": _mean(most / per_clip),
            "unanimous": _mean(most == per_clip),
            "alpha": _alpha(pairable),
            "kappa": _kappa(counts),
        }
    )


def _check_votes(votes: Any) -> np.ndarray:
    counts = np.asarray(votes)
    whole = counts.dtype.kind in "iuf" and bool(
        np.isfinite(counts).all() and (counts >= 0).all() and (counts % 1 == 0).all()
    )
    if counts.ndim != 2 or not whole:
        raise ValueError(
            "votes must be a table with a row for each clip and a column for each "
            "label, of how many raters chose it. Pass corpus.votes."
        )
    return counts.astype(np.float64)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _alpha(counts: np.ndarray) -> float:
    """Compute Krippendorff's alpha; every row has two votes or more."""
    per_clip, total = counts.sum(axis=1), counts.sum()
    observed = ((per_clip**2 - (counts**2).sum(axis=1)) / (per_clip - 1)).sum()
    expected = total**2 - (counts.sum(axis=0) ** 2).sum()
    return float(1 - (total - 1) * observed / expected) if expected else np.nan


def _kappa(counts: np.ndarray) -> float:
    """Compute Fleiss' kappa, or NaN where the number of votes is not the same."""
    numbers = np.unique(counts.sum(axis=1))
    if len(numbers) != 1 or numbers[0] < 2:
        return np.nan
    n_raters = numbers[0]
    agreeing = ((counts**2).sum(axis=1) - n_raters) / (n_raters * (n_raters - 1))
    by_chance = ((counts.sum(axis=0) / counts.sum()) ** 2).sum()
    return (
        float((agreeing.mean() - by_chance) / (1 - by_chance))
        if by_chance < 1
        else np.nan
    )
