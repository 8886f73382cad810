"""Annotations that are not what they should be are named with file and line."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._text import read_numbers, read_table, read_text


@pytest.fixture
def write(tmp_path):
    def write_file(data: str | bytes) -> str:
        path = tmp_path / "labels é.csv"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)

    return write_file


def test_a_table_is_text_by_line(write):
    table = read_table(write("a,b\n1,x\n\n2,\n"), columns=["b"])
    assert table.to_dict("list") == {"a": ["1", "2"], "b": ["x", ""]}
    assert table.index.tolist() == [2, 4]


def test_a_table_without_a_header_has_the_names_that_are_given(write):
    table = read_table(write("1,x\n2,y\n"), columns=["id"], names=["id", "text"])
    assert table.to_dict("list") == {"id": ["1", "2"], "text": ["x", "y"]}
    assert table.index.tolist() == [1, 2]


def test_quoted_line_ends_and_a_byte_order_mark_are_read(write):
    table = read_table(write('\ufeffa,b\n"one\ntwo",x\n3,y\n'), columns=["a"])
    assert table["a"].tolist() == ["one\ntwo", "3"]
    assert table.index.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("a,b\n1,2\n1\n", "line 3: has 1 columns, and not 2"),
        ("a,b\n1,2,3\n", "line 2: has 3 columns, and not 2"),
        ("a,c\n1,2\n", "has no column 'b'. Its columns are 'a', 'c'"),
        ("", "has no column 'b'. Its columns are none"),
        ("b,b\n1,2\n", "has two columns 'b'"),
        ('a,b\n1,"x"y\n', "line 2: is no row of a table"),
        (b"a,b\n1,2\n3,\xe9\n", "line 3: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_table_that_is_none_is_named_with_the_line(write, data, message):
    path = write(data)
    with pytest.raises(ValueError, match=re.escape(f"{path!r}")) as caught:
        read_table(path, columns=["b"])
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.csv' cannot be read: No such file"):
        read_text(tmp_path / "none.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_not_waited_on(tmp_path):
    os.mkfifo(tmp_path / "labels.csv")
    with pytest.raises(ValueError, match="it is no regular file"):
        read_table(tmp_path / "labels.csv", columns=[])
    with pytest.raises(ValueError, match="it is no regular file"):
        read_text(tmp_path)


def test_numbers_are_checked_by_line(write):
    path = write('v\n1.5\n" "\n7\n')
    table = read_table(path, columns=["v"])
    assert read_numbers(table, "v", path, low=1, high=7).dropna().tolist() == [1.5, 7]
    with pytest.raises(ValueError, match=r"line 4: v is '7', which is no number from"):
        read_numbers(table, "v", path, low=1, high=5)


@pytest.mark.parametrize("wrong", ["x", "nan", "inf", "1,5", "0x1"])
def test_what_is_no_number_is_named(write, wrong):
    path = write(f'v\n"{wrong}"\n')
    table = read_table(path, columns=["v"])
    with pytest.raises(ValueError, match="line 2: v is"):
        read_numbers(table, "v", path, low=0, high=9)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_an_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "table.csv"
    path.write_bytes(data)
    try:
        table = read_table(path, columns=[])
    except ValueError as error:
        assert "table.csv" in str(error)  # noqa: PT017 - either is right
    else:
        assert not table.isna().to_numpy().any()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_called_so(write, encoding):
    text = "\ufeffa,b\n1,2\n" if encoding.endswith("be") else "a,b\n1,2\n"
    path = write("")
    with open(path, "wb") as file:
        file.write(text.encode(encoding))
    with pytest.raises(ValueError, match=r"is UTF-16.*iconv -f utf-16 -t utf-8"):
        read_table(path, columns=["a"])


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_guessed(write, separator):
    path = write(f"a{separator}b\n1{separator}2,5\n")
    with pytest.raises(
        ValueError, match=r"line 1: has .* between its columns"
    ) as error:
        read_table(path, columns=[])
    assert f"sep={separator!r}" in str(error.value)
    assert len(read_table(path, columns=["a", "b"], separator=separator)) == 1


def test_a_column_without_a_name_is_called_so(write):
    path = write(",b\nx,1\n")
    table = read_table(path, columns=["b"])
    with pytest.raises(ValueError, match="the column without a name is 'x'"):
        read_numbers(table, "", path, low=1, high=2)
