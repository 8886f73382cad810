"""Scores of predictions: pooled, by speaker and by fold."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sersk.metrics import macro_f1, micro_f1, unweighted_accuracy, weighted_accuracy


def score_by(predictions: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return WA, UA and n of each group; UA over the classes that the group has."""
    rows = []
    for key, group in predictions.groupby(list(by), sort=False):
        truth, predicted = group["target"], group["prediction"]
        rows.append(
            {
                **dict(zip(by, key, strict=True)),
                "n": len(group),
                "weighted_accuracy": weighted_accuracy(truth, predicted),
                "unweighted_accuracy": unweighted_accuracy(truth, predicted),
                "n_classes": truth.nunique(),
            }
        )
    return pd.DataFrame(rows)


def pooled_scores(
    predictions: pd.DataFrame, classes: Sequence[str]
) -> dict[str, float]:
    """Return scores over all predictions of one system."""
    truth, predicted = predictions["target"], predictions["prediction"]
    present = [name for name in classes if name in set(truth)]
    return {
        "n": len(predictions),
        "weighted_accuracy": weighted_accuracy(truth, predicted),
        "unweighted_accuracy": unweighted_accuracy(truth, predicted, labels=present),
        "macro_f1": macro_f1(truth, predicted, labels=present),
        "micro_f1": micro_f1(truth, predicted, labels=present),
        "majority": float(truth.value_counts(normalize=True).iloc[0]),
        "chance": 1.0 / len(present),
    }


def spread(scores: pd.Series) -> tuple[float, float]:
    """Return the mean and, from two values on, the standard deviation."""
    deviation = float(np.std(scores, ddof=1)) if len(scores) > 1 else float("nan")
    return float(np.mean(scores)), deviation
