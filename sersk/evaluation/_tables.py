"""Words in rows and columns as text, Markdown and LaTeX."""

import re
from collections.abc import Sequence

import pandas as pd

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
# What Markdown takes for a mark; an underscore only at the edge of a word.
_MARKDOWN = re.compile(r"[\\|*`]|(?<![^\W_])_|_(?![^\W_])")


def text_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return columns that line up, under a title and over notes."""
    rows = _rows(cells)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    parts = [title, rule, lines[0], rule, *lines[1:], rule, *map(_in_one_line, notes)]
    return "\n".join(line.rstrip() for line in parts)


def markdown_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return a table in GitHub's Markdown, under a title and over notes."""
    lines = ["| " + " | ".join(map(_escape, row)) + " |" for row in _rows(cells)]
    lines.insert(1, "|" + " --- |" * len(cells.columns))
    listed = [f"- {_escape(_in_one_line(note))}" for note in notes]
    return "\n".join([f"**{_escape(title)}**", "", *lines, "", *listed])


def latex_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return a table for LaTeX's booktabs, under a title and over notes."""
    head, *rows = (" & ".join(map(_escape_latex, row)) for row in _rows(cells))
    listed = [f"{_escape_latex(_in_one_line(note))}\\\\" for note in notes]
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
    return [[_in_one_line(word) for word in row] for row in rows]


def _in_one_line(words: object) -> str:
    return " ".join(str(words).split())


def _escape_latex(word: str) -> str:
    """Return text that LaTeX prints as it is."""
    return "".join(_LATEX.get(character, character) for character in word)


def _escape(word: str) -> str:
    """Return text that Markdown shows as it is, and that runs no script."""
    return _MARKDOWN.sub(r"\\\g<0>", word).replace("<", "&lt;")
