"""The base of estimators that train a net on frames.

What a net has to define stands in :class:`sersk.estimators.BaseNetClassifier`. What
needs torch is in ``_torch_training.py``, which is imported when a net is fitted.
"""

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import Tags, check_array
from sklearn.utils.validation import check_is_fitted

from sersk.audio import AudioClips, FeatureStreams, FrameSequences
from sersk.estimators._late_imports import import_training
from sersk.estimators._net_input import (
    Stream,
    check_lengths,
    check_streams,
    widths,
)
from sersk.estimators._net_split import Split, divide
from sersk.estimators._parameter_groups import ParameterGroup
from sersk.estimators._trained_module import TrainedModule
from sersk.utils import EvaluationWarning, warn_user
from sersk.utils._sklearn import Interval, StrOptions, validate_data


class BaseNet(TrainedModule):
    """Train a torch module on frames; the base of classifiers and regressors.

    A subclass defines ``__init__``, ``_parameter_constraints`` and
    ``_make_module(widths, n_outputs)``, which returns a torch module, and sets
    ``_inputs`` where its module has several. ``_longest`` limits the frames of a clip,
    ``_fixed_frames`` gives all clips one number of them, ``_start_module`` gives a
    module its first weights, and ``_groups`` says which of its parts learn later or at
    another rate.
    """

    # Estimators that choose validation clips ask for this before they mark them.
    reads_validation: ClassVar[bool] = True
    # The arguments of the module's forward, and those that `augment` changes.
    _inputs: ClassVar[tuple[str, ...]] = ("x",)
    _augmented: ClassVar[tuple[str, ...]] = ("x",)

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "lr": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [StrOptions({"adam", "adamw", "sgd"})],
        "scheduler": [StrOptions({"one_cycle", "cosine", "plateau"}), None],
        "early_stopping": ["boolean"],
        "validation_cv": ["cv_object"],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "augment": [callable, None],
        "device": [str],
        "precision": [StrOptions({"bfloat16", "float32"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        lr: float = 1e-3,
        weight_decay: float = 0.0,
        max_epochs: int = 50,
        batch_size: int = 32,
        optimizer: str = "adam",
        scheduler: str | None = None,
        early_stopping: bool = False,
        validation_cv: Any = None,
        patience: int = 10,
        augment: Callable | None = None,
        device: str = "auto",
        precision: str = "float32",
        random_state: Any = None,
    ) -> None:
        self.lr = lr
        self.weight_decay = weight_decay
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.early_stopping = early_stopping
        self.validation_cv = validation_cv
        self.patience = patience
        self.augment = augment
        self.device = device
        self.precision = precision
        self.random_state = random_state

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} does not define _make_module."
        )

    def _start_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        """Return the module that training begins with."""
        return self._make_module(widths, n_outputs)

    def _empty_module(self, n_outputs: int) -> Any:
        return self._make_module(self.widths_, n_outputs)

    def _fixed_frames(self) -> int | None:
        """Return the number of frames to which clips are padded, if the module asks."""
        return None

    def _longest(self) -> dict[str, int]:
        """Return the most frames that the module takes of a stream, if it has a limit.

        Those of :meth:`_fixed_frames`, unless the module itself pads.
        """
        n_frames = self._fixed_frames()
        return {} if n_frames is None else dict.fromkeys(self._inputs, n_frames)

    def _groups(self, module: Any) -> Sequence[ParameterGroup]:
        """Return which parameters of a module have a rate of their own, or wait."""
        return ()

    def _check_X(self, X: Any, *, reset: bool) -> dict[str, Stream]:
        """Return the streams that the module takes, as wide as they were in fit."""
        if reset:
            self.__dict__.pop("n_features_in_", None)
            self.__dict__.pop("feature_names_in_", None)
        if not isinstance(X, (AudioClips, FrameSequences, FeatureStreams)):
            given, X = X, self._check_array(X)
            # Of frames, scikit-learn would take the number for that of the features.
            if X.ndim == 2:
                validate_data(self, given, reset=reset, skip_check_array=True)
        streams = check_streams(X, self._inputs)
        check_lengths(streams, self._longest())
        if reset:
            self._forget_module()
            self.widths_ = widths(streams)
        elif widths(streams) != self.widths_:
            raise ValueError(
                f"X has features of width {widths(streams)}, but "
                f"{type(self).__name__} was fitted on {self.widths_}."
            )
        return streams

    def _check_array(self, X: Any) -> np.ndarray:
        return check_array(
            X, dtype=np.float32, allow_nd=True, estimator=self, input_name="X"
        )

    def _divide(self, X: Any, targets: np.ndarray) -> Split:
        """Return which clips are learned from, and which say when to stop."""
        cv = self.validation_cv
        split = divide(
            X, targets, cv, early_stopping=self.early_stopping, name=type(self).__name__
        )
        if split.validation is None and self.scheduler == "plateau":
            raise ValueError(
                "scheduler='plateau' follows the loss of validation clips, of which "
                "there are none. Pass early_stopping=True, or another scheduler."
            )
        return split

    def _train(
        self,
        streams: dict[str, Stream],
        targets: np.ndarray,
        split: Split,
        n_outputs: int,
        criterion: Any,
        score: Any,
    ) -> None:
        """Train a module on the clips that do not validate."""
        torch_training = import_training()
        training, validation = (
            None
            if rows is None
            else torch_training.Examples(streams, rows, targets[rows])
            for rows in (split.training, split.validation)
        )
        trained = torch_training.train(
            lambda: self._start_module(self.widths_, n_outputs),
            n_outputs,
            criterion,
            score,
            training,
            validation,
            self._settings(),
        )
        self.module_ = trained.module
        self.history_ = trained.history
        self.best_epoch_ = trained.best_epoch
        if trained.interrupted:
            kept = "the last step" if split.validation is None else "the best epoch"
            warn_user(
                f"Training of {type(self).__name__} was interrupted after "
                f"{len(trained.history)} of {self.max_epochs} epochs. The weights of "
                f"{kept if trained.best_epoch else 'the last step'} are kept.",
                EvaluationWarning,
            )

    def _outputs(self, X: Any, method: str = "forward") -> np.ndarray:
        """Return what the module, or a method of it, gives for clips."""
        check_is_fitted(self)
        streams = self._check_X(X, reset=False)
        return import_training().predict(
            self.module_,
            streams,
            n_frames=self._fixed_frames(),
            batch_size=self.batch_size,
            device=self.device,
            precision=self.precision,
            method=method,
        )

    def _settings(self) -> Any:
        return import_training().Settings(
            lr=self.lr,
            groups=self._groups,
            weight_decay=self.weight_decay,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer,
            scheduler=self.scheduler,
            patience=self.patience,
            device=self.device,
            precision=self.precision,
            augment=self.augment,
            augmented=self._augmented,
            n_frames=self._fixed_frames(),
            seed=self._draw_seed(),
        )

    def __sklearn_tags__(self) -> Tags:
        """Tell that a net of several inputs takes no matrix."""
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        tags.input_tags.two_d_array = len(self._inputs) == 1
        tags.input_tags.three_d_array = len(self._inputs) == 1
        return tags
