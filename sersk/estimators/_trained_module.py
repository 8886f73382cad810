"""The base of estimators that hold a torch module, which is made again of weights."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import check_random_state

from sersk.utils import import_optional

# Parts of a module that hold no tensor, for each of which there are some that do.
_SOME = 1000


class TrainedModule(BaseEstimator):
    """Make the module of a fitted estimator again."""

    random_state: Any

    def restore_module(self, weights: Mapping[str, Any]) -> None:
        """Make the module again, with its weights; for the library's use.

        Its tensors are those that are given, and memory is taken for no others. No file
        is read, and no number drawn.

        Parameters
        ----------
        weights : dict of str to Tensor
            All that ``module_.state_dict()`` held.

        Raises
        ------
        ValueError
            If weights are of another type, or the module has far more parts than they.
        RuntimeError
            If weights have other names or shapes.
        """
        torch = import_optional("torch", extra="torch")
        learned = self.classes_ if is_classifier(self) else self.offset_
        with torch.device("meta"), _no_more_than(2 * len(weights) + _SOME, torch):
            module = self._empty_module(len(learned))
        for name, value in module.state_dict().items():
            if name in weights and weights[name].dtype != value.dtype:
                raise ValueError(f"the weights {name!r} are {weights[name].dtype}")
        module.load_state_dict(weights, assign=True)
        self.module_ = module.eval()

    def __sklearn_is_fitted__(self) -> bool:
        """Tell whether there is a module of what was learned last."""
        return hasattr(self, "module_")

    def _forget_module(self) -> None:
        """Forget the module: where a fit fails, it would answer for other classes."""
        self.__dict__.pop("module_", None)

    def _draw_seed(self) -> int:
        """Return a seed for torch; None leaves numpy's own generator as it is."""
        if self.random_state is None:
            return int(np.random.default_rng().integers(2**31 - 1))
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _empty_module(self, n_outputs: int) -> Any:
        """Return the module that was trained, with any weights."""
        raise NotImplementedError


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
