"""Checks of labels, and the table of counts that metrics of classification share."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersk.utils import listed_and_more


def count_pairs(
    y_true: Any, y_pred: Any, labels: Sequence | None
) -> tuple[list, np.ndarray]:
    """Return the classes, and the number of clips of each true and predicted class."""
    true, predicted = check_labels(y_true, "y_true"), check_labels(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise ValueError(
            f"y_true has {len(true)} labels and y_pred {len(predicted)}; both must "
            "describe the same clips."
        )
    classes = _occurring(true, predicted) if labels is None else check_classes(labels)
    rows = encode_labels(true, classes, "y_true")
    columns = encode_labels(predicted, classes, "y_pred")
    n = len(classes)
    return classes, np.bincount(rows * n + columns, minlength=n * n).reshape(n, n)


def check_labels(values: Any, name: str) -> list:
    """Return labels as a list of Python objects, or raise naming the array."""
    # As objects, because numpy would turn a missing value among texts into 'nan'.
    array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"{name} has shape {array.shape}, but one label for each clip is expected, "
            "of shape (n_clips,)."
        )
    if not len(array):
        raise ValueError(f"{name} is empty.")
    missing = np.flatnonzero(pd.isna(array))
    if len(missing):
        raise ValueError(
            f"{name} lacks {len(missing)} labels (first at position {missing[0]}). "
            "Drop these clips from both arrays, and say so where you report the result."
        )
    return array.tolist()


def _occurring(true: list, predicted: list) -> list:
    """Return the labels that occur, sorted."""
    occurring = {*true, *predicted}
    for label in occurring:
        if isinstance(label, (float, np.floating)) and float(label) % 1:
            raise ValueError(
                f"Labels are expected, but there is the number {label}. If these are "
                "scores, take the class with the highest one for each clip."
            )
    try:
        return sorted(occurring)
    except TypeError:
        raise ValueError(
            f"y_true holds labels such as {true[0]!r} and y_pred such as "
            f"{predicted[0]!r}, which are of different kinds. Decode the encoded ones."
        ) from None


def check_classes(classes: Any, name: str = "labels") -> list:
    """Return classes as a list without doublets, or raise naming the parameter."""
    names = np.asarray(classes, dtype=object).tolist()
    if not isinstance(names, list) or not names:
        raise ValueError(f"{name} must be a sequence of classes, got {classes!r}.")
    if len(set(names)) < len(names):
        raise ValueError(f"{name} hold a class twice: {listed_and_more(names)}.")
    return names


def encode_labels(
    values: list, classes: list, name: str, among: str = "labels"
) -> np.ndarray:
    """Return the number of the class of each label."""
    positions = {label: position for position, label in enumerate(classes)}
    unknown = {label: None for label in values if label not in positions}
    if unknown:
        raise ValueError(
            f"{name} holds {listed_and_more(unknown)}, not among {among}: "
            f"{listed_and_more(classes)}."
        )
    return np.array([positions[label] for label in values], dtype=np.intp)
