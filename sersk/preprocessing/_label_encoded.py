"""Labels as classifiers from outside of scikit-learn want them: 0, 1, ..., k - 1."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import (
    Tags,
    check_array,
    check_consistent_length,
    get_tags,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from sersk.utils import check_labels, choose_weights
from sersk.utils._sklearn import (
    HasMethods,
    StrOptions,
    estimator_has,
    fit_context,
    validate_data,
)

# What classifiers take; any other format becomes the first of these.
_SPARSE_FORMATS = ("csr", "csc")
_DELEGATES = ("estimator_", "estimator")


class LabelEncodedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Encode the labels for a classifier that only takes 0, 1, ..., n_classes - 1.

    XGBoost refuses text, and integers with a gap, which a class that is missing from
    a training fold leaves. Here the labels present in each fit are numbered, and the
    predictions translated back.

    Parameters
    ----------
    estimator : estimator
        The classifier, which is cloned; anything that it takes as X may be given.
    class_weight : "balanced", dict or None, default=None
        Weight of the classes, handed to the classifier as weights of the samples.
        ``"balanced"``: inversely proportional to the frequency of the class in the
        labels of this fit, as everywhere in scikit-learn. A dict holds the weight of
        each label; those that it lacks have 1.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels present in fit, sorted.
    estimator_ : estimator
        The fitted classifier, which knows class ``k`` as the number ``k``.
    n_features_in_ : int
        Number of features, where X had two dimensions.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X was a table that had them.

    See Also
    --------
    sklearn.preprocessing.LabelEncoder : Numbers labels once for a whole corpus, which
        leaves a gap where a training fold lacks a class.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sersk.preprocessing import LabelEncodedClassifier
    >>> X, y = np.array([[0.0], [1.0], [8.0], [9.0]]), ["sad", "sad", "angry", "angry"]
    >>> model = LabelEncodedClassifier(LogisticRegression()).fit(X, y)
    >>> model.predict([[0.5], [8.5]])
    array(['sad', 'angry'], dtype='<U5')
    >>> model.estimator_.classes_
    array([0, 1])
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self, estimator: Any, *, class_weight: str | dict | None = None
    ) -> None:
        self.estimator = estimator
        self.class_weight = class_weight

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "LabelEncodedClassifier":
        """Fit a clone of the classifier to the numbers of the labels.

        Parameters
        ----------
        X : array-like, table or AudioClips of n_samples
            Whatever the classifier takes.
        y : array-like of shape (n_samples,)
            Labels: text or whole numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, multiplied by that of its class.

        Returns
        -------
        self : LabelEncodedClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If there are fewer than two classes or a label is missing, if all samples
            weigh nothing, or if there are weights and the classifier takes none.
        """
        X = self._check_X(X, reset=True)
        labels = check_labels(y)
        check_consistent_length(X, labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y holds one class only, {self.classes_[0]!r}; a classifier needs at "
                "least two."
            )
        weights = self._weights(codes, sample_weight)
        given = {} if weights is None else {"sample_weight": weights}
        self.estimator_ = clone(self.estimator).fit(X, codes, **given)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label of each sample.

        Parameters
        ----------
        X : array-like, table or AudioClips of n_samples
            Whatever the classifier takes.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels, as they were in fit.
        """
        check_is_fitted(self)
        X = self._check_X(X, reset=False)
        return self.classes_[np.asarray(self.estimator_.predict(X), dtype=np.intp)]

    @available_if(estimator_has("predict_proba", delegates=_DELEGATES))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like, table or AudioClips of n_samples
            Whatever the classifier takes.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.

        Raises
        ------
        ValueError
            If the classifier gives another number of classes than it was fitted on.
        """
        check_is_fitted(self)
        X = self._check_X(X, reset=False)
        probabilities = self.estimator_.predict_proba(X)
        if probabilities.shape[1] != len(self.classes_):
            raise ValueError(
                f"{type(self.estimator_).__name__} gives probabilities of "
                f"{probabilities.shape[1]} classes, but was fitted on "
                f"{len(self.classes_)}. Its number of classes must not be fixed."
            )
        return probabilities

    @available_if(estimator_has("decision_function", delegates=_DELEGATES))
    def decision_function(self, X: Any) -> np.ndarray:
        """Compute the score of each class.

        Parameters
        ----------
        X : array-like, table or AudioClips of n_samples
            Whatever the classifier takes.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Columns in the order of ``classes_``; with two classes, one score, which is
            positive for the second.
        """
        check_is_fitted(self)
        X = self._check_X(X, reset=False)
        return self.estimator_.decision_function(X)

    def __sklearn_tags__(self) -> Tags:
        """Take over what the classifier says of its input."""
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def _check_X(self, X: Any, *, reset: bool) -> Any:
        """Check a numeric matrix without converting it; leave all else alone."""
        numeric = isinstance(X, np.ndarray) and X.dtype.kind in "biufc"
        if not (numeric or sparse.issparse(X)):
            return validate_data(self, X, reset=reset, skip_check_array=True)
        # What is finite enough is for the classifier to say: XGBoost takes NaN.
        return validate_data(
            self,
            X,
            reset=reset,
            accept_sparse=_SPARSE_FORMATS,
            accept_large_sparse=True,
            dtype=None,
            ensure_all_finite=False,
            allow_nd=True,
        )

    def _weights(self, codes: np.ndarray, sample_weight: Any) -> np.ndarray | None:
        """Return the weight of each sample, or None where all weigh the same."""
        if sample_weight is None and self.class_weight is None:
            return None
        if not has_fit_parameter(self.estimator, "sample_weight"):
            raise ValueError(
                f"{type(self.estimator).__name__}.fit takes no sample_weight. Set "
                "class_weight=None and give no weights, or wrap the classifier itself "
                "if this is a pipeline."
            )
        weights = _check_weights(sample_weight, len(codes))
        if self.class_weight is None:
            return weights
        if isinstance(self.class_weight, str):
            return weights * _balanced(codes, weights)[codes]
        return weights * choose_weights(self.class_weight, self.classes_)[codes]


def _check_weights(sample_weight: Any, n_samples: int) -> np.ndarray:
    if sample_weight is None:
        return np.ones(n_samples)
    weights = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weights.shape != (n_samples,):
        raise ValueError(
            f"sample_weight has shape {weights.shape}, but ({n_samples},) is expected."
        )
    if not weights.any():
        raise ValueError("sample_weight is zero for each sample; nothing is left.")
    return weights


def _balanced(codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weights that give each class the same total."""
    totals = np.bincount(codes, weights=weights)
    # A class of which no sample weighs anything keeps that.
    shares = np.where(totals > 0, totals, 1.0)
    return weights.sum() / (len(totals) * shares)
