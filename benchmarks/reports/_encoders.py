"""The pipelines of the reports that rest on pretrained encoders."""

from collections.abc import Sequence
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from benchmarks.reports._systems import front_end_001
from benchmarks.systems import SEED
from sersk.estimators import (
    CoAttentionClassifier,
    SpeechEncoderClassifier,
    SpeechEncoderRegressor,
    TextEncoderClassifier,
    WindowedClassifier,
    WindowedRegressor,
)
from sersk.features import (
    FeatureDict,
    LogSpectrogram,
    MFCCSequence,
    SpeechEmbedding,
    SpeechEmbeddingSequence,
    TextEmbedding,
    WaveformSequence,
)
from sersk.preprocessing import PreEmphasis, SequenceScaler

# 300 frames of 10 ms, as many as the published form takes.
_SEGMENT = 2.99


def wavlm_classifier(model: str, max_epochs: int = 20) -> BaseEstimator:
    """Return report 000's classifier, stopped on training speakers."""
    return SpeechEncoderClassifier(
        model,
        class_weight="balanced",
        max_epochs=max_epochs,
        early_stopping=max_epochs > 1,
        monitor="loss",
        random_state=SEED,
    )


def wavlm_regressor(model: str, max_epochs: int = 20) -> BaseEstimator:
    """Return report 000's regressor, stopped on training speakers."""
    return SpeechEncoderRegressor(
        model,
        max_epochs=max_epochs,
        early_stopping=max_epochs > 1,
        random_state=SEED,
    )


def wav2vec2_001(model: str, duration: float, max_epochs: int = 10) -> Pipeline:
    """Return report 001's wav2vec 2.0, on the first seconds of each clip."""
    net = SpeechEncoderClassifier(
        model,
        pooling="mean",
        head="linear",
        hidden_size=256,
        dropout=0.0,
        train_front=True,
        normalize="clip",
        crop=duration,
        lr=3e-5,
        scheduler="linear",
        max_epochs=max_epochs,
        batch_size=128,
        random_state=SEED,
    )
    return make_pipeline(*front_end_001(duration), net)


def wav2vec2_003(
    model: str, max_epochs: int = 5, hidden_size: int | None = None
) -> BaseEstimator:
    """Return report 003's wav2vec 2.0, its pooling free of padding."""
    settings = _wav2vec2_003(max_epochs)
    return SpeechEncoderClassifier(model, hidden_size=hidden_size, **settings)


def degrees_003(model: str, max_epochs: int = 5) -> BaseEstimator:
    """Return report 003's wav2vec 2.0 for degrees, on windows of 4 s of a clip."""
    net = SpeechEncoderRegressor(
        model, loss="mse", standardize=False, **_wav2vec2_003(max_epochs)
    )
    return WindowedRegressor(net, window=4.0, hop=2.0)


def _wav2vec2_003(max_epochs: int) -> dict[str, Any]:
    return {
        "pooling": "mean",
        "head": "tanh",
        "dropout": 0.1,
        "normalize": "clip",
        "crop": 30.0,
        "lr": 1e-4,
        "scheduler": "linear",
        "max_epochs": max_epochs,
        "batch_size": 8,
        "random_state": SEED,
    }


def co_attention(
    model: str,
    trunk: str = "alexnet",
    max_epochs: int = 50,
    early_stopping: bool = True,
    fine_tuned: bool = False,
    **parameters: Any,
) -> Pipeline:
    """Return the net of three inputs, on clips of any length."""
    training = _training(max_epochs, early_stopping=early_stopping)
    net = CoAttentionClassifier(trunk, **{"lr": 1e-5, **training, **parameters})
    return _with_encoder(net, model, fine_tuned=fine_tuned)


def co_attention_segments(
    model: str,
    max_epochs: int = 50,
    early_stopping: bool = True,
    fine_tuned: bool = False,
) -> BaseEstimator:
    """Return the net as published, on segments of 3 s; padding is by silence."""
    net = CoAttentionClassifier(
        form="published",
        lr=1e-5,
        **_training(max_epochs, early_stopping=early_stopping),
    )
    return WindowedClassifier(
        _with_encoder(net, model, fine_tuned=fine_tuned),
        window=_SEGMENT,
        hop=_SEGMENT,
        tail="pad",
        aggregate="mean_logproba",
    )


def text_003(model: str, max_epochs: int = 4) -> BaseEstimator:
    """Return report 003's BERT or RoBERTa, all of it trained."""
    return TextEncoderClassifier(
        model,
        clean=True,
        on_missing="empty",
        max_epochs=max_epochs,
        random_state=SEED,
    )


def frozen_text(model: str) -> Pipeline:
    """Return a frozen text encoder, and logistic regression on its first token."""
    classifier = LogisticRegression(max_iter=1000)
    return make_pipeline(_transcripts(model), StandardScaler(), classifier)


def late_fusion(members: Sequence[BaseEstimator]) -> Pipeline:
    """Return encoders that are trained each for itself, and a classifier of both.

    Each is fitted to the clips that the classifier is; what is joined is the vector
    that its last layer decides by.
    """
    classifier = LogisticRegression(max_iter=1000)
    return make_pipeline(make_union(*members), StandardScaler(), classifier)


def early_fusion(members: Sequence[BaseEstimator]) -> Pipeline:
    """Return what is pooled over time side by side, and hidden units of both."""
    net = MLPClassifier(256, max_iter=1000, random_state=SEED)
    return make_pipeline(make_union(*members), StandardScaler(), net)


def frozen_speech_and_text(speech: str, text: str) -> list[BaseEstimator]:
    """Return encoders as they were downloaded."""
    return [SpeechEmbedding(speech), _transcripts(text)]


def _transcripts(model: str) -> TextEmbedding:
    return TextEmbedding(model, clean=True, on_missing="empty")


def _training(max_epochs: int, early_stopping: bool) -> dict[str, Any]:
    return {
        "batch_size": 64,
        "max_epochs": max_epochs,
        "early_stopping": early_stopping,
        "patience": 8,
        "random_state": SEED,
    }


def _with_encoder(net: CoAttentionClassifier, model: str, fine_tuned: bool) -> Pipeline:
    """Return what extracts the inputs, and the net with an encoder frozen or not."""
    w2e = SpeechEmbeddingSequence(model)
    if fine_tuned:
        # As published, nothing of it is frozen.
        net.set_params(encoder=model, train_front=True)
        w2e = WaveformSequence()
    spectrogram = make_pipeline(LogSpectrogram(), SequenceScaler("minmax", clip=True))
    inputs = FeatureDict(
        [
            ("mfcc", MFCCSequence(40, htk=True)),
            ("spectrogram", spectrogram),
            ("w2e", w2e),
        ]
    )
    return make_pipeline(PreEmphasis(0.97), inputs, net)
