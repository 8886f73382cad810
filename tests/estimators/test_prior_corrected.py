"""Probabilities for other shares of the classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from sersk.datasets import make_emotional_speech
from sersk.estimators import PriorCorrectedClassifier
from sersk.estimators._prior_corrected import move_priors
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals

Y = np.array(["neutral"] * 6 + ["sad"] * 2)
X = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 4.0, 6.0])[:, None]


def test_shares_are_moved_as_by_hand():
    moved = move_priors(
        np.array([[0.9, 0.1], [0.75, 0.25], [1.0, 0.0]]),
        np.array([0.75, 0.25]),
        np.array([0.5, 0.5]),
    )
    # 0.9 * 2/3 = 0.6 and 0.1 * 2 = 0.2.
    assert_allclose(moved, [[0.75, 0.25], [0.5, 0.5], [1, 0]])


def test_two_classes_are_moved_as_in_theorem_2_of_elkan():
    p = np.linspace(0.01, 0.99, 9)
    old, new = 0.2, 0.6
    expected = new * (p - p * old) / (old - p * old + new * p - old * new)
    moved = move_priors(
        np.column_stack([1 - p, p]), np.array([1 - old, old]), np.array([1 - new, new])
    )
    assert_allclose(moved[:, 1], expected)


def test_it_is_the_classifier_that_had_learned_from_such_shares():
    # Bayes' rule: the priors are all that is changed.
    corrected = PriorCorrectedClassifier(GaussianNB()).fit(X, Y)
    uniform = GaussianNB(priors=[0.5, 0.5]).fit(X, Y)
    assert_allclose(corrected.predict_proba(X), uniform.predict_proba(X))
    assert_array_equal(corrected.predict(X), uniform.predict(X))
    assert (corrected.predict(X) != GaussianNB().fit(X, Y).predict(X)).any()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("uniform", [0.5, 0.5]),
        ({"sad": 0.25, "neutral": 0.75}, [0.75, 0.25]),
        ({"sad": 3, "neutral": 1}, [0.25, 0.75]),
        ({"sad": 1, "neutral": 1, "angry": 8}, [0.5, 0.5]),
    ],
)
def test_a_constant_answer_becomes_the_target(target, expected):
    model = PriorCorrectedClassifier(
        DummyClassifier(strategy="prior"), target_priors=target
    ).fit(X, Y)
    assert_allclose(model.priors_, [0.75, 0.25])
    assert_allclose(model.target_priors_, expected)
    assert_allclose(model.predict_proba(X[:1]), [expected])


def test_the_shares_of_training_change_nothing():
    same = {"neutral": 6, "sad": 2}
    plain = LogisticRegression().fit(X, Y)
    model = PriorCorrectedClassifier(LogisticRegression(), target_priors=same)
    assert_allclose(model.fit(X, Y).predict_proba(X), plain.predict_proba(X))


def test_rare_emotions_are_found_more_often_on_unheard_speakers():
    corpus = make_emotional_speech(random_state=0)
    kept = (corpus.target == "neutral") | (np.arange(len(corpus)) % 4 == 0)
    clips, target = corpus.clips[np.flatnonzero(kept)], corpus.target[kept]
    plain = make_pipeline(AcousticFunctionals(("rms",)), GaussianNB())
    systems = {"plain": plain, "corrected": PriorCorrectedClassifier(plain)}
    predictions = evaluate(systems, clips, target).predictions
    rare = (
        predictions.assign(rare=predictions["prediction"] != "neutral")
        .groupby("pipeline")["rare"]
        .sum()
    )
    assert rare["corrected"] > rare["plain"]


@pytest.mark.parametrize(
    ("parameters", "y", "message"),
    [
        ({}, ["sad"] * 8, "y holds one class only, .*'sad'"),
        ({}, [*Y[:-1], None], "y lacks 1 labels"),
        ({}, Y[:-1], "inconsistent numbers of samples"),
        (
            {"target_priors": {"sad": 1}},
            Y,
            "target_priors lacks 'neutral'; the classes",
        ),
        ({"target_priors": {"sad": 1, "neutral": 0}}, Y, "has 0 for 'neutral'. Give a"),
        ({"target_priors": {"sad": -1, "neutral": 1}}, Y, "has -1 for 'sad'"),
        ({"target_priors": {"sad": np.nan, "neutral": 1}}, Y, "has nan for 'sad'"),
        ({"target_priors": {"sad": "1", "neutral": 1}}, Y, "has '1' for 'sad'"),
        ({"target_priors": "even"}, Y, "'target_priors' parameter"),
        ({"estimator": LinearSVC()}, Y, "'estimator' parameter"),
    ],
)
def test_what_cannot_be_moved_is_refused(parameters, y, message):
    with pytest.raises(ValueError, match=message):
        PriorCorrectedClassifier(**{"estimator": GaussianNB(), **parameters}).fit(X, y)
