"""What estimators hold beside plain data, and how it is written down and made again.

Weights are safetensors. What scikit-learn makes of other attributes is made of them
again.
"""

from typing import Any

from sklearn.neighbors import BallTree, KDTree

from sersk.utils import import_optional

# What only a continued training would look at, and makes anew where it is missing.
_TRAINING = ("_feature_subsample_rng", "_loss_function_", "_optimizer")
# Attributes that `_get_loss` gives.
_LOSSES = ("_base_loss", "_loss")
_INDICES = {"kd_tree": KDTree, "ball_tree": BallTree}


def take_out(state: dict[str, Any]) -> dict[str, Any]:
    """Remove from a state what is no plain data; return what tells how to make it."""
    found: dict[str, Any] = {}
    for name in _TRAINING:
        if _is_native(state.get(name)):
            del state[name]
    for name in _LOSSES:
        if _is_native(state.get(name)):
            del state[name]
            found["loss"] = name
    for kind, index in _INDICES.items():
        if isinstance(state.get("_tree"), index):
            del state["_tree"]
            found["index"] = kind
    return found


def restore_loss(estimator: Any, name: str) -> None:
    """Make the loss of an estimator again, from its parameters."""
    if name not in _LOSSES:
        raise ValueError(f"it asks for the loss {name!r}")
    given = {"sample_weight": None} if name == "_loss" else {}
    setattr(estimator, name, estimator._get_loss(**given))


def restore_index(estimator: Any, kind: str) -> None:
    """Build the index of an estimator of neighbours again, from the points in it."""
    estimator._tree = _INDICES[kind](
        estimator._fit_X,
        estimator.leaf_size,
        metric=estimator.effective_metric_,
        **estimator.effective_metric_params_,
    )


def net_bytes(module: Any) -> bytes:
    """Return the weights of a torch module as safetensors."""
    safetensors = import_optional("safetensors.torch", extra="torch")
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    return safetensors.save(state)


def restore_net(estimator: Any, name: Any, data: bytes) -> None:
    """Let an estimator make its module again, and give it weights."""
    safetensors = import_optional("safetensors.torch", extra="torch")
    estimator.restore_module(safetensors.load(data))
    if type(estimator.module_).__name__ != name:
        raise ValueError(f"{type(estimator).__name__} has no module {name!r}")


def _is_native(value: Any) -> bool:
    module = type(value).__module__
    return module.startswith(("sklearn.", "_loss", "numpy.random"))
