"""The table of CMU-MOSEI: which file it is, and what its lines say."""

import os
import sys

import numpy as np
import pytest

from sersk.datasets._mosei_table import find_table, read_labels

HEADER = "video,clip,start,end,sentiment,happy,sad,anger,surprise,disgust,fear,split"
LINES = (
    "-3g5yACwYnA,2,1.5,4.5,1.0,2.0,0,0,0,0,0,train",
    "zvZd3V5D5Ik,1,0,2.5,-2.0,0,0.5,1.0,0,0,0,test",
)


def write(root, *lines, header=HEADER, name="labels.csv", encoding="utf-8"):
    path = root / name
    path.write_bytes(("\n".join([header, *lines]) + "\n").encode(encoding))
    return path


def find(root):
    findings = []
    path = find_table(str(root), findings)
    return path, [finding.message for finding in findings]


def read(path):
    findings = []
    table = read_labels(str(path), findings)
    return table, [finding.message for finding in findings]


def change(line, **cells):
    """Return a line with other cells, by the names of the columns."""
    row = dict(zip(HEADER.split(","), line.split(","), strict=True))
    return ",".join((row | cells).values())


def without(column, *lines):
    at = HEADER.split(",").index(column)
    rows = [line.split(",") for line in (HEADER, *lines)]
    return [",".join(row[:at] + row[at + 1 :]) for row in rows]


@pytest.mark.parametrize(
    ("lines", "encoding", "expected"),
    [
        ([HEADER.replace(",", ";")], "utf-8", "has ';' between its columns"),
        ([HEADER.replace(",", "\t")], "utf-8", r"has '\t' between its columns"),
        ([HEADER], "utf-16", "is UTF-16: it begins with 'video,clip,start,end,"),
        ([HEADER], "utf-16-be", "is UTF-16: "),
        ([LINES[0]], "utf-8", f"or no header: it begins with {LINES[0]!r}"),
        ([HEADER.replace(",fear", "")], "utf-8", "has no fear: it begins with 'video"),
        (["x" * 500], "utf-8", f"it begins with {'x' * 200!r}...."),
        ([""], "utf-8", "is empty"),
    ],
)
def test_a_table_that_cannot_be_used_is_described(tmp_path, lines, encoding, expected):
    path = write(tmp_path, *lines[1:], header=lines[0], encoding=encoding)
    found, (finding,) = find(tmp_path)
    assert found is None
    assert finding.startswith(repr(str(path)))
    assert expected in finding


def test_what_is_no_table_does_not_matter_beside_one_that_is(tmp_path):
    path = write(tmp_path, *LINES)
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe\0")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    assert find(tmp_path) == (str(path), [])


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_what_is_no_file_is_not_opened(tmp_path):
    path = write(tmp_path, *LINES)
    (tmp_path / "broken.csv").symlink_to(tmp_path / "nowhere")
    # Whoever opens it waits for ever.
    os.mkfifo(tmp_path / "pipe.csv")
    found, findings = find(tmp_path)
    assert found == str(path)
    broken, pipe = map(str, (tmp_path / "broken.csv", tmp_path / "pipe.csv"))
    assert findings == [
        f"{broken!r} cannot be read: No such file or directory.",
        f"{pipe!r} cannot be read: It is no regular file.",
    ]


def test_a_link_to_a_table_is_one(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.csv").symlink_to(write(tmp_path / "elsewhere", *LINES))
    assert find(tmp_path / "root") == (str(tmp_path / "root" / "a.csv"), [])


def test_empty_lines_before_the_header_are_passed_over(tmp_path):
    path = write(tmp_path, HEADER, *LINES, header="\n")
    assert find(tmp_path) == (str(path), [])
    assert len(read(path)[0]) == 2


@pytest.mark.parametrize("clip", ["02", "2.0", "2."])
def test_equal_numbers_of_a_clip_are_one_key(tmp_path, clip):
    path = write(tmp_path, *LINES, change(LINES[0], clip=clip))
    table, (finding,) = read(path)
    assert table["utterance"].tolist() == ["-3g5yACwYnA[2]", "zvZd3V5D5Ik[1]"]
    assert "line 4: a copy of a line before" in finding
    path = write(tmp_path, *LINES, change(LINES[0], clip=clip, sad="1"))
    with pytest.raises(ValueError, match=r"line 4: '-3g5yACwYnA', '2' is in line 2"):
        read(path)


def test_equal_times_are_one_key_and_equal_values_no_other_content(tmp_path):
    again = change(
        LINES[1], start="0.0", end="2.50", sad=".5", fear="0.0", split="Test"
    )
    header, *lines = without("clip", *LINES, again)
    table, (finding,) = read(write(tmp_path, *lines, header=header))
    assert table["utterance"].tolist() == ["-3g5yACwYnA[0]", "zvZd3V5D5Ik[0]"]
    assert "line 4: a copy of a line before" in finding
    header, *lines = without("clip", *LINES, change(again, fear="1"))
    with pytest.raises(ValueError, match=r"4: 'zvZd3V5D5Ik', '0.0', '2.5' is in line"):
        read(write(tmp_path, *lines, header=header))


@pytest.mark.parametrize("value", ["nan", "NaN", "", " ", "None", "N/A"])
@pytest.mark.parametrize("column", ["happy", "sentiment"])
def test_a_word_for_nothing_is_a_missing_value(tmp_path, column, value):
    path = write(tmp_path, *LINES, change(LINES[0], clip="9", **{column: value}))
    table, (finding,) = read(path)
    assert len(table) == 2
    assert finding == f"Left out of {str(path)!r}: line 4: a value is missing."


@pytest.mark.parametrize("value", ["inf", "1,5", "much"])
def test_other_words_are_errors(tmp_path, value):
    cell = f'"{value}"'
    path = write(tmp_path, *LINES, change(LINES[0], clip="9", happy=cell))
    with pytest.raises(ValueError, match=rf"line 4: happy is '{value}'"):
        read(path)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"sentiment": ""}, "a value is missing"),
        ({"start": "5"}, "5 s to 4.5 s is no part"),
        ({"end": "nan"}, "1.5 s to nan s is no part"),
        ({"video": ""}, "'' is no video"),
        ({"clip": "two"}, "'two' is no number of a clip"),
    ],
)
def test_a_table_of_which_no_line_can_be_used_is_empty_and_says_why(
    tmp_path, cells, reason
):
    path = write(tmp_path, change(LINES[0], **cells))
    table, findings = read(path)
    assert table.empty
    assert findings == [f"Left out of {str(path)!r}: line 2: {reason}."]


def test_a_header_alone_is_named(tmp_path):
    path = write(tmp_path)
    table, findings = read(path)
    assert table.empty
    assert findings == [f"{str(path)!r} has no line below its header."]


def test_the_label_is_that_of_the_one_emotion(tmp_path):
    neutral = change(LINES[0], clip="3", happy="0")
    table, findings = read(write(tmp_path, *LINES, neutral))
    assert table["label"].tolist() == ["happy", "several", "neutral"]
    assert table["speaker"].tolist() == ["-3g5yACwYnA", "zvZd3V5D5Ik", "-3g5yACwYnA"]
    assert table["happy"].dtype == np.float64
    assert findings == []
