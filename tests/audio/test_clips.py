"""The collection: immutable, lazy, sliced with its columns."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from sersk import AudioClips
from sersk.utils import AudioError
from tests.audio.toy import COLUMNS, LENGTHS, RATE, assert_same

# What a collection is.


def test_length_shape_and_rate(clips):
    assert len(clips) == 3
    assert clips.shape == (3,)
    assert clips.sampling_rate == RATE


def test_waveforms_are_float32(clips):
    assert [waveform.shape for waveform in clips] == [(n,) for n in LENGTHS]
    assert {waveform.dtype for waveform in clips} == {np.dtype(np.float32)}


def test_waveforms_are_those_of_the_arrays(in_memory, waveforms):
    for index, waveform in enumerate(waveforms):
        np.testing.assert_array_equal(in_memory[index], waveform)


def test_waveforms_are_those_of_the_files(on_disk, wav_files):
    for waveform, path in zip(on_disk, wav_files, strict=True):
        expected, _ = soundfile.read(path, dtype="float32")
        np.testing.assert_array_equal(waveform, expected)


def test_iteration_is_indexing(clips):
    for index, waveform in enumerate(clips):
        np.testing.assert_array_equal(waveform, clips[index])
        np.testing.assert_array_equal(waveform, clips[index - 3])
    assert [len(waveform) for waveform in reversed(clips)] == LENGTHS[::-1]


def test_files(on_disk, in_memory, wav_files):
    assert on_disk.files.tolist() == [str(path) for path in wav_files]
    assert on_disk[1:].files.tolist() == [str(path) for path in wav_files[1:]]
    assert in_memory.files is None


def test_no_file_is_opened_before_a_clip_is_read(tmp_path):
    clips = AudioClips.from_files([tmp_path / "missing.wav"] * 3, columns=COLUMNS)
    sliced = clips.resample(8_000).with_columns({"x": [1, 2, 3]})[1:]
    assert sliced.speaker.tolist() == ["bob", "anna"]
    assert "missing.wav" in sliced.to_frame()["file"][0]
    pickle.dumps(sliced)
    with pytest.raises(
        AudioError, match=r"^Clip 1 \('.*missing\.wav'\) cannot be read"
    ):
        sliced[1]


def test_parts_of_files(wav_files):
    path = wav_files[1]
    clips = AudioClips.from_files(
        [path] * 3, start=[0.1, None, 0], end=[0.2, 0.25, None]
    )
    whole = clips[2]
    assert whole.shape == (8_000,)
    np.testing.assert_array_equal(clips[0], whole[1_600:3_200])
    np.testing.assert_array_equal(clips[1], whole[:4_000])


def test_no_clips():
    for clips in (
        AudioClips.from_files([]),
        AudioClips.from_arrays([], sampling_rate=RATE),
        AudioClips.from_arrays(np.empty((0, 5)), sampling_rate=RATE),
    ):
        assert len(clips) == 0
        assert list(clips) == []
        assert clips.digests == []
        assert len(clips[:]) == len(clips[[]]) == 0
        assert len(clips.to_frame()) == 0
        assert "0 clips" in repr(clips)
        assert "0 clips" in clips._repr_html_()
        assert len(pickle.loads(pickle.dumps(clips))) == 0


# Immutability.


def test_the_users_arrays_may_change_afterwards(waveforms):
    speakers = np.array(["anna", "bob", "anna"], dtype=object)
    columns = {"speaker": speakers}
    clips = AudioClips.from_arrays(waveforms, sampling_rate=RATE, columns=columns)
    before, digests = [waveform.copy() for waveform in clips], clips.digests
    for waveform in waveforms:
        waveform[:] = 0
    speakers[0] = "mallory"
    columns["speaker"] = None
    for old, new in zip(before, clips, strict=True):
        np.testing.assert_array_equal(new, old)
    assert clips.speaker[0] == "anna"
    again = AudioClips.from_arrays(before, sampling_rate=RATE)
    assert again.digests == digests


def test_a_users_matrix_may_change_afterwards():
    matrix = np.full((2, 4), 0.5, np.float32)
    clips = AudioClips.from_arrays(matrix, sampling_rate=RATE)
    matrix[:] = 0
    assert clips[0].tolist() == [0.5] * 4


def test_the_users_lists_may_change_afterwards():
    files, start = ["a.wav", "b.wav"], np.array([1.0, 2.0])
    clips = AudioClips.from_files(files, start=start)
    files[0], start[0] = "mallory.wav", 7.0
    assert clips.to_frame()[["file", "start"]].to_numpy().tolist() == [
        ["a.wav", 1.0],
        ["b.wav", 2.0],
    ]


def make_copies(clips):
    yield clips
    yield clips[1:]
    yield clips[[2, 0]]
    yield clips[np.array([True, False, True])]
    yield clips.with_columns({"x": [1, 2, 3]})
    yield copy.copy(clips)
    yield copy.deepcopy(clips)
    yield pickle.loads(pickle.dumps(clips))
    yield pickle.loads(pickle.dumps(clips[1:]))


def test_nothing_can_be_written_to(clips):
    for each in make_copies(clips):
        with pytest.raises(ValueError, match="read-only"):
            each.speaker[0] = "mallory"
        with pytest.raises(TypeError):
            each.columns["speaker"] = None
        with pytest.raises(AttributeError):
            each.columns = {}
        with pytest.raises(AttributeError):
            each.unknown = 1
        with pytest.raises(TypeError):
            each[0] = 0


def test_samples_and_paths_cannot_be_written_to(in_memory, on_disk):
    for each in make_copies(in_memory):
        with pytest.raises(ValueError, match="read-only"):
            each[0][0] = 1
    for each in make_copies(on_disk):
        with pytest.raises(ValueError, match="read-only"):
            each.files[0] = "mallory.wav"


# Slices.


def test_slices_share_the_audio(in_memory):
    whole = in_memory[1]
    for sliced, position in [
        (in_memory[1:], 0),
        (in_memory[::-1], 1),
        (in_memory[[2, 1]], 1),
        (in_memory[[False, True, False]], 0),
        (in_memory.with_columns({"x": [1, 2, 3]}), 1),
        (in_memory[1:][:1], 0),
    ]:
        assert np.shares_memory(sliced[position], whole)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (slice(1, None), [1, 2]),
        (slice(None, None, -1), [2, 1, 0]),
        (slice(1, 1), []),
        ([2, 0], [2, 0]),
        ([0, 0, -1], [0, 0, 2]),
        ([], []),
        (np.array([1]), [1]),
        (np.array([True, False, True]), [0, 2]),
        (pd.Series([False, False, True], index=[7, 8, 9]), [2]),
        (pd.Index([1, 2]), [1, 2]),
        (range(2), [0, 1]),
        (([1, 2], Ellipsis), [1, 2]),
        ((slice(0, 1), ...), [0]),
    ],
)
def test_columns_are_sliced_along(clips, key, expected):
    sliced = clips[key]
    assert isinstance(sliced, AudioClips)
    assert sliced.shape == (len(expected),)
    assert sliced.speaker.tolist() == [COLUMNS["speaker"][i] for i in expected]
    assert sliced.session.tolist() == [COLUMNS["session"][i] for i in expected]
    assert sliced.digests == [clips.digests[i] for i in expected]
    assert [len(waveform) for waveform in sliced] == [LENGTHS[i] for i in expected]


def test_slices_of_slices(clips):
    assert_same(clips[1:][[1]], clips[[2]])
    assert_same(clips[[2, 1, 0]][::-1], clips)


@pytest.mark.parametrize("index", [3, -4, 100])
def test_a_clip_that_does_not_exist(clips, index):
    with pytest.raises(IndexError, match=f"There is no clip {index} among 3 clips"):
        clips[index]


@pytest.mark.parametrize("key", [[0, 3], [True, False], [True] * 4])
def test_lists_and_masks_that_do_not_fit(clips, key):
    with pytest.raises(IndexError):
        clips[key]


@given(
    length=st.integers(0, 6),
    key=st.slices(6) | st.lists(st.integers(-6, 5), max_size=8),
)
def test_indexing_is_that_of_numpy(length, key):
    waveforms = [np.full(1 + index, index / 8, np.float32) for index in range(length)]
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=RATE, columns={"number": range(length)}
    )
    key = key if isinstance(key, slice) else [i for i in key if -length <= i < length]
    numbers = np.arange(length)[key if isinstance(key, slice) else np.array(key, int)]
    sliced = pickle.loads(pickle.dumps(clips[key]))
    assert sliced.columns["number"].tolist() == numbers.tolist()
    for waveform, number in zip(sliced, numbers, strict=True):
        np.testing.assert_array_equal(waveform, waveforms[number])


# Columns.


def test_columns(clips):
    assert dict(clips.columns).keys() == {"speaker", "session"}
    assert clips.speaker.tolist() == ["anna", "bob", "anna"]
    assert clips.session.tolist() == [1, 2, 1]


@pytest.mark.parametrize("name", ["speaker", "session"])
def test_a_column_that_is_not_there(name, waveforms):
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=RATE, columns={"room": [1, 2, 3]}
    )
    message = (
        rf"no '{name}' column \(columns: room\).*with_columns\(\{{'{name}': \[\.\.\."
    )
    with pytest.raises(ValueError, match=message):
        getattr(clips, name)


def test_with_columns(clips):
    changed = clips.with_columns({"room": ["x", "y", "z"], "session": [7, 8, 9]})
    assert changed.columns["room"].tolist() == ["x", "y", "z"]
    assert changed.session.tolist() == [7, 8, 9]
    assert clips.session.tolist() == [1, 2, 1]
    assert changed.digests == clips.digests
    assert_same(clips.with_columns({}), clips)


def test_columns_of_other_lengths_are_refused(clips):
    with pytest.raises(ValueError, match=r"'room' must be .* 3 values.*shape \(2,\)"):
        clips.with_columns({"room": [1, 2]})
    with pytest.raises(ValueError, match=r"'room' must be .* 1 values"):
        AudioClips.from_files(["a.wav"], columns={"room": [1, 2]})


@pytest.mark.parametrize("name", ["file", "start", "end"])
def test_columns_cannot_hide_where_a_file_lies(on_disk, name):
    with pytest.raises(ValueError, match=f"cannot be named '{name}'"):
        on_disk.with_columns({name: [1, 2, 3]})
    with pytest.raises(ValueError, match=f"cannot be named '{name}'"):
        AudioClips.from_files(["a.wav"], columns={name: [1]})


def test_arrays_may_say_of_which_file_they_are(in_memory):
    named = in_memory.with_columns({"file": ["a", "b", "c"]})
    assert named.to_frame()["file"].tolist() == ["a", "b", "c"]
    assert named.files is None


# How a collection looks.


def test_repr(in_memory, on_disk):
    assert repr(in_memory) == ("<AudioClips: 3 clips (0.00 h) at 16000 Hz, 2 speakers>")
    assert (
        repr(on_disk[1:2]) == "<AudioClips: 1 clip from files at 16000 Hz, 1 speaker>"
    )
    assert (
        repr(AudioClips.from_files([]))
        == "<AudioClips: 0 clips from files at 16000 Hz>"
    )


def test_repr_gives_hours_of_the_clips_that_are_left():
    clips = AudioClips.from_arrays(np.zeros((3, 2_000 * 360)), sampling_rate=2_000)
    assert "(0.30 h) at 2000 Hz" in repr(clips)
    assert "(0.10 h)" in repr(clips[1:2])
    assert "(0.10 h) at 8000 Hz" in repr(clips[1:2].resample(8_000))


def test_repr_counts_the_speakers_that_are_known():
    clips = AudioClips.from_files(
        ["x"] * 4, columns={"speaker": ["a", None, "a", None]}
    )
    assert "1 speaker>" in repr(clips)
    odd = AudioClips.from_files(["x"] * 2, columns={"speaker": [["a"], ["b"]]})
    assert "2 speakers>" in repr(odd)


def test_html_is_escaped():
    clips = AudioClips.from_files(
        ["<script>.wav"] * 9, columns={"speaker": ["<b>anna"] * 9}
    )
    html = clips._repr_html_()
    assert "9 clips from files" in html
    assert html.count("anna") == 5
    assert "<script>" not in html
    assert "<b>anna" not in html


def test_to_frame(on_disk, in_memory):
    frame = on_disk[1:].to_frame()
    assert list(frame) == ["file", "start", "end", "speaker", "session"]
    assert frame["file"].tolist() == on_disk.files[1:].tolist()
    assert frame["start"].tolist() == [0, 0]
    assert frame["end"].isna().all()
    assert frame["speaker"].tolist() == ["bob", "anna"]
    assert frame.index.tolist() == [0, 1]
    assert list(in_memory.to_frame()) == ["speaker", "session"]
    assert in_memory[:0].to_frame().shape == (0, 2)


def test_a_frame_is_a_copy(clips):
    frame = clips.to_frame()
    frame.loc[0, "speaker"] = "mallory"
    assert clips.speaker[0] == "anna"


def test_numpy_and_estimators_are_told_to_extract_features(clips):
    with pytest.raises(TypeError, match=r"not numbers\. Put an extractor in front"):
        np.asarray(clips)
    with pytest.raises(TypeError, match=r"not numbers\. Put an extractor in front"):
        LogisticRegression().fit(clips, [0, 1, 0])
