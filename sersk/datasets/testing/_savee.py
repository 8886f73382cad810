"""A tree that is named like SAVEE."""

import os
from collections.abc import Iterator

from sersk.datasets._savee import N_SENTENCES, SPEAKERS, SaveeName
from sersk.datasets.testing._audio import write_text, write_tone

_RATE = 44_100


def write_savee(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 480 clips in the original layout, or two of each speaker and emotion."""
    names = list(_names(2 if not complete else max(N_SENTENCES.values())))
    for name in names:
        path = os.path.join(folder, "AudioData", name.speaker, f"{name.prompt}.wav")
        write_tone(path, sampling_rate=_RATE, seconds=0.05, like=name.format())
    if not quirks:
        return
    # The flat copy of Kaggle beside the original, and what macOS adds.
    for name in names[:10]:
        path = os.path.join(folder, "ALL", f"{name.format()}.wav")
        write_tone(path, sampling_rate=_RATE, seconds=0.05, like=name.format())
    write_text(os.path.join(folder, "AudioData", "Info.txt"), "44.1 kHz\n")
    write_text(os.path.join(folder, "AudioData", "DC", "._a01.wav"), "\0\5\x16\7")


def _names(most: int) -> Iterator[SaveeName]:
    for speaker in SPEAKERS:
        for letters, count in N_SENTENCES.items():
            for number in range(1, min(count, most) + 1):
                yield SaveeName(speaker, letters, f"{number:02d}")
