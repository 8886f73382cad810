"""Tests between systems: by hand, against scipy, and how often they raise an alarm."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from benchmarks.simulation import SETTINGS, draw_corpus
from sersk.metrics import (
    compare_systems,
    concordance_correlation_coefficient,
    holm_correction,
    nadeau_bengio_test,
    unweighted_accuracy,
    weighted_accuracy,
)

CLASSES = ["angry", "happy", "sad"]
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def _corpus(seed: int, n_speakers: int = 4, n_systems: int = 2):
    """Return few clips of speakers, with the predictions of systems better than chance.

    Speakers have different numbers of clips and need not have every class.
    """
    generator = np.random.default_rng(seed)
    clips = generator.integers(2, 6, n_speakers)
    speaker = np.repeat(np.arange(n_speakers), clips)
    y_true = generator.choice(CLASSES, len(speaker))
    answers = {}
    for name in "ABCD"[:n_systems]:
        is_known = generator.random(len(speaker)) < 0.4
        guess = generator.choice(CLASSES, len(speaker))
        answers[name] = np.where(is_known, y_true, guess)
    return y_true, answers, speaker


def _p_by_hand(metric, y_true, a, b, speaker) -> float:
    """Return the share of exchanges whose difference is as large, one by one."""

    def difference(exchange) -> float:
        is_exchanged = np.array(exchange)[speaker]
        return metric(y_true, np.where(is_exchanged, b, a)) - metric(
            y_true, np.where(is_exchanged, a, b)
        )

    n_speakers = speaker.max() + 1
    all_of_them = [difference(e) for e in product([False, True], repeat=n_speakers)]
    extreme = np.abs(all_of_them) >= abs(all_of_them[0]) - 1e-12
    return float(extreme.mean())


def _per_speaker(hits_a: list[int], hits_b: list[int]) -> pd.Series:
    """Compare two systems that are right about so many of each speaker's ten clips."""
    predictions = {
        name: np.concatenate([np.arange(10) < number for number in hits])
        for name, hits in (("A", hits_a), ("B", hits_b))
    }
    n_speakers = len(hits_a)
    table = compare_systems(
        np.ones(10 * n_speakers, dtype=bool),
        predictions,
        np.repeat(np.arange(n_speakers), 10),
        metric=weighted_accuracy,
        random_state=0,
    )
    return table.iloc[0]


def test_a_comparison_by_hand():
    # Differences of 0.2, 0.1, 0.3 and -0.1; their sum is 0.5. Of the 16 ways to give
    # them signs, sums of 0.7 (+ + + +) and 0.5 (+ + + - and + - + +) are as large,
    # each with its opposite.
    row = _per_speaker([9, 8, 7, 5], [7, 7, 4, 6])
    assert row["difference"] == pytest.approx(0.125)
    assert row["score_a"] - row["score_b"] == pytest.approx(0.125)
    assert row["p_value"] == 6 / 16
    assert row["p_floor"] == 2 / 16
    assert row["p_holm"] == row["p_value"]


def test_the_interval_is_that_of_the_paired_t_test():
    a, b = [9, 8, 7, 5, 10, 8], [7, 7, 4, 6, 8, 8]
    row = _per_speaker(a, b)
    expected = stats.ttest_rel(np.array(a) / 10, np.array(b) / 10)
    low, high = expected.confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize("metric", [unweighted_accuracy, weighted_accuracy])
@given(seed=st.integers(0, 10_000))
def test_exact_p_values_are_those_of_all_exchanges(metric, seed):
    y_true, answers, speaker = _corpus(seed)
    table = compare_systems(y_true, answers, speaker, metric=metric, n_resamples=100)
    expected = _p_by_hand(metric, y_true, answers["A"], answers["B"], speaker)
    assert table["p_value"][0] == expected
    assert table["difference"][0] == pytest.approx(
        metric(y_true, answers["A"]) - metric(y_true, answers["B"])
    )


