"""What an audit looks for in the sides of a fold, and in the labels."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

from sersk.audio import AudioClips
from sersk.model_selection._audit_folds import COLUMNS, Sides, Subject
from sersk.model_selection._fingerprint import confirm, find_near_copies, listen
from sersk.utils import AudioError

LEAK, ERROR, NOTE = "leak", "error", "note"

# Acted corpora share them by design.
_SHARED_BY_DESIGN = ("script", "sentence")
# A speaker with this share of one label has hardly any other.
_DOMINANT = 0.9
_FEWEST_CLIPS = 3
_CONFOUNDED_SPEAKERS, _CONFOUNDED_INFORMATION = 0.5, 0.3


@dataclass(frozen=True)
class Finding:
    """One row of the table."""

    fold: int | None
    check: str
    sides: str
    severity: str
    value: Any
    count: int
    detail: str


class Relatives(NamedTuple):
    """For each clip that has any: the clips that are the same recording."""

    check: str
    of: Mapping[int, Sequence[int]]
    describe: Callable[[int, int], str]


def find_empty(sides: Sequence[Sides]) -> Iterator[Finding]:
    """Yield the sides on which there is no clip."""
    seen = set()
    for pair in sides:
        for name, rows in zip(pair.names, (pair.first, pair.second), strict=True):
            where = (pair.fold, pair.inner, name)
            if not len(rows) and where not in seen:
                seen.add(where)
                detail = _add_inner(f"no clips to {_PURPOSE[name]} on", pair)
                yield Finding(pair.fold, "empty", name, ERROR, name, 0, detail)


_PURPOSE = {"train": "train", "validation": "select", "test": "test"}


def find_shared_clips(sides: Sequence[Sides]) -> Iterator[Finding]:
    """Yield the folds with clips on both sides; test clips may be selected on."""
    for pair in sides:
        both = np.intersect1d(pair.first, pair.second)
        if not len(both):
            continue
        is_selection = pair.names == ("validation", "test")
        check = "selection" if is_selection else "clip"
        share = f"{len(both)} of {len(pair.second)} {pair.names[1]} clips"
        kind = "validation" if is_selection else pair.names[0]
        detail = _add_inner(f"{share} are {kind} clips (first: clip {both[0]})", pair)
        yield _row(pair, check, LEAK, int(both[0]), len(both), detail)


def find_shared_groups(sides: Sequence[Sides], subject: Subject) -> Iterator[Finding]:
    """Yield speakers, sessions, dialogs, scripts and sentences on both sides."""
    for column in COLUMNS:
        if column not in subject.columns:
            continue
        codes, names = number(subject.columns[column])
        is_note = column in _SHARED_BY_DESIGN or is_undivided(column, len(names))
        for pair in sides:
            first = np.bincount(codes[pair.first] + 1, minlength=len(names) + 1)[1:]
            second = np.bincount(codes[pair.second] + 1, minlength=len(names) + 1)[1:]
            for code in np.flatnonzero(first * second):
                detail = (
                    f"{first[code]} {pair.names[0]} and {second[code]} "
                    f"{pair.names[1]} clips"
                )
                yield _row(
                    pair,
                    column,
                    NOTE if is_note else LEAK,
                    names[code],
                    int(second[code]),
                    _add_inner(detail, pair),
                )


def is_undivided(column: str, n_names: int) -> bool:
    """Tell whether all clips are of one session or dialog: nothing could divide it."""
    return n_names == 1 and column in ("session", "dialog")


def number(values: np.ndarray) -> tuple[np.ndarray, list]:
    """Return the number of each clip's group, -1 where unknown, and all groups."""
    codes, names = pd.factorize(values)
    return codes, list(names)


def find_unknown(subject: Subject) -> Iterator[Finding]:
    """Yield whether there are clips of which the speaker, say, is not known."""
    if "speaker" not in subject.columns:
        n_clips, detail = subject.n_clips, "X carries no column 'speaker'"
        yield Finding(None, "speakers unknown", "", ERROR, None, n_clips, detail)
    for column in COLUMNS:
        if column in subject.columns:
            missing = np.flatnonzero(pd.isna(subject.columns[column]))
            if len(missing):
                severity = ERROR if column == "speaker" else NOTE
                detail = (
                    f"{len(missing)} of {subject.n_clips} clips lack the {column} "
                    f"(first: clip {missing[0]})"
                )
                check, count = f"{column} unknown", len(missing)
                yield Finding(None, check, "", severity, None, count, detail)


def find_relatives(sides: Sequence[Sides], relatives: Relatives) -> Iterator[Finding]:
    """Yield each clip of the second side whose relatives are on the first."""
    for pair in sides:
        is_first = np.zeros(_largest(pair) + 1, dtype=bool)
        is_first[pair.first] = True
        for clip in pair.second.tolist():
            others = [
                other
                for other in relatives.of.get(clip, ())
                if other != clip and other < len(is_first) and is_first[other]
            ]
            if others:
                detail = _add_inner(relatives.describe(clip, others[0]), pair)
                yield _row(pair, relatives.check, LEAK, clip, len(others), detail)


def _largest(pair: Sides) -> int:
    return int(max(pair.first.max(initial=0), pair.second.max(initial=0)))


def identical_audio(
    subject: Subject, clips: AudioClips
) -> tuple[Relatives, list[Finding]]:
    """Return clips of equal content, and the clips that cannot be read."""
    digests: dict[str, list[int]] = {}
    unread: list[tuple[int, str]] = []
    for clip in range(len(clips)):
        try:
            digests.setdefault(clips.digest(clip), []).append(clip)
        except AudioError as error:
            unread.append((clip, str(error)))
    of = {clip: same for same in digests.values() if len(same) > 1 for clip in same}
    relatives = Relatives("identical audio", of, _saying(subject, "has the audio of"))
    return relatives, _unreadable(subject, unread)


