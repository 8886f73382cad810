"""Intervals by speaker: by hand, against scipy, and how often they cover the truth."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.simulation import SETTINGS, draw_corpus, true_accuracy
from sersk.datasets import make_emotional_speech
from sersk.features import AcousticFunctionals
from sersk.metrics import (
    bootstrap_interval,
    concordance_correlation_coefficient,
    unweighted_accuracy,
    weighted_accuracy,
)

MIDDLING, GOOD, UNEQUAL = SETTINGS


def _of_hits(hits: list[int], n_clips: int = 10) -> tuple[np.ndarray, ...]:
    """Return clips of two classes, of which each speaker has so many right."""
    y_true = np.tile(["sad", "happy"], n_clips // 2 * len(hits))
    right = np.concatenate([np.arange(n_clips) < number for number in hits])
    y_pred = np.where(right, y_true, np.where(y_true == "sad", "happy", "sad"))
    return y_true, y_pred, np.repeat(np.arange(len(hits)), n_clips)


def _accuracy(y_true, y_pred):
    return float(np.mean(y_true == y_pred))


HITS = [4, 6, 9, 7, 8, 5]
CLIPS = _of_hits(HITS)


def test_without_bounds_it_is_students_interval_of_the_speakers_means():
    interval = bootstrap_interval(
        *CLIPS, metric=_accuracy, n_resamples=200_000 // 10, random_state=0
    )
    # Mean 0.65 of six speakers, variance 0.035 between them.
    expected = stats.t.interval(0.95, 5, 0.65, np.sqrt(0.035 / 6))
    assert interval.estimate == pytest.approx(0.65)
    assert interval[1:] == pytest.approx(expected, abs=0.003)


def test_with_bounds_it_is_students_interval_of_the_log_odds():
    interval = bootstrap_interval(
        *CLIPS, metric=weighted_accuracy, n_resamples=20_000, random_state=0
    )
    reach = stats.t.ppf(0.975, 5) * np.sqrt(0.035 / 6) / (0.65 * 0.35)
    odds = np.exp(np.log(0.65 / 0.35) + np.array([-reach, reach]))
    assert interval[1:] == pytest.approx(odds / (1 + odds), abs=0.003)


def test_bounds_can_be_given():
    given = bootstrap_interval(
        *CLIPS, metric=_accuracy, bounds=(0, 1), n_resamples=500, random_state=0
    )
    known = bootstrap_interval(
        *CLIPS, metric=weighted_accuracy, n_resamples=500, random_state=0
    )
    assert given == pytest.approx(known)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_quantiles_are_those_of_scipy(method):
    hits = [1, 6, 9, 7, 8, 9, 7, 10, 3, 8]
    ours = bootstrap_interval(
        *_of_hits(hits),
        metric=weighted_accuracy,
        method=method,
        n_resamples=20_000,
        random_state=0,
    )
    theirs = stats.bootstrap(
        (np.array(hits) / 10,),
        np.mean,
        method=method,
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert ours[1:] == pytest.approx((theirs.low, theirs.high), abs=0.011)


def test_speakers_are_drawn_and_not_clips():
    y_true, y_pred, speaker = _of_hits([10, 0] * 4)
    by_speaker = bootstrap_interval(y_true, y_pred, speaker, random_state=0)
    by_clip = bootstrap_interval(y_true, y_pred, np.arange(80), random_state=0)
    assert by_speaker.estimate == by_clip.estimate == 0.5
    assert by_speaker.high - by_speaker.low > 2.5 * (by_clip.high - by_clip.low)


def test_a_higher_confidence_is_wider_and_all_lie_within_the_bounds():
    clips = _of_hits([10, 10, 9, 10])
    for method in ("t", "percentile", "bca"):
        narrow, wide = (
            bootstrap_interval(
                *clips, method=method, confidence=confidence, random_state=0
            )
            for confidence in (0.8, 0.99)
        )
        assert 0 <= wide.low <= narrow.low < narrow.estimate
        assert narrow.estimate <= narrow.high <= wide.high <= 1


@pytest.mark.parametrize("method", ["t", "percentile", "bca"])
def test_where_all_speakers_score_the_same_the_width_is_zero(method):
    for hits, score in (([10] * 4, 1.0), ([0] * 4, 0.0), ([5] * 4, 0.5)):
        interval = bootstrap_interval(*_of_hits(hits), method=method, random_state=0)
        assert interval == pytest.approx((score, score, score), abs=1e-9)


def test_the_order_of_clips_and_the_names_of_speakers_change_nothing():
    y_true, y_pred, speaker = CLIPS
    expected = bootstrap_interval(y_true, y_pred, speaker, random_state=0)
    order = np.random.default_rng(0).permutation(len(speaker))
    names = np.array(["Ada", "Bob", "Cem", "Dov", "Eve", "Fay"])[speaker]
    shuffled = bootstrap_interval(
        list(y_true[order]), pd.Series(y_pred[order]), names[order], random_state=0
    )
    assert shuffled == pytest.approx(expected, rel=1e-12)


def test_classes_that_a_draw_lacks_are_not_counted_unless_told():
    y_true, speaker = ["sad", "sad", "happy", "happy"], [1, 1, 2, 2]
    plain = bootstrap_interval(
        y_true, y_true, speaker, method="percentile", random_state=0
    )
    assert plain == (1, 1, 1)
    told = bootstrap_interval(
        y_true,
        y_true,
        speaker,
        metric=partial(unweighted_accuracy, labels=["happy", "sad"]),
        method="percentile",
        random_state=0,
    )
    # Half of the draws are of one speaker, who has one class of two.
    assert told == (1, 0.5, 1)


def test_degrees_have_intervals_too():
    generator = np.random.default_rng(0)
    truth = generator.uniform(1, 7, 80)
    interval = bootstrap_interval(
        truth,
        truth + generator.normal(0, 1, 80),
        np.repeat(np.arange(8), 10),
        metric=concordance_correlation_coefficient,
        random_state=0,
    )
    assert -1 < interval.low < interval.estimate < interval.high < 1


def test_a_seed_makes_it_repeatable():
    first, second = (bootstrap_interval(*CLIPS, random_state=7) for _ in range(2))
    assert first == second
    for seed in (None, np.random.default_rng(0), np.random.RandomState(0)):
        interval = bootstrap_interval(*CLIPS, random_state=seed)
        assert interval[1:] == pytest.approx(first[1:], abs=0.03)


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ((["a", "b"], ["a"], [1, 2]), "differ in length: y_true 2, y_pred 1, speaker"),
        ((["a", "b"], ["a", "b"], [1]), "speaker 1"),
        (
            (["a", "b"], ["a", "b"], [1, 1]),
            r"All 2 clips.*'1'.*at least two.*all folds",
        ),
        ((["a", None], ["a", "b"], [1, 2]), "y_true lacks 1 values.*position 1.*Drop"),
        ((["a", "b"], [np.nan, "b"], [1, 2]), "y_pred lacks 1"),
        ((["a", "b"], ["a", "b"], [1, np.nan]), "speaker lacks 1"),
        ((["a", "b"], ["a", 0], [1, 2]), "different kinds"),
        (([], [], []), "y_true must hold a value for each clip"),
        (("ab", ["a", "b"], [1, 2]), "y_true must hold a value for each clip"),
        ((["a", "b"], ["a", "b"], [[1], [2]]), r"speaker has shape \(2, 1\)"),
    ],
)
def test_wrong_clips_are_refused(clips, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_interval(*clips)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "normal"}, r"method must be one of \['t', 'percentile', 'bca'\]"),
        ({"confidence": 95}, "confidence must lie between 0 and 1, got 95"),
        ({"n_resamples": 10}, "n_resamples must be an int of at least 100"),
        ({"bounds": (0, 0.5)}, r"bounds are \(0, 0.5\), but the metric is 0.65"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_interval(*CLIPS, **parameters)


def _coverage(setting, n_speakers: int, method: str = "t", n: int = 400) -> float:
    truth, covered = true_accuracy(setting, 10_000), 0
    for seed in range(n):
        generator = np.random.default_rng([n_speakers, seed])
        y_true, predictions, speaker = draw_corpus(setting, n_speakers, generator)
        _, low, high = bootstrap_interval(
            y_true,
            predictions["a"],
            speaker,
            method=method,
            n_resamples=300,
            random_state=seed,
        )
        covered += low <= truth <= high
    return covered / n


# Of 400 intervals that cover in 95 % of all corpora, 366 to 393 do with a probability
# of 99.9 %; the benchmark says by how little coverage differs from that.
@pytest.mark.parametrize("n_speakers", [4, 6, 10, 24])
@pytest.mark.parametrize("setting", [MIDDLING, GOOD], ids=lambda setting: setting.name)
def test_intervals_cover_as_often_as_they_say(setting, n_speakers):
    low, high = stats.binom.ppf([0.0005, 0.9995], 400, 0.95) / 400
    assert low <= _coverage(setting, n_speakers) <= high


def test_unequal_speakers_cost_little_coverage():
    assert _coverage(UNEQUAL, 6) > 0.9


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_quantiles_cover_too_seldom_with_few_speakers(method):
    assert _coverage(MIDDLING, 4, method) < 0.85


def test_intervals_cover_on_synthetic_speech():
    # Ten speakers train. The others are all there are, so that the score over all of
    # them is the truth, and drawing from them with replacement makes corpora.
    X, y, speaker = _speech(n_speakers=40)
    is_train = speaker < 10
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    predicted = model.fit(X[is_train], y[is_train]).predict(X)
    truth = unweighted_accuracy(y[~is_train], predicted[~is_train])
    assert 0.4 < truth < 0.95
    for n_speakers in (4, 10):
        covered = 0
        for seed in range(300):
            drawn = np.random.default_rng(seed).integers(10, 40, n_speakers)
            clips = np.concatenate([np.flatnonzero(speaker == one) for one in drawn])
            _, low, high = bootstrap_interval(
                y[clips],
                predicted[clips],
                np.repeat(np.arange(n_speakers), len(clips) // n_speakers),
                n_resamples=300,
                random_state=seed,
            )
            covered += low <= truth <= high
        low, high = stats.binom.ppf([0.0005, 0.9995], 300, 0.95)
        assert low <= covered <= high


def _speech(n_speakers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    corpus = make_emotional_speech(
        n_speakers, 2, 1, emotion_effect=0.7, duration=0.8, random_state=0
    )
    X = AcousticFunctionals(cache=False).fit_transform(corpus.clips)
    return X, corpus.target, np.asarray(corpus.clips.speaker).astype(int) - 1
