import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from sersk import AudioClips
from sersk.features import AcousticFunctionals, count_extractions
from sersk.preprocessing import SpeakerScaler
from sersk.utils import AudioError, AudioWarning, TransductionWarning
from tests.features.probes import GIVES_NAN, Fragile, Level

# Constant waveforms: both features of `Level`, the mean and the largest absolute
# value of the samples, are the constant.
LEVELS = [0.1, 0.3, 0.2, 0.5, 0.6]
SPEAKERS = ["anna", "anna", "bob", "bob", "bob"]


def _clips(levels=LEVELS, speakers=SPEAKERS) -> AudioClips:
    return AudioClips.from_arrays(
        [np.full(100, level) for level in levels],
        sampling_rate=16_000,
        columns={"speaker": speakers},
    )


@pytest.fixture
def clips() -> AudioClips:
    return _clips()


def test_features_become_z_scores_of_the_speaker(clips):
    features = SpeakerScaler(Level()).fit_transform(clips)
    # Anna: mean 0.2, deviation 0.1. Bob: mean 13/30, deviation sqrt(26)/30.
    bob = np.array([6 - 13, 15 - 13, 18 - 13]) / np.sqrt(26)
    assert features.dtype == np.float32
    np.testing.assert_allclose(
        features, np.transpose([[-1, 1, *bob]] * 2), rtol=1e-4, atol=1e-6
    )


def test_speakers_may_be_given_in_any_order(clips):
    order = [3, 0, 4, 1, 2]
    scaler = SpeakerScaler(Level()).fit(clips)
    np.testing.assert_array_equal(
        scaler.transform(clips[order]), scaler.transform(clips)[order]
    )


def test_another_speaker_changes_nothing(clips):
    scaler = SpeakerScaler(Level()).fit(clips)
    np.testing.assert_array_equal(
        scaler.transform(clips[:2]), scaler.transform(clips)[:2]
    )


def test_other_clips_of_the_speaker_change_everything(clips):
    # That is what "transductive" says.
    scaler = SpeakerScaler(Level()).fit(clips)
    assert not np.allclose(scaler.transform(clips[2:4]), scaler.transform(clips)[2:4])


def test_nothing_is_learned_from_the_clips_of_fit(clips):
    loud = _clips([0.9, 0.8, 0.7, 0.95, 0.99])
    np.testing.assert_array_equal(
        SpeakerScaler(Level()).fit(loud).transform(clips),
        SpeakerScaler(Level()).fit_transform(clips),
    )


def test_nothing_is_learned_from_the_labels(clips):
    labels = ["sad", "happy", "sad", "happy", "sad"]
    np.testing.assert_array_equal(
        SpeakerScaler(Level()).fit(clips, labels).transform(clips),
        SpeakerScaler(Level()).fit(clips, labels[::-1]).transform(clips),
    )


def test_a_constant_feature_becomes_zero():
    clips = _clips([0.3, 0.3, 0.3, 0.1, 0.2], ["a", "a", "a", "b", "b"])
    features = SpeakerScaler(Level()).fit_transform(clips)
    np.testing.assert_allclose(features[:, 0], [0, 0, 0, -1, 1], atol=1e-6)


def test_rounding_is_no_spread():
    # Of one loudness, but such that the float32 means may differ in the last bit.
    waveforms = [np.tile([0.3, -0.3], length) for length in (50, 333, 7_001)]
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns={"speaker": ["a"] * 3}
    )
    assert not SpeakerScaler(Level()).fit_transform(clips).any()


def test_a_speaker_of_one_clip_gets_zeros_and_a_warning():
    clips = _clips([0.1, 0.2, 0.3], ["anna", "anna", "bob"])
    scaler = SpeakerScaler(Level()).fit(clips)
    with pytest.warns(TransductionWarning, match="1 speaker has one clip.*'bob'"):
        features = scaler.transform(clips)
    assert not features[2].any()
    np.testing.assert_allclose(features[:2, 0], [-1, 1], rtol=1e-5)


def test_the_warning_points_to_the_caller(clips):
    with pytest.warns(TransductionWarning) as caught:
        SpeakerScaler(Level()).fit(clips).transform(clips[[0, 2, 3]])
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "X",
    [
        np.random.default_rng(0).uniform(-1, 1, (4, 200)),
        list(np.random.default_rng(0).uniform(-1, 1, (4, 200))),
    ],
    ids=["matrix", "list"],
)
def test_without_speakers_all_clips_are_one_speakers(X):
    scaler = SpeakerScaler(Level()).fit(X)
    with pytest.warns(TransductionWarning, match="carries no speaker"):
        features = scaler.transform(X)
    named = AudioClips.from_arrays(
        X, sampling_rate=16_000, columns={"speaker": ["one"] * 4}
    )
    np.testing.assert_array_equal(features, scaler.transform(named))


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_clip_of_an_unknown_speaker_is_an_error(missing):
    clips = _clips([0.1, 0.2, 0.3], ["anna", missing, "anna"])
    scaler = SpeakerScaler(Level()).fit(clips)
    with pytest.raises(ValueError, match=r"speaker of 1 of 3 clips \(first: clip 1\)"):
        scaler.transform(clips)


