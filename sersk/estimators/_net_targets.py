"""What a net learns: classes with their weights, and degrees."""

from typing import Any

import numpy as np
from sklearn.utils import check_array, check_consistent_length, compute_class_weight

from sersk.utils import choose_weights


def weigh_classes(
    class_weight: Any, classes: np.ndarray, codes: np.ndarray
) -> np.ndarray:
    """Return a weight a class by the training clips, 1 for one that they lack.

    Parameters
    ----------
    class_weight : "balanced", dict or None
        As scikit-learn's; ``"balanced"`` is ``n_clips / (n_classes * n_clips_of_it)``.
    classes : ndarray of shape (n_classes,)
        Labels.
    codes : ndarray of int of shape (n_clips,)
        Position in `classes` of the label of each clip that is learned from.

    Returns
    -------
    weights : ndarray of float32 of shape (n_classes,)
        In the order of `classes`.

    Raises
    ------
    ValueError
        If a dict lacks a label and names another that is none.
    """
    if isinstance(class_weight, dict):
        return choose_weights(class_weight, classes).astype(np.float32)
    present = np.unique(codes)
    weights = np.ones(len(classes), dtype=np.float32)
    weights[present] = compute_class_weight(class_weight, classes=present, y=codes)
    return weights


def check_degrees(X: Any, y: Any, name: str) -> np.ndarray:
    """Return the degrees of clips as they are, or raise naming the clip without one.

    Parameters
    ----------
    X : collection of n_clips
        The clips.
    y : array-like of shape (n_clips,) or (n_clips, n_attributes)
        Degrees.
    name : str
        Of the estimator, for messages.

    Returns
    -------
    degrees : ndarray of float64 of the same shape
        Finite.
    """
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    degrees = check_array(
        y,
        ensure_2d=False,
        dtype=np.float64,
        ensure_all_finite=False,
        input_name="y",
    )
    check_consistent_length(X, degrees)
    gaps = np.flatnonzero(~np.isfinite(degrees.reshape(len(degrees), -1)).all(axis=1))
    if len(gaps):
        raise ValueError(
            f"y holds NaN or infinity for {len(gaps)} of {len(degrees)} clips "
            f"(first: clip {gaps[0]}). Drop these clips from X and y."
        )
    return degrees
