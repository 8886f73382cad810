"""What a corpus can show, by simulation; the parts of a variance, by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.simulation import SETTINGS, draw_corpus
from sersk.metrics import (
    smallest_difference,
    unweighted_accuracy,
    variance_parts,
    weighted_accuracy,
)


def _of_hits(hits_a, hits_b, n_clips: int = 10) -> tuple[np.ndarray, ...]:
    """Return clips of speakers of whom two systems have so many right."""
    y_true = np.ones(n_clips * len(hits_a), dtype=bool)
    a, b = (
        np.concatenate([np.arange(n_clips) < number for number in hits])
        for hits in (hits_a, hits_b)
    )
    return y_true, a, b, np.repeat(np.arange(len(hits_a)), n_clips)


HITS = np.array([9, 8, 7, 5, 10, 8]), np.array([7, 7, 4, 6, 8, 8])


def test_it_is_that_of_the_paired_t_test():
    found = smallest_difference(*_of_hits(*HITS), metric=weighted_accuracy)
    error = stats.sem((HITS[0] - HITS[1]) / 10)
    critical = stats.t.ppf(0.975, 5)
    assert stats.nct.sf(critical, 5, found.estimate / error) == pytest.approx(0.8)
    # The interval is that of a standard deviation.
    low, high = np.sqrt(5 / stats.chi2.ppf([0.975, 0.025], 5))
    assert found.low / found.estimate == pytest.approx(low)
    assert found.high / found.estimate == pytest.approx(high)


@pytest.mark.parametrize(("n_speakers", "power"), [(4, 0.8), (10, 0.8), (10, 0.5)])
def test_a_t_test_finds_it_as_often_as_said(n_speakers, power):
    # Speakers whose differences are normal, and who are as different in all corpora.
    generator = np.random.default_rng(0)
    hits = np.linspace(300, 700, n_speakers).astype(int)
    clips = _of_hits(hits, np.full(n_speakers, 500), n_clips=1000)
    found = smallest_difference(*clips, metric=weighted_accuracy, power=power)
    spread = np.std(hits / 1000, ddof=1)
    shape = (4000, n_speakers)
    differences = generator.normal(found.estimate, spread, shape)
    tests = stats.ttest_1samp(differences, 0, axis=1)
    rate = np.mean((tests.pvalue <= 0.05) & (tests.statistic > 0))
    assert rate == pytest.approx(power, abs=4 * np.sqrt(power * (1 - power) / 4000))


def test_its_interval_covers_what_very_many_speakers_tell():
    n_speakers, truth = 10, []
    for seed in range(40):
        corpus = draw_corpus(SETTINGS[0], 100, np.random.default_rng([0, seed]))
        y_true, answers, speaker = corpus
        many = smallest_difference(
            y_true, answers["a"], answers["b"], speaker, n_speakers=n_speakers
        )
        truth.append(many.estimate)
    expected = np.mean(truth)
    covered = 0
    for seed in range(300):
        y_true, answers, speaker = draw_corpus(
            SETTINGS[0], n_speakers, np.random.default_rng([1, seed])
        )
        found = smallest_difference(y_true, answers["a"], answers["b"], speaker)
        covered += found.low <= expected <= found.high
    low, high = stats.binom.ppf([0.0005, 0.9995], 300, 0.95)
    assert low <= covered <= high


def test_more_speakers_and_less_power_make_it_smaller():
    clips = _of_hits(*HITS)
    sizes = [smallest_difference(*clips, n_speakers=n).estimate for n in (2, 6, 50)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] == smallest_difference(*clips).estimate
    by_power = [
        smallest_difference(*clips, power=power).estimate for power in (0.1, 0.5, 0.99)
    ]
    assert by_power == sorted(by_power)


def test_it_shrinks_with_the_root_of_many_speakers():
    clips = _of_hits(*HITS)
    some, more = (
        smallest_difference(*clips, n_speakers=n).estimate for n in (2000, 8000)
    )
    assert some / more == pytest.approx(2, rel=1e-3)


def test_exchanged_systems_and_other_orders_give_the_same():
    y_true, a, b, speaker = _of_hits(*HITS)
    expected = smallest_difference(y_true, a, b, speaker)
    order = np.random.default_rng(0).permutation(len(speaker))
    assert smallest_difference(y_true, b, a, speaker) == pytest.approx(expected)
    shuffled = smallest_difference(y_true[order], a[order], b[order], speaker[order])
    assert shuffled == pytest.approx(expected)


def test_any_metric_will_do():
    clips = _of_hits(*HITS)
    known = smallest_difference(*clips, metric=unweighted_accuracy)
    other = smallest_difference(*clips, metric=lambda t, p: float(np.mean(t == p)))
    assert other == pytest.approx(known)


def test_equal_systems_tell_nothing():
    y_true, a, _, speaker = _of_hits(*HITS)
    assert smallest_difference(y_true, a, a, speaker) == (0, 0, 0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"power": 0.04}, "power must be greater than alpha"),
        ({"power": 80}, "power must lie between"),
        ({"alpha": 0.0}, "alpha must lie between"),
        ({"n_speakers": 1}, "n_speakers must be an int of at least 2, got 1"),
        ({"n_speakers": 2.5}, "n_speakers must be an int"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        smallest_difference(*_of_hits(*HITS), **parameters)


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ((["a", "b"], ["a", "b"], ["a"], [1, 2]), "predictions_b 1"),
        ((["a", "b"], ["a", "b"], ["a", "b"], [1, 1]), "at least two"),
        ((["a", "b"], ["a", None], ["a", "b"], [1, 2]), "predictions_a lacks 1"),
    ],
)
def test_wrong_clips_are_refused(clips, message):
    with pytest.raises(ValueError, match=message):
        smallest_difference(*clips)


def _table(values) -> pd.DataFrame:
    """Return a row for each value of an array of splits by seeds."""
    rows = [
        {"split": f"fold {split}", "seed": seed, "value": value}
        for (split, seed), value in np.ndenumerate(np.asarray(values, dtype=float))
    ]
    return pd.DataFrame(rows)


def test_parts_by_hand():
    # Means of splits 2, 4, 9 and of seeds 4, 6; what is left is 0, 1 and -1 half.
    # MS of splits 26, of seeds 6, residual 1.
    parts = variance_parts(_table([[1, 3], [2.5, 5.5], [8.5, 9.5]]))
    residual = ((0.0**2 + 0.5**2 + 0.5**2) * 2) / 2
    assert parts.residual == pytest.approx(residual)
    assert parts.split == pytest.approx(np.var([2, 4, 9], ddof=1) - residual / 2)
    assert parts.seed == pytest.approx(np.var([4, 6], ddof=1) - residual / 3)


def test_parts_are_those_that_were_put_in():
    generator = np.random.default_rng(0)
    found = []
    for _ in range(600):
        split = generator.normal(0, 3, (6, 1))
        seed = generator.normal(0, 2, (1, 5))
        found.append(
            variance_parts(_table(split + seed + generator.normal(0, 1, (6, 5))))
        )
    # Few are cut off at 0, which adds less than the tolerance.
    assert np.mean(found, axis=0) == pytest.approx([9, 4, 1], rel=0.1)


@given(st.lists(st.integers(0, 100), min_size=12, max_size=12))
def test_parts_are_not_negative_and_shift_with_nothing(values):
    table = _table(np.reshape(values, (4, 3)))
    parts = variance_parts(table)
    assert min(parts) >= 0
    shuffled = table.sample(frac=1, random_state=0)
    moved = variance_parts(shuffled.assign(value=7 - 2 * shuffled["value"]))
    assert moved == pytest.approx([4 * part for part in parts], abs=1e-9)


def test_splits_alone_and_seeds_alone_are_told_apart():
    by_split, by_seed = _table([[1, 1], [2, 2], [4, 4]]), _table([[1, 2, 4]] * 3)
    parts = variance_parts(by_split)
    assert parts == pytest.approx((np.var([1, 2, 4], ddof=1), 0, 0))
    assert variance_parts(by_seed) == pytest.approx((0, parts.split, 0))


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (_table(np.eye(2)).drop(columns="seed"), r"lack the columns \['seed'\]"),
        (_table([[1, 2, 3]]), "1 splits and 3 seeds"),
        (_table(np.eye(3)).iloc[:-1], "'fold 2' with seed 2 has 0 scores.*Run what"),
        (pd.concat([_table(np.eye(2))] * 2), "'fold 0' with seed 0 has 2 scores"),
        (_table([[1, 2], [np.nan, 3]]), r"value must be finite.*\[1, 0\]"),
    ],
)
def test_wrong_tables_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        variance_parts(scores)
