"""Rates, times, columns and indices: what is taken and what is refused."""

import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sersk.audio._validation import (
    check_columns,
    check_index,
    check_items,
    check_max_duration,
    check_path,
    check_sampling_rate,
    check_seconds,
    check_waveform,
    frozen,
)
from sersk.utils import AudioError

NAN = float("nan")


@pytest.mark.parametrize(
    "rate", [2_000, 16_000, 384_000, 16_000.0, np.int32(8_000), np.float32(44_100)]
)
def test_whole_rates_become_int(rate):
    assert check_sampling_rate(rate) == rate
    assert type(check_sampling_rate(rate)) is int


@pytest.mark.parametrize("rate", [0, -1, 1, -16_000, 1_999, 384_001, 1e12, 2**31 - 1])
def test_rates_that_no_audio_has_are_refused(rate):
    with pytest.raises(ValueError, match=r"sampling_rate must lie between 2000 and"):
        check_sampling_rate(rate)


@pytest.mark.parametrize(
    "rate",
    ["16000", b"16000", None, True, np.True_, NAN, np.inf, 16_000.5, [16_000], 1j],
)
def test_rates_that_are_no_whole_numbers_are_refused(rate):
    with pytest.raises(TypeError, match=r"sampling_rate must be a whole number of Hz"):
        check_sampling_rate(rate)


@pytest.mark.parametrize("duration", [1e-9, 1, 600.0, np.float32(3), np.inf])
def test_durations_above_zero(duration):
    assert check_max_duration(duration) == duration


@pytest.mark.parametrize("duration", [0, -1, NAN, -np.inf])
def test_no_duration_is_refused(duration):
    with pytest.raises(ValueError, match=r"max_duration must be above 0 s"):
        check_max_duration(duration)


@pytest.mark.parametrize("duration", [None, "60", True, [1], 1j])
def test_durations_of_other_types_are_refused(duration):
    with pytest.raises(TypeError):
        check_max_duration(duration)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.wav", "a.wav"),
        (np.str_("a.wav"), "a.wav"),
        (Path("b") / "a.wav", "b/a.wav"),
        ("ü\udcff.wav", "ü\udcff.wav"),
        ("", ""),
    ],
)
def test_paths_become_str(path, expected):
    assert check_path(0, path) == expected
    assert type(check_path(0, path)) is str


def test_a_path_of_bytes_is_decoded_as_the_system_does():
    class BytesPath:
        def __fspath__(self):
            return b"a\xff.wav"

    assert check_path(0, BytesPath()) == "a\udcff.wav"


@pytest.mark.parametrize(
    "item", [None, 3, NAN, b"a.wav", np.zeros(3), ["a.wav"], pd.NA]
)
def test_what_is_no_path_is_named(item):
    with pytest.raises(AudioError, match=r"^Clip 7 is .*, not the path of a file\. Co"):
        check_path(7, item)


def test_a_long_item_is_not_printed_whole():
    with pytest.raises(AudioError) as caught:
        check_path(0, np.zeros((1_000, 1_000)))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("values", [["a", "b"], ("a", "b"), np.array(["a", "b"])])
def test_items_of_sequences(values):
    assert check_items(values, "X") == ["a", "b"]


@pytest.mark.parametrize(
    "values", [None, 3, {"a": 1}, {"a"}, iter("ab"), {}.values(), np.array(3), object()]
)
def test_what_is_no_sequence_is_refused(values):
    with pytest.raises(TypeError, match=r"^things is a .*\. Pass a list of things\.$"):
        check_items(values, "things", "a list of things")


def test_one_path_and_one_waveform_are_no_sequence():
    for path in ("a.wav", b"a.wav", Path("a.wav")):
        with pytest.raises(TypeError, match=r"^X is one path, .*Pass a list.*rglob"):
            check_items(path, "X")
    with pytest.raises(ValueError, match=r"X is one waveform.*\(3,\).*Put it into a l"):
        check_items(np.zeros(3), "X")


@pytest.mark.parametrize(
    "waveform",
    [
        [0.5, -0.25],
        (0.5, -0.25),
        np.array([0.5, -0.25], dtype=object),
        np.array([16384, -8192], np.int16),
        pd.Series([0.5, -0.25], index=[3, 4]),
        pl.Series([0.5, -0.25]),
        memoryview(np.array([0.5, -0.25])),
    ],
)
def test_waveforms_become_float32(waveform):
    samples = check_waveform(0, waveform)
    assert samples.dtype == np.float32
    assert samples.tolist() == [0.5, -0.25]


