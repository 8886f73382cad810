"""What the lines of an annotation have in common: a number, and copies."""

import os
from collections.abc import Iterable, Sequence
from os import PathLike

import pandas as pd

from sersk.datasets._finding import Finding

_MOST_NAMED = 5


def report_lines(
    path: str | PathLike, lines: Sequence[tuple[int, str]], check: str = "annotation"
) -> list[Finding]:
    """Return a finding that names the lines of a file and why they are left out."""
    if not lines:
        return []
    named = "; ".join(f"line {line}: {reason}" for line, reason in lines[:_MOST_NAMED])
    others = len(lines) - _MOST_NAMED
    more = f"; and {others} more line{'s' * (others != 1)}" if others > 0 else ""
    message = f"Left out of {os.fspath(path)!r}: {named}{more}."
    return [Finding(check, message, (os.fspath(path),))]


def leave_out(
    table: pd.DataFrame,
    wrong: pd.Series,
    reasons: Iterable[str],
    path: str | PathLike,
    findings: list[Finding],
) -> pd.DataFrame:
    """Return the rows that are not wrong, and report the others with their reasons.

    The index of the table holds the number of each line.
    """
    numbers = map(int, table.index[wrong])
    lines = list(zip(numbers, reasons, strict=True))
    findings += report_lines(path, lines)
    return table[~wrong] if lines else table


def without_copies(
    table: pd.DataFrame,
    key: list[str],
    path: str | PathLike,
    findings: list[Finding],
) -> pd.DataFrame:
    """Drop lines that say the same twice; raise where two lines differ on one key."""
    again = table.duplicated(key)
    if not again.any():
        return table
    differs = again & ~table.duplicated()
    if differs.any():
        line = table.index[differs][0]
        # Two missing ends are the same one.
        group = table.groupby(key, dropna=False, sort=False).ngroup()
        same = group == group[line]
        named = ", ".join(repr(str(value)) for value in table.loc[line, key])
        raise ValueError(
            f"{os.fspath(path)!r}, line {line}: {named} is in line "
            f"{table.index[same][0]} already, with other content. Remove one of the "
            "two."
        )
    lines = [(int(line), "a copy of a line before") for line in table.index[again]]
    findings += report_lines(path, lines, "copy")
    return table[~again]
