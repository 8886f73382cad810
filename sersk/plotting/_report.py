"""All that an evaluation says, in one file that needs no other."""

from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from sersk.evaluation import Evaluation, Optimism
from sersk.metrics import (
    class_scores,
    define_metric,
    group_gap,
    scores_by_group,
)
from sersk.model_selection import SplitAudit
from sersk.plotting._confusion import ConfusionDisplay
from sersk.plotting._frames import (
    complete_systems,
    predictions_of,
    speaker_scores,
    systems_of,
)
from sersk.plotting._html import (
    beside,
    folded,
    image,
    notes,
    page,
    paragraph,
    table,
    text,
)
from sersk.plotting._optimism import OptimismDisplay
from sersk.plotting._ranking import CriticalDifferenceDisplay
from sersk.plotting._reliability import ReliabilityDisplay, has_probabilities
from sersk.plotting._report_targets import (
    attributes_section,
    labels_section,
    scores_section,
    targets_section,
)
from sersk.plotting._speakers import SpeakerScoresDisplay
from sersk.utils import describe_machine, import_optional, installed_versions

_SCORE = "{:.3f}"
_MOST_FINDINGS = 50
_NAMES = {
    "unweighted_accuracy": "UA",
    "weighted_accuracy": "WA",
    "macro_f1": "F1",
    "micro_f1": "micro F1",
    "ccc": "CCC",
    "test_speakers": "test speakers",
    "n_train": "training clips",
    "n_test": "test clips",
    "fit_seconds": "seconds to fit",
    "predict_seconds": "to predict",
}
_NAMED = {
    "classes": ("class", "classes"),
    "attributes": ("attribute", "attributes"),
    "labels": ("label", "labels"),
}
_NUMBERS = {
    "UA": _SCORE,
    "WA": _SCORE,
    "F1": _SCORE,
    "micro F1": _SCORE,
    "CCC": _SCORE,
    "chance": _SCORE,
    "interval": "{}",
    "gap interval": "{}",
    "n": "{:.0f}",
    "seconds to fit": "{:.2f}",
    "to predict": "{:.2f}",
}
_COMPARED = {
    **dict.fromkeys(("score a", "score b"), _SCORE),
    **dict.fromkeys(("difference", "low", "high"), "{:+.3f}"),
    **dict.fromkeys(("p value", "p floor", "p holm"), "{:.3g}"),
}


def write_report(
    evaluation: Evaluation,
    path: str | PathLike,
    *,
    optimism: Optimism | None = None,
    comparison: pd.DataFrame | None = None,
    audit: SplitAudit | None = None,
    environment: Mapping[str, Any] | None = None,
    title: str | None = None,
) -> Path:
    """Write all that an evaluation says into one HTML file.

    Tables of scores with definitions, by system, class, speaker and fold; confusions,
    speakers, calibration and ranks as plots; the audit of the split, the optimism
    table and the comparison, where they are given; labels and versions. The file holds
    its plots, no script and no link that anything is loaded from, and its policy lets
    no browser load anything.

    Parameters
    ----------
    evaluation : Evaluation
        What :func:`sersk.evaluation.evaluate` returns.
    path : str or path
        The file to write, such as ``"report.html"``; one that is there is replaced.
    optimism : Optimism, default=None
        What :func:`sersk.evaluation.optimism_report` returns.
    comparison : pandas.DataFrame, default=None
        What :func:`sersk.metrics.compare_systems` returns.
    audit : SplitAudit, default=None
        What :func:`sersk.model_selection.audit_split` returns. None: that of the
        evaluation, if it holds one.
    environment : mapping, default=None
        What the evaluation was made with, as names and values. None: what its record
        says, or else the versions that are installed, and the machine.
    title : str, default=None
        Title of the page; None: one with the name of the corpus.

    Returns
    -------
    path : Path
        The file.

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.
    OSError
        If the file cannot be written.

    See Also
    --------
    sersk.evaluation.Evaluation.to_markdown : The table of scores alone.

    Examples
    --------
    >>> from sersk.plotting import write_report
    >>> write_report(evaluation, "report.html")  # doctest: +SKIP
    PosixPath('report.html')
    """
    if audit is None:
        audit = getattr(evaluation, "audit", None)
    sections = {
        "Scores": scores_section(evaluation),
        "Split": _split(evaluation, audit),
        "Protocols": _optimism(optimism),
        "Comparison": _comparison(evaluation, comparison),
        "Speakers": _speakers(evaluation),
        **_answers(evaluation),
        "Folds": _folds(evaluation),
        "Labels": _labels(evaluation),
        "Environment": _environment(evaluation, environment),
    }
    filled = {heading: content for heading, content in sections.items() if content}
    title = title or f"Evaluation on {evaluation.corpus}"
    path = Path(path)
    path.write_text(page(title, _lead(evaluation), filled), encoding="utf-8")
    return path


