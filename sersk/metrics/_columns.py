"""Checks of tables with a column for each class: scores, probabilities, marks."""

from typing import Any

import numpy as np
import pandas as pd

from sersk.metrics._labels import check_classes
from sersk.utils import listed_and_more

PREFIX = "probability_"


def check_columns(values: Any, name: str, classes: list) -> np.ndarray:
    """Return a table as float64 of shape (n_clips, n_classes), or raise naming it.

    The columns of a frame must be the classes in their order, or these with the prefix
    that stands before probabilities in the predictions of an evaluation.
    """
    if isinstance(values, pd.DataFrame):
        _check_names(values, name, classes)
        kinds = {dtype for dtype in values.dtypes if not _is_numeric(dtype)}
        if kinds:
            raise ValueError(
                f"{name} must hold numbers, got {listed_and_more(map(str, kinds))}."
            )
        # Of its own, because columns of truths and of integers make objects together.
        array = values.astype(np.float64).to_numpy()
    else:
        array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold numbers, got values of type {array.dtype}.")
    if array.ndim != 2 or array.shape[1] != len(classes):
        raise ValueError(
            f"{name} has shape {array.shape}, but a row for each clip and a column for "
            f"each of {len(classes)} classes are expected: {listed_and_more(classes)}."
        )
    if not len(array):
        raise ValueError(f"{name} is empty.")
    rows = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(rows):
        raise ValueError(
            f"{name} holds values that are not finite for {len(rows)} clips (first at "
            f"position {rows[0]}). Drop these clips, and say so where you report the "
            "result."
        )
    return array.astype(np.float64)


def check_same_clips(first: np.ndarray, second: np.ndarray, names: str) -> None:
    """Raise if two tables differ in their numbers of rows."""
    if len(first) != len(second):
        raise ValueError(
            f"{names} have {len(first)} and {len(second)} rows; both must describe the "
            "same clips."
        )


def find_classes(*tables: Any, classes: Any = None) -> list:
    """Return the classes given, or the columns of a frame, or numbers from 0."""
    if classes is not None:
        return check_classes(classes, "classes")
    for table in tables:
        if isinstance(table, pd.DataFrame) and not _is_numbered(table):
            return check_classes(table.columns, "The columns")
    shape = np.shape(tables[0])
    return list(range(shape[1])) if len(shape) == 2 else [0]


def _check_names(frame: pd.DataFrame, name: str, classes: list) -> None:
    columns = frame.columns.tolist()
    # Columns that are numbered only have no names that could be in another order.
    if columns in (classes, [f"{PREFIX}{label}" for label in classes]) or (
        _is_numbered(frame) and len(columns) == len(classes)
    ):
        return
    raise ValueError(
        f"The columns of {name} are {listed_and_more(columns)}, but the classes, in "
        f"this order, are {listed_and_more(classes)}."
    )


def _is_numbered(frame: pd.DataFrame) -> bool:
    return isinstance(frame.columns, pd.RangeIndex)


def _is_numeric(dtype: Any) -> bool:
    return bool(
        pd.api.types.is_numeric_dtype(dtype)
        and not pd.api.types.is_complex_dtype(dtype)
    )
