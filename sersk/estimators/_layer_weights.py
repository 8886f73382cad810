"""A classifier of the weighted sum of an encoder's layers."""

from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_consistent_length
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted

from sersk.estimators._wrapped import number_classes
from sersk.features import find_layers
from sersk.utils import check_labels, choose_weights, warn_user
from sersk.utils._sklearn import (
    Interval,
    StrOptions,
    check_sample_weight,
    fit_context,
    validate_data,
)


class LayerWeightedSumClassifier(ClassifierMixin, BaseEstimator):
    r"""Learn how much of each layer of an encoder to take, and classify the sum.

    Put it after ``SpeechEmbedding(layer="all")`` and a ``StandardScaler``: without the
    latter, layers of large values weigh more whatever their weight.

    Parameters
    ----------
    n_layers : int or None, default=None
        How many layers stand side by side in a row: an encoder of 12 gives 13. None:
        as many as the names of the features say, if X is a table.
    C : float, default=1.0
        Inverse of the strength of the penalty on the coefficients, as in
        ``LogisticRegression``. The weights of the layers have none.
    class_weight : {"balanced"}, dict or None, default=None
        As in ``LogisticRegression``.
    max_iter : int, default=500
        Most steps of the optimiser.
    tol : float, default=1e-5
        It stops where no component of the gradient is larger.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels present in fit, sorted.
    layer_weights_ : ndarray of shape (n_layers,)
        How much of each layer is taken; not negative, and their sum is 1.
    coef_ : ndarray of shape (n_classes, n_features_per_layer)
        Coefficients of the weighted sum.
    intercept_ : ndarray of shape (n_classes,)
        Constants.
    n_iter_ : int
        Steps that the optimiser took.
    n_features_in_ : int
        Number of features of all layers.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, if X is a table.

    See Also
    --------
    sersk.features.LayerSelect : Choose one layer.
    sersk.evaluation.layer_probe : What each layer is worth.

    Notes
    -----
    With the layers :math:`x_l` of a clip, it fits
    :math:`\mathrm{softmax}(W \sum_l s_l x_l + b)` with
    :math:`s = \mathrm{softmax}(a)` as [1]_ does, all at once by L-BFGS from equal
    weights: it maximises the likelihood less :math:`\|W\|^2 / 2C`, and needs no seed.

    References
    ----------
    .. [1] S. Yang et al., "SUPERB: speech processing universal performance
       benchmark", Interspeech, 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.estimators import LayerWeightedSumClassifier
    >>> generator = np.random.default_rng(0)
    >>> y = np.array(["calm", "sad"] * 20)
    >>> noise = generator.normal(size=(40, 2))
    >>> X = np.column_stack([noise[:, 0], noise[:, 1] + 4 * (y == "sad")])
    >>> model = LayerWeightedSumClassifier(n_layers=2).fit(X, y)
    >>> bool(model.layer_weights_[1] > 0.9)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_layers": [Interval(Integral, 1, None, closed="left"), None],
        "C": [Interval(Real, 0, None, closed="neither")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        n_layers: int | None = None,
        C: float = 1.0,
        class_weight: Any = None,
        max_iter: int = 500,
        tol: float = 1e-5,
    ) -> None:
        self.n_layers = n_layers
        self.C = C
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.tol = tol

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "LayerWeightedSumClassifier":
        """Learn the weights of layers and a linear classifier of their sum.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_features)
            Layers side by side.
        y : array-like of shape (n_clips,)
            Labels.
        sample_weight : array-like of shape (n_clips,), default=None
            What each clip counts.

        Returns
        -------
        self : LayerWeightedSumClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If there is one class only, or it is not known how many layers there are.
        """
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        labels = check_labels(y)
        check_consistent_length(X, labels)
        names = getattr(self, "feature_names_in_", None)
        layers = find_layers(X.shape[1], n_layers=self.n_layers, names=names)
        self.classes_, codes = number_classes(labels)
        weights = self._weigh(sample_weight, X, codes)
        solution = _solve(
            _Problem(
                X.reshape(len(X), len(layers), -1),
                np.eye(len(self.classes_))[codes],
                weights,
                self.C,
            ),
            self.max_iter,
            self.tol,
        )
        logits, self.coef_, self.intercept_, self.n_iter_ = solution
        self.layer_weights_ = softmax(logits)
        return self

    def _weigh(self, sample_weight: Any, X: np.ndarray, codes: np.ndarray) -> Any:
        """Return what each clip counts, which is something for one of them at least."""
        weights = check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        if isinstance(self.class_weight, dict):
            weights *= choose_weights(self.class_weight, self.classes_)[codes]
        else:
            weights *= compute_sample_weight(self.class_weight, codes)
        if not 0 < weights.sum() < np.inf:
            raise ValueError(
                f"class_weight={self.class_weight!r} and sample_weight give all clips "
                f"together the weight {weights.sum():g}. Give some of them a weight, "
                "and none an endless one."
            )
        return weights

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores of the classes.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_features)
            Layers side by side.

        Returns
        -------
        scores : ndarray of shape (n_clips, n_classes) or (n_clips,)
            Logits; of two classes, by how much that of the second is larger.
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_features)
            Layers side by side.

        Returns
        -------
        probabilities : ndarray of shape (n_clips, n_classes)
            In the order of ``classes_``.
        """
        return softmax(self._scores(X), axis=1)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_features)
            Layers side by side.

        Returns
        -------
        y : ndarray of shape (n_clips,)
            Labels, as they were in fit.
        """
        best = self._scores(X).argmax(axis=1)
        return self.classes_[best]

    def _scores(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        layers = X.reshape(len(X), len(self.layer_weights_), -1)
        return _sum_layers(layers, self.layer_weights_) @ self.coef_.T + self.intercept_


class _Problem(NamedTuple):
    """Layers (n, n_layers, n_features), one-hot targets, and what each clip counts."""

    layers: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    C: float

    def split(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the logits of the layers, the coefficients and the constants."""
        n_layers, n_features = self.layers.shape[1:]
        n_classes = self.targets.shape[1]
        end = n_layers + n_classes * n_features
        coefficients = point[n_layers:end].reshape(n_classes, n_features)
        return point[:n_layers], coefficients, point[end:]

    def loss(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the penalised mean loss and its gradient."""
        logits, coefficients, constants = self.split(point)
        shares = softmax(logits)
        inputs = _sum_layers(self.layers, shares)
        log_proba = log_softmax(inputs @ coefficients.T + constants, axis=1)
        total = self.weights.sum()
        strength = 1.0 / (self.C * total)
        errors = (np.exp(log_proba) - self.targets) * (self.weights / total)[:, None]
        loss = -(self.weights / total) @ (self.targets * log_proba).sum(axis=1)
        loss += 0.5 * strength * np.square(coefficients).sum()
        slopes = errors @ coefficients
        by_share = np.einsum("nlf,nf->l", self.layers, slopes, optimize=True)
        gradient = [
            shares * (by_share - shares @ by_share),
            (errors.T @ inputs + strength * coefficients).ravel(),
            errors.sum(axis=0),
        ]
        return float(loss), np.concatenate(gradient)


def _solve(
    problem: _Problem, max_iter: int, tol: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return the logits of layers, coefficients, constants and the number of steps."""
    n_layers, n_features = problem.layers.shape[1:]
    n_classes = problem.targets.shape[1]
    start = np.zeros(n_layers + n_classes * (n_features + 1))
    options: Any = {
        "maxiter": max_iter,
        "maxfun": 2 * max_iter,
        "gtol": tol,
        "ftol": 1e-14,
    }
    result = minimize(problem.loss, start, jac=True, method="L-BFGS-B", options=options)
    if result.status == 1:
        warn_user(
            f"LayerWeightedSumClassifier did not converge in {max_iter} steps. Scale "
            "the features before it, or raise max_iter.",
            ConvergenceWarning,
        )
    if not result.nit and np.abs(result.jac).max() > tol:
        raise ValueError(
            "LayerWeightedSumClassifier finds no first step: X has values up to "
            f"{np.abs(problem.layers).max():g}. Scale the features before it."
        )
    return *problem.split(result.x), result.nit


def _sum_layers(layers: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.einsum("nlf,l->nf", layers, shares, optimize=True)
