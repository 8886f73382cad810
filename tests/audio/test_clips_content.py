"""The collection: digests of its content, rates, and what cannot be read."""

import shutil

import numpy as np
import pytest

from sersk import AudioClips
from sersk.audio import _operations, resample
from sersk.utils import AudioError
from tests.audio.toy import RATE, assert_same

# Digests.


def test_digests_are_those_of_content(clips, wav_files, tmp_path, waveforms):
    assert len(set(clips.digests)) == 3
    assert all(len(digest) == 64 for digest in clips.digests)
    assert clips.digests == [clips.digest(index) for index in range(3)]
    if clips.files is None:
        again = AudioClips.from_arrays(waveforms[::-1], sampling_rate=RATE)[::-1]
    else:
        copies = [shutil.copy(path, tmp_path / f"{path.stem}_2") for path in wav_files]
        again = AudioClips.from_files(copies)
    assert again.digests == clips.digests


def test_int16_and_float_of_the_same_values_have_one_digest():
    codes = np.array([0, 1, -32768, 32767], np.int16)
    one = AudioClips.from_arrays([codes], sampling_rate=RATE)
    other = AudioClips.from_arrays([codes / 32768], sampling_rate=RATE)
    np.testing.assert_array_equal(one[0], other[0])
    assert one.digests == other.digests


def test_digests_differ_with_the_rate(clips, waveforms):
    assert not set(clips.digests) & set(clips.resample(8_000).digests)
    faster = AudioClips.from_arrays(waveforms, sampling_rate=8_000)
    slower = AudioClips.from_arrays(waveforms, sampling_rate=RATE)
    assert not set(faster.digests) & set(slower.digests)
    # The same samples, recorded at another rate, sound different at the same rate.
    assert not set(faster.resample(RATE).digests) & set(slower.digests)


def test_digests_differ_with_the_resampler(clips, monkeypatch):
    before = clips.digests
    monkeypatch.setattr(_operations, "version", lambda name: "0.0.1")
    _operations.resampler.cache_clear()
    changed = clips.digests
    monkeypatch.undo()
    _operations.resampler.cache_clear()
    assert not set(before) & set(changed)


def test_digests_do_not_depend_on_columns_or_limits(clips):
    changed = clips.with_columns({"speaker": ["x"] * 3}).with_max_duration(7)
    assert changed.digests == clips.digests


def test_a_digest_that_cannot_be_made_names_the_clip(wav_files):
    clips = AudioClips.from_files([wav_files[0], "missing.wav"])
    with pytest.raises(
        AudioError, match=r"^Clip 1 \('missing\.wav'\) cannot"
    ) as caught:
        _ = clips.digests
    assert caught.value.indices == (1,)


# Rates.


def test_recordings_are_resampled_when_they_are_read(write_wav):
    seconds = np.arange(48_000) / 48_000
    tone = np.sin(2 * np.pi * 440 * seconds)
    path = write_wav(np.stack([0.5 * tone, 0.25 * tone], axis=1), 48_000)
    clips = AudioClips.from_files([path])
    recording = clips.read(0)
    assert recording.sampling_rate == 48_000
    assert recording.samples.shape == (16_000,)
    expected = 0.375 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    # The ends ring, and 16 bits round.
    np.testing.assert_allclose(
        recording.samples[200:-200], expected[200:-200], atol=2e-4, rtol=0
    )


def test_resampling_is_that_of_soxr(waveforms, in_memory):
    slow = in_memory.resample(8_000)
    assert slow.sampling_rate == 8_000
    assert slow.read(0).sampling_rate == RATE
    for waveform, original in zip(slow, waveforms, strict=True):
        np.testing.assert_array_equal(waveform, resample(original, RATE, 8_000))


def test_resampling_to_the_same_rate_is_nothing(clips):
    assert clips.resample(RATE) is clips
    assert clips.resample(16_000.0) is clips


