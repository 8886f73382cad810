"""The pipelines of the reports that rest on pretrained encoders."""

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from benchmarks.reports._systems import front_end_001, image_trunk
from benchmarks.systems import SEED
from sersk.estimators import (
    CoAttentionClassifier,
    SpeechEncoderClassifier,
    SpeechEncoderRegressor,
    WindowedClassifier,
)
from sersk.features import (
    FeatureDict,
    LogSpectrogram,
    MFCCSequence,
    SpeechEmbedding,
    SpeechEmbeddingSequence,
    TextEmbedding,
)
from sersk.model_selection import SpeakerKFold
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
    model: str, max_epochs: int = 5, class_weight: str | None = None
) -> BaseEstimator:
    """Return report 003's wav2vec 2.0, its pooling free of padding."""
    return SpeechEncoderClassifier(
        model,
        pooling="mean",
        head="tanh",
        dropout=0.1,
        normalize="clip",
        crop=30.0,
        lr=1e-4,
        scheduler="linear",
        max_epochs=max_epochs,
        batch_size=8,
        class_weight=class_weight,
        random_state=SEED,
    )


def co_attention(
    model: str,
    trunk: str = "alexnet",
    max_epochs: int = 50,
    early_stopping: bool = True,
    lr: float = 1e-5,
) -> Pipeline:
    """Return the net of three inputs, on clips of any length, its encoder frozen."""
    net = CoAttentionClassifier(
        trunk, lr=lr, **_training(max_epochs, early_stopping=early_stopping)
    )
    return make_pipeline(PreEmphasis(0.97), _three_inputs(model), net)


def co_attention_segments(
    model: str, max_epochs: int = 50, early_stopping: bool = True
) -> BaseEstimator:
    """Return the net as published, on segments of 3 s; padding is by silence."""
    net = CoAttentionClassifier(
        form="published",
        lr=1e-5,
        **_training(max_epochs, early_stopping=early_stopping),
    )
    return WindowedClassifier(
        make_pipeline(PreEmphasis(0.97), _three_inputs(model), net),
        window=_SEGMENT,
        hop=_SEGMENT,
        tail="pad",
        aggregate="mean_logproba",
    )


def text_003(model: str) -> Pipeline:
    """Return a frozen text encoder, and logistic regression on its first token."""
    classifier = LogisticRegression(max_iter=1000)
    return make_pipeline(_transcripts(model), StandardScaler(), classifier)


def speech_and_text(speech: str, text: str) -> Pipeline:
    """Return frozen encoders of speech and text side by side, one classifier behind."""
    union = make_union(SpeechEmbedding(speech), _transcripts(text))
    return make_pipeline(union, StandardScaler(), LogisticRegression(max_iter=1000))


def speech_alone(speech: str) -> Pipeline:
    """Return a frozen encoder of speech, and logistic regression."""
    classifier = LogisticRegression(max_iter=1000)
    return make_pipeline(SpeechEmbedding(speech), StandardScaler(), classifier)


def alexnet_and_text(text: str, n_folds: int, max_epochs: int = 20) -> BaseEstimator:
    """Return AlexNet and a text encoder, and a classifier that weighs what they say."""
    members = [
        ("alexnet", image_trunk("alexnet", "linear", max_epochs)),
        ("text", text_003(text)),
    ]
    weighing = LogisticRegression(max_iter=1000)
    return StackingClassifier(members, weighing, cv=SpeakerKFold(n_folds))


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


def _three_inputs(model: str) -> FeatureDict:
    spectrogram = make_pipeline(LogSpectrogram(), SequenceScaler("minmax", clip=True))
    return FeatureDict(
        [
            ("mfcc", MFCCSequence(40, htk=True)),
            ("spectrogram", spectrogram),
            ("w2e", SpeechEmbeddingSequence(model)),
        ]
    )
