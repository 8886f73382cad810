"""Choosing one of an encoder's layers."""

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin

from sersk.utils import count_layers
from sersk.utils._sklearn import Interval, fit_context, validate_data


class LayerSelect(SelectorMixin, BaseEstimator):
    """Choose one layer of those that an encoder gives side by side.

    After ``SpeechEmbedding(layer="all")``, a search over layers reads the store and
    runs the encoder no more.

    Parameters
    ----------
    layer : int, default=-1
        Which: 0 is the first, -1 the last.
    n_layers : int or None, default=None
        How many there are: an encoder of 12 layers gives 13. None: as many as the
        names of the features say, if X is a table.

    Attributes
    ----------
    n_layers_ : int
        How many there are.
    n_features_in_ : int
        Number of features of all layers.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, if X is a table.

    See Also
    --------
    SpeechEmbedding : Gives all layers.
    sersk.estimators.LayerWeightedSumClassifier : Learns how much of each to take.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import LayerSelect
    >>> LayerSelect(1, n_layers=3).fit_transform(np.arange(6).reshape(1, 6))
    array([[2, 3]])
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "layer": [Integral],
        "n_layers": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(self, layer: int = -1, *, n_layers: int | None = None) -> None:
        self.layer = layer
        self.n_layers = n_layers

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> "LayerSelect":
        """Count the layers.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_features)
            Layers side by side.
        y : None
            Ignored.

        Returns
        -------
        self : LayerSelect
            This transformer.

        Raises
        ------
        ValueError
            If there is no such layer, or it is not known how many there are.
        """
        X = validate_data(self, X, ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", None)
        self.n_layers_ = count_layers(X.shape[1], self.n_layers, names)
        if not -self.n_layers_ <= self.layer < self.n_layers_:
            raise ValueError(
                f"layer={self.layer}, but there are layers 0 to {self.n_layers_ - 1}."
            )
        return self

    def _get_support_mask(self) -> np.ndarray:
        of_layer = np.arange(self.n_layers_) == self.layer % self.n_layers_
        return np.repeat(of_layer, self.n_features_in_ // self.n_layers_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
