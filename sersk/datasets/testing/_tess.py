"""A tree that is named like TESS."""

import itertools
import os
import shutil
from collections.abc import Iterator

from sersk.datasets._tess import EMOTIONS, TessName
from sersk.datasets.testing._audio import write_text, write_tone

_RATE = 24_414
_TOP = "TESS Toronto emotional speech set data"
_ONSETS = (*"bcdfghjklmnprstvwyz", "ch")
_ENDINGS = ("ack", "ite", "ood", "ain", "ell", "oke", "ice", "ush", "all", "erb")
WORDS = tuple(
    f"{onset}{ending}" for onset, ending in itertools.product(_ONSETS, _ENDINGS)
)

# Folders are named with less care than files.
_FOLDERS = {
    ("OAF", "fear"): "OAF_Fear",
    ("OAF", "sad"): "OAF_Sad",
    ("OAF", "ps"): "OAF_Pleasant_surprise",
    ("YAF", "ps"): "YAF_pleasant_surprised",
}


def write_tess(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write 200 words, or three, of two speakers in seven emotions."""
    # "back", "bite" and "food".
    words = WORDS if complete else (WORDS[0], WORDS[1], WORDS[32])
    for name in _names(words):
        write_tone(_path(folder, name), sampling_rate=_RATE, seconds=0.05)
    if quirks:
        _write_quirks(folder)


def _names(words: tuple[str, ...]) -> Iterator[TessName]:
    return itertools.starmap(
        TessName, itertools.product(("OAF", "YAF"), words, EMOTIONS)
    )


def _write_quirks(folder: str) -> None:
    """Write what is odd about the published corpus and its archive at Kaggle."""
    fast = TessName("OAF", "food", "fear")
    write_tone(_path(folder, fast), sampling_rate=96_000, seconds=0.05)
    misnamed = _path(folder, TessName("OAF", "bite", "neutral"))
    os.rename(misnamed, misnamed.replace("OAF_bite", "OA_bite"))
    top = os.path.join(folder, _TOP)
    shutil.copytree(top, os.path.join(folder, "copy"))
    os.rename(os.path.join(folder, "copy"), os.path.join(top, _TOP))
    write_text(os.path.join(top, "OAF_Fear", "._OAF_back_fear.wav"), "\0\5\x16\7")


def _path(folder: str, name: TessName) -> str:
    usual = f"{name.speaker}_{name.emotion}"
    emotion = _FOLDERS.get((name.speaker, name.emotion), usual)
    return os.path.join(folder, _TOP, emotion, f"{name.format()}.wav")
