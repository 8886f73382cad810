"""Which system is better, and whether the speakers can tell."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr

from sersk.metrics._by_speaker import (
    as_array,
    check_by_speaker,
    check_resamples,
    check_share,
    checked_numbers,
    draw_speakers,
    make_generator,
)
from sersk.metrics._classification import unweighted_accuracy
from sersk.metrics._intervals import t_interval
from sersk.metrics._pooled import Metric, pooled
from sersk.utils import listed_and_more

# Differences that are equal in theory differ by rounding.
_ROUNDING = 1e-12


def compare_systems(
    y_true: ArrayLike,
    predictions: Mapping[Any, ArrayLike],
    speaker: ArrayLike,
    *,
    metric: Metric = unweighted_accuracy,
    clip: Mapping[Any, ArrayLike] | None = None,
    confidence: float = 0.95,
    n_resamples: int = 10_000,
    random_state: int | np.random.RandomState | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Compare each two systems that predicted the same clips, speaker by speaker.

    If two systems are equally good, it is chance which of them gave which predictions
    of a speaker. The test exchanges the predictions of the two, for all clips of a
    speaker at once, and counts how often the difference is as large as the true one.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels or degrees.
    predictions : mapping from name to array-like of shape (n_clips,)
        The predictions of two or more systems.
    speaker : array-like of shape (n_clips,)
        Who speaks in each clip.
    metric : callable, default=unweighted_accuracy
        From (y_true, y_pred) to a number, better when greater. It is computed over
        pooled clips; see :func:`bootstrap_interval` for which are fast.
    clip : mapping from name to array-like of shape (n_clips,), default=None
        What identifies each clip that a system predicted, such as its file. Systems
        with other clips, or another order of them, are refused. None: whoever calls
        vouches for it.
    confidence : float, default=0.95
        Of the intervals, each taken by itself.
    n_resamples : int, default=10000
        Number of exchanges and of bootstrap draws, at least 100. If no more exchanges
        are possible, which they are not for up to 13 speakers by default, each is made
        once and the p-value is exact.
    random_state : int, RandomState, Generator or None, default=None
        Seed of exchanges and draws, the same for all pairs.

    Returns
    -------
    comparison : pandas.DataFrame
        A row for each pair, in the order of `predictions`: ``system_a``, ``system_b``;
        ``score_a``, ``score_b``; ``difference``, a - b, with its interval from ``low``
        to ``high``; ``p_value``, two-sided; ``p_floor``, the least p-value that so many
        speakers can give; ``p_holm``, corrected for the number of pairs.

    Raises
    ------
    ValueError
        If the arrays differ in length or lack values, if systems predicted other
        clips, or there are fewer than two systems or speakers.

    Notes
    -----
    Of :math:`n` speakers, :math:`2^n` exchanges are possible, and the one that
    exchanges all gives the same difference as the one that exchanges none. No p-value
    is below :math:`2 / 2^n`: with five speakers, however clear the difference, it is
    0.0625. Among random exchanges that of none is counted as one of them [1]_, so that
    no p-value is 0.

    The interval is that of method "t" of :func:`bootstrap_interval`, of the difference
    over the same speakers drawn, on its own scale. It may exclude 0 where the p-value
    is at its floor.

    What the test rejects is that, speaker by speaker, it is chance which system is the
    better one. Training data and seeds are taken as they are. Of two equally good
    systems, over 2000 simulated corpora (``python -m benchmarks.coverage``):

    ================================== ===== ===== ===== =====
    speakers                           4     6     10    24
    ================================== ===== ===== ===== =====
    p-value at most 0.05               0     0.018 0.034 0.040
    the same, UA 0.89                  0     0.007 0.029 0.043
    the same, unequal numbers of clips 0     0.029 0.058 0.047
    interval covers 0                  0.952 0.952 0.953 0.954
    the same, UA 0.89                  0.970 0.957 0.958 0.950
    the same, unequal numbers of clips 0.963 0.952 0.939 0.951
    ================================== ===== ===== ===== =====

    References
    ----------
    .. [1] B. Phipson, G. K. Smyth, "Permutation p-values should never be zero",
       Statistical Applications in Genetics and Molecular Biology 9 (1), 2010.

    Examples
    --------
    >>> from sersk.metrics import compare_systems
    >>> y_true = ["sad", "happy"] * 12
    >>> speaker = [number // 4 for number in range(24)]
    >>> predictions = {"A": y_true, "B": ["sad"] * 24}
    >>> table = compare_systems(y_true, predictions, speaker)
    >>> table[["system_a", "system_b", "difference", "p_value", "p_floor"]]
      system_a system_b  difference  p_value  p_floor
    0        A        B         0.5  0.03125  0.03125
    """
    names = _check_systems(predictions, clip)
    confidence = check_share(confidence, "confidence")
    n_resamples = check_resamples(n_resamples)
    answers = {f"the predictions of {name!r}": predictions[name] for name in names}
    group, (true, *predicted) = check_by_speaker(speaker, y_true=y_true, **answers)
    n_speakers = int(group.max()) + 1
    generator = make_generator(random_state)
    draws = draw_speakers(n_speakers, n_resamples, generator)
    # First the clips as they are.
    draws = np.vstack([np.ones_like(draws[:1]), draws])
    scores = [pooled(metric, true, answer, group)(draws) for answer in predicted]
    exchanges, is_exact = _exchanges(n_speakers, n_resamples, generator)
    rows = []
    for a, b in combinations(range(len(names)), 2):
        difference, *drawn = scores[a] - scores[b]
        low, high = t_interval(
            difference, np.array(drawn), n_speakers=n_speakers, confidence=confidence
        )
        exchanged = _exchange(
            metric, true, predicted[a], predicted[b], group, exchanges
        )
        extreme = np.abs(exchanged) >= abs(difference) - _ROUNDING
        rows.append(
            {
                "system_a": names[a],
                "system_b": names[b],
                "score_a": scores[a][0],
                "score_b": scores[b][0],
                "difference": difference,
                "low": low,
                "high": high,
                "p_value": extreme.mean()
                if is_exact
                else (1 + extreme.sum()) / (1 + len(extreme)),
                "p_floor": 2 / len(exchanges) if is_exact else 1 / (1 + len(extreme)),
            }
        )
    table = pd.DataFrame(rows)
    table["p_holm"] = holm_correction(table["p_value"])
    return table


