"""Measure speed and memory against the figures that the library promises."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from benchmarks.command import make_parser
from benchmarks.record import environment, markdown, write
from benchmarks.speed.augmentation import augmentation_figures
from benchmarks.speed.corpora import table_figures
from benchmarks.speed.descriptors import descriptor_figures
from benchmarks.speed.embedding import embedding_figures
from benchmarks.speed.extraction import extraction_figures
from benchmarks.speed.footprint import footprint_figures
from benchmarks.speed.measure import Figure
from benchmarks.speed.nets import net_figures
from benchmarks.speed.search import search_figures
from benchmarks.speed.waveform import waveform_figures
from benchmarks.speed.windows import window_figures
from benchmarks.systems import SEED
from sersk.datasets import Corpus, make_emotional_speech

_THREADS = "one thread of computation; sersk decodes files ahead in another"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and, if asked, write it to a folder."""
    parser = make_parser("benchmarks.speed", __doc__, ("corpus", "output"))
    parser.add_argument(
        "--quick",
        action="store_true",
        help="measure little, and that once, to see that everything runs",
    )
    options = parser.parse_args(arguments)
    corpus = options.corpus or _synthetic(options.quick)
    print(f"{corpus}; {_THREADS}\n{environment()}\n")
    figures: list[Figure] = []
    with _files(corpus) as listing:
        for figure in _figures(corpus, listing, options.quick):
            figures.append(figure)
            print(figure, flush=True)
            if options.output is not None:
                # All rows take ten minutes: those that are there are worth having.
                table = pd.DataFrame(figures)
                text = _text(table, corpus, options.quick)
                write(options.output, "speed", text, {"": table})
    return 0


def _synthetic(quick: bool) -> Corpus:
    if quick:
        return make_emotional_speech(2, n_repetitions=2, random_state=SEED)
    return make_emotional_speech(random_state=SEED)


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


def _figures(corpus: Corpus, listing: str, quick: bool) -> Iterator[Figure]:
    yield from extraction_figures(corpus.clips, listing, quick=quick)
    yield from descriptor_figures(corpus.clips, quick=quick)
    yield from waveform_figures(corpus.clips, quick=quick)
    yield from search_figures(corpus, quick=quick)
    yield from augmentation_figures(listing, quick=quick)
    yield from footprint_figures(listing, quick=quick)
    yield from window_figures(quick=quick)
    yield from net_figures(quick=quick)
    yield from embedding_figures(corpus, quick=quick)
    yield from table_figures(quick=quick)


def _text(table: pd.DataFrame, corpus: Corpus, quick: bool) -> str:
    reduced = " (QUICK: too little for times to mean anything)" * quick
    title = f"Speed and memory: {corpus.name}, {len(corpus)} clips; {_THREADS}{reduced}"
    note = (
        "Both sides of a row were timed in turn in one run; times are medians, and "
        "ratios medians of the ratios round by round. Stores lay in "
        f"{tempfile.gettempdir()}."
    )
    made = f"{environment()}; {date.today()}"
    return "\n\n".join([f"**{title}**", markdown(table), note, made])


if __name__ == "__main__":
    sys.exit(main())
