"""Tables of scores as words, and words as text and Markdown."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sersk.metrics import define_metric

# What stands over each column, where it is taken from, and how it is written.
_COLUMNS = {
    "pipeline": ("pipeline", "{}"),
    "UA": ("unweighted_accuracy", "{:.3f}"),
    "UA by speaker": ("by_speaker", "{}"),
    "WA": ("weighted_accuracy", "{:.3f}"),
    "F1": ("macro_f1", "{:.3f}"),
    "chance": ("chance", "{:.3f}"),
    "n": ("n", "{:.0f}"),
    "extractions/clip": ("extractions_per_clip", "{:.3g}"),
    "seconds": ("seconds", "{:.1f}"),
    "protocol": ("protocol", "{}"),
}

_DEFINITIONS = {
    "UA": define_metric("UA") + ", pooled over test clips",
    "UA by speaker": "mean ± standard deviation over speakers of each speaker's UA, "
    "over the classes that the speaker has",
    "WA": define_metric("WA") + ", pooled",
    "F1": define_metric("F1") + ", pooled",
    "chance": "UA of a constant answer; the most frequent class has WA {majority:.3f}",
    "n": "clips tested",
    "extractions/clip": "how often features were computed; 0 if they were in the store",
    "seconds": "for extracting, and for fitting and predicting, summed over folds",
}
_TRANSDUCTIVE = "features were normalised by speaker over the clips being tested"

# What LaTeX takes for a command, or prints as another character.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",
    "*": "{*}",
    "±": r"$\pm$",
}


def describe_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the table of scores, as words."""
    shown = scores.assign(protocol=scores["protocol"] + _normalisations(scores))
    if "speaker_mean" in scores:
        shown["by_speaker"] = _with_spread(
            scores["speaker_mean"], scores["speaker_std"]
        )
    return pd.DataFrame(
        {
            title: [_cell(value, pattern) for value in shown[column]]
            for title, (column, pattern) in _COLUMNS.items()
            if column in shown
        }
    )


def define_columns(scores: pd.DataFrame) -> list[str]:
    """Return a line for each column of the table of scores that needs one."""
    shown = describe_scores(scores).columns
    definitions = {name: text for name, text in _DEFINITIONS.items() if name in shown}
    if scores["transductive"].any():
        definitions["transductive"] = _TRANSDUCTIVE
    majority = scores["majority"].max()
    return [
        f"{name}: {text.format(majority=majority)}"
        for name, text in definitions.items()
    ]


def _normalisations(scores: pd.DataFrame) -> pd.Series:
    """Return what is to be added to the protocol of each system."""
    notes = scores["transductive"].map({True: "transductive", False: ""})
    if "normalisation" in scores:
        notes = notes.where(scores["transductive"], scores["normalisation"])
    return notes.map(lambda note: f", {note}" if note else "")


def _cell(value: Any, pattern: str) -> str:
    """Write a value; a system that failed has none."""
    return "-" if pd.isna(value) else pattern.format(value)


def _with_spread(means: pd.Series, deviations: pd.Series) -> list[str]:
    """Write means with deviations, which there are none of with one speaker."""
    return [
        _cell(mean, "{:.3f}") + ("" if pd.isna(spread) else f" ± {spread:.3f}")
        for mean, spread in zip(means, deviations, strict=True)
    ]


def text_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return columns that line up, under a title and over notes."""
    rows = _rows(cells)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    parts = [title, rule, lines[0], rule, *lines[1:], rule, *notes]
    return "\n".join(line.rstrip() for line in parts)


def markdown_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return a table in GitHub's Markdown, under a title and over notes."""
    lines = ["| " + " | ".join(map(_escape, row)) + " |" for row in _rows(cells)]
    lines.insert(1, "|" + " --- |" * len(cells.columns))
    listed = [f"- {note}" for note in notes]
    return "\n".join([f"**{title}**", "", *lines, "", *listed])


def latex_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return a table for LaTeX's booktabs, under a title and over notes."""
    head, *rows = (" & ".join(map(_escape_latex, row)) for row in _rows(cells))
    listed = [f"{_escape_latex(' '.join(note.split()))}\\\\" for note in notes]
    lines = [
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{_escape_latex(title)}}}",
        f"\\begin{{tabular}}{{{'l' * len(cells.columns)}}}",
        "\\toprule",
        f"{head} \\\\",
        "\\midrule",
        *(f"{row} \\\\" for row in rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    if listed:
        lines += ["", "\\smallskip", "\\raggedright\\footnotesize", *listed]
    return "\n".join([*lines, "\\end{table}"])


def _rows(cells: pd.DataFrame) -> list[list[str]]:
    """Return the head and the rows; each word stays on its line."""
    rows = [list(cells.columns), *cells.to_numpy().tolist()]
    return [[" ".join(str(word).split()) for word in row] for row in rows]


def _escape_latex(word: str) -> str:
    """Return text that LaTeX prints as it is."""
    return "".join(_LATEX.get(character, character) for character in word)


def _escape(word: str) -> str:
    return word.replace("|", "\\|")