class PairedTest(NamedTuple):
    """Hold the outcome of a test.

    Parameters
    ----------
    statistic : float
        The test statistic.
    p_value : float
        Two-sided p-value.

    Examples
    --------
    >>> from sersk.metrics import PairedTest
    >>> PairedTest(2.1, 0.04).p_value
    0.04
    """

    statistic: float
    p_value: float


def nadeau_bengio_test(
    scores_a: ArrayLike, scores_b: ArrayLike, *, n_train: ArrayLike, n_test: ArrayLike
) -> PairedTest:
    r"""Compare two systems over folds whose training clips overlap.

    The plain paired t-test takes folds for independent and finds differences where
    there are none. This one widens the variance by what training sets share.

    Parameters
    ----------
    scores_a : array-like of shape (n_folds,)
        Score of the first system in each fold.
    scores_b : array-like of shape (n_folds,)
        Score of the second system in the same folds.
    n_train : int or array-like of shape (n_folds,)
        Number of training clips, or of training speakers where folds are made of these.
    n_test : int or array-like of shape (n_folds,)
        Number of test clips or speakers.

    Returns
    -------
    result : PairedTest
        The named tuple (statistic, p_value); the statistic is positive where the first
        system is better.

    Raises
    ------
    ValueError
        If there are fewer than two folds, lengths differ, a value is not finite, or
        the difference is the same in all folds but not zero.

    Notes
    -----
    With the differences :math:`d_j` of :math:`J` folds, their mean :math:`\bar d` and
    variance :math:`s^2` (divided by J - 1), and the mean numbers of clips,

    .. math:: t = \frac{\bar d}{\sqrt{(1 / J + n_\mathrm{test} / n_\mathrm{train}) s^2}}

    has about a Student's t distribution with J - 1 degrees of freedom [1]_. It was made
    for random splits that are repeated; for one round of cross-validation, which it
    is used for as well, it is a heuristic. Prefer :func:`compare_systems` where
    predictions are at hand.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio, "Inference for the generalization error", Machine
       Learning 52 (3), 2003, pp. 239-281.

    Examples
    --------
    >>> from sersk.metrics import nadeau_bengio_test
    >>> result = nadeau_bengio_test(
    ...     [0.62, 0.70, 0.66, 0.71], [0.60, 0.65, 0.66, 0.66], n_train=90, n_test=30
    ... )
    >>> round(result.statistic, 3), round(result.p_value, 3)
    (1.604, 0.207)
    """
    a, b = checked_numbers(scores_a, "scores_a"), checked_numbers(scores_b, "scores_b")
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(
            f"scores_a are of {len(a)} folds and scores_b of {len(b)}; both must be of "
            "the same folds, at least two."
        )
    train = np.mean(checked_numbers(n_train, "n_train"))
    test = np.mean(checked_numbers(n_test, "n_test"))
    if train <= 0 or test <= 0:
        raise ValueError(f"n_train and n_test must be positive, got {train}, {test}.")
    differences = a - b
    if np.ptp(differences) <= _ROUNDING:
        if abs(differences[0]) <= _ROUNDING:
            return PairedTest(0.0, 1.0)
        raise ValueError(
            f"The difference is {differences[0]:.4g} in each of {len(a)} folds, which "
            "do not tell how much it varies. Use compare_systems on predictions."
        )
    variance = (1 / len(a) + test / train) * differences.var(ddof=1)
    statistic = float(differences.mean() / np.sqrt(variance))
    return PairedTest(statistic, float(2 * stdtr(len(a) - 1, -abs(statistic))))


