"""What can be done with results and saved models from a command line."""

import argparse
import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from sersk.evaluation import rerun
from sersk.persistence import predict_files

# What asks for a parameter: "Pass sampling_rate=8000", "raise max_removed".
_ADVICE = re.compile(r"\b([Pp]ass|[Rr]aise)\b")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 if all went well, 1 or 2 if not."""
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Who read, such as head, has enough; nor is what is left to be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _rerun(options: argparse.Namespace) -> int:
    """Return 1 if a rerun gives something else."""
    with _told("evaluation"):
        again = rerun(
            options.folder,
            root=options.root,
            n_jobs=options.n_jobs,
            cache=options.cache,
        )
    print(again)
    return 0 if again.is_identical else 1


def _predict(options: argparse.Namespace) -> int:
    """Return 1 if there are files without a prediction."""
    with _told("model") as said:
        table = predict_files(options.model, options.files, proba=options.proba)
        said.extend(table["error"])
    if options.output is None:
        _print(_to_text(table))
    else:
        _write(table, options.output)
    return int((table["error"] != "").any())


@contextmanager
def _told(saved: str) -> Iterator[list[str]]:
    """Print warnings afterwards, and what to make of advice that is meant for Python.

    What is put into the list is looked through for advice as well.
    """
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            yield said
        finally:
            warned = [str(warning.message) for warning in caught]
            for message in warned:
                print(f"Warning: {message}", file=sys.stderr)
            if any(map(_ADVICE.search, [*warned, *said])):
                print(
                    f"Parameters that are named are those of the saved {saved}, and "
                    "cannot be changed here: it would have to be made again in Python.",
                    file=sys.stderr,
                )


def _to_text(table: pd.DataFrame) -> str:
    """Return a table for people: without the column of errors, if there are none."""
    shown = table if (table["error"] != "").any() else table.drop(columns="error")
    # Names and labels may hold anything, even what a terminal obeys.
    shown = shown.map(_plain).rename(columns=_plain)
    return shown.to_string(index=False, na_rep="-", float_format="{:.4f}".format)


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)


def _write(table: pd.DataFrame, path: Path) -> None:
    # Names that are not UTF-8 cannot be written as they are.
    table = table.assign(
        file=[
            name.encode("utf-8", "backslashreplace").decode() for name in table["file"]
        ]
    )
    if path.suffix.lower() == ".json":
        table.to_json(path, orient="records", indent=1)
    else:
        table.to_csv(path, index=False)


def _print(text: str) -> None:
    """Print text of any characters, whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def _table_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".csv", ".json"):
        raise argparse.ArgumentTypeError(f"{text!r} must end in .csv or .json")
    if not path.parent.is_dir():
        # Before the work is done, not after.
        raise argparse.ArgumentTypeError(f"{str(path.parent)!r} is no folder")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sersk", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser(
        "rerun", help="run a saved evaluation again and compare it cell by cell"
    )
    command.set_defaults(run=_rerun)
    command.add_argument("folder", help="what Evaluation.save wrote")
    command.add_argument("--root", help="where the corpus lies now")
    command.add_argument("--n-jobs", type=int, default=None, help="workers")
    command.add_argument("--cache", help="folder in which features are kept")
    command = commands.add_parser(
        "predict",
        help="predict what is heard in files, by a saved model",
        epilog="A file that cannot be used costs no other: its row says why. The "
        "status is 0 if all files have a prediction, 1 if some have none, and 2 if "
        "there is no table. Put -- in front of names that begin with a dash.",
    )
    command.set_defaults(run=_predict)
    command.add_argument("model", help="what sersk.save wrote")
    command.add_argument(
        "files", nargs="+", help="WAV, FLAC, OGG and MP3 files, or folders of them"
    )
    command.add_argument(
        "--output", type=_table_path, help="a .csv or .json file, in place of printing"
    )
    command.add_argument(
        "--proba", action="store_true", help="add the probability of each class"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
