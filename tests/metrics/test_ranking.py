"""The critical difference, by hand, against scipy and the table of Demšar (2006)."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sersk.metrics import critical_difference

SYSTEMS = list("ABCDE")


def _scores(seed: int = 0, n_units: int = 12, n_systems: int = 5) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    steps = 0.5 * np.arange(n_systems)
    values = generator.normal(size=(n_units, n_systems)) - steps
    return pd.DataFrame(values, columns=SYSTEMS[:n_systems])


def test_ranks_and_statistic_by_hand():
    # Ranks by row: 1 2 3; 1 2 3; 1 2.5 2.5; 2 1 3. Sums 5, 7.5, 11.5.
    scores = pd.DataFrame(
        [[3, 2, 1], [3, 2, 1], [3, 1, 1], [2, 3, 1]], columns=["A", "B", "C"]
    )
    result = critical_difference(scores)
    assert result.ranks.to_dict() == {"A": 1.25, "B": 1.875, "C": 2.875}
    # 12 / (4 * 3 * 4) * (25 + 56.25 + 132.25) - 3 * 4 * 4, with the tie's correction
    # 1 - (2 ** 3 - 2) / (4 * (3 ** 3 - 3)).
    assert result.statistic == pytest.approx((213.5 / 4 - 48) / (1 - 6 / 96))
    assert result.p_value == pytest.approx(stats.chi2.sf(result.statistic, 2))


def test_friedman_is_that_of_scipy():
    scores = _scores()
    result = critical_difference(scores)
    expected = stats.friedmanchisquare(*(-scores).to_numpy().T)
    assert (result.statistic, result.p_value) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("alpha", "n_systems", "quantile"),
    [
        # Table 5 of Demšar.
        (0.05, 3, 2.343),
        (0.05, 4, 2.569),
        (0.05, 5, 2.728),
        (0.10, 3, 2.052),
        (0.10, 5, 2.459),
    ],
)
def test_the_distance_is_that_of_the_published_table(alpha, n_systems, quantile):
    result = critical_difference(_scores(n_systems=n_systems), alpha=alpha)
    expected = quantile * np.sqrt(n_systems * (n_systems + 1) / (6 * 12))
    assert result.critical_difference == pytest.approx(expected, rel=5e-4)


def test_groups_hold_systems_that_do_not_differ():
    for seed in range(20):
        result = critical_difference(_scores(seed))
        distance = result.critical_difference
        together = {
            (first, second)
            for group in result.groups
            for first in group
            for second in group
        }
        for first in SYSTEMS:
            for second in SYSTEMS:
                gap = abs(result.ranks[first] - result.ranks[second])
                differ = result.p_value <= 0.05 and gap > distance
                assert ((first, second) not in together) == differ or first == second
        assert len({*result.groups}) == len(result.groups)
        assert not any(
            {*one} < {*other} for one in result.groups for other in result.groups
        )


def test_a_system_that_differs_from_all_is_in_no_group():
    generator = np.random.default_rng(0)
    scores = pd.DataFrame(generator.normal(size=(60, 3)), columns=["A", "B", "C"])
    scores["A"] += 9
    assert critical_difference(scores).groups == [("C", "B")]
    scores["B"] -= 9
    assert critical_difference(scores).groups == []


def test_where_friedman_rejects_nothing_all_are_one_group():
    result = critical_difference(_scores(n_units=2))
    assert result.p_value > 0.05
    assert result.groups == [tuple(result.ranks.index)]


def test_equal_systems_do_not_differ():
    result = critical_difference(pd.DataFrame(np.ones((5, 3)), columns=list("ABC")))
    assert (result.statistic, result.p_value) == (0.0, 1.0)
    assert result.ranks.tolist() == [2.0, 2.0, 2.0]
    assert result.groups == [("A", "B", "C")]


def test_the_order_of_units_and_systems_changes_nothing():
    scores = _scores(4)
    expected = critical_difference(scores)
    result = critical_difference(scores.iloc[::-1, ::-1])
    pd.testing.assert_series_equal(result.ranks, expected.ranks)
    assert result[1:4] == pytest.approx(expected[1:4])
    assert result.groups == expected.groups


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (_scores(n_systems=2), "2 systems.*three and two.*compare_systems"),
        (_scores(n_units=1), "over 1 units"),
        (_scores().replace(_scores().iloc[2, 3], np.nan), r"not at \[2, 3\]"),
    ],
)
def test_wrong_scores_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        critical_difference(scores)


def test_a_wrong_alpha_is_refused():
    with pytest.raises(ValueError, match="alpha must lie between"):
        critical_difference(_scores(), alpha=5)
