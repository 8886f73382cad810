"""Any labels for classifiers that take 0, 1, ..., k - 1 only; XGBoost among them."""

import pickle
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

import sersk.estimators
from sersk import AudioClips
from sersk.preprocessing import LabelEncodedClassifier

EMOTIONS = np.array(["angry", "happy", "neutral", "sad"], dtype=object)


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, emotions and speakers; only speaker 0 is ever happy."""
    generator = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2, 3], [12, 6, 18, 24])
    X = generator.normal(0, 0.3, (60, 3)) + codes[:, None]
    speakers = np.arange(60) % 3
    speakers[codes == 1] = 0
    return X, EMOTIONS[codes], speakers


def _xgboost(**parameters):
    xgboost = pytest.importorskip("xgboost")
    return xgboost.XGBClassifier(n_estimators=5, n_jobs=1, **parameters)


def _checked() -> list[LabelEncodedClassifier]:
    estimators = [LabelEncodedClassifier(LogisticRegression())]
    # Collection goes on without XGBoost; the other tests that need it say so.
    with suppress(pytest.skip.Exception):
        estimators.append(LabelEncodedClassifier(_xgboost()))
    return estimators


@parametrize_with_checks(_checked())
def test_scikit_learn_checks(estimator, check):
    check(estimator)


class Recorder(ClassifierMixin, BaseEstimator):
    """Record what fit is given, and predict the second of the classes."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.sample_weight_ = X, y, sample_weight
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.ones(len(X), dtype=int)


# Labels.


def test_labels_are_numbered_in_sorted_order():
    model = LabelEncodedClassifier(Recorder()).fit(
        np.zeros((4, 1)), ["sad", "angry", "sad", "fear"]
    )
    assert model.classes_.tolist() == ["angry", "fear", "sad"]
    assert model.estimator_.y_.tolist() == [2, 0, 2, 1]
    assert model.predict(np.zeros((2, 1))).tolist() == ["fear", "fear"]


@pytest.mark.parametrize(
    "labels",
    [
        ["sad", "angry"],
        np.array(["sad", "angry"], dtype=object),
        pd.Series(["sad", "angry"]),
        pd.Series(["sad", "angry"], dtype="category"),
        np.array([7, 3]),
        np.array([5, -1], dtype=np.int8),
        np.array([2.0, 1.0]),
        np.array([True, False]),
    ],
)
def test_predictions_are_labels_as_they_were(labels):
    model = LabelEncodedClassifier(Recorder()).fit(np.zeros((2, 1)), labels)
    predicted = model.predict(np.zeros((1, 1)))
    assert predicted.tolist() == [np.asarray(labels).tolist()[0]]
    assert predicted.dtype == np.asarray(labels).dtype


def test_predictions_are_those_of_the_classifier_itself(data):
    X, y, _ = data
    direct = LogisticRegression().fit(X, y)
    wrapped = LabelEncodedClassifier(LogisticRegression()).fit(X, y)
    assert_array_equal(wrapped.predict(X), direct.predict(X))
    assert_allclose(wrapped.predict_proba(X), direct.predict_proba(X), rtol=1e-10)
    assert_allclose(
        wrapped.decision_function(X), direct.decision_function(X), rtol=1e-10
    )
    assert wrapped.score(X, y) == direct.score(X, y)


def test_two_classes_have_one_score(data):
    X, y, _ = data
    binary = np.isin(y, ["angry", "sad"])
    model = LabelEncodedClassifier(SVC()).fit(X[binary], y[binary])
    scores = model.decision_function(X[binary])
    assert scores.shape == (binary.sum(),)
    assert_array_equal(scores > 0, model.predict(X[binary]) == "sad")


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["sad"] * 4, "one class only, .*'sad'.*at least two"),
        (["sad", None, "sad", "angry"], r"y lacks 1 labels \(first at position 1\)"),
        (["sad", np.nan, "sad", "angry"], "y lacks 1 labels"),
        (pd.Series(["sad", None, "sad", "angry"]), "y lacks 1 labels"),
        (np.array([0, 1, np.nan, np.nan]), "y lacks 2 labels"),
        ([0.0, 1.0, np.inf, 1.0], "y holds infinity"),
        (None, "requires y to be passed"),
        ([0.1, 0.2, 0.3, 0.4], "Unknown label type: continuous"),
        ([[0, 1]] * 4, "y has 2 columns"),
        (["sad", "angry"], "inconsistent numbers of samples"),
    ],
)
def test_wrong_labels_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        LabelEncodedClassifier(Recorder()).fit(np.zeros((4, 1)), y)


