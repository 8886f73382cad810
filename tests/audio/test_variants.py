"""Each clip has an operation of its own, and its digest says which."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from sersk import AudioClips, AudioError
from sersk.audio import (
    Operation,
    concatenate_clips,
    make_windows,
    select_channel,
    vary_clips,
)
from sersk.audio._sources import FileSource
from sersk.audio._variants import VariedSource

RATE = 16_000


@dataclass(frozen=True)
class Gain(Operation):
    factor: float

    def __call__(self, waveform, sampling_rate):
        return waveform * np.float32(self.factor)


@dataclass(frozen=True)
class Rate(Operation):
    """Return the rate at which it is run, for each sample."""

    def __call__(self, waveform, sampling_rate):
        return np.full(len(waveform), sampling_rate / 1e5)


@dataclass(frozen=True)
class Nothing(Operation):
    def __call__(self, waveform, sampling_rate):
        return waveform[:0]


@dataclass(frozen=True)
class Keep(Operation):
    def __call__(self, waveform, sampling_rate):
        return waveform


@pytest.fixture
def clips():
    return AudioClips.from_arrays(
        [[0.5, 0.25], [0.5], [0.25]],
        sampling_rate=RATE,
        columns={"speaker": ["a", "b", "c"]},
    )


@pytest.fixture
def varied(clips):
    return vary_clips(clips, [Gain(0.5), None, Gain(2)])


def test_each_clip_is_changed_in_its_own_way(varied):
    assert [waveform.tolist() for waveform in varied] == [[0.25, 0.125], [0.5], [0.5]]


def test_slices_keep_what_belongs_together(varied):
    part = varied[[2, 0, 0]]
    assert [waveform.tolist() for waveform in part] == [
        *([0.5], [0.25, 0.125], [0.25, 0.125])
    ]
    assert part.speaker.tolist() == ["c", "a", "a"]
    assert part.digests == [varied.digests[i] for i in (2, 0, 0)]


def test_digests_say_what_was_done(clips, varied):
    assert varied.digests[1] == clips.digests[1]
    assert varied.digests[0] != clips.digests[0]
    assert len({*varied.digests, *clips.digests}) == 5
    other = vary_clips(clips, [Gain(0.75), None, Gain(2)])
    assert [a == b for a, b in zip(varied.digests, other.digests, strict=True)] == [
        *(False, True, True)
    ]


def test_what_stays_as_it_is_keeps_its_digest_through_whatever_follows(wav_files):
    clips = AudioClips.from_files(wav_files, sampling_rate=8_000)
    varied = vary_clips(clips, [None, Gain(2), Gain(2)])
    for change in (
        lambda clips: clips,
        lambda clips: clips.resample(11_025),
        lambda clips: clips.apply(Gain(3)).resample(11_025),
    ):
        one, other = change(clips), change(varied)
        assert one.digest(0) == other.digest(0)
        assert one.digest(1) != other.digest(1)
        np.testing.assert_array_equal(one[0], other[0])


def test_operations_run_at_the_rate_of_the_clips_before_others(wav_files):
    clips = AudioClips.from_files(wav_files, sampling_rate=8_000).apply(Gain(2))
    varied = vary_clips(clips, [Rate(), None, None])
    np.testing.assert_allclose(varied[0], 0.16, rtol=1e-6)
    assert len(varied[0]) == 2_000


def test_files_and_columns_stay(wav_files):
    clips = AudioClips.from_files(wav_files, columns={"speaker": ["a", "b", "c"]})
    varied = vary_clips(clips, [Gain(2), None, None])
    assert varied.to_frame().equals(clips.to_frame())
    assert varied.describe(1) == clips.describe(1)
    assert repr(varied) == repr(clips)


def test_pickles_are_the_same(varied):
    copy = pickle.loads(pickle.dumps(varied))
    assert copy.digests == varied.digests


def test_collections_of_them_are_joined(varied, clips):
    joined = concatenate_clips([varied, varied[::-1]])
    assert joined.digests == varied.digests + varied.digests[::-1]
    with pytest.raises(ValueError, match="arrays and clips that are changed one by"):
        concatenate_clips([clips, varied])
    slower = vary_clips(clips.resample(8_000), [Gain(1)] * 3).resample(RATE)
    with pytest.raises(ValueError, match="at 8000 and 16000 Hz"):
        concatenate_clips([varied, slower])


def test_windows_are_cut_from_what_was_changed(clips):
    varied = vary_clips(clips, [Gain(0.5), None, Gain(2)])
    windows = make_windows(varied, 1 / RATE, 1 / RATE)
    assert [waveform.tolist() for waveform in windows] == [
        [0.25],
        [0.125],
        [0.5],
        [0.5],
    ]


def test_a_channel_can_still_be_chosen(write_wav):
    stereo = np.column_stack([np.full(100, 0.25), np.full(100, 0.75)])
    clips = AudioClips.from_files([write_wav(stereo)] * 2)
    varied = select_channel(vary_clips(clips, [None, Gain(0.5)]), 0)
    assert [float(waveform[0]) for waveform in varied] == [0.25, 0.125]


def test_arrays_have_one_channel(varied):
    with pytest.raises(ValueError, match="have one channel"):
        select_channel(varied, 1)


def test_what_goes_wrong_names_the_clip(clips):
    varied = vary_clips(clips, [None, Nothing(), None])
    with pytest.raises(AudioError, match=r"^Clip 1 after Nothing"):
        varied[1]


def test_one_operation_a_clip(clips):
    with pytest.raises(ValueError, match=r"operations has 1 entries, .* 3 clips"):
        vary_clips(clips, [None])
    with pytest.raises(TypeError, match=r"must be a sersk.audio.Operation"):
        vary_clips(clips, [None, np.negative, None])


class CountedSource(FileSource):
    """Count what is decoded."""

    n_read = 0

    def read(self, index, max_duration):
        self.n_read += 1
        return super().read(index, max_duration)


@pytest.fixture
def counted(wav_files):
    files = np.array([path for path in wav_files[:2] for _ in range(3)], dtype=object)
    return CountedSource(files, np.zeros(6), np.full(6, np.nan))


def test_a_file_is_decoded_once_for_copies_that_follow_each_other(counted):
    operations = np.array([None, Gain(2), Gain(3)] * 2, dtype=object)
    varied = VariedSource(counted, 8_000, operations)
    got = [varied.read(index, 600.0) for index in range(6)]
    assert counted.n_read == 2
    for index in (5, 0, 4, 1, 3, 2):
        fresh = VariedSource(counted, 8_000, operations).read(index, 600.0)
        assert fresh.sampling_rate == got[index].sampling_rate
        np.testing.assert_array_equal(fresh.samples, got[index].samples)


def test_what_is_kept_is_refused_where_it_is_too_long(counted):
    varied = VariedSource(counted, 8_000, np.array([None, Gain(2)] * 3, dtype=object))
    varied.read(0, 600.0)
    with pytest.raises(AudioError, match="longer than max_duration"):
        varied.read(1, 0.001)


def test_what_is_kept_cannot_be_written_to(wav_files):
    clips = AudioClips.from_files(wav_files[:1] * 2)
    for operations in ([None, Gain(2)], [Keep(), Gain(2)]):
        varied = vary_clips(clips, operations)
        with pytest.raises(ValueError, match="read-only"):
            varied[0][0] = 1
        np.testing.assert_array_equal(varied[1], 2 * clips[0])


def test_a_file_that_changes_is_decoded_again(write_wav):
    path = write_wav(np.full(1_000, 0.5))
    varied = vary_clips(AudioClips.from_files([path] * 2), [None, Gain(2)])
    assert varied[0][0] == 0.5
    write_wav(np.full(2_000, 0.25))
    assert varied[1].tolist() == [0.5] * 2_000
