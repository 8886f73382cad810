"""A tree that is named like AFEW."""

import os
from collections.abc import Iterator

from sersk.datasets._afew import EMOTIONS, PUBLISHED, AfewName
from sersk.datasets.testing._audio import write_text, write_tone

_N_TRAIN = 578


def write_afew(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 961 empty videos of two partitions, or two of each class in both."""
    names = list(_published_names() if complete else _some_names())
    for name in names:
        write_text(_path(folder, name), "")
    if quirks:
        # Frames, the test set without labels, and somebody's beginning of the sound.
        write_text(os.path.join(folder, "Test_AFEW", "000000001.avi"), "")
        write_text(os.path.join(folder, "Train_AFEW", "faces", "Angry", "1.jpg"), "")
        write_text(_path(folder, AfewName("Val_AFEW", "Sad", "._000000001")), "\0\5")
        path = _path(folder, names[0]).replace(".avi", ".wav")
        write_tone(path, sampling_rate=48_000, n_channels=2)


def _some_names() -> Iterator[AfewName]:
    for number, emotion in enumerate(EMOTIONS):
        for offset, subset in ((0, "Train_AFEW"), (7, "Val_AFEW")):
            for clip in (1, 2):
                yield AfewName(subset, emotion, f"{clip:05d}{number + offset:04d}")


def _published_names() -> Iterator[AfewName]:
    """Deal the clips out in the proportion of the partitions, which is all we know."""
    emotions = [
        emotion
        for emotion in EMOTIONS
        for _ in range(PUBLISHED.per_class[emotion.lower()])
    ]
    for number, emotion in enumerate(emotions):
        share = _N_TRAIN / len(emotions)
        is_train = int((number + 1) * share + 1e-9) > int(number * share + 1e-9)
        subset = "Train_AFEW" if is_train else "Val_AFEW"
        yield AfewName(subset, emotion, f"{number:05d}1234")


def _path(folder: str, name: AfewName) -> str:
    return os.path.join(folder, *f"{name.format()}.avi".split("/"))
