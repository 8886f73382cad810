"""Statistics that come from training clips, or from enrolment clips only."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from sersk import AudioClips
from sersk.features import count_extractions
from sersk.preprocessing import SpeakerScaler
from sersk.utils import AudioWarning, TransductionWarning
from tests.features.probes import GIVES_NAN, Fragile, Level

# Anna: mean 0.2, deviation 0.1. Bob: mean 0.5, deviation 0.3.
LEVELS = [0.1, 0.3, 0.2, 0.8]
SPEAKERS = ["anna", "anna", "bob", "bob"]


def _clips(levels=LEVELS, speakers=SPEAKERS, **columns) -> AudioClips:
    return AudioClips.from_arrays(
        [np.full(100, level) for level in levels],
        sampling_rate=16_000,
        columns={"speaker": speakers, **columns},
    )


def _scale(scaler, clips) -> list[float]:
    """Return the first feature, which is the level of a clip."""
    return scaler.transform(clips)[:, 0].round(4).tolist()


@pytest.fixture
def trained() -> SpeakerScaler:
    return SpeakerScaler(Level(), "train").fit(_clips())


# Training clips.


def test_a_training_speaker_keeps_his_statistics(trained):
    assert _scale(trained, _clips([0.4, 0.8], ["anna", "bob"])) == [2.0, 1.0]


def test_a_stranger_gets_those_of_all_training_speakers(trained):
    # Mean of means 0.35; spread sqrt((0.01 + 0.09) / 2).
    expected = (np.array([0.35, 0.5]) - 0.35) / np.sqrt(0.05)
    scaled = trained.transform(_clips([0.35, 0.5], ["carl", "dora"]))
    np.testing.assert_allclose(scaled[:, 0], expected, atol=1e-5)


def test_each_training_speaker_counts_once():
    few = SpeakerScaler(Level(), mode="train").fit(_clips())
    many = SpeakerScaler(Level(), mode="train").fit(
        _clips([*LEVELS, *[0.1, 0.3] * 5], [*SPEAKERS, *["anna"] * 10])
    )
    np.testing.assert_allclose(many.pooled_mean_, few.pooled_mean_, rtol=1e-6)
    np.testing.assert_allclose(many.pooled_spread_, few.pooled_spread_, rtol=1e-6)


@pytest.mark.parametrize("speaker", ["anna", "carl"])
def test_nothing_is_learned_from_test_clips(trained, speaker):
    one = _clips([0.4, 0.1, 0.2], [speaker] * 3)
    other = _clips([0.4, 0.9, 0.7], [speaker] * 3)
    assert _scale(trained, one)[0] == _scale(trained, other)[0]
    assert _scale(trained, one)[0] == _scale(trained, one[:1])[0]


def test_fitting_and_transforming_are_the_same_as_both_at_once(trained):
    scaler = clone(trained)
    features = scaler.fit_transform(_clips())
    np.testing.assert_array_equal(features, trained.transform(_clips()))
    np.testing.assert_allclose(features[:, 0], [-1, 1, -1, 1], rtol=1e-5)


def test_both_at_once_extract_once():
    before = count_extractions()
    SpeakerScaler(Level(), "train").fit_transform(_clips())
    assert count_extractions() == before + len(LEVELS)


def test_a_training_speaker_of_one_clip_gets_the_spread_of_the_others():
    clips = _clips([0.1, 0.3, 0.5], ["anna", "anna", "bob"])
    scaler = SpeakerScaler(Level(), "train")
    with pytest.warns(TransductionWarning, match=r"1 speaker has one clip.*'bob'"):
        scaler.fit(clips)
    assert _scale(scaler, _clips([0.5, 0.6], ["bob", "bob"])) == [0.0, 1.0]
    # Bob counts in the mean of means, and not in the spread.
    assert _scale(scaler, _clips([0.35, 0.45], ["carl", "carl"])) == [0.0, 1.0]


def test_training_speakers_of_one_clip_each_are_counted():
    clips = _clips([0.1, 0.3], ["anna", "bob"])
    with pytest.warns(TransductionWarning, match=r"2 speakers have one clip.*'anna'"):
        scaler = SpeakerScaler(Level(), "train").fit(clips)
    assert _scale(scaler, _clips([0.9], ["carl"])) == [0.0]


def test_training_clips_that_failed_do_not_count(tmp_path, trained):
    levels, speakers = [*LEVELS, GIVES_NAN], [*SPEAKERS, "carl"]
    scaler = SpeakerScaler(Fragile(str(tmp_path), on_error="nan"), "train")
    with pytest.warns(AudioWarning, match="Clip 4"):
        scaler.fit(_clips(levels, speakers))
    assert scaler.speakers_ == ["anna", "bob"]
    np.testing.assert_array_equal(scaler.pooled_mean_, trained.pooled_mean_)


def test_what_was_learned_is_pickled(trained):
    again = pickle.loads(pickle.dumps(trained))
    assert _scale(again, _clips()) == _scale(trained, _clips())


# Enrolment clips.


def test_the_first_clips_of_a_speaker_enrol_him():
    clips = _clips(
        [0.1, 0.2, 0.3, 0.8, 0.9, 0.5], ["anna", "bob", "anna", "bob", "anna", "bob"]
    )
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=2).fit(clips)
    assert _scale(scaler, clips) == [-1.0, -1.0, 1.0, 1.0, 7.0, 0.0]
    assert scaler.enrolment_mask(clips).tolist() == [True] * 4 + [False] * 2


def test_marked_clips_of_a_speaker_enrol_him():
    marks = [False, True, True, False]
    clips = _clips([0.9, 0.1, 0.3, 0.4], ["anna"] * 4, enrolment=marks)
    scaler = SpeakerScaler(Level(), mode="enrol", enrol_column="enrolment").fit(clips)
    assert _scale(scaler, clips) == [7.0, -1.0, 1.0, 2.0]
    assert scaler.enrolment_mask(clips).tolist() == marks


def test_the_first_marked_clips_of_a_speaker_enrol_him():
    clips = _clips(
        [0.9, 0.1, 0.3, 0.4], ["anna"] * 4, neutral=[False, True, True, True]
    )
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=2, enrol_column="neutral")
    assert _scale(scaler.fit(clips), clips) == [7.0, -1.0, 1.0, 2.0]
    assert scaler.enrolment_mask(clips).tolist() == [False, True, True, False]


def test_other_test_clips_of_an_enrolled_speaker_change_nothing():
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=2).fit(_clips())
    one = _clips([0.1, 0.3, 0.4, 0.2], ["anna"] * 4)
    other = _clips([0.1, 0.3, 0.4, 0.9], ["anna"] * 4)
    assert _scale(scaler, one)[:3] == _scale(scaler, other)[:3]
    assert _scale(scaler, one)[:3] == _scale(scaler, one[:3])


def test_the_enrolment_clips_of_a_speaker_change_everything():
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=2).fit(_clips())
    one = _scale(scaler, _clips([0.1, 0.3, 0.4], ["anna"] * 3))
    other = _scale(scaler, _clips([0.1, 0.7, 0.4], ["anna"] * 3))
    assert one[2] != other[2]


def test_training_clips_enrol_nobody():
    loud = SpeakerScaler(Level(), mode="enrol", enrol=2).fit(_clips([0.9] * 4))
    quiet = SpeakerScaler(Level(), mode="enrol", enrol=2).fit(_clips([0.1] * 4))
    assert _scale(loud, _clips()) == _scale(quiet, _clips())


def test_what_is_constant_over_enrolment_clips_becomes_zero():
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=2).fit(_clips())
    assert _scale(scaler, _clips([0.3, 0.3, 0.9], ["anna"] * 3)) == [0.0] * 3


@pytest.mark.parametrize(
    ("enrol", "message"),
    [
        (2, r"1 speaker has fewer than 2 clips .*\('bob'\)\. Give all clips"),
        (3, r"2 speakers have fewer than 3 clips .*\('anna', 'bob'\)\. Lower enrol"),
    ],
)
def test_too_few_clips_to_enrol_with_are_an_error(enrol, message):
    clips = _clips([0.1, 0.3, 0.2], ["anna", "anna", "bob"])
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=enrol).fit(clips)
    with pytest.raises(ValueError, match=message):
        scaler.transform(clips)


def test_too_few_marked_clips_are_an_error():
    clips = _clips(marked=[True, True, False, True])
    scaler = SpeakerScaler(Level(), mode="enrol", enrol_column="marked").fit(clips)
    with pytest.raises(ValueError, match=r"fewer than 2 marked clips .*'bob'"):
        scaler.transform(clips)


def test_enrolment_clips_that_failed_are_missed(tmp_path):
    clips = _clips([0.1, GIVES_NAN, 0.3], ["anna"] * 3)
    extractor = Fragile(str(tmp_path), on_error="nan")
    scaler = SpeakerScaler(extractor, mode="enrol", enrol=2).fit(clips)
    with (
        pytest.warns(AudioWarning, match="Clip 1"),
        pytest.raises(ValueError, match="fewer than 2 clips to be enrolled with"),
    ):
        scaler.transform(clips)


def test_a_column_that_is_not_there_is_asked_for():
    scaler = SpeakerScaler(Level(), mode="enrol", enrol_column="neutral")
    with pytest.raises(ValueError, match=r"no column 'neutral'.*with_columns"):
        scaler.fit(_clips()).transform(_clips())


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ([True, None, True, True], r"lacks a value for 1 clips \(first: clip 1\)"),
        (["yes", "no", "yes", "yes"], "must hold True .* got 'yes'"),
    ],
)
def test_a_column_that_does_not_mark_is_refused(marks, message):
    clips = _clips(enrolment=marks)
    scaler = SpeakerScaler(Level(), mode="enrol", enrol_column="enrolment").fit(clips)
    with pytest.raises(ValueError, match=message):
        scaler.transform(clips)


# Parameters.


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"mode": "test"}, "'mode' parameter of SpeakerScaler"),
        ({"mode": "enrol"}, r"needs enrol=.*or enrol_column="),
        ({"mode": "enrol", "enrol": 1}, "'enrol' parameter of SpeakerScaler"),
        ({"enrol": 4}, "are for mode='enrol', but mode='transductive'"),
        ({"mode": "train", "enrol_column": "neutral"}, "but mode='train'"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_parameters_that_do_not_go_together_are_refused(parameters, message, method):
    scaler = SpeakerScaler(Level(), **parameters)
    with pytest.raises(ValueError, match=message):
        getattr(scaler, method)(_clips())


def test_only_enrolment_has_a_mask(trained):
    with pytest.raises(ValueError, match="enrols nobody"):
        trained.enrolment_mask(_clips())


@pytest.mark.parametrize(
    ("parameters", "is_transductive", "note"),
    [
        ({}, True, "transductive by speaker"),
        ({"mode": "train"}, False, "speakers scaled by training clips"),
        ({"mode": "enrol", "enrol": 4}, False, "enrolled on 4 clips a speaker"),
        (
            {"mode": "enrol", "enrol_column": "neutral"},
            False,
            "enrolled on clips marked 'neutral'",
        ),
        (
            {"mode": "enrol", "enrol": 4, "enrol_column": "neutral"},
            False,
            "enrolled on 4 clips marked 'neutral' a speaker",
        ),
    ],
)
def test_the_mode_says_what_a_result_means(parameters, is_transductive, note):
    scaler = SpeakerScaler(Level(), **parameters)
    assert scaler.is_transductive is is_transductive
    assert scaler.normalisation_note == note


@pytest.mark.filterwarnings("ignore::sersk.utils.TransductionWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("mode", ["train", "enrol"])
def test_scikit_learns_checks_hold(mode):
    is_enrolled = mode == "enrol"
    scaler = SpeakerScaler(Level(), mode, enrol=2 if is_enrolled else None)
    which = "the first clips of a call enrol the speaker"
    subsets = (
        "check_methods_subset_invariance",
        "check_methods_sample_order_invariance",
    )
    expected = dict.fromkeys(subsets, which) if is_enrolled else {}
    check_estimator(scaler, expected_failed_checks=expected)
