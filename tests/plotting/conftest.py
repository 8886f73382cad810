"""Evaluations whose numbers can be checked by hand, and no figure left open."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from sersk.evaluation import Evaluation, Optimism
from tests.plotting.toy import make_evaluation


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    yield
    pyplot.close("all")


@pytest.fixture
def predictions() -> pd.DataFrame:
    """Return three systems on three speakers, each a fold of two clips a class.

    "good" misses one sad clip of bob's, "poor" all sad clips and one of carl's happy
    ones, and "sad" answers nothing else.
    """
    clips = pd.DataFrame(
        {
            "fold": np.repeat([0, 1, 2], 4),
            "clip": range(12),
            "speaker": np.repeat(["anna", "bob", "carl"], 4),
            "target": ["happy", "happy", "sad", "sad"] * 3,
        }
    )
    good, poor = clips["target"].copy(), pd.Series(["happy"] * 12)
    good[6], poor[8] = "happy", "sad"
    answers = {"good": good, "poor": poor, "sad": "sad"}
    parts = [
        clips.assign(pipeline=name, prediction=answer)
        for name, answer in answers.items()
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def evaluation(predictions: pd.DataFrame) -> Evaluation:
    """Return the evaluation of `predictions`."""
    return make_evaluation(predictions)


@pytest.fixture
def with_probabilities(predictions: pd.DataFrame) -> Evaluation:
    """Return an evaluation in which "good" is always sure by 0.8."""
    sure = predictions["prediction"].map({"happy": 0.8, "sad": 0.2})
    sure = sure.where(predictions["pipeline"] == "good")
    columns = {"probability_happy": sure, "probability_sad": 1 - sure}
    return make_evaluation(predictions.assign(**columns))


@pytest.fixture
def optimism() -> Optimism:
    """Return two systems under two protocols."""
    frame = pd.DataFrame(
        {
            "pipeline": ["a", "a", "b", "b"],
            "protocol": ["random", "speaker-disjoint"] * 2,
            "n_folds": 4,
            "n": 80,
            "value": [0.9, 0.5, 0.7, 0.6],
            "low": [0.8, 0.4, 0.6, 0.5],
            "high": [0.95, 0.6, 0.8, 0.7],
            "gap": [0.4, 0.0, 0.1, 0.0],
            "gap_low": [0.3, 0.0, 0.0, 0.0],
            "gap_high": [0.5, 0.0, 0.2, 0.0],
            "chance": 0.25,
        }
    )
    return Optimism("toy", frame)
