"""Reading annotations, with errors that name the file and the line."""

import codecs
import csv
import io
import os
import stat
from collections.abc import Iterator, Sequence
from os import PathLike

import pandas as pd


def read_text(path: str | PathLike) -> str:
    """Return the text of a UTF-8 file, or say where it is none."""
    name = os.fspath(path)
    try:
        # A pipe in place of a table would be waited on for ever.
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise ValueError(f"{name!r} cannot be read: it is no regular file.")
        with open(name, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ValueError(f"{name!r} cannot be read: {error.strerror}.") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError(
            f"{name!r} is UTF-16, as some editors and spreadsheets save. Save the file "
            "as UTF-8 (iconv -f utf-16 -t utf-8 old > new)."
        )
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
    number of the line on which each row ends, the header's being the first.
    """
    file = os.fspath(path)
    lines = _rows(file, read_text(file), separator)
    header = list(names) if names is not None else next(lines, (0, []))[1]
    header = [name.strip() for name in header]
    _check_separator(file, header, separator)
    _check_header(file, header, columns)
    numbers, rows = [], []
    for number, row in lines:
        if len(row) != len(header):
            raise ValueError(
                f"{file!r}, line {number}: has {len(row)} columns, and not "
                f"{len(header)}. Correct the line, or download the file again."
            )
        numbers.append(number)
        rows.append(row)
    return pd.DataFrame(rows, columns=header, index=numbers, dtype=object)


def _rows(file: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Return the rows that are not empty, with their lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(
            f"{file!r}, line {reader.line_num}: is no row of a table with "
            f"{separator!r} between its columns ({error}). Correct the line, or "
            "download the file again."
        ) from error


def _check_separator(file: str, header: list[str], separator: str) -> None:
    """Raise where a header is one column because its separator is another one."""
    text = "".join(header)
    others = [other for other in ";\t|" if other != separator and other in text]
    if len(header) == 1 and others:
        raise ValueError(
            f"{file!r}, line 1: has {others[0]!r} between its columns, and not "
            f"{separator!r}. Write it anew: pandas.read_csv(old, sep={others[0]!r})"
            ".to_csv(new, index=False)."
        )


def _check_header(file: str, header: list[str], columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        raise ValueError(
            f"{file!r} has no column {', '.join(map(repr, missing))}. Its columns are "
            f"{', '.join(map(repr, header)) or 'none'}. Rename them, or download the "
            "file again."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ValueError(
            f"{file!r} has two columns {twice[0]!r}. Rename or delete one of them."
        )


def read_numbers(
    table: pd.DataFrame, column: str, path: str | PathLike, *, low: float, high: float
) -> pd.Series:
    """Return a column of a table of text as numbers in a range; empty means missing."""
    text = table[column].str.strip()
    numbers = pd.to_numeric(text.where(text != ""), errors="coerce")
    wrong = (text != "") & ~numbers.between(low, high)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        place = f"{os.fspath(path)!r}, line {text.index[at]}"
        name = column or "the column without a name"
        raise ValueError(
            f"{place}: {name} is {text.iloc[at]!r}, which is no number from {low:g} to "
            f"{high:g}. Correct the line."
        )
    return numbers
