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
_RATER = re.compile(r"(([CA])-([EFM])\d+):([^(]*)")
# A damaged end may have several carriage returns; a lone one is an end as well.
_LINE_END = re.compile(r"\r*\n|\r")
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


class _Turn:
    """A turn whose header has been read, and the votes that follow it."""

    def __init__(self, line: int, header: re.Match[str]) -> None:
        self._line = line
        self._header = header
        self._votes: Counter[str] = Counter()
        self._raters: set[str] = set()

    def rate(self, rater: re.Match[str]) -> list[str]:
        """Count the labels of an evaluator, each of several; return what is wrong."""
        name, kind, judge, labels = rater.groups()
        if (kind, judge) != ("C", "E"):
            return []
        if name in self._raters:
            return [f"{self._header[3]!r} has a rating of {name} already"]
        self._raters.add(name)
        unknown = []
        for label in filter(None, map(str.strip, labels.split(";"))):
            if label.lower() in CHOICES:
                self._votes[CHOICES[label.lower()]] += 1
            else:
                unknown.append(f"{label!r} is no label of the raters")
        return unknown

    def finish(self) -> tuple[int, Evaluation]:
        """Return the line of the header, and all that was said of the turn."""
        _, _, turn, code, *_ = self._header.groups()
        start, end = float(self._header[1]), float(self._header[2])
        valence, activation, dominance = map(float, self._header.groups()[4:])
        evaluation = Evaluation(
            turn, code, start, end, valence, activation, dominance, self._votes
        )
        return self._line, evaluation


def read_evaluations(
    path: str, findings: list[Finding]
) -> Iterator[tuple[int, Evaluation]]:
    """Yield line and content of each turn of ``EmoEvaluation/<dialog>.txt``."""
    turn: _Turn | None = None
    wrong: list[tuple[int, str]] = []
    # How many ratings of no turn there are from a line on.
    orphans: Counter[int] = Counter()
    lines = _lines(path, findings)
    after = 1
    for line, text in enumerate(lines, start=1):
        rater = _RATER.match(text)
        if rater is None:
            # Whatever this is, ratings after it are not of the turn before it.
            if turn is not None:
                yield turn.finish()
            turn, after = _begin(line, text, wrong), line + 1
        elif turn is None:
            orphans[after] += 1
        else:
            wrong += [(line, reason) for reason in turn.rate(rater)]
    if turn is not None:
        yield turn.finish()
    wrong += [
        (line, f"{count} rating{'s' * (count != 1)} of no turn")
        for line, count in orphans.items()
    ]
    findings += report_lines(path, sorted(wrong, key=lambda item: item[0]))
    findings += _report_empty(path, lines)


def _begin(line: int, text: str, wrong: list[tuple[int, str]]) -> _Turn | None:
    """Return the turn that a line begins; say where it should begin one."""
    header = _HEADER.fullmatch(text)
    if header is not None:
        return _Turn(line, header)
    if text.startswith("["):
        wrong.append((line, f"{text!r} is no header of a turn"))
    elif text and not text.startswith("%"):
        wrong.append((line, f"{text!r} is neither a turn nor a rating"))
    return None


def _report_empty(path: str, lines: list[str]) -> list[Finding]:
    """Report a file that is there and says nothing; damage is reported elsewhere."""
    if not lines or not all(not text or text.startswith("%") for text in lines):
        return []
    message = f"{path!r} names no turn. Download it again."
    return [Finding("annotation", message, (path,))]


def read_transcripts(
    path: str, transcripts: dict[str, str], findings: list[Finding]
) -> None:
    """Add the text of each turn of ``transcriptions/<dialog>.txt``; the first counts.

    `transcripts` maps the names of turns to texts.
    """
    wrong = []
    for line, text in enumerate(_lines(path, findings), start=1):
        match = _TRANSCRIPT.fullmatch(text)
        if match is not None:
            if transcripts.setdefault(match[1], match[4]) != match[4]:
                wrong.append((line, f"{match[1]!r} has another transcript already"))
        elif text.startswith("Ses"):
            # Other lines are remarks of the transcribers.
            wrong.append((line, f"{text!r} is no transcript of a turn"))
    findings += report_lines(path, wrong)


def _lines(path: str, findings: list[Finding]) -> list[str]:
    """Return the lines of a file, or none and a finding where it cannot be read."""
    try:
        return [line.rstrip() for line in _LINE_END.split(read_text(path))]
    except ValueError as error:
        findings.append(Finding("annotation", str(error), (path,)))
        return []
