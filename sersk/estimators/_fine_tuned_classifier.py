"""What estimators have in common that train an encoder to tell classes apart."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags, check_array, check_consistent_length

from sersk.estimators._fine_tuned import BaseFineTuned
from sersk.estimators._late_imports import import_objectives
from sersk.estimators._net_targets import ua_of_outputs, weigh_classes
from sersk.estimators._wrapped import number_classes
from sersk.metrics import multilabel_macro_f1
from sersk.utils import check_labels
from sersk.utils._sklearn import StrOptions, fit_context

Classifier = TypeVar("Classifier", bound="BaseFineTunedClassifier")


class BaseFineTunedClassifier(ClassifierMixin, BaseFineTuned):
    """Train an encoder to tell one label a clip, or several."""

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    class_weight: str | dict | None

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self: Classifier, X: Any, y: ArrayLike) -> Classifier:
        """Train the encoder and a new head.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        y : array-like of shape (n_clips,) or (n_clips, n_labels)
            A label a clip; or 1 for each label that it has, and 0 for the others.

        Returns
        -------
        self : object
            This classifier.

        Raises
        ------
        ValueError
            If there are fewer than two classes, or clips to learn from, a label is
            missing, the checkpoint cannot be used, or clips to stop by cannot be found.
        sersk.AudioError
            If a clip cannot be used; the message names it.
        """
        clips = self._check_X(X, reset=True)
        self._forget_module()
        targets = self._read_targets(y)
        check_consistent_length(clips, targets)
        split = self._divide(clips, targets)
        objectives = import_objectives()
        if self.is_multilabel_:
            objective = objectives.binary_cross_entropy()
            score = _macro_f1
        else:
            weights = weigh_classes(
                self.class_weight, self.classes_, targets[split.training]
            )
            objective = objectives.cross_entropy(weights)
            score = ua_of_outputs
        self._train(clips, targets, split, len(self.classes_), objective, score)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label of each clip, or its labels.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        y : ndarray of shape (n_clips,) or (n_clips, n_labels)
            Labels, as they were in fit; of several, 1 where the probability is above
            one half.
        """
        outputs = self._outputs(X)
        if self.is_multilabel_:
            return (outputs > 0).astype(np.int64)
        return self.classes_[outputs.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class, or of each label by itself.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        probabilities : ndarray of float32 of shape (n_clips, n_classes)
            Columns in the order of ``classes_``; of several labels, rows do not sum to
            1.
        """
        outputs = self._outputs(X)
        if self.is_multilabel_:
            return expit(outputs)
        return softmax(outputs, axis=1)

    def _read_targets(self, y: Any) -> np.ndarray:
        """Return the number of each clip's class, or 1 for each label that it has."""
        shape = np.asarray(y, dtype=object).shape
        self.is_multilabel_ = len(shape) == 2 and shape[1] > 1
        if not self.is_multilabel_:
            self.classes_, codes = number_classes(check_labels(y))
            return codes
        marks = check_array(y, dtype=np.float32, input_name="y")
        others = np.setdiff1d(marks, [0, 1])
        if len(others):
            raise ValueError(
                "y has several columns, which must hold 1 where a clip has a label and "
                f"0 where not, but it holds {others[0]:g}. Degrees are for a "
                "regressor, such as SpeechEncoderRegressor."
            )
        if self.class_weight is not None:
            raise ValueError(
                f"class_weight={self.class_weight!r} is for one label a clip; y has "
                f"{shape[1]} columns. Pass class_weight=None."
            )
        names = getattr(y, "columns", np.arange(marks.shape[1]))
        self.classes_ = np.asarray(names)
        return marks

    def _describe_target(self) -> dict[str, Any]:
        return {
            "classes": self.classes_.tolist(),
            "is_multilabel": bool(self.is_multilabel_),
        }

    def _restore_target(self, target: Mapping[str, Any]) -> None:
        self.classes_ = np.asarray(target["classes"])
        self.is_multilabel_ = target["is_multilabel"]

    def __sklearn_tags__(self) -> Tags:
        """Tell that a clip may have several labels."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _macro_f1(outputs: Any, targets: np.ndarray) -> float:
    return multilabel_macro_f1(targets, (outputs > 0).numpy().astype(np.float32))
