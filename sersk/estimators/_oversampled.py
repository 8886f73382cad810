"""Classifiers that learn from repeated clips of the rarer classes."""

from collections.abc import Mapping
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils import check_random_state, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sersk.estimators._columns import carries_columns, column_of, with_column
from sersk.estimators._wrapped import WrappedClassifier, number_classes
from sersk.utils import check_labels
from sersk.utils._sklearn import (
    HasMethods,
    StrOptions,
    estimator_has,
    fit_context,
    safe_indexing,
)


class OversampledClassifier(WrappedClassifier):
    """Repeat clips of the rarer classes, drawn at random, when a classifier is fitted.

    Only ``fit`` repeats anything, so that what is tested stays as it is and no copy of
    it was learned from. Doing the same before the split puts copies on both sides.

    Parameters
    ----------
    estimator : classifier
        Cloned, and fitted on the clips and their copies; it takes X as it is given
        here, so that a pipeline may begin with its extractor.
    sampling_strategy : "auto" or dict, default="auto"
        ``"auto"``: every class gets as many clips as the largest. A dict holds the
        number of clips, copies included, that a class gets; those that it lacks stay
        as they are.
    random_state : int, RandomState instance or None, default=None
        Which clips are repeated. A clip is drawn with replacement.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels present in fit, sorted.
    estimator_ : classifier
        The fitted classifier.
    sample_indices_ : ndarray of int of shape (n_samples_fitted,)
        Which samples of X it was fitted on: all, and then the copies.
    n_features_in_ : int
        Number of features, where the classifier knows it.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where the classifier knows them.

    See Also
    --------
    sersk.preprocessing.LabelEncodedClassifier : Weighs classes instead.
    sersk.estimators.PriorCorrectedClassifier : Corrects the probabilities instead.

    Notes
    -----
    A copy of a clip has all columns of its original, the speaker among them. In
    AudioClips and tables of files its column ``copy_of`` names the original as
    :func:`~sersk.model_selection.audit_split` understands it: by ``utterance`` where
    there is such a column, else by its number in X.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sersk.estimators import OversampledClassifier
    >>> X, y = np.array([[0.0], [1.0], [2.0], [9.0]]), ["sad", "sad", "sad", "angry"]
    >>> model = OversampledClassifier(KNeighborsClassifier(3), random_state=0)
    >>> model.fit(X, y).sample_indices_
    array([0, 1, 2, 3, 3, 3])
    >>> model.predict([[8.0]])
    array(['angry'], dtype='<U5')
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "sampling_strategy": [StrOptions({"auto"}), dict],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        sampling_strategy: str | dict = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: ArrayLike) -> "OversampledClassifier":
        """Fit a clone of the classifier to the clips and copies of the rarer ones.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.
        y : array-like of shape (n_samples,)
            Labels: text or whole numbers.

        Returns
        -------
        self : OversampledClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If a label is missing, there is one class only, or `sampling_strategy`
            asks for a class that is not there, or for fewer clips than there are.
        """
        labels = check_labels(y)
        X, labels = indexable(X, labels)
        self.classes_, codes = number_classes(labels)
        wanted = _count_wanted(self.sampling_strategy, codes, self.classes_)
        drawn = draw_copies(codes, wanted, check_random_state(self.random_state))
        self.sample_indices_ = np.concatenate([np.arange(len(codes)), drawn])
        self.estimator_ = clone(self.estimator).fit(
            repeat_samples(X, drawn), labels[self.sample_indices_]
        )
        return self

    @available_if(
        estimator_has("decision_function", delegates=("estimator_", "estimator"))
    )
    def decision_function(self, X: Any) -> np.ndarray:
        """Compute the score of each class.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_samples
            Whatever the classifier takes.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Columns in the order of ``classes_``; with two classes, one score, which is
            positive for the second.
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(X)


def _count_wanted(
    strategy: str | Mapping, codes: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Return how many samples, copies included, each class is to have."""
    counts = np.bincount(codes)
    if isinstance(strategy, str):
        return np.full(len(counts), counts.max())
    labels = classes.tolist()
    unknown = [label for label in strategy if label not in labels]
    if unknown:
        raise ValueError(
            f"sampling_strategy names {unknown[0]!r}, but the classes are {labels}. "
            "Correct it."
        )
    wanted = counts.copy()
    for code in (labels.index(label) for label in strategy):
        asked, own = strategy[labels[code]], counts[code]
        if not isinstance(asked, Integral) or asked < own:
            raise ValueError(
                f"sampling_strategy asks for {asked!r} samples of {labels[code]!r}, of "
                f"which there are {own}. Ask for {own} or more: none are left out."
            )
        wanted[code] = asked
    return wanted


def draw_copies(
    codes: np.ndarray, wanted: np.ndarray, generator: np.random.RandomState
) -> np.ndarray:
    """Return positions of the samples that are repeated, class by class.

    Parameters
    ----------
    codes : ndarray of int of shape (n_samples,)
        Number of each sample's class.
    wanted : ndarray of int of shape (n_classes,)
        How many samples each class is to have, not fewer than it has.
    generator : RandomState
        What draws them, with replacement.

    Returns
    -------
    positions : ndarray of int of shape (n_copies,)
        One position a copy.
    """
    members = [np.flatnonzero(codes == code) for code in range(len(wanted))]
    drawn = [
        generator.choice(own, size=n - len(own))
        for own, n in zip(members, wanted.tolist(), strict=True)
    ]
    return np.concatenate(drawn).astype(np.intp)


def repeat_samples(X: Any, positions: np.ndarray) -> Any:
    """Return X and copies of some samples behind it, marked where X carries columns."""
    n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
    repeated = safe_indexing(X, np.concatenate([np.arange(n_samples), positions]))
    if not carries_columns(X):
        return repeated
    names = column_of(X, "utterance")
    names = np.arange(n_samples, dtype=object) if names is None else names
    known = column_of(X, "copy_of")
    known = np.full(n_samples, None, dtype=object) if known is None else known
    # A copy of a copy is one of the same original.
    originals = np.where(pd.isna(known), names, known)
    copy_of = np.concatenate([known, originals[positions]])
    return with_column(repeated, "copy_of", copy_of)
