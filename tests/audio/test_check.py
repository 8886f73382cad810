"""The one door: every form of X gives the same clips."""

import datetime
from collections import UserList, deque
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import polars as pl
import pytest

from sersk import AudioClips, check_clips
from sersk.audio import is_matrix
from sersk.utils import AudioError, AudioWarning
from tests.audio.forms import (
    CODES,
    EQUAL,
    NAMES,
    NAN,
    RAGGED,
    RATE,
    SEGMENTS,
    Bare,
    Tensor,
    object_array,
)

# Paths. Every form of these two names.

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
