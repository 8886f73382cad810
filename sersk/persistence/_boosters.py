"""Boosters in XGBoost's own JSON, checked before XGBoost sees them.

XGBoost follows a tree in C++ wherever its numbers lead: of 300 altered boosters, 14
ended the process. What comes from a file must be trees here first.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

_LEAF = -1
_PER_NODE = (
    "base_weights",
    "default_left",
    "loss_changes",
    "parents",
    "right_children",
    "split_conditions",
    "split_indices",
    "split_type",
    "sum_hessian",
)


def booster_bytes(estimator: Any) -> bytes:
    """Return the booster of an estimator of XGBoost, or raise where it cannot be."""
    data = bytes(estimator.get_booster().save_raw("json"))
    try:
        _check_booster(json.loads(data))
    except ValueError as error:
        raise TypeError(
            f"{type(estimator).__name__} cannot be saved: {error}. Only trees on "
            "numbers, with a number in each leaf, can be."
        ) from error
    return data


def restore_booster(estimator: Any, data: bytes) -> None:
    """Load a booster into an estimator of XGBoost, whose parameters stay."""
    booster = json.loads(data)
    _check_booster(booster)
    n_features = _number(booster["learner"]["learner_model_param"]["num_feature"])
    attributes = dict(vars(estimator))
    # What was checked is what XGBoost reads, whatever its parser makes of the file.
    estimator.load_model(bytearray(json.dumps(booster).encode()))
    vars(estimator).update(attributes)
    _require(n_features == estimator.n_features_in_, "features of another model")


def _check_booster(booster: Mapping[str, Any]) -> None:
    """Raise ValueError unless all that XGBoost looks up by number is there."""
    learner = booster["learner"]
    n_features = _number(learner["learner_model_param"]["num_feature"])
    n_groups = _count_groups(learner)
    booster = learner["gradient_booster"]
    if booster.get("name") == "dart":
        n_weights = len(booster["weight_drop"])
        booster = booster["gbtree"]
        _require(n_weights == len(booster["model"]["trees"]), "another number of drops")
    _require(booster.get("name") == "gbtree", f"a booster {booster.get('name')!r}")
    model = booster["model"]
    trees, groups = model["trees"], _integers(model["tree_info"])
    n_trees = _number(model["gbtree_model_param"]["num_trees"])
    _require(n_trees == len(trees) == len(groups), "another number of trees")
    numbered = [tree["id"] for tree in trees] == list(range(n_trees))
    _require(numbered, "trees that are not numbered")
    _require(((groups >= 0) & (groups < n_groups)).all(), "a tree of no class")
    bounds = _integers(model.get("iteration_indptr", [0, n_trees]))
    _require(
        bounds[0] == 0 and bounds[-1] == n_trees and (np.diff(bounds) >= 0).all(),
        "rounds that do not hold its trees",
    )
    _require(not any(model.get("cats", {}).values()), "features that are categories")
    for tree in trees:
        _check_tree(tree, n_features)


def _count_groups(learner: Mapping[str, Any]) -> int:
    """Return for how many classes or targets there are trees."""
    parameters = learner["learner_model_param"]
    n_classes, n_targets = (
        max(_number(parameters.get(name, "1")), 1)
        for name in ("num_class", "num_target")
    )
    for value in learner["objective"].values():
        if isinstance(value, dict) and "num_class" in value:
            same = _number(value["num_class"]) in (0, 1, n_classes)
            _require(same, "an objective of other classes")
    n_groups = n_classes * n_targets
    base = np.atleast_1d(json.loads(parameters["base_score"]))
    _require(base.shape in ((1,), (n_groups,)), "another number of base scores")
    return n_groups


def _check_tree(tree: Mapping[str, Any], n_features: int) -> None:
    parameters = tree["tree_param"]
    n_nodes = _number(parameters["num_nodes"])
    left, right = _integers(tree["left_children"]), _integers(tree["right_children"])
    lengths = {len(left), *(len(tree[name]) for name in _PER_NODE)}
    _require(n_nodes > 0 and lengths == {n_nodes}, "a tree of another size")
    _require(_number(parameters["size_leaf_vector"]) <= 1, "leaves of several numbers")
    _require(_number(parameters["num_feature"]) == n_features, "a tree of others")
    _require(not np.any(tree["split_type"]), "splits by category")
    for name in ("categories", "categories_nodes", "categories_segments"):
        _require(not tree.get(name), "splits by category")
    is_inner = left != _LEAF
    _require(np.array_equal(is_inner, right != _LEAF), "a node of one child")
    children = np.concatenate([left[is_inner], right[is_inner]])
    # The root is no child and no node is one twice: from the root, all ways end.
    _require(
        ((children > 0) & (children < n_nodes)).all()
        and len(np.unique(children)) == len(children),
        "a tree that leads to none of its nodes",
    )
    features = _integers(tree["split_indices"])[is_inner]
    inside = (features >= 0) & (features < n_features)
    _require(inside.all(), f"a tree that reads none of {n_features} features")


def _integers(values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.size == 0:
        return array.astype(np.int64)
    _require(array.dtype.kind == "i" and array.ndim == 1, "numbers that are none")
    return array


def _number(text: Any) -> int:
    _require(isinstance(text, str) and text.isdecimal() and len(text) < 10, repr(text))
    return int(text)


def _require(condition: Any, otherwise: str) -> None:
    if not condition:
        raise ValueError(f"its booster holds {otherwise}")
