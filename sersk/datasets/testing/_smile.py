"""A table like that of SMILE."""

import os
from collections.abc import Iterator

from sersk.datasets._smile import FILE, NO_CODE, PUBLISHED
from sersk.datasets.testing._audio import write_text

_NO_CODES = 1572
_SEVERAL = ("sad|angry", "happy|surprise", "sad|disgust|angry", "disgust|angry")
_FIRST = 611_857_364_396_965_889


def write_smile(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 3085 tweets by label as published, or a few of each label."""
    texts = _odd_texts() if quirks else []
    lines = []
    for number, label in enumerate(_labels(complete)):
        text = texts[number] if number < len(texts) else f"A day at museum {number}"
        quoted = '"{}"'.format(text.replace('"', '""'))
        lines.append(f"{_FIRST + number},{quoted},{label}")
    write_text(os.path.join(folder, FILE), "\n".join(lines) + "\n")


def _labels(complete: bool) -> Iterator[str]:
    counts = {**PUBLISHED.per_class, NO_CODE: _NO_CODES}
    for label, count in counts.items():
        yield from [label] * (count if complete else 3)
    for number in range(3085 - sum(counts.values()) if complete else 4):
        yield _SEVERAL[number % len(_SEVERAL)]


def _odd_texts() -> list[str]:
    return [
        "@museum So \U0001f600 \u2014 na\u00efve & caf\u00e9",
        "One line,\nand another,\n\nand a third",
        'He said "look", and left',
        "null",
        "",
    ]
