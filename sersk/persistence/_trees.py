"""Decision trees of scikit-learn as plain arrays, a field of their nodes at a time.

scikit-learn follows a tree in C, wherever its numbers lead. What comes from a file is
checked first: each node leads to later ones, by a feature that there is.
"""

import functools
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

_LEAF = -1
_MOST = 2**31 - 1
_BITSETS = ("binned_left_cat_bitsets", "raw_left_cat_bitsets")
_WORDS = 8  # of 32 categories, in a bitset


def is_tree(value: Any) -> bool:
    """Tell whether a value is what a decision tree keeps."""
    kind = type(value)
    return kind.__name__ == "Tree" and kind.__module__ == "sklearn.tree._tree"


def is_predictor(value: Any) -> bool:
    """Tell whether a value is what boosting by histograms keeps of a tree."""
    module = "sklearn.ensemble._hist_gradient_boosting.predictor"
    return type(value).__name__ == "TreePredictor" and type(value).__module__ == module


def describe_tree(tree: Any) -> dict[str, Any]:
    """Return the parts of a tree."""
    _, (n_features, n_classes, n_outputs), state = tree.__reduce__()
    return {
        "n_features": int(n_features),
        "n_classes": np.asarray(n_classes),
        "n_outputs": int(n_outputs),
        "max_depth": int(state["max_depth"]),
        "values": state["values"],
        "nodes": _fields(state["nodes"]),
    }


def restore_tree(parts: Mapping[str, Any]) -> Any:
    """Return the tree of some parts; ValueError where it leads nowhere."""
    like = _any_tree()
    nodes = _records(parts["nodes"], like.__getstate__()["nodes"].dtype)
    n_features, n_outputs, depth = (
        _check_number(name, parts[name])
        for name in ("n_features", "n_outputs", "max_depth")
    )
    n_classes = _check_shape("n_classes", parts["n_classes"], (n_outputs,))
    shape = (len(nodes), n_outputs, int(n_classes.max()))
    values = _check_shape("values", parts["values"], shape)
    inner = nodes["left_child"] != _LEAF
    _check_nodes(nodes, inner, ("left_child", "right_child"), "feature", n_features)
    tree = type(like)(n_features, n_classes.astype(np.intp), n_outputs)
    state = {"max_depth": depth, "node_count": len(nodes)}
    tree.__setstate__({**state, "nodes": nodes, "values": values})
    return tree


def describe_predictor(predictor: Any) -> dict[str, Any]:
    """Return the parts of a tree of boosting by histograms."""
    bitsets = {name: getattr(predictor, name) for name in _BITSETS}
    return {"nodes": _fields(predictor.nodes), **bitsets}


def restore_predictor(parts: Mapping[str, Any]) -> Any:
    """Return the tree of some parts; `check_trees` says whether it fits its model."""
    like = _any_predictor()
    nodes = _records(parts["nodes"], like.nodes.dtype)
    if nodes["is_categorical"].any():
        # What knows the categories, in front of the trees, cannot be saved.
        raise ValueError("a tree splits by category")
    for name in _BITSETS:
        if _check_shape(name, parts[name], (0, _WORDS)).dtype != np.uint32:
            raise ValueError(f"a tree's {name} are {parts[name].dtype}")
    return type(like)(nodes, *(parts[name] for name in _BITSETS))


def check_trees(estimator: Any) -> None:
    """Raise ValueError where a tree reads features that its estimator does not have."""
    tree = getattr(estimator, "tree_", None)
    if is_tree(tree):
        _check_fits(estimator, tree, estimator.n_outputs_)
    name = type(estimator).__name__
    if name.startswith("GradientBoosting"):
        for member in np.ravel(getattr(estimator, "estimators_", [])):
            _check_fits(estimator, member.tree_, 1)
    elif name.startswith("HistGradientBoosting") and hasattr(estimator, "_predictors"):
        _check_bins(estimator)
        for predictor in chain.from_iterable(estimator._predictors):
            nodes = predictor.nodes
            inner = nodes["is_leaf"] == 0
            sides = ("left", "right")
            _check_nodes(nodes, inner, sides, "feature_idx", estimator.n_features_in_)


def _fields(nodes: np.ndarray) -> dict[str, np.ndarray]:
    return {name: np.ascontiguousarray(nodes[name]) for name in nodes.dtype.names or ()}


def _records(fields: Mapping[str, Any], dtype: np.dtype) -> np.ndarray:
    """Return the nodes of which some arrays are the fields."""
    n_nodes = len(next(iter(fields.values())))
    nodes = np.zeros(n_nodes, dtype=dtype)
    for name in dtype.names or ():
        nodes[name] = _check_shape(name, fields[name], (n_nodes,))
    return nodes


def _check_bins(estimator: Any) -> None:
    """Raise unless all features that are asked for are numbers."""
    by_category = estimator._bin_mapper.is_categorical_
    if by_category.shape != (estimator.n_features_in_,) or by_category.any():
        raise ValueError(
            f"a {type(estimator).__name__} of {estimator.n_features_in_} features has "
            f"{by_category.size} in its trees, or has some that are categories"
        )


def _check_fits(estimator: Any, tree: Any, n_outputs: int) -> None:
    expected = (estimator.n_features_in_, n_outputs)
    if (tree.n_features, tree.n_outputs) != expected:
        raise ValueError(
            f"a {type(estimator).__name__} of {expected[0]} features and {expected[1]} "
            f"outputs has a tree of {tree.n_features} and {tree.n_outputs}"
        )


def _check_nodes(
    nodes: np.ndarray,
    is_inner: np.ndarray,
    sides: tuple[str, str],
    feature: str,
    n_features: int,
) -> None:
    """Raise unless each node is a leaf, or leads to two later nodes by a feature."""
    inner = np.flatnonzero(is_inner)
    for side in sides:
        children = nodes[side][inner].astype(np.int64)
        if not ((children > inner) & (children < len(nodes))).all():
            raise ValueError("a tree has a node that leads to none of its later nodes")
    features = nodes[feature][inner]
    if len(nodes) == 0 or not ((features >= 0) & (features < n_features)).all():
        raise ValueError(f"a tree reads a feature that is none of {n_features}")


def _check_shape(name: str, array: Any, shape: tuple[int, ...]) -> np.ndarray:
    if not isinstance(array, np.ndarray) or array.shape != shape:
        raise ValueError(
            f"a tree's {name} has shape {np.shape(array)} in place of {shape}"
        )
    return array


def _check_number(name: str, number: Any) -> int:
    if type(number) is not int or not 0 <= number <= _MOST:
        raise ValueError(f"a tree has {name}={number!r}")
    return number


@functools.cache
def _any_tree() -> Any:
    """Return some tree: its class and the type of its nodes are not public."""
    return DecisionTreeRegressor(max_depth=1).fit([[0.0], [1.0]], [0.0, 1.0]).tree_


@functools.cache
def _any_predictor() -> Any:
    model = HistGradientBoostingRegressor(max_iter=1, early_stopping=False)
    return model.fit([[0.0], [1.0]], [0.0, 1.0])._predictors[0][0]
