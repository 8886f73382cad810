"""Run the main benchmark: systems over corpora, speakers never heard in training.

With ``--all``, run the systems of the published reports instead.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import make_parser
from benchmarks.corpora import describe_corpora, load, protocol
from benchmarks.record import environment, write_results
from benchmarks.reports import describe_systems, run_all
from benchmarks.systems import SEED, basic_systems, large_systems, quick_systems
from sersk.datasets import Corpus, make_emotional_speech
from sersk.evaluation import evaluate


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table a corpus and, if asked, write it to a folder."""
    options = _parser().parse_args(arguments)
    if options.list:
        print(f"{describe_corpora()}\n\n{describe_systems()}")
        return 0
    if options.all:
        return _run_reports(options)
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


def _run_reports(options: argparse.Namespace) -> int:
    """Run the scripts of all reports, and say by the status whether one failed."""
    roots = {
        corpus.name: Path(corpus.origin["arguments"]["root"])
        for corpus in options.corpus or []
    }
    failed = run_all(
        roots,
        quick=options.quick,
        n_jobs=options.n_jobs,
        cache=options.cache,
        output=options.output,
    )
    return int(failed > 0)


def _synthetic(quick: bool) -> Corpus:
    return make_emotional_speech(n_speakers=3 if quick else 8, random_state=SEED)


def _systems(options: argparse.Namespace) -> dict:
    if options.quick:
        return quick_systems()
    # Thousands of columns would say little of a corpus of a few synthetic voices.
    return basic_systems() | (large_systems() if options.corpus else {})


def _parser() -> argparse.ArgumentParser:
    parser = make_parser("benchmarks", __doc__, ("n-jobs", "cache", "output"))
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
        "schemes it has, and of every published system which script runs it, and stop",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="run the systems of the published reports, on fake corpora unless some "
        "are given",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="only logistic regression on functionals, and three synthetic speakers; "
        "with --all, every system, reduced",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
