"""Estimators that remember which rows they were given."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.utils.metaestimators import available_if

from sersk.audio import AudioClips, FrameSequences
from sersk.utils import sha256

_LEARNING = ("fit", "partial_fit", "fit_transform", "fit_predict", "fit_resample")
_APPLYING = (
    *("transform", "predict", "predict_proba", "predict_log_proba"),
    *("decision_function", "score_samples"),
)


class Log:
    """Which rows each step has seen while the log was open for some purpose."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], set] = {}
        self.kinds: dict[str, str] = {}
        self._purpose = ""

    @contextmanager
    def open_for(self, purpose: str) -> Iterator[None]:
        """Write down what is learned from ("fit"), or else what is applied to."""
        self._purpose = purpose
        try:
            yield
        finally:
            self._purpose = ""

    def write(self, step: str, method: str, X: Any) -> None:
        """Remember the rows of X, if that is what the log is open for."""
        wanted = _LEARNING if self._purpose == "fit" else _APPLYING
        if self._purpose and method in wanted:
            self.rows.setdefault((step, self._purpose), set()).update(digest_rows(X))

    def seen(self, step: str, purpose: str) -> set:
        """Return the digests of what a step has seen."""
        return self.rows.get((step, purpose), set())


def spy_on(estimator: Any, log: Log, path: str = "") -> Any:
    """Return a clone in which each estimator writes down the rows that it is given.

    Each becomes an instance of a subclass of its class, so that clones of it, and what
    asks for its class or sets its parameters, find nothing changed. What is frozen
    stays as it is.
    """
    copy = clone(estimator)
    if copy is estimator:
        return estimator
    changed = {
        name: spied
        for name, value in copy.get_params(deep=False).items()
        if (spied := _spy_inside(value, log, _join(path, name))) is not value
    }
    copy.set_params(**changed)
    return _as_spy(copy, log, path)


def _spy_inside(value: Any, log: Log, path: str) -> Any:
    """Return a parameter with spies in the place of its estimators."""
    if isinstance(value, BaseEstimator):
        return spy_on(value, log, path)
    is_steps = isinstance(value, list) and all(
        isinstance(step, tuple) and len(step) >= 2 for step in value
    )
    if not is_steps:
        return value
    parent = path.rpartition("__")[0]
    return [
        (step[0], _spy_inside(step[1], log, _join(parent, step[0])), *step[2:])
        for step in value
    ]


def _join(path: str, name: str) -> str:
    return f"{path}__{name}" if path else str(name)


def _as_spy(estimator: BaseEstimator, log: Log, path: str) -> BaseEstimator:
    cls = type(estimator)
    spy_class = type(cls.__name__, (cls,), {"__module__": cls.__module__})
    for method in (*_LEARNING, *_APPLYING):
        if hasattr(cls, method):
            # Later than the class, because scikit-learn wraps what it finds in it.
            setattr(spy_class, method, _written(spy_class, method, log, path))
    spy: Any = object.__new__(spy_class)
    vars(spy).update(vars(estimator))
    log.kinds[path] = cls.__name__
    return spy


def _written(spy_class: type, method: str, log: Log, path: str) -> Any:
    def has_method(self: Any) -> bool:
        return hasattr(super(spy_class, self), method)

    # With the signature, by which others see whether it takes weights.
    @functools.wraps(getattr(spy_class, method))
    def call(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        log.write(path, method, X)
        return getattr(super(spy_class, self), method)(X, *args, **kwargs)

    conditional: Callable = available_if(has_method)
    return conditional(call)


def digest_rows(X: Any) -> list:
    """Return a digest of the content of each row; none for what has no rows."""
    if isinstance(X, AudioClips):
        return X.digests
    if hasattr(X, "toarray"):
        X = X.toarray()
    if isinstance(X, (pd.DataFrame, pd.Series)):
        try:
            return pd.util.hash_pandas_object(X, index=False).tolist()
        except TypeError:  # cells that cannot be hashed
            return []
    if isinstance(X, (list, tuple, FrameSequences)):
        return [_digest(np.asarray(row)) for row in X]
    if not isinstance(X, np.ndarray) or X.ndim == 0:
        return []
    return [_digest(np.asarray(row)) for row in X]


def _digest(row: np.ndarray) -> str:
    if row.dtype == object:
        return sha256(repr(row.tolist()))
    return sha256(np.ascontiguousarray(row).tobytes(), str(row.dtype))
