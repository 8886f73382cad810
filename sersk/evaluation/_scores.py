"""Scores of predictions: pooled, by speaker and by fold, and what they vary by."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersk.evaluation._kinds import Classes, Kind
from sersk.metrics import variance_parts

_CLASSES = Classes()


def score_by(
    predictions: pd.DataFrame, by: Sequence[str], kind: Kind = _CLASSES
) -> pd.DataFrame:
    """Return the scores of each group, over the classes that the group has.

    Predictions whose group is not known are left out. Of several seeds, unless they
    are groups, each is scored on its own, and the mean is returned.
    """
    keys = list(by)
    if "seed" in predictions and "seed" not in keys:
        scored = score_by(predictions, [*keys, "seed"], kind).drop(columns="seed")
        return scored.groupby(keys, sort=False).mean().reset_index()
    return pd.DataFrame(
        {
            **dict(zip(keys, key, strict=True)),
            "n": len(group),
            **kind.score(group),
        }
        for key, group in predictions.groupby(keys, sort=False)
    )


def pooled_scores(predictions: pd.DataFrame, kind: Kind = _CLASSES) -> pd.DataFrame:
    """Return the scores of each system over all its predictions, and what goes along.

    These are intervals by speaker and, for classes, the score of guessing.
    """
    described = pd.DataFrame(
        {"pipeline": name, **kind.describe(own)}
        for name, own in predictions.groupby("pipeline", sort=False)
    )
    return score_by(predictions, ["pipeline"], kind).merge(described, on="pipeline")


def spread(by_speaker: pd.DataFrame, score: str = _CLASSES.main) -> pd.DataFrame:
    """Return mean and standard deviation over speakers of a score of each system."""
    values = by_speaker.groupby("pipeline", sort=False)[score]
    return values.agg(speaker_mean="mean", speaker_std="std").reset_index()


def find_alike(predictions: pd.DataFrame) -> list[list[str]]:
    """Return the names of systems that gave the same answers to the same clips."""
    keys = [name for name in ("seed", "fold", "clip") if name in predictions]
    answers = [name for name in predictions if str(name).startswith("prediction")]
    same: dict[bytes, list[str]] = {}
    for name, own in predictions.groupby("pipeline", sort=False):
        rows = own.sort_values(keys)[[*keys, *answers]]
        hashed = pd.util.hash_pandas_object(rows, index=False).to_numpy()
        same.setdefault(hashed.tobytes(), []).append(str(name))
    return [names for names in same.values() if len(names) > 1]


def seed_parts(folds: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return the standard deviations of each system by split, by seed, and the rest.

    A system that lacks folds has none, and nor do fewer than two folds or seeds.
    """
    return pd.DataFrame(_seed_parts(folds, score), columns=["pipeline", *_PARTS])


_PARTS = ("split_std", "seed_std", "rest_std")


def _seed_parts(folds: pd.DataFrame, score: str) -> Iterator[dict[str, Any]]:
    if folds["fold"].nunique() < 2 or folds["seed"].nunique() < 2:
        return
    named = folds.rename(columns={"fold": "split", score: "value"})
    for name, own in named.groupby("pipeline", sort=False):
        if own["value"].notna().all():
            parts = np.sqrt(variance_parts(own[["split", "seed", "value"]]))
            yield {"pipeline": name, **dict(zip(_PARTS, parts, strict=True))}