class NeedsGradient:
    """As torch's tensors that need a gradient."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Use tensor.detach().numpy() instead.")


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (None, r"is None, neither a path nor a waveform"),
        (0.5, r"is 0\.5, neither.*one waveform goes into a list"),
        (np.float64(0.5), r"is np\.float64\(0\.5\), neither"),
        (b"a.wav", r"is b'a\.wav', neither"),
        ({"a": 1}, r"is \{'a': 1\}, neither"),
        (np.array([b"a.wav"]), r"holds text where samples belong"),
        (np.array(["a"], np.dtypes.StringDType()), r"holds text where samples belong"),
        (["a.wav"], r"holds text where samples belong.*columns file, start and end"),
        (np.zeros((2, 5)), r"has shape \(2, 5\), but a clip is mono.*mean\(axis=0\)"),
        (np.zeros((5, 2)), r"has shape \(5, 2\), but a clip is mono.*mean\(axis=1\)"),
        (np.zeros((1, 5)), r"has shape \(1, 5\), but a clip is mono.*mean\(axis=0\)"),
        ([0.1, [0.2, 0.3]], r"cannot be made an array of numbers"),
        (NeedsGradient(), r"cannot be made an array of numbers: Use tensor\.detach"),
        ([True, False], r"has samples of type bool"),
        ([1j], r"has samples of type complex128"),
        ([10**30], r"has samples of type object"),
        ([Decimal("0.5")], r"has samples of type object"),
        ([0.5, None], r"has samples of type object"),
        ([0, 70_000], r"has int64 samples beyond 16 bits"),
        (np.ma.masked_equal([0.5, 1.0], 1.0), r"has masked samples"),
    ],
)
def test_what_is_no_waveform_is_named(item, message):
    with pytest.raises(AudioError, match=f"^Clip 7 {message}"):
        check_waveform(7, item)


@pytest.mark.parametrize(
    "values",
    [
        [1.5, NAN],
        [1.5, None],
        (1.5, None),
        np.array([1.5, NAN], np.float32),
        [Fraction(3, 2), None],
        pd.Series([1.5, None], index=[7, 7]),
        pd.array([1.5, None], dtype="Float64"),
        pl.Series([1.5, None]),
        pd.to_timedelta(["1.5s", None]),
        pd.Series(pd.to_timedelta(["1.5s", None])),
        np.array([1_500, "NaT"], "m8[ms]"),
        [datetime.timedelta(seconds=1.5), pd.NaT],
        [np.timedelta64(1_500, "ms"), None],
        [pd.Timedelta("1.5s"), NAN],
        [1.5, pd.NaT],
        np.array([1.5, pd.NA], dtype=object),
    ],
)
def test_times_of_every_form(values):
    seconds = check_seconds("start", values, 2, 7.0)
    assert seconds.dtype == np.float64
    assert seconds.tolist() == [1.5, 7.0]


def test_numbers_and_timedeltas_mix():
    values = [datetime.timedelta(seconds=1.5), 2, None]
    assert check_seconds("end", values, 3, 0.0).tolist() == [1.5, 2.0, 0.0]


def test_no_times_are_the_default():
    assert check_seconds("start", None, 2, 0.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "value",
    [
        "1.5",  # to pandas, a number of nanoseconds
        "0 days 00:00:01.5",
        True,
        1j,
        Decimal("1.5"),
        [1.5],
        datetime.time(1),
        np.datetime64("2020-01-01"),
    ],
)
def test_what_is_no_time_is_named(value):
    with pytest.raises(TypeError, match=r"^Clip 0 has start=.*no time.*to_timedelta"):
        check_seconds("start", [value, value], 2, 0.0)


@pytest.mark.parametrize(
    "values", [0.5, [0.5], [1, 2, 3], "ab", {0: 1, 1: 2}, [[1], [2]], np.ones((2, 1))]
)
def test_times_that_do_not_fit_the_clips_are_refused(values):
    with pytest.raises((TypeError, ValueError), match="start"):
        check_seconds("start", values, 2, 0.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (("a", "b"), ["a", "b"]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array(["a", "b"], dtype=np.dtypes.StringDType()), ["a", "b"]),
        (pd.Series(["a", "b"], index=[9, 9]), ["a", "b"]),
        (pd.Categorical(["a", "b"]), ["a", "b"]),
        (pd.array(["a", "b"], dtype="string"), ["a", "b"]),
        (pl.Series(["a", "b"]), ["a", "b"]),
        ([1, "b"], [1, "b"]),
        ([1, 2], [1, 2]),
        (range(2), [0, 1]),
        ([True, False], [True, False]),
        ([("a", 1), ("b", 2)], [("a", 1), ("b", 2)]),
    ],
)
def test_columns_keep_their_values(values, expected):
    column = check_columns({"x": values}, 2)["x"]
    assert column.shape == (2,)
    assert column.tolist() == expected
    assert column.dtype.kind not in "UT"


@pytest.mark.parametrize("missing", [None, NAN, pd.NA])
def test_a_missing_name_stays_missing(missing):
    # numpy makes the text 'nan' of it: a speaker that a splitter would believe in.
    column = check_columns({"speaker": ["a", missing]}, 2)["speaker"]
    assert column[0] == "a"
    assert pd.isna(column[1])


def test_a_column_is_a_copy():
    values = np.array([1, 2])
    column = check_columns({"x": values}, 2)["x"]
    values[0] = 9
    assert column.tolist() == [1, 2]
    series = pd.Series([1.0, 2.0])
    assert not np.shares_memory(check_columns({"x": series}, 2)["x"], series.to_numpy())


@pytest.mark.parametrize(
    "values",
    [
        ["a"],
        ["a"] * 3,
        "ab",
        "a",
        None,
        3,
        {"a", "b"},
        {0: 1, 1: 2},
        iter("ab"),
        [],
        np.zeros((2, 1)),
        pd.DataFrame({"a": [1, 2]}),
    ],
)
def test_columns_that_do_not_fit_the_clips_are_named(values):
    with pytest.raises(
        ValueError, match=r"'speaker' must be .* of 2 values, one a clip"
    ):
        check_columns({"speaker": values}, 2)


def test_a_masked_column_is_refused():
    with pytest.raises(TypeError, match=r"'speaker' is a masked array\. Fill it"):
        check_columns({"speaker": np.ma.masked_equal([1, 2], 2)}, 2)


@pytest.mark.parametrize("name", [3, None, ("a", "b"), b"a"])
def test_names_of_columns_are_str(name):
    with pytest.raises(TypeError, match=r"name of a column must be a str.*Rename"):
        check_columns({name: [1, 2]}, 2)


@pytest.mark.parametrize("columns", [["speaker"], "speaker", 3, [("speaker", [1, 2])]])
def test_columns_are_a_mapping(columns):
    with pytest.raises(TypeError, match="columns must be a mapping of names to lists"):
        check_columns(columns, 2)


def test_columns_of_a_frame_or_of_none():
    assert list(check_columns(pd.DataFrame({"x": [1, 2]}), 2)) == ["x"]
    assert check_columns(None, 2) == {}
    assert check_columns({}, 2) == {}


def test_reserved_names_are_refused():
    with pytest.raises(ValueError, match=r"cannot be named 'start'.*Rename"):
        check_columns({"start": [1, 2]}, 2, reserved={"file", "start"})


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (0, 0),
        (-1, 2),
        (np.int64(2), 2),
        (np.uint8(1), 1),
        ((1, Ellipsis), 1),
        (slice(1, None), slice(1, None)),
        ((slice(1, None), Ellipsis), slice(1, None)),
    ],
)
def test_positions_and_slices(key, expected):
    assert check_index(key, 3) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ([0, 2], [0, 2]),
        ([-1], [-1]),
        (range(2), [0, 1]),
        (pd.Index([2, 1]), [2, 1]),
        (([2], Ellipsis), [2]),
        ([True, False, True], [True, False, True]),
        (pd.Series([True, False, True], index=[5, 6, 7]), [True, False, True]),
        ([], []),
        (np.array([]), []),
        (np.array([], bool), []),
    ],
)
def test_lists_and_masks(key, expected):
    index = check_index(key, 3)
    assert index.tolist() == expected
    assert index.dtype.kind in "iub"


@pytest.mark.parametrize("key", [3, -4, 10**30, np.int64(3), (3, Ellipsis)])
def test_positions_that_do_not_exist(key):
    with pytest.raises(IndexError, match=r"There is no clip -?\d+ among 3 clips\."):
        check_index(key, 3)


@pytest.mark.parametrize(
    "key",
    [
        True,
        np.True_,
        None,
        1.0,
        "speaker",
        ["a"],
        [0.5],
        [None],
        {0},
        Ellipsis,
        (),
        (0, 1),
        (0, 1, Ellipsis),
        (slice(None), 0),
        np.array(1),
        [[0, 1]],
        np.ones((0, 2)),
        pd.array([True, None, False], dtype="boolean"),
    ],
)
def test_what_is_no_index_is_refused(key):
    with pytest.raises(IndexError, match=r"is no index of clips\. Pass an integer"):
        check_index(key, 3)


def test_a_frozen_array_is_the_array_itself():
    array = np.zeros(2)
    assert frozen(array) is array
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
