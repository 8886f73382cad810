"""Estimators that are fitted on augmented copies of their training clips as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    clone,
)
from sklearn.utils import Tags, check_consistent_length, get_tags, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sersk.audio import AudioClips, check_clips, check_not_empty
from sersk.augmentation import BaseAugmenter, add_copies
from sersk.estimators._weights import check_weights, weight_parameter
from sersk.estimators._wrapped import check_rows
from sersk.features import find_extractors
from sersk.utils import AudioError, check_given
from sersk.utils._sklearn import (
    HasMethods,
    Interval,
    estimator_has,
    fit_context,
    safe_indexing,
)

_FITTED_OR_GIVEN = ("estimator_", "estimator")


class _Augmented(MetaEstimatorMixin, BaseEstimator):
    """Fit a clone of an estimator on clips and copies; predict by it."""

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "augmenters": [BaseAugmenter, list, tuple],
        "n_copies": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        augmenters: Any,
        *,
        n_copies: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.augmenters = augmenters
        self.n_copies = n_copies
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Fit a clone of the estimator to the clips and their copies.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.
        y : array-like of shape (n_clips,) or (n_clips, n_outputs)
            Target of each clip, and of its copies.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip, and of its copies; in a pipeline, for its last step.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        AudioError
            If a clip cannot be used or augmented; ``indices`` are those of `X`.
        ValueError
            If lengths differ, there are no augmenters, or weights are given to an
            estimator that takes none.
        """
        check_given(y, type(self).__name__)
        clips = self._check_clips(X)
        check_consistent_length(clips, y)
        augmented = self.augment(clips)
        rows = np.tile(np.arange(len(clips)), 1 + self.n_copies)
        (target,) = indexable(y)
        given = {}
        if sample_weight is not None:
            weights = check_weights(sample_weight, target)
            given[weight_parameter(self.estimator)] = weights[rows]
        with _numbered_as_given(len(clips)):
            self.estimator_ = clone(self.estimator).fit(
                augmented, safe_indexing(target, rows), **given
            )
        return self

    def augment(self, X: Any) -> AudioClips:
        """Return the clips that `fit` learns from: these, and copies of each.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            Training clips, see :func:`sersk.check_clips`.

        Returns
        -------
        clips : AudioClips of shape (n_clips * (1 + n_copies),)
            See :func:`sersk.augmentation.add_copies`. Unless `random_state` is an int,
            the copies differ from call to call.
        """
        return add_copies(
            self._as_clips(X),
            self.augmenters,
            n_copies=self.n_copies,
            random_state=self.random_state,
        )

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target of clips, which are left as they are.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        y : ndarray of shape (n_clips,) or (n_clips, n_outputs)
            What the estimator predicts.
        """
        return self._fitted(X).predict(X)

    def __sklearn_tags__(self) -> Tags:
        """Take over what the estimator says of its input and target."""
        tags = super().__sklearn_tags__()
        own = get_tags(self.estimator)
        tags.input_tags = own.input_tags
        tags.target_tags.multi_output = own.target_tags.multi_output
        return tags

    def _check_clips(self, X: Any) -> AudioClips:
        """Return X as clips, a matrix after scikit-learn's checks."""
        check_rows(self, X, reset=True)
        clips = self._as_clips(X)
        check_not_empty(clips, self)
        return clips

    def _as_clips(self, X: Any) -> AudioClips:
        if isinstance(X, AudioClips):
            return X
        extractors = find_extractors(self.estimator)
        rates = [extractor.sampling_rate for extractor in extractors[:1]]
        return check_clips(X, *rates)

    def _fitted(self, X: Any) -> Any:
        check_is_fitted(self)
        check_rows(self, X, reset=False)
        return self.estimator_


