"""Frames of clips: what goes in comes out, from memory and from a file."""

import pickle
import subprocess
import sys
import tempfile
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from sklearn.preprocessing import StandardScaler

from sersk.audio import FrameSequences, FrameWriter

LENGTHS = (3, 1, 7, 2)


@pytest.fixture
def matrices():
    generator = np.random.default_rng(0)
    return [generator.normal(size=(n, 4)).astype(np.float32) for n in LENGTHS]


def _write(matrices, memory_limit):
    writer = FrameWriter(4, memory_limit=memory_limit)
    for matrix in matrices:
        writer.append(matrix)
    return FrameSequences.from_writer(
        writer, pad_value=-80.0, columns={"speaker": ["a", "a", "b", "b"]}
    )


# All in memory; a file after some clips, and more in memory; a file after each clip.
@pytest.fixture(params=[2**30, 100, 1], ids=["memory", "part", "file"])
def sequences(request, matrices):
    return _write(matrices, request.param)


def _double(frames):
    return frames * 2


def test_every_clip_comes_back(sequences, matrices):
    assert sequences.shape == (4,)
    assert_array_equal(sequences.lengths, LENGTHS)
    assert sequences.n_features == 4
    for clip, matrix in zip(sequences, matrices, strict=True):
        assert clip.dtype == np.float32
        assert_array_equal(clip, matrix)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (slice(1, None), [1, 2, 3]),
        (slice(None, None, -1), [3, 2, 1, 0]),
        ([2, 0, 2], [2, 0, 2]),
        (np.array([True, False, False, True]), [0, 3]),
        ([], []),
        (([1, 2], Ellipsis), [1, 2]),
    ],
)
def test_some_clips_are_taken_with_their_columns(sequences, matrices, key, expected):
    some = sequences[key]
    assert some.shape == (len(expected),)
    for clip, index in zip(some, expected, strict=True):
        assert_array_equal(clip, matrices[index])
    assert_array_equal(some.columns["speaker"], np.array([*"aabb"], object)[expected])
    assert_array_equal(some.pad_value, np.full(4, -80.0))


def test_padding_is_at_the_end_and_of_the_floor(sequences, matrices):
    frames, lengths = sequences.pad()
    assert frames.shape == (4, 7, 4)
    assert frames.dtype == np.float32
    assert_array_equal(lengths, LENGTHS)
    for row, matrix in zip(frames, matrices, strict=True):
        assert_array_equal(row[: len(matrix)], matrix)
        assert (row[len(matrix) :] == -80).all()


def test_what_is_longer_loses_its_end(sequences, matrices):
    frames, lengths = sequences.pad(2)
    assert_array_equal(lengths, [2, 1, 2, 2])
    assert_array_equal(frames[2], matrices[2][:2])


def test_an_operation_changes_frames_and_padding_alike(sequences, matrices):
    doubled = sequences.apply(_double)[1:]
    assert_array_equal(doubled[0], matrices[1] * 2)
    frames, _ = doubled.pad()
    assert (frames[0, 1:] == -160).all()
    assert_array_equal(sequences[1], matrices[1])


def test_pickles_hold_the_frames(sequences, matrices):
    copy = pickle.loads(pickle.dumps(sequences.apply(_double)[[2, 0]]))
    assert_array_equal(copy[0], matrices[2] * 2)
    assert_array_equal(copy.columns["speaker"], ["b", "a"])
    assert_array_equal(copy.pad_value, np.full(4, -160.0))


def test_frames_cannot_be_changed(matrices):
    sequences = FrameSequences.from_arrays(matrices)
    with pytest.raises(ValueError, match="read-only"):
        sequences[0][0, 0] = 1
    matrices[0][0, 0] = 17
    assert sequences[0][0, 0] != 17


