"""The table of CMU-MOSEI, which many people wrote in many ways."""

import codecs
import errno
import os
import re
import stat
from typing import NamedTuple

import pandas as pd

from sersk.datasets._files import find_files, name_some
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, without_copies
from sersk.datasets._missing import blank_missing
from sersk.datasets._text import read_numbers, read_table

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")

# What other people call the columns. Position says nothing: tables differ in it.
_NAMES = {
    "video": ("video", "video_id", "video id", "vid"),
    "clip": ("clip", "clip_id", "clip id", "clip_index", "clip index", "segment"),
    "start": ("start", "start_time", "start time"),
    "end": ("end", "end_time", "end time"),
    "sentiment": ("sentiment",),
    "happy": ("happy", "happiness"),
    "sad": ("sad", "sadness"),
    "anger": ("anger", "angry"),
    "surprise": ("surprise", "surprised"),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful"),
    "partition": ("split", "partition", "mode"),
    "transcript": ("transcript", "text"),
}
_NEEDED = {"video", "sentiment", *EMOTIONS}
_NKULULEKO = {"label2a", "label2b", "label6", "label7"}
_CLIP = r"^0*(\d+)(?:\.0*)?$"
_LONGEST = 1e6
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEADER_BYTES = 1 << 16
_MOST_SHOWN = 200


class _Header(NamedTuple):
    """The first line of a file that may be the table, and how it is written."""

    line: str
    is_utf16: bool

    @classmethod
    def read(cls, path: str) -> "_Header":
        """Read the first line that is not empty; raise OSError for what is no file."""
        # To open a pipe is to wait for somebody who writes into it.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError(errno.EINVAL, "It is no regular file")
        with open(path, "rb") as file:
            data = file.read(_HEADER_BYTES)
        is_utf16 = data[:2] in _UTF16 or 0 in data[:2]
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig", "replace")
        return cls(next(filter(None, re.split("[\r\n]+", text)), ""), is_utf16)

    def names(self, separator: str = ",") -> set[str]:
        """Return our names of the columns, and others as they are."""
        return {_our_name(name) for name in self.line.split(separator)}

    def missing(self) -> set[str]:
        """Return which columns are not there, or cannot be read."""
        return _NEEDED if self.is_utf16 else _NEEDED - self.names()


def find_table(folder: str, findings: list[Finding]) -> str | None:
    """Return the one csv file that has the columns, or report what others have."""
    headers: dict[str, _Header] = {}
    for path in find_files(folder, ".csv", findings):
        try:
            headers[path] = _Header.read(path)
        except OSError as error:
            message = f"{path!r} cannot be read: {error.strerror}."
            findings.append(Finding("unreadable", message, (path,)))
    usable = [path for path, header in headers.items() if not header.missing()]
    if len(usable) == 1:
        return usable[0]
    if usable:
        raise ValueError(
            f"root={folder!r} holds several tables of labels: "
            f"{name_some(usable, folder)}. Keep one."
        )
    for path, header in headers.items():
        _refuse_nkululeko(path, header)
        findings.append(Finding("table", _fault(path, header), (path,)))
    return None


def _our_name(name: str) -> str:
    plain = name.strip().strip('"').lower()
    for ours, theirs in _NAMES.items():
        if plain in theirs:
            return ours
    return plain


def _fault(path: str, header: _Header) -> str:
    """Return why a file is not the table, and how to make it one."""
    if not header.line:
        return f"{path!r} is empty."
    more = "..." * (len(header.line) > _MOST_SHOWN)
    begins = f"it begins with {header.line[:_MOST_SHOWN]!r}{more}"
    if header.is_utf16:
        remedy = "Save it as UTF-8 (iconv -f utf-16 -t utf-8 old > new)."
        return f"{path!r} is UTF-16: {begins}. {remedy}"
    for separator in ";\t|":
        if header.names(separator) & _NEEDED:
            return (
                f"{path!r} has {separator!r} between its columns: {begins}. Write it "
                "with commas."
            )
    missing = header.missing()
    if missing == _NEEDED:
        return (
            f"{path!r} has none of the names of columns in its first line, or no "
            f"header: {begins}."
        )
    return f"{path!r} has no {', '.join(sorted(missing))}: {begins}."


