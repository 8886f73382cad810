"""Scores of each class, by hand and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import precision_recall_fscore_support

from sersk.metrics import class_scores, macro_f1, unweighted_accuracy, weighted_f1

EMOTIONS = ["angry", "fear", "happy", "sad"]
LABELS = st.lists(
    st.tuples(st.sampled_from(EMOTIONS), st.sampled_from(EMOTIONS)), min_size=1
)

# Angry: 2 of 3, answered 3 times. Happy: 1 of 2, answered twice. Sad: 0 of 1, once.
Y_TRUE = ["angry", "angry", "angry", "happy", "happy", "sad"]
Y_PRED = ["angry", "angry", "sad", "happy", "angry", "happy"]


def test_values_by_hand():
    expected = pd.DataFrame(
        {
            "precision": [2 / 3, 1 / 2, 0.0],
            "recall": [2 / 3, 1 / 2, 0.0],
            "f1": [2 / 3, 1 / 2, 0.0],
            "support": [3, 2, 1],
            "defined": [True, True, True],
        },
        index=pd.Index(["angry", "happy", "sad"], name="class"),
    )
    pd.testing.assert_frame_equal(class_scores(Y_TRUE, Y_PRED), expected)


def test_precision_and_recall_are_not_swapped():
    scores = class_scores(["sad", "sad", "happy"], ["sad", "happy", "happy"])
    assert scores.loc["sad", ["precision", "recall"]].tolist() == [1.0, 0.5]
    assert scores.loc["happy", ["precision", "recall"]].tolist() == [0.5, 1.0]


def test_classes_without_clips_stay_and_undefined_ones_can_be_counted():
    y_true, y_pred = ["sad", "sad", "happy"], ["sad", "sad", "fear"]
    scores = class_scores(y_true, y_pred, labels=["sad", "happy", "fear", "angry"])
    assert scores.index.tolist() == ["sad", "happy", "fear", "angry"]
    assert scores["support"].tolist() == [2, 1, 0, 0]
    # Happy is never answered, fear has no clip, angry neither.
    assert scores["defined"].tolist() == [True, False, False, False]
    assert scores["f1"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert not scores.isna().any(axis=None)


def test_supports_of_crema_d_name_the_classes():
    """Neutral has 120 clips of 10 actors: a report printed fear in its place."""
    supports = {"ANG": 140, "DIS": 140, "FEA": 140, "HAP": 140, "NEU": 120, "SAD": 140}
    y_true = np.repeat(list(supports), list(supports.values()))
    permuted = ["HAP", "DIS", "NEU", "SAD", "FEA", "ANG"]
    for labels in (None, permuted):
        scores = class_scores(y_true, y_true, labels=labels)
        assert scores["support"].to_dict() == supports


def test_a_label_outside_of_the_classes_is_refused():
    with pytest.raises(ValueError, match="y_true holds 'sad', not among labels"):
        class_scores(Y_TRUE, Y_PRED, labels=["angry", "happy", "Sad"])


@given(LABELS)
def test_values_are_those_of_sklearn(pairs):
    y_true, y_pred = zip(*pairs, strict=True)
    expected = precision_recall_fscore_support(
        y_true, y_pred, labels=EMOTIONS, zero_division=0
    )
    scores = class_scores(y_true, y_pred, labels=EMOTIONS)
    assert_allclose(scores[["precision", "recall", "f1", "support"]].T, expected)


@given(LABELS)
def test_means_are_the_metrics_of_all_classes(pairs):
    y_true, y_pred = zip(*pairs, strict=True)
    scores = class_scores(y_true, y_pred, labels=EMOTIONS)
    assert scores["recall"].mean() == pytest.approx(
        unweighted_accuracy(y_true, y_pred, labels=EMOTIONS)
    )
    assert scores["f1"].mean() == pytest.approx(
        macro_f1(y_true, y_pred, labels=EMOTIONS)
    )
    assert (scores["f1"] * scores["support"]).sum() / len(y_true) == pytest.approx(
        weighted_f1(y_true, y_pred)
    )
