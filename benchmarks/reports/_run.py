"""Running a script: systems measured, beside what was published of them."""

import argparse
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.command import make_parser
from benchmarks.corpora import LOADERS
from benchmarks.record import environment, markdown, write
from benchmarks.reports._errors import KNOWN_ERRORS
from benchmarks.reports._experiment import (
    Experiment,
    FirstFold,
    Protocol,
    Settings,
    Table,
)
from benchmarks.reports._published import Figure, figures
from benchmarks.systems import SEED
from sersk.datasets import Corpus, concatenate_corpora
from sersk.evaluation import Evaluation, evaluate
from sersk.metrics import (
    apply_thresholds,
    bootstrap_interval,
    multilabel_macro_f1,
)
from sersk.model_selection import SpeakerKFold
from sersk.utils import CorpusWarning

SCORES = ("WA", "UA", "F1", "CCC")
_REDUCED = (
    "reduced: one fold, one clip of each class of four speakers at most, few epochs, "
    "small nets where their size can be set, and encoders that are tiny and untrained"
)
_FAKE = (
    "fake: the clips are tones with the names of the corpus, and texts tell which clip "
    "it is; what is measured says that the system runs, and nothing else"
)
_NOTES = (
    "published: as printed in the report, which gives no interval; measured as "
    "published: by its protocol, and else by an honest one",
    "WA: share of clips answered rightly; UA: mean recall over classes; F1: mean over "
    "classes or labels; CCC: concordance correlation; all over clips",
    "95 %: interval of UA, CCC or macro F1 by speaker, of two test speakers or more",
    "chance: UA of a constant answer, and WA of the most frequent class",
)


def main(table: Table, arguments: Sequence[str] | None = None) -> int:
    """Print the table of a script and, if asked, write it to a folder."""
    options = _parser(table).parse_args(arguments)
    measured = measure(
        table,
        dict(options.corpus or {}),
        quick=options.quick,
        n_jobs=options.n_jobs,
        cache=options.cache,
    )
    print(to_markdown(table, measured))
    if options.output is not None:
        write_table(table, measured, options.output)
    return 0


