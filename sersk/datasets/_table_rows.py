"""The rows of a user's table, with columns under our names."""

import os
from collections.abc import Mapping
from os import PathLike
from typing import Any

import pandas as pd

from sersk.datasets._lines import Source
from sersk.datasets._text import read_table

_EXAMPLE = "columns={'file': ..., 'emotion': ..., 'speaker': ...}"


def source_of(table: Any) -> Source:
    """Return what messages call the table, and what they count."""
    if isinstance(table, pd.DataFrame):
        return Source("table", "row")
    if not isinstance(table, (str, PathLike)):
        raise TypeError(
            f"table must be the path of a csv file or a DataFrame, got {table!r}."
        )
    return Source(os.path.expanduser(os.fsdecode(table)))


def read_rows(
    table: str | PathLike | pd.DataFrame, columns: Mapping[str, str], source: Source
) -> pd.DataFrame:
    """Return the rows; the index is the number of each line, or of each row."""
    if isinstance(table, pd.DataFrame):
        frame = _with_index(table).reset_index(drop=True)
        frame.columns = [str(column) for column in frame.columns]
    else:
        frame = read_table(source.name, columns=[])
        frame = frame.apply(lambda column: column.str.strip())
    frame = _rename(frame, columns, source)
    if frame.empty:
        raise ValueError(f"{source.name!r} has no {source.unit} below its header.")
    return frame


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the index of audformat as columns."""
    if "file" not in table.index.names:
        return table
    twice = [name for name in table.index.names if name in table.columns]
    if twice:
        raise ValueError(
            f"table has {twice[0]!r} both as index and as column. Drop one: "
            "table.reset_index(drop=True)."
        )
    return table.reset_index()


def check_columns(columns: Any) -> dict[str, str]:
    """Return which column is meant by each of ours, or say how to tell."""
    if columns is None:
        return {}
    if not isinstance(columns, Mapping) or not all(
        isinstance(name, str) for pair in columns.items() for name in pair
    ):
        raise TypeError(
            "columns must map our names to those of the table, all str, such as "
            f"{{'emotion': 'majority'}}, got {columns!r}."
        )
    theirs = list(columns.values())
    twice = [ours for ours in columns if theirs.count(columns[ours]) > 1]
    if twice:
        raise ValueError(
            f"columns={columns!r} takes one column, {columns[twice[0]]!r}, for "
            f"{' and '.join(map(repr, twice))}. Name another one for each."
        )
    return dict(columns)


def _rename(
    frame: pd.DataFrame, columns: Mapping[str, str], source: Source
) -> pd.DataFrame:
    """Give the columns our names; one that is named expressly goes before another."""
    missing = [theirs for theirs in columns.values() if theirs not in frame]
    if "file" not in columns and "file" not in frame:
        missing.append("file")
    if missing:
        raise ValueError(
            f"{source.name!r} has no column {', '.join(map(repr, missing))}. It has "
            f"{', '.join(map(repr, frame.columns)) or 'none'}. "
            f"{_advice(frame, columns)}"
        )
    chosen = {ours: frame[theirs] for ours, theirs in columns.items()}
    rest = frame.drop(columns=[*columns.values(), *columns], errors="ignore")
    frame = rest.assign(**chosen)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"{source.name!r} has two columns {twice[0]!r}. Rename one.")
    return frame


def _advice(frame: pd.DataFrame, columns: Mapping[str, str]) -> str:
    turned = {
        theirs: ours
        for ours, theirs in columns.items()
        if ours in frame and theirs not in frame
    }
    if turned:
        return (
            "columns= goes from our name to that of the table, the other way round "
            f"than DataFrame.rename: columns={turned!r}."
        )
    return f"Name those that are meant with {_EXAMPLE}."
