"""Boosters of XGBoost come back, and none that would lead XGBoost astray."""

import json

import numpy as np
import pytest

import sersk
from sersk.persistence._boosters import restore_booster

xgboost = pytest.importorskip("xgboost")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.random((60, 5))
    return X, np.arange(60) % 3


@pytest.fixture(scope="module")
def fitted(data):
    return xgboost.XGBClassifier(n_estimators=3, max_depth=2, n_jobs=1).fit(*data)


@pytest.mark.parametrize(
    "model",
    [
        xgboost.XGBClassifier(n_estimators=3, n_jobs=1, missing=-1.0),
        xgboost.XGBClassifier(n_estimators=3, n_jobs=1, booster="dart"),
        xgboost.XGBRFClassifier(n_estimators=3, n_jobs=1),
        xgboost.XGBRegressor(n_estimators=3, n_jobs=1, random_state=1),
    ],
    ids=repr,
)
def test_boosters_come_back(data, model, save_and_load):
    model.fit(*data)
    loaded = save_and_load(model)
    assert str(loaded.get_params()) == str(model.get_params())
    np.testing.assert_array_equal(loaded.predict(data[0]), model.predict(data[0]))
    assert loaded.score(*data) == model.score(*data)
    loaded.fit(*data)


def test_an_unfitted_estimator_in_another_comes_back(save_and_load):
    from sersk.estimators import LabelEncodedClassifier

    X, y = [[0.0], [1.0]] * 4, ["a", "b"] * 4
    model = LabelEncodedClassifier(xgboost.XGBClassifier(n_estimators=2, n_jobs=1))
    loaded = save_and_load(model.fit(X, y))
    assert not hasattr(loaded.estimator, "_Booster")
    assert loaded.estimator.n_estimators == 2


def test_leaves_of_several_numbers_are_refused(data, tmp_path):
    model = xgboost.XGBRegressor(
        n_estimators=2, n_jobs=1, multi_strategy="multi_output_tree"
    )
    model.fit(data[0], np.stack([data[1], data[1]], axis=1).astype(float))
    with pytest.raises(TypeError, match="XGBRegressor cannot be saved"):
        sersk.save(model, tmp_path / "model")


def _tree(booster):
    return booster["learner"]["gradient_booster"]["model"]["trees"][0]


def _model(booster):
    return booster["learner"]["gradient_booster"]["model"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda b: _tree(b)["left_children"].__setitem__(0, 99), "none of its nodes"),
        (lambda b: _tree(b)["left_children"].__setitem__(1, 0), "none of its nodes"),
        (lambda b: _tree(b)["right_children"].__setitem__(0, -1), "of one child"),
        (lambda b: _tree(b)["split_indices"].__setitem__(0, 5), "none of 5 features"),
        (lambda b: _tree(b)["split_type"].__setitem__(0, 1), "splits by category"),
        (lambda b: _tree(b)["default_left"].pop(), "a tree of another size"),
        (lambda b: _tree(b).update(id=1), "not numbered"),
        (lambda b: _model(b)["tree_info"].__setitem__(0, 3), "a tree of no class"),
        (lambda b: _model(b)["trees"].pop(), "another number of trees"),
        (lambda b: _model(b)["iteration_indptr"].__setitem__(1, 99), "rounds"),
        (
            lambda b: b["learner"]["learner_model_param"].update(
                base_score="[0E0]" * 2
            ),
            "Extra data",
        ),
        (
            lambda b: b["learner"]["gradient_booster"].update(name="gblinear"),
            "a booster 'gblinear'",
        ),
    ],
)
def test_what_leads_out_is_refused(fitted, change, expected):
    booster = json.loads(fitted.get_booster().save_raw("json"))
    change(booster)
    with pytest.raises(ValueError, match=expected):
        restore_booster(xgboost.XGBClassifier(), json.dumps(booster).encode())