def test_p_values_are_those_of_scipy():
    generator = np.random.default_rng(0)
    a, b = generator.integers(3, 11, (2, 9))
    expected = stats.permutation_test(
        (a / 10, b / 10),
        lambda a, b, axis: (a - b).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert _per_speaker(a, b)["p_value"] == pytest.approx(expected.pvalue)


def test_random_exchanges_come_close_to_all_of_them():
    y_true, answers, speaker = _corpus(3, n_speakers=12)
    exact = compare_systems(y_true, answers, speaker, n_resamples=4096)
    random = compare_systems(y_true, answers, speaker, n_resamples=4095, random_state=0)
    assert exact["p_floor"][0] == 2 / 4096
    assert random["p_floor"][0] == 1 / 4096
    assert random["p_value"][0] == pytest.approx(exact["p_value"][0], abs=0.03)


@given(seed=st.integers(0, 10_000))
def test_exchanged_systems_give_the_opposite(seed):
    y_true, answers, speaker = _corpus(seed)
    there = compare_systems(y_true, answers, speaker, random_state=0).iloc[0]
    back = compare_systems(
        y_true, dict(reversed(answers.items())), speaker, random_state=0
    ).iloc[0]
    assert (back["system_a"], back["system_b"]) == ("B", "A")
    assert back["p_value"] == there["p_value"]
    assert_allclose(
        back[["difference", "low", "high"]].astype(float),
        -there[["difference", "high", "low"]].astype(float),
        atol=1e-12,
    )


@given(seed=st.integers(0, 10_000))
def test_the_order_of_clips_changes_nothing(seed):
    y_true, answers, speaker = _corpus(seed)
    order = np.random.default_rng(seed).permutation(len(speaker))
    shuffled = {name: answer[order] for name, answer in answers.items()}
    pd.testing.assert_frame_equal(
        compare_systems(y_true, answers, speaker, random_state=0),
        compare_systems(y_true[order], shuffled, speaker[order], random_state=0),
    )


@given(seed=st.integers(0, 10_000), n_speakers=st.sampled_from([2, 5, 14]))
def test_p_values_are_never_zero_nor_below_their_floor(seed, n_speakers):
    y_true, answers, speaker = _corpus(seed, n_speakers)
    row = compare_systems(
        y_true, answers, speaker, n_resamples=200, random_state=seed
    ).iloc[0]
    assert 0 < row["p_floor"] <= row["p_value"] <= row["p_holm"] <= 1


@pytest.mark.parametrize("n_speakers", [3, 20])
def test_equal_systems_do_not_differ(n_speakers):
    y_true, answers, speaker = _corpus(0, n_speakers)
    table = compare_systems(
        y_true, {"A": answers["A"], "B": answers["A"]}, speaker, random_state=0
    )
    row = table.iloc[0]
    assert (row["p_value"], row["difference"], row["low"], row["high"]) == (1, 0, 0, 0)


def test_a_perfect_and_a_useless_system_reach_the_floor():
    row = _per_speaker([10] * 5, [0] * 5)
    assert row["p_value"] == row["p_floor"] == 2 / 2**5


def test_all_pairs_are_compared_and_corrected():
    y_true, answers, speaker = _corpus(1, n_speakers=8, n_systems=4)
    table = compare_systems(y_true, answers, speaker)
    pairs = list(zip(table["system_a"], table["system_b"], strict=True))
    assert pairs == [tuple(pair) for pair in ("AB", "AC", "AD", "BC", "BD", "CD")]
    assert_allclose(table["p_holm"], holm_correction(table["p_value"]))


def test_any_metric_can_be_compared():
    y_true, answers, speaker = _corpus(2)
    expected = compare_systems(
        y_true, answers, speaker, metric=weighted_accuracy, random_state=0
    )
    table = compare_systems(
        y_true,
        answers,
        speaker,
        metric=lambda t, p: float(np.mean(t == p)),
        random_state=0,
    )
    pd.testing.assert_frame_equal(table, expected)


def test_degrees_can_be_compared():
    generator = np.random.default_rng(0)
    truth = generator.uniform(1, 7, 60)
    answers = {size: truth + generator.normal(0, size, 60) for size in (0.5, 2.0)}
    metric = concordance_correlation_coefficient
    speaker = np.repeat(np.arange(6), 10)
    row = compare_systems(truth, answers, speaker, metric=metric).iloc[0]
    assert row["score_a"] == pytest.approx(metric(truth, answers[0.5]))
    assert row["p_value"] == _p_by_hand(metric, truth, *answers.values(), speaker)


# Of 400 p-values of a true hypothesis, no more than 37 are at most 0.05 with a
# probability of 99.9 %.
@pytest.mark.parametrize("n_speakers", [6, 10])
def test_false_alarms_are_as_rare_as_they_should_be(n_speakers):
    p_values, covered = [], 0
    for seed in range(400):
        generator = np.random.default_rng([n_speakers, seed])
        y_true, predictions, speaker = draw_corpus(SETTINGS[2], n_speakers, generator)
        row = compare_systems(
            y_true, predictions, speaker, n_resamples=1024, random_state=seed
        ).iloc[0]
        p_values.append(row["p_value"])
        covered += row["low"] <= 0 <= row["high"]
    for alpha in (0.05, 0.2):
        most = stats.binom.ppf(0.9995, 400, alpha)
        assert np.sum(np.array(p_values) <= alpha) <= most
    assert covered >= stats.binom.ppf(0.0005, 400, 0.95)


def test_clips_that_say_who_they_are_must_be_the_same():
    y_true, answers, speaker = _corpus(0)
    files = np.array([f"{number}.wav" for number in range(len(speaker))])
    clip = {"A": files, "B": list(files)}
    plain = compare_systems(y_true, answers, speaker, random_state=0)
    named = compare_systems(y_true, answers, speaker, clip=clip, random_state=0)
    pd.testing.assert_frame_equal(named, plain)


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (
            {"A": ["1", "2", "3", "4"], "B": ["1", "2", "3", "5"]},
            r"'A' and 'B' predicted different clips: only the first has '4', only the "
            r"second '5'\. Test both",
        ),
        (
            {"A": ["1", "2", "3", "4"], "B": ["1", "2", "3"]},
            "only the first has '4', only the second none",
        ),
        (
            {"A": ["1", "2", "3", "4"], "B": ["2", "1", "3", "4"]},
            "same clips, but in another order",
        ),
        (
            {"A": ["1", "2", "3", "3"], "B": ["1", "2", "2", "3"]},
            "not equally often. Sort",
        ),
        ({"A": ["1", "2", "3", "4"]}, "clip does not say which clips 'B' had"),
        ({"A": [None, "2", "3", "4"], "B": ["1"] * 4}, r"clip\['A'\] lacks 1 values"),
    ],
)
def test_systems_on_different_clips_are_refused(clip, message):
    y_true = ["sad", "happy"] * 2
    with pytest.raises(ValueError, match=message):
        compare_systems(y_true, {"A": y_true, "B": y_true}, [1, 1, 2, 2], clip=clip)


