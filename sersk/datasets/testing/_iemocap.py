"""A tree that is annotated like IEMOCAP."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sersk.datasets._iemocap import LABELS, TurnName
from sersk.datasets.testing._audio import write_text, write_tone

# Turns of each speaker that are angry, sad, happy or excited, and neutral.
_COUNTS = {
    "1F": (147, 78, 132, 171),
    "1M": (82, 116, 146, 213),
    "2F": (67, 113, 166, 135),
    "2M": (70, 84, 161, 227),
    "3F": (92, 172, 128, 130),
    "3M": (148, 133, 158, 190),
    "4F": (205, 62, 185, 76),
    "4M": (122, 81, 118, 182),
    "5F": (78, 132, 159, 221),
    "5M": (92, 113, 283, 163),
}
# How many of them begin with Ses01F and so on, whoever speaks; the rest with Ses01M.
_PREFIX_F = {"1": 507, "2": 505, "3": 536, "4": 553, "5": 644}
_IMPROVISED = {"ang": 289, "sad": 608, "hap": 947, "neu": 1099}
_HAPPY = 595
_RARE = ("fru", "xxx", "sur", "fea", "dis", "oth")

# A few dialogues are enough to have every form of a name.
_SCRIPTS = {
    True: ("impro01", "impro04", "impro05a", "impro05b"),
    False: ("script01_1", "script01_1b", "script03_2"),
}
_RATED = {
    "ang": "Anger;",
    "hap": "Happiness;",
    "exc": "Excited; Happiness;",
    "sad": "Sadness;",
    "neu": "Neutral;",
    "fru": "Frustration; Anger;",
    "sur": "Surprise;",
    "fea": "Fear;",
    "dis": "Disgust;",
    "oth": "Other;",
    "xxx": "Neutral;",
}
_FIRST_LINE = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]"


class _Turn(NamedTuple):
    name: TurnName
    code: str


def write_iemocap(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write the 5531 turns of four classes as published and some more, or a few."""
    root = os.path.join(folder, "IEMOCAP_full_release")
    turns = list(_published_turns() if complete else _some_turns())
    if quirks:
        turns += _odd_turns()
    dialogs = itertools.groupby(
        sorted(turns, key=lambda turn: turn.name.format()),
        lambda turn: turn.name.dialog,
    )
    for _, group in dialogs:
        _write_dialog(root, list(group))
    if quirks:
        _write_quirks(root)


def _some_turns() -> Iterator[_Turn]:
    numbers: Counter[tuple[str, str]] = Counter()
    for speaker, code in itertools.product(_COUNTS, LABELS):
        for prefix, is_improvised in itertools.product("FM", (True, False)):
            if code in _RARE and prefix == "M":
                continue
            script = _SCRIPTS[is_improvised][0]
            yield _next_turn(speaker, prefix, script, code, numbers)


def _published_turns() -> Iterator[_Turn]:
    """Share styles, prefixes and happy evenly out, so that each total is met."""
    numbers: Counter[tuple[str, str]] = Counter()
    improvised = {
        code: _share(number, sum(counts[column] for counts in _COUNTS.values()))
        for column, (code, number) in enumerate(_IMPROVISED.items())
    }
    happy = _share(_HAPPY, sum(counts[2] for counts in _COUNTS.values()))
    for speaker, counts in _COUNTS.items():
        prefix_f = _share(_turns_in_f()[speaker], sum(counts))
        for code, number in zip(_IMPROVISED, counts, strict=True):
            for index in range(number):
                scripts = _SCRIPTS[next(improvised[code])]
                label = "exc" if code == "hap" and not next(happy) else code
                prefix = "F" if next(prefix_f) else "M"
                script = scripts[index % len(scripts)]
                yield _next_turn(speaker, prefix, script, label, numbers)
        for code in _RARE:
            yield _next_turn(speaker, "F", "impro01", code, numbers)


def _turns_in_f() -> Mapping[str, int]:
    """Return how many turns of each speaker are in the recordings of the F."""
    found = {}
    for session, number in _PREFIX_F.items():
        female, male = (sum(_COUNTS[session + letter]) for letter in "FM")
        found[f"{session}F"] = number * female // (female + male)
        found[f"{session}M"] = number - found[f"{session}F"]
    return found


def _share(n_chosen: int, n_all: int) -> Iterator[bool]:
    """Yield True so many times in all, evenly spread."""
    for index in range(n_all):
        yield (index + 1) * n_chosen // n_all > index * n_chosen // n_all


