"""The classes and functions that a saved model may hold: these and no others.

Each is named by the public package that gives it, ``"sklearn.svm:SVC"``. A name that a
file asks for is looked up in packages that are listed here; nothing else is imported,
and where a package says what is public, nothing else is found.
"""

import functools
import importlib
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.gaussian_process.kernels import Kernel
from sklearn.model_selection import BaseCrossValidator, BaseShuffleSplit

from sersk.datasets import AttributeScheme, LabelScheme, MultiLabelScheme
from sersk.utils import import_optional

SCHEMES = (LabelScheme, MultiLabelScheme, AttributeScheme)

_KINDS = (BaseEstimator, BaseCrossValidator, BaseShuffleSplit, Kernel, *SCHEMES)
_SERSK = (
    "augmentation",
    "datasets",
    "estimators",
    "features",
    "model_selection",
    "preprocessing",
)
_SKLEARN = (
    "calibration",
    "cluster",
    "compose",
    "covariance",
    "cross_decomposition",
    "decomposition",
    "discriminant_analysis",
    "dummy",
    "ensemble",
    "feature_extraction.text",
    "feature_selection",
    "frozen",
    "gaussian_process",
    "gaussian_process.kernels",
    "impute",
    "isotonic",
    "kernel_approximation",
    "kernel_ridge",
    "linear_model",
    "mixture",
    "model_selection",
    "multiclass",
    "multioutput",
    "naive_bayes",
    "neighbors",
    "neural_network",
    "pipeline",
    "preprocessing",
    "random_projection",
    "semi_supervised",
    "svm",
    "tree",
)
_IMBLEARN = ("combine", "ensemble", "over_sampling", "pipeline", "under_sampling")
_PACKAGES = (
    *(f"sersk.{name}" for name in _SERSK),
    *(f"sklearn.{name}" for name in _SKLEARN),
    *(f"imblearn.{name}" for name in _IMBLEARN),
    "xgboost",
)
# Not public, but public classes keep them.
_PARTS = (
    "sklearn.calibration:_CalibratedClassifier",
    "sklearn.calibration:_SigmoidCalibration",
    "sklearn.calibration:_TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.binning:_BinMapper",
    "sklearn.gaussian_process._gpc:_BinaryGaussianProcessClassifierLaplace",
    "sklearn.multiclass:_ConstantPredictor",
)
_FUNCTIONS = (
    *(f"numpy:{name}" for name in ("max", "mean", "median", "min")),
    *(
        f"sklearn.feature_selection:{name}"
        for name in (
            "chi2",
            "f_classif",
            "f_regression",
            "mutual_info_classif",
            "mutual_info_regression",
            "r_regression",
        )
    ),
)


def class_name(kind: type) -> str | None:
    """Return the name under which objects of a class are saved, or None."""
    return _names().get(kind) or _find_public(kind)


def find_class(name: str) -> type:
    """Return the class of a name; ValueError where it is none that may be loaded."""
    package, _, attribute = name.partition(":")
    kind = None
    if name in _PARTS:
        kind = getattr(importlib.import_module(package), attribute, None)
    elif package in _PACKAGES:
        kind = _public_class(package, attribute)
    if kind is None:
        raise ValueError(
            f"it asks for the class {name!r}, which is none that models may hold"
        )
    return kind


def function_name(function: Any) -> str | None:
    """Return the name under which a function is saved, or None."""
    if isinstance(function, np.ufunc):
        name = f"numpy:{function.__name__}"
        return name if getattr(np, function.__name__, None) is function else None
    for name in _FUNCTIONS:
        if find_function(name) is function:
            return name
    return None


def find_function(name: str) -> Any:
    """Return the function of a name; ValueError where it is none that is known."""
    package, _, attribute = name.partition(":")
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(package), attribute)
    function = getattr(np, attribute, None) if package == "numpy" else None
    if not isinstance(function, np.ufunc):
        raise ValueError(
            f"it asks for the function {name!r}, which is none that models may hold"
        )
    return function


def is_xgboost(kind: type) -> bool:
    """Tell whether a class is one of XGBoost's estimators."""
    return kind.__module__.partition(".")[0] == "xgboost"


@functools.cache
def _names() -> dict[type, str]:
    """Return the names of the classes that are not public."""
    found = {}
    for name in _PARTS:
        package, _, attribute = name.partition(":")
        kind = getattr(importlib.import_module(package), attribute, None)
        if kind is not None:
            found[kind] = name
    return found


def _find_public(kind: type) -> str | None:
    """Return the package that gives a class, and its name there."""
    for package in _PACKAGES:
        if not kind.__module__.startswith(package.partition(".")[0]):
            continue
        if _public_class(package, kind.__name__) is kind:
            return f"{package}:{kind.__name__}"
    return None


def _public_class(package: str, name: str) -> type | None:
    """Return a public class of a package, if it is of a kind that models hold."""
    if package == "xgboost":
        import_optional(package, extra="xgboost")
    module = importlib.import_module(package)
    public = getattr(module, "__all__", None)
    if name.startswith("_") or (public is not None and name not in public):
        return None
    kind = getattr(module, name, None)
    if not isinstance(kind, type) or not issubclass(kind, _KINDS):
        return None
    # Where nothing says what is public, what it imported from others is not.
    return kind if public is not None or kind.__module__ == package else None
