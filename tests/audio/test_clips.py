"""The collection: immutable, lazy, sliced with its columns, small to ship."""

import copy
import pickle
import shutil

import joblib
import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import _safe_indexing

from sersk import AudioClips
from sersk.audio import _operations, resample
from sersk.utils import AudioError

RATE = 16_000
LENGTHS = [4_000, 8_000, 6_000]
COLUMNS = {"speaker": ["anna", "bob", "anna"], "session": [1, 2, 1]}


@pytest.fixture
def waveforms():
    generator = np.random.default_rng(0)
    return [generator.uniform(-0.5, 0.5, n).astype(np.float32) for n in LENGTHS]


@pytest.fixture
def in_memory(waveforms):
    return AudioClips.from_arrays(waveforms, sampling_rate=RATE, columns=COLUMNS)


@pytest.fixture
def on_disk(wav_files):
    return AudioClips.from_files(wav_files, columns=COLUMNS)


@pytest.fixture(params=["in_memory", "on_disk"])
def clips(request):
    """Return three clips with columns, of either source."""
    return request.getfixturevalue(request.param)


def assert_same(one, other):
    """Check that two collections hold the same clips and columns in one order."""
    assert one.sampling_rate == other.sampling_rate
    assert one.digests == other.digests
    assert list(one.columns) == list(other.columns)
    for name in one.columns:
        assert one.columns[name].tolist() == other.columns[name].tolist()


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


# Pickles.


def test_pickling_keeps_everything(clips):
    changed = clips.resample(8_000).with_max_duration(0.3)
    loaded = pickle.loads(pickle.dumps(changed))
    assert_same(loaded, changed)
    assert loaded[0].tolist() == changed[0].tolist()
    with pytest.raises(AudioError, match=r"max_duration=0\.3"):
        loaded[1]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_are_equal(clips, copied):
    assert_same(copied(clips), clips)


def test_ten_thousand_files_pickle_to_less_than_a_megabyte():
    # As many, and with names as long, as IEMOCAP's in somebody's home.
    folder = "/home/somebody/corpora/IEMOCAP_full_release"
    names = [
        f"{folder}/Session{i % 5}/sentences/wav/Ses0{i % 5}F_impro{i % 90:02}"
        f"/Ses0{i % 5}F_impro{i % 90:02}_F{i:05}.wav"
        for i in range(10_000)
    ]
    speakers = [f"Ses0{i % 5}{'MF'[i % 2]}" for i in range(10_000)]
    clips = AudioClips.from_files(names, columns={"speaker": speakers})
    assert len(names[0]) > 100
    assert len(pickle.dumps(clips)) < 1_000_000


@pytest.mark.parametrize("key", [slice(3, 5), [7, 1], np.arange(100) % 50 == 0])
def test_a_slice_pickles_only_its_own_audio(key):
    clips = AudioClips.from_arrays(np.zeros((100, 1_000)), sampling_rate=RATE)
    assert len(pickle.dumps(clips)) > 400_000
    sliced = clips[key]
    assert len(sliced) == 2
    assert len(pickle.dumps(sliced)) < 8_000 + 1_000


def test_hashes_are_those_of_content(clips, waveforms):
    before = joblib.hash(clips)
    assert joblib.hash(clips[:]) == before
    _ = clips.digests, list(clips), pickle.dumps(clips)
    assert joblib.hash(clips) == before
    assert joblib.hash(pickle.loads(pickle.dumps(clips))) == before
    assert joblib.hash(clips[1:]) != before
    assert joblib.hash(clips.resample(8_000)) != before
    assert joblib.hash(clips.with_columns({"speaker": ["x"] * 3})) != before


def test_a_slice_hashes_like_the_same_clips_made_anew(waveforms):
    clips = AudioClips.from_arrays(waveforms, sampling_rate=RATE)
    for key in ([2, 0], [1, 2]):
        anew = AudioClips.from_arrays([waveforms[i] for i in key], sampling_rate=RATE)
        assert joblib.hash(clips[key]) == joblib.hash(anew)


