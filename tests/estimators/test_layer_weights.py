import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import check_grad
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from sersk.estimators import LayerWeightedSumClassifier
from sersk.estimators._layer_weights import _Problem


@pytest.fixture(scope="module")
def layers():
    """Four layers of three features, of which the third knows the class."""
    generator = np.random.default_rng(0)
    y = np.repeat(["anger", "calm", "sad"], 40)
    X = generator.normal(size=(120, 4, 3))
    for number, label in enumerate(["anger", "calm", "sad"]):
        X[y == label, 2, number] += 4
    return X.reshape(120, 12), y


def test_the_layer_that_knows_gets_the_weight(layers):
    X, y = layers
    model = LayerWeightedSumClassifier(n_layers=4).fit(X[::2], y[::2])
    assert model.layer_weights_.argmax() == 2
    assert model.layer_weights_[2] > 0.8
    assert model.layer_weights_.sum() == pytest.approx(1)
    assert model.score(X[1::2], y[1::2]) > 0.9


def test_one_layer_is_logistic_regression(layers):
    X, y = layers
    model = LayerWeightedSumClassifier(n_layers=1, C=0.3, tol=1e-9).fit(X, y)
    expected = LogisticRegression(C=0.3, tol=1e-9, max_iter=1_000).fit(X, y)
    assert_allclose(model.coef_, expected.coef_, atol=1e-4)
    assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-5)


def test_balanced_classes_are_as_in_logistic_regression(layers):
    X, y = layers[0][:90], layers[1][:90]
    parameters = {"class_weight": "balanced", "tol": 1e-9}
    model = LayerWeightedSumClassifier(n_layers=1, **parameters).fit(X, y)
    expected = LogisticRegression(max_iter=1_000, **parameters).fit(X, y)
    assert_allclose(model.coef_, expected.coef_, atol=1e-3)


def test_the_gradient_is_that_of_the_loss():
    generator = np.random.default_rng(0)
    targets = np.eye(3)[generator.integers(0, 3, 20)]
    weights = generator.uniform(size=20)
    problem = _Problem(generator.normal(size=(20, 3, 4)), targets, weights, 2.0)
    point = generator.normal(size=3 + 3 * 5)
    error = check_grad(
        lambda x: problem.loss(x)[0], lambda x: problem.loss(x)[1], point
    )
    assert error < 1e-5


def test_layers_are_counted_by_names(layers):
    X, y = layers
    names = [f"layer_{layer:02}_{at:04}" for layer in range(4) for at in range(3)]
    model = LayerWeightedSumClassifier().fit(pd.DataFrame(X, columns=names), y)
    assert len(model.layer_weights_) == 4


def test_the_same_every_time(layers):
    first, second = (LayerWeightedSumClassifier(n_layers=4).fit(*layers) for _ in "ab")
    assert_array_equal(first.coef_, second.coef_)


def test_too_few_steps_warn(layers):
    with pytest.warns(ConvergenceWarning, match="did not converge in 2 steps"):
        LayerWeightedSumClassifier(n_layers=4, max_iter=2).fit(*layers)


def test_bad_input(layers):
    X, y = layers
    with pytest.raises(ValueError, match="X has 12 features, which are not those of"):
        LayerWeightedSumClassifier(n_layers=5).fit(X, y)
    with pytest.raises(ValueError, match="n_layers=None, and X has no names"):
        LayerWeightedSumClassifier().fit(X, y)
    with pytest.raises(ValueError, match="y holds one class only, 'anger'"):
        LayerWeightedSumClassifier(n_layers=4).fit(X[:40], y[:40])
    with pytest.raises(ValueError, match="y lacks 1 labels"):
        LayerWeightedSumClassifier(n_layers=4).fit(X, [None, *y[1:]])


def test_clips_that_cannot_be_weighed(layers):
    X, y = layers
    for weight, message in (
        (dict.fromkeys(np.unique(y), 0), "all clips together the weight 0"),
        ({y[0]: np.nan}, "gives 'anger' the weight nan"),
        ({y[0]: -1}, "gives 'anger' the weight -1"),
    ):
        with pytest.raises(ValueError, match=message):
            LayerWeightedSumClassifier(n_layers=4, class_weight=weight).fit(X, y)
    with pytest.raises(ValueError, match=r"Negative values .* `sample_weight`"):
        LayerWeightedSumClassifier(n_layers=4).fit(X, y, -np.ones(len(y)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_features_beyond_all_measure_teach_nothing(layers):
    X, y = layers
    with pytest.raises(ValueError, match=r"finds no first step: .* Scale the features"):
        LayerWeightedSumClassifier(n_layers=4).fit(X * 1e200, y)
