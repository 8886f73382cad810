"""What estimators hold beside plain data, and how it is written down and made again.

Weights are safetensors. What scikit-learn makes of other attributes is made of them
again.
"""

import copy
from typing import Any

import numpy as np
from sklearn.base import is_classifier
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


def check_vectors(estimator: Any) -> None:
    """Raise ValueError where libsvm would read vectors that there are not."""
    numbers = getattr(estimator, "_n_support", None)
    if numbers is None:
        return
    vectors, coefficients = estimator.support_vectors_, estimator._dual_coef_
    n_vectors, n_features = len(estimator.support_), estimator.shape_fit_[1]
    n_classes = len(estimator.classes_) if is_classifier(estimator) else 2
    # Of a regressor, both numbers are that of all vectors.
    counted = numbers if is_classifier(estimator) else numbers[:1]
    n_pairs = n_classes * (n_classes - 1) // 2
    of_kernel = (0, 0) if estimator.kernel == "precomputed" else (n_vectors, n_features)
    fits = (
        numbers.shape == (n_classes,)
        and (counted >= 0).all()
        and counted.astype(np.int64).sum() == n_vectors
        and vectors.shape == of_kernel
        and coefficients.shape == (n_classes - 1, n_vectors)
        and estimator._intercept_.shape == (n_pairs,)
        and all(len(p) in (0, n_pairs) for p in (estimator._probA, estimator._probB))
    )
    if not fits:
        raise ValueError(
            f"the support vectors of a {type(estimator).__name__} are not as many as "
            "it says"
        )


def net_bytes(module: Any) -> bytes:
    """Return the weights of a torch module as safetensors."""
    safetensors = import_optional("safetensors.torch", extra="torch")
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    return safetensors.save(state)


def restore_net(estimator: Any, name: Any, data: bytes) -> Any:
    """Make the module of an estimator from its parameters, and give it weights.

    Its tensors are those of the file, and memory is taken for no others.
    """
    torch = import_optional("torch", extra="torch")
    safetensors = import_optional("safetensors.torch", extra="torch")
    maker = copy.copy(estimator)
    if hasattr(maker, "weights"):
        # Trained further, they are in the file; what they came from may be gone.
        maker.weights = None
    n_outputs = len(maker.classes_ if is_classifier(maker) else maker.offset_)
    with torch.device("meta"):
        module = maker._make_module(maker.widths_, n_outputs)
    if type(module).__name__ != name:
        raise ValueError(f"{type(estimator).__name__} has no module {name!r}")
    state = safetensors.load(data)
    for key, tensor in module.state_dict().items():
        if key in state and state[key].dtype != tensor.dtype:
            raise ValueError(f"the weights {key!r} are {state[key].dtype}")
    module.load_state_dict(state, assign=True)
    return module.eval()


def _is_native(value: Any) -> bool:
    module = type(value).__module__
    return module.startswith(("sklearn.", "_loss", "numpy.random"))
