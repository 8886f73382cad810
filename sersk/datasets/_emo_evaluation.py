"""The annotations of IEMOCAP: evaluations of each turn, and transcripts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sersk.datasets._finding import Finding
from sersk.datasets._lines import report_lines
from sersk.datasets._text import read_text

# What raters chose from, in the words of the annotation.
CHOICES = {
    "anger": "angry",
    "happiness": "happy",
    "excited": "excited",
    "sadness": "sad",
    "neutral": "neutral",
    "neutral state": "neutral",
    "frustration": "frustrated",
    "surprise": "surprised",
    "fear": "fearful",
    "disgust": "disgusted",
    "other": "other",
}

_NUMBER = r"(\d+(?:\.\d+)?)"
_HEADER = re.compile(
    rf"\[{_NUMBER} - {_NUMBER}\]\t(\S+)\t(\w{{3}})"
    rf"\t\[{_NUMBER}, {_NUMBER}, {_NUMBER}\]"
)
# Evaluators are E1 to E6; F1 and M1 are the actors, who judge themselves.
_RATER = re.compile(r"([CA])-([EFM])\d+:([^(]*)")
_TRANSCRIPT = re.compile(rf"(\S+) \[{_NUMBER}-{_NUMBER}\]: ?(.*)")


class Evaluation(NamedTuple):
    """What the raters said of a turn; attributes stand in the order of the file."""

    turn: str
    code: str
    start: float
    end: float
    valence: float
    activation: float
    dominance: float
    votes: Mapping[str, int]


def read_evaluations(
    path: str, findings: list[Finding]
) -> Iterator[tuple[int, Evaluation]]:
    """Yield line and content of each turn of ``EmoEvaluation/<dialog>.txt``."""
    header = None
    votes: Counter[str] = Counter()
    wrong: list[tuple[int, str]] = []
    for line, text in enumerate(_lines(path, findings), start=1):
        if text.startswith("["):
            if header is not None:
                yield header[0], _evaluation(header[1], votes)
            match, votes = _HEADER.fullmatch(text), Counter()
            # What follows a header that cannot be read belongs to no turn.
            header = None if match is None else (line, match)
            if match is None:
                wrong.append((line, f"{text!r} is no header of a turn"))
        elif (rater := _RATER.match(text)) is not None:
            wrong += [(line, reason) for reason in _count(rater, votes)]
        elif text and not text.startswith("%"):
            wrong.append((line, f"{text!r} is neither a turn nor a rating"))
    if header is not None:
        yield header[0], _evaluation(header[1], votes)
    findings += report_lines(path, wrong)


def read_transcripts(path: str, findings: list[Finding]) -> dict[str, str]:
    """Return the text of each turn of ``transcriptions/<dialog>.txt``."""
    transcripts: dict[str, str] = {}
    wrong = []
    for line, text in enumerate(_lines(path, findings), start=1):
        match = _TRANSCRIPT.fullmatch(text)
        if match is not None:
            transcripts.setdefault(match[1], match[4])
        elif text.startswith("Ses"):
            # Other lines are remarks of the transcribers.
            wrong.append((line, f"{text!r} is no transcript of a turn"))
    findings += report_lines(path, wrong)
    return transcripts


def _lines(path: str, findings: list[Finding]) -> list[str]:
    """Return the lines of a file, or none and a finding where it cannot be read."""
    try:
        return [line.rstrip() for line in read_text(path).split("\n")]
    except ValueError as error:
        findings.append(Finding("annotation", str(error), (path,)))
        return []


def _evaluation(match: re.Match[str], votes: Mapping[str, int]) -> Evaluation:
    start, end = float(match[1]), float(match[2])
    valence, activation, dominance = map(float, match.groups()[4:])
    return Evaluation(
        match[3], match[4], start, end, valence, activation, dominance, votes
    )


def _count(rater: re.Match[str], votes: Counter[str]) -> list[str]:
    """Count the labels of an evaluator, each of several; return those not known."""
    kind, judge, labels = rater.groups()
    if (kind, judge) != ("C", "E"):
        return []
    unknown = []
    for label in filter(None, map(str.strip, labels.split(";"))):
        if label.lower() in CHOICES:
            votes[CHOICES[label.lower()]] += 1
        else:
            unknown.append(f"{label!r} is no label of the raters")
    return unknown
