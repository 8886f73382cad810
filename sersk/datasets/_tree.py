"""From a folder of recordings whose names say everything to a corpus."""

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any

import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._published import PublishedCounts, compare_counts
from sersk.datasets._scheme import LabelScheme
from sersk.utils import CorpusWarning

_AUDIO = (".wav", ".flac")
# Recordings that a corpus may hold beside those that are read, worth a remark;
# anything else in the tree (transcripts, licences) is none of a loader's business.
_OTHER_MEDIA = (".mp4", ".avi", ".mp3", ".ogg", ".m4a", ".aif", ".aiff", ".au", ".sph")
_MOST_NAMED = 5


class LeftOut(Exception):
    """A file that is no clip of the corpus; the message says what it is instead."""


@dataclass(frozen=True)
class TreeFormat:
    """How a corpus lies on disk when the name of each file holds its label.

    `parse` takes a file name without suffix and returns the row of the table, or
    raises `LeftOut`.
    """

    name: str
    title: str
    layout: str
    scheme: LabelScheme
    published: PublishedCounts
    parse: Callable[[str], dict[str, Any]]


def load_tree(
    root: str | PathLike, layout: TreeFormat, *, sampling_rate: int
) -> Corpus:
    """Load a corpus without opening any audio, and warn of what is not as published."""
    folder = _check_root(root, layout)
    problems: list[str] = []
    paths = _list_media(folder, problems)
    rows = _parse_all(paths, layout, folder, problems)
    if not rows:
        raise ValueError(_nothing_found(folder, layout, problems))
    frame = _as_frame(_without_copies(rows, folder, problems))
    problems += compare_counts(frame, layout.published, title=layout.title)
    if problems:
        # 3: past this function and the public loader, to the user's own line.
        warnings.warn(
            _summary(folder, layout, frame, problems), CorpusWarning, stacklevel=3
        )
    clips = AudioClips.from_files(frame["file"].tolist(), sampling_rate=sampling_rate)
    return Corpus(frame, clips, layout.scheme, name=layout.name, problems=problems)


def _check_root(root: str | PathLike, layout: TreeFormat) -> str:
    if not isinstance(root, (str, PathLike)):
        raise TypeError(f"root must be the path of a folder, got {root!r}.")
    folder = os.path.expanduser(os.fsdecode(root))
    if os.path.isdir(folder):
        return folder
    reason = "is not a folder" if os.path.lexists(folder) else "does not exist"
    raise ValueError(
        f"root={folder!r} {reason}. Pass the folder that holds {layout.title}: "
        f"{layout.layout}."
    )


def _list_media(folder: str, problems: list[str]) -> list[str]:
    """Return the recordings below a folder, hidden ones left out, in C order."""
    paths = []
    for parent, files in _walk(folder, problems):
        for file in files:
            hidden = file.startswith(".")  # macOS leaves a "._x.wav" beside "x.wav"
            if not hidden and _suffix(file) in _AUDIO + _OTHER_MEDIA:
                paths.append(os.path.join(parent, file))
    return sorted(paths, key=os.fsencode)


def _walk(folder: str, problems: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Walk through folders and links to folders, each once."""

    def report(error: OSError) -> None:
        problems.append(f"{error.filename!r} cannot be read: {error.strerror}.")

    seen = set()
    walk = os.walk(folder, onerror=report, followlinks=True)
    for parent, folders, files in walk:
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield parent, files


def _parse_all(
    paths: list[str], layout: TreeFormat, folder: str, problems: list[str]
) -> list[dict[str, Any]]:
    """Return a row for each clip; name what is left out, by reason."""
    rows: list[dict[str, Any]] = []
    left_out: dict[str, list[str]] = {}
    for path in paths:
        try:
            row = layout.parse(_clip_name(path))
        except LeftOut as reason:
            left_out.setdefault(str(reason), []).append(path)
        else:
            rows.append({"file": path, **row})
    for kind, files in left_out.items():
        problems.append(f"Left out, {kind}: {_name_some(files, folder)}.")
    return rows


def _clip_name(path: str) -> str:
    stem, suffix = os.path.splitext(os.path.basename(path))
    if suffix.lower() not in _AUDIO:
        raise LeftOut("neither WAV nor FLAC")
    return stem


def _without_copies(
    rows: list[dict[str, Any]], folder: str, problems: list[str]
) -> list[dict[str, Any]]:
    """Keep one file of each name, and sort by name whatever the folders are called."""
    kept: dict[str, dict[str, Any]] = {}
    copies = []
    for row in sorted(rows, key=lambda row: _preference(row["file"])):
        stem = os.path.splitext(os.path.basename(row["file"]))[0]
        if stem in kept:
            copies.append(row["file"])
        else:
            kept[stem] = row
    if copies:
        listed = _name_some(sorted(copies), folder)
        problems.append(f"Left out, another copy of a clip that is there: {listed}.")
    return [kept[stem] for stem in sorted(kept)]


def _as_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the table; every clip is a whole file."""
    # Plain objects: a name that is not UTF-8 fits into none of pandas' string types.
    files = pd.Series([row.pop("file") for row in rows], dtype=object)
    frame = pd.DataFrame(rows)
    frame.insert(0, "file", files)
    frame.insert(1, "start", 0.0)
    frame.insert(2, "end", float("nan"))
    return frame


def _preference(path: str) -> tuple[int, bool, str]:
    """Order copies of a clip: nearest to the root first, then WAV before FLAC."""
    return path.count(os.sep), _suffix(path) != ".wav", path


def _suffix(file: str) -> str:
    return os.path.splitext(file)[1].lower()


def _name_some(paths: list[str], folder: str) -> str:
    """Count files and name the first of them, relative to the root."""
    named = [repr(os.path.relpath(path, folder)) for path in paths[:_MOST_NAMED]]
    more = ", ..." if len(paths) > _MOST_NAMED else ""
    return f"{len(paths)} file{'s' * (len(paths) != 1)} ({', '.join(named)}{more})"


def _nothing_found(folder: str, layout: TreeFormat, problems: list[str]) -> str:
    found = f" {' '.join(problems)}" if problems else ""
    return (
        f"root={folder!r} holds no clip of {layout.title}.{found} Expected "
        f"{layout.layout}. Pass the folder that holds them, with the original names."
    )


def _summary(
    folder: str, layout: TreeFormat, frame: pd.DataFrame, problems: list[str]
) -> str:
    return (
        f"{layout.title} in {folder!r} is not as published: {len(frame)} of "
        f"{layout.published.total} clips loaded. {problems[0]} See Corpus.problems "
        f"(findings: {len(problems)})."
    )
