"""A tree that is named like EmoDB."""

import itertools
import os
from collections.abc import Iterator

from sersk.datasets._emodb import EMOTIONS, PUBLISHED, SENTENCES, EmoDBName
from sersk.datasets.testing._audio import write_text, write_tone


def write_emodb(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 535 clips by speaker and class as published, or one of each pair."""
    names = _published_names() if complete else _some_names()
    for name in names:
        write_tone(_path(folder, name))
    if quirks:
        # The archive holds more than speech, and copies of macOS more still.
        write_text(os.path.join(folder, "lablaut", "03a01Fa.lablaut"), "")
        write_text(os.path.join(folder, "wav", "._03a01Fa.wav"), "\0\5\x16\7")
        write_tone(os.path.join(folder, "wav", "03a01Fa (1).wav"), like="03a01Fa.wav")


def _some_names() -> Iterator[EmoDBName]:
    for speaker, letter in itertools.product(PUBLISHED.per_speaker, EMOTIONS):
        yield EmoDBName(speaker, "a01", letter, "a")


def _published_names() -> Iterator[EmoDBName]:
    """Deal the clips of each class out to the speakers as far as each has some left."""
    left = dict(PUBLISHED.per_speaker)
    for letter, emotion in EMOTIONS.items():
        dealt = dict.fromkeys(left, 0)
        for _ in range(PUBLISHED.per_class[emotion]):
            speaker = max(left, key=lambda name: left[name])
            left[speaker] -= 1
            version, sentence = divmod(dealt[speaker], len(SENTENCES))
            dealt[speaker] += 1
            yield EmoDBName(speaker, SENTENCES[sentence], letter, "abcdefgh"[version])


def _path(folder: str, name: EmoDBName) -> str:
    return os.path.join(folder, "wav", f"{name.format()}.wav")