def test_the_way_to_a_rate_does_not_matter(clips):
    # By way of 4 kHz the upper band would be lost.
    assert_same(clips.resample(4_000).resample(RATE), clips)
    for waveform, original in zip(
        clips.resample(4_000).resample(RATE), clips, strict=True
    ):
        np.testing.assert_array_equal(waveform, original)


@pytest.mark.parametrize(
    "rate", [0, -16_000, 1, 1e12, float("nan"), "16000", True, None]
)
def test_rates_are_checked(clips, rate):
    with pytest.raises((TypeError, ValueError), match="sampling_rate must"):
        clips.resample(rate)
    with pytest.raises((TypeError, ValueError), match="sampling_rate must"):
        AudioClips.from_files(["a.wav"], sampling_rate=rate)
    with pytest.raises((TypeError, ValueError), match="sampling_rate must"):
        AudioClips.from_arrays([[0.5]], sampling_rate=rate)


# What cannot be read.


def test_too_long_a_clip_is_named(clips):
    short = clips.with_max_duration(0.3)
    assert short[0].shape == (4_000,)
    with pytest.raises(
        AudioError, match=r"^Clip 1 .*lasts 0\.500 s.*max_duration=0\.3"
    ):
        short[1]
    assert clips.with_max_duration(0.3).with_max_duration(1)[1].shape == (8_000,)


@pytest.mark.parametrize("duration", [0, -1, float("nan"), "60", None])
def test_limits_are_checked(clips, duration):
    with pytest.raises((TypeError, ValueError), match="max_duration must be"):
        clips.with_max_duration(duration)
    with pytest.raises((TypeError, ValueError), match="max_duration must be"):
        AudioClips.from_files(["a.wav"], max_duration=duration)
    with pytest.raises((TypeError, ValueError), match="max_duration must be"):
        AudioClips.from_arrays([[0.5]], sampling_rate=RATE, max_duration=duration)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (-1, None, "start=-1"),
        (np.inf, None, "start=inf"),
        (0.2, 0.1, "end=0.1"),
        (0.2, 0.2, "end=0.2"),
        (9, None, "start=9"),
        (0, 9, "end=9"),
        (0, -1, "end=-1"),
    ],
)
def test_parts_that_do_not_exist_are_named(wav_files, start, end, message):
    clips = AudioClips.from_files(wav_files[:2], start=[0, start], end=[None, end])
    assert clips[0].shape == (4_000,)
    with pytest.raises(AudioError, match=rf"^Clip 1 \('.*clip_1\.wav'\) has {message}"):
        clips[1]


def test_bad_samples_are_named_with_their_clip():
    clips = AudioClips.from_arrays(
        [[0.5], [0.5, np.nan, np.inf], [], [3_000.0]], sampling_rate=RATE
    )
    for index, message in [(1, "2 non-finite"), (2, "no samples"), (3, "PCM codes")]:
        with pytest.raises(AudioError, match=rf"^Clip {index} .*{message}") as caught:
            clips[index]
        assert caught.value.indices == (index,)
    assert clips[0].tolist() == [0.5]


def test_clips_are_described(in_memory):
    assert in_memory.describe(1) == "Clip 1"
    assert AudioClips.from_files(["a'b.wav"]).describe(0) == 'Clip 0 ("a\'b.wav")'


def test_a_file_is_found_by_its_number_in_a_slice(wav_files):
    clips = AudioClips.from_files([*wav_files, "gone.wav"])[2:]
    with pytest.raises(AudioError, match=r"^Clip 1 \('gone\.wav'\)"):
        clips[1]


@pytest.mark.parametrize("make", [AudioClips.from_files, AudioClips.from_arrays])
@pytest.mark.parametrize("values", [None, "a.wav", 3, {"a": 1}, iter([])])
def test_what_is_no_sequence_is_refused(make, values):
    with pytest.raises(TypeError, match=r"Pass a list"):
        make(values, sampling_rate=RATE)
