"""Measure speed and memory against the figures that the library promises."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from benchmarks.record import environment
from benchmarks.speed import (
    augmentation,
    corpora,
    descriptors,
    embedding,
    extraction,
    footprint,
    nets,
    search,
    waveform,
    windows,
)
from benchmarks.speed.measure import Figure
from sersk.datasets import Corpus, load_emodb, make_emotional_speech

_THREADS = "one thread of computation; sersk decodes files ahead in another"


def main() -> int:
    """Print the table and, if asked, write it to a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed")
    parser.add_argument(
        "--corpus",
        metavar="emodb=ROOT",
        help="where EmoDB lies; without it a synthetic corpus is used",
    )
    parser.add_argument("--output", type=Path, help="folder for speed.md and speed.csv")
    options = parser.parse_args()
    corpus = _corpus(options.corpus)
    print(f"{corpus}; {_THREADS}\n{environment()}\n")
    figures = []
    with _files(corpus) as listing:
        for figure in _figures(corpus, listing):
            figures.append(figure)
            print(figure, flush=True)
            if options.output is not None:
                # All rows take ten minutes: those that are there are worth having.
                _write(pd.DataFrame(figures), corpus, options.output)
    return 0


def _corpus(request: str | None) -> Corpus:
    if request is None:
        return make_emotional_speech(random_state=0)
    name, _, root = request.partition("=")
    if name != "emodb" or not root:
        sys.exit(f"--corpus {request!r} is not understood: pass emodb=ROOT.")
    return load_emodb(root)


@contextmanager
def _files(corpus: Corpus) -> Iterator[str]:
    """Yield a file that lists the audio files of a corpus, written if need be."""
    with tempfile.TemporaryDirectory() as folder:
        paths = corpus.clips.files
        if paths is None:
            paths = [f"{folder}/{number}.wav" for number in range(len(corpus))]
            for path, waveform in zip(paths, corpus.clips, strict=True):
                soundfile.write(path, np.asarray(waveform), corpus.clips.sampling_rate)
        listing = Path(folder, "files.txt")
        listing.write_text("\n".join(paths), encoding="utf-8")
        yield str(listing)


def _figures(corpus: Corpus, listing: str) -> Iterator[Figure]:
    yield extraction.functionals_per_clip(corpus.clips)
    yield extraction.functionals_from_files(listing, len(corpus))
    yield from descriptors.descriptor_figures(corpus.clips)
    yield waveform.waveform_steps(corpus.clips)
    yield from search.search_figures(corpus)
    yield extraction.two_workers(corpus.clips)
    yield augmentation.copies_by_workers(listing)
    yield augmentation.copies_of_slow_features(listing)
    yield footprint.import_time()
    yield footprint.memory(listing)
    yield windows.one_hour()
    yield from nets.net_figures()
    yield from embedding.embedding_figures(corpus)
    yield corpora.large_table()


def _write(table: pd.DataFrame, corpus: Corpus, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "speed.csv", index=False)
    header = "| " + " | ".join(table.columns) + " |"
    lines = [f"| {' | '.join(map(str, row))} |" for row in table.to_numpy().tolist()]
    text = "\n".join(
        [
            f"**Speed and memory: {corpus.name}, {len(corpus)} clips; {_THREADS}**",
            "",
            header,
            "|" + " --- |" * len(table.columns),
            *lines,
            "",
            "Both sides of a row were timed in turn in one run; times are medians, and "
            "ratios medians of the ratios round by round. Stores lay in "
            f"{tempfile.gettempdir()}.",
            "",
            f"{environment()}; {date.today()}",
        ]
    )
    (folder / "speed.md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