def holm_correction(p_values: ArrayLike) -> np.ndarray:
    r"""Correct p-values for the number of tests, by Holm's step-down procedure.

    Reject what comes out at or below alpha, and the probability of any false rejection
    is at most alpha, whatever the tests have in common.

    Parameters
    ----------
    p_values : array-like of shape (n_tests,)
        P-values, of one family of tests.

    Returns
    -------
    corrected : ndarray of shape (n_tests,)
        Corrected p-values, in the order given.

    Raises
    ------
    ValueError
        If a value is not between 0 and 1.

    Notes
    -----
    With p-values in ascending order,
    :math:`\tilde p_{(i)} = \max_{j \le i} \min(1, (m - j + 1) \, p_{(j)})` [1]_.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure",
       Scandinavian Journal of Statistics 6 (2), 1979, pp. 65-70.

    Examples
    --------
    >>> from sersk.metrics import holm_correction
    >>> holm_correction([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    p = checked_numbers(p_values, "p_values")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p_values must lie between 0 and 1, got {p.tolist()}.")
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


def _exchanges(
    n_speakers: int, n_resamples: int, generator: np.random.Generator
) -> tuple[np.ndarray, bool]:
    """Return rows of which speakers to exchange, and whether they are all there are."""
    if 2**n_speakers <= n_resamples:
        numbers = np.arange(2**n_speakers)[:, np.newaxis]
        return numbers >> np.arange(n_speakers) & 1, True
    return generator.integers(2, size=(n_resamples, n_speakers)), False


def _exchange(
    metric: Metric,
    true: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    group: np.ndarray,
    exchanges: np.ndarray,
) -> np.ndarray:
    """Return the difference between two systems after each exchange."""
    # Each speaker is two groups of clips, by a and by b, one of which is taken.
    values = pooled(
        metric,
        np.concatenate([true, true]),
        np.concatenate([a, b]),
        np.concatenate([group, group + group.max() + 1]),
    )
    first = values(np.hstack([1 - exchanges, exchanges]))
    return first - values(np.hstack([exchanges, 1 - exchanges]))


def _check_systems(
    predictions: Mapping[Any, ArrayLike], clip: Mapping[Any, ArrayLike] | None
) -> list:
    """Return the names of the systems, or raise if they predicted other clips."""
    if not isinstance(predictions, Mapping) or len(predictions) < 2:
        raise ValueError(
            "predictions must map the names of at least two systems to what they "
            f"predicted, got {predictions!r:.80}."
        )
    names = list(predictions)
    if clip is not None:
        lacking = [name for name in names if name not in clip]
        if lacking:
            raise ValueError(
                f"clip does not say which clips {listed_and_more(lacking)} had."
            )
        clips = [as_array(clip[name], f"clip[{name!r}]").tolist() for name in names]
        for name, given in zip(names, clips, strict=True):
            _check_same_clips(names[0], clips[0], name, given)
    return names


def _check_same_clips(first: Any, expected: list, name: Any, given: list) -> None:
    """Raise if a system predicted other clips than the first."""
    if given == expected:
        return
    ours, theirs = dict.fromkeys(expected), dict.fromkeys(given)
    missing = [clip for clip in ours if clip not in theirs]
    added = [clip for clip in theirs if clip not in ours]
    if missing or added:
        raise ValueError(
            f"{first!r} and {name!r} predicted different clips: only the first has "
            f"{listed_and_more(missing) or 'none'}, only the second "
            f"{listed_and_more(added) or 'none'}. "
            "Test both on the same clips."
        )
    raise ValueError(
        f"{first!r} and {name!r} predicted the same clips, but in another order or not "
        "equally often. Sort the rows of both by clip."
    )
