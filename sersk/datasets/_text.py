"""Reading annotations, with errors that name the file and the line."""

import os
import warnings
from collections.abc import Sequence
from os import PathLike

import pandas as pd


def read_text(path: str | PathLike) -> str:
    """Return the text of a UTF-8 file, or say where it is none."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ValueError(f"{name!r} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{name!r}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8. Save "
            "the file as UTF-8 (iconv -f latin1 -t utf-8 old > new)."
        ) from error


def read_table(
    path: str | PathLike,
    *,
    columns: Sequence[str],
    names: Sequence[str] | None = None,
    separator: str = ",",
) -> pd.DataFrame:
    """Return a table of text that has at least some columns.

    With `names` the file has no header, and exactly these columns. The index is the
    number of each line, the header being the first.
    """
    name = os.fspath(path)
    table = _parse(name, names, separator)
    table.columns = [str(column).strip() for column in table.columns]
    missing = [column for column in columns if column not in table]
    if missing:
        raise ValueError(
            f"{name!r} has no column {', '.join(map(repr, missing))}. Its columns are "
            f"{', '.join(map(repr, table.columns))}. Rename them, or download the file "
            "again."
        )
    table.index = table.index + (1 if names is not None else 2)
    short = table.isna().any(axis=1)
    if short.any():
        raise ValueError(
            f"{name!r}, line {short.idxmax()}: has fewer than {table.shape[1]} "
            "columns. Correct the line, or download the file again."
        )
    return table


def _parse(name: str, names: Sequence[str] | None, separator: str) -> pd.DataFrame:
    """Read every cell as text, and turn what pandas says into what to do."""
    try:
        with warnings.catch_warnings():
            # A line with more columns than the header would lose the rest of them.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                name,
                sep=separator,
                header=None if names is not None else 0,
                names=None if names is None else list(names),
                index_col=False,
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
            )
    except UnicodeDecodeError:
        read_text(name)  # says where
        raise
    except OSError as error:
        raise ValueError(f"{name!r} cannot be read: {error.strerror}.") from error
    except (
        pd.errors.ParserError,
        pd.errors.ParserWarning,
        pd.errors.EmptyDataError,
    ) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise ValueError(
            f"{name!r} is no table with {separator!r} between its columns: "
            f"{reason.rstrip('.')}. Download it again, or correct that line."
        ) from error


def read_numbers(
    table: pd.DataFrame, column: str, path: str | PathLike, *, low: float, high: float
) -> pd.Series:
    """Return a column of a table of text as numbers in a range; empty means missing."""
    text = table[column].str.strip()
    numbers = pd.to_numeric(text.where(text != ""), errors="coerce")
    wrong = (text != "") & ~numbers.between(low, high)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise ValueError(
            f"{os.fspath(path)!r}, line {text.index[at]}: {column} is {text.iloc[at]!r}, "
            f"which is no number from {low:g} to {high:g}. Correct the line."
        )
    return numbers
