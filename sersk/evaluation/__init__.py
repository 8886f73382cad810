"""Systems over a corpus: honest folds, tidy frames, printed tables."""

from sersk.evaluation._evaluate import evaluate
from sersk.evaluation._evaluation import Evaluation

__all__ = ["Evaluation", "evaluate"]