def measure(
    table: Table,
    roots: Mapping[str, Path],
    *,
    quick: bool = False,
    n_jobs: int | None = None,
    cache: str | None = None,
) -> pd.DataFrame:
    """Measure the experiments of a table, on fake corpora where no root is given.

    Parameters
    ----------
    table : Table
        What to measure; experiments on other corpora than those given are left out.
    roots : mapping of str to Path
        Folders of corpora by name.
    quick : bool, default=False
        Whether systems and clips are reduced; they are on fake corpora anyway.
    n_jobs, cache
        See :func:`sersk.evaluation.evaluate`.

    Returns
    -------
    rows : pandas.DataFrame
        Published and measured rows, with the columns system, source, corpus, protocol,
        n, one for each of `SCORES`, low, high, chance, majority, seconds and errors.
        Its ``attrs`` hold what was done to the clips, what is odd about copies of
        corpora, what each source gives to a mixture, and the rows of the folds.
    """
    known = {figure.key: figure for figure in figures()}
    rows, folds, copies, mixtures = [], [], {}, {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(quick or not roots, Path(folder))
        for experiment in table.experiments:
            own = [name for name in experiment.corpora if name in roots or not roots]
            if not own:
                continue
            rows += [_published(known[key]) for key in experiment.figures]
            corpus = _load(experiment, own, roots, settings)
            if roots and corpus.problems:
                copies[corpus.name] = _describe_copy(corpus)
            if len(own) > 1:
                mixtures[corpus.name, corpus.scheme.name] = _describe_mixture(corpus)
            for protocol in experiment.protocols:
                evaluation = _evaluate(
                    experiment, protocol, corpus, settings, n_jobs, cache
                )
                rows += _measured(experiment, protocol, evaluation)
                said = {"protocol": protocol.name, "corpus": evaluation.corpus}
                folds.append(evaluation.folds.assign(**said))
        reservations = [_REDUCED] * settings.quick + [_FAKE] * (not roots)
    if not rows:
        wanted = sorted({name for one in table.experiments for name in one.corpora})
        raise ValueError(
            f"{table.name} takes {', '.join(wanted)}, but got {', '.join(roots)}."
        )
    frame = pd.DataFrame(rows)
    frame.attrs["reservations"] = reservations
    frame.attrs["copies"] = list(copies.values())
    frame.attrs["mixtures"] = list(mixtures.values())
    frame.attrs["folds"] = pd.concat(folds, ignore_index=True)
    return frame


def _published(figure: Figure) -> dict[str, Any]:
    return {
        "system": figure.system,
        "source": "published",
        "corpus": figure.corpus,
        "protocol": figure.protocol,
        "n": figure.n,
        **{name: figure.scores.get(name) for name in SCORES},
        "errors": " ".join(figure.errors),
    }


def _load(
    experiment: Experiment,
    names: Sequence[str],
    roots: Mapping[str, Path],
    settings: Settings,
) -> Corpus:
    """Return the clips of an experiment, under its scheme."""
    with warnings.catch_warnings():
        if not roots:
            # That a fake corpus is not complete is said in the title.
            warnings.simplefilter("ignore", CorpusWarning)
        corpora = {
            name: _load_one(experiment, name, roots.get(name), settings, len(names))
            for name in names
        }
        if experiment.texts:
            corpora = {name: corpus.as_texts() for name, corpus in corpora.items()}
        corpus = next(iter(corpora.values()))
        if len(corpora) > 1:
            corpus = concatenate_corpora(
                corpora, scheme=experiment.scheme, verbose=False
            )
    return _thin(corpus, experiment.few) if settings.quick else corpus


def _describe_copy(corpus: Corpus) -> str:
    return (
        f"{corpus.name}: this copy is not as published ({len(corpus.problems)} "
        f"findings, such as: {corpus.problems[0]})"
    )


def _describe_mixture(corpus: Corpus) -> str:
    """Say how many clips of each class each source has."""
    counts = corpus.counts("corpus")
    sources = [
        f"{source} {', '.join(f'{name} {n}' for name, n in counts[source].items())}"
        for source in counts
    ]
    return f"{corpus.name}: {'; '.join(sources)}"


def _load_one(
    experiment: Experiment,
    name: str,
    root: Path | None,
    settings: Settings,
    n_corpora: int,
) -> Corpus:
    options = {}
    if experiment.scheme is not None and n_corpora == 1:
        options["scheme"] = experiment.scheme
    return LOADERS[name](root or settings.tree(name), **options)


def _thin(corpus: Corpus, n_speakers: int) -> Corpus:
    """Return a clip of each class of some speakers, or all clips if there are parts."""
    if "partition" in corpus.frame:
        return corpus
    speakers = corpus.frame["speaker"].astype(str).to_numpy()
    names = np.unique(speakers)
    # Speakers that follow each other may share a session.
    step = 2 if len(names) >= 2 * n_speakers else 1
    wanted = np.isin(speakers, names[-step * n_speakers :: step])
    seen = pd.DataFrame({"speaker": speakers, "label": corpus.target}).duplicated()
    return corpus[wanted & ~seen.to_numpy()]


def _evaluate(
    experiment: Experiment,
    protocol: Protocol,
    corpus: Corpus,
    settings: Settings,
    n_jobs: int | None,
    cache: str | None,
) -> Evaluation:
    return evaluate(
        {experiment.system: experiment.make(settings)},
        corpus,
        cv=_first_fold(protocol.splitter) if settings.quick else protocol.splitter,
        # Starting workers takes longer than the few clips of a fake corpus.
        n_jobs=1 if settings.quick else n_jobs,
        cache=cache,
        # Of two who say the same, clips of words alone are one recording.
        acknowledge_overlap=protocol.shares_speakers or experiment.texts,
        **(experiment.options or {}),
    )


def _first_fold(splitter: Any) -> FirstFold:
    few = isinstance(splitter, SpeakerKFold)
    return FirstFold(SpeakerKFold(2) if few else splitter)


def _measured(
    experiment: Experiment, protocol: Protocol, evaluation: Evaluation
) -> Iterator[dict[str, Any]]:
    """Return one row, or one for each attribute or threshold."""
    scores = evaluation.scores().iloc[0]
    said = "as published: " * protocol.is_published + protocol.name
    common = {
        "system": experiment.system,
        "source": "measured",
        "corpus": evaluation.corpus,
        "protocol": f"{said} ({evaluation.protocol})",
        "n": scores["n"],
        "seconds": scores["seconds"],
        "errors": "",
    }
    if evaluation.kind != "attributes":
        yield common | _class_scores(scores, evaluation.kind)
        return
    if experiment.thresholds:
        for threshold in experiment.thresholds:
            yield (
                common
                | _label_scores(evaluation, threshold)
                | {"system": f"{experiment.system}, threshold {threshold}"}
            )
        return
    for name in evaluation.classes:
        yield common | {
            "system": f"{experiment.system}, {name}",
            "CCC": scores[f"ccc_{name}"],
            **_ends(scores, f"ccc_{name}"),
        }


def _class_scores(scores: pd.Series, kind: str) -> dict[str, Any]:
    if kind == "labels":
        return {"F1": scores["macro_f1"], **_ends(scores, "macro_f1")}
    return {
        "WA": scores["weighted_accuracy"],
        "UA": scores["unweighted_accuracy"],
        "F1": scores["macro_f1"],
        **_ends(scores, "unweighted_accuracy"),
        "chance": scores["chance"],
        "majority": scores["majority"],
    }


def _ends(scores: pd.Series, name: str) -> dict[str, float | None]:
    """Return the ends of the interval of a score, if it has one."""
    return {end: scores.get(f"{name}_{end}") for end in ("low", "high")}


def _label_scores(evaluation: Evaluation, threshold: float) -> dict[str, Any]:
    """Return the scores of degrees from which labels are made, clips above 0 true."""
    frame, names = evaluation.predictions, evaluation.classes
    degrees, predicted = (
        frame[[f"{prefix}_{name}" for name in names]].to_numpy()
        for prefix in ("target", "prediction")
    )
    truth = (degrees > 0).astype(int)
    answers = apply_thresholds(predicted, threshold).to_numpy()
    scores = {"F1": multilabel_macro_f1(truth, answers)}
    if frame["speaker"].isna().any() or frame["speaker"].nunique() < 2:
        return scores
    _, low, high = bootstrap_interval(
        truth,
        answers,
        frame["speaker"],
        metric=multilabel_macro_f1,
        random_state=SEED,
    )
    return scores | {"low": low, "high": high}


def write_table(table: Table, rows: pd.DataFrame, folder: Path) -> None:
    """Write the table in Markdown, its rows and those of the folds into a folder."""
    frames = {"": rows, "folds": rows.attrs["folds"]}
    write(folder, table.name, to_markdown(table, rows), frames)


def to_markdown(table: Table, rows: pd.DataFrame) -> str:
    """Return the rows as a table in Markdown, with notes underneath."""
    reservations = rows.attrs["reservations"]
    kind = " and ".join(text.partition(":")[0] for text in reservations)
    title = f"**{table.title}{f' ({kind.upper()})' * bool(kind)}**"
    codes = dict.fromkeys(" ".join(rows["errors"]).split())
    notes = [
        *reservations,
        *rows.attrs["copies"],
        *rows.attrs["mixtures"],
        *table.notes,
        *_NOTES,
        *(f"{code}: {KNOWN_ERRORS[code]}" for code in codes),
    ]
    listed = [f"- {note}" for note in notes]
    return "\n\n".join(
        [title, markdown(_cells(rows)), "\n".join(listed), environment()]
    )


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the words of the table, without columns that say nothing."""
    missing = [name for name in (*SCORES, "low", "high", "chance") if name not in rows]
    rows = rows.assign(**dict.fromkeys(missing))
    cells = rows[["system", "source", "corpus", "protocol"]].copy()
    cells["n"] = _words(rows["n"], "{:.0f}")
    for name in SCORES:
        cells[name] = _words(rows[name], "{:.3f}")
    cells["95 %"] = _joined(rows["low"], rows["high"], "{:.3f} to {:.3f}")
    if "majority" in rows:
        cells["chance"] = _joined(rows["chance"], rows["majority"], "{:.3f}, {:.3f}")
    cells["seconds"] = _words(rows["seconds"], "{:.1f}")
    cells["known errors"] = rows["errors"]
    return cells.loc[:, (cells != "").any()]


def _words(values: pd.Series, pattern: str) -> list[str]:
    return ["" if pd.isna(value) else pattern.format(value) for value in values]


def _joined(left: pd.Series, right: pd.Series, pattern: str) -> list[str]:
    return [
        "" if pd.isna(one) or pd.isna(other) else pattern.format(one, other)
        for one, other in zip(left, right, strict=True)
    ]


def _root(request: str) -> tuple[str, Path]:
    """Return name and folder of NAME=ROOT, or say what is wrong."""
    name, _, root = request.partition("=")
    if name not in LOADERS or not root:
        raise argparse.ArgumentTypeError(
            f"{request!r} is not understood: pass NAME=ROOT, where NAME is one of "
            f"{', '.join(LOADERS)}."
        )
    if not Path(root).is_dir():
        raise argparse.ArgumentTypeError(f"{request!r}: there is no folder {root!r}.")
    return name, Path(root)


def _parser(table: Table) -> argparse.ArgumentParser:
    shared = ("n-jobs", "cache", "output")
    parser = make_parser(f"benchmarks.reports.{table.name}", table.title, shared)
    parser.add_argument(
        "--corpus",
        action="append",
        type=_root,
        metavar="NAME=ROOT",
        help="where the recordings of a corpus lie; may be given several times. "
        "Without it, everything is reduced and runs on fake corpora.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="reduce systems and clips, to see it run"
    )
    return parser
