"""The metrics of classification, against numbers worked out by hand and scikit-learn.

The published figures are those of reports 002 and 004 on IEMOCAP and of the Odyssey
2024 challenge.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    recall_score,
)
from sklearn.utils.class_weight import compute_class_weight

from sersk.metrics import (
    confusion_counts,
    macro_f1,
    micro_f1,
    unweighted_accuracy,
    weighted_accuracy,
    weighted_f1,
)

METRICS = [weighted_accuracy, unweighted_accuracy, macro_f1, micro_f1, weighted_f1]
EMOTIONS = ["angry", "fear", "happy", "sad"]

# Six clips: angry 3 (2 right), happy 2 (1 right), sad 1 (0 right).
Y_TRUE = ["angry", "angry", "angry", "happy", "happy", "sad"]
Y_PRED = ["angry", "angry", "sad", "happy", "angry", "happy"]


def _labelled(counts: np.ndarray, classes: list) -> tuple[np.ndarray, np.ndarray]:
    """Return labels whose confusion matrix the counts are."""
    rows, columns = np.indices(counts.shape)
    names = np.array(classes)
    repeats = counts.ravel()
    return (
        np.repeat(names[rows.ravel()], repeats),
        np.repeat(names[columns.ravel()], repeats),
    )


@st.composite
def _predictions(draw) -> tuple[list, list]:
    n_clips = draw(st.integers(1, 30))
    label = st.sampled_from(EMOTIONS)
    return (
        draw(st.lists(label, min_size=n_clips, max_size=n_clips)),
        draw(st.lists(label, min_size=n_clips, max_size=n_clips)),
    )


def test_weighted_accuracy_by_hand():
    assert weighted_accuracy(Y_TRUE, Y_PRED) == pytest.approx(3 / 6)


def test_unweighted_accuracy_by_hand():
    # Recalls: angry 2/3, happy 1/2, sad 0.
    assert unweighted_accuracy(Y_TRUE, Y_PRED) == pytest.approx((2 / 3 + 1 / 2) / 3)


def test_unweighted_accuracy_over_given_classes_by_hand():
    # Fear has no clip and counts as a recall of 0.
    value = unweighted_accuracy(Y_TRUE, Y_PRED, labels=EMOTIONS)
    assert value == pytest.approx((2 / 3 + 1 / 2) / 4)


def test_macro_f1_by_hand():
    # angry: P 2/3, R 2/3 -> 2/3; happy: P 1/2, R 1/2 -> 1/2; sad: P 0, R 0 -> 0.
    assert macro_f1(Y_TRUE, Y_PRED) == pytest.approx((2 / 3 + 1 / 2) / 3)
    value = macro_f1(Y_TRUE, Y_PRED, labels=EMOTIONS)
    assert value == pytest.approx((2 / 3 + 1 / 2) / 4)


def test_macro_f1_where_precision_and_recall_differ():
    # angry: P 1/2, R 1 -> 2/3; sad: P 1, R 1/3 -> 1/2.
    y_true, y_pred = ["angry", "angry", *["sad"] * 3], ["angry"] * 4 + ["sad"]
    assert macro_f1(y_true, y_pred) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_weighted_f1_by_hand():
    # F1: angry 2/3 of 3 clips, happy 1/2 of 2, sad 0 of 1.
    expected = (3 * (2 / 3) + 2 * (1 / 2)) / 6
    assert weighted_f1(Y_TRUE, Y_PRED) == pytest.approx(expected)
    assert weighted_f1(Y_TRUE, Y_PRED, labels=EMOTIONS) == pytest.approx(expected)


def test_a_class_that_is_only_predicted_does_not_change_the_divisor():
    y_true, y_pred = ["sad", "sad", "happy"], ["sad", "fear", "happy"]
    assert unweighted_accuracy(y_true, y_pred) == pytest.approx((1 / 2 + 1) / 2)
    assert macro_f1(y_true, y_pred) == pytest.approx((2 / 3 + 1) / 2)


def test_report_004_matrix():
    """The normalised confusion matrix of report 004 gives its UA and its WA."""
    rows = np.array(
        [
            [0.7989, 0.0143, 0.0605, 0.1264],
            [0.0153, 0.7293, 0.1531, 0.1024],
            [0.0613, 0.0416, 0.7876, 0.1096],
            [0.0331, 0.2062, 0.2160, 0.5446],
        ]
    )
    assert_allclose(rows.sum(axis=1), 1.0, atol=2e-4)
    iemocap = np.array([1103, 1084, 1636, 1708])
    counts = np.rint(rows * iemocap[:, None] * 100).astype(int)
    y_true, y_pred = _labelled(counts, ["angry", "sad", "happy", "neutral"])
    assert unweighted_accuracy(y_true, y_pred) == pytest.approx(0.7151, abs=1e-4)
    assert weighted_accuracy(y_true, y_pred) == pytest.approx(0.7034, abs=1e-4)


@pytest.mark.parametrize(
    ("hits", "printed"),
    [
        (369, 62.54),
        (379, 64.24),
        (382, 64.75),
        (378, 64.07),
        (374, 63.39),
        (372, 63.05),
        (363, 61.53),
    ],
)
def test_report_002_figures_are_weighted_accuracies_of_590_clips(hits, printed):
    y_true = ["neutral"] * 590
    y_pred = ["neutral"] * hits + ["sad"] * (590 - hits)
    assert round(100 * weighted_accuracy(y_true, y_pred), 2) == printed


def test_the_majority_class_scores_high_only_where_classes_are_weighted():
    counts = np.zeros((8, 8), dtype=int)
    counts[:, 0] = [5667, 4000, 3000, 1000, 800, 500, 300, 74]
    y_true, y_pred = _labelled(counts, [f"class {index}" for index in range(8)])
    assert weighted_accuracy(y_true, y_pred) == 5667 / 15341
    assert unweighted_accuracy(y_true, y_pred) == 1 / 8


def test_balanced_weights_of_the_odyssey_challenge():
    """What is left to scikit-learn: w_k = N / (K n_k) of the clips for training."""
    clips = {"angry": 3053, "sad": 3882, "happy": 13440, "surprise": 2897}
    clips |= {"fear": 1139, "disgust": 1426, "contempt": 2443, "neutral": 25106}
    printed = [2.1858, 1.7190, 0.4965, 2.3035, 5.8589, 4.6797, 2.7316, 0.2658]
    names = np.array(list(clips))
    weights = compute_class_weight(
        "balanced", classes=names, y=np.repeat(names, list(clips.values()))
    )
    assert weights.round(4).tolist() == printed


@given(_predictions())
def test_micro_f1_is_weighted_accuracy(predictions):
    assert micro_f1(*predictions) == weighted_accuracy(*predictions)


@given(_predictions())
def test_values_are_those_of_sklearn(predictions):
    y_true, y_pred = predictions
    present = sorted(set(y_true))
    options = {"average": "macro", "zero_division": 0}
    recall = recall_score(y_true, y_pred, labels=present, **options)
    f1 = f1_score(y_true, y_pred, labels=present, **options)
    assert weighted_accuracy(y_true, y_pred) == pytest.approx(
        accuracy_score(y_true, y_pred)
    )
    assert unweighted_accuracy(y_true, y_pred) == pytest.approx(recall)
    assert macro_f1(y_true, y_pred) == pytest.approx(f1)
    assert micro_f1(y_true, y_pred) == pytest.approx(
        f1_score(y_true, y_pred, average="micro")
    )
    assert weighted_f1(y_true, y_pred) == pytest.approx(
        f1_score(y_true, y_pred, average="weighted", zero_division=0)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        balanced = balanced_accuracy_score(y_true, y_pred)
    assert unweighted_accuracy(y_true, y_pred) == pytest.approx(balanced)


@given(_predictions())
def test_values_over_given_classes_are_those_of_sklearn(predictions):
    options = {"labels": EMOTIONS, "average": "macro", "zero_division": 0}
    assert unweighted_accuracy(*predictions, labels=EMOTIONS) == pytest.approx(
        recall_score(*predictions, **options)
    )
    assert macro_f1(*predictions, labels=EMOTIONS) == pytest.approx(
        f1_score(*predictions, **options)
    )


@given(_predictions())
def test_counts_are_those_of_sklearn(predictions):
    counts = confusion_counts(*predictions, labels=EMOTIONS)
    expected = confusion_matrix(*predictions, labels=EMOTIONS)
    np.testing.assert_array_equal(counts.to_numpy(), expected)


@given(_predictions(), st.permutations(EMOTIONS))
def test_other_names_of_the_classes_change_nothing(predictions, numbered):
    renamed = [[numbered.index(label) for label in side] for side in predictions]
    for metric in METRICS:
        assert metric(*renamed) == pytest.approx(metric(*predictions))


def test_counts_are_labelled_in_the_order_given():
    counts = confusion_counts(Y_TRUE, Y_PRED, labels=["sad", "happy", "fear", "angry"])
    assert list(counts.index) == ["sad", "happy", "fear", "angry"]
    assert list(counts.columns) == list(counts.index)
    assert (counts.index.name, counts.columns.name) == ("true", "predicted")
    assert counts.loc["angry", "sad"] == 1
    assert counts.loc["sad", "angry"] == 0
    assert counts.loc["angry"].sum() == 3
    assert counts.loc["fear"].sum() == 0


def test_counts_are_sorted_where_no_classes_are_given():
    assert list(confusion_counts(["b", "c"], ["b", "a"]).index) == ["a", "b", "c"]


def test_counts_of_folds_add_up():
    folds = [slice(0, 2), slice(2, 6)]
    parts = [confusion_counts(Y_TRUE[f], Y_PRED[f], labels=EMOTIONS) for f in folds]
    whole = confusion_counts(Y_TRUE, Y_PRED, labels=EMOTIONS)
    pd.testing.assert_frame_equal(sum(parts[1:], start=parts[0]), whole)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "container",
    [
        np.array,
        lambda labels: np.array(labels, dtype=object),
        pd.Series,
        lambda labels: pd.Series(labels, dtype="category"),
        lambda labels: pd.Series(labels, index=range(10, 10 + len(labels))),
        tuple,
    ],
)
def test_labels_may_come_in_any_container(metric, container):
    assert metric(container(Y_TRUE), Y_PRED) == metric(Y_TRUE, Y_PRED)
    assert metric(Y_TRUE, container(Y_PRED)) == metric(Y_TRUE, Y_PRED)


@pytest.mark.parametrize("metric", METRICS)
def test_a_value_is_a_plain_float(metric):
    assert type(metric(Y_TRUE, Y_PRED)) is float


@pytest.mark.parametrize("metric", METRICS)
def test_whole_floats_and_booleans_are_labels(metric):
    assert metric([0, 1, 1], np.array([0.0, 1.0, 0.0])) == metric([0, 1, 1], [0, 1, 0])
    assert metric([True, False], np.array([True, True])) == metric([1, 0], [1, 1])


@pytest.mark.parametrize("metric", [*METRICS, confusion_counts])
@pytest.mark.parametrize(
    ("y_true", "y_pred", "labels", "message"),
    [
        (["a", "b"], ["a"], None, "y_true has 2 labels and y_pred 1"),
        ([], [], None, "y_true is empty"),
        (["a", None], ["a", "a"], None, r"y_true lacks 1 labels \(first at position 1"),
        (["a", "a"], ["a", float("nan")], None, "y_pred lacks 1 labels"),
        ([1.0, np.nan], [1.0, 1.0], None, "y_true lacks 1 labels"),
        ([[0, 1], [1, 0]], [0, 1], None, r"y_true has shape \(2, 2\)"),
        ([0, 1], [[0.2], [0.8]], None, r"y_pred has shape \(2, 1\)"),
        ([0, 1], [0.2, 0.8], None, "Labels are expected, but there is the number 0."),
        (["a", "b"], [0, 1], None, "such as 'a' and y_pred such as 0"),
        (["a", "x"], ["a", "a"], ["a", "b"], "y_true holds 'x', not among labels: 'a'"),
        (["a", "a"], ["a", "y"], ["a", "b"], "y_pred holds 'y', not among labels"),
        (["a", "b"], ["a", "b"], ["a", "b", "a"], "labels hold a class twice"),
        (["a", "b"], ["a", "b"], [], "labels must be a sequence"),
        (["a", "b"], ["a", "b"], "ab", "labels must be a sequence"),
    ],
)
def test_wrong_labels_are_refused(metric, y_true, y_pred, labels, message):
    with pytest.raises(ValueError, match=message):
        metric(y_true, y_pred, labels=labels)


def test_many_unknown_labels_are_not_all_listed():
    with pytest.raises(ValueError, match=r"0, 1, 2, .*, 9 and 20 more, not among"):
        weighted_accuracy(range(30), range(30), labels=["a"])
