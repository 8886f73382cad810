import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.estimators import MixupClassifier, MixupRegressor
from sersk.estimators._mixup import Pairs, draw_pairs, mix_rows


class Keep(LogisticRegression):
    """Keep what it is fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.seen_ = X, y, sample_weight
        return super().fit(X, y, sample_weight)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (20, 3)), rng.normal(3, 1, (20, 3))])
    return X, np.repeat(["sad", "angry"], 20)


def test_rows_are_mixed_by_hand():
    rows = np.array([[0.0, 4.0], [2.0, 8.0]])
    pairs = Pairs(np.array([0, 1]), np.array([1, 1]), np.array([0.25, 0.5]))
    np.testing.assert_allclose(mix_rows(rows, pairs), [[1.5, 7.0], [2.0, 8.0]])
    np.testing.assert_allclose(mix_rows(np.array([1, 3]), pairs), [2.5, 3.0])
    assert mix_rows(rows.astype(np.float32), pairs).dtype == np.float32


def test_every_row_serves_once_a_copy():
    first, second, share = draw_pairs(7, 3, 0.2, np.random.RandomState(0))
    assert np.bincount(first).tolist() == [3] * 7
    for copy in range(3):
        assert sorted(second[7 * copy : 7 * (copy + 1)]) == list(range(7))
    assert share.min() >= 0
    assert share.max() <= 1


def test_shares_are_of_the_beta_distribution():
    share = draw_pairs(2_000, 1, 0.2, np.random.RandomState(0)).share
    assert share.mean() == pytest.approx(0.5, abs=0.03)
    assert share.var() == pytest.approx(1 / (4 * (2 * 0.2 + 1)), rel=0.05)


def test_a_mixture_has_both_labels_and_its_weight_is_shared(data):
    X, y = data
    weights = np.linspace(0.5, 2, 40)
    model = MixupClassifier(Keep(), n_copies=2, random_state=0).fit(X, y, weights)
    seen, labels, given = model.estimator_.seen_
    assert len(seen) == len(labels) == len(given) == 40 + 2 * 80
    np.testing.assert_array_equal(seen[:40], X)
    np.testing.assert_array_equal(given[:40], weights)
    np.testing.assert_array_equal(seen[40:120], seen[120:])
    first, second, share = draw_pairs(40, 2, 0.2, np.random.RandomState(0))
    np.testing.assert_array_equal(labels[40:120], y[first])
    np.testing.assert_array_equal(labels[120:], y[second])
    np.testing.assert_allclose(given[40:120], share * weights[first])
    np.testing.assert_allclose(given[120:], (1 - share) * weights[second])


def test_the_weight_of_each_row_is_kept_on_the_whole(data):
    model = MixupClassifier(Keep(), n_copies=3, random_state=0).fit(*data)
    assert model.estimator_.seen_[2].sum() == pytest.approx(40 * 4)


def test_predictions_are_of_the_rows_as_they_are(data):
    X, y = data
    model = MixupClassifier(LogisticRegression(), random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), model.estimator_.predict(X))
    np.testing.assert_array_equal(
        model.predict_proba(X), model.estimator_.predict_proba(X)
    )
    np.testing.assert_array_equal(
        model.decision_function(X), model.estimator_.decision_function(X)
    )
    assert model.score(X, y) > 0.9


def test_a_regressor_mixes_numbers_by_the_same_shares():
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = X @ [2.0, -1.0] + 3
    model = MixupRegressor(Ridge(alpha=1e-9), n_copies=3, random_state=0).fit(X, y)
    # Mixtures of points on a plane lie on that plane.
    np.testing.assert_allclose(model.predict(X), y, atol=1e-6)
    weighted = clone(model).fit(X, np.column_stack([y, -y]), np.linspace(0, 1, 30))
    np.testing.assert_allclose(weighted.predict(X)[:, 1], -y, atol=1e-6)


def test_it_stands_between_scaler_and_classifier(data):
    X, y = data
    pipeline = make_pipeline(
        StandardScaler(), MixupClassifier(LogisticRegression(), random_state=0)
    )
    grid = {
        "mixupclassifier__alpha": [0.1, 1.0],
        "mixupclassifier__estimator__C": [0.1, 1.0],
    }
    assert GridSearchCV(pipeline, grid, cv=3).fit(X, y).best_score_ > 0.9


def test_it_is_seeded(data):
    one, same, other = (
        MixupClassifier(LogisticRegression(), random_state=seed).fit(*data)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one.estimator_.coef_, same.estimator_.coef_)
    assert (one.estimator_.coef_ != other.estimator_.coef_).any()


def test_a_classifier_without_weights_is_refused(data):
    with pytest.raises(ValueError, match=r"KNeighborsClassifier.fit takes no sample_w"):
        MixupClassifier(KNeighborsClassifier()).fit(*data)
    with pytest.raises(ValueError, match=r"KNeighborsClassifier.fit takes no sample_w"):
        MixupClassifier(make_pipeline(StandardScaler(), KNeighborsClassifier())).fit(
            *data
        )


@pytest.mark.parametrize(
    "parameters", [{"alpha": 0}, {"alpha": np.nan}, {"n_copies": 0}, {"n_copies": 1.5}]
)
def test_bad_parameters_are_named(parameters, data):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"'{name}'"):
        MixupClassifier(LogisticRegression(), **parameters).fit(*data)
