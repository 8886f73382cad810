"""What the commands of benchmarks share: options, a corpus, and a choice of systems."""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.model_selection import BaseCrossValidator

from benchmarks.corpora import load, protocol
from benchmarks.systems import SEED
from sersk.datasets import Corpus, make_emotional_speech
from sersk.evaluation import Evaluation, evaluate

# Of what compares systems on one corpus.
COMPARING = ("corpus", "systems", "n-jobs", "cache", "resume", "output")


def writable(text: str) -> Path:
    """Return a folder that is there and can be written to, before anything is run."""
    folder = Path(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} cannot be written to: {error.strerror or error}."
        ) from error
    return folder


def at_least(smallest: int) -> Callable[[str], int]:
    """Return what reads a whole number no smaller than another."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(
                f"{text!r} is no whole number of at least {smallest}."
            )
        return int(text)

    return read


_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "corpus": {
        "type": load,
        "metavar": "NAME[:SCHEME]=ROOT",
        "help": "where the recordings of a corpus lie, such as emodb=ROOT; without it "
        "the embedded synthetic corpus is used",
    },
    "systems": {
        "nargs": "+",
        "metavar": "NAME",
        "help": "some systems, by their names",
    },
    "n-jobs": {"type": int, "default": 2, "help": "workers (default: 2)"},
    "cache": {"help": "folder in which features are kept"},
    "resume": {"help": "folder in which finished folds are kept"},
    "output": {"type": writable, "help": "folder for the tables"},
}


def make_parser(
    module: str, description: str | None, shared: Sequence[str]
) -> argparse.ArgumentParser:
    """Return a parser that knows some of the options that benchmarks share.

    Parameters
    ----------
    module : str
        What ``python -m`` is given.
    description : str
        Docstring of the module.
    shared : sequence of str
        Names out of corpus, systems, n-jobs, cache, resume and output.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}", description=description
    )
    for name in shared:
        parser.add_argument(f"--{name}", **_OPTIONS[name])
    return parser


def open_corpus(options: argparse.Namespace) -> Corpus:
    """Return the corpus of ``--corpus``, or a synthetic one, and print what it is."""
    corpus = options.corpus or make_emotional_speech(n_speakers=4, random_state=SEED)
    print(corpus, flush=True)
    return corpus


def run(
    systems: Mapping[str, BaseEstimator],
    corpus: Corpus,
    options: argparse.Namespace,
    cv: BaseCrossValidator | None = None,
) -> Evaluation:
    """Evaluate systems as the options of `COMPARING` say, by the usual protocol."""
    return evaluate(
        systems,
        corpus,
        cv=cv or protocol(corpus),
        n_jobs=options.n_jobs,
        cache=options.cache,
        resume=options.resume,
    )


def choose(
    systems: Mapping[str, BaseEstimator], names: Sequence[str] | None, *always: str
) -> dict[str, BaseEstimator]:
    """Return the systems that are to be compared, or end the command.

    Parameters
    ----------
    systems : mapping of str to estimator
        All there are.
    names : sequence of str or None
        Those that are asked for; None: all.
    *always : str
        Names of those that are among them anyway.
    """
    wanted = dict.fromkeys([*always, *(names or systems)])
    for name in wanted:
        if name not in systems:
            raise SystemExit(f"--systems {name!r}: there are {', '.join(systems)}.")
    if len(wanted) < 2:
        raise SystemExit(f"--systems: name two of {', '.join(systems)}.")
    return {name: systems[name] for name in wanted}
