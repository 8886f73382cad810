import math
import pickle
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sersk import AudioClips, AudioError
from sersk.audio import Operation, concatenate_clips, make_windows
from sersk.audio._windows import window_starts
from tests.audio.toy import RATE, arrays, noise


@dataclass(frozen=True)
class _DropStart(Operation):
    """Leave out the first samples."""

    n_samples: int

    def __call__(self, waveform, sampling_rate):
        return waveform[self.n_samples :]


# How many windows there are, and where.


@pytest.mark.parametrize(
    ("seconds", "window", "hop", "expected"),
    [
        (3, 1.0, 0.25, 9),
        (3, 0.5, 0.25, 11),
        (10, 4.0, 2.0, 4),
        (3, 3.0, 3.0, 1),
        (1, 1.0, 0.25, 1),
        (0.5, 1.0, 0.25, 1),
        (9, 1.0, 4.0, 3),
    ],
)
def test_counts_of_the_reports(seconds, window, hop, expected):
    clips = arrays(int(seconds * RATE))
    assert len(make_windows(clips, window, hop)) == expected


def test_a_hop_that_floats_cannot_hold_loses_no_window():
    # In seconds, (1.3 - 1.0) / 0.1 is 3.0000000000000004, and (1.4 - 1.1) / 0.1 is
    # 2.9999999999999982.
    assert len(make_windows(arrays(22_400), 1.1, 0.1)) == 4
    assert len(make_windows(arrays(20_800), 1.0, 0.1)) == 4


@pytest.mark.parametrize(
    ("tail", "starts"),
    [
        ("drop", [0, 4, 8]),
        ("shift", [0, 4, 8, 9]),
        ("pad", [0, 4, 8, 12]),
    ],
)
def test_tails(tail, starts):
    # 15 samples in windows of 6: the third ends at 14.
    assert window_starts(15, 6, 4, tail).tolist() == starts


@pytest.mark.parametrize("tail", ["drop", "shift", "pad"])
def test_tails_agree_where_windows_fit(tail):
    assert window_starts(14, 6, 4, tail).tolist() == [0, 4, 8]
    assert window_starts(6, 6, 4, tail).tolist() == [0]
    assert window_starts(5, 6, 4, tail).tolist() == [0]


def test_hops_beyond_the_window_leave_gaps():
    assert window_starts(30, 5, 12, "drop").tolist() == [0, 12, 24]
    assert window_starts(26, 5, 12, "drop").tolist() == [0, 12]
    assert window_starts(26, 5, 12, "shift").tolist() == [0, 12, 21]
    assert window_starts(26, 5, 12, "pad").tolist() == [0, 12, 24]
    # The third would begin at 24, behind the end.
    assert window_starts(20, 5, 12, "pad").tolist() == [0, 12]


_sizes = st.integers(1, 500)


@given(_sizes, _sizes, _sizes)
def test_counts_are_those_of_the_formula(length, window, hop):
    rest = max(0, length - window)
    dropped, shifted, padded = (
        window_starts(length, window, hop, tail) for tail in ("drop", "shift", "pad")
    )
    assert len(dropped) == 1 + rest // hop
    assert len(shifted) == 1 + math.ceil(rest / hop)
    if hop <= window:
        assert len(padded) == len(shifted)
    assert dropped.tolist() == [k * hop for k in range(len(dropped))]
    assert dropped[-1] + window <= max(length, window)
    assert shifted[-1] == rest
    assert (padded < length).all()
    # Each covers a clip to its end, if hops leave no gaps.
    if hop <= window:
        assert padded[-1] + window >= length


# What windows are.


def test_windows_hold_the_samples_of_their_clip():
    clips = arrays(40_000, 9_000)
    windows = make_windows(clips, 1.0, 0.5)
    assert windows.columns["window_of"].tolist() == [0, 0, 0, 0, 1]
    assert windows.columns["window_start"].tolist() == [0.0, 0.5, 1.0, 1.5, 0.0]
    for index, first in enumerate([0, 8_000, 16_000, 24_000]):
        assert_array_equal(windows[index], clips[0][first : first + RATE])


def test_short_clips_are_padded_at_their_end():
    clips = arrays(9_000)
    for tail in ("drop", "shift", "pad"):
        (window,) = make_windows(clips, 1.0, 0.5, tail=tail)
        assert_array_equal(window[:9_000], clips[0])
        assert_array_equal(window[9_000:], np.zeros(7_000, dtype=np.float32))


