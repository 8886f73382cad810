"""A tree that is named like AESDD."""

import itertools
import os
from collections.abc import Iterator

from sersk.datasets._aesdd import EMOTIONS, PUBLISHED, UNREADABLE, AesddName
from sersk.datasets.testing._audio import write_text, write_tone

_RATE = 44_100
_SENTENCES = tuple(f"{sentence:02d}" for sentence in range(1, 21))


def write_aesdd(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 604 clips by speaker and class as counted, or two of each pair."""
    for name in _published_names() if complete else _some_names():
        write_tone(_path(folder, name), sampling_rate=_RATE, seconds=0.05)
    if quirks:
        _write_quirks(folder, complete)


def _some_names() -> Iterator[AesddName]:
    for letter, sentence, speaker in itertools.product(
        EMOTIONS, ("06", "10"), PUBLISHED.per_speaker
    ):
        yield AesddName(letter, sentence, speaker, "")


def _published_names() -> Iterator[AesddName]:
    """Deal the clips of each class out to the speakers as far as each has some left."""
    left = dict(PUBLISHED.per_speaker)
    for letter, emotion in EMOTIONS.items():
        takes = {speaker: _takes(letter, speaker) for speaker in left}
        for _ in range(PUBLISHED.per_class[emotion]):
            speaker = max(left, key=lambda name: left[name])
            left[speaker] -= 1
            yield next(takes[speaker])


def _takes(letter: str, speaker: str) -> Iterator[AesddName]:
    """Return one take of each sentence, then a second, without the unreadable one."""
    for version, sentence in itertools.product(("", "b"), _SENTENCES):
        name = AesddName(letter, sentence, speaker, version)
        if name.format() != UNREADABLE:
            yield name


def _write_quirks(folder: str, complete: bool) -> None:
    """Write names that are odd, and the file that holds no samples."""
    first = _path(folder, AesddName("f", "10", "1", ""))
    os.rename(first, first.replace("(1)", "(01)"))
    if not complete:
        for version in "ab":
            path = _path(folder, AesddName("a", "06", "5", version))
            write_tone(path, sampling_rate=_RATE, seconds=0.05)
    write_text(os.path.join(folder, "sadness", f"{UNREADABLE}.wav"), "no samples")
    write_text(os.path.join(folder, "anger", "._a06 (5).wav"), "\0\5\x16\7")


def _path(folder: str, name: AesddName) -> str:
    return os.path.join(folder, EMOTIONS[name.letter], f"{name.format()}.wav")