def _answers(evaluation: Evaluation) -> dict[str, str]:
    """Return the sections on what systems took clips for."""
    if evaluation.kind == "attributes":
        return {"Attributes": attributes_section(evaluation)}
    if evaluation.kind == "labels":
        return {"Scores by label": labels_section(evaluation)}
    return {
        "Classes": _classes(evaluation),
        "Calibration": _calibration(evaluation),
    }


def _lead(evaluation: Evaluation) -> str:
    """Return the size of it all, in a line."""
    predictions = evaluation.predictions
    known = evaluation.speakers
    counts = (
        (len(evaluation.pipelines), "system", "systems"),
        (predictions["clip"].nunique(), "clip", "clips"),
        (_n_names(evaluation), *_NAMED[evaluation.kind]),
        (0 if known.empty else known["speaker"].nunique(), "speaker", "speakers"),
    )
    told = [f"{n} {one if n == 1 else many}" for n, one, many in counts if n]
    return paragraph(", ".join(told))


def _n_names(evaluation: Evaluation) -> int:
    if evaluation.kind == "classes":
        return evaluation.predictions["target"].nunique()
    return len(evaluation.classes)


def _split(evaluation: Evaluation, audit: Any) -> str:
    parts = [paragraph(evaluation.protocol)]
    if audit is not None:
        parts.append(paragraph(audit.line, "" if audit.is_clean else "alarm"))
        found = audit.findings
        if len(found):
            shown = found[["severity", "check", "sides", "fold", "count", "detail"]]
            listed = table(shown.head(_MOST_FINDINGS), caption="What the audit found")
            more = len(found) - _MOST_FINDINGS
            listed += paragraph(f"and {more} more", "dim") if more > 0 else ""
            parts.append(folded(f"What the audit found ({len(found)})", listed))
    return "".join(parts)


def _optimism(optimism: Optimism | None) -> str:
    if optimism is None:
        return ""
    frame = optimism.frame
    shown = pd.DataFrame(
        {
            "pipeline": frame["pipeline"],
            "protocol": frame["protocol"],
            "folds": frame["n_folds"],
            "n": frame["n"],
            "UA": frame["value"],
            "interval": _between(frame, "low", "high", "{:.3f}"),
            "gap": frame["gap"],
            "gap interval": _between(frame, "gap_low", "gap_high", "{:+.3f}"),
            "chance": frame["chance"],
        }
    )
    told = (
        "interval: 95 % by speaker",
        "gap: UA minus that of the speaker-disjoint protocol on the same clips",
    )
    drawn = _draw(
        partial(OptimismDisplay.from_optimism, optimism),
        "UA of each system under each protocol, with intervals and chance",
    )
    return (
        drawn
        + table(shown, {**_NUMBERS, "gap": "{:+.3f}"}, caption="What protocols add")
        + notes(told)
    )


def _between(frame: pd.DataFrame, low: str, high: str, pattern: str) -> list[str]:
    return [
        f"{pattern.format(least)} to {pattern.format(most)}"
        for least, most in zip(frame[low], frame[high], strict=True)
    ]


def _comparison(evaluation: Evaluation, comparison: pd.DataFrame | None) -> str:
    parts = []
    names = complete_systems(evaluation)
    if len(names) > 2 and len(evaluation.speakers):
        scores = speaker_scores(evaluation, evaluation.main_score)[names]
        if len(scores) > 1 and scores.notna().all(axis=None):
            parts.append(
                _draw(
                    partial(
                        CriticalDifferenceDisplay.from_evaluation,
                        evaluation,
                        names,
                        metric=evaluation.main_score,
                    ),
                    "Mean ranks of the systems over speakers, and which cannot be "
                    "told apart",
                )
            )
    if comparison is not None:
        shown = comparison.rename(columns=lambda name: str(name).replace("_", " "))
        parts.append(table(shown, _COMPARED, caption="Pairs on the same clips"))
        parts.append(
            notes(
                (
                    "difference: score a minus score b, from low to high with 95 % by "
                    "speaker",
                    "p value: two-sided, by exchange of all clips of a speaker; "
                    "p floor: the least that so many speakers can give; p holm: "
                    "corrected for the number of pairs",
                )
            )
        )
    return "".join(parts)


def _speakers(evaluation: Evaluation) -> str:
    if evaluation.speakers.empty:
        return ""
    main = evaluation.main_score
    word = _NAMES[main]
    scores = speaker_scores(evaluation, main)
    drawn = _draw(
        partial(SpeakerScoresDisplay.from_evaluation, evaluation, metric=main),
        f"{word} of each speaker under each system, with mean and interval",
    )
    counts = evaluation.speakers.groupby("speaker")["n"].max()
    shown = scores.reset_index()
    shown.insert(1, "clips", shown["speaker"].map(counts))
    patterns = dict.fromkeys(scores.columns, _SCORE)
    listed = table(shown, patterns, caption=f"{word} by speaker")
    worst = [
        f"{name}: lowest for speaker {scores[name].idxmin()}, {scores[name].min():.3f}"
        for name in scores
    ]
    if evaluation.kind == "classes":
        worst.insert(0, "UA of a speaker is over the classes that the speaker has")
        worst += [line for name in scores for line in _gaps(evaluation, str(name))]
    return drawn + notes(worst) + folded(f"{word} by speaker as a table", listed)


