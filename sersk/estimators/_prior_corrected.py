"""Classifiers whose probabilities are moved to other shares of the classes."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils import indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sersk.estimators._wrapped import WrappedClassifier, number_classes
from sersk.utils import check_labels
from sersk.utils._sklearn import HasMethods, StrOptions, estimator_has, fit_context


class PriorCorrectedClassifier(WrappedClassifier):
    r"""Move the probabilities of a classifier to other shares of the classes.

    A classifier that has learned from many neutral and few sad clips expects as many
    of each in what it predicts, and says neutral where it is in doubt. Here what the
    training clips made it expect is divided out. It is the threshold of each class
    that is moved; the classifier itself is not changed.

    Parameters
    ----------
    estimator : classifier
        Cloned; it must give probabilities, which should be calibrated. One whose
        classes are weighted or balanced has been corrected already.
    target_priors : "uniform" or dict, default="uniform"
        Share of each class that is to be expected: the same for all, which suits
        unweighted accuracy, or a positive number for each label, of which only the
        ratios count.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels present in fit, sorted.
    priors_ : ndarray of shape (n_classes,)
        Share of each class in fit.
    target_priors_ : ndarray of shape (n_classes,)
        Share of each class that is expected; their sum is 1.
    estimator_ : classifier
        The fitted classifier.
    n_features_in_ : int
        Number of features, where the classifier knows it.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where the classifier knows them.

    See Also
    --------
    sklearn.model_selection.TunedThresholdClassifierCV : Chooses the threshold of two
        classes by a score on held-out clips.
    sersk.metrics.tune_thresholds : The thresholds of several labels.

    Notes
    -----
    With the probability :math:`p(k|x)` that the classifier gives class :math:`k`, its
    share :math:`\pi_k` in training and the share :math:`\pi'_k` to be expected,

    .. math:: p'(k|x) = \frac{p(k|x)\,\pi'_k/\pi_k}{\sum_j p(j|x)\,\pi'_j/\pi_j}

    as in [1]_; for two classes it is theorem 2 of [2]_. The former also has a
    procedure for shares that nobody knows. It learns from the clips that are
    predicted, and is not offered.

    References
    ----------
    .. [1] M. Saerens, P. Latinne and C. Decaestecker, "Adjusting the outputs of a
       classifier to new a priori probabilities: a simple procedure", Neural
       Computation 14(1), 21-41, 2002.
    .. [2] C. Elkan, "The foundations of cost-sensitive learning", IJCAI, 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from sersk.estimators import PriorCorrectedClassifier
    >>> X, y = np.zeros((4, 1)), ["neutral", "neutral", "neutral", "sad"]
    >>> classifier = DummyClassifier(strategy="prior").fit(X, y)
    >>> classifier.predict_proba(X[:1])
    array([[0.75, 0.25]])
    >>> model = PriorCorrectedClassifier(classifier).fit(X, y)
    >>> model.predict_proba(X[:1])
    array([[0.5, 0.5]])
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "target_priors": [StrOptions({"uniform"}), dict],
    }

    def __init__(
        self, estimator: Any, *, target_priors: str | dict = "uniform"
    ) -> None:
        self.estimator = estimator
        self.target_priors = target_priors

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: ArrayLike) -> "PriorCorrectedClassifier":
        """Fit a clone of the classifier, and count the classes.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.
        y : array-like of shape (n_samples,)
            Labels: text or whole numbers.

        Returns
        -------
        self : PriorCorrectedClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If a label is missing, there is one class only, or `target_priors` lacks
            a class or holds what is no share.
        """
        labels = check_labels(y)
        X, labels = indexable(X, labels)
        self.classes_, codes = number_classes(labels)
        self.priors_ = np.bincount(codes) / len(codes)
        self.target_priors_ = _check_priors(self.target_priors, self.classes_)
        self.estimator_ = clone(self.estimator).fit(X, labels)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the class of the largest corrected probability.

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
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    @available_if(estimator_has("predict_proba", delegates=("estimator_", "estimator")))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the corrected probability of each class.

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
        probabilities = self.estimator_.predict_proba(X)
        return move_priors(probabilities, self.priors_, self.target_priors_)


def move_priors(
    probabilities: np.ndarray, priors: np.ndarray, target_priors: np.ndarray
) -> np.ndarray:
    """Return probabilities with the target's shares of the classes for the given ones.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
        Each row sums to 1.
    priors, target_priors : ndarray of shape (n_classes,)
        Positive shares that sum to 1.

    Returns
    -------
    moved : ndarray of shape (n_samples, n_classes)
        Each row sums to 1.
    """
    moved = probabilities * (target_priors / priors)
    return moved / moved.sum(axis=1, keepdims=True)


def _check_priors(target_priors: str | Mapping, classes: np.ndarray) -> np.ndarray:
    """Return the expected share of each class, which sum to 1."""
    labels = classes.tolist()
    if isinstance(target_priors, str):
        return np.full(len(labels), 1 / len(labels))
    lacking = [label for label in labels if label not in target_priors]
    if lacking:
        raise ValueError(
            f"target_priors lacks {lacking[0]!r}; the classes are {labels}. Give the "
            "share of each."
        )
    for label in labels:
        share = target_priors[label]
        if not isinstance(share, (int, float, np.number)) or not 0 < share < np.inf:
            raise ValueError(
                f"target_priors has {share!r} for {label!r}. Give a number above 0."
            )
    shares = np.array([float(target_priors[label]) for label in labels])
    return shares / shares.sum()
