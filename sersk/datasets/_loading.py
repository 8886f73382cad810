"""What every loader ends with: from rows to a corpus, and one warning."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import VIDEO, name_some, suffix_of
from sersk.datasets._finding import Finding
from sersk.datasets._gaps import empty_classes, labels_left_out
from sersk.datasets._published import PublishedCounts, compare_counts, derive_counts
from sersk.datasets._scheme import Scheme
from sersk.datasets._schemes import check_scheme, get_scheme
from sersk.utils import CorpusWarning, warn_user

# Nothing that anybody needs to mend: reported, but no reason for a warning.
_HARMLESS = ("hidden", "format")


@dataclass(frozen=True)
class CorpusFormat:
    """What is known of a corpus before any copy of it is seen.

    Parameters
    ----------
    name, title : str
        ``"crema-d"`` and ``"CREMA-D"``.
    layout : str
        What the root must hold, for messages.
    language : str
        What is spoken.
    licence : str
        Under which terms it may be used.
    access : str
        How to get it.
    schemes : tuple of str
        Names of the label schemes made for it; the first is the default.
    published : mapping of str to PublishedCounts
        How many clips it has under a scheme.
    largest : int or None
        How many clips it has in all, whatever their label; None if that is not known.
    """

    name: str
    title: str
    layout: str
    language: str
    licence: str
    access: str
    schemes: tuple[str, ...]
    published: Mapping[str, PublishedCounts] = field(default_factory=dict)
    largest: int | None = None


def as_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of rows that hold at least ``file``; start and end may lack."""
    # Plain objects: a name that is not UTF-8 fits into none of pandas' string types.
    files = [row["file"] for row in rows]
    others = [{key: row[key] for key in row if key != "file"} for row in rows]
    return with_parts(pd.DataFrame(others), files)


def with_parts(frame: pd.DataFrame, files: Sequence[str]) -> pd.DataFrame:
    """Put ``file``, ``start`` and ``end`` in front; without times, whole files."""
    rest = frame.drop(columns=["file", "start", "end"], errors="ignore")
    rest.insert(0, "file", pd.Series(files, dtype=object, index=frame.index))
    rest.insert(1, "start", frame.get("start", 0.0))
    rest.insert(2, "end", frame.get("end", float("nan")))
    return rest


def assemble(
    frame: pd.DataFrame,
    layout: CorpusFormat,
    *,
    scheme: str | Scheme,
    folder: str,
    findings: Sequence[Finding],
    clips: AudioClips | None = None,
    sampling_rate: int = 16_000,
) -> Corpus:
    """Return the corpus under a scheme, and warn once if it is not as published.

    `frame` has one row a clip, with the corpus's own labels as ``label``. Without
    `clips`, these are made of the files that it names.
    """
    scheme = check_scheme(scheme)
    frame = frame.reset_index(drop=True)
    prepared = scheme.prepare(frame)
    findings = [
        *findings,
        *_find_video(prepared["file"], folder),
        *_compare(frame, prepared, layout, scheme),
        *_find_gaps(frame, prepared, layout, scheme),
    ]
    if any(finding.check not in _HARMLESS for finding in findings):
        warn_user(_summary(folder, layout, scheme, prepared, findings), CorpusWarning)
    if clips is None:
        clips = AudioClips.from_files(
            prepared["file"].tolist(),
            start=prepared["start"].tolist(),
            end=prepared["end"].tolist(),
            sampling_rate=sampling_rate,
        )
    else:
        clips = clips[prepared.index.to_numpy()]
    return Corpus(
        prepared,
        clips,
        scheme,
        name=layout.name,
        problems=findings,
        origin=_origin(layout, folder, sampling_rate),
        left_out=labels_left_out(frame, prepared),
    )


def published_counts(layout: CorpusFormat, scheme: Scheme) -> PublishedCounts | None:
    """Return how many clips a corpus has under a scheme, if that is known."""
    if scheme.name in layout.published and get_scheme(scheme.name) == scheme:
        return layout.published[scheme.name]
    whole = layout.published.get(layout.name)
    return None if whole is None else derive_counts(whole, scheme)


