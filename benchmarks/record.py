"""What a result needs beside its numbers: versions, machine, and a place."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.systems import SEED
from sersk.datasets import list_corpora
from sersk.evaluation import Evaluation
from sersk.utils import describe_machine, installed_versions

_RECORDED = (
    "sersk",
    "numpy",
    "scipy",
    "scikit-learn",
    "librosa",
    "opensmile",
    "xgboost",
    "torch",
    "transformers",
)


def environment() -> str:
    """Return one line with versions, machine and seed."""
    versions, machine = installed_versions(), describe_machine()
    facts = [
        ", ".join(f"{name} {versions[name]}" for name in _RECORDED if name in versions),
        f"Python {machine['python']}",
        f"{machine['cores']} cores, {machine['system']} {machine['architecture']}",
        f"seed {SEED}",
    ]
    return "; ".join(facts)


def markdown(table: pd.DataFrame) -> str:
    """Return a table in Markdown."""
    rows = [list(table), ["---"] * len(table.columns), *table.to_numpy().tolist()]
    words = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in words)


def publish(
    parts: Sequence[str],
    folder: Path | None,
    name: str,
    frames: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Print the parts of a text and the environment, and write them if asked to.

    Parameters
    ----------
    parts : sequence of str
        Tables and notes in Markdown.
    folder : Path or None
        Where to write; None: nowhere.
    name : str
        Of the file in Markdown, without the ending.
    frames : mapping of str to DataFrame, default=None
        See :func:`write`.
    """
    text = "\n\n".join([*parts, environment()])
    print(text)
    if folder is not None:
        write(folder, name, text, frames or {})


def write(
    folder: Path, name: str, text: str, frames: Mapping[str, pd.DataFrame]
) -> None:
    """Write a text, and numbers as csv under its name and that of the numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
    for kind, frame in frames.items():
        path = folder / f"{name}{kind and f'_{kind}'}.csv"
        frame.round(4).to_csv(path, index=False)


def write_results(evaluation: Evaluation, folder: Path) -> None:
    """Write the table, and the rows by fold and by speaker, under the corpus' name."""
    text = f"{evaluation.to_markdown()}\n\n{environment()}"
    frames = {"folds": evaluation.folds, "speakers": evaluation.speakers}
    write(folder, _name(evaluation), text, frames)


def _name(evaluation: Evaluation) -> str:
    """Return the corpus' name, and the scheme's where it is not the usual one."""
    scheme = evaluation.scheme.partition(":")[0]
    corpora = list_corpora().set_index("name")["schemes"]
    usual = corpora.get(evaluation.corpus, scheme).split(", ")[0]
    return evaluation.corpus if scheme == usual else f"{evaluation.corpus}-{scheme}"