def _next_turn(
    speaker: str,
    prefix: str,
    script: str,
    code: str,
    numbers: Counter[tuple[str, str]],
) -> _Turn:
    session, letter = speaker[0], speaker[1]
    key = (session + prefix + script, letter)
    number = f"{numbers[key]:03d}"
    numbers[key] += 1
    part = script[-1] if script[-1].isalpha() else ""
    name = TurnName(session, prefix, script.removesuffix(part), part, letter, number)
    return _Turn(name, code)


def _write_dialog(root: str, turns: list[_Turn]) -> None:
    """Write recordings, evaluations and transcripts of one dialogue."""
    dialog = turns[0].name.dialog
    session = os.path.join(root, f"Session{turns[0].name.session}")
    evaluations, transcripts = [_FIRST_LINE, ""], []
    for index, turn in enumerate(turns):
        name = turn.name.format()
        write_tone(_recording(session, dialog, name), seconds=0.02)
        start, end = index * 3 + 0.2901, index * 3 + 2.2357
        evaluations += _evaluate(turn, start, end)
        transcripts.append(
            f"{name} [{start:08.4f}-{end:08.4f}]: What [{index}]: a day."
        )
    for kind, lines in (
        ("EmoEvaluation", evaluations),
        ("transcriptions", transcripts),
    ):
        path = os.path.join(session, "dialog", kind, f"{dialog}.txt")
        write_text(path, "\n".join(lines) + "\n")


def _evaluate(turn: _Turn, start: float, end: float) -> list[str]:
    """Return the lines on one turn: three judges, an actor, and attributes."""
    own = f"C-{turn.name.prefix}1:\tNeutral; Other;\t(curious)"
    # Without agreement each judge has another word.
    others = ("Anger;", "Frustration;") if turn.code == "xxx" else 2 * ("Neutral;",)
    if turn.code not in ("xxx", "neu"):
        others = (_RATED[turn.code], "Neutral;")
    return [
        f"[{start:.4f} - {end:.4f}]\t{turn.name.format()}\t{turn.code}"
        "\t[2.5000, 3.0000, 3.5000]",
        f"C-E2:\t{_RATED[turn.code]}\t()",
        f"C-E3:\t{others[0]}\t(mildly; very)",
        f"C-E4:\t{others[1]}\t()",
        own,
        "A-E3:\tval 3; act 2; dom  3;\t()",
        "A-E4:\tval 2; act 4; dom  4;\t(mildly aggravated but staying polite)",
        f"A-{turn.name.prefix}1:\tval 3; act ; dom  1;\t()",
        "",
    ]


def _recording(session: str, dialog: str, turn: str) -> str:
    return os.path.join(session, "sentences", "wav", dialog, f"{turn}.wav")


def _odd_turns() -> list[_Turn]:
    """Return the names that are not of the usual form but have a label."""
    part = TurnName("5", "F", "script01_1", "b", "M", "912")
    interjection = TurnName("3", "M", "impro08", "b", "F", "XX0")
    return [_Turn(part, "fru"), _Turn(interjection, "xxx")]


def _write_quirks(root: str) -> None:
    """Write what else lies in a real copy."""
    session = os.path.join(root, "Session1")
    dialog = "Ses01F_impro01"
    # A recording without a label, and what macOS leaves beside recordings and texts.
    write_tone(_recording(session, dialog, f"{dialog}_MXX0"), seconds=0.02)
    write_text(_recording(session, dialog, f"._{dialog}_F000"), "\0\5\x16\7")
    evaluations = os.path.join(session, "dialog", "EmoEvaluation")
    write_text(os.path.join(evaluations, f"._{dialog}.txt"), "\0\5\x16\7")
    # The opinions of single raters, below those that are read.
    write_text(
        os.path.join(evaluations, "Categorical", f"{dialog}_e2_cat.txt"),
        f"{dialog}_F000 :Neutral state; ()\n",
    )
    write_text(
        os.path.join(evaluations, "Attribute", f"{dialog}_e3_atr.txt"),
        f"{dialog}_F000 :act 2; :val 3; :dom  2; ()\n",
    )
    path = os.path.join(session, "dialog", "transcriptions", f"{dialog}.txt")
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    remarks = ["M: [LAUGHTER]", f"{dialog}_MXX0 [900.0000-900.5000]: Mm-hmm."]
    write_text(path, "\n".join([*lines[1:], *remarks]) + "\n")
