"""A regressor that learns from windows of clips and answers for clips."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, column_or_1d

from sersk.estimators._aggregation import max_by, mean_by
from sersk.estimators._windowed_base import Cut, Windowed
from sersk.utils import check_given
from sersk.utils._sklearn import StrOptions, fit_context


class WindowedRegressor(RegressorMixin, Windowed):
    """Fit a regressor on windows of clips, and predict clips by all their windows.

    Each window inherits the target, the weight and all columns of its clip.

    Parameters
    ----------
    estimator : regressor
        Cloned, and fitted on windows; it takes clips, as a pipeline does that begins
        with an extractor. It may have several outputs.
    window, hop : float, default=1.0 and 0.25
        Length of a window, and from the start of one to that of the next, in seconds.
    tail : {"drop", "shift", "pad"}, default="drop"
        What becomes of samples behind the last whole window.
    aggregate : {"mean", "max"}, default="mean"
        What of the predictions for its windows is that for a clip, output by output.
    sampling_rate : int or None, default=None
        Rate in Hz at which windows are cut; None stands for that of the extractors.

    Attributes
    ----------
    estimator_ : regressor
        The regressor, fitted on windows.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    WindowedClassifier : The same for classes, where parameters are described at length.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.estimators import WindowedRegressor
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    >>> pipeline = make_pipeline(AcousticFunctionals(descriptors=("rms",)), Ridge())
    >>> model = WindowedRegressor(pipeline, window=0.5)
    >>> model.fit(corpus.clips, corpus.frame["level"]).predict(corpus.clips).shape
    (24,)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **Windowed._parameter_constraints,
        "aggregate": [StrOptions({"mean", "max"})],
    }

    def __init__(
        self,
        estimator: Any,
        window: float = 1.0,
        hop: float = 0.25,
        *,
        tail: str = "drop",
        aggregate: str = "mean",
        sampling_rate: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.window = window
        self.hop = hop
        self.tail = tail
        self.aggregate = aggregate
        self.sampling_rate = sampling_rate

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> "WindowedRegressor":
        """Fit a clone of the regressor to the windows of clips.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.
        y : array-like of shape (n_clips,) or (n_clips, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip, which each of its windows has; in a pipeline, for its
            last step.

        Returns
        -------
        self : WindowedRegressor
            The fitted regressor.

        Raises
        ------
        AudioError
            If a clip cannot be used; ``indices`` are those of `X`.
        ValueError
            If targets are missing or disagree within a clip, or lengths differ.
        """
        clips = self._check_clips(X)
        check_given(y, type(self).__name__)
        target = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        if target.ndim == 2 and target.shape[1] == 1:
            target = column_or_1d(target, warn=True)
        self._fit_windows(clips, target, sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target of each clip.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        y : ndarray of shape (n_clips,) or (n_clips, n_outputs)
            What is aggregated over the windows of each clip.
        """
        cut = self._cut_fitted(X)
        reduce = mean_by if self.aggregate == "mean" else max_by
        return reduce(self._score_windows(cut), cut.owners)[cut.answers]

    def predict_windows(self, X: Any) -> pd.DataFrame:
        """Return what the regressor makes of each window, one row each.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        table : pandas.DataFrame
            ``clip``, the row of X; ``start`` and ``end`` in seconds from the start of
            the clip; and ``prediction``, or ``prediction_0`` and so on.
        """
        cut = self._cut_fitted(X)
        scores = self._score_windows(cut)
        names = ["prediction"]
        if scores.ndim > 1:
            names = [f"prediction_{output}" for output in range(scores.shape[1])]
        return self._tabulate(cut, scores, names)

    def _score_windows(self, cut: Cut) -> np.ndarray:
        with self._clips_named(cut):
            return np.asarray(self.estimator_.predict(cut.windows), dtype=np.float64)
