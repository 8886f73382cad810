"""Estimators that are fitted on convex pairs of their training rows as well."""

from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    clone,
)
from sklearn.utils import (
    Tags,
    check_random_state,
    get_tags,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from sersk.estimators._weights import check_weights, weight_parameter
from sersk.utils._sklearn import (
    HasMethods,
    Interval,
    estimator_has,
    fit_context,
    validate_data,
)

_FITTED_OR_GIVEN = ("estimator_", "estimator")
_DTYPES = (np.float64, np.float32)


class Pairs(NamedTuple):
    """Rows that are mixed: of each pair, both rows and the share of the first."""

    first: np.ndarray
    second: np.ndarray
    share: np.ndarray


class _Mixup(MetaEstimatorMixin, BaseEstimator):
    """Fit a clone of an estimator on rows and mixtures of them; predict by it."""

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "n_copies": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        alpha: float = 0.2,
        *,
        n_copies: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.alpha = alpha
        self.n_copies = n_copies
        self.random_state = random_state

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the target of rows, which are not mixed.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            What the estimator predicts.
        """
        check_is_fitted(self)
        return self.estimator_.predict(self._check_X(X))

    def _check_X(self, X: ArrayLike) -> np.ndarray:
        return validate_data(self, X, reset=False, dtype=_DTYPES)

    def _draw(self, n_samples: int) -> Pairs:
        generator = check_random_state(self.random_state)
        return draw_pairs(n_samples, self.n_copies, self.alpha, generator)


class MixupClassifier(ClassifierMixin, _Mixup):
    r"""Fit a classifier on rows of features and on convex pairs of them.

    Only ``fit`` mixes. It belongs between the scaler and the classifier of a pipeline,
    so that it mixes features of training clips alone.

    Parameters
    ----------
    estimator : classifier
        Cloned; its ``fit`` takes `sample_weight`, that of its last step if it is a
        pipeline.
    alpha : float, default=0.2
        Above 0. Shares are drawn from Beta(`alpha`, `alpha`): the larger, the more
        even are the mixtures.
    n_copies : int, default=1
        Number of mixtures of each row.
    random_state : int, RandomState or None, default=None
        Seed.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, as the classifier found them.
    estimator_ : classifier
        The fitted classifier.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X was a table that had them.

    See Also
    --------
    MixupRegressor : The same for numbers.
    AugmentedClassifier : Augments clips instead of features.

    Notes
    -----
    Each row :math:`x_i` is mixed with a row :math:`x_j`, drawn so that each serves
    once per copy, to :math:`\lambda x_i + (1 - \lambda) x_j` with :math:`\lambda \sim
    \mathrm{Beta}(\alpha, \alpha)`. The mixture is learned with two labels:
    :math:`y_i` with weight :math:`\lambda w_i` and :math:`y_j` with weight :math:`(1 -
    \lambda) w_j`, which gives the loss :math:`\lambda \ell(y_i) + (1 - \lambda)
    \ell(y_j)`. The rows themselves keep their weights, 1 unless told otherwise.

    References
    ----------
    H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, "mixup: Beyond Empirical Risk
    Minimization", ICLR 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sersk.estimators import MixupClassifier
    >>> X, y = np.array([[0.0], [1.0], [8.0], [9.0]]), ["sad", "sad", "angry", "angry"]
    >>> model = MixupClassifier(LogisticRegression(), n_copies=2, random_state=0)
    >>> model.fit(X, y).predict([[0.5], [8.5]])
    array(['sad', 'angry'], dtype='<U5')
    """

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any, sample_weight: ArrayLike | None = None
    ) -> "MixupClassifier":
        """Fit a clone of the classifier to rows and mixtures.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.

        Returns
        -------
        self : MixupClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If the classifier takes no weights, which labels need here.
        """
        X, y = validate_data(self, X, y, dtype=_DTYPES)
        check_classification_targets(y)
        name = weight_parameter(self.estimator)
        weights = np.ones(len(y))
        if sample_weight is not None:
            weights = check_weights(sample_weight, y)
        pairs = self._draw(len(X))
        mixed = mix_rows(X, pairs)
        first, second, share = pairs
        weights = np.concatenate(
            [weights, share * weights[first], (1 - share) * weights[second]]
        )
        self.estimator_ = clone(self.estimator).fit(
            np.concatenate([X, mixed, mixed]),
            np.concatenate([y, y[first], y[second]]),
            **{name: weights},
        )
        return self

    @property
    def classes_(self) -> np.ndarray:
        """The labels, as the classifier found them."""
        check_is_fitted(self)
        return self.estimator_.classes_

    @available_if(estimator_has("predict_proba", delegates=_FITTED_OR_GIVEN))
    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(self._check_X(X))

    @available_if(estimator_has("decision_function", delegates=_FITTED_OR_GIVEN))
    def decision_function(self, X: ArrayLike) -> np.ndarray:
        """Compute the score of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Columns in the order of ``classes_``; with two classes, one score, which is
            positive for the second.
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(self._check_X(X))


class MixupRegressor(RegressorMixin, _Mixup):
    r"""Fit a regressor on rows of features and on convex pairs of them.

    Only ``fit`` mixes, rows and targets by the same shares.

    Parameters
    ----------
    estimator : regressor
        Cloned.
    alpha : float, default=0.2
        Above 0. Shares are drawn from Beta(`alpha`, `alpha`): the larger, the more
        even are the mixtures.
    n_copies : int, default=1
        Number of mixtures of each row.
    random_state : int, RandomState or None, default=None
        Seed.

    Attributes
    ----------
    estimator_ : regressor
        The fitted regressor.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X was a table that had them.

    See Also
    --------
    MixupClassifier : The same for classes, with the formula.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from sersk.estimators import MixupRegressor
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> model = MixupRegressor(LinearRegression(), random_state=0)
    >>> model.fit(X, [1.0, 3.0, 5.0]).predict([[3.0]])
    array([7.])
    """

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: Any, sample_weight: ArrayLike | None = None
    ) -> "MixupRegressor":
        """Fit a clone of the regressor to rows and mixtures.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; that of a mixture is mixed as well.

        Returns
        -------
        self : MixupRegressor
            The fitted regressor.

        Raises
        ------
        ValueError
            If weights are given to a regressor that takes none.
        """
        X, y = validate_data(
            self, X, y, dtype=_DTYPES, multi_output=True, y_numeric=True
        )
        pairs = self._draw(len(X))
        given = {}
        if sample_weight is not None:
            weights = check_weights(sample_weight, y)
            mixed = mix_rows(weights, pairs)
            given[weight_parameter(self.estimator)] = np.concatenate([weights, mixed])
        self.estimator_ = clone(self.estimator).fit(
            np.concatenate([X, mix_rows(X, pairs)]),
            np.concatenate([y, mix_rows(y, pairs)]),
            **given,
        )
        return self

    def __sklearn_tags__(self) -> Tags:
        """Take over whether the regressor has several outputs."""
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator).target_tags
        tags.target_tags.multi_output = inner.multi_output
        return tags


def draw_pairs(
    n_samples: int,
    n_copies: int,
    alpha: float,
    generator: np.random.RandomState,
) -> Pairs:
    """Return `n_copies` pairs of each row, in which each row is second as often.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    n_copies : int
        How often each is mixed.
    alpha : float
        Both parameters of the Beta distribution of shares.
    generator : RandomState
        What draws them.

    Returns
    -------
    pairs : Pairs
        Arrays of shape (n_samples * n_copies,).
    """
    first = np.tile(np.arange(n_samples), n_copies)
    drawn = [generator.permutation(n_samples) for _ in range(n_copies)]
    share = generator.beta(alpha, alpha, size=len(first))
    return Pairs(first, np.concatenate(drawn), share)


def mix_rows(rows: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Return what pairs of rows are mixed to, in the type of the rows."""
    first, second, share = pairs
    share = share.reshape(-1, *[1] * (rows.ndim - 1))
    mixed = share * rows[first] + (1 - share) * rows[second]
    return mixed.astype(rows.dtype if rows.dtype.kind == "f" else float, copy=False)
