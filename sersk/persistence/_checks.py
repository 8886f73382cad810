"""What compiled code takes for granted of an estimator, and a file need not keep.

Shapes that do not fit, and numbers of rows that there are not, end the process when the
model is asked. Of trees, see ``_trees.py``; of XGBoost, ``_boosters.py``.
"""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestNeighbors,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

_WORKERS = ("_n_threads", "n_jobs", "n_threads", "nthread")
_MOST_WORKERS = 1024


def check_state(kind: type, state: Mapping[str, Any]) -> None:
    """Raise ValueError where a state holds what no estimator of a class has.

    What stands in the place of a method or constant of the class would change what it
    does; only parameters may.
    """
    parameters = signature(kind).parameters
    for name, value in state.items():
        if not name.isidentifier() or name.startswith("__"):
            raise ValueError(f"it holds an attribute {name!r}")
        if hasattr(kind, name) and name not in parameters:
            raise ValueError(f"it replaces {name!r} of {kind.__name__}")
        if name in _WORKERS and not _is_number_of_workers(value):
            raise ValueError(f"it asks for {name}={value!r}")


def check_fits(estimator: Any) -> None:
    """Raise ValueError where what an estimator holds does not fit together."""
    check = _CHECKS.get(type(estimator))
    if check is not None and not check(estimator):
        raise ValueError(
            f"the arrays of a {type(estimator).__name__} do not fit together"
        )


def _is_number_of_workers(value: Any) -> bool:
    return value is None or (type(value) is int and abs(value) <= _MOST_WORKERS)


def _is_matrix(array: Any, n_rows: Any, n_columns: Any) -> bool:
    """Tell whether an array of numbers has a shape, and that is not empty."""
    return (
        isinstance(array, np.ndarray)
        and array.dtype.kind in "fiub"
        and array.shape == (n_rows, n_columns)
        and array.size > 0
    )


def _are_numbers_of(array: Any, count: int) -> bool:
    """Tell whether an array holds whole numbers from 0 to below a count."""
    return (
        isinstance(array, np.ndarray)
        and array.dtype.kind in "iu"
        and bool(((array >= 0) & (array < count)).all())
    )


def _have_vectors(estimator: Any) -> bool:
    """Tell whether libsvm finds as many vectors as it is told of."""
    if not hasattr(estimator, "_n_support"):
        return True
    numbers = estimator._n_support
    vectors, coefficients = estimator.support_vectors_, estimator._dual_coef_
    n_vectors, (n_samples, n_features) = len(estimator.support_), estimator.shape_fit_
    n_classes = len(estimator.classes_) if is_classifier(estimator) else 2
    # Of a regressor, both numbers are that of all vectors.
    counted = numbers if is_classifier(estimator) else numbers[:1]
    n_pairs = n_classes * (n_classes - 1) // 2
    of_kernel = (0, 0) if estimator.kernel == "precomputed" else (n_vectors, n_features)
    return (
        n_features == estimator.n_features_in_
        and _are_numbers_of(estimator.support_, n_samples)
        and numbers.shape == (n_classes,)
        and (counted >= 0).all()
        and counted.astype(np.int64).sum() == n_vectors
        and vectors.shape == of_kernel
        and coefficients.shape == (n_classes - 1, n_vectors)
        and estimator._intercept_.shape == (n_pairs,)
        and all(len(p) in (0, n_pairs) for p in (estimator._probA, estimator._probB))
    )


def _have_neighbors(estimator: Any) -> bool:
    """Tell whether there are points, and a class of each that there is."""
    if not hasattr(estimator, "_fit_X"):
        return True
    n_samples = estimator.n_samples_fit_
    points = estimator._fit_X
    if not _is_matrix(points, n_samples, estimator.n_features_in_):
        return False
    if is_classifier(estimator):
        known = estimator.classes_
        counts = (
            [len(one) for one in known] if isinstance(known, list) else [len(known)]
        )
        columns = estimator._y.reshape(n_samples, len(counts)).T
        pairs = zip(columns, counts, strict=True)
        return all(_are_numbers_of(column, count) for column, count in pairs)
    return True


def _have_centers(estimator: Any) -> bool:
    """Tell whether centers lie where the data do."""
    centers = getattr(estimator, "cluster_centers_", None)
    if centers is None:
        return True
    return centers.ndim == 2 and _is_matrix(
        centers, len(centers), estimator.n_features_in_
    )


def _have_stages(estimator: Any) -> bool:
    """Tell whether the trees of all stages find a column to add to."""
    if not hasattr(estimator, "estimators_"):
        return True
    stages, n_columns = estimator.estimators_, estimator.n_trees_per_iteration_
    zeros = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    return (
        stages.ndim == 2
        and stages.shape[1] == n_columns
        and estimator._raw_predict_init(zeros).shape == (1, n_columns)
    )


_CHECKS: dict[type, Callable[[Any], bool]] = {
    **dict.fromkeys((SVC, SVR, NuSVC, NuSVR, OneClassSVM), _have_vectors),
    **dict.fromkeys(
        (
            KNeighborsClassifier,
            KNeighborsRegressor,
            KNeighborsTransformer,
            LocalOutlierFactor,
            NearestNeighbors,
            RadiusNeighborsClassifier,
            RadiusNeighborsRegressor,
            RadiusNeighborsTransformer,
        ),
        _have_neighbors,
    ),
    **dict.fromkeys((KMeans, MiniBatchKMeans), _have_centers),
    **dict.fromkeys(
        (GradientBoostingClassifier, GradientBoostingRegressor), _have_stages
    ),
}
