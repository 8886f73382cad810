"""What is known of the actors of CREMA-D, and what its raters heard."""

import os
from collections.abc import Sequence

import pandas as pd

from sersk.datasets._files import find_files
from sersk.datasets._finding import Finding
from sersk.datasets._text import read_numbers, read_table

DEMOGRAPHICS = "VideoDemographics.csv"
VOTES = "tabulatedVotes.csv"
_RESULTS = "processedResults"
COLUMNS = {
    "A": "votes_anger",
    "D": "votes_disgust",
    "F": "votes_fear",
    "H": "votes_happy",
    "N": "votes_neutral",
    "S": "votes_sad",
}

# Rows are numbered by what the raters were shown times this, plus the clip's number.
_MODE = 100_000
_VOICE = 1
_MOST_VOTES = 1000
_OLDEST = 120


def add_ages(frame: pd.DataFrame, folder: str, findings: list[Finding]) -> pd.DataFrame:
    """Add ``age`` if there is a table of actors; name the actors it contradicts."""
    path, table = _open(folder, DEMOGRAPHICS, ("ActorID", "Age", "Sex"), findings)
    if table is None:
        return frame
    ages = read_numbers(table, "Age", path, low=1, high=_OLDEST)
    sexes = table["Sex"].str.strip().str.lower()
    actors = _unique(
        pd.DataFrame({"actor": table["ActorID"], "age": ages, "sex": sexes}),
        "actor",
        path,
    )
    known = frame["speaker"].isin(actors.index)
    unknown = sorted(set(frame.loc[~known, "speaker"]))
    _report_missing(unknown, "actor", path, findings)
    sex = frame["speaker"].map(actors["sex"])
    wrong = sorted(set(frame.loc[known & (sex != frame["gender"]), "speaker"]))
    if wrong:
        message = (
            f"{path!r} says another sex than is known of {_some(wrong)}; the column "
            "'gender' is not from there."
        )
        findings.append(Finding("annotation", message, (path,)))
    return frame.assign(age=frame["speaker"].map(actors["age"]))


def add_votes(
    frame: pd.DataFrame, folder: str, findings: list[Finding]
) -> pd.DataFrame:
    """Add the votes on the voice if there is a table; name the clips it lacks."""
    path, table = _open(folder, VOTES, (*COLUMNS, "fileName"), findings)
    if table is None:
        return frame
    table = table[_modes(table, path) == _VOICE]
    votes = pd.DataFrame({"clip": table["fileName"].str.strip()})
    for letter, column in COLUMNS.items():
        votes[column] = _whole_numbers(table, letter, path)
    votes = _unique(votes, "clip", path)
    clips = frame["utterance"]
    _report_missing(clips[~clips.isin(votes.index)].tolist(), "clip", path, findings)
    found = votes.reindex(clips.tolist(), fill_value=0)
    counts = {column: found[column].to_numpy() for column in COLUMNS.values()}
    return frame.assign(**counts)


def _open(
    folder: str, name: str, columns: Sequence[str], findings: list[Finding]
) -> tuple[str, pd.DataFrame | None]:
    """Return a table and its path; one that is another table is only reported."""
    paths = _find(folder, name)
    if not paths:
        return "", None
    path, *others = paths
    if others:
        message = f"There are {len(paths)} tables {name}; {path!r} is taken."
        findings.append(Finding("annotation", message, tuple(paths)))
    try:
        return path, read_table(path, columns=columns)
    except ValueError as error:
        message = f"Left out, a table that cannot be read. {error}"
        findings.append(Finding("annotation", message, (path,)))
        return path, None


def _find(folder: str, name: str) -> list[str]:
    """Return the tables of a name, as published and nearest to the root first.

    The folder above the root counts only if there is none below.
    """
    above = os.path.dirname(os.path.abspath(folder))
    below = [
        path
        for path in find_files(folder, name, [])
        if os.path.basename(path).lower() == name.lower()
    ]
    candidates = [
        os.path.join(above, _RESULTS, name),
        os.path.join(above, name),
    ]
    beside = [path for path in candidates if os.path.isfile(path)]
    return sorted(below, key=_rank) or beside[:1]


def _rank(path: str) -> tuple[bool, int, str]:
    parent = os.path.basename(os.path.dirname(path))
    return parent.lower() != _RESULTS.lower(), path.count(os.sep), path


def _modes(table: pd.DataFrame, path: str) -> pd.Series:
    """Return what the raters of each row were shown, as the corpus numbers it."""
    keys = read_numbers(
        table, str(table.columns[0]), path, low=_MODE + 1, high=4 * _MODE - 1
    )
    if keys.isna().any():
        raise ValueError(
            f"{path!r}, line {_first(keys.isna())}: has no number in its first "
            "column, which says what the raters were shown. Download the file again."
        )
    return keys // _MODE


def _whole_numbers(table: pd.DataFrame, column: str, path: str) -> pd.Series:
    numbers = read_numbers(table, column, path, low=0, high=_MOST_VOTES)
    wrong = numbers.isna() | (numbers % 1 != 0)
    if wrong.any():
        line = _first(wrong)
        raise ValueError(
            f"{path!r}, line {line}: {column} is {table.loc[line, column]!r}, which is "
            "no number of votes. Correct the line, or download the file again."
        )
    return numbers.astype("int64")


def _unique(table: pd.DataFrame, key: str, path: str) -> pd.DataFrame:
    """Return the table by its key, or raise where two lines say different things."""
    table = table.assign(**{key: table[key].str.strip()})
    different = table.drop_duplicates()
    twice = different[key].duplicated()
    if twice.any():
        line = _first(twice)
        raise ValueError(
            f"{path!r}, line {line}: {key} {different.loc[line, key]!r} was there "
            "before, with other values. Remove one of the lines, or download the file "
            "again."
        )
    return different.set_index(key)


def _first(wrong: pd.Series) -> int:
    """Return the number of the first line that is marked."""
    return int(wrong.index[wrong.to_numpy()][0])


def _report_missing(
    names: Sequence[str], what: str, path: str, findings: list[Finding]
) -> None:
    if names:
        message = f"{path!r} has no line for {what} {_some(names)}."
        findings.append(Finding("annotation", message, (path,)))


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(names[:5])
    return f"{listed}, ... ({len(names)} in all)" if len(names) > 5 else listed
