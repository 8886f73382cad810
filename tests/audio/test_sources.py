"""What lies behind clips: parts of files, and one flat buffer."""

import os
import pickle
import shutil

import numpy as np
import pytest

from sersk import AudioClips
from sersk.audio._sources import ArraySource, FileSource, make_array_source
from sersk.utils import AudioError, AudioWarning

RATE = 16_000


def make_files(paths, starts=None, ends=None):
    n_clips = len(paths)
    return FileSource(
        np.array([str(path) for path in paths], dtype=object),
        np.array(starts or [0.0] * n_clips),
        np.array(ends or [np.nan] * n_clips),
    )


def make_arrays(*waveforms):
    return ArraySource.from_waveforms(
        [np.array(waveform, np.float32) for waveform in waveforms], RATE
    )


def waveforms_of(source):
    return [source.read(index, 10).samples.tolist() for index in range(len(source))]


# Files.


def test_a_file_is_read_in_parts(write_wav):
    ramp = np.arange(RATE, dtype=np.float32) / RATE
    path = write_wav(ramp, subtype="FLOAT")
    source = make_files([path, path], [0.25, 0.5], [0.5, np.nan])
    first, second = source.read(0, 10), source.read(1, 10)
    assert first.sampling_rate == RATE
    np.testing.assert_array_equal(first.samples, ramp[4_000:8_000])
    np.testing.assert_array_equal(second.samples, ramp[8_000:])


def test_no_file_is_opened_before_it_is_read(tmp_path):
    source = make_files([tmp_path / "missing.wav"])
    assert len(source) == 1
    assert source.name(0) == str(tmp_path / "missing.wav")
    with pytest.raises(AudioError, match=r"^cannot be read: no such file"):
        source.read(0, 10)
    with pytest.raises(AudioError, match=r"^cannot be read: no such file"):
        source.digest(0)


def test_the_digest_is_that_of_the_content(write_wav, tmp_path):
    path = write_wav(np.full(100, 0.5))
    copy = tmp_path / "elsewhere" / "copy.flac"
    copy.parent.mkdir()
    shutil.copy(path, copy)
    other = write_wav(np.full(100, 0.25), name="other.wav")
    source = make_files([path, copy, other])
    assert source.digest(0) == source.digest(1)
    assert source.digest(0) != source.digest(2)


def test_the_digest_is_that_of_the_part(wav_files):
    path = wav_files[0]
    source = make_files([path] * 4, [0, 0.1, 0, 0], [np.nan, np.nan, 0.1, 0.1])
    digests = [source.digest(index) for index in range(4)]
    assert len(set(digests)) == 3
    assert digests[2] == digests[3]


def test_a_file_edited_in_place_has_another_digest(write_wav):
    path = write_wav(np.full(100, 0.5))
    source = make_files([path])
    before, times = source.digest(0), os.stat(path)
    write_wav(np.full(100, 0.25))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert source.digest(0) != before


def test_a_moved_file_keeps_its_digest(write_wav, tmp_path):
    path = write_wav(np.full(100, 0.5))
    before = make_files([path]).digest(0)
    moved = path.rename(tmp_path / "moved.wav")
    assert make_files([moved]).digest(0) == before


def test_the_digest_names_the_decoder(wav_files, monkeypatch):
    from sersk.audio import _sources

    source = make_files(wav_files[:1])
    before = source.digest(0)
    monkeypatch.setattr(_sources, "_READER_VERSION", "another")
    _sources._reader.cache_clear()
    changed = source.digest(0)
    monkeypatch.undo()
    _sources._reader.cache_clear()
    assert changed != before
    assert source.digest(0) == before


def test_files_pickle_without_their_shared_folder():
    names = [f"{'folder/' * 20}clip_{index:05}.wav" for index in range(10_000)]
    source = make_files(names)
    data = pickle.dumps(source)
    assert len(data) < 400_000
    loaded = pickle.loads(data)
    assert loaded.files.tolist() == names
    assert loaded.files.dtype == object
    np.testing.assert_array_equal(loaded.ends, source.ends)


