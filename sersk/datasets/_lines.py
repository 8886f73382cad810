"""What the lines of an annotation have in common: a number, and copies."""

import os
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import pandas as pd

from sersk.datasets._finding import Finding

_MOST_NAMED = 5


@dataclass(frozen=True)
class Source:
    """What an annotation is called, and what is counted in it."""

    name: str
    unit: str = "line"

    def at(self, number: Hashable) -> str:
        """Name a line, at the start of a message."""
        return f"{self.name!r}, {self.unit} {number}"


def _as_source(path: str | PathLike | Source) -> Source:
    return path if isinstance(path, Source) else Source(os.fspath(path))


def report_lines(
    path: str | PathLike | Source,
    lines: Sequence[tuple[int, str]],
    check: str = "annotation",
) -> list[Finding]:
    """Return a finding that names the lines of a file and why they are left out."""
    if not lines:
        return []
    source = _as_source(path)
    unit = source.unit
    named = "; ".join(
        f"{unit} {line}: {reason}" for line, reason in lines[:_MOST_NAMED]
    )
    others = len(lines) - _MOST_NAMED
    more = f"; and {others} more {unit}{'s' * (others != 1)}" if others > 0 else ""
    message = f"Left out of {source.name!r}: {named}{more}."
    return [Finding(check, message, (source.name,))]


def leave_out(
    table: pd.DataFrame,
    wrong: pd.Series,
    reasons: Iterable[str],
    path: str | PathLike | Source,
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
    path: str | PathLike | Source,
    findings: list[Finding],
) -> pd.DataFrame:
    """Drop lines that say the same twice; raise where two lines differ on one key."""
    source = _as_source(path)
    again = table.duplicated(key)
    if not again.any():
        return table
    differs = again & ~_hashable(table).duplicated()
    if differs.any():
        line = table.index[differs][0]
        # Two missing ends are the same one.
        group = table.groupby(key, dropna=False, sort=False).ngroup()
        same = group == group[line]
        named = ", ".join(repr(str(value)) for value in table.loc[line, key])
        raise ValueError(
            f"{source.at(line)}: {named} is in {source.unit} "
            f"{table.index[same][0]} already, with other content. Remove one of the "
            "two."
        )
    reason = f"a copy of a {source.unit} before"
    lines = [(int(line), reason) for line in table.index[again]]
    findings += report_lines(source, lines, "copy")
    return table[~again]


def _hashable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that can be compared, whatever its cells hold."""
    table = table.copy()
    for column in table:
        if table[column].dtype == object:
            table[column] = table[column].map(_as_hashable)
    return table


def _as_hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value