@pytest.mark.parametrize(
    ("y_true", "predictions", "speaker", "message"),
    [
        ("ab", {"A": ["a", "b"], "B": ["a"]}, [1, 2], "the predictions of 'B' 1"),
        ("ab", {"A": ["a", None], "B": ["a", "b"]}, [1, 2], "of 'A' lacks 1 values"),
        ("ab", {"A": ["a", "b"], "B": ["a", "b"]}, [1, 1], "All 2 clips are of"),
        ("ab", {"A": ["a", "b"]}, [1, 2], "names of at least two systems"),
        ("ab", [["a", "b"], ["a", "b"]], [1, 2], "must map the names"),
    ],
)
def test_wrong_clips_are_refused(y_true, predictions, speaker, message):
    with pytest.raises(ValueError, match=message):
        compare_systems(list(y_true), predictions, speaker)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"n_resamples": 1.5}, "n_resamples must"), ({"confidence": 1.0}, "confidence")],
)
def test_wrong_parameters_are_refused(parameters, message):
    y_true, answers, speaker = _corpus(0)
    with pytest.raises(ValueError, match=message):
        compare_systems(y_true, answers, speaker, **parameters)


def test_nadeau_and_bengio_by_hand():
    # Differences 0.02, 0.05, 0, 0.05: mean 0.03, variance 0.0018 / 3 = 0.0006.
    # t = 0.03 / sqrt((1/4 + 30/90) * 0.0006); with 3 degrees of freedom.
    statistic = 0.03 / np.sqrt((1 / 4 + 1 / 3) * 0.0006)
    result = nadeau_bengio_test(
        [0.62, 0.70, 0.66, 0.71], [0.60, 0.65, 0.66, 0.66], n_train=90, n_test=30
    )
    assert result.statistic == pytest.approx(statistic)
    assert result.p_value == pytest.approx(2 * stats.t.sf(statistic, 3))


