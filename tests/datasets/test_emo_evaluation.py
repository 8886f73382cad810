"""The annotations of IEMOCAP: which turn a rating is of, and what is damaged."""

import pytest

from sersk.datasets._emo_evaluation import read_evaluations, read_transcripts

FIRST = (
    "[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 3.0000, 3.5000]",
    "C-E2:\tNeutral;\t()",
    "C-F1:\tSadness;\t(curious)",
    "A-E3:\tval 3; act 2; dom  2;\t()",
    "",
)
HEADER = "[10.0100 - 11.3925]\tSes01F_impro01_M000\tang\t[1.0000, 4.0000, 5.0000]"
RATINGS = ("C-E2:\tAnger;\t()", "C-E3:\tAnger;\t()", "A-E3:\tval 1; act 4; dom  5;\t()")


def read(path, text):
    """Return the votes on each turn, and what was found."""
    path.write_text(text, encoding="utf-8", newline="")
    findings = []
    turns = list(read_evaluations(str(path), findings))
    votes = {evaluation.turn: dict(evaluation.votes) for _, evaluation in turns}
    return votes, [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (" " + HEADER, "neither a turn nor a rating"),
        (HEADER[1:], "neither a turn nor a rating"),
        ("\ufeff" + HEADER, "neither a turn nor a rating"),
        (HEADER[:30], "no header of a turn"),
        ("%" + HEADER, None),
        ("", None),
    ],
)
@pytest.mark.parametrize("gap", [0, 1])
def test_ratings_below_a_damaged_header_are_of_no_turn(tmp_path, header, reason, gap):
    path = tmp_path / "Ses01F_impro01.txt"
    # With and without the blank line that ends the turn before.
    lines = [*FIRST[: len(FIRST) - 1 + gap], header, *RATINGS]
    votes, (finding,) = read(path, "\n".join(lines) + "\n")
    assert votes == {"Ses01F_impro01_F000": {"neutral": 1}}
    assert finding.startswith(f"Left out of {str(path)!r}: line ")
    assert f"line {6 + gap}: 3 ratings of no turn." in finding
    assert (reason is None) or f"line {5 + gap}: {header!r} is {reason}" in finding


def test_a_rating_that_cannot_be_read_ends_its_turn(tmp_path):
    lines = [HEADER, RATINGS[0], "C E3: Anger;", RATINGS[1]]
    votes, (finding,) = read(tmp_path / "a.txt", "\n".join(lines))
    assert votes == {"Ses01F_impro01_M000": {"angry": 1}}
    assert "line 3: 'C E3: Anger;' is neither a turn nor a rating; " in finding
    assert finding.endswith("line 4: 1 rating of no turn.")


def test_ratings_at_the_beginning_of_a_file_are_of_no_turn(tmp_path):
    votes, (finding,) = read(tmp_path / "a.txt", "\n".join([*RATINGS, *FIRST]))
    assert votes == {"Ses01F_impro01_F000": {"neutral": 1}}
    assert "line 1: 3 ratings of no turn." in finding


@pytest.mark.parametrize("again", [RATINGS[0], "C-E2:\tSadness;\t()"])
def test_an_evaluator_counts_once_for_a_turn(tmp_path, again):
    lines = [HEADER, *RATINGS, again, "C-M1:\tAnger;\t()", "C-M1:\tAnger;\t()"]
    votes, (finding,) = read(tmp_path / "a.txt", "\n".join(lines))
    assert votes == {"Ses01F_impro01_M000": {"angry": 2}}
    assert "line 5: 'Ses01F_impro01_M000' has a rating of C-E2 already." in finding


def test_an_evaluator_counts_for_each_turn(tmp_path):
    lines = [*FIRST, HEADER, *RATINGS]
    votes, findings = read(tmp_path / "a.txt", "\n".join(lines))
    assert votes["Ses01F_impro01_M000"] == {"angry": 2}
    assert findings == []


@pytest.mark.parametrize("text", ["", "\n \n", "% [START_TIME - END_TIME]\n\n"])
def test_a_file_that_says_nothing_is_named(tmp_path, text):
    votes, (finding,) = read(tmp_path / "a.txt", text)
    assert votes == {}
    assert finding == f"{str(tmp_path / 'a.txt')!r} names no turn. Download it again."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_may_end_in_any_way(tmp_path, end):
    votes, findings = read(tmp_path / "a.txt", end.join([*FIRST, HEADER, *RATINGS]))
    assert votes == {
        "Ses01F_impro01_F000": {"neutral": 1},
        "Ses01F_impro01_M000": {"angry": 2},
    }
    assert findings == []


def test_of_two_transcripts_of_a_turn_the_first_is_kept_and_the_other_named(tmp_path):
    transcripts, findings = {}, []
    for name, said in (("a.txt", ("Yes.", "Yes.", "No.")), ("b.txt", ("Maybe.",))):
        lines = [f"Ses01F_impro01_F000 [006.2901-008.2357]: {text}" for text in said]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        read_transcripts(str(tmp_path / name), transcripts, findings)
    assert transcripts == {"Ses01F_impro01_F000": "Yes."}
    reason = "'Ses01F_impro01_F000' has another transcript already."
    assert [finding.message for finding in findings] == [
        f"Left out of {str(tmp_path / 'a.txt')!r}: line 3: {reason}",
        f"Left out of {str(tmp_path / 'b.txt')!r}: line 1: {reason}",
    ]
