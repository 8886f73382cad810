"""Every public estimator as the checks take it, and forms of clips for extractors.

Classes are found by themselves: one that is added to a package's ``__all__`` is checked
from then on.
"""

import contextlib
import importlib
import inspect
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import sersk
from sersk import AudioClips
from sersk.augmentation import Gain
from sersk.cache import FeatureStore
from sersk.descriptors import FUNCTIONALS
from sersk.estimators import (
    BaseNetClassifier,
    BaseNetRegressor,
    CoAttentionClassifier,
    CoAttentionRegressor,
    MelCNNClassifier,
    SpectrogramTrunkClassifier,
    TextEncoderClassifier,
)
from sersk.features import (
    AcousticFunctionals,
    BaseClipTransformer,
    BaseExtractor,
    BaseFrameExtractor,
    MFCCSequence,
    TextEmbedding,
    describe_descriptors,
    make_random_encoder,
)
from sersk.preprocessing import WaveformStep
from tests.estimators.encoders import write_encoder
from tests.estimators.probes import Head

ROOT = Path(sersk.__file__).parent
RATE = 16_000


def _on_samples(estimator):
    return make_pipeline(Head(), FunctionTransformer(np.float64), estimator)


# scikit-learn's checks give matrices, which are frames of one feature. These take
# several inputs, images, or words; tests of their own check them otherwise.
TAKE_NO_MATRIX = {
    CoAttentionClassifier,
    CoAttentionRegressor,
    MelCNNClassifier,
    SpectrogramTrunkClassifier,
    TextEmbedding,
    TextEncoderClassifier,
}

# What a parameter without a default is given.
REQUIRED = {
    "augmenters": [Gain((-0.1, 0.1))],
    "estimator": LogisticRegression(),
    "extractor": AcousticFunctionals(descriptors=("rms",)),
    "transformers": [("mfcc", MFCCSequence(5, n_mels=20, n_fft=256))],
}
# Nets that learn what the checks ask for in little time.
LIGHT = {"max_epochs": 5, "lr": 0.01, "device": "cpu"}


def shared(name: str, write: Callable[[Path], object]) -> str:
    """Return what is written once, to a path that all processes of a run know."""
    path = Path(os.environ["SERSK_TEST_FOLDER"], name)
    if not path.exists():
        part = Path(tempfile.mkdtemp(dir=path.parent), name)
        write(part)
        with contextlib.suppress(OSError):  # another process was faster
            part.rename(path)
    return str(path)


# Checkpoints of a speech encoder: the estimators below are made before any fixture.
ENCODER, OTHER_ENCODER = (
    shared(f"random_{seed}", partial(make_random_encoder, random_state=seed))
    for seed in (0, 1)
)
# One that learns what the checks ask for, all of it: its own weights are random.
FINE_TUNED = {
    **LIGHT,
    "model": shared(
        "trained",
        partial(
            write_encoder,
            conv_dim=[8] * 3,
            conv_kernel=[10, 2, 2],
            conv_stride=[5, 2, 2],
            hidden_size=16,
            intermediate_size=16,
            num_conv_pos_embeddings=2,
        ),
    ),
    "max_epochs": 8,
    "micro_batch_size": 32,
    "dropout": 0.0,
    "train_front": True,
    "spec_augment": False,
}
# Instead of, or beside, the one with all defaults.
INSTANCES = {
    # They take clips, and the checks want more digits than float32 has.
    "AugmentedClassifier": [{"estimator": _on_samples(LogisticRegression())}],
    "AugmentedRegressor": [{"estimator": _on_samples(Ridge())}],
    "MixupRegressor": [{"estimator": Ridge()}],
    "CNN1DClassifier": [{**LIGHT, "n_frames": 12}],
    "CNN1DRegressor": [{**LIGHT, "n_frames": 12, "loss": "mse"}],
    "CNN2DClassifier": [{**LIGHT, "n_frames": 12}],
    "CNN2DRegressor": [{**LIGHT, "n_frames": 12, "loss": "mse"}],
    "CRNNClassifier": [{**LIGHT, "n_channels": 8, "hidden_size": 8, "dropout": 0.0}],
    "CRNNRegressor": [{**LIGHT, "n_channels": 8, "hidden_size": 8, "dropout": 0.0}],
    "AcousticFunctionals": [
        {},
        {
            "descriptors": tuple(describe_descriptors()["descriptor"]),
            "functionals": (*FUNCTIONALS, "percentile_95"),
        },
    ],
    "LayerSelect": [{"n_layers": 1}],
    "LayerWeightedSumClassifier": [{"n_layers": 1}],
    "SpeechEmbedding": [{"model": ENCODER, "layer": "all", "pooling": "mean_std"}],
    "SpeechEmbeddingSequence": [{"model": ENCODER}],
    "SpeechEncoderClassifier": [FINE_TUNED],
    "SpeechEncoderRegressor": [FINE_TUNED],
    # Seven times faster than the default, and the same code around it.
    "OpenSMILEFunctionals": [{"feature_set": "emobase"}],
    # The checks know no speakers.
    "SpeakerFoldVotingClassifier": [
        {"cv": KFold(2, shuffle=True, random_state=0), "voting": voting}
        for voting in ("hard", "soft")
    ],
    "WindowedClassifier": [
        {"estimator": _on_samples(LogisticRegression()), "aggregate": aggregate}
        for aggregate in ("mean_proba", "vote")
    ],
    "WindowedRegressor": [{"estimator": _on_samples(Ridge())}],
}


