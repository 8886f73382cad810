"""Several labels a clip, and thresholds: by hand and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_allclose
from sklearn.metrics import precision_recall_fscore_support

from sersk.metrics import (
    apply_thresholds,
    multilabel_macro_f1,
    multilabel_scores,
    threshold_sweep,
    tune_thresholds,
    unweighted_accuracy,
)

LABELS = ["happy", "sad", "fear"]
AVERAGES = ["micro avg", "macro avg", "weighted avg", "samples avg"]
SCORES = ["precision", "recall", "f1"]

Y_TRUE = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]])
Y_PRED = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]])


@st.composite
def _tables(draw, second: st.SearchStrategy) -> tuple[np.ndarray, np.ndarray]:
    shape = (draw(st.integers(1, 12)), 3)
    marks = arrays.arrays(np.int64, shape, elements=st.integers(0, 1))
    return draw(marks), draw(arrays.arrays(np.float64, shape, elements=second))


# Few different values, so that ties between scores and thresholds are common.
SCORED = _tables(st.integers(-4, 4).map(float))
ANSWERED = _tables(st.integers(0, 1).map(float))


def _f1(true: np.ndarray, answers: np.ndarray) -> float:
    return 2 * (true * answers).sum() / max(true.sum() + answers.sum(), 1)


def test_values_by_hand():
    scores = multilabel_scores(Y_TRUE, Y_PRED, classes=LABELS)
    # Happy: 2 hits, 3 answers, 3 clips. Sad: 0, 1, 1. Fear: 0, 0, 0.
    expected = {
        "happy": [2 / 3, 2 / 3, 2 / 3],
        "sad": [0, 0, 0],
        "fear": [0, 0, 0],
        "micro avg": [2 / 4, 2 / 4, 2 / 4],
        "macro avg": [2 / 9, 2 / 9, 2 / 9],
        "weighted avg": [3 / 4 * 2 / 3] * 3,
        # Clips: right; happy of happy and sad; answered without a label; wrong.
        "samples avg": [2 / 4, 1.5 / 4, (1 + 2 / 3) / 4],
    }
    assert scores.index.tolist() == list(expected)
    assert_allclose(scores[SCORES], list(expected.values()))
    assert scores["support"].tolist() == [3, 1, 0, 4, 4, 4, 4]
    assert scores.columns.tolist() == [*SCORES, "support", "defined"]


def test_what_is_zero_by_convention_is_marked():
    scores = multilabel_scores(Y_TRUE, Y_PRED, classes=LABELS)
    assert scores["defined"].to_dict() == {
        "happy": True,
        "sad": True,
        "fear": False,
        "micro avg": True,
        "macro avg": False,
        # Fear weighs nothing.
        "weighted avg": True,
        # The third clip has no label.
        "samples avg": False,
    }
    nothing = multilabel_scores(Y_TRUE * 0, Y_PRED, classes=LABELS)
    assert not nothing["defined"].any()
    assert not nothing[SCORES].any(axis=None)


@given(ANSWERED)
def test_values_are_those_of_sklearn(tables):
    scores = multilabel_scores(*tables, classes=LABELS)
    by_label = precision_recall_fscore_support(*tables, zero_division=0)
    assert_allclose(scores.loc[LABELS, [*SCORES, "support"]].T, by_label)
    for name in AVERAGES:
        expected = precision_recall_fscore_support(
            *tables, average=name.removesuffix(" avg"), zero_division=0
        )
        assert_allclose(scores.loc[name, SCORES].astype(float), expected[:3])


@given(SCORED, st.lists(st.floats(-5, 5), min_size=2, max_size=6))
def test_no_recall_rises_with_the_threshold(tables, thresholds):
    sweep = threshold_sweep(*tables, thresholds, classes=LABELS)
    recalls = sweep.pivot(index="threshold", columns="label", values="recall")
    assert recalls.index.is_monotonic_increasing
    assert (recalls.diff().dropna() <= 1e-12).all(axis=None)


def test_a_sweep_is_the_scores_at_each_threshold():
    scores = np.array([[0.9, 0.2, 0.5], [0.4, 0.6, 0.1], [0.3, 0.3, 0.3], [0, 0, 0]])
    sweep = threshold_sweep(Y_TRUE, scores, [0.5, 0.3, 0.5], classes=LABELS)
    assert sweep["threshold"].tolist() == [0.3] * 7 + [0.5] * 7
    for threshold, part in sweep.groupby("threshold"):
        expected = multilabel_scores(
            Y_TRUE, (scores >= threshold).astype(int), classes=LABELS
        )
        found = part.drop(columns="threshold").set_index("label")
        pd.testing.assert_frame_equal(found, expected)


def test_labels_come_from_frames_or_are_numbers():
    frame = pd.DataFrame(Y_TRUE, columns=LABELS)
    named = threshold_sweep(frame, Y_PRED, [0.5])
    assert named["label"].tolist() == [*LABELS, *AVERAGES]
    named = threshold_sweep(Y_TRUE, pd.DataFrame(Y_PRED, columns=LABELS), [0.5])
    assert named["label"].tolist() == [*LABELS, *AVERAGES]
    numbered = pd.DataFrame(Y_TRUE)
    assert tune_thresholds(numbered, frame).index.tolist() == LABELS
    assert tune_thresholds(numbered, numbered).index.tolist() == [0, 1, 2]
    assert threshold_sweep(Y_TRUE, Y_PRED, 0.5)["label"].tolist()[:3] == [0, 1, 2]
    assert tune_thresholds(frame, Y_PRED).index.tolist() == LABELS


def test_thresholds_by_hand():
    # Happy: two clips on top. Sad: the lowest of all has it, so all get it. Fear: none.
    y_true = [[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]]
    scores = [[0.9, 0.8, 0.3], [0.7, 0.6, 0.9], [0.4, 0.7, 0.1], [0.1, 0.2, 0.2]]
    thresholds = tune_thresholds(y_true, scores, classes=LABELS)
    assert thresholds.tolist() == pytest.approx([0.55, 0.2, np.inf])
    assert (thresholds.index.name, thresholds.name) == ("label", "threshold")


def test_of_thresholds_that_score_alike_the_highest_is_taken():
    # One of two for one answer, or two of two for four: F1 is 2/3 either way.
    y_true, scores = [[1], [0], [0], [1]], [[0.9], [0.7], [0.5], [0.3]]
    assert tune_thresholds(y_true, scores).tolist() == pytest.approx([0.8])


def test_clips_of_equal_scores_are_not_parted():
    y_true, scores = [[1], [0], [0]], [[0.5], [0.5], [0.25]]
    assert tune_thresholds(y_true, scores).tolist() == [0.375]
    assert tune_thresholds([[1], [0]], [[0.5], [0.5]]).tolist() == [0.5]
    above = np.nextafter(0.5, 1)
    assert tune_thresholds([[1], [0]], [[above], [0.5]]).tolist() == [above]


def test_metrics_differ_in_what_they_favour():
    # Half the clips with the label lie above all others, half below most of them.
    y_true = np.array([[1]] * 4 + [[0]] * 2 + [[1]] * 4)
    scores = -np.arange(10.0)[:, None]
    assert tune_thresholds(y_true, scores).tolist() == [-9.0]
    balanced = tune_thresholds(y_true, scores, metric="unweighted_accuracy")
    assert balanced.tolist() == [-3.5]
    everything = np.ones_like(y_true)
    tuned = tune_thresholds(everything, scores, metric="unweighted_accuracy")
    assert tuned.tolist() == [-9.0]


@given(SCORED)
def test_no_other_threshold_scores_better(tables):
    y_true, scores = tables
    tried = np.append(np.arange(-4.5, 5.0), np.inf)
    metrics = {"f1": _f1, "unweighted_accuracy": unweighted_accuracy}
    for name, metric in metrics.items():
        tuned = tune_thresholds(y_true, scores, metric=name)
        answers = apply_thresholds(scores, tuned).to_numpy()
        for label in range(3):
            true = y_true[:, label]
            best = max(metric(true, (scores[:, label] >= t).astype(int)) for t in tried)
            if true.any():
                assert metric(true, answers[:, label]) == pytest.approx(best)
            else:
                assert not answers[:, label].any()


def test_thresholds_are_applied_to_each_label():
    scores = [[0.5, 0.5, 0.5], [0.4, 0.6, 9e9]]
    answers = apply_thresholds(scores, [0.5, 0.6, np.inf])
    assert answers.to_numpy().tolist() == [[1, 0, 0], [0, 1, 0]]
    assert answers.columns.tolist() == [0, 1, 2]
    assert apply_thresholds(scores, 0.5).to_numpy().tolist() == [[1, 1, 1], [0, 1, 1]]


def test_names_of_labels_and_clips_are_kept():
    scores = pd.DataFrame([[0.1, 0.9], [0.9, 0.1]], ["a", "b"], ["happy", "sad"])
    for thresholds in (0.5, {"happy": 0.5, "sad": 0.5}, [0.5, 0.5]):
        answers = apply_thresholds(scores, thresholds)
        expected = pd.DataFrame([[0, 1], [1, 0]], scores.index, scores.columns)
        pd.testing.assert_frame_equal(answers, expected)
    named = apply_thresholds(scores.to_numpy(), {"happy": 0.5, "sad": 0.5})
    assert named.columns.tolist() == ["happy", "sad"]
    prefixed = scores.add_prefix("probability_")
    answers = apply_thresholds(prefixed, {"happy": 0.5, "sad": 0.5})
    assert answers.columns.tolist() == ["happy", "sad"]


def test_truth_may_be_of_any_numeric_type():
    expected = multilabel_scores(Y_TRUE, Y_PRED, classes=LABELS)
    mixed = pd.DataFrame(Y_TRUE, columns=LABELS).astype({"sad": bool, "fear": float})
    for y_true in (Y_TRUE.astype(bool), Y_TRUE.tolist(), mixed, pd.DataFrame(Y_TRUE)):
        found = multilabel_scores(y_true, Y_PRED, classes=LABELS)
        pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "classes", "message"),
    [
        (Y_TRUE, Y_PRED[:2], LABELS, "y_true and y_pred have 4 and 2 rows"),
        (
            Y_TRUE,
            Y_PRED[:, :2],
            LABELS,
            r"y_pred has shape \(4, 2\).*each of 3 classes",
        ),
        (Y_TRUE[0], Y_PRED, LABELS, r"y_true has shape \(3,\)"),
        (Y_TRUE[:0], Y_PRED[:0], LABELS, "y_true is empty"),
        (Y_TRUE, Y_PRED * 0.6, LABELS, "y_pred must hold 0 and 1, but there is 0.6"),
        (Y_TRUE * 3, Y_PRED, LABELS, "y_true must hold 0 and 1, but there is 3"),
        (Y_TRUE, Y_PRED + [[np.nan, 0, 0]] * 4, LABELS, "y_pred .*not finite for 4"),
        (Y_TRUE.astype(str), Y_PRED, LABELS, "y_true must hold numbers"),
        (
            pd.DataFrame(Y_TRUE.astype(str), columns=LABELS),
            Y_PRED,
            LABELS,
            "y_true must hold numbers",
        ),
        (
            pd.DataFrame(Y_TRUE, columns=["sad", "happy", "fear"]),
            Y_PRED,
            LABELS,
            "columns of y_true are 'sad', 'happy', 'fear', but the classes",
        ),
        (Y_TRUE, Y_PRED, ["a", "b", "a"], "classes hold a class twice"),
        (
            Y_TRUE,
            Y_PRED,
            ["a", "b", "macro avg"],
            "'macro avg', which names an average",
        ),
    ],
)
def test_wrong_tables_are_refused(y_true, y_pred, classes, message):
    with pytest.raises(ValueError, match=message):
        multilabel_scores(y_true, y_pred, classes=classes)


def test_wrong_thresholds_are_refused():
    scores = pd.DataFrame([[0.1, 0.9]], columns=["happy", "sad"])
    with pytest.raises(ValueError, match="columns of scores are 'happy', 'sad'"):
        apply_thresholds(scores, {"sad": 0.5, "happy": 0.5})
    with pytest.raises(ValueError, match="3 thresholds for 2 labels: 'happy', 'sad'"):
        apply_thresholds(scores, [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="1 thresholds for 2 labels"):
        apply_thresholds(scores, [0.1])
    with pytest.raises(ValueError, match="thresholds hold NaN"):
        apply_thresholds(scores, np.nan)
    with pytest.raises(ValueError, match="thresholds must be numbers"):
        threshold_sweep(Y_TRUE, Y_PRED, [])
    with pytest.raises(ValueError, match="thresholds must be numbers"):
        threshold_sweep(Y_TRUE, Y_PRED, ["0.5"])
    with pytest.raises(ValueError, match=r"metric must be one of 'f1', .*got 'F2'"):
        tune_thresholds(Y_TRUE, Y_PRED, metric="F2")
    with pytest.raises(ValueError, match="scores holds values that are not finite"):
        tune_thresholds(Y_TRUE, np.full((4, 3), np.inf))
    with pytest.raises(ValueError, match=r"scores has shape \(2,\)"):
        apply_thresholds([0.1, 0.2], 0.5)


def test_macro_f1_is_that_of_the_table():
    generator = np.random.default_rng(0)
    truth, predicted = generator.integers(0, 2, (2, 20, 4))
    table = multilabel_scores(truth, predicted, classes=list("abcd"))
    expected = table.loc["macro avg", "f1"]
    assert multilabel_macro_f1(truth, predicted) == pytest.approx(expected)
    assert multilabel_macro_f1([[0], [0]], [[0], [0]]) == 0.0
    with pytest.raises(ValueError, match="must hold 0 and 1"):
        multilabel_macro_f1([[0], [2]], [[0], [0]])
    with pytest.raises(ValueError, match="have 1 and 2 rows"):
        multilabel_macro_f1([[0]], [[0], [0]])