def _gaps(evaluation: Evaluation, pipeline: str) -> list[str]:
    """Return UA by gender and by session, where they are known, and how far apart."""
    own = predictions_of(evaluation, pipeline)
    said = []
    for column in ("gender", "session"):
        if column not in own or own[column].isna().any() or own[column].nunique() < 2:
            continue
        clips = own["target"], own["prediction"], own[column]
        values = scores_by_group(*clips)["value"]
        told = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
        said.append(f"{pipeline}: UA by {column}: {told}; gap {group_gap(*clips):.3f}")
    return said


def _classes(evaluation: Evaluation) -> str:
    parts = []
    for name in systems_of(evaluation):
        own = predictions_of(evaluation, name)
        scores = class_scores(
            own["target"], own["prediction"], labels=evaluation.classes
        )
        shown = scores.reset_index().rename(columns={"support": "clips", "f1": "F1"})
        shown["defined"] = shown["defined"].map({True: "yes", False: "no"})
        patterns = dict.fromkeys(("precision", "recall", "F1"), _SCORE)
        drawn = _draw(
            partial(ConfusionDisplay.from_evaluation, evaluation, name),
            f"Confusion of {name}, % of each true class",
        )
        listed = table(shown, patterns, caption=f"Classes, {name}")
        parts.append(f"<h3>{text(name)}</h3>{beside(drawn, listed)}")
    words = ("precision", "recall", "defined")
    return "".join(parts) + notes(f"{word}: {define_metric(word)}" for word in words)


def _calibration(evaluation: Evaluation) -> str:
    names = [
        name for name in systems_of(evaluation) if has_probabilities(evaluation, name)
    ]
    if not names:
        return ""
    drawn = _draw(
        partial(ReliabilityDisplay.from_evaluation, evaluation, names),
        "Accuracy over confidence of each system",
    )
    return drawn + notes([f"ECE: {define_metric('ECE')}"])


def _folds(evaluation: Evaluation) -> str:
    columns = ["pipeline", "seed", "fold", "test_speakers", "n_train", "n_test"]
    columns += ["ccc", *(f"ccc_{name}" for name in evaluation.classes)]
    columns += ["unweighted_accuracy", "weighted_accuracy", "macro_f1"]
    columns += ["micro_f1"] * (evaluation.kind == "labels")
    columns += ["fit_seconds", "predict_seconds"]
    folds = evaluation.folds
    columns += [
        name for name in ("chosen", "error") if name in folds and any(folds[name])
    ]
    names = {f"ccc_{name}": f"CCC {name}" for name in evaluation.classes} | _NAMES
    shown = folds[[name for name in columns if name in folds]].rename(columns=names)
    numbers = {name: _SCORE for name in names.values() if name.startswith("CCC")}
    listed = table(shown, {**numbers, **_NUMBERS}, caption="Folds")
    n_failed = (folds["error"] != "").sum() if "error" in folds else 0
    alarm = paragraph(f"{n_failed} of {len(folds)} folds failed", "alarm")
    return alarm * bool(n_failed) + folded(f"{len(folds)} folds as a table", listed)


def _labels(evaluation: Evaluation) -> str:
    scheme = paragraph(f"Scheme {evaluation.scheme}") if evaluation.scheme else ""
    if evaluation.kind != "classes":
        return scheme + targets_section(evaluation)
    targets = evaluation.predictions.drop_duplicates("clip")["target"]
    counts = targets.value_counts().reindex(evaluation.classes, fill_value=0)
    shown = pd.DataFrame({"class": counts.index.map(str), "clips": counts.to_numpy()})
    shown["share"] = counts.to_numpy() / max(counts.sum(), 1)
    return scheme + table(shown, {"share": "{:.1%}"}, caption="Clips tested by class")


def _environment(evaluation: Evaluation, environment: Mapping[str, Any] | None) -> str:
    record = getattr(evaluation, "record", None)
    facts = dict(environment or {})
    if not facts and record is not None:
        facts = {"evaluated": record.created, **record.machine, **record.versions}
        facts["digest of the corpus"] = record.corpus_digest
    facts = facts or {**describe_machine(), **installed_versions()}
    shown = pd.DataFrame({"what": list(facts), "which": list(map(str, facts.values()))})
    return table(shown, caption="Made with")


def _draw(display: Callable[..., Any], alt: str) -> str:
    """Return what a display draws, on a figure that no window knows."""
    return image(display(ax=_axes).figure_, alt)


def _axes(size: tuple[float, float]) -> Any:
    figures = import_optional("matplotlib.figure", extra="plot")
    return figures.Figure(figsize=size, layout="constrained").subplots()
