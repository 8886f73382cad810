"""The scores of a report, and its parts that are of attributes or several labels."""

import numpy as np
import pandas as pd
from sklearn.metrics import PredictionErrorDisplay

from sersk.evaluation import Evaluation
from sersk.metrics import define_metric
from sersk.plotting._frames import systems_of
from sersk.plotting._html import beside, image, notes, table, text
from sersk.utils import import_optional

_SCORE = "{:.3f}"
_WORDS = ("pipeline", "attribute", "protocol")
_DOTS = {"s": 10, "alpha": 0.4, "linewidths": 0}


def scores_section(evaluation: Evaluation) -> str:
    """Return the table of scores as the evaluation prints it."""
    shown = evaluation.to_frame()
    patterns = {str(name): "{}" for name in shown if name not in _WORDS}
    listed = table(shown, patterns, caption=evaluation.corpus)
    return listed + notes(evaluation.definitions())


def attributes_section(evaluation: Evaluation) -> str:
    """Return truth against prediction of each attribute, as plots."""
    parts = []
    for name in systems_of(evaluation):
        plots = [_scatter(evaluation, name, attribute) for attribute in _of(evaluation)]
        parts.append(f"<h3>{text(name)}</h3>{beside(*plots)}")
    told = "each dot is a clip, of at most 1000 that are drawn; on the line, the two "
    return "".join(parts) + notes([f"{told}are equal"])


def labels_section(evaluation: Evaluation) -> str:
    """Return precision, recall and F1 of each label and their averages, as tables."""
    parts = []
    for name in systems_of(evaluation):
        scores = evaluation.label_scores(name).reset_index()
        shown = scores.rename(columns={"support": "clips", "f1": "F1"})
        shown["defined"] = shown["defined"].map({True: "yes", False: "no"})
        patterns = dict.fromkeys(("precision", "recall", "F1"), _SCORE)
        listed = table(shown, patterns, caption=f"Labels, {name}")
        parts.append(f"<h3>{text(name)}</h3>{listed}")
    words = ["precision", "recall", "defined"]
    words += [f"{average} avg" for average in ("micro", "macro", "weighted", "samples")]
    return "".join(parts) + notes(f"{word}: {define_metric(word)}" for word in words)


def targets_section(evaluation: Evaluation) -> str:
    """Return how attributes are distributed, or how many clips have each label."""
    clips = evaluation.predictions.drop_duplicates("clip")
    targets = clips[[f"target_{name}" for name in evaluation.classes]]
    targets = targets.set_axis(list(evaluation.classes), axis=1)
    if evaluation.kind == "labels":
        shown = pd.DataFrame({"label": targets.columns, "clips": targets.sum()})
        shown["share"] = targets.mean().to_numpy()
        return table(shown, {"share": "{:.1%}"}, caption="Clips tested by label")
    facts = targets.agg(["mean", "std", "min", "max"]).T
    facts.insert(0, "attribute", facts.index)
    patterns = dict.fromkeys(("mean", "std", "min", "max"), _SCORE)
    return table(facts, patterns, caption="Attributes of the clips tested")


def _of(evaluation: Evaluation) -> list[str]:
    return [str(name) for name in evaluation.classes]


def _scatter(evaluation: Evaluation, pipeline: str, attribute: str) -> str:
    """Return a plot of one attribute, on a figure that no window knows."""
    predictions = evaluation.predictions
    own = predictions[predictions["pipeline"] == pipeline]
    figures = import_optional("matplotlib.figure", extra="plot")
    figure = figures.Figure(figsize=(3.6, 3.6), layout="constrained")
    axes = figure.subplots()
    truth, answer = (
        own[f"{side}_{attribute}"].to_numpy(dtype=float)
        for side in ("target", "prediction")
    )
    PredictionErrorDisplay.from_predictions(
        truth,
        answer,
        kind="actual_vs_predicted",
        ax=axes,
        random_state=np.random.RandomState(0),
        scatter_kwargs=_DOTS,
    )
    ticker = import_optional("matplotlib.ticker", extra="plot")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.MaxNLocator(5))
        axis.set_major_formatter(ticker.ScalarFormatter())
    axes.set(xlabel="predicted", ylabel="true")
    axes.set_title(attribute, parse_math=False)
    return image(figure, f"True over predicted {attribute} of {pipeline}")
