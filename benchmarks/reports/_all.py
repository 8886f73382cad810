"""All scripts: what they measure, and running them one after the other."""

import importlib
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.reports._experiment import Table
from benchmarks.reports._published import Figure, figures
from benchmarks.reports._run import measure, write_table


def describe_systems() -> str:
    """Return a line on each published figure, with the script that measures it."""
    rows = [("report", "system", "corpus", "protocol", "published", "script")]
    rows += [
        (
            one.report,
            one.system,
            one.corpus,
            one.protocol,
            _scores(one),
            _script(one),
        )
        for one in figures()
    ]
    return "\n".join(["systems of published reports:", *_aligned(rows)])


def script_names() -> list[str]:
    """Return the names of the scripts, in the order of the reports."""
    return list(dict.fromkeys(figure.script for figure in figures()))


def load_table(name: str) -> Table:
    """Return what a script measures."""
    return importlib.import_module(f"benchmarks.reports.{name}").TABLE


def run_all(
    roots: Mapping[str, Path],
    *,
    quick: bool = False,
    n_jobs: int | None = None,
    cache: str | None = None,
    output: Path | None = None,
) -> int:
    """Run every script, print a line on each, and return how many failed.

    Parameters
    ----------
    roots, quick, n_jobs, cache
        See :func:`benchmarks.reports._run.measure`.
    output : Path or None, default=None
        Folder for the tables.

    Returns
    -------
    n_failed : int
        A script that fails costs its own line and no other.
    """
    rows = [("script", "published", "measured", "seconds", "outcome")]
    for name in script_names():
        start = time.perf_counter()
        n_published = n_measured = 0
        try:
            table = load_table(name)
            measured = measure(table, roots, quick=quick, n_jobs=n_jobs, cache=cache)
        # Whatever it is, the other scripts are to be run.
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            outcome = "ok"
            n_published = int((measured["source"] == "published").sum())
            n_measured = len(measured) - n_published
            if output is not None:
                write_table(table, measured, output)
        seconds = f"{time.perf_counter() - start:.1f}"
        print(f"{name}: {outcome} ({seconds} s)", flush=True)
        rows.append((name, str(n_published), str(n_measured), seconds, outcome))
    print("\n".join(["", *_aligned(rows)]))
    return sum(row[-1] != "ok" for row in rows[1:])


def _scores(figure: Figure) -> str:
    scores = ", ".join(f"{name} {value:.3f}" for name, value in figure.scores.items())
    size = "" if figure.n is None else f" of {figure.n}"
    return f"{scores}{size} [{figure.mark}]" if scores else "none"


def _script(figure: Figure) -> str:
    return f"not run: {figure.not_run}" if figure.not_run else figure.script


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            word.ljust(width) for word, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
