"""Several features of the same clips, for one net."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sersk.audio import AudioClips, FrameSequences
from sersk.features import (
    AcousticFunctionals,
    FeatureDict,
    LogSpectrogram,
    MelSpectrogram,
    MFCCSequence,
    count_extractions,
    warm_cache,
)
from sersk.preprocessing import SequenceScaler


@pytest.fixture(scope="module")
def clips():
    generator = np.random.default_rng(0)
    return AudioClips.from_arrays(
        [generator.normal(0, 0.1, n) for n in (9_000, 5_000, 7_000)],
        sampling_rate=16_000,
        columns={"speaker": ["a", "b", "b"]},
    )


def _features(**parameters):
    return FeatureDict(
        [
            ("mfcc", MFCCSequence(13, **parameters)),
            (
                "spectrogram",
                make_pipeline(LogSpectrogram(**parameters), SequenceScaler("minmax")),
            ),
            ("functionals", AcousticFunctionals(("rms",), **parameters)),
        ]
    )


def test_each_stream_is_what_its_transformer_gives(clips):
    streams = _features().fit_transform(clips)
    assert streams.keys() == ["mfcc", "spectrogram", "functionals"]
    assert isinstance(streams["mfcc"], FrameSequences)
    assert_array_equal(streams["mfcc"][1], MFCCSequence(13).fit_transform(clips)[1])
    assert streams["functionals"].shape == (3, 2)
    assert streams.columns["speaker"].tolist() == ["a", "b", "b"]
    assert streams[1:]["spectrogram"].lengths.tolist() == [32, 44]


def test_scalers_are_fitted_to_the_training_clips(clips):
    features = _features().fit(clips[:2])
    lowest = features.transform(clips[:2])["spectrogram"]
    values = np.concatenate([*lowest])
    assert (values.min(axis=0) == 0).all()
    assert values.max() == 1
    scaler = dict(features.transformers_)["spectrogram"][-1]
    expected = SequenceScaler("minmax").fit(LogSpectrogram().fit_transform(clips[:2]))
    assert_array_equal(scaler.scale_, expected.scale_)


def test_parameters_are_reached_by_name(clips):
    features = _features()
    features.set_params(mfcc__n_mfcc=7, spectrogram__logspectrogram__n_bins=50)
    streams = features.fit_transform(clips)
    assert streams["mfcc"].n_features == 7
    assert streams["spectrogram"].n_features == 50
    assert clone(features).get_params()["mfcc__n_mfcc"] == 7
    features.set_params(mfcc=MFCCSequence(5))
    assert features.fit_transform(clips)["mfcc"].n_features == 5


def test_fit_leaves_the_transformers_alone(clips):
    features = _features()
    before = [transformer for _, transformer in features.transformers]
    features.fit(clips)
    assert [transformer for _, transformer in features.transformers] == before
    assert not hasattr(before[1][-1], "scale_")


def test_each_clip_is_extracted_once_by_each(clips, tmp_path):
    features = _features(cache=str(tmp_path))
    before = count_extractions()
    assert warm_cache(features, clips) == 9
    features.fit(clips).transform(clips)
    assert count_extractions() - before == 9


def test_streams_side_by_side_in_time_are_as_long(clips):
    features = FeatureDict(
        [
            ("mfcc", MFCCSequence(13, hop_length=160)),
            # As far apart, but of another rate: not as many, rounded down.
            ("mel", MelSpectrogram(20, hop_length=80, sampling_rate=8_000)),
        ]
    )
    assert len(features.fit_transform(clips)) == 3
    other = FeatureDict(
        [("mfcc", MFCCSequence(13)), ("cut", make_pipeline(_Cut(), SequenceScaler()))]
    )
    with pytest.raises(ValueError, match="Clip 0 has 57 frames of mfcc but 56 of cut"):
        other.fit_transform(clips)


class _Cut(MFCCSequence):
    """Lose the last frame."""

    def _extract(self, waveform):
        return super()._extract(waveform)[:-1]


class _Flat:
    """Give one number a clip."""

    def get_params(self, deep=True):
        return {}

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.zeros(len(X))


@pytest.mark.parametrize(
    ("transformers", "message"),
    [
        ([], "transformers is empty"),
        ([("a b", MFCCSequence())], "has the name 'a b', which cannot be an argument"),
        ([("a", MFCCSequence()), ("a", MFCCSequence())], "not unique"),
        ([("flat", _Flat())], r"'flat' gives an array of shape \(3,\)"),
    ],
)
def test_transformers_that_do_not_go_together(transformers, message, clips):
    with pytest.raises(ValueError, match=message):
        FeatureDict(transformers).fit_transform(clips)


@pytest.mark.parametrize(
    "item",
    [
        MFCCSequence(),
        ("a", MFCCSequence(), 3),
        (1, MFCCSequence()),
        ("a", None),
        ("a", "drop"),
        ("a", MFCCSequence),
        ("a", LogisticRegression()),
    ],
)
def test_what_is_no_name_and_transformer(item, clips):
    with pytest.raises(TypeError, match=r"transformers holds .* no pair of a name and"):
        FeatureDict([("b", MFCCSequence()), item]).fit(clips)