def test_labels_in_a_column_are_taken_with_scikit_learns_warning():
    model = LabelEncodedClassifier(Recorder())
    with pytest.warns(DataConversionWarning, match="A column-vector y"):
        model.fit(np.zeros((2, 1)), np.array([["sad"], ["angry"]]))
    assert model.classes_.tolist() == ["angry", "sad"]


def test_probabilities_of_other_classes_are_refused(data):
    class FixedHead(Recorder):
        def predict_proba(self, X):
            return np.full((len(X), 7), 1 / 7)

    X, y, _ = data
    model = LabelEncodedClassifier(FixedHead()).fit(X, y)
    with pytest.raises(ValueError, match="FixedHead gives probabilities of 7 classes"):
        model.predict_proba(X)


# XGBoost.


def test_xgboost_alone_takes_no_text(data):
    """The reason for the class; if this fails, it is no longer needed."""
    X, y, _ = data
    with pytest.raises(ValueError, match="Invalid classes inferred"):
        _xgboost().fit(X, y)
    with pytest.raises(ValueError, match="Invalid classes inferred"):
        _xgboost().fit(X, np.where(y == "sad", 5, 0))


def test_xgboost_where_a_training_fold_lacks_a_class(data):
    X, y, speakers = data
    results = cross_validate(
        make_pipeline(StandardScaler(), LabelEncodedClassifier(_xgboost())),
        X,
        y,
        groups=speakers,
        cv=LeaveOneGroupOut(),
        return_estimator=True,
        error_score="raise",
    )
    classes = [model[-1].classes_.tolist() for model in results["estimator"]]
    assert classes == [
        ["angry", "neutral", "sad"],
        EMOTIONS.tolist(),
        EMOTIONS.tolist(),
    ]
    assert results["test_score"][1:].min() > 0.8
    # Its happy clips cannot be right where happy was never heard.
    happy = np.mean(y[speakers == 0] == "happy")
    assert 0.5 < results["test_score"][0] <= 1 - happy


def test_xgboost_probabilities_follow_the_classes(data):
    X, y, speakers = data
    seen = speakers != 0
    model = LabelEncodedClassifier(_xgboost()).fit(X[seen], y[seen])
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (60, 3)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))


def test_xgboost_in_a_search_by_the_name_that_make_pipeline_gives(data):
    X, y, speakers = data
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LabelEncodedClassifier(_xgboost())),
        {
            "labelencodedclassifier__estimator__max_depth": [1, 3],
            "labelencodedclassifier__class_weight": [None, "balanced"],
        },
        cv=LeaveOneGroupOut(),
        error_score="raise",
    ).fit(X, y, groups=speakers)
    best = search.best_estimator_[-1]
    name = "labelencodedclassifier__estimator__max_depth"
    assert best.estimator_.max_depth == search.best_params_[name]
    assert set(search.predict(X)) <= set(EMOTIONS)


def test_xgboost_takes_missing_features_and_tables(data):
    X, y, _ = data
    X[::7, 0] = np.nan
    table = pd.DataFrame(X, columns=["mfcc_01_mean", "mfcc_02_mean", "rms_std"])
    model = LabelEncodedClassifier(_xgboost()).fit(table, y)
    assert model.feature_names_in_.tolist() == table.columns.tolist()
    assert model.estimator_.feature_names_in_.tolist() == table.columns.tolist()
    plain = LabelEncodedClassifier(_xgboost()).fit(X, y)
    assert_array_equal(model.predict(table), plain.predict(X))


def test_a_fitted_model_can_be_pickled(data):
    X, y, _ = data
    model = LabelEncodedClassifier(_xgboost(), class_weight="balanced").fit(X, y)
    restored = pickle.loads(pickle.dumps(model))
    assert_array_equal(restored.predict_proba(X), model.predict_proba(X))
    assert restored.classes_.tolist() == EMOTIONS.tolist()


# Weights.


def test_balanced_weights_by_hand():
    y = ["sad"] * 6 + ["angry"] * 2
    model = LabelEncodedClassifier(Recorder(), class_weight="balanced")
    model.fit(np.zeros((8, 1)), y)
    # n_samples / (n_classes * n_samples of the class): 8 / 12 and 8 / 4.
    assert_allclose(model.estimator_.sample_weight_, [2 / 3] * 6 + [2] * 2)


