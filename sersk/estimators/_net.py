"""The base of estimators that train a net on frames.

A net is its ``__init__``, which stores its parameters and those of this class, and
``_make_module``; see :class:`sersk.estimators.CNN1DClassifier`. What needs torch is in
``_torch_training.py``, which is imported when a net is fitted.
"""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import (
    check_consistent_length,
    check_random_state,
    compute_class_weight,
)
from sklearn.utils.validation import check_is_fitted

from sersk.audio import AudioClips, FeatureStreams, FrameSequences
from sersk.estimators._net_input import (
    Stream,
    check_lengths,
    check_streams,
    take,
    widths,
)
from sersk.metrics import unweighted_accuracy
from sersk.model_selection import SpeakerKFold
from sersk.utils import EvaluationWarning, check_labels, import_optional, warn_user
from sersk.utils._sklearn import Interval, StrOptions, fit_context, validate_data

# A column of X that marks the clips to validate on, chosen by an estimator around us.
_MARK = "validation"


class BaseNet(BaseEstimator):
    """Train a torch module on frames; the base of classifiers and regressors.

    A subclass defines ``__init__``, ``_parameter_constraints`` and
    ``_make_module(widths, n_outputs)``, which returns a torch module, and sets
    ``_inputs`` where its module has several.
    """

    # Estimators that choose validation clips ask for this before they mark them.
    reads_validation: ClassVar[bool] = True
    # The arguments of the module's forward.
    _inputs: ClassVar[tuple[str, ...]] = ("x",)

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "lr": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [StrOptions({"adam", "adamw", "sgd"})],
        "scheduler": [StrOptions({"one_cycle", "cosine", "plateau"}), None],
        "early_stopping": ["boolean"],
        "validation_cv": ["cv_object", None],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "augment": [callable, None],
        "device": [str],
        "mixed_precision": ["boolean"],
        "random_state": ["random_state"],
    }

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} does not define _make_module."
        )

    def _fixed_frames(self) -> int | None:
        """Return the number of frames that the module needs, if it needs one."""
        return None

    def _check_X(self, X: Any, *, reset: bool) -> dict[str, Stream]:
        """Return the streams that the module takes, as wide as they were in fit."""
        if not isinstance(X, (AudioClips, FrameSequences, FeatureStreams)):
            X = validate_data(self, X, reset=reset, dtype=np.float32, allow_nd=True)
        elif reset:
            self.__dict__.pop("n_features_in_", None)
        streams = check_streams(X, self._inputs)
        check_lengths(streams, self._fixed_frames())
        if reset:
            self.widths_ = widths(streams)
        elif widths(streams) != self.widths_:
            raise ValueError(
                f"X has features of width {widths(streams)}, but "
                f"{type(self).__name__} was fitted on {self.widths_}."
            )
        return streams

    def _train(
        self,
        X: Any,
        streams: dict[str, Stream],
        targets: np.ndarray,
        n_outputs: int,
        criterion: Any,
        score: Any,
    ) -> None:
        """Train a module on the clips that do not validate."""
        torch_training = import_training()
        training, validation = self._divide(X, targets)
        trained = torch_training.train(
            lambda: self._make_module(self.widths_, n_outputs),
            criterion,
            score,
            torch_training.Examples(take(streams, training), targets[training]),
            None
            if validation is None
            else torch_training.Examples(
                take(streams, validation), targets[validation]
            ),
            self._settings(),
        )
        self.module_ = trained.module
        self.history_ = trained.history
        self.best_epoch_ = trained.best_epoch
        if trained.interrupted:
            warn_user(
                f"Training of {type(self).__name__} was interrupted after "
                f"{len(trained.history)} of {self.max_epochs} epochs. What was best "
                "until then is kept.",
                EvaluationWarning,
            )

    def _outputs(self, X: Any) -> np.ndarray:
        """Return what the module gives for clips."""
        check_is_fitted(self)
        streams = self._check_X(X, reset=False)
        return import_training().predict(self.module_, streams, self._settings())

    def _divide(
        self, X: Any, targets: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the positions of the clips to learn from, and of those to stop by."""
        columns = getattr(X, "columns", {})
        if _MARK in columns:
            marked = np.asarray(columns[_MARK], dtype=bool)
            return np.flatnonzero(~marked), np.flatnonzero(marked)
        if not self.early_stopping:
            return np.arange(len(targets)), None
        if "speaker" not in columns:
            raise ValueError(
                f"{type(self).__name__}(early_stopping=True) divides clips by speaker, "
                "but X carries no 'speaker' column. Load the clips with their speakers, "
                "or pass early_stopping=False."
            )
        return _by_speaker(self.validation_cv, columns["speaker"], targets)

    def _settings(self) -> Any:
        generator = check_random_state(self.random_state)
        return import_training().Settings(
            lr=self.lr,
            weight_decay=self.weight_decay,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer,
            scheduler=self.scheduler,
            patience=self.patience,
            device=self.device,
            mixed_precision=self.mixed_precision,
            augment=self.augment,
            n_frames=self._fixed_frames(),
            seed=int(generator.randint(2**31 - 1)),
        )


class BaseNetClassifier(ClassifierMixin, BaseNet):
    """Train a torch module to tell classes apart."""

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseNet._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: ArrayLike) -> "BaseNetClassifier":
        """Train a new module.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the training clips; an array has the shape (n_clips, n_frames,
            n_features), or (n_clips, n_frames) where a frame is one number.
        y : array-like of shape (n_clips,)
            Labels: text or whole numbers.

        Returns
        -------
        self : object
            This classifier.

        Raises
        ------
        ValueError
            If there are fewer than two classes, a label is missing, values are not
            finite, or clips to stop by cannot be found.
        """
        streams = self._check_X(X, reset=True)
        labels = check_labels(y)
        check_consistent_length(X, labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        torch = import_optional("torch", extra="torch")
        weights = None
        if self.class_weight is not None:
            weights = torch.from_numpy(self._class_weights(codes))
        criterion = torch.nn.CrossEntropyLoss(weight=weights)
        self._train(X, streams, codes, len(self.classes_), criterion, _ua)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the label of each clip.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the clips.

        Returns
        -------
        y : ndarray of shape (n_clips,)
            Labels, as they were in fit.
        """
        outputs = self._outputs(X)
        return self.classes_[outputs.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : FrameSequences, FeatureStreams or array-like
            Frames of the clips.

        Returns
        -------
        probabilities : ndarray of float32 of shape (n_clips, n_classes)
            Columns in the order of ``classes_``.
        """
        outputs = self._outputs(X)
        shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def _class_weights(self, codes: np.ndarray) -> np.ndarray:
        known = self.class_weight
        if isinstance(known, dict):
            index = {label: code for code, label in enumerate(self.classes_.tolist())}
            known = {index[label]: w for label, w in known.items() if label in index}
        weights = compute_class_weight(known, classes=np.unique(codes), y=codes)
        return weights.astype(np.float32)


def import_training() -> Any:
    """Return the module that needs torch and skorch, or say how to install them."""
    import_optional("torch", extra="torch")
    import_optional("skorch", extra="torch")
    from sersk.estimators import _torch_training

    return _torch_training


def _ua(outputs: Any, targets: np.ndarray) -> float:
    return unweighted_accuracy(targets, outputs.argmax(dim=1).numpy())


def _by_speaker(
    cv: Any, speakers: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first split of a splitter, in which no speaker is on both sides."""
    splitter = SpeakerKFold(5) if cv is None else cv
    training, validation = next(splitter.split(targets, targets, groups=speakers))
    shared = set(speakers[training].tolist()) & set(speakers[validation].tolist())
    if shared:
        names = ", ".join(sorted(map(str, shared))[:3])
        raise ValueError(
            f"validation_cv={splitter!r} puts clips of the speakers {names} on both "
            "sides, so that stopping early would look at voices that were trained on. "
            "Pass a splitter by speaker, such as SpeakerKFold(5)."
        )
    return training, validation
