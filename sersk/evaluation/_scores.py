"""Scores of predictions: pooled, by speaker and by fold."""

from collections.abc import Sequence

import pandas as pd

from sersk.metrics import macro_f1, micro_f1, unweighted_accuracy, weighted_accuracy


def score_by(predictions: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the scores of each group, over the classes that the group has.

    Predictions whose group is not known are left out.
    """
    return pd.DataFrame(
        {
            **dict(zip(by, key, strict=True)),
            **_score(group["target"], group["prediction"]),
        }
        for key, group in predictions.groupby(list(by), sort=False)
    )


def _score(truth: pd.Series, predicted: pd.Series) -> dict[str, float]:
    # No list of classes: of a system that answers a class that no test clip has, this
    # is a mistake, and none of the call.
    return {
        "n": len(truth),
        "n_classes": truth.nunique(),
        "unweighted_accuracy": unweighted_accuracy(truth, predicted),
        "weighted_accuracy": weighted_accuracy(truth, predicted),
        "macro_f1": macro_f1(truth, predicted),
        "micro_f1": micro_f1(truth, predicted),
    }


def pooled_scores(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of each system over all its predictions, and of guessing."""
    scores = score_by(predictions, ["pipeline"])
    targets = predictions.groupby("pipeline", sort=False)["target"]
    majority = targets.agg(lambda truth: truth.value_counts(normalize=True).max())
    return scores.assign(
        chance=1.0 / scores["n_classes"], majority=majority.to_numpy(dtype=float)
    )


def spread(by_speaker: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation over speakers of each system's UA."""
    values = by_speaker.groupby("pipeline", sort=False)["unweighted_accuracy"]
    return values.agg(speaker_mean="mean", speaker_std="std").reset_index()
