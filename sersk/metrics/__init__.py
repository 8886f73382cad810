"""Measure predictions: one definition each, over all clips of a partition at once.

Every metric takes the true values first, then the predicted ones, and returns a float
that is better when greater. The scorers, such as ``unweighted_accuracy_scorer``, are
these metrics for ``scoring=`` of :func:`sklearn.model_selection.cross_validate` and
:class:`sklearn.model_selection.GridSearchCV`.
"""

from sersk.metrics._classification import (
    confusion_counts,
    macro_f1,
    micro_f1,
    unweighted_accuracy,
    weighted_accuracy,
)
from sersk.metrics._regression import concordance_correlation_coefficient
from sersk.metrics._scorers import (
    concordance_correlation_coefficient_scorer,
    macro_f1_scorer,
    micro_f1_scorer,
    unweighted_accuracy_scorer,
    weighted_accuracy_scorer,
)

__all__ = [
    "concordance_correlation_coefficient",
    "concordance_correlation_coefficient_scorer",
    "confusion_counts",
    "macro_f1",
    "macro_f1_scorer",
    "micro_f1",
    "micro_f1_scorer",
    "unweighted_accuracy",
    "unweighted_accuracy_scorer",
    "weighted_accuracy",
    "weighted_accuracy_scorer",
]