def near_identical_audio(
    subject: Subject,
    clips: AudioClips,
    identical: Relatives,
    *,
    n_jobs: int | None = None,
) -> tuple[Relatives, list[Finding]]:
    """Return clips of nearly the same sound, but for those that are identical."""
    heard = listen(clips, n_jobs=n_jobs)
    candidates = [
        pair
        for pair in find_near_copies(heard)
        if pair[1] not in identical.of.get(pair[0], ())
    ]
    of: dict[int, list[int]] = {}
    correlations = {}
    for first, second, correlation in confirm(clips, candidates):
        correlations[first, second] = correlations[second, first] = correlation
        of.setdefault(first, []).append(second)
        of.setdefault(second, []).append(first)

    def describe(clip: int, other: int) -> str:
        said = _saying(subject, "sounds like")(clip, other)
        return f"{said} (correlation {correlations[clip, other]:.3f})"

    unread = [(clip, one) for clip, one in enumerate(heard) if isinstance(one, str)]
    return Relatives("near-identical audio", of, describe), _unreadable(subject, unread)


def _unreadable(subject: Subject, unread: Sequence[tuple[int, str]]) -> list[Finding]:
    return [
        Finding(
            None, "unreadable", "", NOTE, clip, 1, f"{subject.describe(clip)} {why}"
        )
        for clip, why in unread
    ]


def _saying(subject: Subject, verb: str) -> Callable[[int, int], str]:
    def describe(clip: int, other: int) -> str:
        return f"{subject.describe(clip)} {verb} {subject.describe(other)}"

    return describe


def windows_of_a_clip(subject: Subject) -> Relatives:
    """Return windows of one clip, by the column ``window_of``."""
    window_of = pd.Series(subject.columns["window_of"])
    families = window_of.groupby(window_of).groups.values()
    of = {window: same.tolist() for same in families for window in same}
    return Relatives("window", of, _saying(subject, "is of the same clip as"))


def augmented_copies(subject: Subject) -> Relatives:
    """Return clips of one original, by the column ``copy_of``."""
    copy_of = subject.columns["copy_of"]
    # A clip goes by its utterance where there is one, and else by its number.
    ids = subject.columns.get("utterance", np.arange(subject.n_clips))
    parent = {
        own: original
        for own, original in zip(ids.tolist(), copy_of.tolist(), strict=True)
        if not pd.isna(original)
    }
    families: dict[Any, list[int]] = {}
    for clip, own in enumerate(ids.tolist()):
        families.setdefault(_root(own, parent), []).append(clip)
    of = {clip: same for same in families.values() if len(same) > 1 for clip in same}
    return Relatives("copy", of, _saying(subject, "has the same original as"))


def _root(own: Any, parent: Mapping) -> Any:
    """Return the original of a copy of a copy."""
    seen = set()
    while own in parent and own not in seen:
        seen.add(own)
        own = parent[own]
    return own


def find_missing_classes(
    sides: Sequence[Sides], labels: np.ndarray
) -> Iterator[Finding]:
    """Yield the classes that a fold cannot learn, or does not test."""
    codes, names = number(labels)
    for pair in sides:
        if pair.names != ("train", "test"):
            continue
        for side, rows in (("train", pair.first), ("test", pair.second)):
            if not len(rows):
                continue
            for code in np.setdiff1d(np.arange(len(names)), codes[rows]):
                severity = ERROR if side == "train" else NOTE
                count = int(np.sum(codes[pair.second] == code))
                detail = (
                    f"not in the training clips, but {count} times in the test clips"
                    if side == "train"
                    else "not in the test clips: its recall in this fold is unknown"
                )
                row = (pair.fold, "class", side, severity, names[code], count, detail)
                yield Finding(*row)


def find_confounding(subject: Subject, labels: np.ndarray) -> Iterator[Finding]:
    """Yield whether who speaks tells the label."""
    speakers = subject.columns["speaker"]
    known = ~pd.isna(speakers)
    counts = pd.crosstab(number(speakers[known])[0], number(labels[known])[0])
    counts = counts[counts.sum(axis=1) >= _FEWEST_CLIPS]
    if len(counts) < 2 or counts.shape[1] < 2:
        return
    dominant = counts.max(axis=1) / counts.sum(axis=1) >= _DOMINANT
    codes = number(speakers[known])[0], number(labels[known])[0]
    beyond_chance = adjusted_mutual_info_score(*codes)
    share = float(dominant.mean())
    if share < _CONFOUNDED_SPEAKERS and beyond_chance < _CONFOUNDED_INFORMATION:
        return
    detail = (
        f"{int(dominant.sum())} of {len(counts)} speakers have at least "
        f"{_DOMINANT:.0%} of their clips in one class; normalised mutual information "
        f"of speaker and label {normalized_mutual_info_score(*codes):.2f}, "
        f"{beyond_chance:.2f} beyond chance"
    )
    value = round(share, 4)
    count = int(dominant.sum())
    yield Finding(None, "confounded", "", NOTE, value, count, detail)


def _row(
    pair: Sides, check: str, severity: str, value: Any, count: int, detail: str
) -> Finding:
    return Finding(pair.fold, check, pair.title, severity, value, count, detail)


def _add_inner(detail: str, pair: Sides) -> str:
    return detail if pair.inner is None else f"{detail}, inner fold {pair.inner}"
