"""The one door: every form of X gives the same clips, or says what is wrong."""

import datetime
from collections import UserList, deque
from decimal import Decimal
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from sersk import AudioClips, check_clips
from sersk.audio import check_matrix, is_matrix
from sersk.datasets import make_emotional_speech
from sersk.preprocessing import PreEmphasis
from sersk.utils import AudioError, AudioWarning

RATE = 16_000
NAN = float("nan")


class Tensor:
    """An array of another library, such as a torch tensor."""

    def __init__(self, values):
        self.values = values
        self.shape = values.shape

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return self.values


class Bare:
    """An array that says nothing of its shape, as scikit-learn's checks pass."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


def object_array(items, shape=(-1,)):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


# Paths. Every form of these two names.

NAMES = ["a.wav", "b/c.wav"]
PATHS = [Path(name) for name in NAMES]
FORMS_OF_PATHS = {
    "list of str": NAMES,
    "list of Path": PATHS,
    "mixed list": [NAMES[0], PATHS[1]],
    "tuple": tuple(NAMES),
    "deque": deque(NAMES),
    "UserList": UserList(NAMES),
    "array of str": np.array(NAMES),
    "column of str": np.array(NAMES).reshape(-1, 1),
    "array of StringDType": np.array(NAMES, dtype=np.dtypes.StringDType()),
    "object array": np.array(NAMES, dtype=object),
    "object array of Path": np.array(PATHS, dtype=object),
    "column of objects": np.array(NAMES, dtype=object).reshape(-1, 1),
    "list of np.str_": list(np.array(NAMES)),
    "Series": pd.Series(NAMES),
    "Series with an index": pd.Series(NAMES, index=[7, 7]),
    "Series of object": pd.Series(NAMES, dtype=object),
    "Series of Path": pd.Series(PATHS),
    "Series of string": pd.Series(NAMES, dtype="string"),
    "Series of pyarrow strings": pd.Series(NAMES, dtype="string[pyarrow]"),
    "categorical Series": pd.Series(NAMES, dtype="category"),
    "extension array": pd.array(NAMES, dtype="string"),
    "Index": pd.Index(NAMES),
    "polars Series": pl.Series(NAMES),
    "DataFrame": pd.DataFrame({"file": NAMES}),
    "DataFrame of Path": pd.DataFrame({"file": PATHS}),
    "DataFrame of categories": pd.DataFrame({"file": pd.Categorical(NAMES)}),
    "polars DataFrame": pl.DataFrame({"file": NAMES}),
    "filewise index": audformat.filewise_index(NAMES),
    "Series on a filewise index": pd.Series(
        ["happy", "sad"], index=audformat.filewise_index(NAMES)
    ),
    "segmented index": audformat.segmented_index(NAMES, [0, 0], [None, None]),
}


@pytest.mark.parametrize("form", FORMS_OF_PATHS)
def test_paths_of_every_form(form):
    clips = check_clips(FORMS_OF_PATHS[form])
    assert clips.files.tolist() == NAMES
    assert {type(file) for file in clips.files} == {str}
    assert clips.to_frame()["start"].tolist() == [0, 0]
    assert clips.to_frame()["end"].isna().all()
    assert clips.sampling_rate == RATE
    assert not is_matrix(FORMS_OF_PATHS[form])


# Parts of files: from 0.5 s to 1.25 s, and from 2 s to the end.

STARTS, ENDS = [0.5, 2], [1.25, None]
TIMES = {"start": STARTS, "end": ENDS}
TIMEDELTAS = {name: pd.to_timedelta(times, unit="s") for name, times in TIMES.items()}
SPEAKERS = {"speaker": ["anna", "bob"]}
SEGMENTS = audformat.segmented_index(NAMES, ["0.5s", "2s"], ["1.25s", pd.NaT])
FORMS_OF_PARTS = {
    "seconds": pd.DataFrame({"file": NAMES, **TIMES, **SPEAKERS}),
    "seconds of float32": pd.DataFrame(
        {
            "file": NAMES,
            "start": np.float32(STARTS),
            "end": np.array([1.25, NAN], np.float32),
            **SPEAKERS,
        }
    ),
    "nullable seconds": pd.DataFrame(
        {"file": NAMES, **TIMES, **SPEAKERS}
    ).convert_dtypes(),
    "timedeltas": pd.DataFrame({"file": NAMES, **TIMEDELTAS, **SPEAKERS}),
    "objects": pd.DataFrame(
        {
            "file": NAMES,
            "start": object_array([pd.Timedelta("0.5s"), 2]),
            "end": object_array([datetime.timedelta(seconds=1.25), pd.NaT]),
            **SPEAKERS,
        }
    ),
    "other order": pd.DataFrame({**SPEAKERS, **TIMES, "file": NAMES}, index=["x", "x"]),
    "segmented frame": pd.DataFrame(SPEAKERS, index=SEGMENTS),
    "filewise frame": pd.DataFrame(
        {**TIMES, **SPEAKERS}, index=audformat.filewise_index(NAMES)
    ),
    "polars seconds": pl.DataFrame({"file": NAMES, **TIMES, **SPEAKERS}, strict=False),
    "polars durations": pl.DataFrame(
        {
            "file": NAMES,
            "start": [datetime.timedelta(seconds=0.5), datetime.timedelta(seconds=2)],
            "end": [datetime.timedelta(seconds=1.25), None],
            **SPEAKERS,
        }
    ),
    "the clips' own table": AudioClips.from_files(
        NAMES, start=STARTS, end=ENDS, columns=SPEAKERS
    ).to_frame(),
}


@pytest.mark.parametrize("form", FORMS_OF_PARTS)
def test_tables_of_every_form(form):
    clips = check_clips(FORMS_OF_PARTS[form])
    frame = clips.to_frame()
    assert list(frame) == ["file", "start", "end", "speaker"]
    assert frame["file"].tolist() == NAMES
    assert frame["start"].tolist() == [0.5, 2]
    assert frame["end"][0] == 1.25
    assert np.isnan(frame["end"][1])
    assert clips.speaker.tolist() == ["anna", "bob"]
    assert not is_matrix(FORMS_OF_PARTS[form])


@pytest.mark.parametrize("X", [SEGMENTS, pd.Series(["happy", "sad"], index=SEGMENTS)])
def test_a_segmented_index_brings_no_columns(X):
    clips = check_clips(X)
    assert clips.to_frame()["start"].tolist() == [0.5, 2]
    assert dict(clips.columns) == {}


def test_further_levels_of_an_index_are_columns():
    index = pd.MultiIndex.from_tuples(
        [("a.wav", "anna"), ("b.wav", "bob")], names=["file", "speaker"]
    )
    assert check_clips(index).speaker.tolist() == ["anna", "bob"]


def test_a_missing_start_is_the_beginning():
    table = pd.DataFrame({"file": NAMES, "start": [None, 1.5]})
    assert check_clips(table).to_frame()["start"].tolist() == [0, 1.5]


def test_tables_of_no_clips():
    for table in (
        pd.DataFrame({"file": []}),
        pd.DataFrame({"file": [], "start": [], "speaker": []}),
        pl.DataFrame({"file": []}),
        audformat.segmented_index(),
    ):
        assert len(check_clips(table)) == 0


# Waveforms. Every form of these values, of one length or two.

EQUAL = [[0.5, -0.25, 0.125], [0.0, 0.75, -1.0]]
RAGGED = [[0.5, -0.25, 0.125], [0.75, -1.0]]
CODES = [[16384, -8192, 4096], [0, 24576, -32768]]


def arrays_of(rows, dtype=np.float64):
    return [np.array(row, dtype=dtype) for row in rows]


def masked_by_nothing():
    return np.ma.array(EQUAL, mask=False)


def read_only():
    matrix = np.array(EQUAL)
    matrix.flags.writeable = False
    return matrix


def strided():
    return np.repeat(EQUAL, 2, axis=1)[:, ::2]


FORMS_OF_EQUAL = {
    "lists": EQUAL,
    "tuples": tuple(map(tuple, EQUAL)),
    "float64": np.array(EQUAL),
    "float32": np.array(EQUAL, np.float32),
    "float16": np.array(EQUAL, np.float16),
    "longdouble": np.array(EQUAL, np.longdouble),
    "big endian": np.array(EQUAL, ">f8"),
    "int16": np.array(CODES, np.int16),
    "int32": np.array(CODES, np.int32) << 16,
    "int8": np.array([[64, -32, 16], [0, 96, -128]], np.int8),
    "uint8": np.array([[192, 96, 144], [128, 224, 0]], np.uint8),
    "Fortran order": np.asfortranarray(EQUAL),
    "strided": strided(),
    "reversed": np.array(EQUAL)[::-1, ::-1][::-1, ::-1],
    "read-only": read_only(),
    "masked by nothing": masked_by_nothing(),
    "matrix": np.array(EQUAL).view(np.matrix),
    "objects": np.array(arrays_of(EQUAL), dtype=object),
    "DataFrame": pd.DataFrame(EQUAL),
    "DataFrame of int16": pd.DataFrame(CODES, dtype="int16"),
    "nullable DataFrame": pd.DataFrame(EQUAL).convert_dtypes(),
    "polars DataFrame": pl.DataFrame(EQUAL, orient="row"),
    "another library's": Tensor(np.array(EQUAL)),
    "array without a shape": Bare(np.array(EQUAL)),
}
FORMS_OF_LISTS = {
    "list of arrays": arrays_of,
    "tuple of arrays": lambda rows: tuple(arrays_of(rows)),
    "list of float32": lambda rows: arrays_of(rows, np.float32),
    "list of float16": lambda rows: arrays_of(rows, np.float16),
    "list of big-endian": lambda rows: arrays_of(rows, ">f4"),
    "list of int16": lambda rows: [
        (row * 32768).astype(np.int16) for row in arrays_of(rows)
    ],
    "list of mixed types": lambda rows: [
        np.float32(rows[0]),
        (np.array(rows[1]) * 2.0**31).astype(np.int32),
    ],
    "list of objects": lambda rows: arrays_of(rows, object),
    "list of lists": lambda rows: [list(row) for row in rows],
    "list of Series": lambda rows: [pd.Series(row) for row in rows],
    "list of tensors": lambda rows: [Tensor(row) for row in arrays_of(rows)],
    "list of views": lambda rows: [np.repeat(row, 3)[::3] for row in rows],
    "object array": lambda rows: object_array(arrays_of(rows)),
    "object column": lambda rows: object_array(arrays_of(rows), (-1, 1)),
    "object array of lists": lambda rows: object_array([list(row) for row in rows]),
    "Series of arrays": lambda rows: pd.Series(arrays_of(rows)),
    "deque": lambda rows: deque(arrays_of(rows)),
}


def waveforms_of(clips):
    return [waveform.tolist() for waveform in clips]


@pytest.mark.parametrize("form", FORMS_OF_EQUAL)
def test_matrices_of_every_form(form):
    X = FORMS_OF_EQUAL[form]
    clips = check_clips(X, 8_000)
    assert clips.sampling_rate == 8_000
    assert waveforms_of(clips) == EQUAL
    expected = AudioClips.from_arrays(np.array(EQUAL), sampling_rate=8_000)
    assert clips.digests == expected.digests
    assert is_matrix(X)


@pytest.mark.parametrize("rows", [EQUAL, RAGGED], ids=["equal", "ragged"])
@pytest.mark.parametrize("form", FORMS_OF_LISTS)
def test_lists_of_waveforms_of_every_form(form, rows):
    X = FORMS_OF_LISTS[form](rows)
    assert waveforms_of(check_clips(X)) == rows
    assert is_matrix(X) == (form == "list of lists" and rows is EQUAL)


@pytest.mark.parametrize(
    "X",
    [
        CODES,
        np.array(CODES),
        np.array(CODES, dtype=object),
        [np.array(row) for row in CODES],
        [CODES[0], tuple(CODES[1])],
        pd.DataFrame(CODES),
    ],
)
def test_integers_that_python_makes_are_16_bit_codes_with_a_warning(X):
    with pytest.warns(AudioWarning, match="int64 samples are taken for 16-bit PCM"):
        clips = check_clips(X)
    assert waveforms_of(clips) == EQUAL


def test_a_list_that_holds_one_float_holds_floats():
    assert waveforms_of(check_clips([[0, 1], [0.5, 0.25]])) == [[0, 1], [0.5, 0.25]]


@pytest.mark.parametrize(
    "X", [[], (), np.empty(0, dtype=object), np.empty(0, dtype="U3"), pd.Series([])]
)
def test_no_clips(X):
    assert len(check_clips(X)) == 0
    assert not is_matrix(X)


def test_the_users_data_stay_as_they_are():
    matrix = np.array(EQUAL)
    table = pd.DataFrame({"file": NAMES, **TIMES, **SPEAKERS})
    before = table.copy()
    waveform = check_clips(matrix)[0]
    check_clips(table)
    assert not np.shares_memory(waveform, matrix)
    assert matrix.tolist() == EQUAL
    pd.testing.assert_frame_equal(table, before)


# Clips.


def test_clips_pass():
    clips = AudioClips.from_arrays(EQUAL, sampling_rate=RATE, columns=SPEAKERS)
    checked = check_clips(clips, RATE)
    assert checked.digests == clips.digests
    assert checked.speaker.tolist() == ["anna", "bob"]
    assert np.shares_memory(checked[0], clips[0])


def test_clips_of_another_rate_are_resampled():
    clips = AudioClips.from_arrays(np.zeros((2, 800)), sampling_rate=8_000)
    checked = check_clips(clips)
    assert checked.sampling_rate == RATE
    assert checked[0].shape == (1_600,)


def test_the_limit_is_the_one_that_is_passed():
    clips = AudioClips.from_arrays([np.zeros(RATE)], sampling_rate=RATE)
    for X in (clips, [np.zeros(RATE)], np.zeros((1, RATE))):
        with pytest.raises(AudioError, match=r"longer than max_duration=0\.5 s"):
            check_clips(X, max_duration=0.5)[0]
        assert check_clips(X, max_duration=1)[0].shape == (RATE,)


def test_files_are_resampled_and_limited(write_wav):
    path = write_wav(np.zeros((48_000, 2)), 48_000)
    for X in ([path], pd.DataFrame({"file": [path]})):
        assert check_clips(X)[0].shape == (16_000,)
        assert check_clips(X, 8_000)[0].shape == (8_000,)
        with pytest.raises(AudioError, match=r"lasts 1\.000 s.*max_duration=0\.5"):
            check_clips(X, max_duration=0.5)[0]


def test_a_table_and_a_path_and_samples_give_equal_waveforms(wav_files):
    from_paths = check_clips(wav_files)
    from_table = check_clips(pd.DataFrame({"file": [str(path) for path in wav_files]}))
    from_samples = check_clips(list(from_paths))
    assert from_paths.digests == from_table.digests
    for waveforms in zip(from_paths, from_table, from_samples, strict=True):
        np.testing.assert_array_equal(waveforms[0], waveforms[1])
        np.testing.assert_array_equal(waveforms[0], waveforms[2])


# What is no X.

ANY_X = r"Pass AudioClips, a list of file paths, a table with a 'file' column, a list"


@pytest.mark.parametrize("X", ["a.wav", b"a.wav", Path("a"), "http://a.org/b.wav", ""])
def test_one_path_is_no_list(X):
    with pytest.raises(TypeError, match=r"^X is one path, .* Pass a list, \[.*rglob"):
        check_clips(X)


@pytest.mark.parametrize(
    ("X", "name"),
    [
        (None, "NoneType"),
        (3, "int"),
        (0.5, "float"),
        (1j, "complex"),
        ({"a": [0.5]}, "dict"),
        ({"a.wav"}, "set"),
        ({}.keys(), "dict_keys"),
        ((name for name in NAMES), "generator"),
        (map(str, NAMES), "map"),
        (object(), "object"),
        (check_clips, "function"),
        (scipy.sparse.csr_matrix(EQUAL), "csr_matrix"),
        (scipy.sparse.coo_array(EQUAL), "coo_array"),
        (np.array(0.5), "single object"),
        (np.float64(0.5), "single object"),
        (np.array(None), "single object"),
    ],
)
def test_what_holds_no_clips_is_named_by_its_type(X, name):
    with pytest.raises(TypeError, match=rf"^X is a {name}\. {ANY_X}"):
        check_clips(X)


@pytest.mark.parametrize(
    "X",
    [
        np.zeros(5),
        np.zeros(5, np.int16),
        np.empty(0),
        np.array([True]),
        np.array([1j]),
        np.ma.masked_equal([0.5, 1.0], 1.0),
        pd.Series([0.5, 0.25]),
        pd.Index([0.5, 0.25]),
        pl.Series([0.5, 0.25]),
        Tensor(np.zeros(5)),
    ],
)
def test_one_waveform_goes_into_a_list(X):
    # scikit-learn's checks look for the words "Reshape your data".
    with pytest.raises(ValueError, match=r"X is one waveform.*list.*Reshape your data"):
        check_clips(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([None], r"Clip 0 is None, neither a path nor a waveform"),
        ([0.5, 0.25], r"Clip 0 is 0\.5, neither.*one waveform goes into a list"),
        (range(3), r"Clip 0 is 0, neither"),
        ([np.zeros(3), None], r"Clip 1 is None, neither"),
        ([b"a.wav"], r"Clip 0 is b'a\.wav', neither"),
        (np.array([b"a.wav"]), r"Clip 0 is np\.bytes_\(b'a\.wav'\), neither"),
        ([{"file": "a.wav"}], r"Clip 0 is \{'file': 'a\.wav'\}, neither"),
        (np.zeros(1, [("file", "U9"), ("start", "f8")]), r"Clip 0 is .*, neither"),
        (["a.wav", None], r"Clip 1 is (None|nan), not the path"),
        (["a.wav", np.zeros(99)], r"Clip 1 is array\(.*\), not the path"),
        ([np.zeros(99), "a.wav"], r"Clip 0 is array\(.*\), not the path"),
        (["a.wav", b"b.wav"], r"Clip 1 is b'b\.wav', not the path"),
        (pd.Series(["a.wav", None]), r"Clip 1 is (None|nan), not the path"),
        (pd.array(["a.wav", None], dtype="string"), r"Clip 1 is <NA>, not the path"),
        (pd.DataFrame({"file": ["a", NAN]}), r"Clip 1 is (None|nan), not the path"),
        (pd.DataFrame({"file": [1, 2]}), r"Clip 0 is 1, not the path"),
        (pl.DataFrame({"file": ["a", None]}), r"Clip 1 is (None|nan), not the path"),
        ([("a.wav", 0.0, 1.0)], r"Clip 0 holds text.*columns file, start and end"),
        ([["a.wav", "b.wav"]], r"Clip 0 holds text"),
        ([["a.wav"], ["b.wav", "c.wav"]], r"Clip 0 holds text"),
        (np.array([["a.wav", "anna"]]), r"Clip 0 holds text"),
        (np.array([["a.wav", "anna"]], dtype=object), r"Clip 0 holds text"),
        (pd.MultiIndex.from_tuples([("a.wav", "anna")]), r"Clip 0 holds text"),
        (pl.DataFrame({"path": ["a.wav"]}), r"Clip 0 holds text"),
        ([np.zeros((2, 99))], r"Clip 0 has shape \(2, 99\).*waveform\.mean\(axis=0\)"),
        ([np.zeros(9), np.zeros((9, 2))], r"Clip 1 has shape \(9, 2\).*mean\(axis=1\)"),
        (np.zeros((2, 2, 9)), r"Clip 0 has shape \(2, 9\), but a clip is mono"),
        (np.zeros((2, 1, 9)), r"Clip 0 has shape \(1, 9\), but a clip is mono"),
        (Tensor(np.zeros((2, 2, 9))), r"Clip 0 has shape \(2, 9\)"),
        ([[[0.1, 0.2], [0.3, 0.4]]], r"Clip 0 has shape \(2, 2\)"),
        ([[0.1, 0.2], [0.1, [0.2]]], r"Clip 1 cannot be made an array of numbers"),
        ([[[0.1, 0.2], [0.3]]], r"Clip 0 cannot be made an array of numbers"),
        ([AudioClips.from_files(["a"])], r"Clip 0 cannot be made an array of numbers"),
        (np.zeros((2, 9), bool), r"Clip 0 has samples of type bool"),
        (np.zeros((2, 9), complex), r"Clip 0 has samples of type complex128"),
        (np.zeros((2, 9), "M8[s]"), r"Clip 0 has samples of type datetime64"),
        (np.zeros((2, 9), "m8[s]"), r"Clip 0 has samples of type timedelta64"),
        ([np.zeros(9), np.zeros(9, bool)], r"Clip 1 has samples of type bool"),
        ([np.array([object()])], r"Clip 0 has samples of type object"),
        ([[Decimal("0.5")]], r"Clip 0 has samples of type object"),
        ([[10**30, 1]], r"Clip 0 has samples of type object"),
        (np.array([[None, 0.5]], dtype=object), r"Clip 0 has samples of type object"),
        (np.array([[{}, 0.5]], dtype=object), r"Clip 0 has samples of type object"),
        (np.array([[0.5, 1]]).astype(str), r"Clip 0 holds text"),
        ([[70_000, 1]], r"Every clip has int64 samples beyond 16 bits"),
        ([np.array([0.5]), np.array([70_000])], r"Clip 1 has int64 samples beyond 16"),
        (np.full((1, 2), 2**63, np.uint64), r"Every clip has uint64 samples beyond"),
        (np.ma.masked_equal([[0.5, 1.0]], 1.0), r"Clip 0 has masked samples"),
        ([np.ma.masked_equal([0.5, 1.0], 1.0)], r"Clip 0 has masked samples"),
    ],
)
def test_an_item_that_is_no_clip_is_named(X, message):
    with pytest.raises(AudioError, match=f"^{message}"):
        check_clips(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[0.5, NAN]], "holds 1 non-finite sample"),
        (np.array([[0.5, np.inf]]), "holds 1 non-finite sample"),
        ([np.array([1e300])], "holds 1 non-finite sample"),
        (pd.DataFrame({"a": pd.array([None], "Float64")}), "holds 1 non-finite sample"),
        ([[]], "holds no samples"),
        (np.empty((1, 0)), "holds no samples"),
        ([np.array([3_000.0])], "peaks at 3000, but floats must lie in"),
    ],
)
def test_bad_samples_are_found_when_they_are_read(X, message):
    clips = check_clips(X)
    with pytest.raises(AudioError, match=rf"^Clip 0 {message}"):
        clips[0]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (pd.DataFrame({"path": ["a.wav"]}), r"'path'"),
        (pd.DataFrame({"path": ["a.wav"], "level": [0.5]}), r"'path', 'level'"),
        (pd.DataFrame({"path": [NAN, "a.wav"]}), r"'path'"),
        (pd.DataFrame({0: ["a.wav"]}), r"0"),
        (pd.DataFrame([["a"]], columns=[("file", "x")]), r"\('file', 'x'\)"),
        (pd.DataFrame([["a"] * 99]), r"0, 1, 2, 3, 4, 5, 6, 7, 8, 9, \.\.\."),
        (pd.DataFrame(EQUAL, dtype=object), r"0, 1, 2"),
        (
            pd.DataFrame(
                [["a", "b"]],
                columns=pd.MultiIndex.from_tuples([("file", "x"), ("file", "y")]),
            ),
            r"\('file', 'x'\), \('file', 'y'\)",
        ),
    ],
)
def test_a_table_without_files_lists_its_columns(table, columns):
    with pytest.raises(TypeError, match=rf"'file' \(columns: {columns}\)\. Rename"):
        check_clips(table)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (pd.DataFrame([["a", "b"]], columns=["file", "file"]), "file"),
        (pd.DataFrame([["a", 0, 1]], columns=["file", "start", "start"]), "start"),
        (pd.DataFrame([["a", "b", "c"]], columns=["file", "room", "room"]), "room"),
        (pd.DataFrame({"end": [1, 2]}, index=SEGMENTS), "end"),
        (pd.DataFrame({"file": NAMES}, index=audformat.filewise_index(NAMES)), "file"),
    ],
)
def test_columns_of_one_name_are_refused(table, name):
    with pytest.raises(ValueError, match=f"^X has several columns named '{name}'"):
        check_clips(table)


def test_a_corpus_is_asked_for_its_clips():
    corpus = make_emotional_speech(n_speakers=1, n_repetitions=1, random_state=0)
    with pytest.raises(TypeError, match=r"^X is a Corpus\. Pass .*corpus\.clips as X"):
        check_clips(corpus)


@pytest.mark.parametrize("name", [0, None, ("a", "b"), pd.Timestamp("2020-01-01")])
def test_columns_without_a_name_are_refused(name):
    table = pd.DataFrame({"file": ["a.wav"], name: [1]})
    with pytest.raises(TypeError, match=r"^The name of a column must be a str"):
        check_clips(table)


@pytest.mark.parametrize(
    "start", ["1.5", "0 days 00:00:01.5", True, 1j, pd.Timestamp("2020-01-01")]
)
def test_a_start_that_is_no_time_is_named(start):
    table = pd.DataFrame({"file": ["a.wav"], "start": [start]})
    with pytest.raises(TypeError, match=r"^Clip 0 has start=.*pandas\.to_timedelta"):
        check_clips(table)


@pytest.mark.parametrize(
    "X", [["a.wav"], [np.zeros(9)], np.zeros((1, 9)), pd.DataFrame({"file": ["a.wav"]})]
)
@pytest.mark.parametrize("rate", [0, -1, 1, 1e12, NAN, "16000", True, None])
def test_rates_are_checked_for_every_form(X, rate):
    with pytest.raises((TypeError, ValueError), match="sampling_rate must"):
        check_clips(X, rate)


def test_a_whole_rate_may_be_a_float():
    assert check_clips(["a.wav"], 16_000.0).sampling_rate == RATE


@pytest.mark.parametrize("duration", [0, -1, NAN, "60", None])
def test_limits_are_checked_for_every_form(duration):
    for X in (["a.wav"], [np.zeros(9)], AudioClips.from_files(["a.wav"])):
        with pytest.raises((TypeError, ValueError), match="max_duration must be"):
            check_clips(X, max_duration=duration)


# What scikit-learn is to judge.


@pytest.mark.parametrize(
    "X",
    [
        scipy.sparse.csr_matrix(EQUAL),
        np.zeros((2, 9), complex),
        np.array([[{}, 0.5]], dtype=object),
        np.empty((0, 3)),
        np.empty((3, 0)),
        np.array([[NAN, 0.5]]),
        pd.DataFrame({"a": [0.5], "b": [1]}),
        [[], []],
    ],
)
def test_matrices_that_are_wrong_are_matrices(X):
    assert is_matrix(X)


@pytest.mark.parametrize(
    "X",
    [
        None,
        "a.wav",
        b"a",
        Path("a"),
        3,
        {},
        iter("a"),
        np.zeros(3),
        np.zeros((2, 2, 2)),
        np.array(0),
        pd.Series([0.5]),
        ["a.wav"],
        [["a.wav"]],
        pd.DataFrame({"a": ["x"]}),
        np.array([[b"a.wav", b"b.wav"]]),
        np.array([["a", "b"]], dtype=np.dtypes.StringDType()),
        # Whoever makes floats of these loses that they are PCM codes.
        np.array(CODES, dtype=object),
        object_array([None, np.zeros(3)], (-1, 1)),
        np.ma.masked_equal(EQUAL, 0.5),
    ],
)
def test_what_is_no_matrix(X):
    assert not is_matrix(X)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=2)
        | st.sets(st.text(), max_size=2)
    ),
    max_leaves=12,
)


def outcome(function, argument):
    """Return what a function returns, or the error by which it refuses."""
    try:
        return function(argument)
    except (TypeError, ValueError) as error:
        return error


@given(ANYTHING)
@pytest.mark.filterwarnings("ignore::sersk.utils.AudioWarning")
def test_anything_gives_clips_or_an_error_that_says_why(X):
    clips = outcome(check_clips, X)
    if isinstance(clips, Exception):
        assert str(clips).startswith(("X ", "Clip ", "Every clip "))
        return
    assert len(clips) == len(X)
    for index in range(len(clips)):
        waveform = outcome(clips.__getitem__, index)
        if isinstance(waveform, Exception):
            assert str(waveform).startswith(f"Clip {index} ")
        else:
            assert np.isfinite(waveform).all()


def test_a_matrix_is_checked_as_scikit_learn_does():
    step = PreEmphasis()
    table = pd.DataFrame([[0.5, 0.25]], columns=["a", "b"])
    assert check_matrix(step, table, reset=True).tolist() == [[0.5, 0.25]]
    assert step.feature_names_in_.tolist() == ["a", "b"]
    check_matrix(step, np.zeros((1, 2)), reset=True)
    assert not hasattr(step, "feature_names_in_")
    with pytest.raises(ValueError, match="X has 1 features, but PreEmphasis"):
        check_matrix(step, np.zeros((1, 1)), reset=False)
    unknown = np.full((1, 2), np.nan)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        check_matrix(step, unknown, reset=True)
    assert check_matrix(step, unknown, reset=True, finite=False) is not None


def test_what_is_no_matrix_is_left_as_it_is():
    step = PreEmphasis()
    check_matrix(step, np.zeros((1, 2)), reset=True)
    files = ["a.wav"]
    assert check_matrix(step, files, reset=True) is files
    assert not hasattr(step, "n_features_in_")
