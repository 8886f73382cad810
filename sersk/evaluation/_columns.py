"""Scores as the words of a table, and what its columns are."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sersk.evaluation._kinds import Attributes, Classes, Kind, Labels
from sersk.metrics import define_metric

_SCORE = "{:.3f}"
_ROUNDING = 1e-9


class _Column(NamedTuple):
    """Where a column is taken from, how it is written, and what it is."""

    source: str
    pattern: str
    definition: str = ""


# What coverage was measured at: benchmarks/results/coverage.md.
_INTERVAL = (
    "95 % of {of} by speaker: where it may lie for other speakers, less surely where "
    "folds share training speakers"
)

_CONCATENATED = ": the test clips of all folds put together, no mean over folds"

_COLUMNS: Mapping[type[Kind], Mapping[str, _Column]] = {
    Classes: {
        "UA": _Column(
            "unweighted_accuracy",
            _SCORE,
            f"{define_metric('UA')}, pooled over test clips",
        ),
        "interval": _Column("interval", "{}", _INTERVAL.format(of="UA")),
        "UA by speaker": _Column(
            "by_speaker",
            "{}",
            "mean ± standard deviation over speakers of each speaker's UA, over the "
            "classes that the speaker has",
        ),
        "WA": _Column("weighted_accuracy", _SCORE, f"{define_metric('WA')}, pooled"),
        "F1": _Column("macro_f1", _SCORE, f"{define_metric('F1')}, pooled"),
        "chance": _Column(
            "chance",
            _SCORE,
            "UA of a constant answer; the most frequent class has WA {majority:.3f}",
        ),
    },
    Attributes: {
        "attribute": _Column("attribute", "{}"),
        "CCC": _Column("ccc", _SCORE, f"{define_metric('CCC')}{_CONCATENATED}"),
        "interval": _Column("interval", "{}", _INTERVAL.format(of="CCC")),
        "PCC": _Column("pcc", _SCORE, f"{define_metric('PCC')}{_CONCATENATED}"),
        "MAE": _Column("mae", _SCORE, define_metric("MAE")),
        "RMSE": _Column("rmse", _SCORE, define_metric("RMSE")),
    },
    Labels: {
        "macro F1": _Column(
            "macro_f1",
            _SCORE,
            "mean F1 over labels, of the test clips of all folds put together",
        ),
        "interval": _Column("interval", "{}", _INTERVAL.format(of="macro F1")),
        "micro F1": _Column("micro_f1", _SCORE, f"F1 {define_metric('micro avg')}"),
        "weighted F1": _Column(
            "weighted_f1", _SCORE, f"F1, {define_metric('weighted avg')}"
        ),
        "samples F1": _Column(
            "samples_f1", _SCORE, f"F1, {define_metric('samples avg')}"
        ),
    },
}
_MAIN = {Classes: "UA", Attributes: "CCC", Labels: "macro F1"}
_SEEDS = {
    "by fold": _Column(
        "split_std",
        _SCORE,
        "standard deviation of {main} of single folds that is due to who is tested",
    ),
    "by seed": _Column(
        "seed_std", _SCORE, "the part that a seed does alike in all folds"
    ),
    "rest": _Column("rest_std", _SCORE, "what a seed does to one fold, and chance"),
}
_COSTS = {
    "n": _Column("n", "{:.0f}", "clips tested"),
    "extractions/clip": _Column(
        "extractions_per_clip",
        "{:.3g}",
        "how often features were computed, counting each extractor and each window or "
        "copy of a clip; 0 if they were in the store, or there is no extractor",
    ),
    "seconds": _Column(
        "seconds",
        "{:.1f}",
        "for extracting, and for fitting and predicting, summed over folds",
    ),
    "protocol": _Column("protocol", "{}"),
}
_TRANSDUCTIVE = "features were normalised by speaker over the clips being tested"


def describe_scores(scores: pd.DataFrame, kind: Kind | None = None) -> pd.DataFrame:
    """Return the cells of the table of scores, as words."""
    kind = kind or Classes()
    shown = scores.assign(protocol=scores["protocol"] + _normalisations(scores))
    if "speaker_mean" in scores:
        shown["by_speaker"] = _with_spread(
            scores["speaker_mean"], scores["speaker_std"]
        )
    if isinstance(kind, Attributes):
        shown = _by_attribute(shown, kind)
    elif f"{kind.main}_low" in shown:
        shown["interval"] = _between(
            shown[f"{kind.main}_low"], shown[f"{kind.main}_high"]
        )
    return pd.DataFrame(
        {
            title: [_cell(value, column.pattern) for value in shown[column.source]]
            for title, column in _columns(kind).items()
            if column.source in shown
        }
    )


def define_columns(scores: pd.DataFrame, kind: Kind | None = None) -> list[str]:
    """Return a line for each column of the table of scores that needs one."""
    kind = kind or Classes()
    shown = describe_scores(scores, kind).columns
    definitions = {
        title: column.definition
        for title, column in _columns(kind).items()
        if title in shown and column.definition
    }
    if scores["transductive"].any():
        definitions["transductive"] = _TRANSDUCTIVE
    facts = {"main": _MAIN[type(kind)]}
    if "majority" in scores:
        facts["majority"] = scores["majority"].max()
    return [f"{name}: {text.format(**facts)}" for name, text in definitions.items()]


def _columns(kind: Kind) -> dict[str, _Column]:
    first = {"pipeline": _Column("pipeline", "{}")}
    return {**first, **_COLUMNS[type(kind)], **_SEEDS, **_COSTS}


def _by_attribute(scores: pd.DataFrame, kind: Attributes) -> pd.DataFrame:
    """Return a row for each attribute of each system, and one for their mean."""
    table = pd.DataFrame(
        own for _, row in scores.iterrows() for own in _attribute_rows(row, kind)
    )
    if {"low", "high"} <= set(table):
        table["interval"] = _between(table["low"], table["high"])
    return table


def _attribute_rows(row: pd.Series, kind: Attributes) -> Iterator[dict[str, Any]]:
    several = len(kind.names) > 1
    # What varies by fold and by seed is the mean, if there are several attributes.
    parts = [column.source for column in _SEEDS.values() if column.source in row]
    blank = dict.fromkeys(parts, np.nan) if several else {}
    for name in kind.names:
        own = {metric: row[f"{metric}_{name}"] for metric in kind.metrics}
        ends = _ends(row, f"ccc_{name}")
        yield {**row, **blank, **own, **ends, "attribute": name}
    if several:
        means = {
            metric: row[[f"{metric}_{name}" for name in kind.names]].mean()
            for metric in ("ccc", "pcc")
        }
        yield {**row, **means, **_ends(row, "ccc"), "attribute": "mean"}


def _ends(row: pd.Series, name: str) -> dict[str, float]:
    if f"{name}_low" not in row:
        return {}
    return {"low": row[f"{name}_low"], "high": row[f"{name}_high"]}


def _between(low: pd.Series, high: pd.Series) -> list[str]:
    """Write intervals; where all speakers score the same, others need not."""
    return [
        f"{least:.3f} to {most:.3f}" if most - least > _ROUNDING else "-"
        for least, most in zip(low, high, strict=True)
    ]


def _normalisations(scores: pd.DataFrame) -> pd.Series:
    """Return what is to be added to the protocol of each system."""
    notes = scores["transductive"].map({True: "transductive", False: ""})
    if "normalisation" in scores:
        notes = notes.where(scores["transductive"], scores["normalisation"])
    return notes.map(lambda note: f", {note}" if note else "")


def _cell(value: Any, pattern: str) -> str:
    """Write a value; a system that failed has none."""
    return "-" if pd.isna(value) else pattern.format(value)


def _with_spread(means: pd.Series, deviations: pd.Series) -> list[str]:
    """Write means with deviations, which there are none of with one speaker."""
    return [
        _cell(mean, _SCORE) + ("" if pd.isna(spread) else f" ± {spread:.3f}")
        for mean, spread in zip(means, deviations, strict=True)
    ]
