"""What displays take from an evaluation, checked."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sersk.evaluation import Evaluation

_PREFIX = "probability_"


def systems_of(evaluation: Evaluation, pipelines: Any = None) -> list[str]:
    """Return the systems asked for, or all that predicted something."""
    known = evaluation.predictions["pipeline"].unique().tolist()
    if pipelines is None:
        return known
    asked = [pipelines] if isinstance(pipelines, str) else list(pipelines)
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        listed = ", ".join(map(repr, known))
        raise ValueError(
            f"There is no pipeline {unknown[0]!r}. There are {listed}."
            if unknown
            else f"pipelines is empty. There are {listed}."
        )
    return asked


def predictions_of(
    evaluation: Evaluation, pipeline: str, kinds: Sequence[str] = ("classes",)
) -> pd.DataFrame:
    """Return the predictions of one system, or raise where they are of another kind."""
    (name,) = systems_of(evaluation, pipeline)
    if evaluation.kind not in kinds:
        raise ValueError(
            f"This shows {' or '.join(kinds)}, but the target of {evaluation.corpus} "
            f"is {evaluation.kind}. See Evaluation.scores and write_report."
        )
    predictions = evaluation.predictions
    return predictions[predictions["pipeline"] == name]


def speakers_of(predictions: pd.DataFrame) -> pd.Series | None:
    """Return who speaks in each clip, or None if that is not known of all."""
    if "speaker" not in predictions or predictions["speaker"].isna().any():
        return None
    return predictions["speaker"]


def probabilities_of(
    predictions: pd.DataFrame, classes: Sequence
) -> pd.DataFrame | None:
    """Return the probabilities of the classes, or None if some are not given."""
    columns = [f"{_PREFIX}{label}" for label in classes]
    table = predictions.reindex(columns=columns)
    return None if table.isna().any(axis=None) else table.astype(float)


def give_probabilities(evaluation: Evaluation, pipeline: str) -> pd.DataFrame:
    """Return the probabilities of one system, or raise saying how to get them."""
    own = predictions_of(evaluation, pipeline, ("classes", "labels"))
    probabilities = probabilities_of(own, evaluation.classes)
    if probabilities is None:
        raise ValueError(
            f"{pipeline!r} does not give the probability of every class for every "
            f"clip in the columns {_PREFIX}<class> of the predictions. Use a "
            "classifier with predict_proba, such as one in CalibratedClassifierCV."
        )
    return probabilities


def fold_count(evaluation: Evaluation, predictions: pd.DataFrame) -> str:
    """Say over how many folds a system predicted, and of how many if some failed."""
    done, planned = predictions["fold"].nunique(), evaluation.folds["fold"].nunique()
    folds = "fold" if planned == 1 else "folds"
    return f"{done} {folds}" if done >= planned else f"{done} of {planned} {folds}"


def speaker_scores(evaluation: Evaluation, metric: str) -> pd.DataFrame:
    """Return a column of scores for each system, a row for each speaker of any."""
    speakers = evaluation.speakers
    if speakers.empty:
        raise ValueError(
            f"The speakers of {evaluation.corpus} are not known, so that nothing can "
            "be shown by speaker. Evaluate a corpus, or clips with speakers."
        )
    if metric not in speakers or metric in ("pipeline", "speaker"):
        known = ", ".join(speakers.columns.drop(["pipeline", "speaker"]))
        raise ValueError(f"There is no score {metric!r} by speaker. There are {known}.")
    table = speakers.pivot(index="speaker", columns="pipeline", values=metric)
    return table[speakers["pipeline"].unique()]


def complete_systems(evaluation: Evaluation) -> list[str]:
    """Return the systems that predicted every clip that any predicted."""
    clips = evaluation.predictions.groupby("pipeline", sort=False)["clip"].nunique()
    return [str(name) for name in clips.index[clips == clips.max()]]
