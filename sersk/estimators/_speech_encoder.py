"""What estimators have in common that train a pretrained encoder of speech."""

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from sersk.audio import AudioClips, check_clips, check_matrix, check_not_empty
from sersk.estimators._fine_tuned import BaseFineTuned
from sersk.estimators._waveforms import (
    SAMPLING_RATE,
    Normalizer,
    WaveformReader,
    measure_waveforms,
    warn_cut,
)
from sersk.features import load_speech_encoder
from sersk.utils import receptive_field
from sersk.utils._sklearn import Interval, StrOptions


class BaseSpeechEncoder(BaseFineTuned):
    """Train an encoder of speech, its pooling and a head, from waveforms on."""

    # Saved models tell at which rate clips are read.
    sampling_rate: ClassVar[int] = SAMPLING_RATE
    _net_name = "SpeechEncoderNet"

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseFineTuned._parameter_constraints,
        "pooling": [StrOptions({"attentive_statistics", "max", "mean"})],
        "head": [StrOptions({"linear", "mlp", "tanh"})],
        "hidden_size": [Interval(Integral, 1, None, closed="left"), None],
        "train_front": ["boolean"],
        "spec_augment": ["boolean"],
        "normalize": [StrOptions({"clip", "corpus"}), None],
        "crop": [Interval(Real, 0, None, closed="neither")],
    }

    def _check_X(self, X: Any, *, reset: bool) -> AudioClips:
        """Pass X through the one door, with scikit-learn's checks of a matrix."""
        X = check_matrix(self, X, reset=reset)
        clips = check_clips(X, SAMPLING_RATE)
        check_not_empty(clips, self)
        return clips

    def _load_encoder(self) -> Any:
        return load_speech_encoder(self.model, revision=self.revision)

    def _learn_input(self, clips: AudioClips, rows: np.ndarray) -> None:
        """Learn what waveforms are normalised by."""
        known = measure_waveforms(clips, rows, self._n_heard())
        warn_cut(known, len(rows), self.crop)
        self.mean_ = known.mean if self.normalize == "corpus" else 0.0
        self.deviation_ = known.deviation if self.normalize == "corpus" else 1.0

    def _reader(self) -> WaveformReader:
        normalizer = Normalizer(self.normalize, self.mean_, self.deviation_)
        config = self.encoder_config_
        shortest = receptive_field(config["conv_kernel"], config["conv_stride"])
        return WaveformReader(normalizer, self._n_heard(), shortest)

    def _n_heard(self) -> int:
        return max(1, int(self.crop * SAMPLING_RATE))

    def _digests(self, clips: AudioClips) -> Iterable[str]:
        return clips.digests

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

    def _describe_input(self) -> dict[str, Any]:
        return {
            "sampling_rate": SAMPLING_RATE,
            "normalizer": {"mean": self.mean_, "deviation": self.deviation_},
        }

    def _restore_input(self, bundle: Mapping[str, Any]) -> None:
        self.mean_ = float(bundle["normalizer"]["mean"])
        self.deviation_ = float(bundle["normalizer"]["deviation"])
