import re

import numpy as np
import pandas as pd
import pytest

from sersk.evaluation._columns import define_columns, describe_scores
from sersk.evaluation._tables import latex_table, markdown_table, text_table

CELLS = pd.DataFrame(
    {"pipeline": ["a", "long name"], "UA": ["0.5", "0.25"], "protocol": ["x", "y y"]}
)
SCORES = pd.DataFrame(
    {
        "corpus": "toy",
        "protocol": "LeaveOneSpeakerOut, 3 folds",
        "pipeline": ["plain", "by speaker"],
        "transductive": [False, True],
        "extractions_per_clip": [1.0, 1 / 3],
        "seconds": [12.345, 0.04],
        "n": [12, 12],
        "unweighted_accuracy": [0.66666, 0.5],
        "weighted_accuracy": [0.75, 0.5],
        "macro_f1": [0.7, 0.1],
        "chance": 0.5,
        "majority": 0.58333,
        "speaker_mean": [0.6, 0.4],
        "speaker_std": [0.05, np.nan],
    }
)


def test_text_lines_up():
    assert text_table("Title", CELLS, ["UA: a note"]).splitlines() == [
        "Title",
        "-------------------------",
        "pipeline   UA    protocol",
        "-------------------------",
        "a          0.5   x",
        "long name  0.25  y y",
        "-------------------------",
        "UA: a note",
    ]


def test_markdown_is_a_table():
    assert markdown_table(
        "Title", CELLS, ["UA: a note", "n: another"]
    ).splitlines() == [
        "**Title**",
        "",
        "| pipeline | UA | protocol |",
        "| --- | --- | --- |",
        "| a | 0.5 | x |",
        "| long name | 0.25 | y y |",
        "",
        "- UA: a note",
        "- n: another",
    ]


@pytest.mark.parametrize("name", ["a|b", "a\nb", "a|\n|b"])
def test_no_name_breaks_a_table(name):
    cells = CELLS.assign(pipeline=[name, "c"])
    lines = markdown_table("Title", cells, []).strip().splitlines()[2:]
    assert len(lines) == 4
    # A bar that stands for itself has a backslash before it.
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}
    assert len(text_table("Title", cells, []).splitlines()) == 7


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("level_only", "level_only"),
        ("_private_ and __both__", r"\_private\_ and \_\_both\_\_"),
        ("a*b*`c`", r"a\*b\*\`c\`"),
        ("back\\slash", r"back\\slash"),
        ("悲しい & wütend", "悲しい & wütend"),
    ],
)
def test_markdown_shows_names_as_they_are(name, expected):
    table = markdown_table(
        name, CELLS.assign(pipeline=[name, "c"]), [f"failed: {name}"]
    )
    lines = table.splitlines()
    assert lines[0] == f"**{expected}**"
    assert lines[4].startswith(f"| {expected} |")
    assert lines[-1] == f"- failed: {expected}"


def test_an_error_of_several_lines_stays_one_note():
    note = "failed: mine\n  Traceback\n- no item"
    told = "failed: mine Traceback - no item"
    assert text_table("Title", CELLS, [note]).splitlines()[-1] == told
    assert markdown_table("Title", CELLS, [note]).splitlines()[-1] == f"- {told}"


def test_scores_become_words():
    words = describe_scores(SCORES)
    assert words.to_dict("list") == {
        "pipeline": ["plain", "by speaker"],
        "UA": ["0.667", "0.500"],
        "UA by speaker": ["0.600 ± 0.050", "0.400"],
        "WA": ["0.750", "0.500"],
        "F1": ["0.700", "0.100"],
        "chance": ["0.500", "0.500"],
        "n": ["12", "12"],
        "extractions/clip": ["1", "0.333"],
        "seconds": ["12.3", "0.0"],
        "protocol": [
            "LeaveOneSpeakerOut, 3 folds",
            "LeaveOneSpeakerOut, 3 folds, transductive",
        ],
    }


def test_every_column_is_defined():
    definitions = dict(line.split(": ", 1) for line in define_columns(SCORES))
    undefined = {"pipeline", "protocol"}
    assert set(definitions) == {
        *set(describe_scores(SCORES).columns) - undefined,
        "transductive",
    }
    assert "WA 0.583" in definitions["chance"]


def test_what_is_not_there_is_neither_shown_nor_defined():
    lacking = ["speaker_mean", "speaker_std", "extractions_per_clip", "seconds"]
    scores = SCORES[:1].drop(columns=lacking)
    assert list(describe_scores(scores)) == [
        "pipeline",
        "UA",
        "WA",
        "F1",
        "chance",
        "n",
        "protocol",
    ]
    defined = [line.split(":")[0] for line in define_columns(scores)]
    assert defined == ["UA", "WA", "F1", "chance", "n"]


def test_latex_is_a_table_of_booktabs():
    assert latex_table("Title", CELLS, ["UA: a note", "n: another"]).splitlines() == [
        r"\begin{table}",
        r"\centering",
        r"\caption{Title}",
        r"\begin{tabular}{lll}",
        r"\toprule",
        r"pipeline & UA & protocol \\",
        r"\midrule",
        r"a & 0.5 & x \\",
        r"long name & 0.25 & y y \\",
        r"\bottomrule",
        r"\end{tabular}",
        "",
        r"\smallskip",
        r"\raggedright\footnotesize",
        r"UA: a note\\",
        r"n: another\\",
        r"\end{table}",
    ]


def test_latex_prints_names_as_they_are():
    cells = pd.DataFrame({"100 %": [r"a_b & {c} \d", "[x] 0.5 ± 0.1 #1\n$5 ~^<|>"]})
    lines = latex_table("50 % of f_0", cells, []).splitlines()
    assert lines[2] == r"\caption{50 \% of f\_0}"
    assert lines[5] == r"100 \% \\"
    assert lines[7] == r"a\_b \& \{c\} \textbackslash{}d \\"
    assert lines[8] == (
        r"{[}x] 0.5 $\pm$ 0.1 \#1 \$5 \textasciitilde{}\textasciicircum{}"
        r"\textless{}\textbar{}\textgreater{} \\"
    )
    # No notes, no empty paragraph for them.
    assert lines[-2:] == [r"\end{tabular}", r"\end{table}"]
