"""How fast a corpus of the largest size is loaded, without its recordings."""

import os
import statistics
import tempfile
import warnings
from collections.abc import Iterator

import numpy as np

from benchmarks.speed.measure import Figure, seconds
from sersk.datasets import load_msp_podcast
from sersk.utils import CorpusWarning

_HEADER = "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set\n"
_SPLITS = ("Train", "Development", "Test1", "Test2")


def table_figures(*, quick: bool = False) -> Iterator[Figure]:
    """Measure loading a table of the size of MSP-Podcast, whose audio is elsewhere."""
    n_clips, rounds = (500, 1) if quick else (150_000, 3)
    with tempfile.TemporaryDirectory() as root, warnings.catch_warnings():
        warnings.simplefilter("ignore", CorpusWarning)
        _write_labels(root, n_clips)
        took = statistics.median(
            seconds(lambda: load_msp_podcast(root)) for _ in range(rounds)
        )
    yield Figure(
        f"MSP-Podcast-sized table, {n_clips:,} rows, s",
        f"{took:.1f}",
        "",
        f"{took:.1f} s",
        "less than 5 s",
        took < 5,
    )


def _write_labels(root: str, n_clips: int) -> None:
    """Write made-up consensus labels, of 50 clips a podcast."""
    generator = np.random.default_rng(0)
    classes = generator.choice(list("ASHUFDCNOX"), n_clips)
    degrees = generator.uniform(1, 7, (n_clips, 3)).round(3)
    speakers = generator.integers(2_000, size=n_clips)
    os.mkdir(os.path.join(root, "Labels"))
    path = os.path.join(root, "Labels", "labels_consensus.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write(_HEADER)
        for clip in range(n_clips):
            podcast, number = divmod(clip, 50)
            name = f"MSP-PODCAST_{podcast:04d}_{number:04d}.wav"
            numbers = ",".join(map(str, degrees[clip]))
            split = _SPLITS[speakers[clip] % len(_SPLITS)]
            rest = f"{speakers[clip]},Male,{split}"
            file.write(f"{name},{classes[clip]},{numbers},{rest}\n")
