"""The one door: what it refuses, and what it leaves to scikit-learn to judge."""

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
from sersk.utils import AudioError
from tests.audio.forms import (
    CODES,
    EQUAL,
    NAMES,
    NAN,
    RATE,
    SEGMENTS,
    Tensor,
    object_array,
)

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
