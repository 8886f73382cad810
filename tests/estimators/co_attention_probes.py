"""What the tests of co-attention share: short clips, their inputs, and small nets."""

from types import SimpleNamespace

import numpy as np
from sklearn.pipeline import make_pipeline

from sersk.datasets import make_emotional_speech
from sersk.estimators import CoAttentionClassifier
from sersk.features import FeatureDict, LogSpectrogram, MFCCSequence, WaveformSequence
from sersk.preprocessing import SequenceScaler
from tests.estimators.encoders import write_encoder
from tests.estimators.net_probes import FEW

# Fewer steps over samples than published encoders take.
SHORT = {"conv_dim": [16] * 3, "conv_kernel": [20, 8, 4], "conv_stride": [20, 4, 4]}
# So that what is drawn does not depend on how an encoder is given its clips.
NO_DROPOUT = {"dropout": 0.0, "lstm_dropout": 0.0, "spec_augment": False}


def make_net(encoder=None, **parameters):
    """Return a classifier of few steps."""
    return CoAttentionClassifier(
        encoder=encoder, **{**FEW, "max_epochs": 1, "lr": 1e-3, **parameters}
    )


def make_inputs(w2e=None, hop_length=1280):
    """Return what extracts three inputs, waveforms by default."""
    fourier = {"hop_length": hop_length}
    spectrogram = make_pipeline(
        LogSpectrogram(40, **fourier), SequenceScaler("minmax", clip=True)
    )
    return FeatureDict(
        [
            ("mfcc", make_pipeline(MFCCSequence(13, **fourier), SequenceScaler())),
            ("spectrogram", spectrogram),
            ("w2e", WaveformSequence() if w2e is None else w2e),
        ]
    )


def make_speech(folder, n_speakers=6):
    """Return clips of speakers with 4 emotions, their inputs, and an encoder."""
    corpus = make_emotional_speech(
        n_speakers,
        n_repetitions=1,
        duration=0.6,
        emotion_effect=2.0,
        random_state=0,
    )
    return SimpleNamespace(
        clips=corpus.clips,
        y=np.asarray(corpus.target),
        speaker=corpus.clips.speaker,
        X=make_inputs().fit_transform(corpus.clips),
        encoder=write_encoder(folder, **SHORT),
    )


def shrink(monkeypatch):
    """Make images low and the LSTM narrow, which is what takes the time."""
    parts = "sersk.nets._co_attention_parts"
    monkeypatch.setattr(f"{parts}._HEIGHT", 63)
    monkeypatch.setattr(f"{parts}._LSTM_SIZE", 32)


def weights(net, part=""):
    """Return the weights of a fitted net, of those that a name begins with."""
    state = net.module_.state_dict()
    return {name: value for name, value in state.items() if name.startswith(part)}