def test_balanced_weights_count_the_classes_of_this_fit_only():
    y = np.array(["angry"] * 2 + ["sad"] * 6 + ["happy"] * 4)
    model = LabelEncodedClassifier(Recorder(), class_weight="balanced")
    model.fit(np.zeros((8, 1)), y[:8])
    assert model.estimator_.sample_weight_[0] == pytest.approx(2)
    model.fit(np.zeros((12, 1)), y)
    assert model.estimator_.sample_weight_[0] == pytest.approx(12 / (3 * 2))


def test_weights_of_labels_and_samples_are_multiplied():
    weights = {"sad": 3, "angry": 0.5}
    model = LabelEncodedClassifier(Recorder(), class_weight=weights)
    model.fit(np.zeros((3, 1)), ["sad", "angry", "sad"], sample_weight=[1, 2, 4])
    assert model.estimator_.sample_weight_.tolist() == [3, 1, 12]


def test_balanced_classes_weigh_the_same_whatever_the_samples_weigh():
    model = LabelEncodedClassifier(Recorder(), class_weight="balanced")
    model.fit(np.zeros((3, 1)), ["sad", "angry", "sad"], sample_weight=[1, 2, 5])
    sad, angry, other_sad = model.estimator_.sample_weight_
    assert sad + other_sad == pytest.approx(angry)
    assert other_sad == pytest.approx(5 * sad)
    assert sad + angry + other_sad == pytest.approx(8)


def test_a_class_without_weight_keeps_none():
    model = LabelEncodedClassifier(Recorder(), class_weight="balanced")
    model.fit(np.zeros((3, 1)), ["sad", "angry", "sad"], sample_weight=[1, 0, 1])
    assert model.estimator_.sample_weight_.tolist() == [0.5, 0, 0.5]


def test_without_weights_none_are_passed():
    """Not even ones: a classifier need not take any."""
    recorder = LabelEncodedClassifier(Recorder()).fit(np.zeros((2, 1)), [0, 1])
    assert recorder.estimator_.sample_weight_ is None
    neighbours = KNeighborsClassifier(n_neighbors=1)
    model = LabelEncodedClassifier(neighbours).fit([[0.0], [1.0]], ["sad", "angry"])
    assert model.predict([[0.1]]).tolist() == ["sad"]


def test_balanced_weights_are_those_of_scikit_learn(data):
    X, y, _ = data
    direct = LogisticRegression(class_weight="balanced").fit(X, y)
    wrapped = LabelEncodedClassifier(LogisticRegression(), class_weight="balanced")
    assert_allclose(
        wrapped.fit(X, y).predict_proba(X), direct.predict_proba(X), rtol=1e-3
    )


def test_weights_of_labels_that_a_fold_lacks_are_left_out():
    weights = {"sad": 3, "angry": 0.5, "happy": 7}
    model = LabelEncodedClassifier(Recorder(), class_weight=weights)
    model.fit(np.zeros((2, 1)), ["sad", "angry"])
    assert model.estimator_.sample_weight_.tolist() == [3, 0.5]


def test_labels_without_weight_have_one():
    model = LabelEncodedClassifier(Recorder(), class_weight={"sad": 3})
    model.fit(np.zeros((2, 1)), ["sad", "angry"])
    assert model.estimator_.sample_weight_.tolist() == [3, 1]


def test_a_misspelt_weight_is_refused():
    model = LabelEncodedClassifier(Recorder(), class_weight={"sad": 3, "angy": 2})
    with pytest.raises(ValueError, match=r"names \['sad', 'angy'\].*weight of \['angr"):
        model.fit(np.zeros((2, 1)), ["sad", "angry"])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2, 3], r"sample_weight has shape \(3,\), but \(2,\) is expected"),
        ([[1], [2]], r"sample_weight has shape \(2, 1\)"),
        ([1, np.nan], "sample_weight contains NaN"),
        ([0, 0], "zero for each sample"),
    ],
)
def test_wrong_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        LabelEncodedClassifier(Recorder()).fit(np.zeros((2, 1)), [0, 1], weights)


@pytest.mark.parametrize(
    ("class_weight", "sample_weight"), [("balanced", None), (None, [1.0, 2.0])]
)
def test_weights_for_a_classifier_that_takes_none_are_refused(
    class_weight, sample_weight
):
    model = LabelEncodedClassifier(KNeighborsClassifier(), class_weight=class_weight)
    with pytest.raises(ValueError, match=r"KNeighborsClassifier\.fit takes no sample"):
        model.fit(np.zeros((2, 1)), [0, 1], sample_weight)


