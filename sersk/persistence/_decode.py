"""Plain data as fitted estimators: the other half of ``_encode.py``.

Whatever a file holds, the only things called are constructors of the kinds below and
``__setstate__`` of classes that ``_classes.py`` names.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch

from sersk.persistence._arrays import ArrayReader, find_dtype
from sersk.persistence._boosters import restore_booster
from sersk.persistence._checks import check_fits, check_state
from sersk.persistence._classes import SCHEMES, find_class, find_function, is_xgboost
from sersk.persistence._encode import PLACES, TYPES
from sersk.persistence._native import restore_index, restore_loss, restore_net
from sersk.persistence._trees import check_trees, restore_predictor, restore_tree

_KEY_LENGTH = 624  # words in the state of MT19937


class Decoder:
    """Turn nodes into objects."""

    def __init__(self, model: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        self._objects = model["objects"]
        self._arrays = ArrayReader(model["arrays"], files["arrays.bin"])
        self._files = dict(files)
        self._made: dict[int, Any] = {}
        self._in_making: set[int] = set()

    def decode(self, node: Any) -> Any:
        """Return what a node stands for; ValueError where it is none."""
        if isinstance(node, float) and not math.isfinite(node):
            raise ValueError(f"it holds the number {node}, which JSON does not have")
        if isinstance(node, list):
            return [self.decode(item) for item in node]
        if not isinstance(node, dict):
            return node
        decode = _DECODERS.get(next(iter(node), ""))
        if decode is None:
            raise ValueError(f"it holds {list(node)[:3]}, which is nothing known")
        return decode(self, *node.values())

    def _array(self, index: Any) -> np.ndarray:
        return self._arrays.get(index)

    def _scalar(self, index: Any) -> Any:
        return self._arrays.get(index)[()]

    def _objects_array(self, items: list, shape: list) -> np.ndarray:
        array = np.empty(len(items), dtype=object)
        for i, item in enumerate(items):
            array[i] = self.decode(item)
        return array.reshape(shape)

    def _float(self, text: str) -> float:
        return float(text)

    def _tuple(self, items: list) -> tuple:
        return tuple(self.decode(items))

    def _set(self, items: list) -> set:
        return set(self.decode(items))

    def _frozenset(self, items: list) -> frozenset:
        return frozenset(self.decode(items))

    def _mapping(self, pairs: list) -> dict:
        return {self.decode(key): self.decode(value) for key, value in pairs}

    def _bunch(self, pairs: list) -> Bunch:
        return Bunch(**self._mapping(pairs))

    def _slice(self, parts: list) -> slice:
        start, stop, step = self.decode(parts)
        return slice(start, stop, step)

    def _range(self, parts: list) -> range:
        start, stop, step = parts
        return range(start, stop, step)

    def _table(self, columns: list) -> pd.DataFrame:
        return pd.DataFrame({self.decode(k): self.decode(v) for k, v in columns})

    def _dtype(self, name: Any) -> np.dtype:
        return find_dtype(name)

    def _type(self, name: Any) -> type:
        return TYPES[name] if name in TYPES else find_dtype(name).type

    def _function(self, name: str) -> Any:
        return find_function(name)

    def _path(self, text: str) -> Path:
        return Path(text)

    def _random_state(self, parts: dict) -> np.random.RandomState:
        key, position = self._arrays.get(parts["key"]), parts["position"]
        is_key = key.dtype == np.uint32 and key.shape == (_KEY_LENGTH,)
        # numpy reads where the position says, wherever that is.
        is_place = type(position) is int and 0 <= position <= _KEY_LENGTH
        if parts["generator"] != "MT19937" or not is_key or not is_place:
            raise ValueError("it holds a RandomState that numpy cannot have written")
        generator = np.random.RandomState()
        gauss = (int(parts["has_gauss"]), float(parts["gauss"]))
        generator.set_state(("MT19937", key, position, *gauss))
        return generator

    def _tree(self, parts: dict) -> Any:
        return restore_tree(self._parts(parts))

    def _predictor(self, parts: dict) -> Any:
        return restore_predictor(self._parts(parts))

    def _parts(self, parts: dict) -> dict[str, Any]:
        return {name: self.decode(part) for name, part in parts.items()}

    def _object(self, index: Any) -> Any:
        if type(index) is not int or not 0 <= index < len(self._objects):
            raise ValueError(f"it asks for object {index!r}, which it does not hold")
        if index in self._in_making:
            raise ValueError(f"object {index} is a part of itself")
        if index not in self._made:
            self._in_making.add(index)
            self._made[index] = self._make(self._objects[index])
            self._in_making.remove(index)
        return self._made[index]

    def _make(self, described: dict) -> Any:
        kind = find_class(described["class"])
        state = self._parts(described["state"])
        check_state(kind, state)
        if kind in SCHEMES or dataclasses.is_dataclass(kind):
            return kind(**state)
        if any(state.get(place) not in (None, False) for place in PLACES):
            raise ValueError(f"{described['class']} comes with a folder to read from")
        made: Any = object.__new__(kind)
        if isinstance(made, BaseEstimator):
            # Other versions are told of once, and not by every part.
            made.__setstate__({**state, **_version_of(kind)})
            if kind.__module__.startswith("sersk."):
                made._validate_params()
        else:
            vars(made).update(state)
        self._put_back(described, made)
        check_trees(made)
        check_fits(made)
        return made

    def _take_file(self, name: str) -> bytes:
        """Return a file, once: no two parts have the same weights."""
        return self._files.pop(name)

    def _put_back(self, described: dict, made: Any) -> None:
        """Give an object what other libraries read from files of their own."""
        if "booster" in described:
            if not is_xgboost(type(made)):
                raise ValueError(f"{described['class']} has no booster")
            restore_booster(made, self._take_file(described["booster"]))
        if "net" in described:
            data = self._take_file(described["weights"])
            restore_net(made, described["net"], data)
        if "index" in described:
            restore_index(made, described["index"])
        if "loss" in described:
            restore_loss(made, described["loss"])


def _version_of(kind: type) -> dict[str, str]:
    """Return what scikit-learn's own classes look for in a state."""
    is_theirs = kind.__module__.startswith("sklearn.")
    return {"_sklearn_version": sklearn.__version__} if is_theirs else {}


_DECODERS: dict[str, Callable[..., Any]] = {
    "array": Decoder._array,
    "scalar": Decoder._scalar,
    "objects": Decoder._objects_array,
    "float": Decoder._float,
    "tuple": Decoder._tuple,
    "set": Decoder._set,
    "frozenset": Decoder._frozenset,
    "mapping": Decoder._mapping,
    "bunch": Decoder._bunch,
    "slice": Decoder._slice,
    "range": Decoder._range,
    "table": Decoder._table,
    "dtype": Decoder._dtype,
    "type": Decoder._type,
    "function": Decoder._function,
    "path": Decoder._path,
    "random_state": Decoder._random_state,
    "tree": Decoder._tree,
    "predictor": Decoder._predictor,
    "object": Decoder._object,
}
