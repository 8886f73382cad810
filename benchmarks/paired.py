"""Systems beside each other on the clips that all of them predicted."""

import pandas as pd


def differences(compared: pd.DataFrame) -> str:
    """Return the table of what ``Evaluation.compare`` found."""
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