def test_no_file_is_left(matrices, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sequences = _write(matrices, memory_limit=1)
    assert list(tmp_path.iterdir()) == []
    assert_array_equal(sequences[3], matrices[3])


@pytest.mark.parametrize("n_threads", [1, 4])
def test_frames_are_read_without_the_calls_of_unix(matrices, monkeypatch, n_threads):
    monkeypatch.delattr("os.preadv")
    sequences = _write(matrices, memory_limit=1)
    clips = [0, 1, 2, 3] * 100
    with ThreadPoolExecutor(n_threads) as pool:
        found = list(pool.map(sequences.__getitem__, clips))
    for clip, frames in zip(clips, found, strict=True):
        assert_array_equal(frames, matrices[clip])
    monkeypatch.undo()
    assert_array_equal(sequences[2], matrices[2])


def _mapped(sequences):
    """Return whether the rows are mapped from a file, and all of them."""
    rows = sequences._buffer.rows
    return getattr(rows.base, "_mmap", None) is not None, sequences.pad()[0]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")
@pytest.mark.parametrize("part", [slice(None), slice(2, None)])
def test_workers_map_the_file(matrices, part):
    sequences = _write(matrices, memory_limit=1)[part]
    results = Parallel(n_jobs=2)(delayed(_mapped)(sequences) for _ in range(2))
    for is_mapped, frames in results:
        assert is_mapped
        assert_array_equal(frames, sequences.pad()[0])


def test_a_pickle_outlives_the_file(matrices):
    data = pickle.dumps(_write(matrices, memory_limit=1))
    frames = pickle.loads(data)
    assert not _mapped(frames)[0]
    assert_array_equal(frames[2], matrices[2])


def test_what_is_written_takes_no_more_memory_than_the_limit():
    limit, n_bytes = 2**20, 2**17
    writer = FrameWriter(4, memory_limit=limit)
    tracemalloc.start()
    try:
        for number in range(64):
            writer.append(np.full((n_bytes // 16, 4), number, dtype=np.float32))
            if number == 32:  # the file is there
                tracemalloc.reset_peak()
                assert tracemalloc.get_traced_memory()[0] < 2 * n_bytes
            assert tracemalloc.get_traced_memory()[1] < limit + 2 * n_bytes
        sequences = FrameSequences.from_writer(writer)
        assert [clip[-1, 0] for clip in sequences] == [*range(64)]
        assert tracemalloc.get_traced_memory()[1] < 4 * n_bytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ([], "at least one matrix"),
        ([np.zeros(3)], "at least one matrix"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], r"shape \(2, 4\), but \(n_frames, 3\)"),
        ([np.zeros((2, 3)), np.zeros((0, 3))], "Clip 1 has no frames"),
        ([np.zeros((2, 0))], "with one feature or more"),
        ([np.zeros((2, 1)), [["a"]]], "Clip 1 is no matrix of numbers: could not"),
        ([np.zeros((2, 1)), [[1], [1, 2]]], "Clip 1 is no matrix of numbers: setting"),
        ([[[1j]]], "Clip 0 is no matrix of numbers"),
    ],
)
def test_what_is_no_frames_is_refused(arrays, message):
    with pytest.raises(ValueError, match=message):
        FrameSequences.from_arrays(arrays)


@pytest.mark.parametrize("pad_value", [np.nan, [1.0, 2.0], [0.0, np.inf, 0.0]])
def test_what_pads_is_a_frame_of_numbers(pad_value):
    with pytest.raises(ValueError, match=r"pad_value=.* or one for each of the 3"):
        FrameSequences.from_arrays([np.zeros((2, 3))], pad_value=pad_value)


@pytest.mark.parametrize("n_frames", [0, -1, 2.5, "3"])
def test_a_length_is_a_number_of_frames(sequences, n_frames):
    with pytest.raises(ValueError, match="n_frames must be a whole number of at least"):
        sequences.pad(n_frames)


def test_columns_of_another_length_are_refused(matrices):
    with pytest.raises(ValueError, match="'speaker' must be a list or array of 4"):
        FrameSequences.from_arrays(matrices, columns={"speaker": ["a"]})


def test_a_line_says_what_there_is(matrices):
    sequences = FrameSequences.from_arrays(matrices)
    assert repr(sequences) == "<FrameSequences: 4 clips, 1 to 7 frames of 4 features>"
    assert repr(sequences[:0]) == "<FrameSequences: 0 clips, no frames of 4 features>"


def test_frames_are_no_matrix(sequences):
    with pytest.raises(
        TypeError, match=r"FrameSequences are no matrix.*SequenceScaler"
    ):
        StandardScaler().fit(sequences)


@pytest.mark.parametrize("limit", [0, 2**20])
def test_the_rows_of_a_writer_have_one_owner(limit):
    writer = FrameWriter(2, memory_limit=limit)
    writer.append(np.ones((3, 2)))
    frames = FrameSequences.from_writer(writer)
    with pytest.raises(ValueError, match="The writer is closed"):
        writer.close()
    del writer
    assert_array_equal(frames[0], np.ones((3, 2), dtype=np.float32))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")
def test_a_writer_that_is_given_up_leaves_no_file_open():
    def n_open():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = n_open()
    writer = FrameWriter(2, memory_limit=0)
    writer.append(np.ones((3, 2)))
    assert n_open() == before + 1
    del writer
    assert n_open() == before


def test_a_folder_of_temporary_files_that_is_gone_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    writer = FrameWriter(2, memory_limit=0)
    with pytest.raises(FileNotFoundError, match=r"variable TMPDIR: '.*gone'"):
        writer.append(np.ones((3, 2)))


# Of a clip that was half written, the rest would follow behind another.
FULL = """
import resource, signal
import numpy as np
from sersk.audio import FrameWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
writer = FrameWriter(4, memory_limit=0)
for _ in range(2):
    try:
        while True:
            writer.append(np.ones((500, 4)))
    except (OSError, ValueError) as error:
        print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")
def test_a_writer_ends_where_the_disk_is_full():
    command = [sys.executable, "-c", FULL]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    full, closed = ended.stdout.splitlines()
    assert "Make room, or name another folder" in full
    assert "The writer is closed" in closed
    assert not ended.stderr
