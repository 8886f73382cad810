"""A small evaluation of what systems predicted."""

import pandas as pd

from sersk.evaluation import Evaluation


def make_evaluation(predictions: pd.DataFrame, **options: object) -> Evaluation:
    """Return the evaluation of predictions, with a fold for each number in them."""
    folds = predictions[["pipeline", "fold"]].drop_duplicates()
    folds = folds.assign(test_speakers="", error="", n_train=4, n_test=4)
    names = predictions["pipeline"].unique()
    given = {
        "corpus": "toy",
        "classes": ("happy", "sad"),
        "protocol": "LeaveOneSpeakerOut, 3 folds",
        "folds": folds,
        "pipelines": pd.DataFrame({"pipeline": names, "transductive": False}),
        "scheme": "two: happy, sad",
    }
    return Evaluation(predictions=predictions, **(given | options))