@pytest.mark.parametrize("names", [[], ["a.wav"], ["a.wav", "a.wav"], ["", "/x\0\n"]])
def test_any_names_survive_pickling(names):
    assert pickle.loads(pickle.dumps(make_files(names))).files.tolist() == names


# Arrays.


def test_waveforms_lie_one_after_another():
    source = make_arrays([0.1, 0.2], [], [0.3])
    np.testing.assert_array_equal(source.buffer, np.float32([0.1, 0.2, 0.3]))
    assert source.starts.tolist() == [0, 2, 2]
    assert source.lengths.tolist() == [2, 0, 1]
    assert source.name(0) is None


def test_the_rows_of_a_matrix_are_not_copied():
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    source = ArraySource.from_matrix(matrix, RATE)
    assert np.shares_memory(source.buffer, matrix)
    assert waveforms_of(source) == [[0, 1, 2], [3, 4, 5]]


def test_a_read_is_a_read_only_view():
    source = make_arrays([0.1, 0.2], [0.3])
    samples = source.read(1, 10).samples
    assert np.shares_memory(samples, source.buffer)
    with pytest.raises(ValueError, match="read-only"):
        samples[0] = 0


def test_too_long_an_array_is_refused():
    source = make_arrays(np.zeros(RATE * 2))
    assert source.read(0, 2.0).samples.shape == (2 * RATE,)
    with pytest.raises(AudioError, match=r"lasts 2\.000 s, longer than max_dur.*=1.5"):
        source.read(0, 1.5)


@pytest.mark.parametrize(
    ("waveform", "message"),
    [
        ([], "holds no samples"),
        ([0, np.nan], "1 non-finite sample"),
        ([np.inf, -np.inf], "2 non-finite samples"),
        ([12_000], "look like integer PCM codes"),
    ],
)
def test_samples_are_checked_when_they_are_read(waveform, message):
    source = make_arrays([0.5], waveform)
    assert source.read(0, 10).samples.tolist() == [0.5]
    with pytest.raises(AudioError, match=message):
        source.read(1, 10)


def test_digests_are_those_of_samples_and_rate():
    source = make_arrays([0.5, 0.25], [], [0.25, 0.5], [0.5, 0.25], [0.5])
    digests = [source.digest(index) for index in range(5)]
    assert len(set(digests)) == 4
    assert digests[0] == digests[3]
    faster = ArraySource(source.buffer, source.starts, source.lengths, 2 * RATE)
    assert faster.digest(0) != digests[0]


def test_taking_copies_no_audio():
    source = make_arrays([0.5, 0.25], [0.125], [0.75])
    for index in (slice(1, None), np.array([2, 0]), np.array([True, False, True])):
        assert source.take(index).buffer is source.buffer
    assert waveforms_of(source.take(np.array([2, 0]))) == [[0.75], [0.5, 0.25]]


def test_a_pickle_holds_only_what_is_needed():
    source = make_arrays(*np.zeros((100, 1_000)))
    assert len(pickle.dumps(source)) > 400_000
    for index in (slice(10, 12), np.array([50, 3]), np.array([7, 7])):
        taken = source.take(index)
        assert len(pickle.dumps(taken)) < 10_000
        assert waveforms_of(pickle.loads(pickle.dumps(taken))) == waveforms_of(taken)


@pytest.mark.parametrize(
    "index",
    [slice(None), slice(1, 3), slice(None, None, -1), [2, 0], [0, 0], [1], [], [0, 1]],
)
def test_pickling_keeps_waveforms_and_digests(index):
    index = np.array(index, dtype=int) if isinstance(index, list) else index
    source = make_arrays([0.5, 0.25], [0.125], [0.75, 0, 0.5]).take(index)
    loaded = pickle.loads(pickle.dumps(source))
    assert waveforms_of(loaded) == waveforms_of(source)
    n_clips = range(len(source))
    assert [loaded.digest(i) for i in n_clips] == [source.digest(i) for i in n_clips]


