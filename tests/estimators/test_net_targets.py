"""Weights of classes, and degrees without gaps."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.estimators import CNN1DRegressor
from sersk.estimators._net_targets import check_degrees, check_learnable, weigh_classes

# Of the training set of the challenge of 2024: clips, and the published weights.
ODYSSEY = {
    "angry": (3053, 2.1858),
    "sad": (3882, 1.7190),
    "happy": (13440, 0.4965),
    "surprise": (2897, 2.3035),
    "fear": (1139, 5.8589),
    "disgust": (1426, 4.6797),
    "contempt": (2443, 2.7316),
    "neutral": (25106, 0.2658),
}


def test_balanced_weights_are_those_published():
    counts, published = zip(*ODYSSEY.values(), strict=True)
    codes = np.repeat(np.arange(8), counts)
    weights = weigh_classes("balanced", np.array([*ODYSSEY]), codes)
    assert_allclose(weights, published, atol=5e-5)


def test_a_class_that_is_not_trained_on_weighs_one():
    weights = weigh_classes("balanced", np.array(["a", "b", "c"]), np.array([0, 0, 2]))
    assert_allclose(weights, [0.75, 1.0, 1.5])
    assert weights.dtype == np.float32


def test_weights_are_given_by_label():
    classes = np.array(["happy", "sad"])
    for given in ({"sad": 3.0}, {"happy": 1.0, "sad": 3.0, "bored": 9.0}):
        weights = weigh_classes(given, classes, np.array([0, 1]))
        assert_array_equal(weights, [1.0, 3.0])
        assert weights.dtype == np.float32
    assert_array_equal(weigh_classes(None, classes, np.array([0, 1])), [1.0, 1.0])


def test_a_misspelt_label_is_no_weight():
    with pytest.raises(
        ValueError, match=r"names \['hapy'\].*weight of \['happy', 'sad'"
    ):
        weigh_classes({"hapy": 3.0}, np.array(["happy", "sad"]), np.array([0, 1]))


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_degrees_have_no_gaps(gap):
    clips = ["a", "b", "c"]
    with pytest.raises(ValueError, match=r"for 1 of 3 clips \(first: clip 1\)"):
        check_degrees(clips, [[1.0, 2.0], [1.0, gap], [0.0, 0.0]], "Net")
    with pytest.raises(ValueError, match="Net requires y"):
        check_degrees(clips, None, "Net")
    with pytest.raises(ValueError, match="inconsistent"):
        check_degrees(clips, [1.0, 2.0], "Net")
    assert check_degrees(clips, [1, 2, 3], "Net").dtype == np.float64


def test_a_class_without_weight_is_no_class():
    # A batch of its clips alone would have a loss of 0 / 0.
    with pytest.raises(ValueError, match=r"gives \['sad'\] no weight. Drop the clips"):
        weigh_classes({"sad": 0}, np.array(["happy", "sad"]), np.array([0, 1]))


def test_a_weight_that_torch_cannot_hold_is_named():
    with pytest.raises(ValueError, match=r"gives \['sad'\] a weight beyond single"):
        weigh_classes({"happy": 1, "sad": 1e39}, np.array(["happy", "sad"]), [0, 1])


@pytest.mark.parametrize("largest", [1e200, 1e308])
def test_degrees_too_far_apart_to_standardise(largest):
    degrees = np.array([[-largest], [largest]])
    with pytest.raises(ValueError, match=r"up to 1e\+\d+, .* Divide y"):
        CNN1DRegressor()._standardise(degrees, np.array([0, 1]))


@pytest.mark.parametrize(
    ("training", "validation", "batch_size", "message"),
    [
        ([[1.0], [2.0]], None, 1, "batch_size=1 does not go with loss='ccc'"),
        ([[1, 3.0], [2, 3.0]], None, 2, r"y is 3 for all 2 clips .*attribute 1"),
        ([[1.0], [2.0]], [[5.0], [5.0]], 2, "same for all 2 clips to validate on"),
        ([[1.0], [2.0]], [[5.0]], 2, "same for all 1 clips to validate on"),
    ],
)
def test_degrees_that_concordance_cannot_teach(
    training, validation, batch_size, message
):
    given = (np.array(training), None if validation is None else np.array(validation))
    with pytest.raises(ValueError, match=message):
        check_learnable(*given, loss="ccc", batch_size=batch_size)
    if validation is None:
        check_learnable(*given, loss="mse", batch_size=batch_size)


def test_one_attribute_that_varies_tells_epochs_apart():
    check_learnable(
        np.array([[1.0], [2.0]]),
        np.array([[1.0, 2.0], [1.0, 3.0]]),
        loss="ccc",
        batch_size=2,
    )
