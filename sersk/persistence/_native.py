"""What estimators hold beside plain data, and how it is written down and made again.

Weights are safetensors. What scikit-learn makes of other attributes is made of them
again.
"""

import contextlib
import copy
import threading
from collections.abc import Iterator
from typing import Any

from sklearn.base import is_classifier
from sklearn.neighbors import BallTree, KDTree

from sersk.utils import import_optional

# What only a continued training would look at, and makes anew where it is missing.
_TRAINING = ("_feature_subsample_rng", "_loss_function_", "_optimizer")
# Attributes that `_get_loss` gives.
_LOSSES = ("_base_loss", "_loss")
# Parts of a module that hold no tensor, for each of which there are some that do.
_SOME = 1000
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
    state = safetensors.load(data)
    with torch.device("meta"), _no_more_than(2 * len(state) + _SOME, torch):
        module = maker._make_module(maker.widths_, n_outputs)
    if type(module).__name__ != name:
        raise ValueError(f"{type(estimator).__name__} has no module {name!r}")
    for key, tensor in module.state_dict().items():
        if key in state and state[key].dtype != tensor.dtype:
            raise ValueError(f"the weights {key!r} are {state[key].dtype}")
    module.load_state_dict(state, assign=True)
    return module.eval()


@contextlib.contextmanager
def _no_more_than(count: int, torch: Any) -> Iterator[None]:
    """Stop at a module of far more tensors than there are, before it takes for ever."""
    this_thread = threading.get_ident()
    left = count

    def tick(*_: Any) -> None:
        nonlocal left
        left -= threading.get_ident() == this_thread
        if left < 0:
            raise ValueError(f"its net has more than {count} parts, its weights fewer")

    hooks = [
        getattr(torch.nn.modules.module, f"register_module_{kind}_registration_hook")(
            tick
        )
        for kind in ("buffer", "module", "parameter")
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _is_native(value: Any) -> bool:
    module = type(value).__module__
    return module.startswith(("sklearn.", "_loss", "numpy.random"))