@pytest.mark.parametrize("class_weight", ["balance", 2.0])
def test_wrong_class_weights_are_refused(class_weight):
    model = LabelEncodedClassifier(Recorder(), class_weight=class_weight)
    with pytest.raises(ValueError, match="'class_weight' parameter"):
        model.fit(np.zeros((2, 1)), [0, 1])


def test_weights_are_routed(data):
    X, y, speakers = data
    weights = np.arange(60) + 1.0
    with sklearn.config_context(enable_metadata_routing=True):
        model = LabelEncodedClassifier(Recorder())
        model.set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        results = cross_validate(
            model,
            X,
            y,
            cv=LeaveOneGroupOut(),
            params={"sample_weight": weights, "groups": speakers},
            return_estimator=True,
            error_score="raise",
        )
    for speaker, fitted in enumerate(results["estimator"]):
        received = fitted.estimator_.sample_weight_
        assert_array_equal(received, weights[speakers != speaker])


# X.


class Level(TransformerMixin, BaseEstimator):
    """Extract the mean absolute sample of each clip."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([[np.abs(waveform).mean()] for waveform in X])


def test_clips_pass_through_untouched():
    levels = np.array([0.1, 0.9, 0.12, 0.88])
    clips = AudioClips.from_arrays(np.outer(levels, np.ones(50)), sampling_rate=8_000)
    recorder = LabelEncodedClassifier(Recorder()).fit(clips, ["sad", "angry"] * 2)
    assert recorder.estimator_.X_ is clips
    pipeline = make_pipeline(Level(), LogisticRegression(C=1e4))
    model = LabelEncodedClassifier(pipeline).fit(clips, ["sad", "angry"] * 2)
    assert model.predict(clips[1:3]).tolist() == ["angry", "sad"]
    assert model.predict_proba(clips[:1]).shape == (1, 2)
    assert not hasattr(model, "n_features_in_")


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((2, 3), dtype=np.float32),
        np.zeros((2, 3), order="F"),
        np.zeros((2, 3), dtype=np.int16),
        np.full((2, 3), np.nan),
        np.zeros((2, 3, 4)),
        sparse.csr_array((2, 3)),
        pd.DataFrame({"a": [1.0, 2.0], "b": pd.Categorical(["x", "y"])}),
        ["first.wav", "second.wav"],
        np.array([np.zeros(3), np.zeros(5)], dtype=object),
    ],
)
def test_the_classifier_gets_x_as_it_is(X):
    model = LabelEncodedClassifier(Recorder()).fit(X, [0, 1])
    assert model.estimator_.X_ is X


def test_the_width_of_x_is_checked_where_it_has_one(data):
    X, y, _ = data
    model = LabelEncodedClassifier(Recorder()).fit(X, y)
    assert model.n_features_in_ == 3
    with pytest.raises(ValueError, match="X has 2 features, but LabelEncoded"):
        model.predict(X[:, :2])


# scikit-learn's habits.


def test_methods_are_those_that_the_classifier_has():
    xgboost = LabelEncodedClassifier(_xgboost())
    assert hasattr(xgboost, "predict_proba")
    assert not hasattr(xgboost, "decision_function")
    machine = LabelEncodedClassifier(SVC())
    assert hasattr(machine, "decision_function")
    assert not hasattr(machine, "predict_proba")


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_an_unfitted_model_says_so(method):
    model = LabelEncodedClassifier(LogisticRegression())
    with pytest.raises(NotFittedError):
        getattr(model, method)([[0.0]])


def test_the_given_estimator_is_left_alone(data):
    X, y, _ = data
    inner = LogisticRegression()
    model = LabelEncodedClassifier(inner, class_weight={"sad": 2}).fit(X, y)
    assert model.estimator is inner
    assert not hasattr(inner, "coef_")
    copy = clone(model)
    assert copy.class_weight == {"sad": 2}
    assert not hasattr(copy, "estimator_")


def test_something_that_is_no_classifier_is_refused():
    with pytest.raises(ValueError, match="'estimator' parameter"):
        LabelEncodedClassifier(StandardScaler()).fit(np.zeros((2, 1)), [0, 1])


def test_it_is_found_among_the_estimators_too():
    assert sersk.estimators.LabelEncodedClassifier is LabelEncodedClassifier