@pytest.mark.parametrize("make_table", [pd.DataFrame, pl.DataFrame])
def test_speakers_are_read_from_a_table(wav_files, make_table):
    speakers = ["anna", "bob", "anna", "bob"]
    files = [str(path) for path in (*wav_files, wav_files[0])]
    table = make_table({"file": files, "speaker": speakers})
    clips = AudioClips.from_files(files, columns={"speaker": speakers})
    np.testing.assert_array_equal(
        SpeakerScaler(Level()).fit_transform(table),
        SpeakerScaler(Level()).fit_transform(clips),
    )


def test_speakers_of_an_audformat_table_are_read(wav_files):
    whole = pd.to_timedelta([None] * 3)
    index = pd.MultiIndex.from_arrays(
        [list(map(str, wav_files)), whole, whole], names=["file", "start", "end"]
    )
    table = pd.DataFrame({"speaker": ["anna"] * 3}, index=index)
    features = SpeakerScaler(Level()).fit_transform(table)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-6)


def test_clips_that_failed_stay_nan_and_do_not_count(tmp_path):
    clips = _clips([0.1, 0.3, GIVES_NAN, 0.2], ["anna"] * 4)
    good = [0, 1, 3]
    scaler = SpeakerScaler(Fragile(str(tmp_path), on_error="nan")).fit(clips)
    with pytest.warns(AudioWarning, match="Clip 2"):
        features = scaler.transform(clips)
    assert np.isnan(features[2]).all()
    np.testing.assert_array_equal(features[good], scaler.transform(clips[good]))


def test_a_speaker_of_one_clip_that_did_not_fail_is_warned_of(tmp_path):
    clips = _clips([0.1, GIVES_NAN], ["anna"] * 2)
    scaler = SpeakerScaler(Fragile(str(tmp_path), on_error="nan")).fit(clips)
    with (
        pytest.warns(TransductionWarning, match="has one clip"),
        pytest.warns(AudioWarning, match="Clip 1"),
    ):
        features = scaler.transform(clips)
    np.testing.assert_array_equal(features, [[0, 0], [np.nan, np.nan]])


def test_errors_of_the_extractor_come_through():
    clips = _clips([0.1, np.nan], ["anna", "anna"])
    with pytest.raises(AudioError, match="Clip 1"):
        SpeakerScaler(Level()).fit_transform(clips)


def test_an_unfitted_scaler_says_so(clips):
    with pytest.raises(NotFittedError):
        SpeakerScaler(Level()).transform(clips)


def test_something_that_does_not_extract_is_refused(clips):
    with pytest.raises(ValueError, match="'extractor' parameter of SpeakerScaler"):
        SpeakerScaler("mfcc").fit(clips)


def test_the_extractor_given_is_left_alone(clips):
    extractor = Level()
    scaler = SpeakerScaler(extractor).fit(np.zeros((2, 50)))
    assert scaler.extractor_ is not extractor
    assert not hasattr(extractor, "n_features_in_")
    assert scaler.n_features_in_ == 50
    assert not hasattr(scaler.fit(clips), "n_features_in_")


def test_names_are_the_extractors(clips):
    extractor = AcousticFunctionals(descriptors=("zcr", "rms"))
    scaler = SpeakerScaler(extractor).fit(clips)
    names = scaler.get_feature_names_out()
    assert list(names) == list(extractor.get_feature_names_out())
    table = scaler.set_output(transform="pandas").transform(clips)
    assert list(table.columns) == ["zcr_mean", "zcr_std", "rms_mean", "rms_std"]


def test_it_can_be_cloned_and_pickled(clips):
    scaler = SpeakerScaler(AcousticFunctionals(n_mfcc=13)).fit(clips)
    again = pickle.loads(pickle.dumps(scaler))
    np.testing.assert_array_equal(again.transform(clips), scaler.transform(clips))
    copy = clone(scaler).set_params(extractor__n_mfcc=20)
    assert copy.extractor.n_mfcc == 20
    assert scaler.extractor.n_mfcc == 13


def test_the_extractor_keeps_its_store(clips, tmp_path):
    scaler = SpeakerScaler(AcousticFunctionals(cache=tmp_path / "store"))
    first = scaler.fit_transform(clips)
    before = count_extractions()
    np.testing.assert_array_equal(clone(scaler).fit_transform(clips), first)
    assert count_extractions() == before


def test_it_works_in_a_pipeline_of_extractors(clips):
    inner = make_pipeline(Level())
    np.testing.assert_array_equal(
        SpeakerScaler(inner).fit_transform(clips),
        SpeakerScaler(Level()).fit_transform(clips),
    )


@pytest.mark.filterwarnings("ignore::sersk.utils.TransductionWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_checks_hold_but_the_one_that_forbids_transduction():
    check_estimator(
        SpeakerScaler(Level()),
        expected_failed_checks={
            "check_methods_subset_invariance": "statistics are those of the clips of "
            "the same call"
        },
    )
