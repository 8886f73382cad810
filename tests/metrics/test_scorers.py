"""The scorers, where folds lack classes."""

import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, cross_validate

from sersk import metrics

CLASSIFICATION = [
    "weighted_accuracy",
    "unweighted_accuracy",
    "macro_f1",
    "micro_f1",
    "weighted_f1",
]
REGRESSION = ["concordance_correlation_coefficient", "pearson_correlation"]
NAMES = [*CLASSIFICATION, *REGRESSION]

# Speaker b never sounds happy, and speaker c always does.
SPEAKERS = np.repeat(["a", "b", "c"], [6, 4, 2])
EMOTIONS = np.array(
    ["sad", "angry", "happy"] * 2 + ["sad", "angry"] * 2 + ["happy"] * 2
)
FEATURES = np.array([[len(set(emotion)), len(emotion)] for emotion in EMOTIONS]) * 1.0


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_has_a_scorer_that_can_be_pickled(name):
    scorer = pickle.loads(pickle.dumps(getattr(metrics, f"{name}_scorer")))
    assert scorer._score_func is getattr(metrics, name)
    assert scorer._sign == 1


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_a_fold_that_lacks_classes_is_scored_without_a_warning(name):
    scores = cross_validate(
        DummyClassifier(strategy="constant", constant="sad"),
        FEATURES,
        EMOTIONS,
        groups=SPEAKERS,
        cv=LeaveOneGroupOut(),
        # No fold trains without sad clips, but the last one tests without any.
        scoring=getattr(metrics, f"{name}_scorer"),
        error_score="raise",
    )["test_score"]
    expected = {
        "weighted_accuracy": [2 / 6, 2 / 4, 0],
        "unweighted_accuracy": [1 / 3, 1 / 2, 0],
        "macro_f1": [0.5 / 3, (2 / 3) / 2, 0],
        "micro_f1": [2 / 6, 2 / 4, 0],
        "weighted_f1": [0.5 * 2 / 6, (2 / 3) * 2 / 4, 0],
    }
    np.testing.assert_allclose(scores, expected[name])


def test_scorers_can_be_told_the_classes():
    scorer = make_scorer(
        metrics.unweighted_accuracy, labels=["angry", "fear", "happy", "sad"]
    )
    model = LogisticRegression().fit(FEATURES, EMOTIONS)
    assert metrics.unweighted_accuracy_scorer(model, FEATURES, EMOTIONS) == 1.0
    assert scorer(model, FEATURES, EMOTIONS) == 3 / 4


def test_several_scorers_and_a_search():
    scoring = {
        "WA": metrics.weighted_accuracy_scorer,
        "UA": metrics.unweighted_accuracy_scorer,
    }
    search = GridSearchCV(
        LogisticRegression(max_iter=1000),
        {"C": [1e-6, 10.0]},
        scoring=scoring,
        refit="UA",
        cv=LeaveOneGroupOut(),
        error_score="raise",
    ).fit(FEATURES, EMOTIONS, groups=SPEAKERS)
    assert search.best_params_ == {"C": 10.0}
    assert search.best_score_ == 1.0


@pytest.mark.parametrize("name", REGRESSION)
def test_scorers_of_degrees_prefer_agreement(name):
    degrees = np.linspace(1, 7, len(FEATURES))
    X = np.column_stack([degrees, SPEAKERS == "a"])
    scorer = getattr(metrics, f"{name}_scorer")
    assert scorer(LinearRegression().fit(X, degrees), X, degrees) == pytest.approx(1.0)
    assert scorer(DummyRegressor().fit(X, degrees), X, degrees) == 0.0