def test_without_test_clips_it_would_be_the_paired_t_test():
    a, b = np.random.default_rng(0).normal(size=(2, 10))
    result = nadeau_bengio_test(a, b, n_train=1e12, n_test=1)
    assert result == pytest.approx(tuple(stats.ttest_rel(a, b)))


def test_it_is_more_careful_than_the_paired_t_test_and_symmetric():
    a, b = np.random.default_rng(0).normal(size=(2, 10))
    there = nadeau_bengio_test(a, b, n_train=90, n_test=[9, 11] * 5)
    back = nadeau_bengio_test(b, a, n_train=[90] * 10, n_test=10)
    assert there.p_value == back.p_value > stats.ttest_rel(a, b).pvalue
    assert there.statistic == -back.statistic


def test_equal_folds_do_not_differ():
    result = nadeau_bengio_test([0.5, 0.7], [0.5, 0.7], n_train=9, n_test=1)
    assert result == (0.0, 1.0)


@pytest.mark.parametrize(
    ("a", "b", "n_train", "message"),
    [
        ([0.5, 0.6], [0.5], 9, "scores_a are of 2 folds and scores_b of 1"),
        ([0.5], [0.4], 9, "at least two"),
        ([0.5, np.nan], [0.5, 0.6], 9, "scores_a must be finite"),
        ([0.5, 0.6], [0.4, 0.5], 9, "difference is 0.1 in each of 2 folds"),
        ([0.5, 0.6], [0.4, 0.6], 0, "must be positive"),
        ([[0.5, 0.6]], [0.4, 0.6], 9, "one row of numbers"),
    ],
)
def test_wrong_folds_are_refused(a, b, n_train, message):
    with pytest.raises(ValueError, match=message):
        nadeau_bengio_test(a, b, n_train=n_train, n_test=1)


def test_holm_by_hand():
    # Ascending 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1: 0.04, 0.06, 0.06, then 0.04,
    # which may not be below the one before.
    corrected = holm_correction([0.04, 0.01, 0.03, 0.02])
    assert_allclose(corrected, [0.06, 0.04, 0.06, 0.06])
    assert_allclose(holm_correction([0.6, 0.9]), [1.0, 1.0])
    assert_allclose(holm_correction([0.2]), [0.2])


@given(P_VALUES)
def test_holm_keeps_the_order_and_is_milder_than_bonferroni(p_values):
    p, corrected = np.array(p_values), holm_correction(p_values)
    assert (p <= corrected).all()
    assert (corrected <= np.minimum(1, p * len(p)) + 1e-12).all()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()
    assert_allclose(holm_correction(p[::-1]), corrected[::-1])


@pytest.mark.parametrize("p_values", [[0.5, 1.2], [-0.1], [np.nan], [], [[0.5]]])
def test_what_is_no_p_value_is_refused(p_values):
    with pytest.raises(ValueError, match="p_values must"):
        holm_correction(p_values)