def test_the_same_array_is_pickled_each_time():
    # joblib maps an array into its workers once if it meets the same object again.
    whole = make_arrays([0.5, 0.25], [0.125], [0.75])
    assert whole.__reduce__()[1][0] is whole.buffer
    for index in (slice(1, None), np.array([2, 0])):
        taken = whole.take(index)
        assert taken.__reduce__()[1][0] is taken.__reduce__()[1][0]


def test_a_loaded_buffer_is_read_only():
    loaded = pickle.loads(pickle.dumps(make_arrays([0.5])))
    assert not loaded.buffer.flags.writeable


# Making a source of arrays.


@pytest.mark.parametrize(
    "waveforms",
    [
        [[0.5, -0.25], [0.125, 0.75]],
        np.array([[0.5, -0.25], [0.125, 0.75]]),
        np.asfortranarray([[0.5, -0.25], [0.125, 0.75]]),
        np.array([[0.5, -0.25], [0.125, 0.75]]).view(np.matrix),
        np.array([[0.5, -0.25], [0.125, 0.75]], dtype=object),
        np.array([[16384, -8192], [4096, 24576]], dtype=np.int16),
        (np.array([16384, -8192], np.int16), np.float16([0.125, 0.75])),
    ],
)
def test_lists_and_matrices_of_every_type(waveforms):
    source = make_array_source(waveforms, RATE)
    assert waveforms_of(source) == [[0.5, -0.25], [0.125, 0.75]]


def test_the_users_array_is_copied():
    matrix = np.full((2, 3), 0.5, np.float32)
    single = np.full(3, 0.5, np.float32)
    for waveforms in (matrix, [single], list(matrix)):
        source = make_array_source(waveforms, RATE)
        assert not np.shares_memory(source.buffer, matrix)
        assert not np.shares_memory(source.buffer, single)


def test_a_memory_map_is_read(tmp_path):
    mapped = np.memmap(tmp_path / "m", dtype=np.int16, mode="w+", shape=(2, 3))
    mapped[:] = 16384
    source = make_array_source(mapped, RATE)
    assert type(source.buffer) is np.ndarray
    assert waveforms_of(source) == [[0.5] * 3] * 2


def test_a_matrix_of_wide_integers_is_refused_as_a_whole():
    with pytest.raises(AudioError, match=r"^Every clip has int64 samples beyond 16"):
        make_array_source(np.array([[0, 70_000]]), RATE)
    with pytest.warns(AudioWarning, match="int64"):
        assert waveforms_of(make_array_source(np.array([[0, 16384]]), RATE)) == [
            [0, 0.5]
        ]


def test_a_row_with_masked_samples_is_named():
    matrix = np.ma.masked_greater(np.array([[0.0, 0.1], [0.0, 0.5]]), 0.25)
    with pytest.raises(AudioError, match=r"^Clip 1 has masked samples"):
        make_array_source(matrix, RATE)


def test_texts_are_clips_without_audio():
    clips = AudioClips.from_texts(
        ["what a day", "", "\u00e9t\u00e9"], columns={"speaker": list("abc")}
    )
    assert clips.columns["transcript"].tolist() == ["what a day", "", "\u00e9t\u00e9"]
    assert clips[1:].speaker.tolist() == ["b", "c"]
    assert clips.files is None
    assert len(set(clips.digests)) == 3
    assert pickle.loads(pickle.dumps(clips[:1])).digests == clips[:1].digests
    with pytest.raises(AudioError, match=r"^Clip 1 has no audio, only a text\."):
        clips[1]


@pytest.mark.parametrize("wrong", [None, 3.0, b"bytes", "half \ud800"])
def test_a_text_must_be_one(wrong):
    with pytest.raises(AudioError, match=r"^Clip 1 has .* for a text\."):
        AudioClips.from_texts(["fine", wrong])
