"""Which classes can be saved: scikit-learn's, one by one, and nothing private."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.utils import all_estimators

import sersk
from sersk.persistence._classes import class_name, find_class

X, y = make_classification(
    60, 6, n_informative=4, n_classes=3, random_state=0, shuffle=True
)
X = np.abs(X)
# They take something else than a matrix, or other estimators.
_OTHERWISE = {
    "ClassifierChain",
    "ColumnTransformer",
    "FixedThresholdClassifier",
    "GridSearchCV",
    "HashingVectorizer",
    "MultiOutputClassifier",
    "MultiOutputRegressor",
    "RandomizedSearchCV",
    "RegressorChain",
    "TunedThresholdClassifierCV",
}
# By what cannot be saved in them; the error names it.
_NOT_SAVED = {"Birch", "BisectingKMeans", "KernelDensity", "SplineTransformer"}
ESTIMATORS = [
    (name, kind)
    for name, kind in all_estimators(["classifier", "regressor", "transformer"])
    if class_name(kind) is not None and name not in _OTHERWISE | _NOT_SAVED
]


def _fitted(kind):
    try:
        model = kind()
    except TypeError:
        pytest.skip("it wants parameters")
    if "random_state" in model.get_params(deep=False):
        model.set_params(random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return model.fit(X, y)
        except (ValueError, AttributeError, TypeError) as error:
            pytest.skip(f"it wants other data: {error}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", dict(ESTIMATORS).values(), ids=dict(ESTIMATORS))
def test_estimators_of_sklearn_come_back(kind, save_and_load):
    model = _fitted(kind)
    loaded = save_and_load(model)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, method):
            expected, found = (
                getattr(one, method)(X.copy()) for one in (model, loaded)
            )
            if hasattr(expected, "toarray"):
                expected, found = expected.toarray(), found.toarray()
            np.testing.assert_array_equal(found, expected, strict=True)


def test_most_estimators_of_sklearn_are_tried():
    assert len(ESTIMATORS) > 120


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "builtins:eval",
        "sklearn.utils:Bunch",
        "sklearn.datasets:load_files",
        "sklearn.pipeline:make_pipeline",
        "sklearn.pipeline:np",
        "sklearn.dummy:BaseEstimator",
        "sklearn.externals.array_api_compat:numpy",
        "sersk.features:_base",
        "sersk.cache:FeatureStore",
        "sersk.persistence._decode:Decoder",
        "xgboost:Booster",
        "",
        "SVC",
    ],
)
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="none that models may hold"):
        find_class(name)


def test_every_estimator_of_sersk_can_be_saved():
    from sklearn.base import BaseEstimator

    from sersk import augmentation, estimators, features, preprocessing

    for package in (augmentation, estimators, features, preprocessing):
        for name in package.__all__:
            kind = getattr(package, name)
            if isinstance(kind, type) and issubclass(kind, BaseEstimator):
                assert find_class(class_name(kind)) is kind


def test_a_class_that_bears_the_name_of_another_is_none(tmp_path):
    from sklearn.svm import SVC

    impostor = type("SVC", (SVC,), {"__module__": "sklearn.svm._classes"})
    model = impostor().fit(X, y)
    with pytest.raises(
        TypeError, match=r"pipeline \(sklearn.svm._classes.SVC\) cannot"
    ):
        sersk.save(model, tmp_path / "model")
