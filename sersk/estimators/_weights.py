"""Handing weights of samples to whatever an estimator is."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import has_fit_parameter


def weight_parameter(estimator: Any) -> str:
    """Return the name under which an estimator's fit takes the weights of samples."""
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        return f"{name}__{weight_parameter(last)}"
    if isinstance(estimator, (GridSearchCV, RandomizedSearchCV)):
        return weight_parameter(estimator.estimator)
    if not has_fit_parameter(estimator, "sample_weight"):
        raise ValueError(
            f"{type(estimator).__name__}.fit takes no sample_weight. Give no weights, "
            "or choose an estimator that takes them."
        )
    return "sample_weight"


def check_weights(sample_weight: ArrayLike, y: Any) -> np.ndarray:
    """Return finite weights, as many as there are targets, or raise."""
    weights = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    check_consistent_length(weights, y)
    return weights
