"""A classifier that learns from windows of clips and answers for clips."""

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target

from sersk.estimators._aggregation import (
    aggregate,
    count_votes,
    max_by,
    mean_by,
)
from sersk.estimators._windowed_base import Cut, Windowed
from sersk.estimators._wrapped import number_classes
from sersk.metrics import apply_thresholds
from sersk.utils import check_given, check_labels, label_columns
from sersk.utils._sklearn import Interval, StrOptions, estimator_has, fit_context

_OF_LABELS = {"mean_proba": mean_by, "max_proba": max_by}
_HAS_PROBABILITIES = estimator_has(
    "predict_proba", delegates=("estimator_", "estimator")
)


def _gives_probabilities(self: Any) -> bool:
    return self.aggregate == "vote" or _HAS_PROBABILITIES(self)


class WindowedClassifier(ClassifierMixin, Windowed):
    r"""Fit a classifier on windows of clips, and predict clips by all their windows.

    Each window inherits the label, the weight and all columns of its clip, such as the
    speaker, so that whatever divides windows inside the estimator keeps speakers
    apart. What comes out is one answer a clip: scores are those of clips.

    Parameters
    ----------
    estimator : classifier
        Cloned, and fitted on windows; it takes clips, as a pipeline does that begins
        with an extractor.
    window : float, default=1.0
        Length of a window in seconds. A clip that is shorter gives one window, padded
        with zeros at its end.
    hop : float, default=0.25
        Seconds from the start of a window to that of the next. If it is longer than
        `window`, what lies between them is not used.
    tail : {"drop", "shift", "pad"}, default="drop"
        What becomes of samples behind the last whole window: they are left out, the
        last window is moved back to end with the clip, or it is padded with zeros.
    aggregate : str, default="mean_proba"
        How the windows of a clip decide. With :math:`p_{wk}` the probability of class
        :math:`k` in window :math:`w` and :math:`n` windows, the class is the one with
        the largest

        - ``"mean_proba"``: :math:`\frac{1}{n} \sum_w p_{wk}`;
        - ``"mean_logproba"``: :math:`\frac{1}{n} \sum_w \log p_{wk}`;
        - ``"vote"``: number of windows in which it is the most probable, and between
          classes with equally many of them, :math:`\sum_w p_{wk}`;
        - ``"max_confidence"``: :math:`p_{wk}` in the window with the largest
          :math:`\max_k \log p_{wk} - \min_k \log p_{wk}`, the first of several;
        - ``"max_proba"``: :math:`\max_w p_{wk}`;

        and the first in ``classes_`` where that is equal.
    threshold : float or array-like of shape (n_labels,), default=0.5
        For targets of several labels a clip, the probability from which a label is
        answered.
    sampling_rate : int or None, default=None
        Rate in Hz at which windows are cut, and at which arrays are taken to be; None
        stands for the highest of the extractors in `estimator`, or where there are
        none, for that of the clips, or 16,000.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels present in fit, sorted; with several labels a clip, their numbers.
    estimator_ : classifier
        The classifier, fitted on windows.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    WindowedRegressor : The same for attributes.
    sersk.audio.make_windows : Cuts clips into windows.

    Notes
    -----
    Probabilities below 2.2e-16 count as that in logarithms.

    With a target of several labels a clip, an indicator matrix of shape (n_clips,
    n_labels), probabilities are aggregated label by label by ``"mean_proba"`` or
    ``"max_proba"``, and then compared with `threshold`.

    X may hold windows already, as :func:`~sersk.audio.make_windows` cuts them. They
    are taken as they are, and each gets the answer of the clip that it was cut from,
    by those of its windows that are in X.

    References
    ----------
    H. Zou et al., "Speech Emotion Recognition with Co-Attention Based Multi-Level
    Acoustic Information", ICASSP 2022: ``"mean_logproba"``, over windows of 3 s.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import WindowedClassifier
    >>> from sersk.features import AcousticFunctionals
    >>> X, y = make_emotional_speech(
    ...     n_speakers=2, n_repetitions=1, random_state=0, return_X_y=True
    ... )
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> model = WindowedClassifier(pipeline, window=0.5, hop=0.25).fit(X, y)
    >>> model.predict(X[:3]).tolist() == y[:3].tolist()
    True
    >>> model.predict_windows(X[:1])[["clip", "start", "end"]]
       clip  start   end
    0     0   0.00  0.50
    1     0   0.25  0.75
    2     0   0.50  1.00
    3     0   0.75  1.25
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **Windowed._parameter_constraints,
        "aggregate": [
            StrOptions(
                {"mean_proba", "mean_logproba", "vote", "max_confidence", "max_proba"}
            )
        ],
        "threshold": [Interval(Real, 0, 1, closed="both"), "array-like"],
    }

    def __init__(
        self,
        estimator: Any,
        window: float = 1.0,
        hop: float = 0.25,
        *,
        tail: str = "drop",
        aggregate: str = "mean_proba",
        threshold: float | ArrayLike = 0.5,
        sampling_rate: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.window = window
        self.hop = hop
        self.tail = tail
        self.aggregate = aggregate
        self.threshold = threshold
        self.sampling_rate = sampling_rate

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "WindowedClassifier":
        """Fit a clone of the classifier to the windows of clips.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.
        y : array-like of shape (n_clips,) or (n_clips, n_labels)
            Labels; or an indicator matrix, 1 where a clip has a label.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip, which each of its windows has; in a pipeline, for its
            last step.

        Returns
        -------
        self : WindowedClassifier
            The fitted classifier.

        Raises
        ------
        AudioError
            If a clip cannot be used; ``indices`` are those of `X`.
        ValueError
            If labels are missing or disagree within a clip, lengths differ, or the
            estimator gives no probabilities and `aggregate` needs them.
        """
        clips = self._check_clips(X)
        target = _check_target(y, type(self).__name__)
        self._is_multilabel = target.ndim > 1
        self._check_aggregate(target)
        if self._is_multilabel:
            self.classes_ = np.arange(target.shape[1])
        else:
            self.classes_, _ = number_classes(target)
        self._fit_windows(clips, target, sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label, or the labels, of each clip.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        y : ndarray of shape (n_clips,) or (n_clips, n_labels)
            Labels as they were in fit; or 1 where a clip has a label.
        """
        cut = self._cut_fitted(X)
        scores = self._score_windows(cut)
        if self.aggregate == "vote":
            return self.classes_[count_votes(scores, cut.owners)[cut.answers]]
        clips = self._aggregate(scores, cut)
        if self._is_multilabel:
            return apply_thresholds(clips, self.threshold).to_numpy()
        return self.classes_[clips.argmax(axis=1)]

    @available_if(_gives_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class for each clip.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        probabilities : ndarray of shape (n_clips, n_classes)
            Columns in the order of ``classes_``. Rows sum to 1, unless there are
            several labels a clip. What ``"mean_logproba"`` and ``"max_proba"`` give is
            divided by its sum for that; what ``"max_confidence"`` gives are the
            probabilities of one window. With ``"vote"`` these are the shares of the
            votes, which are equal where only :meth:`predict` breaks a tie.
        """
        cut = self._cut_fitted(X)
        return self._aggregate(self._score_windows(cut), cut)

    def predict_windows(self, X: Any) -> pd.DataFrame:
        """Return what the classifier makes of each window, one row each.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        table : pandas.DataFrame
            ``clip``, the row of X; ``start`` and ``end`` in seconds from the start of
            the clip (the end of a padded window lies behind that of its clip); and for
            each of ``classes_`` its probability. Of classifiers without probabilities
            it is 1 for what they predict.
        """
        cut = self._cut_fitted(X)
        return self._tabulate(cut, self._score_windows(cut), self.classes_.tolist())

    def __sklearn_tags__(self) -> Tags:
        """Take over what the classifier says of its target as well."""
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator).classifier_tags
        if inner is not None:
            takes_labels = self.aggregate in _OF_LABELS
            tags.classifier_tags.multi_label = inner.multi_label and takes_labels
            tags.target_tags.multi_output &= takes_labels
            tags.classifier_tags.multi_class = inner.multi_class
        return tags

    def _check_aggregate(self, target: np.ndarray) -> None:
        """Raise unless the estimator gives what is aggregated."""
        is_multilabel = target.ndim > 1
        if is_multilabel and self.aggregate not in _OF_LABELS:
            raise ValueError(
                f"aggregate={self.aggregate!r} chooses one class, but y has "
                f"{target.shape[1]} labels a clip. Pass "
                f"{' or '.join(map(repr, _OF_LABELS))}."
            )
        n_thresholds = np.size(self.threshold)
        if is_multilabel and n_thresholds not in (1, target.shape[1]):
            raise ValueError(
                f"threshold holds {n_thresholds} values for {target.shape[1]} labels."
            )
        if self.aggregate != "vote" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f"aggregate={self.aggregate!r} needs probabilities, but "
                f"{type(self.estimator).__name__} has no predict_proba. Pass "
                "aggregate='vote', or a CalibratedClassifierCV around it with "
                "cv=SpeakerKFold(3)."
            )

    def _score_windows(self, cut: Cut) -> np.ndarray:
        """Return a column of probabilities for each class, or of votes."""
        n_classes = len(self.classes_)
        with self._clips_named(cut):
            if not hasattr(self.estimator_, "predict_proba"):
                predicted = self.estimator_.predict(cut.windows)
                return np.eye(n_classes)[np.searchsorted(self.classes_, predicted)]
            given = self.estimator_.predict_proba(cut.windows)
        if self._is_multilabel:
            given = label_columns(given, self.estimator_)
        scores = np.asarray(given, dtype=np.float64)
        if scores.shape[1:] != (n_classes,):
            raise ValueError(
                f"{type(self.estimator_).__name__} gives probabilities of shape "
                f"{scores.shape}, but was fitted on {n_classes} classes. Its number of "
                "classes must not be fixed."
            )
        return scores

    def _aggregate(self, scores: np.ndarray, cut: Cut) -> np.ndarray:
        """Return the probabilities of each row of X."""
        if self._is_multilabel:
            return _OF_LABELS[self.aggregate](scores, cut.owners)[cut.answers]
        return aggregate(scores, cut.owners, self.aggregate)[cut.answers]


def _check_target(y: Any, name: str) -> np.ndarray:
    """Return labels, or an indicator matrix of several labels a clip."""
    check_given(y, name)
    values = np.asarray(y, dtype=object)
    if values.ndim == 2 and type_of_target(y) == "multilabel-indicator":
        return values.astype(int)
    return check_labels(y)
