"""The metrics as scorers.

None of them is told the classes, so that a fold that lacks one is scored over those
that it holds. For another convention, make a scorer of your own with
``make_scorer(unweighted_accuracy, labels=[...])``. For errors, scikit-learn has scorers
already, such as ``"neg_mean_absolute_error"``.
"""

from sklearn.metrics import make_scorer

from sersk.metrics._classification import (
    macro_f1,
    micro_f1,
    unweighted_accuracy,
    weighted_accuracy,
    weighted_f1,
)
from sersk.metrics._multilabel import multilabel_macro_f1
from sersk.metrics._regression import (
    concordance_correlation_coefficient,
    mean_concordance,
    pearson_correlation,
)

weighted_accuracy_scorer = make_scorer(weighted_accuracy)
unweighted_accuracy_scorer = make_scorer(unweighted_accuracy)
macro_f1_scorer = make_scorer(macro_f1)
micro_f1_scorer = make_scorer(micro_f1)
weighted_f1_scorer = make_scorer(weighted_f1)
concordance_correlation_coefficient_scorer = make_scorer(
    concordance_correlation_coefficient
)
mean_concordance_scorer = make_scorer(mean_concordance)
multilabel_macro_f1_scorer = make_scorer(multilabel_macro_f1)
pearson_correlation_scorer = make_scorer(pearson_correlation)
