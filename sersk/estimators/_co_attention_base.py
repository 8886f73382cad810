"""What both estimators of the net of three inputs share."""

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from os import PathLike
from typing import Any, ClassVar

import numpy as np

from sersk.audio import FrameSequences
from sersk.estimators._net import BaseNet
from sersk.estimators._net_input import Stream, check_durations, frame_counts
from sersk.estimators._parameter_groups import ParameterGroup
from sersk.estimators._waveforms import SAMPLING_RATE
from sersk.features import load_speech_encoder, speech_encoder_config
from sersk.utils import count_frames
from sersk.utils._sklearn import Interval, StrOptions

CONSTRAINTS: dict[str, list] = {
    "trunk": [StrOptions({"alexnet", "vit"})],
    "form": [StrOptions({"masked", "published"})],
    "n_frames": [Interval(Integral, 1, None, closed="left")],
    "n_encoder_frames": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
    "lstm_dropout": [Interval(Real, 0, 1, closed="left")],
    "weights": [str, PathLike, None],
    "encoder": [str, PathLike, None],
    "revision": [str, None],
    "trained_layers": [StrOptions({"all"}), Interval(Integral, 0, None, closed="left")],
    "train_front": ["boolean"],
    "spec_augment": ["boolean"],
    "encoder_lr": [Interval(Real, 0, None, closed="neither"), None],
    "encoder_batch_size": [Interval(Integral, 1, None, closed="left")],
}


class BaseCoAttention(BaseNet):
    """Make the net of three inputs, and check what goes into it."""

    _inputs: ClassVar[tuple[str, ...]] = ("mfcc", "spectrogram", "w2e")
    _augmented: ClassVar[tuple[str, ...]] = ("spectrogram",)
    # Saved models tell the versions of what they compute with.
    _libraries: ClassVar[tuple[str, ...]] = ("torch", "transformers")

    trunk: str
    form: str
    n_frames: int
    n_encoder_frames: int
    dropout: float
    lstm_dropout: float
    weights: Any
    encoder: str | PathLike | None
    revision: str | None
    trained_layers: int | str
    train_front: bool
    spec_augment: bool
    encoder_lr: float | None
    encoder_batch_size: int
    encoder_config_: Any

    def _start_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        from sersk.nets import SpeechEncoderFrames, load_trunk_weights

        encoder = None
        if self.encoder is not None:
            encoder = SpeechEncoderFrames(
                load_speech_encoder(self.encoder, revision=self.revision),
                **self._encoding(),
            )
        net = self._assemble(widths, n_outputs, encoder)
        if self.weights is not None:
            load_trunk_weights(net.spectrogram_branch.trunk, self.weights)
        return net

    def _make_module(self, widths: Mapping[str, int], n_outputs: int) -> Any:
        """Return the net with random weights, for a saved one to be filled into."""
        from sersk.nets import SpeechEncoderFrames

        encoder = None
        if self.encoder_config_ is not None:
            encoder = SpeechEncoderFrames.from_config(
                self.encoder_config_, self._encoding()
            )
        return self._assemble(widths, n_outputs, encoder)

    def _encoding(self) -> dict[str, Any]:
        return {
            "trained_layers": self.trained_layers,
            "train_front": self.train_front,
            "spec_augment": self.spec_augment,
            "normalize": self.encoder_config_["do_normalize"],
            "batch_size": self.encoder_batch_size,
        }

    def _assemble(self, widths: Mapping[str, int], n_outputs: int, encoder: Any) -> Any:
        from sersk.nets import CoAttentionNet

        config = self.encoder_config_
        return CoAttentionNet(
            n_outputs,
            n_mfcc=widths["mfcc"],
            n_bins=widths["spectrogram"],
            n_encoder_features=config["hidden_size"] if config else widths["w2e"],
            trunk=self.trunk,
            form=self.form,
            n_frames=self.n_frames,
            n_encoder_frames=self.n_encoder_frames,
            dropout=self.dropout,
            lstm_dropout=self.lstm_dropout,
            encoder=encoder,
        )

    def _groups(self, module: Any) -> Sequence[ParameterGroup]:
        if self.encoder is None:
            return ()
        return (ParameterGroup("encoder.", lr=self.encoder_lr),)

    def _longest(self) -> dict[str, int]:
        if self.form == "masked":
            return {}
        longest = {"mfcc": self.n_frames, "spectrogram": self.n_frames}
        if self.encoder is None:
            longest["w2e"] = self.n_encoder_frames
        return longest

    def _check_X(self, X: Any, *, reset: bool) -> dict[str, Stream]:
        if reset:
            self.encoder_config_ = None
            if self.encoder is not None:
                self.encoder_config_ = speech_encoder_config(
                    self.encoder, revision=self.revision
                )
        streams = super()._check_X(X, reset=reset)
        if self.encoder is not None:
            self._check_waveforms(streams["w2e"])
        elif self.widths_["w2e"] == 1:
            raise ValueError(
                "w2e holds one number a frame, as waveforms do. Pass encoder=, whose "
                "frames are learned from; or extract those of a frozen encoder, with "
                "SpeechEmbeddingSequence."
            )
        check_durations(streams)
        return streams

    def _check_waveforms(self, w2e: Stream) -> None:
        """Raise where an encoder cannot be given what `w2e` holds."""
        if self.widths_["w2e"] != 1:
            raise ValueError(
                f"w2e holds {self.widths_['w2e']} features a frame, but encoder="
                f"{str(self.encoder)!r} takes waveforms. Extract them with "
                "WaveformSequence, or pass encoder=None to learn from frames."
            )
        period = w2e.period if isinstance(w2e, FrameSequences) else None
        if period is not None and round(1 / period) != SAMPLING_RATE:
            raise ValueError(
                f"w2e holds {round(1 / period)} samples a second, but encoder="
                f"{str(self.encoder)!r} takes {SAMPLING_RATE}. Pass "
                f"WaveformSequence(sampling_rate={SAMPLING_RATE})."
            )
        if self.form == "published":
            self._check_counts(frame_counts(w2e))

    def _check_counts(self, n_samples: np.ndarray) -> None:
        """Raise where an encoder makes more frames than the published form takes."""
        config = self.encoder_config_
        counts = count_frames(n_samples, config["conv_kernel"], config["conv_stride"])
        if counts.max() > self.n_encoder_frames:
            index = int(np.argmax(counts > self.n_encoder_frames))
            raise ValueError(
                f"Clip {index} has {n_samples[index]} samples, of which the encoder "
                f"makes {counts[index]} frames, but n_encoder_frames="
                f"{self.n_encoder_frames}. Cut clips first, with WindowedClassifier or "
                'FixDuration; raise it; or pass form="masked".'
            )
