"""From a folder of recordings whose names say everything to a corpus."""

import os
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import PurePath
from typing import Any

from sersk.datasets._corpus import Corpus
from sersk.datasets._files import (
    AUDIO,
    VIDEO,
    check_rate,
    check_root,
    list_media,
    name_some,
    preference,
    suffix_of,
)
from sersk.datasets._finding import Finding
from sersk.datasets._loading import CorpusFormat, as_frame, assemble, nothing_found
from sersk.datasets._scheme import Scheme

Row = Mapping[str, Any]
# Looks at the clips, after copies were left out, and at the root.
Review = Callable[[Sequence[Row], str], list[Finding]]


class LeftOut(Exception):
    """A file that is no clip of the corpus; the message says what it is instead."""


def load_tree(
    root: str | PathLike,
    layout: CorpusFormat,
    parse: Callable[[PurePath], Row],
    *,
    scheme: str | Scheme,
    sampling_rate: int,
    video: bool = False,
    review: Review | None = None,
) -> Corpus:
    """Load a corpus without opening any audio, and warn of what is not as published.

    `parse` takes the absolute path of a recording, and returns the row of the table
    or raises `LeftOut`. Two rows of one ``utterance`` are copies of one clip.
    """
    check_rate(sampling_rate)
    folder = check_root(root, title=layout.title, layout=layout.layout)
    findings: list[Finding] = []
    paths = list_media(folder, findings)
    rows = parse_all(paths, parse, folder, findings, AUDIO + VIDEO * video)
    if not rows:
        raise nothing_found(folder, layout, findings)
    rows = without_copies(rows, folder, findings)
    findings += review(rows, folder) if review is not None else []
    return assemble(
        as_frame(rows),
        layout,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )


def parse_all(
    paths: list[str],
    parse: Callable[[PurePath], Row],
    folder: str,
    findings: list[Finding],
    readable: tuple[str, ...],
) -> list[dict[str, Any]]:
    """Return a row for each clip; name what is left out, by reason."""
    rows: list[dict[str, Any]] = []
    others: list[str] = []
    left_out: dict[str, list[str]] = {}
    for path in paths:
        if suffix_of(path) not in readable:
            others.append(path)
            continue
        try:
            rows.append({"file": path, **parse(where_is(path))})
        except LeftOut as reason:
            left_out.setdefault(str(reason), []).append(path)
    # Corpora come with the same clips as video or MP3, which is worth no warning.
    read = {row["utterance"] for row in rows}
    again = [path for path in others if _utterance_of(path, parse) in read]
    copies = set(again)
    foreign = [path for path in others if path not in copies]
    if foreign:
        left_out["neither WAV nor FLAC"] = foreign
    for kind, files in left_out.items():
        message = f"Left out, {kind}: {name_some(files, folder)}."
        findings.append(Finding("left out", message, tuple(files)))
    if again:
        message = f"In another format too: {name_some(again, folder)}."
        findings.append(Finding("format", message, tuple(again)))
    return rows


def where_is(path: str) -> PurePath:
    """Return a path with all folders: those above the root may say what a clip is."""
    return PurePath(os.path.abspath(path))


def _utterance_of(path: str, parse: Callable[[PurePath], Row]) -> str | None:
    """Return the clip that a file in another format would be."""
    try:
        return parse(where_is(path))["utterance"]
    except LeftOut:
        return None


def find_contradictions(
    rows: Sequence[Row],
    folder: str,
    contradicts: Callable[[PurePath, Row], bool],
    *,
    taken: str,
) -> list[Finding]:
    """Name the files whose folder says another thing than their name."""
    files = [row["file"] for row in rows if contradicts(where_is(row["file"]), row)]
    if not files:
        return []
    message = (
        f"Folder and file name contradict each other, and the {taken} is taken: "
        f"{name_some(files, folder)}."
    )
    return [Finding("contradiction", message, tuple(files))]


def without_copies(
    rows: list[dict[str, Any]], folder: str, findings: list[Finding]
) -> list[dict[str, Any]]:
    """Keep one file of each clip, and sort by its name whatever the folders are."""
    kept: dict[str, dict[str, Any]] = {}
    copies = []
    for row in sorted(rows, key=lambda row: preference(row["file"])):
        if row["utterance"] in kept:
            copies.append(row["file"])
        else:
            kept[row["utterance"]] = row
    if copies:
        listed = name_some(sorted(copies), folder)
        message = f"Left out, another copy of a clip that is there: {listed}."
        findings.append(Finding("copy", message, tuple(sorted(copies))))
    return [kept[utterance] for utterance in sorted(kept)]
