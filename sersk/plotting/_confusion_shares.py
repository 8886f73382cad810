"""Shares of classes taken for others, each with its interval."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.metrics import (
    bootstrap_interval,
    confusion_counts,
    mean_confusion,
    normalise_confusion,
    weighted_accuracy,
)

_AVERAGES = ("pooled", "folds")
_INTERVALS = ("diagonal", "all", None)
_CONFIDENCE = 0.95
_N_RESAMPLES = 1000
# Shares that are equal in theory differ by rounding.
_ROUNDING = 1e-9


class Shares(NamedTuple):
    """Shares, ends and unit of their intervals, and the clips of each class."""

    shares: pd.DataFrame
    low: np.ndarray
    high: np.ndarray
    support: pd.Series
    unit: str


def share_confusion(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    classes: Sequence | None,
    speaker: Any,
    fold: Any,
    average: str,
    intervals: str | None,
    random_state: int,
) -> Shares:
    """Return shares by row; see `ConfusionDisplay` for what they and intervals are."""
    _check_choice(average, _AVERAGES, "average")
    _check_choice(intervals, _INTERVALS, "intervals")
    counts = confusion_counts(y_true, y_pred, labels=classes)
    clips = _as_clips(y_true, y_pred, speaker, fold)
    if average == "folds":
        shares, drawn, unit = _mean_of_folds(clips, counts), _over_folds, "fold"
    else:
        shares, drawn, unit = normalise_confusion(counts), _over_speakers, "speaker"
    low, high = _cell_intervals(clips, shares, intervals, drawn, random_state)
    return Shares(shares, low, high, counts.sum(axis=1), unit)


def _check_choice(value: Any, known: tuple, name: str) -> None:
    if value not in known:
        listed = ", ".join(map(repr, known))
        raise ValueError(f"{name} must be one of {listed}, got {value!r}.")


def _as_clips(
    y_true: ArrayLike, y_pred: ArrayLike, speaker: Any, fold: Any
) -> pd.DataFrame:
    """Return one row a clip; what goes with the labels must be as many."""
    clips = pd.DataFrame(
        {"true": np.asarray(y_true, dtype=object), "predicted": np.asarray(y_pred)}
    )
    for name, values in {"speaker": speaker, "fold": fold}.items():
        if values is None:
            continue
        array = np.asarray(values, dtype=object)
        if array.shape != (len(clips),) or pd.isna(array).any():
            raise ValueError(
                f"{name} must hold a value for each of {len(clips)} clips, got values "
                f"of shape {array.shape}, {pd.isna(array).sum()} of them missing."
            )
        clips[name] = array
    return clips


def _mean_of_folds(clips: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    if "fold" not in clips:
        raise ValueError('average="folds" needs fold, the fold of each clip.')
    labels = counts.index.tolist()
    return mean_confusion(
        {
            fold: confusion_counts(own["true"], own["predicted"], labels=labels)
            for fold, own in clips.groupby("fold")
        }
    )


def _cell_intervals(
    clips: pd.DataFrame,
    shares: pd.DataFrame,
    intervals: str | None,
    drawn: Callable[..., tuple[float, float]],
    random_state: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the intervals, NaN where there is none."""
    low, high = (np.full(shares.shape, np.nan) for _ in range(2))
    if intervals is None:
        return low, high
    for row, true in enumerate(shares.index):
        own = clips[clips["true"] == true]
        for column, predicted in enumerate(shares.columns):
            if len(own) and (row == column or intervals == "all"):
                hit = (own["predicted"] == predicted).to_numpy()
                ends = drawn(hit, own, random_state)
                low[row, column], high[row, column] = ends
    return low, high


def _over_speakers(
    hit: np.ndarray, own: pd.DataFrame, random_state: int
) -> tuple[float, float]:
    """Return the interval of the share of hits, over speakers with all their clips."""
    if "speaker" not in own or own["speaker"].nunique() < 2:
        return np.nan, np.nan
    return _ends(np.ones(len(hit), dtype=int), hit, own["speaker"], random_state)


def _over_folds(
    hit: np.ndarray, own: pd.DataFrame, random_state: int
) -> tuple[float, float]:
    """Return the interval of the mean share of hits over folds."""
    shares = pd.Series(hit).groupby(own["fold"].to_numpy()).mean()
    if len(shares) < 2:
        return np.nan, np.nan
    return _ends(
        np.zeros(len(shares)), shares, shares.index, random_state, metric=_mean_share
    )


def _mean_share(_: Any, shares: np.ndarray) -> float:
    return float(np.mean(shares))


def _ends(
    true: np.ndarray,
    predicted: Any,
    unit: Any,
    random_state: int,
    metric: Any = weighted_accuracy,
) -> tuple[float, float]:
    _, low, high = bootstrap_interval(
        true,
        np.asarray(predicted, dtype=float if metric is _mean_share else int),
        np.asarray(unit, dtype=object),
        metric=metric,
        confidence=_CONFIDENCE,
        n_resamples=_N_RESAMPLES,
        bounds=(0.0, 1.0),
        random_state=random_state,
    )
    return (low, high) if high - low > _ROUNDING else (np.nan, np.nan)
