"""All scripts: what they measure, and running them one after the other."""

import importlib
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

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
        A script that fails costs its own line and no other; one that takes none of
        the given corpora is left out.
    """
    rows = [("script", "published", "measured", "seconds", "outcome")]
    for name in script_names():
        start = time.perf_counter()
        try:
            table = load_table(name)
            found = _measure(table, roots, quick, n_jobs, cache)
        # Whatever it is, the other scripts are to be run.
        except Exception as error:
            found = None
            outcome = f"failed: {type(error).__name__}: {error}".splitlines()[0]
        else:
            outcome = "left out" if found is None else "ok"
        counts = _count(found)
        if found is not None and output is not None:
            write_table(table, found, output)
        seconds = f"{time.perf_counter() - start:.1f}"
        print(f"{name}: {outcome} ({seconds} s)", flush=True)
        rows.append((name, *counts, seconds, outcome))
    print("\n".join(["", *_aligned(rows)]))
    return sum(row[-1].startswith("failed") for row in rows[1:])


def _measure(
    table: Table,
    roots: Mapping[str, Path],
    quick: bool,
    n_jobs: int | None,
    cache: str | None,
) -> pd.DataFrame | None:
    """Return the rows of a table, or None if it is of other corpora."""
    wanted = {name for one in table.experiments for name in one.corpora}
    if roots and not wanted & set(roots):
        return None
    return measure(table, roots, quick=quick, n_jobs=n_jobs, cache=cache)


def _count(rows: pd.DataFrame | None) -> tuple[str, str]:
    """Return how many rows were published and how many measured."""
    if rows is None:
        return "", ""
    n_published = int((rows["source"] == "published").sum())
    return str(n_published), str(len(rows) - n_published)


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
