"""A tree that is named like eNTERFACE'05."""

import os
from collections.abc import Iterator

from sersk.datasets._enterface import EMOTIONS, N_SENTENCES, EnterfaceFolder
from sersk.datasets.testing._audio import write_text, write_tone

_TOP = "enterface database"
_CODES = dict(zip(EMOTIONS, ("an", "di", "fe", "ha", "sa", "su"), strict=True))


def write_enterface(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 1287 empty videos of 43 subjects, or all of three subjects."""
    subjects = range(1, 44) if complete else (1, 3, 6)
    for subject in subjects:
        for where in _clips(subject):
            # As published, the sixth subject is not segmented.
            if not (quirks and subject == 6):
                write_text(_path(folder, where), "")
    if quirks:
        _write_quirks(folder)


def _clips(subject: int) -> Iterator[EnterfaceFolder]:
    for emotion in EMOTIONS:
        n_sentences = 2 if (subject, emotion) == (23, "happiness") else N_SENTENCES
        for sentence in range(1, n_sentences + 1):
            yield EnterfaceFolder(str(subject), emotion, str(sentence))


def _write_quirks(folder: str) -> None:
    for emotion, code in _CODES.items():
        path = os.path.join(folder, _TOP, "subject 6", emotion, f"s6_{code}.avi")
        write_text(path, "")
    irregular = _path(folder, EnterfaceFolder("3", "surprise", "4"))
    os.rename(irregular, irregular.replace("s3_su_4", "s_3_su_4"))
    # Somebody began to write the sound beside the videos.
    for emotion in EMOTIONS[:2]:
        path = _path(folder, EnterfaceFolder("1", emotion, "1"))
        write_tone(path.replace(".avi", ".wav"), sampling_rate=48_000, n_channels=2)
    hidden = os.path.dirname(_path(folder, EnterfaceFolder("1", "anger", "1")))
    write_text(os.path.join(hidden, "._s1_an_1.avi"), "\0\5\x16\7")
    write_text(os.path.join(hidden, "Thumbs.db"), "")


def _path(folder: str, where: EnterfaceFolder) -> str:
    name = f"s{where.subject}_{_CODES[where.emotion]}_{where.sentence}.avi"
    return os.path.join(folder, _TOP, *where.format().split("/"), name)
