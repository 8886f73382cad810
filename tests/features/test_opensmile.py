"""openSMILE's functionals: openSMILE's own numbers, on any clip and in any worker."""

import pickle
import sys

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sersk import AudioClips, AudioError
from sersk.datasets import make_emotional_speech
from sersk.features import EGeMAPS, OpenSMILEFunctionals
from sersk.features._opensmile import _smile
from sersk.utils import MissingDependencyError

opensmile = pytest.importorskip("opensmile", reason="needs openSMILE")

RATE = 16_000
SIZES = {"ComParE_2016": 6373, "GeMAPSv01b": 62, "eGeMAPSv02": 88, "emobase": 988}
LARGEST = 32767 / 32768


def by_opensmile(samples, feature_set="eGeMAPSv02", rate=RATE):
    """Compute functionals as a user of openSMILE would."""
    smile = opensmile.Smile(
        feature_set=getattr(opensmile.FeatureSet, feature_set),
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    return smile.process_signal(samples, rate)


@pytest.fixture(scope="module")
def synthetic():
    """Two synthetic utterances as arrays."""
    return list(make_emotional_speech(n_speakers=1, random_state=1).clips[:2])


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(5).uniform(-0.4, 0.4, 9_600).astype(np.float32)


# openSMILE's own numbers.


def test_synthetic_speech_is_bit_equal(synthetic):
    features = EGeMAPS().fit_transform(synthetic)
    for row, samples in zip(features, synthetic, strict=True):
        assert_array_equal(row, by_opensmile(samples).to_numpy()[0])


@pytest.mark.parametrize("corpus", ["emodb", "ravdess"])
def test_real_speech_is_bit_equal(corpus, request):
    root = request.getfixturevalue(f"{corpus}_root")
    files = sorted([*root.rglob("*.wav"), *root.rglob("*.flac")])[::500]
    clips = AudioClips.from_files(files, sampling_rate=RATE)
    features = EGeMAPS().fit_transform(files)
    for row, samples in zip(features, clips, strict=True):
        assert np.abs(samples).max() < 1.0
        assert_array_equal(row, by_opensmile(samples).to_numpy()[0])


@pytest.mark.parametrize("feature_set", SIZES)
def test_feature_sets_and_their_names(feature_set, noise):
    extractor = OpenSMILEFunctionals(feature_set)
    expected = by_opensmile(noise, feature_set)
    (row,) = extractor.fit_transform([noise])
    assert row.shape == (SIZES[feature_set],)
    assert_array_equal(row, expected.to_numpy()[0])
    assert_array_equal(extractor.get_feature_names_out(), list(expected.columns))


def test_egemaps_is_one_of_the_feature_sets(noise):
    one, other = EGeMAPS(), OpenSMILEFunctionals("eGeMAPSv02")
    assert_array_equal(one.transform([noise]), other.transform([noise]))
    assert_array_equal(one.get_feature_names_out(), other.get_feature_names_out())


def test_the_sampling_rate_is_passed_on(noise):
    (row,) = EGeMAPS(sampling_rate=8_000).transform([noise])
    assert_array_equal(row, by_opensmile(noise, rate=8_000).to_numpy()[0])


# What openSMILE would get wrong without a word.


@pytest.mark.parametrize("peak", [1.0, 1.2, -1.2])
def test_samples_beyond_full_scale_are_clipped(peak, noise):
    loud = noise.copy()
    loud[1000:1040] = peak
    (row,) = EGeMAPS().transform([loud])
    assert_array_equal(row, by_opensmile(np.clip(loud, -1.0, LARGEST)).to_numpy()[0])
    # Left alone, it takes a peak for a sample of the other sign.
    assert (row != by_opensmile(loud).to_numpy()[0]).any()


def test_full_scale_of_the_other_sign_is_left_alone(noise):
    loud = noise.copy()
    loud[1000:1040] = -1.0
    assert_array_equal(EGeMAPS().transform([loud])[0], by_opensmile(loud).to_numpy()[0])


def test_the_waveform_is_not_changed(noise):
    loud = 3.0 * noise
    before = loud.copy()
    EGeMAPS().extract(loud)
    assert_array_equal(loud, before)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_samples_are_refused(value, noise):
    broken = noise.copy()
    broken[8_000] = value
    with pytest.raises(AudioError, match=r"Clip 1 holds 1 non-finite .*at 0\.500 s"):
        EGeMAPS().transform([noise, broken])


@pytest.mark.parametrize("length", [1, 10, 160, 480, 7_999])
def test_short_clips_are_padded_to_half_a_second(length, noise):
    (row,) = EGeMAPS().transform([noise[:length]])
    padded = np.pad(noise[:length], (0, RATE // 2 - length))
    assert_array_equal(row, by_opensmile(padded).to_numpy()[0])
    assert np.isfinite(row).all()


def test_half_a_second_is_long_enough(noise):
    (row,) = EGeMAPS().transform([noise[:8_000]])
    assert_array_equal(row, by_opensmile(noise[:8_000]).to_numpy()[0])


@pytest.mark.parametrize("feature_set", SIZES)
def test_silence_is_a_clip(feature_set):
    row = OpenSMILEFunctionals(feature_set).transform([np.zeros(RATE)])
    assert np.isfinite(row).all()


def test_functionals_that_do_not_exist_are_zero():
    # One sample of the least significant bit: there is no prediction gain of a contour
    # that never changes, and openSMILE says NaN.
    whisper = np.zeros(8_000, dtype=np.float32)
    whisper[4_000] = 1 / 32768
    extractor = OpenSMILEFunctionals()
    (row,) = extractor.transform([whisper])
    theirs = by_opensmile(whisper, "ComParE_2016").to_numpy()[0]
    assert np.isnan(theirs).any()
    assert_array_equal(row, np.nan_to_num(theirs, nan=0.0))


def test_polarity_changes_nothing(noise):
    extractor = EGeMAPS()
    assert_array_equal(extractor.transform([-noise]), extractor.transform([noise]))


def test_integers_are_openSMILE_s_own_scale(noise):
    codes = (noise * 32768).astype(np.int16)
    expected = by_opensmile(codes.astype(np.float32) / 32768)
    assert_array_equal(EGeMAPS().transform([codes])[0], expected.to_numpy()[0])


# In any worker.


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_workers_agree_to_the_bit(backend, synthetic):
    expected = EGeMAPS().transform(synthetic)
    with parallel_config(backend):
        assert_array_equal(EGeMAPS(n_jobs=2).transform(synthetic), expected)


def test_copies_hold_no_engine(noise):
    extractor = EGeMAPS()
    features = extractor.fit_transform([noise])
    assert len(pickle.dumps(extractor)) < 1_000
    for copy in (clone(extractor), pickle.loads(pickle.dumps(extractor))):
        assert_array_equal(copy.transform([noise]), features)


def test_an_unknown_feature_set_is_named(noise):
    with pytest.raises(ValueError, match=r"feature_set.*GeMAPSv01b.*'eGeMAPS' instead"):
        OpenSMILEFunctionals("eGeMAPS").fit([noise])


@pytest.mark.parametrize("extractor", [EGeMAPS(), OpenSMILEFunctionals()])
def test_without_opensmile_the_error_says_what_to_type(extractor, noise, monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    _smile.cache_clear()
    with pytest.raises(
        MissingDependencyError, match=r'pip install "sersk\[opensmile\]"'
    ):
        extractor.transform([noise])
