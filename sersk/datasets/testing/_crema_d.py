"""A tree that is named like CREMA-D."""

import os
from collections.abc import Iterator, Sequence

from sersk.datasets._crema_d import (
    ACTORS,
    EMOTIONS,
    FEMALE,
    SENTENCES,
    CremaDName,
)
from sersk.datasets._crema_d_tables import COLUMNS, DEMOGRAPHICS, VOTES
from sersk.datasets.testing._audio import write_text, write_tone

# What was never published: a sentence of three actors, and a clip of two.
_LACKING = {("1008", "WSI"), ("1009", "MTI"), ("1019", "ITH")}
_LACKING_CLIPS = {"1002_TIE_NEU_XX", "1076_ITS_NEU_XX"}
_SECONDS = 0.05
_SUMMARY = ("fileName", "numResponses", "agreement", "emoVote")


def write_crema_d(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 7442 clips with their tables, or three sentences of three actors."""
    if complete:
        names = list(_names(ACTORS, SENTENCES))
    else:
        names = list(_names(("1001", "1040", "1076"), ("IEO", "MTI", "ITH")))
    for name in names:
        write_tone(_path(folder, name.format()), seconds=_SECONDS)
    _write_actors(folder)
    _write_votes(folder, names)
    if quirks:
        _write_quirks(folder)


def _names(actors: Sequence[str], sentences: Sequence[str]) -> Iterator[CremaDName]:
    for actor in actors:
        for sentence in sentences:
            for emotion in EMOTIONS:
                name = CremaDName(actor, sentence, emotion, "XX")
                if (actor, sentence) in _LACKING or name.format() in _LACKING_CLIPS:
                    continue
                levels = ("LO", "MD", "HI") if name.has_level else ("XX",)
                yield from (name._replace(level=level) for level in levels)


def _write_actors(folder: str) -> None:
    lines = ['"ActorID","Age","Sex","Race","Ethnicity"']
    for number, actor in enumerate(ACTORS):
        sex = "Female" if actor in FEMALE else "Male"
        lines.append(f'{actor},{20 + number % 55},"{sex}","Unknown","Not Hispanic"')
    write_text(os.path.join(folder, DEMOGRAPHICS), "\n".join(lines) + "\n")


def _write_votes(folder: str, names: Sequence[CremaDName]) -> None:
    """Write ten votes a clip: on the voice six, the face eight, both nine as played."""
    lines = [",".join(f'"{key}"' for key in ("", *COLUMNS, *_SUMMARY))]
    for mode, played in enumerate((6, 8, 9), start=1):
        for number, name in enumerate(names, start=1):
            votes = dict.fromkeys(COLUMNS, 0)
            votes["N"] += 10 - played
            votes[name.emotion[0]] += played
            vote = max(votes, key=lambda letter: votes[letter])
            counts = ",".join(map(str, votes.values()))
            lines.append(
                f'"{100_000 * mode + number}",{counts},"{name.format()}",10,'
                f'{max(votes.values()) / 10},"{vote}"'
            )
    path = os.path.join(folder, "processedResults", VOTES)
    write_text(path, "\n".join(lines) + "\n")


def _write_quirks(folder: str) -> None:
    """Write a near-silent clip, a name cut short, a copy, MP3, and what macOS adds."""
    silent = _path(folder, "1076_MTI_SAD_XX")
    write_tone(silent, seconds=_SECONDS, amplitude=1e-6)
    short = _path(folder, "1040_ITH_SAD_XX")
    os.rename(short, short.replace("_XX.wav", "_X.wav"))
    copy = _path(folder, "1001_IEO_ANG_LO (1)")
    write_tone(copy, seconds=_SECONDS, like="1001_IEO_ANG_LO.wav")
    write_text(_path(folder, "._1001_IEO_ANG_LO"), "\0\5\x16\7")
    write_text(os.path.join(folder, "AudioMP3", "1001_IEO_ANG_LO.mp3"), "")


def _path(folder: str, stem: str) -> str:
    return os.path.join(folder, "AudioWAV", f"{stem}.wav")
