"""What holds for every public estimator, and for every extractor.

Classes are found by themselves: one that is added to a package's ``__all__`` is checked
from then on.
"""

import atexit
import importlib
import inspect
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import sersk
from sersk import AudioClips, AudioError
from sersk.audio import FeatureStreams, FrameSequences
from sersk.augmentation import Gain
from sersk.cache import FeatureStore
from sersk.descriptors import FUNCTIONALS
from sersk.estimators import (
    CoAttentionClassifier,
    CoAttentionRegressor,
    MelCNNClassifier,
    SpectrogramTrunkClassifier,
)
from sersk.features import (
    AcousticFunctionals,
    BaseClipTransformer,
    BaseFrameExtractor,
    FeatureDict,
    MFCCSequence,
    TextEmbedding,
    describe_descriptors,
    make_random_encoder,
)
from sersk.preprocessing import WaveformStep
from sersk.utils import AudioWarning
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
}

# What a parameter without a default is given.
REQUIRED = {
    "augmenters": [Gain((-0.1, 0.1))],
    "estimator": LogisticRegression(),
    "extractor": AcousticFunctionals(descriptors=("rms",)),
    "transformers": [("mfcc", MFCCSequence(5, n_mels=20, n_fft=256))],
}
# Nets that learn what the checks ask for in little time.
LIGHT = {"max_epochs": 20, "lr": 0.01, "device": "cpu"}
# Checkpoints of a speech encoder: the estimators below are made before any fixture.
_FOLDER = tempfile.mkdtemp(prefix="sersk-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
ENCODER, OTHER_ENCODER = (
    make_random_encoder(f"{_FOLDER}/{seed}", random_state=seed) for seed in (0, 1)
)
# One that learns what the checks ask for, all of it: its own weights are random.
FINE_TUNED = {
    **LIGHT,
    "model": write_encoder(
        f"{_FOLDER}/trained",
        conv_dim=[8] * 3,
        conv_kernel=[10, 2, 2],
        conv_stride=[5, 2, 2],
        hidden_size=16,
        intermediate_size=16,
        num_conv_pos_embeddings=2,
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
    "CNN1DClassifier": [{**LIGHT, "n_frames": 40}],
    "CNN1DRegressor": [{**LIGHT, "n_frames": 40, "loss": "mse"}],
    "CNN2DClassifier": [{**LIGHT, "n_layers": 6}],
    "CNN2DRegressor": [{**LIGHT, "n_frames": 40, "loss": "mse"}],
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
PAIRED_AT_RANDOM = {
    "check_sample_weight_equivalence_on_dense_data": "rows are paired at random, and "
    "another number of them is paired otherwise"
}
AT_ANY_TIME = {
    "check_regressors_train": "it looks for patterns at whatever time, and the target "
    "is a sum over certain columns"
}
# What depends on the machine is not run; tests/estimators/test_net.py asks for 1e-5.
NOT_RUN = {
    (name, "check_methods_subset_invariance"): "float32 sums of another batch may "
    "differ by more than 1e-7"
    for name in ("CNN1DRegressor", "SpeechEncoderRegressor")
}
# scikit-learn's check -> why the estimator of this name does not pass it.
EXPECTED_FAILURES = {
    "CRNNRegressor": AT_ANY_TIME,
    "MixupClassifier": PAIRED_AT_RANDOM,
    "MixupRegressor": PAIRED_AT_RANDOM,
    "SpeakerScaler": {
        "check_methods_subset_invariance": "it is transductive: the clips of a call "
        "are scaled together"
    },
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


CLASSES = sorted(
    set(_public_classes())
    - {BaseClipTransformer, BaseFrameExtractor, WaveformStep}
    - TAKE_NO_MATRIX,
    key=lambda cls: cls.__name__,
)
ESTIMATORS = [estimator for cls in CLASSES for estimator in _instances(cls)]
FRAME_EXTRACTORS = [one for one in ESTIMATORS if isinstance(one, BaseFrameExtractor)]
EXTRACTORS = [
    one
    for one in ESTIMATORS
    if isinstance(one, BaseClipTransformer) and one not in FRAME_EXTRACTORS
]


def _name(estimator: object) -> str:
    return type(estimator).__name__


def test_estimators_are_found():
    names = {cls.__name__ for cls in CLASSES}
    assert names >= {
        "AcousticFunctionals",
        "EGeMAPS",
        "LabelEncodedClassifier",
        "OpenSMILEFunctionals",
    }


# scikit-learn's own checks.


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    return str(tmp_path_factory.mktemp("checks"))


@pytest.fixture
def _kept(request, shared_folder, monkeypatch):
    """Keep what openSMILE computes: the checks give it the same clips over and over."""
    estimator = request.node.callspec.params["estimator"]
    if "opensmile" in getattr(estimator, "_libraries", ()):
        monkeypatch.setenv("SERSK_CACHE", shared_folder)


@pytest.fixture
def _comparable(request, monkeypatch):
    """Let the checks compare what is no array: waveforms, frames, and several of them.

    The checks give clips of one length, whose frames make rows of one length.
    """

    def let(cls, as_array):
        monkeypatch.setattr(cls, "__array__", as_array, raising=False)

    estimator = request.node.callspec.params["estimator"]
    if isinstance(estimator, WaveformStep):
        let(AudioClips, lambda clips, *_: np.stack([*clips]))
    if isinstance(estimator, (BaseFrameExtractor, FeatureDict)):
        let(FrameSequences, lambda frames, *_: _rows_of(frames))
        let(FeatureStreams, lambda streams, *_: _rows_of(streams["mfcc"]))


def _rows_of(frames):
    return np.stack([frame.ravel() for frame in frames])


# The checks give integers that are no PCM codes.
@pytest.mark.filterwarnings("ignore:.* samples are taken for 16-bit PCM codes")
# They know no speakers.
@pytest.mark.filterwarnings("ignore::sersk.utils.TransductionWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.usefixtures("_kept", "_comparable")
@parametrize_with_checks(
    ESTIMATORS,
    expected_failed_checks=lambda one: EXPECTED_FAILURES.get(_name(one), {}),
)
def test_scikit_learn(estimator, check):
    reason = NOT_RUN.get((_name(estimator), check.func.__name__))
    if reason:
        pytest.skip(reason)
    check(estimator)


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=_name)
def test_scikit_learn_has_something_to_check(extractor):
    # Without this tag it skips nearly all of them.
    tags = extractor.__sklearn_tags__()
    assert tags.input_tags.two_d_array
    assert not tags.no_validation
    assert not tags.requires_fit


# The same answer for every form of X.


@pytest.fixture(scope="module", params=EXTRACTORS, ids=_name)
def extractor(request):
    return request.param


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


@pytest.fixture(scope="module")
def expected(extractor, files):
    """What the extractor gives for the list of paths, computed once."""
    return clone(extractor).fit_transform([str(file) for file in files])


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


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_clips_gives_the_same(
    form, extractor, expected, files, waveforms
):
    X = FORMS[form](files, waveforms)
    assert_array_equal(clone(extractor).fit(X).transform(X), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_a_matrix_is_clips_of_one_length(dtype, extractor, waveforms):
    clips = [wave[:300] for wave in waveforms]
    expected = clone(extractor).transform(clips)
    matrix = np.stack(clips)
    if dtype == np.int16:
        matrix = (matrix * 32768).astype(dtype)
    for X in (matrix.astype(dtype), pd.DataFrame(matrix.astype(dtype))):
        assert_array_equal(clone(extractor).fit(X).transform(X), expected)


def test_a_part_of_a_file_is_a_clip(extractor, files, waveforms):
    table = pd.DataFrame({"file": [files[2]], "start": [0.125], "end": [0.5]})
    part = waveforms[2][2_000:8_000]
    expected = clone(extractor).transform([part])
    assert_array_equal(clone(extractor).transform(table), expected)


# The same answer wherever it comes from.


def test_the_store_changes_nothing(extractor, expected, files, tmp_path):
    cached = clone(extractor).set_params(cache=str(tmp_path))
    assert_array_equal(cached.fit_transform(files), expected)
    kept = cached.transform(files)
    assert_array_equal(kept, expected)
    assert kept.dtype == expected.dtype
    assert FeatureStore(tmp_path).statistics()["writes"] == len(files)


def test_workers_change_nothing(extractor, expected, files):
    parallel = clone(extractor).set_params(n_jobs=2)
    assert_array_equal(parallel.transform(files), expected)
    with parallel_config("threading"):
        assert_array_equal(parallel.transform(files), expected)


def test_a_clip_does_not_depend_on_the_others(extractor, expected, files):
    for index, file in enumerate(files):
        assert_array_equal(clone(extractor).transform([file])[0], expected[index])


def test_rows_are_in_the_order_of_the_clips(extractor, expected, files):
    assert_array_equal(clone(extractor).transform(files[::-1]), expected[::-1])
    twice = clone(extractor).transform([files[1], files[0], files[1]])
    assert_array_equal(twice, expected[[1, 0, 1]])


def test_the_input_is_not_changed(extractor, waveforms):
    clips = [2.0 * wave for wave in waveforms]
    before = [wave.copy() for wave in clips]
    clone(extractor).fit_transform(clips)
    for wave, copy in zip(clips, before, strict=True):
        assert_array_equal(wave, copy)


# What comes out.


def test_features_are_finite_float32_in_rows(extractor, expected, files):
    assert expected.shape[0] == len(files)
    assert expected.dtype == np.float32
    assert expected.flags.c_contiguous
    assert expected.flags.writeable
    assert np.isfinite(expected).all()
    assert (expected[0] != expected[2]).any()


def test_every_column_has_its_own_name(extractor, expected):
    names = extractor.get_feature_names_out()
    assert len(set(names)) == len(names) == expected.shape[1]
    assert all(isinstance(name, str) and name for name in names)


def test_pandas_output_keeps_the_index(extractor, expected, files):
    framed = clone(extractor).set_output(transform="pandas")
    index = ["x", "y", "z"]
    for X in (
        pd.Series([*map(str, files)], index=index),
        pd.DataFrame({"file": files}, index=index),
    ):
        frame = framed.fit_transform(X)
        assert list(frame.index) == index
        assert list(frame.columns) == list(extractor.get_feature_names_out())
        assert_array_equal(frame.to_numpy(), expected)


def test_polars_output(extractor, expected, files):
    pytest.importorskip("polars", reason="needs polars")
    frame = clone(extractor).set_output(transform="polars").fit_transform(files)
    assert frame.columns == list(extractor.get_feature_names_out())
    assert_array_equal(frame.to_numpy(), expected)


@pytest.mark.parametrize("length", [1, 10])
def test_short_clips_have_features(length, extractor, expected):
    features = clone(extractor).transform([np.full(length, 0.25)])
    assert features.shape == (1, expected.shape[1])
    assert np.isfinite(features).all()


def test_silence_has_features(extractor):
    assert np.isfinite(clone(extractor).transform([np.zeros(RATE)])).all()


# The estimator itself.


def test_pickles_are_small(extractor, expected, files):
    fitted = clone(extractor).fit(files)
    assert len(pickle.dumps(extractor)) < 10_000
    fitted.transform(files[:1])
    data = pickle.dumps(fitted)
    assert len(data) < 10_000
    assert_array_equal(pickle.loads(data).transform(files[:1]), expected[:1])


def test_copies_have_the_same_parameters(extractor):
    assert clone(extractor).get_params() == extractor.get_params()
    assert type(extractor)(**extractor.get_params()).get_params() == (
        extractor.get_params()
    )


def test_fit_opens_no_file_and_learns_nothing(extractor):
    fitted = clone(extractor)
    before = dict(vars(fitted))
    assert fitted.fit(["no-such-file.wav"]) is fitted
    assert vars(fitted) == before


def test_bad_clips_are_named(extractor, files):
    with pytest.raises(AudioError, match=r"Clip 1 \('gone\.wav'\) cannot be read: no"):
        clone(extractor).transform([files[0], "gone.wav"])


def test_bad_clips_can_be_rows_of_nan(extractor, expected, files):
    lenient = clone(extractor).set_params(on_error="nan")
    with pytest.warns(AudioWarning, match=r"Clip 1 \('gone\.wav'\) cannot be read: no"):
        features = lenient.transform([files[0], "gone.wav", files[2]])
    assert_array_equal(features[[0, 2]], expected[[0, 2]])
    assert np.isnan(features[1]).all()
    assert features.dtype == np.float32


# The key of the store: all that changes a number, and nothing else.

OTHER = {
    "backend": "onnx",
    "batch_size": 2,
    "chunk_duration": 20.0,
    "chunk_overlap": 0.5,
    "device": "cpu",
    "dtype": "bfloat16",
    "layer": 1,
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
# What a parameter needs to change anything.
NEEDED: dict[str, dict] = {
    name: {"descriptors": ("f0",)}
    for name in ("pitch_fmin", "pitch_fmax", "pitch_method")
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
PARAMETERS = [
    pytest.param(one, name, id=f"{_name(one)}-{name}")
    for one in {type(one): one for one in reversed(EXTRACTORS)}.values()
    for name in one.get_params()
    if name != "cache"
]


def _keys(folder) -> set[str]:
    return set(FeatureStore(folder).statistics()["extractors"])


@pytest.mark.parametrize(("extractor", "name"), PARAMETERS)
def test_the_key_holds_what_changes_the_numbers(extractor, name, tmp_path):
    assert name in OTHER, "give a new parameter another value in OTHER"
    clips = [np.linspace(-0.5, 0.5, 500), np.zeros(500)]
    one = clone(extractor).set_params(cache=str(tmp_path), **NEEDED.get(name, {}))
    other = clone(one).set_params(**{name: OTHER[name]})
    assert one.get_params()[name] != OTHER[name]
    one.transform(clips)
    before = _keys(tmp_path)
    other.transform(clips)
    assert len(before) == 1
    assert len(_keys(tmp_path) - before) == (name not in RUNTIME)


def test_the_key_holds_the_versions_of_libraries(extractor, tmp_path, monkeypatch):
    if not extractor._libraries:
        pytest.skip("its numbers come from no other library")
    cached = clone(extractor).set_params(cache=str(tmp_path))
    clips = [np.linspace(-0.5, 0.5, 500)]
    first = cached.transform(clips)
    before = _keys(tmp_path)
    monkeypatch.setattr("sersk.features._base._version", lambda name: "99.0")
    assert_array_equal(cached.transform(clips), first)
    assert len(_keys(tmp_path) - before) == 1
