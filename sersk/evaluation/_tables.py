"""Words in rows and columns as text, Markdown and LaTeX."""

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
