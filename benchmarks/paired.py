"""Systems beside each other on the clips that all of them predicted."""

import pandas as pd

from benchmarks.systems import SEED
from sersk.evaluation import Evaluation
from sersk.metrics import bootstrap_interval, compare_systems


def compare(evaluation: Evaluation) -> pd.DataFrame:
    """Compare each two systems on the clips that both predicted."""
    own = {
        str(name): part.sort_values("clip")
        for name, part in evaluation.predictions.groupby("pipeline", sort=False)
    }
    first = next(iter(own.values()))
    return compare_systems(
        first["target"].to_numpy(),
        {name: part["prediction"].to_numpy() for name, part in own.items()},
        first["speaker"].to_numpy(),
        clip={name: part["clip"].to_numpy() for name, part in own.items()},
        random_state=SEED,
    )


def intervals(evaluation: Evaluation) -> str:
    """Return the table of UA with intervals, speakers being drawn."""
    rows = ["| pipeline | UA | 95 % by speaker |", "| --- | --- | --- |"]
    for name, part in evaluation.predictions.groupby("pipeline", sort=False):
        interval = bootstrap_interval(
            part["target"], part["prediction"], part["speaker"], random_state=SEED
        )
        between = f"{interval.low:.3f} to {interval.high:.3f}"
        rows.append(f"| {name} | {interval.estimate:.3f} | {between} |")
    note = (
        "Intervals are those of `bootstrap_interval`, speakers being drawn. Where "
        "folds share training speakers they cover somewhat less than 95 % "
        "([coverage](coverage.md))."
    )
    return "\n".join(["**UA with intervals by speaker**", "", *rows, "", note])


def differences(compared: pd.DataFrame) -> str:
    """Return the table of what :func:`compare` found."""
    rows = [
        f"| {row.system_a} | {row.system_b} | {row.difference:+.3f} "
        f"| {row.low:+.3f} to {row.high:+.3f} | {row.p_value:.4f} | {row.p_holm:.4f} |"
        for row in compared.itertuples()
    ]
    title = "**Differences in UA between systems on the same clips**"
    head = ["| A | B | A - B | 95 % by speaker | p | p (Holm) |", "|" + " --- |" * 6]
    note = (
        "p: permutation test that exchanges the predictions of two systems speaker by "
        f"speaker; no p is below {compared['p_floor'].max():.4f} with so few speakers. "
        "Holm: corrected for all pairs shown."
    )
    return "\n".join([title, "", *head, *rows, "", note])