def test_the_last_window_is_moved_or_padded():
    clips = arrays(20_000)
    shifted = make_windows(clips, 1.0, 0.5, tail="shift")
    assert shifted.columns["window_start"].tolist() == [0.0, 0.25]
    assert_array_equal(shifted[1], clips[0][4_000:])
    padded = make_windows(clips, 1.0, 0.5, tail="pad")
    assert padded.columns["window_start"].tolist() == [0.0, 0.5]
    assert_array_equal(padded[1][:12_000], clips[0][8_000:])
    assert not padded[1][12_000:].any()


def test_columns_travel():
    clips = arrays(32_000, 16_000, speaker=["anna", "bob"], age=[31, 44])
    windows = make_windows(clips, 1.0, 0.5)
    assert windows.speaker.tolist() == ["anna"] * 3 + ["bob"]
    assert windows[3:].columns["age"].tolist() == [44]
    assert set(clips.columns) == {"speaker", "age"}


def test_windows_of_arrays_are_views():
    clips = arrays(80_000, 48_000)
    windows = make_windows(clips, 1.0, 0.25)
    whole = clips[0]
    assert all(np.shares_memory(window, whole) for window in windows[:10])


def test_no_clips_have_no_windows():
    assert len(make_windows(arrays(16_000)[:0], 1.0, 0.5)) == 0
    assert len(make_windows(AudioClips.from_files([]), 1.0, 0.5)) == 0
    assert make_windows(AudioClips.from_files([]), 1.0, 0.5).to_frame().empty


def test_windows_are_clips_like_any_others():
    windows = make_windows(arrays(64_000, 64_000), 1.0, 0.25)
    assert windows.shape == (26,)
    assert windows[[25, 3]].columns["window_of"].tolist() == [1, 0]
    assert windows.resample(8_000)[3].shape == (8_000,)
    again = pickle.loads(pickle.dumps(windows[3:5]))
    assert_array_equal(again[1], windows[4])
    assert len(pickle.dumps(windows[3:5])) < 200_000


# Operations.


@pytest.mark.parametrize("kind", ["arrays", "files"])
def test_windows_are_cut_from_what_operations_make(kind, write):
    clips = AudioClips.from_files([write("one.wav", 3.0), write("two.wav", 0.7)])
    if kind == "arrays":
        clips = AudioClips.from_arrays(list(clips), sampling_rate=RATE)
    changed = clips.apply(_DropStart(5_000))
    windows = make_windows(changed, 1.0, 0.25)
    # 43,000 samples: 1 + floor(27,000 / 4,000).
    assert windows.columns["window_of"].tolist() == [0] * 7 + [1]
    assert_array_equal(windows[3], clips[0][17_000:33_000])
    later = make_windows(clips, 1.0, 0.25).apply(_DropStart(5_000))
    assert len(later) == 10
    assert later[0].shape == (11_000,)


def test_a_changed_clip_is_read_once_while_its_windows_are_read(write):
    reads = []

    @dataclass(frozen=True)
    class Counted(Operation):
        def __call__(self, waveform, sampling_rate):
            reads.append(len(waveform))
            return waveform

    paths = [write(f"{k}.wav", 2.0 + k / 10) for k in range(3)]
    windows = make_windows(AudioClips.from_files(paths).apply(Counted()), 0.5, 0.25)
    assert len(reads) == 3  # for their lengths
    for _ in windows:
        pass
    assert len(reads) == 6
    # The lengths are remembered, whoever asks.
    make_windows(AudioClips.from_files(paths).apply(Counted()), 1.0, 0.25)
    assert len(reads) == 6


def test_arrays_at_another_rate_are_resampled_whole():
    clips = arrays(44_100, rate=44_100).resample(RATE)
    windows = make_windows(clips, 0.5, 0.25)
    assert len(windows) == 3
    assert_array_equal(windows[1], clips[0][4_000:12_000])


def test_windows_of_windows_are_refused():
    windows = make_windows(arrays(32_000), 1.0, 0.5)
    with pytest.raises(ValueError, match=r"are windows already.*'window_of'"):
        make_windows(windows, 0.5, 0.5)


# Digests.


@pytest.mark.parametrize("kind", ["arrays", "files", "operations"])
def test_digests_differ_by_clip_and_part(kind, write):
    clips = arrays(32_000, 24_000)
    if kind != "arrays":
        clips = AudioClips.from_files([write("1.wav", 2.0), write("2.flac", 1.5)])
    if kind == "operations":
        clips = clips.apply(_DropStart(100))
    windows = make_windows(clips, 0.5, 0.25)
    assert len(set(windows.digests)) == len(windows)
    assert make_windows(clips, 0.5, 0.25)[2:].digests == windows.digests[2:]
    # The same first sample, but another length.
    longer = make_windows(clips, 0.75, 0.25)
    assert not set(windows.digests) & set(longer.digests)


