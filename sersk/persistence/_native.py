"""What lies outside of Python: trees, boosters, weights and indices of neighbours.

Native code indexes memory by the numbers in them, so what comes from a file is checked
where Python can: a tree leads from each node to later ones, and weights have the shapes
of the net that they are for.
"""

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree import DecisionTreeClassifier

from sersk.utils import import_optional

# Attributes in which scikit-learn keeps an index of neighbours.
NEIGHBOURS = ("_tree", "tree_")
_NODE_FIELDS = (
    "left_child",
    "right_child",
    "feature",
    "threshold",
    "impurity",
    "n_node_samples",
    "weighted_n_node_samples",
    "missing_go_to_left",
)
_LEAF = -1
_MOST = 2**31 - 1


def is_tree(value: Any) -> bool:
    """Tell whether a value is what scikit-learn's decision trees keep."""
    kind = type(value)
    return kind.__name__ == "Tree" and kind.__module__ == "sklearn.tree._tree"


def describe_tree(tree: Any) -> dict[str, Any]:
    """Return the parts of a tree, its nodes a field at a time."""
    kind, (n_features, n_classes, n_outputs), state = tree.__reduce__()
    nodes = state["nodes"]
    return {
        "n_features": int(n_features),
        "n_classes": np.asarray(n_classes),
        "n_outputs": int(n_outputs),
        "max_depth": int(state["max_depth"]),
        "values": state["values"],
        **{name: np.ascontiguousarray(nodes[name]) for name in nodes.dtype.names},
    }


def restore_tree(parts: Mapping[str, Any]) -> Any:
    """Return a tree; ValueError where it leads nowhere."""
    like = DecisionTreeClassifier(max_depth=1).fit([[0.0], [1.0]], [0, 1]).tree_
    dtype = like.__getstate__()["nodes"].dtype
    n_nodes = len(parts["left_child"])
    nodes = np.zeros(n_nodes, dtype=dtype)
    for name in dtype.names or ():
        nodes[name] = _check_shape(name, parts[name], (n_nodes,))
    n_features, n_outputs, depth = (
        _check_number(name, parts[name])
        for name in ("n_features", "n_outputs", "max_depth")
    )
    n_classes = _check_shape("n_classes", parts["n_classes"], (n_outputs,))
    shape = (n_nodes, n_outputs, int(n_classes.max()))
    values = _check_shape("values", parts["values"], shape)
    _check_nodes(nodes, n_features)
    tree = type(like)(n_features, n_classes.astype(np.intp), n_outputs)
    tree.__setstate__(
        {"max_depth": depth, "node_count": n_nodes, "nodes": nodes, "values": values}
    )
    return tree


def check_trees(estimator: Any) -> None:
    """Raise ValueError where a tree reads features or classes that there are not."""
    tree = getattr(estimator, "tree_", None)
    if is_tree(tree):
        _check_tree_fits(estimator, tree, estimator.n_outputs_)
    if type(estimator).__name__.startswith("GradientBoosting"):
        # Its own loop over the trees, in C, checks nothing.
        for member in np.ravel(getattr(estimator, "estimators_", [])):
            _check_tree_fits(estimator, member.tree_, 1)


def _check_tree_fits(estimator: Any, tree: Any, n_outputs: int) -> None:
    expected = (estimator.n_features_in_, n_outputs)
    if (tree.n_features, tree.n_outputs) != expected:
        raise ValueError(
            f"a tree of {tree.n_features} features and {tree.n_outputs} outputs lies in "
            f"a {type(estimator).__name__} of {expected[0]} and {expected[1]}"
        )


def _check_nodes(nodes: np.ndarray, n_features: int) -> None:
    """Raise unless each node is a leaf, or leads to two later nodes by a feature."""
    n_nodes = len(nodes)
    inner = np.flatnonzero(nodes["left_child"] != _LEAF)
    for side in ("left_child", "right_child"):
        children = nodes[side][inner]
        if not ((children > inner) & (children < n_nodes)).all():
            raise ValueError("a tree has a node that leads to none of its later nodes")
    feature = nodes["feature"][inner]
    if n_nodes == 0 or not ((feature >= 0) & (feature < n_features)).all():
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


def is_neighbours(value: Any) -> bool:
    """Tell whether a value is scikit-learn's index of neighbours."""
    return isinstance(value, (BallTree, KDTree))


def describe_neighbours(index: Any) -> str:
    """Return the name of the kind of an index; it is built again from its points."""
    return "kd_tree" if isinstance(index, KDTree) else "ball_tree"


def restore_neighbours(estimator: Any, kind: str) -> None:
    """Build the index of an estimator of neighbours again, from the points in it."""
    index = {"kd_tree": KDTree, "ball_tree": BallTree}[kind]
    estimator._tree = index(
        estimator._fit_X,
        estimator.leaf_size,
        metric=estimator.effective_metric_,
        **estimator.effective_metric_params_,
    )


def booster_bytes(estimator: Any) -> bytes:
    """Return the booster of an estimator of XGBoost, in its own format."""
    return bytes(estimator.get_booster().save_raw("ubj"))


def restore_booster(estimator: Any, data: bytes) -> None:
    """Load a booster into an estimator of XGBoost, whose parameters stay."""
    attributes = dict(vars(estimator))
    estimator.load_model(bytearray(data))
    for name, value in attributes.items():
        if name != "_Booster":
            setattr(estimator, name, value)


def net_bytes(module: Any) -> bytes:
    """Return the weights of a torch module as safetensors."""
    torch_format = import_optional("safetensors.torch", extra="torch")
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    return torch_format.save(state)


def restore_net(estimator: Any, name: Any, data: bytes) -> Any:
    """Make the module of an estimator from its parameters, and give it weights.

    Nothing is computed for it: its tensors are those of the file, and memory is taken
    for no others.
    """
    torch = import_optional("torch", extra="torch")
    torch_format = import_optional("safetensors.torch", extra="torch")
    # Official weights went into those of the file; their own are not looked for.
    maker = copy.copy(estimator)
    if hasattr(maker, "weights"):
        maker.weights = None
    n_outputs = len(maker.classes_ if is_classifier(maker) else maker.offset_)
    with torch.device("meta"):
        module = maker._make_module(maker.widths_, n_outputs)
    if type(module).__name__ != name:
        raise ValueError(f"{type(estimator).__name__} has no module {name!r}")
    state = torch_format.load(data)
    for key, tensor in module.state_dict().items():
        if key in state and state[key].dtype != tensor.dtype:
            raise ValueError(f"the weights {key!r} are {state[key].dtype}")
    module.load_state_dict(state, assign=True)
    return module.eval()
