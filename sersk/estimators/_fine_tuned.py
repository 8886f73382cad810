"""The base of estimators that train a pretrained encoder, of speech or of text.

A subclass says what its net is and how clips are read for it. What needs torch lies in
``_torch_fine_tuning.py``, ``_torch_objectives.py`` and ``_torch_bundle.py``, which are
imported when an encoder is fitted.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sersk.audio import AudioClips
from sersk.estimators._fine_tuning_batches import Reader
from sersk.estimators._late_imports import import_bundle, import_fine_tuning
from sersk.estimators._net_split import Split, divide
from sersk.estimators._trained_module import TrainedModule
from sersk.utils import (
    EvaluationWarning,
    canonical_json,
    find_device,
    sha256,
    warn_user,
)
from sersk.utils._sklearn import Interval, StrOptions

# They change where, and not what, is computed.
_RUNTIME = frozenset({"checkpoint", "device", "micro_batch_size", "resume"})


class BaseFineTuned(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TrainedModule):
    """Train an encoder and what is behind it, from clips on.

    A subclass defines ``_check_X``, ``_load_encoder``, ``_learn_input``, ``_reader``,
    ``_digests``, ``_architecture`` and ``_net_class``; what of its input and target is
    needed beside the weights, ``_describe_input`` and ``_describe_target``, and how it
    is taken from there again, ``_restore_input`` and ``_restore_target``.
    """

    # Estimators that choose validation clips ask for this before they mark them.
    reads_validation: ClassVar[bool] = True
    _libraries: ClassVar[tuple[str, ...]] = ("torch", "transformers")
    # Of sersk.nets.
    _net_name: ClassVar[str]

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "model": [str, PathLike],
        "revision": [str, None],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "trained_layers": [
            StrOptions({"all"}),
            Interval(Integral, 0, None, closed="left"),
        ],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "head_lr": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "micro_batch_size": [Interval(Integral, 1, None, closed="left")],
        "scheduler": [StrOptions({"linear"}), None],
        "warmup": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean"],
        "validation_cv": ["cv_object"],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "monitor": [StrOptions({"loss", "score"})],
        "precision": [StrOptions({"bfloat16", "float16", "float32"})],
        "device": [str],
        "checkpoint": [str, PathLike, None],
        "resume": ["boolean"],
        "random_state": ["random_state"],
    }

    def transform(self, X: Any) -> np.ndarray:
        """Return the vector of each clip that the last layer decides by.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        vectors : ndarray of float32 of shape (n_clips, n_features)
            One row a clip, for another classifier.
        """
        return self._outputs(X, "embed")

    @property
    def _n_features_out(self) -> int:
        """How wide the rows of transform are; scikit-learn makes their names of it."""
        return self.module_.n_embedded

    def _check_X(self, X: Any, *, reset: bool) -> AudioClips:
        """Return X as clips, or raise where they cannot be used."""
        raise NotImplementedError

    def _load_encoder(self) -> Any:
        """Load the checkpoint as a torch module, and remember what else is in it."""
        raise NotImplementedError

    def _learn_input(self, clips: AudioClips, rows: np.ndarray) -> None:
        """Learn what inputs are normalised by."""

    def _reader(self) -> Reader:
        """Return what makes batches of clips for the net."""
        raise NotImplementedError

    def _digests(self, clips: AudioClips) -> Iterable[str]:
        """Return what tells clips from others, one each."""
        raise NotImplementedError

    def _architecture(self) -> dict[str, Any]:
        """Return the arguments of the net, without the encoder and the outputs."""
        raise NotImplementedError

    def _describe_input(self) -> dict[str, Any]:
        raise NotImplementedError

    def _restore_input(self, bundle: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def _describe_target(self) -> dict[str, Any]:
        raise NotImplementedError

    def _restore_target(self, target: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def _divide(self, clips: AudioClips, targets: np.ndarray) -> Split:
        """Return which clips are learned from, and which say when to stop."""
        return divide(
            clips,
            targets,
            self.validation_cv,
            early_stopping=self.early_stopping,
            name=type(self).__name__,
        )

    def _train(
        self,
        clips: AudioClips,
        targets: np.ndarray,
        split: Split,
        n_outputs: int,
        objective: Any,
        score: Callable[[Any, np.ndarray], float],
    ) -> None:
        """Train a net on the clips that do not validate."""
        fine_tuning = import_fine_tuning()
        device = find_device(self.device)
        encoder = self._load_encoder()
        self.encoder_config_ = json.loads(encoder.config.to_json_string(use_diff=False))
        self._learn_input(clips, split.training)
        seed = self._seed()
        checkpointer = self._checkpointer(clips, targets, split, encoder, seed)
        training, validation = (
            None
            if rows is None
            else fine_tuning.Examples(clips, rows, targets[rows], self._reader())
            for rows in (split.training, split.validation)
        )
        net_class = self._net_class()
        self.module_, progress = fine_tuning.fine_tune(
            lambda: net_class(encoder, n_outputs, **self._architecture()),
            objective,
            score,
            training,
            validation,
            self._recipe(seed),
            device,
            checkpointer,
        )
        self.history_ = progress.history
        self.best_epoch_ = progress.best.epoch
        if progress.interrupted:
            kept = "the best epoch" if progress.best.epoch else "the last step"
            warn_user(
                f"Training of {type(self).__name__} was interrupted after "
                f"{progress.epoch} of {self.max_epochs} epochs. The weights of {kept} "
                "are kept. With checkpoint=, resume=True goes on.",
                EvaluationWarning,
            )

    def _outputs(self, X: Any, method: str = "forward") -> np.ndarray:
        """Return what the net, or a method of it, gives for clips."""
        check_is_fitted(self)
        clips = self._check_X(X, reset=False)
        return import_fine_tuning().predict(
            self.module_,
            clips,
            self._reader(),
            self.micro_batch_size,
            self.precision,
            find_device(self.device),
            method,
        )

    def _seed(self) -> int:
        """Return a seed: that of the training to go on with, if none is given."""
        if self.resume and self.random_state is None:
            known = import_bundle().read_seed(self._folder())
            if known is not None:
                return known
        return self._draw_seed()

    def _folder(self) -> Path:
        if self.checkpoint is None:
            raise ValueError(
                "resume=True needs the folder in which training was written down. "
                "Pass checkpoint='path/to/folder'."
            )
        return Path(self.checkpoint).expanduser()

    def _checkpointer(
        self,
        clips: AudioClips,
        targets: np.ndarray,
        split: Split,
        encoder: Any,
        seed: int,
    ) -> Any:
        """Return what writes the training down, if it is to be."""
        if self.checkpoint is None and not self.resume:
            return None
        bundle = import_bundle()
        digest = bundle.digest_of(encoder)
        held_out = np.empty(0, int) if split.validation is None else split.validation
        description = {
            "estimator": type(self).__name__,
            "parameters": self._plain_parameters(),
            "encoder": self.encoder_config_,
            "encoder_digest": digest,
            **self._describe_input(),
            "target": self._describe_target(),
            "seed": seed,
            "fingerprint": sha256(
                canonical_json(self._plain_parameters(without=_RUNTIME)),
                digest,
                *self._digests(clips),
                np.ascontiguousarray(targets).data,
                held_out.data,
            ),
        }
        return bundle.Folder(
            self._folder(), description, resume=self.resume, free=_RUNTIME
        )

    def _plain_parameters(self, without: frozenset[str] = frozenset()) -> dict:
        """Return parameters as JSON can hold them; of objects, what they look like."""
        plain = (str, int, float, bool, type(None))
        return {
            name: value if isinstance(value, plain) else str(value)
            for name, value in self.get_params(deep=False).items()
            if name not in without
        }

    def _recipe(self, seed: int) -> Any:
        return import_fine_tuning().Recipe(
            lr=self.lr,
            head_lr=self.lr if self.head_lr is None else self.head_lr,
            weight_decay=self.weight_decay,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            micro_batch_size=self.micro_batch_size,
            scheduler=self.scheduler,
            warmup=self.warmup,
            monitor=self.monitor,
            patience=self.patience,
            precision=self.precision,
            seed=seed,
        )

    def _net_class(self) -> Any:
        from sersk import nets

        return getattr(nets, self._net_name)

    def _empty_module(self, n_outputs: int) -> Any:
        arguments = {"n_outputs": n_outputs, **self._architecture()}
        return self._net_class().from_config(self.encoder_config_, arguments)

    def __sklearn_tags__(self) -> Tags:
        """Tell that the same seed gives the same net, and that vectors are float32."""
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        tags.transformer_tags.preserves_dtype = []
        return tags
