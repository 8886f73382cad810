"""Fitted estimators as plain data.

What JSON has stands for itself. Everything else is a mapping of one key, which says
what it is: ``{"tuple": [...]}``, ``{"array": 3}``. Objects lie in one list, in which
each stands once however many refer to it.
"""

import dataclasses
import math
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from sersk.persistence._arrays import ArrayWriter, dtype_name
from sersk.persistence._boosters import booster_bytes
from sersk.persistence._classes import class_name, function_name, is_xgboost
from sersk.persistence._native import net_bytes, take_out
from sersk.persistence._trees import (
    describe_predictor,
    describe_tree,
    is_predictor,
    is_tree,
)

# Where anything is kept is the affair of whoever loads the model.
PLACES = ("cache", "checkpoint", "memory")
# Python's own types that estimators take for a dtype.
TYPES = {"bool": bool, "float": float, "int": int, "object": object, "str": str}


class Encoder:
    """Turn objects into nodes, and collect what JSON cannot hold."""

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.arrays = ArrayWriter()
        self.files: dict[str, bytes] = {}
        # The objects are kept so that no other can get their id.
        self._seen: dict[int, tuple[Any, dict[str, int]]] = {}

    def encode(self, value: Any, where: str) -> Any:
        """Return a node; `where` is what a message calls the value."""
        if isinstance(value, np.generic):
            return {"scalar": self._add_array(np.asarray(value), where)}
        if isinstance(value, np.random.RandomState):
            return {"random_state": self._encode_random_state(value)}
        encode = _ENCODERS.get(type(value))
        if encode is not None:
            return encode(self, value, where)
        if is_tree(value):
            return {"tree": self._encode_parts(describe_tree(value), where)}
        if is_predictor(value):
            parts = self._encode_parts(describe_predictor(value), where)
            return {"predictor": parts}
        if isinstance(value, PurePath):
            return {"path": str(value)}
        if isinstance(value, np.dtype) or value in (*TYPES.values(),):
            return self._encode_dtype(value, where)
        if isinstance(value, type) and issubclass(value, np.generic):
            return {"type": self._encode_dtype(np.dtype(value), where)["dtype"]}
        if callable(value) and (name := function_name(value)) is not None:
            return {"function": name}
        return self._encode_object(value, where)

    def _encode_float(self, value: float, where: str) -> Any:
        return value if math.isfinite(value) else {"float": repr(value)}

    def _encode_list(self, value: list, where: str) -> list:
        return [self.encode(v, f"{where}[{i}]") for i, v in enumerate(value)]

    def _encode_tuple(self, value: tuple, where: str) -> dict:
        return {"tuple": self._encode_list(list(value), where)}

    def _encode_set(self, value: set | frozenset, where: str) -> dict:
        return {type(value).__name__: self._encode_list(sorted(value, key=repr), where)}

    def _encode_dict(self, value: dict, where: str) -> dict:
        kind = "bunch" if type(value) is Bunch else "mapping"
        return {
            kind: [
                [
                    self.encode(key, f"{where} (key)"),
                    self.encode(v, f"{where}[{key!r}]"),
                ]
                for key, v in value.items()
            ]
        }

    def _encode_parts(self, parts: dict[str, Any], where: str) -> dict[str, Any]:
        return {key: self.encode(v, f"{where}.{key}") for key, v in parts.items()}

    def _encode_slice(self, value: slice, where: str) -> dict:
        parts = (value.start, value.stop, value.step)
        return {"slice": [self.encode(part, where) for part in parts]}

    def _encode_range(self, value: range, where: str) -> dict:
        return {"range": [value.start, value.stop, value.step]}

    def _encode_array(self, value: np.ndarray, where: str) -> dict:
        if value.dtype != object:
            return {"array": self._add_array(value, where)}
        items = self._encode_list(value.ravel().tolist(), where)
        return {"objects": items, "shape": list(value.shape)}

    def _encode_table(self, value: pd.DataFrame, where: str) -> dict:
        columns = [
            [self.encode(name, where), self.encode(value[name].to_numpy(), where)]
            for name in value
        ]
        return {"table": columns}

    def _encode_dtype(self, value: Any, where: str) -> dict:
        if isinstance(value, type):
            return {"type": value.__name__}
        if dtype_name(value) is None:
            self._refuse(value, where)
        return {"dtype": value.str}

    def _encode_random_state(self, value: np.random.RandomState) -> dict:
        kind, key, position, has_gauss, gauss = value.get_state(legacy=True)
        return {
            "generator": kind,
            "key": self.arrays.add(np.asarray(key)),
            "position": int(position),
            "has_gauss": int(has_gauss),
            "gauss": float(gauss),
        }

    def _encode_object(self, value: Any, where: str) -> dict:
        if id(value) in self._seen:
            return self._seen[id(value)][1]
        name = class_name(type(value))
        if name is None or hasattr(value, "best_estimator_"):
            self._refuse(value, where)
        node = {"object": len(self.objects)}
        self._seen[id(value)] = (value, node)
        self.objects.append(None)
        state = _state(value)
        self.objects[node["object"]] = {
            "class": name,
            **take_out(state),
            **self._add_files(value, state),
            "state": self._encode_parts(state, where),
        }
        return node

    def _add_files(self, value: Any, state: dict[str, Any]) -> dict[str, str]:
        """Give what other libraries write a file of its own, in their own format."""
        if is_xgboost(type(value)) and state.pop("_Booster", None) is not None:
            return {"booster": self._add_file("booster_{}.json", booster_bytes(value))}
        if hasattr(value, "restore_module") and "module_" in state:
            module = state.pop("module_")
            weights = self._add_file("net_{}.safetensors", net_bytes(module))
            return {"net": type(module).__name__, "weights": weights}
        return {}

    def _add_array(self, array: np.ndarray, where: str) -> int:
        if dtype_name(array.dtype) is None or type(array) is not np.ndarray:
            self._refuse(array, where)
        known = self._seen.get(id(array))
        if known is None:
            known = (array, {"array": self.arrays.add(array)})
            self._seen[id(array)] = known
        return known[1]["array"]

    def _add_file(self, pattern: str, data: bytes) -> str:
        name = pattern.format(len(self.files))
        self.files[name] = data
        return name

    def _refuse(self, value: Any, where: str) -> NoReturn:
        if hasattr(value, "best_estimator_"):
            raise TypeError(
                f"{where} is a finished search ({type(value).__name__}). Save what it "
                "found: its best_estimator_."
            )
        kind = type(value)
        shown = f"{kind.__module__}.{kind.__qualname__}"
        name = getattr(value, "__qualname__", None)
        if name is not None and callable(value):
            shown = f"{getattr(value, '__module__', None)}.{name}"
        if isinstance(value, np.ndarray):
            shown = f"{shown} of {value.dtype}"
        raise TypeError(
            f"{where} ({shown}) cannot be saved: only what sersk, scikit-learn, "
            "imbalanced-learn and XGBoost give can be brought back without running "
            "code from a file. Apply your own steps before the pipeline and save the "
            "rest of it, or set to None what only training needs."
        )


def _state(value: Any) -> dict[str, Any]:
    """Return what an object is beside its class."""
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: getattr(value, field.name) for field in fields}
    state = value.__getstate__() or {}
    # scikit-learn's version is in the manifest, and is compared there.
    kept = {key: item for key, item in state.items() if key != "_sklearn_version"}
    for place in PLACES:
        if kept.get(place) not in (None, False):
            kept[place] = None
    return kept


def _same(encoder: Encoder, value: Any, where: str) -> Any:
    return value


_ENCODERS: dict[type, Callable[[Encoder, Any, str], Any]] = {
    type(None): _same,
    bool: _same,
    int: _same,
    str: _same,
    float: Encoder._encode_float,
    list: Encoder._encode_list,
    tuple: Encoder._encode_tuple,
    set: Encoder._encode_set,
    frozenset: Encoder._encode_set,
    dict: Encoder._encode_dict,
    Bunch: Encoder._encode_dict,
    slice: Encoder._encode_slice,
    range: Encoder._encode_range,
    np.ndarray: Encoder._encode_array,
    pd.DataFrame: Encoder._encode_table,
}
