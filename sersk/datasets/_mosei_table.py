"""The table of CMU-MOSEI, which many people wrote in many ways."""

import codecs
import os
import re
import stat

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
_CLIP = r"0*(\d+)(?:\.0*)?"
_LONGEST = 1e6
_HEADER_BYTES = 1 << 16
_MOST_SHOWN = 200


def find_table(folder: str, findings: list[Finding]) -> str | None:
    """Return the one csv file that has the columns, or report what the others have."""
    headers: dict[str, str] = {}
    for path in find_files(folder, ".csv", findings):
        try:
            headers[path] = _read_header(path)
        except OSError as error:
            message = f"{path!r} cannot be read: {error.strerror}."
            findings.append(Finding("unreadable", message, (path,)))
    usable = [path for path, line in headers.items() if _NEEDED <= _names(line)]
    if len(usable) == 1:
        return usable[0]
    if usable:
        raise ValueError(
            f"root={folder!r} holds several tables of labels: "
            f"{name_some(usable, folder)}. Keep one."
        )
    for path, line in headers.items():
        _refuse_nkululeko(path, line)
        findings.append(Finding("table", _fault(path, line), (path,)))
    return None


def _read_header(path: str) -> str:
    """Return the first line that is not empty; raise OSError where there is none."""
    # Opening a pipe waits for somebody to write into it.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(0, "it is no regular file")
    with open(path, "rb") as file:
        data = file.read(_HEADER_BYTES)
    if not data:
        raise OSError(0, "it is empty")
    text = data.decode("utf-16" if _is_utf16(data) else "utf-8-sig", "replace")
    line = next(filter(None, re.split(r"[\r\n]+", text)), "")
    # Tables of other encodings hold none of our names, whatever is in their cells.
    return _UTF16 + line if _is_utf16(data) else line


def _is_utf16(data: bytes) -> bool:
    return data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or 0 in data[:2]