def _refuse_nkululeko(path: str, header: _Header) -> None:
    if _NKULULEKO & header.names():
        raise ValueError(
            f"{path!r} is the table of nkululeko, which has no strength of each "
            "emotion: its label6 is the largest of the six even where all are 0, so "
            "that clips without emotion count as happy. Write the labels of the CMU "
            f"Multimodal SDK to csv with columns {', '.join(EMOTIONS)}."
        )


def read_labels(path: str, findings: list[Finding]) -> pd.DataFrame:
    """Return the lines that can be used, under our names of the columns."""
    table = read_table(path, columns=[]).rename(columns=_our_name)
    table = table[[column for column in table if column in _NAMES]]
    _check_columns(table, path)
    if table.empty:
        message = f"{path!r} has no line below its header."
        findings.append(Finding("table", message, (path,)))
        return table
    table = _leave_out(_normalise(table, path), path, findings)
    key = ["video", "clip"] if "clip" in table else ["video", "start", "end"]
    return _with_names(without_copies(table, key, path, findings))


def _check_columns(table: pd.DataFrame, path: str) -> None:
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise ValueError(
            f"{path!r}, line 1: two columns are the {twice[0]}. Remove one of them."
        )
    if "clip" not in table and not _has_times(table):
        raise ValueError(
            f"{path!r} has neither a column 'clip' nor 'start' and 'end', which say "
            "what part of a video is meant. Add them."
        )


def _has_times(table: pd.DataFrame) -> bool:
    return {"start", "end"} <= set(table)


def _normalise(table: pd.DataFrame, path: str) -> pd.DataFrame:
    """Write equal values in the same way, so that equal lines are seen to be copies."""
    table = table.apply(lambda column: column.str.strip())
    for column, low, high in (
        *((emotion, 0, 3) for emotion in EMOTIONS),
        ("sentiment", -3, 3),
        *((time, -_LONGEST, _LONGEST) for time in ("start", "end")),
    ):
        if column in table:
            table[column] = blank_missing(table[column])
            table[column] = read_numbers(table, column, path, low=low, high=high)
    if "clip" in table:
        table["clip"] = table["clip"].str.replace(_CLIP, r"\1", regex=True)
    if "partition" in table:
        table["partition"] = table["partition"].str.lower()
    return table


def _leave_out(table: pd.DataFrame, path: str, findings: list[Finding]) -> pd.DataFrame:
    """Leave out lines that name no clip, or do not say every emotion."""
    values = table[["sentiment", *EMOTIONS]]
    wrong = values.isna().any(axis=1)
    reasons = ["a value is missing"] * int(wrong.sum())
    table = leave_out(table, wrong, reasons, path, findings)
    # Without rows, a column of text would be no condition: hence bool.
    wrong = table["video"].str.contains(r"^$|[/\\\0]").astype(bool)
    reasons = [f"{video!r} is no video" for video in table.loc[wrong, "video"]]
    table = leave_out(table, wrong, reasons, path, findings)
    if "clip" in table:
        wrong = ~table["clip"].str.fullmatch(r"\d+").astype(bool)
        reasons = [f"{clip!r} is no number of a clip" for clip in table["clip"][wrong]]
        table = leave_out(table, wrong, reasons, path, findings)
    if _has_times(table):
        wrong = ~(table["start"].ge(0) & table["end"].gt(table["start"]))
        times = table.loc[wrong, ["start", "end"]].itertuples(index=False)
        reasons = [f"{start:g} s to {end:g} s is no part" for start, end in times]
        table = leave_out(table, wrong, reasons, path, findings)
    return table


def _with_names(table: pd.DataFrame) -> pd.DataFrame:
    """Set utterance, label and speaker."""
    clip = table.groupby("video").cumcount().astype(str)
    if "clip" in table:
        clip = table["clip"]
    shown = table[list(EMOTIONS)].gt(0)
    label = pd.Series("neutral", index=table.index, dtype=object)
    for emotion in EMOTIONS:
        label = label.mask(shown[emotion], emotion)
    utterance = table["video"] + "[" + clip + "]"
    label = label.mask(shown.sum(axis=1) > 1, "several")
    first = {"utterance": utterance, "label": label, "speaker": table["video"]}
    return pd.concat([pd.DataFrame(first), table], axis=1)