class AugmentedClassifier(ClassifierMixin, _Augmented):
    """Fit a classifier on training clips and augmented copies of them.

    Only ``fit`` augments, so that what is tested is never changed, and no copy of it
    was learned from.

    Parameters
    ----------
    estimator : classifier
        Cloned; it takes clips, as a pipeline does that begins with an extractor.
    augmenters : augmenter or list of augmenters
        What may be done to a copy, see :mod:`sersk.augmentation`: each copy of each
        clip goes through one of them, drawn for that copy.
        :class:`~sersk.augmentation.Compose` makes one of several.
    n_copies : int, default=1
        Number of copies of each clip.
    random_state : int, RandomState or None, default=None
        Seed. With an int, the copies of a clip are the same in every fold, so that a
        store keeps their features.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, as the classifier found them.
    estimator_ : classifier
        The fitted classifier.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    AugmentedRegressor : The same for attributes.
    MixupClassifier : Augments features instead of clips.
    sersk.augmentation.add_copies : What `fit` makes of the clips.

    Notes
    -----
    Copies have the target, the weight and all columns of their original, the speaker
    among them, and name it in ``copy_of``. A search belongs around this estimator, not
    inside it, where it would see copies on both sides of its folds unless its splitter
    divides speakers.

    Clips are augmented at the sampling rate that they come with, before the waveform
    steps of a pipeline and the operations that `X` carries already. A store keeps the
    features of copies: the digest of a copy says what was done to which content. What
    it keeps of the originals is used.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.augmentation import AddNoise, SpeedPerturbation
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import AugmentedClassifier
    >>> from sersk.features import AcousticFunctionals
    >>> X, y = make_emotional_speech(
    ...     n_speakers=2, n_repetitions=1, random_state=0, return_X_y=True
    ... )
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> model = AugmentedClassifier(
    ...     pipeline, [AddNoise(20), SpeedPerturbation()], n_copies=2, random_state=0
    ... )
    >>> model.fit(X, y).predict(X[:3]).tolist() == y[:3].tolist()
    True
    >>> len(X), len(model.augment(X))
    (24, 72)
    """

    @property
    def classes_(self) -> np.ndarray:
        """The labels, as the classifier found them."""
        check_is_fitted(self)
        return self.estimator_.classes_

    @available_if(estimator_has("predict_proba", delegates=_FITTED_OR_GIVEN))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class, for clips left as they are.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        probabilities : ndarray of shape (n_clips, n_classes)
            Columns in the order of ``classes_``.
        """
        return self._fitted(X).predict_proba(X)

    @available_if(estimator_has("decision_function", delegates=_FITTED_OR_GIVEN))
    def decision_function(self, X: Any) -> np.ndarray:
        """Compute the score of each class, for clips left as they are.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        scores : ndarray of shape (n_clips,) or (n_clips, n_classes)
            Columns in the order of ``classes_``; with two classes, one score, which is
            positive for the second.
        """
        return self._fitted(X).decision_function(X)


class AugmentedRegressor(RegressorMixin, _Augmented):
    """Fit a regressor on training clips and augmented copies of them.

    Only ``fit`` augments, so that what is tested is never changed, and no copy of it
    was learned from.

    Parameters
    ----------
    estimator : regressor
        Cloned; it takes clips, as a pipeline does that begins with an extractor.
    augmenters : augmenter or list of augmenters
        What may be done to a copy: each goes through one of them, drawn for it.
    n_copies : int, default=1
        Number of copies of each clip.
    random_state : int, RandomState or None, default=None
        Seed. With an int, the copies of a clip are the same in every fold.

    Attributes
    ----------
    estimator_ : regressor
        The fitted regressor.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    AugmentedClassifier : The same for classes, with notes that hold for both.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.augmentation import AddNoise
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import AugmentedRegressor
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> pipeline = make_pipeline(AcousticFunctionals(descriptors=("rms",)), Ridge())
    >>> model = AugmentedRegressor(pipeline, AddNoise(), random_state=0)
    >>> model.fit(corpus.clips, corpus.frame["level"]).predict(corpus.clips).shape
    (24,)
    """


@contextmanager
def _numbered_as_given(n_clips: int) -> Iterator[None]:
    """Raise what is wrong with copies of clips with the numbers of the clips."""
    try:
        yield
    except AudioError as error:
        copies = [index for index in error.indices if index >= n_clips]
        if not copies:
            raise
        raise AudioError(
            f"{error} Clips from number {n_clips} on are augmented copies: clip "
            f"{copies[0]} is one of clip {copies[0] % n_clips}.",
            indices=sorted({index % n_clips for index in error.indices}),
        ) from error