def test_the_same_part_has_the_same_digest_whatever_the_hop(write):
    clips = AudioClips.from_files([write("1.wav", 2.0)])
    dense, sparse = (make_windows(clips, 0.5, hop) for hop in (0.25, 0.5))
    assert dense.digests[::2] == sparse.digests
    again = pickle.loads(pickle.dumps(dense[2:4]))
    assert again.digests == dense.digests[2:4]


def test_a_pickle_holds_no_other_clips(write):
    files = AudioClips.from_files([write(f"{k}.wav", 1.0) for k in range(20)])
    windows = make_windows(files, 0.5, 0.25)[2:4]
    again = pickle.loads(pickle.dumps(windows))
    assert len(again._source.clips) == 2
    assert_array_equal(again[0], windows[0])
    assert_array_equal(again[1], windows[1])
    assert again.columns["window_of"].tolist() == [0, 1]


@pytest.mark.parametrize("name", ["one.wav", "one.ogg"])
@pytest.mark.parametrize("rate", [RATE, 8_000])
@pytest.mark.parametrize("operations", [[], [_DropStart(10)]])
def test_who_writes_to_a_window_changes_no_other(write, name, rate, operations):
    clips = AudioClips.from_files([write(name, 1.0)], sampling_rate=rate)
    for operation in operations:
        clips = clips.apply(operation)
    windows = make_windows(clips, 0.5, 0.1)
    expected = windows[1].copy()
    with suppress(ValueError):  # read-only
        windows[0][:] = 0.5
    assert_array_equal(windows[1], expected)


# Bad input.


@pytest.mark.parametrize("name", ["window", "hop"])
@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, 1e-9])
def test_impossible_times_are_refused(name, value):
    times = {"window": 1.0, "hop": 0.5, name: value}
    with pytest.raises(ValueError, match=f"{name}.* s"):
        make_windows(arrays(100), **times)


@pytest.mark.parametrize("tail", ["drop", "shift", "pad"])
def test_however_far_the_next_window_is_there_is_one(tail):
    windows = make_windows(arrays(20_000), 1.0, 1e300, tail=tail)
    assert len(windows) == (2 if tail == "shift" else 1)


@pytest.mark.parametrize("name", ["window", "hop"])
@pytest.mark.parametrize("value", ["1", None, True])
def test_times_must_be_numbers(name, value):
    times = {"window": 1.0, "hop": 0.5, name: value}
    with pytest.raises(TypeError, match=f"{name} must be a number"):
        make_windows(arrays(100), **times)


def test_unknown_tails_are_refused():
    with pytest.raises(ValueError, match="tail must be one of drop, shift, pad"):
        make_windows(arrays(100), 1.0, 0.5, tail="wag")


def test_other_things_are_no_clips():
    with pytest.raises(TypeError, match="must be AudioClips, got a ndarray"):
        make_windows(np.zeros((2, 100)), 1.0, 0.5)
    with pytest.raises(AudioError, match="no audio"):
        make_windows(AudioClips.from_texts(["a"]), 1.0, 0.5)


def test_a_file_that_cannot_be_measured_is_named(write):
    clips = AudioClips.from_files([write("1.wav", 1.0), "gone.wav"])
    with pytest.raises(AudioError, match=r"Clip 1 \('gone.wav'\) cannot be read"):
        make_windows(clips, 1.0, 0.5)
    with pytest.raises(AudioError, match=r"Clip 1 \('gone.wav'\) cannot be read"):
        make_windows(clips.apply(_DropStart(1)), 1.0, 0.5)


def test_a_file_that_is_cut_after_it_was_measured_is_named(write):
    path = write("1.wav", 2.0)
    windows = make_windows(AudioClips.from_files([path]), 1.0, 0.5)
    soundfile.write(path, noise(8_000), RATE)
    with pytest.raises(AudioError, match=r"Clip 2 \('.*1.wav, from 1 s'\)"):
        windows[2]


def test_windows_of_files_are_not_concatenated(write):
    windows = make_windows(AudioClips.from_files([write("1.wav", 2.0)]), 1.0, 0.5)
    with pytest.raises(ValueError, match="Concatenate the clips"):
        concatenate_clips([windows, windows])


def test_low_rates_are_noted(write):
    windows = make_windows(
        AudioClips.from_files([write("1.wav", 1.0, 8_000)]), 0.5, 0.5
    )
    (note,) = windows.read(0).notes
    assert note.fact.startswith("were recorded below 16000 Hz")
    assert note.detail == "at 8000 Hz"
