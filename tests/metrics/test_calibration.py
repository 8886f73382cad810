"""Calibration: by hand, and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from sersk.metrics import (
    brier_score,
    expected_calibration_error,
    reliability_curve,
)

CLASSES = ["angry", "happy", "sad"]
METRICS = [brier_score, expected_calibration_error, reliability_curve]

# Confidences .5 (right), .6 (wrong), .9 (right), .9 (wrong), .95 (right).
Y_TRUE = ["angry", "happy", "sad", "sad", "happy"]
PROBABILITIES = np.array(
    [
        [0.50, 0.30, 0.20],
        [0.60, 0.40, 0.00],
        [0.05, 0.05, 0.90],
        [0.90, 0.10, 0.00],
        [0.00, 0.95, 0.05],
    ]
)


def _random(n_clips: int = 500) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([0.5, 0.8, 1.0], n_clips)
    return np.array(CLASSES)[generator.integers(0, 3, n_clips)], probabilities


def test_curve_by_hand():
    curve = reliability_curve(Y_TRUE, PROBABILITIES, classes=CLASSES, n_bins=5)
    nan = np.nan
    expected = pd.DataFrame(
        {
            "lower": [0.0, 0.2, 0.4, 0.6, 0.8],
            "upper": [0.2, 0.4, 0.6, 0.8, 1.0],
            "confidence": [nan, nan, 0.55, nan, 2.75 / 3],
            "accuracy": [nan, nan, 1 / 2, nan, 2 / 3],
            "count": [0, 0, 2, 0, 3],
        }
    )
    pd.testing.assert_frame_equal(curve, expected)


def test_error_by_hand():
    value = expected_calibration_error(Y_TRUE, PROBABILITIES, classes=CLASSES, n_bins=5)
    assert value == pytest.approx(2 / 5 * (0.55 - 1 / 2) + 3 / 5 * (2.75 - 2) / 3)
    # In one bin, over- and underconfidence cancel.
    one = expected_calibration_error(Y_TRUE, PROBABILITIES, classes=CLASSES, n_bins=1)
    assert one == pytest.approx(3.85 / 5 - 3 / 5)


def test_brier_score_by_hand():
    expected = [
        0.25 + 0.09 + 0.04,
        0.36 + 0.36,
        0.0025 + 0.0025 + 0.01,
        0.81 + 0.01 + 1.0,
        0.0025 + 0.0025,
    ]
    value = brier_score(Y_TRUE, PROBABILITIES, classes=CLASSES)
    assert value == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("n_bins", [2, 3, 5, 10, 15, 20])
def test_a_confidence_on_an_edge_belongs_to_the_bin_below(n_bins):
    for edge in range(-(-n_bins // 2), n_bins + 1):
        confidence = edge / n_bins
        curve = reliability_curve(
            [0], [[confidence, 1 - confidence]], classes=[0, 1], n_bins=n_bins
        )
        assert curve["count"].to_numpy().nonzero()[0].tolist() == [edge - 1]


def test_certainty_that_is_right_or_wrong():
    certain = np.eye(3)
    assert expected_calibration_error(CLASSES, certain, classes=CLASSES) == 0.0
    assert brier_score(CLASSES, certain, classes=CLASSES) == 0.0
    wrong = np.roll(certain, 1, axis=1)
    assert expected_calibration_error(CLASSES, wrong, classes=CLASSES) == 1.0
    assert brier_score(CLASSES, wrong, classes=CLASSES) == 2.0


def test_equal_probabilities_answer_the_first_class():
    even = np.full((3, 3), 1 / 3)
    curve = reliability_curve(CLASSES, even, classes=CLASSES, n_bins=1)
    assert curve["accuracy"].tolist() == pytest.approx([1 / 3])
    assert brier_score(CLASSES, even, classes=CLASSES) == pytest.approx(1 - 1 / 3)


def test_probabilities_that_are_frequencies_are_calibrated():
    # Of ten clips with confidence .7, seven are right.
    y_true = ["angry"] * 7 + ["happy"] * 2 + ["sad"]
    frequencies = [[0.7, 0.2, 0.1]] * 10
    error = expected_calibration_error(y_true, frequencies, classes=CLASSES)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_the_curve_is_that_of_sklearn():
    y_true, probabilities = _random()
    curve = reliability_curve(y_true, probabilities, classes=CLASSES, n_bins=10)
    right = np.array(CLASSES)[probabilities.argmax(axis=1)] == y_true
    accuracy, confidence = calibration_curve(
        right, probabilities.max(axis=1), n_bins=10, strategy="uniform"
    )
    filled = curve[curve["count"] > 0]
    assert_allclose(filled["accuracy"], accuracy)
    assert_allclose(filled["confidence"], confidence)
    assert curve["count"].sum() == len(y_true)


def test_the_brier_score_is_that_of_sklearn():
    y_true, probabilities = _random()
    value = brier_score(y_true, probabilities, classes=CLASSES)
    assert value == pytest.approx(brier_score_loss(y_true, probabilities))
    # Of two classes scikit-learn takes half, unless told not to.
    two = probabilities[:, :2] / probabilities[:, :2].sum(axis=1, keepdims=True)
    angry = y_true == "angry"
    assert brier_score(angry, two, classes=[True, False]) == pytest.approx(
        brier_score_loss(angry, two[:, 0], scale_by_half=False)
    )


@pytest.mark.parametrize("metric", METRICS)
def test_columns_may_be_named_as_in_predictions(metric):
    expected = metric(Y_TRUE, PROBABILITIES, classes=CLASSES)
    frame = pd.DataFrame(PROBABILITIES, columns=CLASSES)
    for table in (frame, frame.add_prefix("probability_"), PROBABILITIES.tolist()):
        found = metric(Y_TRUE, table, classes=CLASSES)
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(found, expected)
        else:
            assert found == expected
            assert type(found) is float


@pytest.mark.parametrize("metric", METRICS)
def test_single_precision_sums_to_one_closely_enough(metric):
    y_true, probabilities = _random()
    metric(y_true, probabilities.astype(np.float32), classes=CLASSES)
    metric(y_true, probabilities.round(4), classes=CLASSES)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("y_true", "probabilities", "classes", "message"),
    [
        (["sad"], PROBABILITIES, CLASSES, "y_true and probabilities have 1 and 5 rows"),
        (["joy"] * 5, PROBABILITIES, CLASSES, "y_true holds 'joy', not among classes"),
        ([None] * 5, PROBABILITIES, CLASSES, "y_true lacks 5 labels"),
        (Y_TRUE, PROBABILITIES[:, :2], CLASSES, r"probabilities has shape \(5, 2\)"),
        (Y_TRUE, PROBABILITIES * 2, CLASSES, "do not sum to 1.*CalibratedClassifierCV"),
        (Y_TRUE, PROBABILITIES + [[0.2, -0.2, 0]] * 5, CLASSES, "are negative"),
        (Y_TRUE, PROBABILITIES * np.nan, CLASSES, "not finite for 5 clips"),
        (Y_TRUE, PROBABILITIES, [], "classes must be a sequence"),
        (
            Y_TRUE,
            pd.DataFrame(PROBABILITIES, columns=["sad", "happy", "angry"]),
            CLASSES,
            "columns of probabilities are 'sad', .* in this order",
        ),
    ],
)
def test_wrong_input_is_refused(metric, y_true, probabilities, classes, message):
    with pytest.raises(ValueError, match=message):
        metric(y_true, probabilities, classes=classes)


@pytest.mark.parametrize("n_bins", [0, -1, 2.5, "15", True, None])
def test_a_wrong_number_of_bins_is_refused(n_bins):
    with pytest.raises(ValueError, match="n_bins must be a whole number from 1"):
        reliability_curve(Y_TRUE, PROBABILITIES, classes=CLASSES, n_bins=n_bins)
