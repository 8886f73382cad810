"""Choosing one of an encoder's layers."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sersk.features._layers import find_layers, list_layers
from sersk.utils._sklearn import (
    Interval,
    check_feature_names_in,
    fit_context,
    validate_data,
)


class LayerSelect(TransformerMixin, BaseEstimator):
    """Choose one layer of those that an encoder gives side by side.

    After ``SpeechEmbedding(layer="all")`` or several layers, a search over layers reads
    the store and runs the encoder no more.

    Parameters
    ----------
    layer : int, default=-1
        Which, by its number. -1 is the last of those that are there, -2 the one before.
    n_layers : int or None, default=None
        How many there are, from 0 on: an encoder of 12 layers gives 13. None: as the
        names of the features say, if X is a table.
    layers : list or tuple of int, default=None
        Which there are, if not all: what ``SpeechEmbedding(layer=...)`` was given,
        without negative numbers. None: as `n_layers` or the names of the features say.

    Attributes
    ----------
    layers_ : tuple of int
        Which there are.
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
    >>> X = np.arange(6).reshape(1, 6)
    >>> LayerSelect(1, n_layers=3).fit_transform(X)
    array([[2, 3]])
    >>> LayerSelect(9, layers=[3, 6, 9]).fit_transform(X)
    array([[4, 5]])
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "layer": [Integral],
        "n_layers": [Interval(Integral, 1, None, closed="left"), None],
        "layers": [list, tuple, None],
    }

    def __init__(
        self,
        layer: int = -1,
        *,
        n_layers: int | None = None,
        layers: Sequence[int] | None = None,
    ) -> None:
        self.layer = layer
        self.n_layers = n_layers
        self.layers = layers

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
            If there is no such layer, or it is not known which there are.
        """
        X = validate_data(self, X, ensure_all_finite="allow-nan")
        names = getattr(self, "feature_names_in_", None)
        self.layers_ = find_layers(
            X.shape[1], n_layers=self.n_layers, layers=self.layers, names=names
        )
        self.n_layers_ = len(self.layers_)
        self._position()
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Take the features of the layer.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_features)
            Layers side by side.

        Returns
        -------
        chosen : ndarray of shape (n_clips, n_layer_features)
            Those of one layer.
        """
        check_is_fitted(self)
        X = validate_data(
            self, X, dtype=None, ensure_all_finite="allow-nan", reset=False
        )
        return X[:, self.get_support()]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the features of the layer.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of all features; None stands for those seen in fit, or ``x0`` and on.

        Returns
        -------
        names : ndarray of str objects of shape (n_layer_features,)
            Those of one layer.
        """
        check_is_fitted(self)
        return check_feature_names_in(self, input_features)[self.get_support()]

    def get_support(self, indices: bool = False) -> np.ndarray:
        """Return which features are taken, as scikit-learn's selectors do.

        Parameters
        ----------
        indices : bool, default=False
            Whether to give their numbers instead of a mask.

        Returns
        -------
        support : ndarray of bool of shape (n_features,), or of int
            True where a feature is one of the layer.
        """
        check_is_fitted(self)
        of_layer = np.arange(self.n_layers_) == self._position()
        mask = np.repeat(of_layer, self.n_features_in_ // self.n_layers_)
        return np.flatnonzero(mask) if indices else mask

    def _position(self) -> int:
        """Return the place of the layer among those that are there."""
        if self.layer in self.layers_:
            return self.layers_.index(self.layer)
        if -self.n_layers_ <= self.layer < 0:
            return self.n_layers_ + self.layer
        raise ValueError(
            f"layer={self.layer}, but there are {list_layers(self.layers_)}."
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
