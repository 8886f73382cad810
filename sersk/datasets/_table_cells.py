"""What stands in a user's table: files, times, numbers and names."""

import os
from collections.abc import Collection, Iterable
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from sersk.datasets._corpus_checks import NUMBERS
from sersk.datasets._lines import Source
from sersk.datasets._names import clean_name, is_text
from sersk.datasets._votes import VOTES

PARTS = ("file", "start", "end")
_NOTHING = ("", "nan", "nat", "none", "<na>", "null")
_MOST_VOTES = 2**31


def with_values(
    frame: pd.DataFrame, source: Source, numbers: Collection[str]
) -> pd.DataFrame:
    """Return the table with paths as text, times in seconds, and numbers as numbers."""
    frame = frame.assign(
        file=_files(frame["file"], source),
        start=_seconds(frame, "start", source).fillna(0.0),
        end=_seconds(frame, "end", source),
    )
    wrong = (frame["start"] < 0) | (frame["end"] <= frame["start"])
    if wrong.any():
        line = frame.index[wrong][0]
        start, end = frame.loc[line, "start"], frame.loc[line, "end"]
        raise ValueError(
            f"{source.at(line)}: {start:g} s to {end:g} s is no part of a file. "
            "Correct start and end, which are in seconds."
        )
    for column in map(str, frame):
        if column.startswith(VOTES):
            frame[column] = _counts(frame[column], source)
        elif column in NUMBERS or column in numbers:
            frame[column] = _numbers(frame[column], source)
    return frame


def names_in(frame: pd.DataFrame, column: str, source: Source) -> pd.Series:
    """Return a column of names as they are meant, and None where there is none."""
    names: list[str | None] = []
    for line, value in frame[column].items():
        name = clean_name(str(value)) if _is_name(value) else None
        if name is None or not is_text(name):
            raise ValueError(
                f"{source.at(line)}: {column} is {value!r}, which is no name. "
                f"Correct the {source.unit}."
            )
        names.append(None if name.lower() in _NOTHING else name)
    return as_objects(names, frame)


def parts_of(frame: pd.DataFrame) -> pd.Series:
    """Name each clip by its file as the table has it, and the times of a part."""
    names = [
        file if start == 0 and np.isnan(end) else f"{file}[{_text(start)}-{_text(end)}]"
        for file, start, end in frame[list(PARTS)].itertuples(index=False)
    ]
    return as_objects(names, frame)


def as_objects(texts: Iterable[Any], frame: pd.DataFrame) -> pd.Series:
    """Return a column of any text; pandas' own type of text takes UTF-8 only."""
    return pd.Series(list(texts), index=frame.index, dtype=object)


def _text(seconds: float) -> str:
    # All digits, since parts may differ in the last one.
    return np.format_float_positional(seconds, trim="-")


def _is_name(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and not isinstance(value, bytes)


def _files(files: pd.Series, source: Source) -> pd.Series:
    nameless = _is_missing(files)
    if nameless.any():
        line = files.index[nameless][0]
        raise ValueError(f"{source.at(line)}: names no file. Name it or drop it.")
    for line, file in files.items():
        if not isinstance(file, (str, bytes, PathLike)):
            raise ValueError(
                f"{source.at(line)}: file is {file!r}, which is no path. Correct the "
                f"{source.unit}."
            )
    return pd.Series([_plain(file) for file in files], index=files.index, dtype=object)


def _plain(file: str | bytes | PathLike) -> str:
    """Return a path without detours."""
    name = os.fsdecode(file)
    # What lies above a link is not what stands before it.
    return name if os.pardir in name.split(os.sep) else os.path.normpath(name)


def _seconds(frame: pd.DataFrame, column: str, source: Source) -> pd.Series:
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    times = frame[column]
    if times.dtype.kind == "m":
        return times.dt.total_seconds()
    # Without a unit, pandas would take a number for nanoseconds.
    is_duration = times.astype(str).str.contains(":|day")
    durations = pd.to_timedelta(times.astype(str).where(is_duration), errors="coerce")
    wrong = is_duration & durations.isna()
    if wrong.any():
        raise _no_number(times, wrong, source)
    seconds = _numbers(times.mask(is_duration), source)
    return seconds.fillna(durations.dt.total_seconds())


def _numbers(values: pd.Series, source: Source) -> pd.Series:
    """Return a column as numbers, or raise naming the line that holds none."""
    missing = _is_missing(values)
    scalars = [value if _is_name(value) else "no number" for value in values]
    numbers = pd.Series(scalars, index=values.index, dtype=object).mask(missing)
    numbers = pd.to_numeric(numbers, errors="coerce")
    wrong = (numbers.isna() & ~missing) | np.isinf(numbers)
    if wrong.any():
        raise _no_number(values, wrong, source)
    return numbers.astype(np.float64)


def _counts(values: pd.Series, source: Source) -> pd.Series:
    """Return a column as numbers of votes; none is missing, as without raters."""
    numbers = _numbers(values, source)
    wrong = numbers.notna() & ~(numbers.between(0, _MOST_VOTES) & (numbers % 1 == 0))
    if wrong.any():
        raise _no_number(values, wrong, source, "number of votes")
    return numbers if numbers.isna().any() else numbers.astype(np.int64)


def _no_number(
    values: pd.Series, wrong: pd.Series, source: Source, what: str = "number"
) -> ValueError:
    line = values.index[wrong][0]
    return ValueError(
        f"{source.at(line)}: {values.name} is {values[line]!r}, which is no {what}. "
        f"Correct the {source.unit}."
    )


def _is_missing(values: pd.Series) -> pd.Series:
    nothing = [str(value).strip().lower() in _NOTHING for value in values]
    return values.isna() | pd.Series(nothing, index=values.index, dtype=bool)
