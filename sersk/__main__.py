"""What can be done with results from a command line."""

import argparse
import sys
from collections.abc import Sequence

from sersk.evaluation import rerun


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 if a rerun gives something else, 2 if it cannot be."""
    options = _parser().parse_args(arguments)
    try:
        again = rerun(
            options.folder,
            root=options.root,
            n_jobs=options.n_jobs,
            cache=options.cache,
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(again)
    return 0 if again.is_identical else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sersk", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser(
        "rerun", help="run a saved evaluation again and compare it cell by cell"
    )
    command.add_argument("folder", help="what Evaluation.save wrote")
    command.add_argument("--root", help="where the corpus lies now")
    command.add_argument("--n-jobs", type=int, default=None, help="workers")
    command.add_argument("--cache", help="folder in which features are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
