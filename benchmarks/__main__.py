"""Run the main benchmark: systems over corpora, speakers never heard in training."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.record import environment, write_results
from benchmarks.systems import SEED, basic_systems, large_systems, quick_systems
from sersk.datasets import Corpus, load_emodb, load_ravdess, make_emotional_speech
from sersk.evaluation import evaluate
from sersk.model_selection import LeaveOneSpeakerOut

LOADERS: dict[str, Callable[[str], Corpus]] = {
    "emodb": load_emodb,
    "ravdess": load_ravdess,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table a corpus and, if asked, write it to a folder."""
    options = _parser().parse_args(arguments)
    for corpus in options.corpus or [_synthetic(options.quick)]:
        print(corpus, flush=True)
        for problem in corpus.problems:
            print(f"  note: {problem}")
        evaluation = evaluate(
            _systems(options),
            corpus,
            cv=LeaveOneSpeakerOut(),
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


def _load(request: str) -> Corpus:
    """Return the corpus that NAME=ROOT stands for, or say what is wrong with it."""
    name, _, root = request.partition("=")
    if name not in LOADERS or not root:
        known = " or ".join(f"{name}=ROOT" for name in LOADERS)
        raise argparse.ArgumentTypeError(
            f"{request!r} is not understood: pass {known}."
        )
    try:
        return LOADERS[name](root)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{request!r}: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--corpus",
        action="append",
        type=_load,
        metavar="NAME=ROOT",
        help="emodb=ROOT or ravdess=ROOT, where the recordings lie; may be given "
        "several times. Without it the embedded synthetic corpus is used.",
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
