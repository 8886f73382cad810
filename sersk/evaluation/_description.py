"""Estimators as plain data and back, without a pickle.

An estimator is its class and its parameters, which scikit-learn's conventions make
all that a clone needs. Only classes of packages that are named here are ever imported,
and nothing of them is called but the constructor.
"""

import importlib
import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import BaseCrossValidator, BaseShuffleSplit

from sersk import metrics
from sersk.cache import FeatureStore
from sersk.datasets import AttributeScheme, LabelScheme, MultiLabelScheme

# They say where and how fast something is computed, and never what comes out.
_RUNTIME = ("cache", "n_jobs", "verbose", "memory", "pre_dispatch", "device")
_SPLITTERS = (BaseCrossValidator, BaseShuffleSplit)
_TRUSTED = ("sersk", "sklearn", "xgboost", "skorch", "imblearn", "lightgbm")
_SCHEMES = {
    scheme.__name__: scheme
    for scheme in (LabelScheme, MultiLabelScheme, AttributeScheme)
}


class Undescribable(ValueError):
    """Something that is no plain data and no estimator."""


def describe(value: Any) -> Any:
    """Return an estimator, or what it holds, as what JSON can hold.

    Where and how fast it runs is left out. Raises `Undescribable` for functions and
    other objects, which could only be brought back by running code.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, dict, np.ndarray)):
        return _describe_container(value)
    if isinstance(value, BaseEstimator):
        return _describe_object(value, value.get_params(deep=False))
    if isinstance(value, _SPLITTERS):
        return _describe_object(value, vars(value))
    if isinstance(value, FeatureStore):
        return None
    return _describe_scorer(value)


def _describe_container(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"array": describe(value.tolist()), "dtype": value.dtype.str}
    if isinstance(value, dict):
        return {"mapping": [[describe(key), describe(value[key])] for key in value]}
    items = [describe(item) for item in value]
    return {"tuple": items} if isinstance(value, tuple) else items


def restore(described: Any) -> Any:
    """Return what was described; ValueError where a class is not to be trusted."""
    if isinstance(described, list):
        return [restore(item) for item in described]
    if not isinstance(described, dict):
        return described
    if "float" in described:
        return float(described["float"])
    if "tuple" in described:
        return tuple(restore(item) for item in described["tuple"])
    if "mapping" in described:
        return {restore(key): restore(value) for key, value in described["mapping"]}
    if "array" in described:
        return np.array(restore(described["array"]), dtype=described["dtype"])
    if "scorer" in described:
        return _restore_scorer(described["scorer"])
    return _restore_object(described)


def describe_scheme(scheme: Any) -> dict[str, Any]:
    """Return a label scheme as what JSON can hold."""
    fields = {name: describe(value) for name, value in vars(scheme).items()}
    return {"scheme": type(scheme).__name__, "fields": fields}


def restore_scheme(described: dict[str, Any]) -> Any:
    """Return the label scheme that was described."""
    fields = {name: restore(value) for name, value in described["fields"].items()}
    return _SCHEMES[described["scheme"]](**fields)


def _describe_object(value: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    kind = type(value)
    return {
        "class": f"{kind.__module__}:{kind.__qualname__}",
        "parameters": {
            name: describe(parameters[name])
            for name in sorted(parameters)
            if name not in _RUNTIME
        },
    }


def _describe_scorer(scorer: Any) -> dict[str, str]:
    for name in metrics.__all__:
        if getattr(metrics, name) is scorer:
            return {"scorer": name}
    raise Undescribable(
        f"{scorer!r} cannot be written down as plain data, so that it could be brought "
        "back without running code"
    )


def _restore_scorer(name: str) -> Any:
    if name not in metrics.__all__:
        raise ValueError(f"The record asks for {name!r}, which is no metric of sersk.")
    return getattr(metrics, name)


def _restore_object(described: dict[str, Any]) -> Any:
    module, _, name = described["class"].partition(":")
    if module.partition(".")[0] not in _TRUSTED:
        raise ValueError(
            f"The record asks for {described['class']!r}, and only classes of "
            f"{', '.join(_TRUSTED)} are imported for a record. Run the evaluation by "
            "its own script."
        )
    kind = getattr(importlib.import_module(module), name, None)
    if not (isinstance(kind, type) and issubclass(kind, (BaseEstimator, *_SPLITTERS))):
        raise ValueError(
            f"The record asks for {described['class']!r}, which is no estimator or "
            "splitter."
        )
    parameters = {key: restore(item) for key, item in described["parameters"].items()}
    return kind(**parameters)