# In scikit-learn's hands.


def loud_and_quiet(n_clips=24):
    """Return clips whose level is their label, of four speakers, and the labels."""
    generator = np.random.default_rng(0)
    labels = np.arange(n_clips) % 2
    waveforms = [
        (0.05 + 0.4 * label) * generator.uniform(-1, 1, 200 + 10 * index)
        for index, label in enumerate(labels)
    ]
    speakers = [f"speaker {index // 2 % 4}" for index in range(n_clips)]
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=RATE, columns={"speaker": speakers, "label": labels}
    )
    return clips, labels


def level_classifier():
    # Local, so that workers get it by value and need not import this module.
    def extract(clips):
        return np.array([[np.std(waveform)] for waveform in clips])

    return make_pipeline(FunctionTransformer(extract), LogisticRegression(C=1e4))


def test_safe_indexing_gives_clips(clips):
    for key in ([0, 2], np.array([0, 2]), np.array([True, False, True])):
        sliced = _safe_indexing(clips, key)
        assert isinstance(sliced, AudioClips)
        assert sliced.speaker.tolist() == ["anna", "anna"]


def test_train_test_split():
    clips, labels = loud_and_quiet()
    train, test, y_train, y_test = train_test_split(
        clips, labels, test_size=6, random_state=0, stratify=labels
    )
    assert (len(train), len(test)) == (18, 6)
    assert train.columns["label"].tolist() == y_train.tolist()
    assert test.columns["label"].tolist() == y_test.tolist()
    assert sorted(train.digests + test.digests) == sorted(clips.digests)


def test_cross_validate_with_groups():
    clips, labels = loud_and_quiet()
    result = cross_validate(
        level_classifier(),
        clips,
        labels,
        groups=clips.speaker,
        cv=LeaveOneGroupOut(),
        return_indices=True,
        error_score="raise",
    )
    assert result["test_score"].tolist() == [1.0] * 4
    for train, test in zip(*result["indices"].values(), strict=True):
        assert not set(clips[train].speaker) & set(clips[test].speaker)


@pytest.mark.parametrize("kind", ["arrays", "files"])
def test_grid_search_in_two_processes(kind, write_wav):
    clips, labels = loud_and_quiet(12)
    if kind == "files":
        paths = [
            write_wav(waveform, name=f"{i}.wav") for i, waveform in enumerate(clips)
        ]
        clips = AudioClips.from_files(paths, columns=clips.columns)
    scores = []
    for n_jobs in (1, 2):
        search = GridSearchCV(
            level_classifier(),
            {"logisticregression__C": [1e-9, 1e4]},
            cv=GroupKFold(2),
            n_jobs=n_jobs,
            error_score="raise",
        )
        search.fit(clips, labels, groups=clips.speaker)
        assert search.best_params_ == {"logisticregression__C": 1e4}
        assert search.predict(clips).tolist() == labels.tolist()
        scores.append(search.cv_results_["mean_test_score"].tolist())
    assert scores[0] == scores[1]
    assert scores[0][1] == 1.0


# Real recordings.


def test_emodb(emodb_root):
    paths = sorted(emodb_root.rglob("*.flac"))[:3]
    clips = AudioClips.from_files(paths)
    for waveform, path in zip(clips, paths, strict=True):
        expected, rate = soundfile.read(path, dtype="float32")
        assert rate == RATE
        np.testing.assert_array_equal(waveform, expected)
    assert AudioClips.from_arrays(list(clips), sampling_rate=RATE)[1:].shape == (2,)


def test_ravdess(ravdess_root):
    path = sorted(ravdess_root.rglob("*.flac"))[0]
    clips = AudioClips.from_files([path, path], start=[0, 1], end=[None, 2])
    frames = soundfile.info(path).frames
    assert clips[0].shape == (frames,)
    np.testing.assert_array_equal(clips[1], clips[0][RATE : 2 * RATE])
