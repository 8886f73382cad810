"""Tables of users that were not made as was meant: each fault is named."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersk.datasets import MultiLabelScheme
from sersk.datasets._table import load_table
from sersk.utils import CorpusWarning

FILES = ["a1.wav", "a2.wav", "b1.wav"]


@pytest.fixture
def root(tmp_path):
    for file in FILES:
        (tmp_path / file).touch()
    return tmp_path


def table(**columns):
    known = {
        "file": FILES,
        "emotion": ["sad", "happy", "sad"],
        "speaker": ["anna", "anna", "bob"],
    }
    return pd.DataFrame(known | columns)


def with_cell(column, value):
    values = table().assign(start=0.0, arousal=1.0)[column].astype(object)
    values[1] = value
    return table(**{column: values})


def load(*args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_table(*args, **options)


def warned(*args, **options):
    """Return the messages of a load that is not without a warning."""
    with pytest.warns(CorpusWarning):
        return load_table(*args, **options).problems


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"root": 5}, TypeError, "root must be the path"),
        ({"root": ["x"]}, TypeError, "root must be the path"),
        ({"root": "/nowhere"}, ValueError, "root='/nowhere' does not exist"),
        ({"root": __file__}, ValueError, "is not a folder"),
        ({"name": 5}, TypeError, "name must be the name"),
        ({"name": ""}, ValueError, "name='' is empty"),
        ({"columns": ["emotion"]}, TypeError, "columns must map"),
        ({"columns": "emotion"}, TypeError, "columns must map"),
        ({"columns": {"emotion": ["x"]}}, TypeError, "columns must map"),
        ({"columns": {5: "emotion"}}, TypeError, "columns must map"),
        (
            {"columns": {"emotion": "speaker", "speaker": "speaker"}},
            ValueError,
            "takes one column, 'speaker', for 'emotion' and 'speaker'",
        ),
        ({"allow_outside": "no"}, TypeError, "allow_outside must be True or False"),
        ({"sampling_rate": "x"}, TypeError, "sampling_rate must be"),
    ],
)
def test_parameters_are_checked(root, options, error, match):
    with pytest.raises(error, match=match):
        load_table(table(), **{"root": root} | options)


def test_columns_the_other_way_round_are_noticed(root):
    mine = table().rename(columns={"emotion": "majority"})
    columns = {"majority": "emotion"}
    with pytest.raises(ValueError, match="the other way round") as caught:
        load_table(mine, root, columns=columns)
    assert "columns={'emotion': 'majority'}" in str(caught.value)
    assert len(load(mine, root, columns={"emotion": "majority"})) == 3


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("file", 5, "file is 5, which is no path"),
        ("file", ["a1.wav"], r"file is \['a1.wav'\], which is no path"),
        ("emotion", ["sad"], r"emotion is \['sad'\], which is no name"),
        ("emotion", b"sad", "emotion is b'sad', which is no name"),
        ("emotion", "s\udcff", r"emotion is 's.udcff', which is no name"),
        ("speaker", {"a": 1}, "speaker is .*, which is no name"),
        ("speaker", "s\udcff", "speaker is .*, which is no name"),
        ("start", [1], r"start is \[1\], which is no number"),
        ("arousal", "much", "arousal is 'much', which is no number"),
        ("arousal", [1, 2], "arousal is .*, which is no number"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named_with_its_row(root, column, value, match):
    with pytest.raises(ValueError, match=f"'table', row 1: {match}"):
        load_table(with_cell(column, value), root)


@pytest.mark.parametrize("value", [pd.NaT, None, np.nan, ""])
@pytest.mark.parametrize("column", ["start", "arousal"])
def test_nothing_is_no_number_and_no_fault(root, column, value):
    values = pd.Series([value] * 3, dtype=object)
    assert len(load(table(**{column: values}), root)) == 3


@pytest.mark.parametrize("votes", [0.5, -1, "x", np.inf, 1e300])
def test_votes_are_whole_numbers(root, votes):
    values = pd.Series([1, 2, votes], dtype=object)
    with pytest.raises(ValueError, match=r"'table', row 2: votes_sad is .* no number"):
        load_table(table(votes_sad=values), root)


def test_votes_may_be_missing(root):
    corpus = load(table(votes_sad=["1", None, "2.0"], votes_happy=[0, 3, 1]), root)
    assert corpus.votes["sad"].tolist() == [1, 0, 2]
    assert corpus.frame["votes_happy"].dtype == np.int64


def test_what_a_scheme_makes_numbers_of_must_be_numbers(root):
    scheme = MultiLabelScheme("m", ("joy", "pain"))
    faulty = table(joy=[1, 0, 1], pain=["1", "0", "x"])
    with pytest.raises(ValueError, match="row 2: pain is 'x', which is no number"):
        load_table(faulty, root, scheme=scheme)
    corpus = load(table(joy=[1, 0, 1], pain=["1", "0", "1"]), root, scheme=scheme)
    assert corpus.target.tolist() == [[1, 1], [0, 0], [1, 1]]


def test_lists_in_other_columns_are_compared_too(root):
    mine = table(take=[[1], [2], [3]])
    assert len(load(mine, root)) == 3
    twice = pd.concat([mine, mine.iloc[[0]]])
    assert "row 3: a copy of a row before" in warned(twice, root)[0]
    twice.iloc[3, twice.columns.get_loc("take")] = [5]
    with pytest.raises(ValueError, match=r"row 3: .* is in row 0 already"):
        load_table(twice, root)


def test_two_columns_of_labels_must_agree_or_be_chosen(root):
    assert len(load(table(label=["sad ", "happy", "sad"]), root)) == 3
    mine = table(label=["sad", "joy", "sad"])
    with pytest.raises(
        ValueError, match="row 1: emotion and label differ, 'happy' and"
    ):
        load_table(mine, root)
    for column in ("emotion", "label"):
        corpus = load(mine, root, columns={"emotion": column})
        assert corpus.frame["label"].tolist() == mine[column].tolist()
    corpus = load(mine, root, columns={"label": "label"})
    assert corpus.frame["label"].tolist() == mine["label"].tolist()


def test_a_column_may_not_be_an_index_too(root):
    mine = table().set_index("file", drop=False)
    with pytest.raises(ValueError, match="'file' both as index and as column"):
        load_table(mine, root)
    assert len(load(table().set_index("file"), root)) == 3


@pytest.mark.parametrize("empty", [table().iloc[:0], "file,emotion\n"])
def test_a_table_without_rows_is_an_error(root, empty):
    if isinstance(empty, str):
        path = root / "empty.csv"
        path.write_text(empty, encoding="utf-8")
        empty = path
    with pytest.raises(ValueError, match=r"has no (row|line) below its header"):
        load_table(empty, root)


@pytest.mark.skipif(os.sep == "\\", reason="such paths are usual there")
def test_paths_of_windows_are_noticed(root):
    files = ["a1.wav", "a2.wav", "sub\\b1.wav"]
    (problem,) = warned(table(file=files), root)
    assert "row 2: 'sub\\\\b1.wav' is not there (a path of Windows" in problem
    files = [f"sub\\{file}" for file in FILES]
    with pytest.raises(
        ValueError, match=r"none of them .* replace its backslashes by /"
    ):
        load_table(table(file=files), root)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_another_separator_is_guessed(root, separator):
    path = root / "mine.csv"
    table().to_csv(path, sep=separator, index=False)
    with pytest.raises(
        ValueError, match=r"line 1: has .* between its columns, and not"
    ):
        load_table(path)


def test_blanks_and_codes_make_no_other_name(root):
    mine = table(
        emotion=["sad", "happy", " sad"], speaker=["zo\xeb", "zoe\u0308 ", "zo\xeb"]
    )
    corpus = load(mine, root)
    assert corpus.target.tolist() == ["sad", "happy", "sad"]
    assert corpus.clips.speaker.tolist() == ["zo\xeb"] * 3


def test_names_that_differ_in_case_are_reported(root):
    mine = table(emotion=["sad", "Sad", "happy"], speaker=["anna", "Anna", "bob"])
    labels, speakers = warned(mine, root)
    assert "Every label" in labels
    assert "'Sad' and 'sad'" in labels
    assert "'Anna' and 'anna'" in speakers


def test_an_utterance_that_names_two_clips_is_reported(root):
    (problem,) = warned(table(utterance=["u", "u", "v"]), root)
    assert problem == "One utterance names several clips: 'u' 2."
    corpus = load(table(utterance=["u", None, "v"]), root)
    assert corpus.frame["utterance"].tolist() == ["u", "a2.wav", "v"]


def test_parts_that_differ_in_the_last_digit_have_names_of_their_own(root):
    mine = table(file=["a1.wav"] * 3, start=[1000.001, 1000.002, 0], end=[2000] * 3)
    assert load(mine, root).frame["utterance"].is_unique


def test_rows_are_counted_as_rows_and_lines_as_lines(root):
    mine = table(emotion=["sad", None, "happy"])
    assert "row 1: 'a2.wav' has no label" in warned(mine, root)[0]
    path = Path(root) / "mine.csv"
    mine.to_csv(path, index=False)
    assert "line 3: 'a2.wav' has no label" in warned(path)[0]
