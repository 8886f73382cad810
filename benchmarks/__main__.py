"""Run the main benchmark: systems over corpora, speakers never heard in training."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.record import environment, write_results
from benchmarks.systems import SEED, basic_systems, large_systems
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
    for corpus in _corpora(options.corpus):
        print(corpus, flush=True)
        for problem in corpus.problems:
            print(f"  note: {problem}")
        systems = basic_systems()
        if options.corpus:
            systems |= large_systems()
        evaluation = evaluate(
            systems,
            corpus,
            cv=LeaveOneSpeakerOut(),
            n_jobs=options.n_jobs,
            cache=options.cache,
        )
        print(f"\n{evaluation}\n{environment()}\n", flush=True)
        if options.output is not None:
            write_results(evaluation, options.output)
    return 0


def _corpora(requests: Sequence[str]) -> list[Corpus]:
    if not requests:
        return [make_emotional_speech(random_state=SEED)]
    corpora = []
    for request in requests:
        name, _, root = request.partition("=")
        if name not in LOADERS or not root:
            known = " or ".join(f"{name}=ROOT" for name in LOADERS)
            sys.exit(f"--corpus {request!r} is not understood: pass {known}.")
        try:
            corpora.append(LOADERS[name](root))
        except ValueError as error:
            sys.exit(f"--corpus {request!r}: {error}")
    return corpora


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--corpus",
        action="append",
        default=[],
        metavar="NAME=ROOT",
        help="emodb=ROOT or ravdess=ROOT, where the recordings lie; may be given "
        "several times. Without it the embedded synthetic corpus is used.",
    )
    parser.add_argument("--n-jobs", type=int, default=2, help="workers (default: 2)")
    parser.add_argument("--cache", help="folder in which features are kept")
    parser.add_argument(
        "--output", type=Path, help="folder to which tables and folds are written"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
