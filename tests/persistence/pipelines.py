"""A pipeline around every public estimator, and around those of others.

An estimator that is added to sersk stands behind features of clips, if nothing else is
said here; where it takes something else, the test asks for a line.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from xgboost import XGBClassifier

from sersk import augmentation, estimators, features, preprocessing
from sersk.augmentation import SpecAugment
from sersk.estimators._net import BaseNet
from sersk.features import (
    BaseClipTransformer,
    BaseFrameExtractor,
    FeatureDict,
    LogSpectrogram,
    MelSpectrogram,
    MFCCSequence,
    SpeechEmbedding,
    SpeechEmbeddingSequence,
)
from sersk.model_selection import SpeakerKFold
from sersk.preprocessing import SequenceScaler, WaveformStep
from tests.features.text_encoders import write_text_encoder
from tests.public_estimators import ENCODER, FINE_TUNED, shared

TEXT_ENCODER = shared("text_encoder", write_text_encoder)
N_LAYERS = 4  # of ENCODER, with what goes in
NET = {"max_epochs": 1, "batch_size": 12, "device": "auto", "random_state": 0}


def _functionals(**parameters: Any) -> Any:
    return features.AcousticFunctionals(n_mfcc=13, n_mels=40, **parameters)


def _logistic(**parameters: Any) -> Any:
    return LogisticRegression(max_iter=1000, **parameters)


def _on_clips(estimator: Any = None) -> Pipeline:
    """Return an estimator behind features of clips."""
    end = _logistic() if estimator is None else estimator
    return make_pipeline(_functionals(), StandardScaler(), end)


def _net(**parameters: Any) -> Any:
    return estimators.CNN1DClassifier(5, **{**NET, **parameters})


def _on_frames(net: Any, *, augment: Any = None) -> Pipeline:
    net = net.set_params(augment=augment)
    return make_pipeline(MelSpectrogram(32), SequenceScaler(), net)


def _on_streams(net: Any) -> Pipeline:
    streams = FeatureDict(
        [
            ("mfcc", make_pipeline(MFCCSequence(8), SequenceScaler())),
            (
                "spectrogram",
                make_pipeline(LogSpectrogram(64), SequenceScaler("minmax")),
            ),
            ("w2e", SpeechEmbeddingSequence(ENCODER)),
        ]
    )
    return make_pipeline(streams, net)


def _on_clips_themselves(estimator: Any) -> Pipeline:
    return make_pipeline(preprocessing.NormalizeAmplitude(), estimator)


def _on_layers(*steps: Any) -> Pipeline:
    return make_pipeline(SpeechEmbedding(ENCODER, layer="all"), *steps)


# Where it is not what `pipeline_of` gives.
OWN: dict[str, Callable[[Any], Pipeline]] = {
    **dict.fromkeys(
        ("AugmentedClassifier", "AugmentedRegressor"),
        lambda kind: _on_clips_themselves(
            kind(
                _on_clips(_ending(kind)),
                [
                    augmentation.AddNoise(),
                    augmentation.OneOf([augmentation.Gain(), augmentation.MuLaw()]),
                ],
                random_state=np.random.RandomState(0),
            )
        ),
    ),
    **dict.fromkeys(
        ("WindowedClassifier", "WindowedRegressor"),
        lambda kind: _on_clips_themselves(
            kind(_on_clips(_ending(kind)), window=0.3, hop=0.2)
        ),
    ),
    **dict.fromkeys(
        ("CoAttentionClassifier", "CoAttentionRegressor"),
        lambda kind: _on_streams(kind("alexnet", **NET)),
    ),
    **dict.fromkeys(
        ("SpeechEncoderClassifier", "SpeechEncoderRegressor"),
        lambda kind: _on_clips_themselves(
            kind(**{**FINE_TUNED, **NET, "micro_batch_size": 12})
        ),
    ),
    "FeatureDict": lambda kind: _on_streams(
        estimators.CoAttentionClassifier("alexnet", **NET)
    ),
    "LabelEncodedClassifier": lambda kind: _on_clips(
        kind(XGBClassifier(n_estimators=3, max_depth=2, n_jobs=1))
    ),
    "LayerSelect": lambda kind: _on_layers(kind(1, n_layers=N_LAYERS), _logistic()),
    "LayerWeightedSumClassifier": lambda kind: _on_layers(kind(n_layers=N_LAYERS)),
    "SequenceScaler": lambda kind: _on_frames(_net(), augment=SpecAugment()),
    "SpeakerFoldVotingClassifier": lambda kind: make_pipeline(
        MFCCSequence(8),
        SequenceScaler(),
        kind(_net(early_stopping=True), cv=SpeakerKFold(3)),
    ),
    "SpeakerScaler": lambda kind: make_pipeline(
        kind(_functionals(), mode="train"), _logistic()
    ),
    "SpectrogramTrunkClassifier": lambda kind: _on_frames(kind("alexnet", **NET)),
    "SpeechEmbeddingSequence": lambda kind: make_pipeline(
        kind(ENCODER), SequenceScaler(), _net()
    ),
    "SpeechEmbedding": lambda kind: make_pipeline(kind(ENCODER), _logistic()),
    "TextEmbedding": lambda kind: make_pipeline(kind(TEXT_ENCODER), _logistic()),
    "TextEncoderClassifier": lambda kind: make_pipeline(kind(TEXT_ENCODER, **NET)),
    # Of as few samples as there may be: each is a frame.
    "WaveformSequence": lambda kind: make_pipeline(
        kind(sampling_rate=2_000), SequenceScaler(), _net()
    ),
}


def pipeline_of(kind: type) -> Pipeline:
    """Return a pipeline with a public estimator in it, not fitted."""
    if kind.__name__ in OWN:
        return OWN[kind.__name__](kind)
    if issubclass(kind, WaveformStep):
        return make_pipeline(kind(), *_on_clips())
    if issubclass(kind, BaseFrameExtractor):
        return make_pipeline(kind(), SequenceScaler(), _net())
    if issubclass(kind, BaseClipTransformer):
        return make_pipeline(kind(), StandardScaler(), _logistic())
    if issubclass(kind, BaseNet):
        return _on_frames(kind(**NET))
    wraps = "estimator" in kind._get_param_names()
    return _on_clips(kind(_ending(kind)) if wraps else kind())


def _ending(kind: type) -> Any:
    return Ridge() if kind.__name__.endswith("Regressor") else _logistic()


def _boosted(**parameters: Any) -> Any:
    settings = {"max_iter": 3, "min_samples_leaf": 1, "random_state": 0}
    return HistGradientBoostingClassifier(**{**settings, **parameters})


# What users put behind features.
OF_OTHERS: dict[str, Callable[[], Any]] = {
    "SVC": SVC,
    "SVC with probabilities": lambda: CalibratedClassifierCV(LinearSVC(), cv=2),
    "LogisticRegression": lambda: _logistic(class_weight="balanced"),
    "RandomForest": lambda: RandomForestClassifier(5, random_state=0, n_jobs=2),
    "GradientBoosting": lambda: GradientBoostingClassifier(
        n_estimators=3, random_state=0
    ),
    "HistGradientBoosting": _boosted,
    "MLP": lambda: MLPClassifier((8,), n_iter_no_change=1, tol=1e9, random_state=0),
    "KNeighbors": lambda: KNeighborsClassifier(3, n_jobs=2),
    "KNeighbors of a tree": lambda: KNeighborsClassifier(3, algorithm="kd_tree"),
    "Stacking": lambda: StackingClassifier(
        [("knn", KNeighborsClassifier(3)), ("boosted", _boosted())], cv=2
    ),
    "Voting": lambda: VotingClassifier(
        [("lr", _logistic()), ("forest", RandomForestClassifier(3, random_state=0))],
        voting="soft",
    ),
    "columns": lambda: make_pipeline(
        make_column_transformer(
            (StandardScaler(), slice(0, 13)), ("passthrough", [20, 30])
        ),
        SVC(),
    ),
}


def searched() -> Any:
    """Return a search over the parameters of a net and of what is in front of it."""
    return GridSearchCV(
        make_pipeline(MFCCSequence(8), SequenceScaler(), _net(dropout=0.0)),
        {"mfccsequence__n_mfcc": [5, 8]},
        cv=SpeakerKFold(2),
    )


def of_others(name: str) -> Pipeline:
    """Return a pipeline that ends with an estimator of another library."""
    return _on_clips(OF_OTHERS[name]())
