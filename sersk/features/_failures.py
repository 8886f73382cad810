"""What is said of clips that cannot be used, or not well."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from sersk.audio import AudioClips, Note
from sersk.features._extraction import Outcome
from sersk.utils import AudioError, AudioWarning, warn_user

_LISTED = 10


def report_failures(
    clips: AudioClips, outcomes: Sequence[Outcome], *, fatal: bool
) -> None:
    """Raise or warn of the clips that failed, if there are any."""
    failures = {i: out.reason for i, out in enumerate(outcomes) if out.reason}
    if failures and fatal:
        _raise_failures(clips, failures)
    if failures:
        _warn_failures(clips, failures)


def _raise_failures(clips: AudioClips, failures: Mapping[int, str]) -> NoReturn:
    """Raise one error that names the clips that failed, and why."""
    lines = _lines(clips, failures)
    if len(lines) == 1:
        raise AudioError(lines[0], indices=failures)
    raise AudioError(
        f"{len(failures)} of {len(clips)} clips cannot be used:\n" + "\n".join(lines),
        indices=failures,
    )


def _warn_failures(clips: AudioClips, failures: Mapping[int, str]) -> None:
    """Warn that clips got rows of NaN."""
    lines = "\n".join(_lines(clips, failures))
    warn_user(
        f"{len(failures)} of {len(clips)} clips got NaN features:\n{lines}",
        AudioWarning,
    )


def warn_oddities(clips: AudioClips, outcomes: Sequence[Outcome]) -> None:
    """Warn of low rates, and of what operations did to clips."""
    _warn_low_rates(clips, [outcome.source_rate for outcome in outcomes])
    _warn_notes(clips, [outcome.notes for outcome in outcomes])


def _warn_low_rates(clips: AudioClips, rates: Sequence[int | None]) -> None:
    """Warn of recordings whose upper band is empty at the rate of the clips."""
    low = {
        index: rate
        for index, rate in enumerate(rates)
        if rate is not None and rate < clips.sampling_rate
    }
    if low:
        first, rate = next(iter(low.items()))
        warn_user(
            f"{len(low)} of {len(clips)} clips were recorded below "
            f"{clips.sampling_rate} Hz, so that their upper band is empty (first: "
            f"{clips.describe(first)} at {rate} Hz). Pass sampling_rate={rate}.",
            AudioWarning,
        )


def _warn_notes(clips: AudioClips, notes: Sequence[Sequence[Note]]) -> None:
    """Warn of what operations did to clips, once for each thing that they did."""
    noted: dict[str, list[tuple[int, Note]]] = {}
    for index, of_clip in enumerate(notes):
        for note in of_clip:
            noted.setdefault(note.fact, []).append((index, note))
    for fact, found in noted.items():
        first, note = found[0]
        warn_user(
            f"{len(found)} of {len(clips)} clips {fact} (first: "
            f"{clips.describe(first)}, {note.detail}). {note.remedy}",
            AudioWarning,
        )


def _lines(clips: AudioClips, failures: Mapping[int, str]) -> list[str]:
    listed = list(failures.items())[:_LISTED]
    lines = [f"{clips.describe(index)} {reason}" for index, reason in listed]
    if len(failures) > _LISTED:
        lines.append(f"and {len(failures) - _LISTED} more.")
    return lines
