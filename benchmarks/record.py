"""What a result needs beside its numbers: versions, machine, and a place."""

from pathlib import Path

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


def write_results(evaluation: Evaluation, folder: Path) -> None:
    """Write the table, and the rows by fold and by speaker, under the corpus' name."""
    folder.mkdir(parents=True, exist_ok=True)
    table = f"{evaluation.to_markdown()}\n\n{environment()}\n"
    name = _name(evaluation)
    (folder / f"{name}.md").write_text(table, encoding="utf-8")
    frames = {"folds": evaluation.folds, "speakers": evaluation.speakers}
    for kind, frame in frames.items():
        path = folder / f"{name}_{kind}.csv"
        frame.round(4).to_csv(path, index=False)


def _name(evaluation: Evaluation) -> str:
    """Return the corpus' name, and the scheme's where it is not the usual one."""
    scheme = evaluation.scheme.partition(":")[0]
    corpora = list_corpora().set_index("name")["schemes"]
    usual = corpora.get(evaluation.corpus, scheme).split(", ")[0]
    return evaluation.corpus if scheme == usual else f"{evaluation.corpus}-{scheme}"
