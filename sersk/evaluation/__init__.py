"""Systems over a corpus: honest folds, tidy frames, printed tables, runs on record."""

from sersk.evaluation._ablation import ablate
from sersk.evaluation._evaluate import evaluate
from sersk.evaluation._evaluation import Evaluation
from sersk.evaluation._layer_probe import layer_probe
from sersk.evaluation._optimism import Optimism, optimism_report
from sersk.evaluation._record import RunRecord
from sersk.evaluation._rerun import Rerun, rerun

__all__ = [
    "Evaluation",
    "Optimism",
    "Rerun",
    "RunRecord",
    "ablate",
    "evaluate",
    "layer_probe",
    "optimism_report",
    "rerun",
]
