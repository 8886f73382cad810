"""What estimators around another one have in common."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import Tags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sersk.audio import check_matrix
from sersk.features import find_extractors
from sersk.utils._sklearn import estimator_has


class WrappedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Predict as the classifier ``estimator_`` does, which fit leaves."""

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label of each sample.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels, as they were in fit.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @available_if(estimator_has("predict_proba", delegates=("estimator_", "estimator")))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @property
    def n_features_in_(self) -> int:
        """Number of features, where the classifier knows it."""
        check_is_fitted(self)
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the features, where the classifier knows them."""
        check_is_fitted(self)
        return self.estimator_.feature_names_in_

    def __sklearn_tags__(self) -> Tags:
        """Take over what the classifier says of its input."""
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags


def check_rows(wrapper: Any, X: Any, *, reset: bool) -> None:
    """Run scikit-learn's checks of a matrix, whose rows an estimator inside hears."""
    extractors = find_extractors(wrapper.estimator)
    finite = all(one.on_error == "raise" for one in extractors)
    check_matrix(wrapper, X, reset=reset, finite=finite)


def number_classes(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes, of which there must be two, and the number of each label."""
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        found = f"one class only, {classes.item(0)!r}" if len(classes) else "no label"
        raise ValueError(f"y holds {found}; a classifier needs at least two classes.")
    return classes, codes