def _compare(
    frame: pd.DataFrame, prepared: pd.DataFrame, layout: CorpusFormat, scheme: Scheme
) -> list[Finding]:
    """Compare with the publication what is there, whatever the scheme makes of it."""
    if layout.largest is not None and len(frame) > layout.largest:
        raise ValueError(
            f"There are more clips than {layout.title} has: {len(frame)} of "
            f"{layout.largest}. Remove the copies under other names or the clips that "
            "were added."
        )
    findings = []
    published = published_counts(layout, scheme)
    if published is not None:
        findings = compare_counts(prepared, published, title=layout.title)
    # What speakers and sessions lack is known of the scheme made for the corpus.
    usual = get_scheme(layout.schemes[0]) if layout.schemes else scheme
    if usual != scheme and usual.name in layout.published:
        whole = usual.prepare(frame)
        found = compare_counts(whole, layout.published[usual.name], title=layout.title)
        known = {finding.message for finding in findings}
        findings += [finding for finding in found if finding.message not in known]
    return findings


def _find_gaps(
    frame: pd.DataFrame, prepared: pd.DataFrame, layout: CorpusFormat, scheme: Scheme
) -> list[Finding]:
    """Tell what a scheme that was not made for the corpus leaves out, and lacks."""
    if not layout.schemes or scheme.name in layout.schemes:
        return []
    gone = sorted(labels_left_out(frame, prepared))
    empty = empty_classes(prepared, scheme)
    findings = []
    if gone:
        message = f"The scheme {scheme.name} leaves out the labels {', '.join(gone)}."
        findings.append(Finding("scheme", message))
    if empty:
        message = f"No clip is in the classes {', '.join(empty)} of {scheme.name}."
        findings.append(Finding("scheme", message))
    return findings


def _origin(
    layout: CorpusFormat, folder: str, sampling_rate: int
) -> dict[str, Any] | None:
    """Say which loader makes the corpus again; a user's own may need more than that."""
    if not layout.schemes:
        return None
    return {
        "function": f"load_{layout.name.replace('-', '_')}",
        "arguments": {"root": os.path.abspath(folder), "sampling_rate": sampling_rate},
    }


def as_loaded(
    corpus: Corpus, return_X_y: bool
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Return the corpus, or its clips and target."""
    return (corpus.clips, corpus.target) if return_X_y else corpus


def nothing_found(
    folder: str, layout: CorpusFormat, findings: Sequence[Finding]
) -> ValueError:
    """Return the error for a folder that holds no clip of the corpus."""
    found = "".join(f" {finding.message}" for finding in findings)
    return ValueError(
        f"root={folder!r} holds no clip of {layout.title}.{found} Expected "
        f"{layout.layout}. Pass the folder that holds them, with the original names."
    )


def _find_video(files: pd.Series, folder: str) -> list[Finding]:
    videos = [file for file in files if suffix_of(file) in VIDEO]
    if not videos:
        return []
    message = (
        f"Video, whose sound cannot be read: {name_some(videos, folder)}. Write it to "
        'WAV beside them: for f in *.avi; do ffmpeg -i "$f" -vn "${f%.avi}.wav"; '
        "done."
    )
    return [Finding("video", message, tuple(videos))]


def _summary(
    folder: str,
    layout: CorpusFormat,
    scheme: Scheme,
    frame: pd.DataFrame,
    findings: Sequence[Finding],
) -> str:
    worth = [finding for finding in findings if finding.check not in _HARMLESS]
    see = f"{worth[0].message} See Corpus.problems (findings: {len(worth)})."
    if not layout.schemes:
        return f"{layout.title} in {folder!r}: {len(frame)} clips loaded. {see}"
    published = published_counts(layout, scheme)
    of = f" of {published.total}" if published is not None else ""
    return (
        f"{layout.title} in {folder!r} is not as published: {len(frame)}{of} clips "
        f"loaded. {see}"
    )
