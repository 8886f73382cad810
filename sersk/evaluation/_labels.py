"""Several labels of a clip: their probabilities, and thresholds tuned by speaker."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from sersk.metrics import apply_thresholds, tune_thresholds
from sersk.utils import label_columns


class TunedThresholds(ClassifierMixin, BaseEstimator):
    """Answer labels above thresholds that were tuned on clips held out in training.

    `cv` divides the training clips, by speaker; each part is scored by a copy of
    `estimator` that did not hear it, and the thresholds are those that maximise the F1
    of each label over all parts. What then answers is trained on all training clips.
    """

    def __init__(self, estimator: Any, cv: Any) -> None:
        self.estimator = estimator
        self.cv = cv

    def fit(self, X: Any, y: np.ndarray) -> "TunedThresholds":
        """Tune the thresholds, and fit the estimator on all clips."""
        marks, scores = [], []
        for train, held_out in self.cv.split(X, y):
            fitted = clone(self.estimator).fit(X[train], y[train])
            marks.append(y[held_out])
            scores.append(label_probabilities(fitted, X[held_out], y.shape[1]))
        tuned = tune_thresholds(np.concatenate(marks), np.concatenate(scores))
        self.thresholds_ = tuned.to_numpy()
        self.estimator_ = clone(self.estimator).fit(X, y)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return a column of probabilities for each label."""
        return label_probabilities(self.estimator_, X, len(self.thresholds_))

    def predict(self, X: Any) -> np.ndarray:
        """Return 1 where the probability of a label is at least its threshold."""
        return apply_thresholds(self.predict_proba(X), self.thresholds_).to_numpy()


def label_probabilities(fitted: Any, X: Any, n_labels: int) -> np.ndarray:
    """Return the probability of each label, of shape (n_clips, n_labels)."""
    probabilities = label_columns(fitted.predict_proba(X), fitted)
    if probabilities.ndim != 2 or probabilities.shape[1] != n_labels:
        raise ValueError(
            f"predict_proba gave an array of shape {probabilities.shape}, but there "
            f"are {n_labels} labels."
        )
    return probabilities