def _public_classes() -> Iterator[type]:
    for package in sorted(ROOT.glob("*/__init__.py")):
        module = importlib.import_module(f"sersk.{package.parent.name}")
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) and hasattr(value, "fit"):
                yield value


def _instances(cls: type) -> list:
    parameters = inspect.signature(cls).parameters.values()
    required = {
        parameter.name: REQUIRED[parameter.name]
        for parameter in parameters
        if parameter.default is inspect.Parameter.empty
    }
    settings = INSTANCES.get(cls.__name__, [{}])
    return [cls(**{**required, **setting}) for setting in settings]


BASES = {
    BaseClipTransformer,
    BaseExtractor,
    BaseFrameExtractor,
    BaseNetClassifier,
    BaseNetRegressor,
    WaveformStep,
}
PUBLIC = sorted(set(_public_classes()) - BASES, key=lambda cls: cls.__name__)
CLASSES = [cls for cls in PUBLIC if cls not in TAKE_NO_MATRIX]
ESTIMATORS = [estimator for cls in CLASSES for estimator in _instances(cls)]
FRAME_EXTRACTORS = [one for one in ESTIMATORS if isinstance(one, BaseFrameExtractor)]
EXTRACTORS = [
    one
    for one in ESTIMATORS
    if isinstance(one, BaseClipTransformer) and one not in FRAME_EXTRACTORS
]


def name_of(estimator: object) -> str:
    return type(estimator).__name__


# Forms of the same clips.


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three files of different lengths; the second is short."""
    folder = tmp_path_factory.mktemp("files")
    generator = np.random.default_rng(0)
    paths = []
    for number, length in enumerate([9_000, 300, 12_345]):
        path = folder / f"{number}.wav"
        soundfile.write(path, generator.uniform(-0.5, 0.5, length), RATE)
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def waveforms(files):
    return [soundfile.read(file, dtype="float32")[0] for file in files]


def _objects(items):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _segments(files):
    starts, ends = (
        pd.to_timedelta([0] * len(files)),
        pd.to_timedelta([None] * len(files)),
    )
    return pd.MultiIndex.from_arrays(
        [[*map(str, files)], starts, ends], names=["file", "start", "end"]
    )


FORMS = {
    "paths": lambda files, waves: files,
    "tuple": lambda files, waves: tuple(map(str, files)),
    "array of str": lambda files, waves: np.array([*map(str, files)]),
    "array of paths": lambda files, waves: _objects(files),
    "series": lambda files, waves: pd.Series([*map(str, files)], index=[7, 5, 3]),
    "series of paths": lambda files, waves: pd.Series(files),
    "index": lambda files, waves: pd.Index([*map(str, files)]),
    "table": lambda files, waves: pd.DataFrame({"file": files, "speaker": list("abc")}),
    "audformat": lambda files, waves: _segments(files),
    "clips of files": lambda files, waves: AudioClips.from_files(
        files, sampling_rate=RATE
    ),
    "waveforms": lambda files, waves: waves,
    "float64": lambda files, waves: [wave.astype(np.float64) for wave in waves],
    "int16": lambda files, waves: [(wave * 32768).astype(np.int16) for wave in waves],
    "lists": lambda files, waves: [wave.tolist() for wave in waves],
    "array of waveforms": lambda files, waves: _objects(waves),
    "clips of arrays": lambda files, waves: AudioClips.from_arrays(
        waves, sampling_rate=RATE
    ),
}

# Another value of each parameter of an extractor.
OTHER = {
    "backend": "onnx",
    "batch_size": 2,
    "chunk_duration": 20.0,
    "chunk_overlap": 0.5,
    "device": "cpu",
    "dtype": "bfloat16",
    "layer": (1, 0),
    "n_first": 2,
    "model": OTHER_ENCODER,
    "pooling": "max",
    "revision": "main",
    "descriptors": ("rms", "zcr"),
    "feature_set": "GeMAPSv01b",
    "fmax": 7_000.0,
    "fmin": 60.0,
    "functionals": ("max",),
    "hop_length": 200,
    "htk": True,
    "n_bins": 150,
    "n_fft": 1024,
    "n_mels": 100,
    "n_mfcc": 11,
    "per_coefficient": False,
    "pitch_fmax": 500.0,
    "pitch_fmin": 80.0,
    "pitch_method": "pyin",
    "sampling_rate": 11_025,
    "voiced_only": True,
    "win_length": 500,
    "window": "blackman",
    "max_duration": 20.0,
    "n_jobs": 2,
    "on_error": "nan",
    "top_db": 60.0,
}
RUNTIME = {
    "batch_size",
    "cache",
    "device",
    "max_duration",
    "n_jobs",
    "on_error",
    # That of a folder is what is in it.
    "revision",
}


def keys_of(folder) -> set[str]:
    return set(FeatureStore(folder).statistics()["extractors"])
