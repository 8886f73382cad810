"""Run the main benchmark: systems over corpora, speakers never heard in training."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpora import describe_corpora, load, protocol
from benchmarks.record import environment, write_results
from benchmarks.systems import SEED, basic_systems, large_systems, quick_systems
from sersk.datasets import Corpus, make_emotional_speech
from sersk.evaluation import evaluate


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table a corpus and, if asked, write it to a folder."""
    options = _parser().parse_args(arguments)
    if options.list:
        print(describe_corpora())
        return 0
    for corpus in options.corpus or [_synthetic(options.quick)]:
        print(corpus, flush=True)
        for problem in corpus.problems:
            print(f"  note: {problem}")
        evaluation = evaluate(
            _systems(options),
            corpus,
            cv=protocol(corpus),
            n_jobs=options.n_jobs,
            cache=options.cache,
        )
        print(f"\n{evaluation}\n{environment()}\n", flush=True)
        if options.output is not None:
            write_results(evaluation, options.output)
    return 0


def _synthetic(quick: bool) -> Corpus:
    return make_emotional_speech(n_speakers=3 if quick else 8, random_state=SEED)


def _systems(options: argparse.Namespace) -> dict:
    if options.quick:
        return quick_systems()
    # Thousands of columns would say little of a corpus of a few synthetic voices.
    return basic_systems() | (large_systems() if options.corpus else {})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--corpus",
        action="append",
        type=load,
        metavar="NAME[:SCHEME]=ROOT",
        help="where the recordings of a corpus lie, such as emodb=ROOT or "
        "iemocap:iemocap5=ROOT; may be given several times. Without it the embedded "
        "synthetic corpus is used.",
    )
    parser.add_argument(
        "--list",
        action="store_true",
        help="say of every corpus under which licence it is, how to get it, and which "
        "schemes it has, and stop",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="only logistic regression on functionals, and three synthetic speakers",
    )
    parser.add_argument("--n-jobs", type=int, default=2, help="workers (default: 2)")
    parser.add_argument("--cache", help="folder in which features are kept")
    parser.add_argument(
        "--output", type=Path, help="folder to which tables and folds are written"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
