"""What a corpus can show at all, and where scores vary from."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtri, nctdtrinc, stdtrit

from sersk.metrics._by_speaker import (
    check_by_speaker,
    check_finite,
    check_share,
    leave_one_out,
)
from sersk.metrics._classification import unweighted_accuracy
from sersk.metrics._intervals import Interval
from sersk.metrics._pooled import Metric, pooled


def smallest_difference(
    y_true: ArrayLike,
    predictions_a: ArrayLike,
    predictions_b: ArrayLike,
    speaker: ArrayLike,
    *,
    metric: Metric = unweighted_accuracy,
    power: float = 0.8,
    alpha: float = 0.05,
    n_speakers: int | None = None,
) -> Interval:
    r"""Estimate the smallest difference between two systems that a corpus can show.

    A difference smaller than this is more likely than 1 - `power` to be missed, so
    that a test that finds none does not say that there is none.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels or degrees.
    predictions_a : array-like of shape (n_clips,)
        Predictions of the first system.
    predictions_b : array-like of shape (n_clips,)
        Predictions of the second.
    speaker : array-like of shape (n_clips,)
        Who speaks in each clip.
    metric : callable, default=unweighted_accuracy
        From (y_true, y_pred) to a number, computed over pooled clips.
    power : float, default=0.8
        Probability of finding the difference.
    alpha : float, default=0.05
        Probability of finding one where there is none.
    n_speakers : int, default=None
        Size of a corpus to plan, of speakers like these. None: as many as there are.

    Returns
    -------
    difference : Interval
        The named tuple (estimate, low, high), in units of the metric. The ends are
        those of a 95 % interval: few speakers tell little of how much speakers differ.

    Raises
    ------
    ValueError
        If the arrays differ in length or lack values, if all clips are of one speaker,
        or a parameter is out of range.

    Notes
    -----
    The standard error :math:`s` of the difference is that of the jackknife over
    :math:`n` speakers, :math:`s^2 = \frac{n - 1}{n} \sum_i (d_{-i} - \bar d)^2`, with
    the difference :math:`d_{-i}` over all speakers but one. For the mean over speakers
    this is the paired t-test's. The result is :math:`\delta s`, where
    :math:`\delta` is the noncentrality at which a two-sided t-test with n - 1 degrees
    of freedom rejects in favour of the better system with probability `power` [1]_. Its
    interval follows from that of a standard deviation, by chi-square. If another number
    :math:`m` of speakers is asked for, :math:`s` shrinks by :math:`\sqrt{n / m}`.

    A value of 0 says that the difference is the same without each speaker, as if both
    systems answered alike, and then nothing is known of how much it varies.

    References
    ----------
    .. [1] J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd ed.,
       Lawrence Erlbaum, 1988, chapter 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.metrics import smallest_difference
    >>> generator = np.random.default_rng(0)
    >>> y_true = np.tile(["angry", "happy", "sad"], 40)
    >>> speaker = np.repeat(np.arange(10), 12)
    >>> a, b = (generator.choice([*y_true[:3]], 120) for _ in range(2))
    >>> here = smallest_difference(y_true, a, b, speaker)
    >>> more = smallest_difference(y_true, a, b, speaker, n_speakers=100)
    >>> round(here.estimate, 2), round(more.estimate, 2)
    (0.18, 0.05)
    """
    power, alpha = check_share(power, "power"), check_share(alpha, "alpha")
    if power <= alpha:
        raise ValueError(f"power must be greater than alpha, got {power} and {alpha}.")
    group, (true, a, b) = check_by_speaker(
        speaker,
        y_true=y_true,
        predictions_a=predictions_a,
        predictions_b=predictions_b,
    )
    n = int(group.max()) + 1
    planned = _check_speakers(n_speakers, n)
    first, second = (
        leave_one_out(pooled(metric, true, predicted, group), n) for predicted in (a, b)
    )
    error = np.sqrt((n - 1) * (first - second).var() * n / planned)
    critical = stdtrit(planned - 1, 1 - alpha / 2)
    estimate = nctdtrinc(planned - 1, 1 - power, critical) * error
    low, high = np.sqrt((n - 1) / chdtri(n - 1, [0.025, 0.975]))
    return Interval(*(float(estimate * factor) for factor in (1.0, low, high)))


class VarianceParts(NamedTuple):
    """Hold the variances that a score is made of.

    Parameters
    ----------
    split : float
        Between splits, or folds: how much it matters who is tested.
    seed : float
        Between seeds: what one of them does alike in all splits.
    residual : float
        What is left: what a seed does to one split, and chance.

    Examples
    --------
    >>> from sersk.metrics import VarianceParts
    >>> VarianceParts(split=0.0025, seed=0.0001, residual=0.0004).split
    0.0025
    """

    split: float
    seed: float
    residual: float


def variance_parts(scores: pd.DataFrame) -> VarianceParts:
    r"""Tell how much of the variance of scores is due to splits, and how much to seeds.

    A mean and standard deviation over runs mixes the two. Averaging over seeds takes
    away the one, and only other speakers the other.

    Parameters
    ----------
    scores : pandas.DataFrame
        The columns ``split``, ``seed`` and ``value``, with one row for each seed in
        each split; at least two of both.

    Returns
    -------
    parts : VarianceParts
        The named tuple (split, seed, residual).

    Raises
    ------
    ValueError
        If a column or a combination is missing, occurs twice or is not finite.

    Notes
    -----
    The model is :math:`x_{ij} = \mu + a_i + b_j + e_{ij}` with random, independent
    effects of :math:`I` splits and :math:`J` seeds. With the mean squares of the
    analysis of variance, the method of moments [1]_ gives

    .. math::
        \sigma^2_e = MS_e, \quad
        \sigma^2_a = \max(0, (MS_a - MS_e) / J), \quad
        \sigma^2_b = \max(0, (MS_b - MS_e) / I)

    Another seed on the same split changes a score by a variance of seed + residual, for
    a seed seldom does the same thing to all splits. A mean over all rows has the
    variance split / I + seed / J + residual / (I J).

    References
    ----------
    .. [1] S. R. Searle, G. Casella, C. E. McCulloch, "Variance components", Wiley,
       1992, chapter 4.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.metrics import variance_parts
    >>> scores = pd.DataFrame(
    ...     {
    ...         "split": [0, 0, 1, 1],
    ...         "seed": [0, 1, 0, 1],
    ...         "value": [0.5, 0.52, 0.7, 0.74],
    ...     }
    ... )
    >>> parts = variance_parts(scores)
    >>> round(parts.split, 4), round(parts.seed, 4), round(parts.residual, 4)
    (0.022, 0.0004, 0.0001)
    """
    values = _crossed(scores)
    n_splits, n_seeds = values.shape
    by_split = values.mean(axis=1, keepdims=True)
    by_seed = values.mean(axis=0, keepdims=True)
    rest = values - by_split - by_seed + values.mean()
    residual = (rest**2).sum() / ((n_splits - 1) * (n_seeds - 1))
    # MS / J is the variance of the means of splits, and so for seeds.
    split = by_split.var(ddof=1) - residual / n_seeds
    seed = by_seed.var(ddof=1) - residual / n_splits
    return VarianceParts(max(0.0, float(split)), max(0.0, float(seed)), float(residual))


def _crossed(scores: pd.DataFrame) -> np.ndarray:
    """Return the values as an array of splits by seeds."""
    lacking = [name for name in ("split", "seed", "value") if name not in scores]
    if lacking:
        raise ValueError(f"scores lack the columns {lacking}.")
    sizes = pd.crosstab(scores["split"], scores["seed"])
    if min(sizes.shape) < 2:
        raise ValueError(
            f"scores are of {sizes.shape[0]} splits and {sizes.shape[1]} seeds, but at "
            "least two of both are needed to tell one from the other."
        )
    wrong = np.argwhere(sizes.to_numpy() != 1)
    if len(wrong):
        row, column = wrong[0]
        split, seed = sizes.index.tolist()[row], sizes.columns.tolist()[column]
        raise ValueError(
            f"Split {split!r} with seed {seed!r} has {sizes.iloc[row, column]} scores, "
            "but each seed must score each split once. Run what is missing, or leave "
            "that seed or split out."
        )
    table = scores.pivot(index="split", columns="seed", values="value")
    return check_finite(table.to_numpy(dtype=float), "value")


def _check_speakers(n_speakers: int | None, present: int) -> int:
    if n_speakers is None:
        return present
    if not isinstance(n_speakers, (int, np.integer)) or n_speakers < 2:
        raise ValueError(f"n_speakers must be an int of at least 2, got {n_speakers}.")
    return int(n_speakers)
