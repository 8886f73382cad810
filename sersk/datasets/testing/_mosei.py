"""A tree that is annotated like CMU-MOSEI."""

import os

from sersk.datasets._mosei import EMOTIONS
from sersk.datasets.testing._audio import write_text, write_tone

_FOLDERS = {"train": "train", "dev": "train", "test": "test"}
_COLUMNS = ("video", "clip", "start", "end", "sentiment", *EMOTIONS, "split", "text")
# Sentiment, then happy, sad, anger, surprise, disgust and fear.
_VALUES = (
    (2.0, 1.0, 0, 0, 0, 0, 0),
    (-1.0, 0, 2.0, 0, 0, 0, 0),
    (-3.0, 0, 0, 3.0, 0, 0, 0),
    (0.3333333, 0, 0, 0, 0.6666667, 0, 0),
    (-2.0, 0, 0, 0, 0, 1.3333334, 0),
    (-0.3333333, 0, 0, 0, 0, 0, 0.3333333),
    (0.0, 0, 0, 0, 0, 0, 0),
    (-1.3333334, 0, 0.6666667, 1.0, 0, 0.3333333, 0),
)


def write_mosei(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write eight parts of a few videos, or of many; no counts are published."""
    root = os.path.join(folder, "CMU_MOSEI")
    lines = [",".join(_COLUMNS)]
    for number in range(60 if complete else 6):
        video, split = _video(number), tuple(_FOLDERS)[number % 3]
        for clip, values in enumerate(_VALUES):
            times = (clip * 0.1, clip * 0.1 + 0.1)
            row = (video, clip, *times, *values, split, f"Part {clip} of it")
            lines.append(",".join(map(str, row)))
            if split != "dev":
                name = f"{video}[{clip}].wav"
                write_tone(os.path.join(root, "Segmented", _FOLDERS[split], name))
        if split == "dev":
            # Those who have no segments cut them out of the whole video.
            path = os.path.join(
                root, "Raw", "Audio", "Full", "WAV16000", f"{video}.wav"
            )
            write_tone(path, seconds=1.0)
    write_text(os.path.join(root, "labels.csv"), "\n".join(lines) + "\n")
    if quirks:
        _write_quirks(root)


def _video(number: int) -> str:
    """Return an id as on YouTube: some begin with a dash, others are a number."""
    if number % 3 == 0:
        return f"-3g5yACw{number:03d}"
    return f"zvZd3V5D{number:03d}" if number % 3 == 1 else f"102408{number:03d}"


def _write_quirks(root: str) -> None:
    """Write a recording without labels, and what macOS leaves beside others."""
    train = os.path.join(root, "Segmented", "train")
    write_tone(os.path.join(train, "_q_unlabelled[0].wav"))
    write_text(os.path.join(train, "._-3g5yACw000[0].wav"), "\0\5\x16\7")
    # In the SDK's folder, and no table of labels.
    write_text(os.path.join(root, "videos.csv"), "video,url\n-3g5yACw000,unknown\n")
