"""A tree that is named like RAVDESS."""

import itertools
import os
from collections.abc import Iterator

from sersk.datasets._ravdess import ACTORS, EMOTIONS, RavdessName
from sersk.datasets.testing._audio import write_text, write_tone

_RATE = 48_000


def write_ravdess(folder: str, *, complete: bool, quirks: bool) -> None:
    """Write speech of 24 actors, or of two, as in the archives of Zenodo."""
    for actor in ACTORS if complete else ACTORS[:2]:
        for name in _names(actor, ("1", "2") if complete else ("1",)):
            write_tone(_path(folder, name), sampling_rate=_RATE, seconds=0.05)
    if quirks:
        _write_quirks(folder)


def _names(actor: str, sentences: tuple[str, ...]) -> Iterator[RavdessName]:
    for emotion, intensity, sentence, repetition in itertools.product(
        EMOTIONS, ("01", "02"), sentences, ("01", "02")
    ):
        if not (emotion == "01" and intensity == "02"):
            yield RavdessName(
                "03", "01", emotion, intensity, f"0{sentence}", repetition, actor
            )


def _write_quirks(folder: str) -> None:
    """Write what is odd about the published corpus, and what is no speech."""
    stereo = RavdessName("03", "01", "02", "01", "01", "01", "01")
    write_tone(_path(folder, stereo), sampling_rate=_RATE, n_channels=2, seconds=0.05)
    # As 03-01-04-01-01-01 and its repetition, here of actor 02.
    first = RavdessName("03", "01", "05", "01", "01", "01", "02")
    second = first._replace(repetition="02")
    for name in (first, second):
        path = _path(folder, name)
        write_tone(path, sampling_rate=_RATE, seconds=0.05, like=first.format())
    song = RavdessName("03", "02", "03", "01", "01", "01", "01")
    write_tone(_path(folder, song), sampling_rate=_RATE, seconds=0.05)
    hidden = os.path.join(folder, "Actor_01", f"._{stereo.format()}.wav")
    write_text(hidden, "\0\5\x16\7")
    write_text(os.path.join(folder, "Actor_01", "01-01-03-01-01-01-01.mp4"), "")


def _path(folder: str, name: RavdessName) -> str:
    return os.path.join(folder, f"Actor_{name.actor}", f"{name.format()}.wav")
