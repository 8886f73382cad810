"""A tree that is annotated like MSP-Podcast."""

import os
from collections.abc import Iterator

from sersk.datasets._msp_podcast import COLUMNS, LABELS, ODYSSEY
from sersk.datasets.testing._audio import write_text, write_tone

_CODES = {label: code for code, label in LABELS.items()}
_RATED = {"U": "Surprise", "X": "Happy", "O": "Other-curious"}
_PODCASTS = 40
_FIRST_PODCAST = {
    "Train": 100,
    "Development": 200,
    "Validation": 300,
    "Test1": 400,
    "Test2": 500,
}
# Known to have another rate and two channels in older releases.
_ODD = [
    "MSP-PODCAST_1023_0235.wav",
    "X",
    "4.0",
    "4.0",
    "4.0",
    "Unknown",
    "Male",
    "Train",
]
_SPLITS = {"train": "Train", "dev": "Development"}
_TEST3 = 2347


def write_msp_podcast(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write the table of the Odyssey release without recordings, or a few clips."""
    root = os.path.join(folder, "MSP-Podcast")
    rows = list(_published_rows() if complete else _some_rows(quirks))
    if quirks:
        rows.append(_ODD)
    _write_rows(root, "labels_consensus.csv", rows, COLUMNS)
    if not complete:
        for row in rows:
            write_tone(os.path.join(root, "Audios", row[0]))
        _write_ratings(root, rows)
    if quirks and not complete:
        _write_quirks(os.path.join(root, "Audios"))


def _published_rows() -> Iterator[list[str]]:
    """Yield the clips of each partition and class, then those without a label."""
    number = 0
    for partition, counts in ODYSSEY.items():
        left_out = {"other": 100, "no agreement": 1000}
        for label, count in (counts | left_out).items():
            for _ in range(count):
                yield _row(number, _CODES[label], _SPLITS[partition])
                number += 1
    for index in range(_TEST3):
        name = f"MSP-PODCAST_test3_{index:04d}.wav"
        yield [name, "", "", "", "", "Unknown", "Unknown", "Test3"]


def _some_rows(quirks: bool) -> Iterator[list[str]]:
    """Yield a clip of each label and partition; older releases say Validation."""
    splits = ("Train", "Validation" if quirks else "Development", "Test1", "Test2")
    for number in range(len(LABELS) * len(splits)):
        which, label = divmod(number, len(LABELS))
        yield _row(number, list(LABELS)[label], splits[which])


def _row(number: int, code: str, split: str) -> list[str]:
    """Return a line; every eighth clip is of an unknown speaker."""
    # A podcast, and so a speaker, is in one partition only.
    podcast = _FIRST_PODCAST[split] + number % _PODCASTS
    name = f"MSP-PODCAST_{podcast:04d}_{number:06d}_0001.wav"
    speaker = "Unknown" if number % 8 == 7 else str(podcast)
    gender = ("Female", "Male", "Unknown")[podcast % 3]
    degrees = (f"{1 + number % n}.0" for n in (5, 6, 7))
    return [name, code, *degrees, speaker, gender, split]


def _write_ratings(root: str, rows: list[list[str]]) -> None:
    """Write what three raters said of each clip."""
    ratings = []
    for row in rows:
        word = _RATED.get(row[1], LABELS[row[1]].capitalize())
        for worker, choice in enumerate((word, word, "Neutral")):
            detail = f"WORKER{worker:08d}; {choice}; {choice},Amused; "
            ratings.append([row[0], f'"{detail}A:4.000000; V:4.000000; D:4.000000;"'])
    _write_rows(root, "labels_detailed.csv", ratings, ("FileName", "EmoDetail"))


def _write_rows(
    root: str, name: str, rows: list[list[str]], columns: tuple[str, ...]
) -> None:
    lines = [",".join(columns), *map(",".join, rows)]
    write_text(os.path.join(root, "Labels", name), "\n".join(lines) + "\n")


def _write_quirks(audio: str) -> None:
    """Write an odd recording, one of Test3, and what is none of the corpus."""
    odd = os.path.join(audio, _ODD[0])
    os.remove(odd)
    write_tone(odd, sampling_rate=44_100, n_channels=2)
    write_text(os.path.join(audio, f"._{_ODD[0]}"), "\0\5\x16\7")
    write_tone(os.path.join(audio, "MSP-PODCAST_test3_0000.wav"))
    write_tone(os.path.join(audio, "MSP-PODCAST_9999_0001.wav"))
