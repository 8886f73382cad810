"""What a result needs beside its numbers: versions, machine, and a place."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.systems import SEED
from sersk import __version__
from sersk.evaluation import Evaluation

_RECORDED = ("numpy", "scipy", "scikit-learn", "librosa", "opensmile", "xgboost")


def environment() -> str:
    """Return one line with versions, machine and seed."""
    packages = ", ".join(f"{name} {version(name)}" for name in _RECORDED)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"sersk {__version__}, {packages}; Python {platform.python_version()}; {machine}; seed {SEED}"


def write_results(evaluation: Evaluation, folder: Path) -> None:
    """Write the table, and the rows by fold and by speaker, under the corpus' name."""
    folder.mkdir(parents=True, exist_ok=True)
    table = f"{evaluation.to_markdown()}\n\n{environment()}\n"
    (folder / f"{evaluation.corpus}.md").write_text(table, encoding="utf-8")
    folds = evaluation.folds.round(4)
    folds.to_csv(folder / f"{evaluation.corpus}_folds.csv", index=False)
    speakers = evaluation.speakers.round(4)
    speakers.to_csv(folder / f"{evaluation.corpus}_speakers.csv", index=False)
