"""Systems over a corpus: honest folds, tidy frames, printed tables."""

from sersk.evaluation._evaluate import evaluate
from sersk.evaluation._evaluation import Evaluation
from sersk.evaluation._optimism import Optimism, optimism_report

__all__ = ["Evaluation", "Optimism", "evaluate", "optimism_report"]
