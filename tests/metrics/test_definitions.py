"""Every metric that a table may show has its definition."""

import pytest

from sersk import metrics
from sersk.metrics import class_scores, define_metric, multilabel_scores

# What is no metric, and what gives tables whose columns are defined one by one.
UNDEFINED = {
    "apply_thresholds",
    "class_scores",
    "define_metric",
    "multilabel_scores",
    "reliability_curve",
    "scores_by_group",
    "threshold_sweep",
    "tune_thresholds",
}


def _is_a_score(name: str) -> bool:
    """Return whether a public name is of a metric of this list's families."""
    module = getattr(metrics, name).__module__.rpartition(".")[2]
    families = ["classification", "confusion", "regression", "calibration", "groups"]
    return module.removeprefix("_") in families and name not in UNDEFINED


@pytest.mark.parametrize("name", [*filter(_is_a_score, metrics.__all__)])
def test_every_metric_is_defined_in_a_phrase(name):
    definition = define_metric(name)
    assert len(definition.split()) > 3
    assert not definition.endswith(".")


@pytest.mark.parametrize("name", [n for n in metrics.__all__ if n.endswith("_scorer")])
def test_a_scorer_is_defined_as_its_metric_is(name):
    assert define_metric(name) == define_metric(name.removesuffix("_scorer"))


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("WA", "weighted_accuracy"),
        ("UA", "unweighted_accuracy"),
        ("CCC", "concordance_correlation_coefficient"),
        ("ECE", "expected_calibration_error"),
    ],
)
def test_abbreviations_are_known(short, name):
    assert define_metric(short) == define_metric(name)


def test_columns_and_averages_are_defined():
    by_label = multilabel_scores([[1]], [[1]], classes=["happy"])
    by_class = class_scores(["happy"], ["happy"])
    for name in [*by_label.columns, *by_label.index[1:], *by_class.columns]:
        assert define_metric(name)


def test_errors_and_gaps_say_that_less_is_better():
    for name in ("MAE", "RMSE", "ECE", "brier_score", "group_gap"):
        assert "less is better" in define_metric(name)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"No metric is called 'accuracy'.*WA, UA"):
        define_metric("accuracy")
