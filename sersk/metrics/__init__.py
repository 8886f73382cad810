"""Measure predictions: one definition each, over all clips of a partition at once.

Every metric takes the true values first, then the predicted ones or probabilities. It
returns a float that is better when greater, unless its description says otherwise, as
those of errors and gaps do; or a frame, where classes, bins or groups have values each.

The scorers, such as ``unweighted_accuracy_scorer``, are metrics that are better when
greater for ``scoring=`` of :func:`sklearn.model_selection.cross_validate` and
:class:`sklearn.model_selection.GridSearchCV`.
"""

from sersk.metrics._calibration import (
    brier_score,
    expected_calibration_error,
    reliability_curve,
)
from sersk.metrics._classification import (
    confusion_counts,
    macro_f1,
    micro_f1,
    unweighted_accuracy,
    weighted_accuracy,
    weighted_f1,
)
from sersk.metrics._comparison import (
    PairedTest,
    compare_systems,
    holm_correction,
    nadeau_bengio_test,
)
from sersk.metrics._confusion import (
    mean_confusion,
    normalise_confusion,
    pooled_confusion,
)
from sersk.metrics._definitions import define_metric
from sersk.metrics._groups import group_gap, scores_by_group, worst_group
from sersk.metrics._intervals import Interval, bootstrap_interval
from sersk.metrics._multilabel import (
    apply_thresholds,
    multilabel_macro_f1,
    multilabel_scores,
    threshold_sweep,
    tune_thresholds,
)
from sersk.metrics._per_class import class_scores
from sersk.metrics._power import VarianceParts, smallest_difference, variance_parts
from sersk.metrics._ranking import CriticalDifference, critical_difference
from sersk.metrics._regression import (
    concordance_correlation_coefficient,
    mean_absolute_error,
    mean_concordance,
    pearson_correlation,
    root_mean_squared_error,
)
from sersk.metrics._scorers import (
    concordance_correlation_coefficient_scorer,
    macro_f1_scorer,
    mean_concordance_scorer,
    micro_f1_scorer,
    multilabel_macro_f1_scorer,
    pearson_correlation_scorer,
    unweighted_accuracy_scorer,
    weighted_accuracy_scorer,
    weighted_f1_scorer,
)

__all__ = [
    "CriticalDifference",
    "Interval",
    "PairedTest",
    "VarianceParts",
    "apply_thresholds",
    "bootstrap_interval",
    "brier_score",
    "class_scores",
    "compare_systems",
    "concordance_correlation_coefficient",
    "concordance_correlation_coefficient_scorer",
    "confusion_counts",
    "critical_difference",
    "define_metric",
    "expected_calibration_error",
    "group_gap",
    "holm_correction",
    "macro_f1",
    "macro_f1_scorer",
    "mean_absolute_error",
    "mean_concordance",
    "mean_concordance_scorer",
    "mean_confusion",
    "micro_f1",
    "micro_f1_scorer",
    "multilabel_macro_f1",
    "multilabel_macro_f1_scorer",
    "multilabel_scores",
    "nadeau_bengio_test",
    "normalise_confusion",
    "pearson_correlation",
    "pearson_correlation_scorer",
    "pooled_confusion",
    "reliability_curve",
    "root_mean_squared_error",
    "scores_by_group",
    "smallest_difference",
    "threshold_sweep",
    "tune_thresholds",
    "unweighted_accuracy",
    "unweighted_accuracy_scorer",
    "variance_parts",
    "weighted_accuracy",
    "weighted_accuracy_scorer",
    "weighted_f1",
    "weighted_f1_scorer",
    "worst_group",
]
