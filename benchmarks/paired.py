"""Systems beside each other on the clips that all of them predicted."""

import pandas as pd

from benchmarks.record import markdown
from benchmarks.systems import SEED
from sersk.evaluation import Evaluation
from sersk.metrics import holm_correction


def compare_with(plain: str, evaluation: Evaluation) -> pd.DataFrame:
    """Compare one system with each other; only these pairs are corrected for."""
    compared = evaluation.compare(random_state=SEED)
    own = compared[compared["system_a"] == plain]
    return own.assign(p_holm=holm_correction(own["p_value"]))


def differences(compared: pd.DataFrame) -> str:
    """Return the table of pairs that were compared."""
    cells = pd.DataFrame(
        {
            "A": row.system_a,
            "B": row.system_b,
            "A - B": f"{row.difference:+.3f}",
            "95 % by speaker": f"{row.low:+.3f} to {row.high:+.3f}",
            "p": f"{row.p_value:.4f}",
            "p (Holm)": f"{row.p_holm:.4f}",
        }
        for row in compared.itertuples()
    )
    title = "**Differences in UA between systems on the same clips**"
    note = (
        "p: permutation test that exchanges the predictions of two systems speaker by "
        f"speaker; no p is below {compared['p_floor'].max():.4f} with so few speakers. "
        "Holm: corrected for all pairs shown."
    )
    return "\n\n".join([title, markdown(cells), note])
