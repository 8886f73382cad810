"""Tables as text and as Markdown, from frames of words."""

from collections.abc import Sequence

import pandas as pd


def text_table(title: str, cells: pd.DataFrame, notes: Sequence[str]) -> str:
    """Return columns that line up, under a title and over notes."""
    rows = [list(cells.columns), *cells.to_numpy(dtype=str).tolist()]
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
    rows = [list(cells.columns), *cells.to_numpy(dtype=str).tolist()]
    lines = ["| " + " | ".join(map(_escape, row)) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(cells.columns))
    listed = [f"- {note}" for note in notes]
    return "\n".join([f"**{title}**", "", *lines, "", *listed])


def _escape(word: str) -> str:
    return word.replace("|", "\\|")
