"""The base of estimators that train a pretrained encoder of speech, from waveforms on.

What needs torch lies in ``_torch_fine_tuning.py``, ``_torch_objectives.py`` and
``_torch_bundle.py``, which are imported when an encoder is fitted.
"""

import json
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sersk.audio import AudioClips, check_clips, check_matrix
from sersk.estimators._net import draw_seed, import_training
from sersk.estimators._net_split import Split, divide
from sersk.estimators._waveforms import Hearing, Normalizer, survey, warn_cut
from sersk.features import load_speech_encoder
from sersk.utils import (
    EvaluationWarning,
    canonical_json,
    import_optional,
    sha256,
    warn_user,
)
from sersk.utils._sklearn import Interval, StrOptions

SAMPLING_RATE = 16_000
# They change where, and not what, is computed.
_RUNTIME = frozenset({"checkpoint", "device", "micro_batch_size", "resume"})


class BaseSpeechEncoder(BaseEstimator):
    """Train an encoder, its pooling and a head; the base of two estimators."""

    # Estimators that choose validation clips ask for this before they mark them.
    reads_validation: ClassVar[bool] = True
    # Saved models tell at which rate clips are read, and by which libraries.
    sampling_rate: ClassVar[int] = SAMPLING_RATE
    _libraries: ClassVar[tuple[str, ...]] = ("torch", "transformers")

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "model": [str, PathLike],
        "revision": [str, None],
        "pooling": [StrOptions({"attentive_statistics", "max", "mean"})],
        "head": [StrOptions({"linear", "mlp", "tanh"})],
        "hidden_size": [Interval(Integral, 1, None, closed="left"), None],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "trained_layers": [
            StrOptions({"all"}),
            Interval(Integral, 0, None, closed="left"),
        ],
        "train_front": ["boolean"],
        "spec_augment": ["boolean"],
        "normalize": [StrOptions({"clip", "corpus"}), None],
        "crop": [Interval(Real, 0, None, closed="neither")],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "head_lr": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "micro_batch_size": [Interval(Integral, 1, None, closed="left")],
        "scheduler": [StrOptions({"linear"}), None],
        "warmup": [Interval(Real, 0, 1, closed="left")],
        "early_stopping": ["boolean"],
        "validation_cv": ["cv_object", None],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "monitor": [StrOptions({"loss", "score"})],
        "precision": [StrOptions({"bfloat16", "float16", "float32"})],
        "device": [str],
        "checkpoint": [str, PathLike, None],
        "resume": ["boolean"],
        "random_state": ["random_state"],
    }

    def _check_X(self, X: Any, *, reset: bool) -> AudioClips:
        """Pass X through the one door, with scikit-learn's checks of a matrix."""
        X = check_matrix(self, X, reset=reset)
        clips = check_clips(X, SAMPLING_RATE)
        if len(clips) == 0:
            raise ValueError(
                f"X holds 0 clips; {type(self).__name__} needs at least 1."
            )
        return clips

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
        device = import_training().choose_device(self.device)
        encoder = load_speech_encoder(self.model, revision=self.revision)
        self._learn_input(clips, split.training, encoder.config)
        seed = self._seed()
        keeper = self._keeper(clips, targets, split, encoder, seed)
        training, validation = (
            None
            if rows is None
            else fine_tuning.Examples(clips, rows, targets[rows], self._hearing())
            for rows in (split.training, split.validation)
        )
        net_class = import_nets().SpeechEncoderNet
        self.module_, progress = fine_tuning.fine_tune(
            lambda: net_class(encoder, n_outputs, **self._architecture()),
            objective,
            score,
            training,
            validation,
            self._recipe(seed),
            device,
            keeper,
        )
        self.history_ = progress.history
        self.best_epoch_ = progress.best_epoch
        if progress.interrupted:
            kept = "the best epoch" if progress.best_epoch else "the last step"
            warn_user(
                f"Training of {type(self).__name__} was interrupted after "
                f"{progress.epoch} of {self.max_epochs} epochs. The weights of {kept} "
                "are kept. With checkpoint=, resume=True goes on.",
                EvaluationWarning,
            )

    def _outputs(self, X: Any) -> np.ndarray:
        """Return what the net gives for clips."""
        check_is_fitted(self)
        clips = self._check_X(X, reset=False)
        device = import_training().choose_device(self.device)
        fine_tuning = import_fine_tuning()
        net = self.module_.to(device)
        try:
            with fine_tuning.explained_memory(self.micro_batch_size):
                outputs = fine_tuning.run_net(
                    net,
                    clips,
                    np.arange(len(clips)),
                    self._hearing(),
                    self.micro_batch_size,
                    self.precision,
                    device,
                )
        finally:
            net.to("cpu")
        return outputs.numpy()

    def _learn_input(self, clips: AudioClips, rows: np.ndarray, config: Any) -> None:
        """Remember what the encoder is, and what its waveforms are normalised by."""
        self.encoder_config_ = json.loads(config.to_json_string(use_diff=False))
        # Saved models ask for the widths of frames; these take none.
        self.widths_: dict[str, int] = {}
        known = survey(clips, rows, self._n_heard())
        warn_cut(known, len(rows), self.crop)
        self.mean_ = known.mean if self.normalize == "corpus" else 0.0
        self.deviation_ = known.deviation if self.normalize == "corpus" else 1.0

    def _hearing(self) -> Hearing:
        normalizer = Normalizer(self.normalize, self.mean_, self.deviation_)
        shortest = 1
        kernels, strides = (
            self.encoder_config_[name] for name in ("conv_kernel", "conv_stride")
        )
        for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
            shortest = (shortest - 1) * stride + kernel
        return Hearing(normalizer, self._n_heard(), shortest)

    def _n_heard(self) -> int:
        return max(1, int(self.crop * SAMPLING_RATE))

    def _seed(self) -> int:
        """Return a seed: that of the training to go on with, if none is given."""
        if self.resume and self.random_state is None:
            known = import_bundle().read_seed(self._folder())
            if known is not None:
                return known
        return draw_seed(self.random_state)

    def _folder(self) -> Path:
        if self.checkpoint is None:
            raise ValueError(
                "resume=True needs the folder in which training was written down. "
                "Pass checkpoint='path/to/folder'."
            )
        return Path(self.checkpoint)

    def _keeper(
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
            "sampling_rate": SAMPLING_RATE,
            "normalizer": {"mean": self.mean_, "deviation": self.deviation_},
            "target": self._describe_target(),
            "seed": seed,
            "fingerprint": sha256(
                canonical_json(self._plain_parameters(without=_RUNTIME)),
                digest,
                *clips.digests,
                np.ascontiguousarray(targets).data,
                held_out.data,
            ),
        }
        return bundle.Folder(self._folder(), description, resume=self.resume)

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

    def _architecture(self) -> dict[str, Any]:
        return {
            "pooling": self.pooling,
            "head": self.head,
            "hidden_size": self.hidden_size,
            "dropout": self.dropout,
            "trained_layers": self.trained_layers,
            "train_front": self.train_front,
            "spec_augment": self.spec_augment,
        }

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        """Return the net with random weights, for a saved one to be filled into."""
        arguments = {"n_outputs": n_outputs, **self._architecture()}
        net_class = import_nets().SpeechEncoderNet
        return net_class.from_config(self.encoder_config_, arguments)

    def _describe_target(self) -> dict[str, Any]:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Tags:
        """Tell that the same seed gives the same net."""
        tags = super().__sklearn_tags__()
        tags.non_deterministic = False
        return tags


def import_nets() -> Any:
    """Return the package of nets, or say how to install torch."""
    import_optional("torch", extra="torch")
    import sersk.nets

    return sersk.nets


def import_fine_tuning() -> Any:
    """Return the module that trains, or say how to install torch."""
    import_optional("torch", extra="torch")
    from sersk.estimators import _torch_fine_tuning

    return _torch_fine_tuning


def import_bundle() -> Any:
    """Return the module that writes training down, or say how to install torch."""
    import_optional("torch", extra="torch")
    import_optional("safetensors", extra="torch")
    from sersk.estimators import _torch_bundle

    return _torch_bundle


def import_objectives() -> Any:
    """Return the module of losses, or say how to install torch."""
    import_optional("torch", extra="torch")
    from sersk.estimators import _torch_objectives

    return _torch_objectives
