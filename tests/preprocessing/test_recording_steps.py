"""Rates and channels: decided before any other step, on real files."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from sersk import AudioClips, AudioError, check_clips
from sersk.audio import concatenate_clips, resample, select_channel
from sersk.features import AcousticFunctionals
from sersk.preprocessing import FixDuration, MixDown, PreEmphasis, Resample
from sersk.utils import AudioWarning

RATE = 16_000
LEFT, RIGHT = np.random.default_rng(0).integers(-9_000, 9_000, (2, 4_800)) / 32_768


@pytest.fixture
def stereo(write_wav):
    return write_wav(np.column_stack([LEFT, RIGHT]), 48_000, name="stereo.wav")


@pytest.fixture
def mono(write_wav):
    return write_wav(LEFT, 48_000, name="mono.wav")


# Resample.


def test_a_file_is_resampled_straight_from_its_own_rate(mono):
    clips = Resample(8_000).fit_transform([mono])
    assert clips.sampling_rate == 8_000
    assert_array_equal(clips[0], resample(LEFT.astype(np.float32), 48_000, 8_000))


def test_arrays_are_taken_to_have_a_rate():
    for step in (Resample(8_000), Resample(8_000, array_rate=48_000)):
        (waveform,) = step.fit_transform([LEFT])
        assert_array_equal(
            waveform, resample(LEFT.astype(np.float32), step.array_rate, 8_000)
        )


def test_clips_keep_their_own_rate_until_then():
    clips = AudioClips.from_arrays([LEFT], sampling_rate=48_000)
    changed = Resample(8_000).fit_transform(clips)
    assert_array_equal(changed[0], resample(LEFT.astype(np.float32), 48_000, 8_000))


def test_the_rate_they_have_changes_no_sample():
    clips = AudioClips.from_arrays([LEFT], sampling_rate=RATE)
    assert_array_equal(Resample(RATE).fit_transform(clips)[0], clips[0])


def test_a_later_rate_does_not_undo_an_earlier_one():
    clips = AudioClips.from_arrays([LEFT], sampling_rate=RATE)
    low = Resample(8_000).fit_transform(clips).resample(RATE)
    expected = resample(resample(clips[0], RATE, 8_000), 8_000, RATE)
    assert_array_equal(low[0], expected)
    assert low.digest(0) != clips.digest(0)


def test_what_comes_later_is_told_the_rate(mono):
    low = Resample(8_000).fit_transform([mono])
    with pytest.warns(
        AudioWarning,
        match=r"1 of 1 clips were brought to 8000 Hz before .* to 16000 Hz.* "
        r"\(first: Clip 0 \('.*mono.wav'\), 0.10 s\)\. Pass sampling_rate=8000",
    ):
        AcousticFunctionals().fit_transform(low)
    AcousticFunctionals(sampling_rate=8_000).fit_transform(low)


@pytest.mark.parametrize("rate", [0, 1_999, 16_000.5, None, np.nan])
def test_bad_rates_are_refused(rate):
    with pytest.raises(ValueError, match="'sampling_rate' parameter of Resample"):
        Resample(rate).fit([LEFT])


# MixDown.


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("mean", (LEFT + RIGHT) / 2), (0, LEFT), (1, RIGHT), (np.int64(1), RIGHT)],
)
def test_channels(stereo, channel, expected):
    (waveform,) = MixDown(channel, sampling_rate=48_000).fit_transform([stereo])
    assert_allclose(waveform, expected, atol=1e-7)
    assert waveform.flags.c_contiguous


def test_the_channel_is_in_the_digest(stereo):
    clips = check_clips([stereo])
    digests = [MixDown(c).fit_transform(clips).digest(0) for c in ("mean", 0, 1)]
    assert len(set(digests)) == 3
    # The mean is what is read anyway.
    assert digests[0] == clips.digest(0)


def test_the_channel_stays(stereo, mono):
    clips = MixDown(1).fit_transform([mono, stereo, stereo])
    for changed in (
        clips[1:],
        pickle.loads(pickle.dumps(clips))[1:],
        concatenate_clips([clips[:1], clips[1:]])[1:],
    ):
        assert_array_equal(changed[0], clips[1])
        assert changed.digests == clips.digests[1:]


def test_different_channels_cannot_be_concatenated(stereo):
    parts = [MixDown(channel).fit_transform([stereo]) for channel in (0, 1)]
    with pytest.raises(ValueError, match="Different channels of the files"):
        concatenate_clips(parts)


def test_a_channel_that_a_file_lacks_is_named(stereo, mono):
    clips = MixDown(1).fit_transform([stereo, mono])
    with pytest.raises(
        AudioError,
        match=r"Clip 1 \('.*mono.wav'\) has 1 channel, and none of number 1",
    ):
        clips[1]
    with pytest.raises(AudioError, match="has 2 channels, and none of number 2"):
        MixDown(2).fit_transform([stereo])[0]


def test_waveforms_have_one_channel():
    for channel in ("mean", 0):
        (waveform,) = MixDown(channel).fit_transform([LEFT])
        assert_array_equal(waveform, LEFT.astype(np.float32))
    with pytest.raises(ValueError, match="no files, and have one channel: none of"):
        MixDown(1).fit([LEFT])


@pytest.mark.parametrize("first", [PreEmphasis(), Resample(8_000), FixDuration(1)])
def test_it_comes_first(first, stereo):
    with pytest.raises(ValueError, match="Choose the channel first"):
        make_pipeline(first, MixDown(0)).fit_transform([stereo])


@pytest.mark.parametrize("channel", ["first", -1, 0.0, None])
def test_bad_channels_are_refused(channel):
    with pytest.raises(ValueError, match="'channel' parameter of MixDown"):
        MixDown(channel).fit([LEFT])


def test_a_channel_is_chosen_and_given_back(stereo):
    clips = check_clips([stereo])
    left = select_channel(clips, 0)
    assert select_channel(left, None).digests == clips.digests
