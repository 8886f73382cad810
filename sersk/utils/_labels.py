"""Labels of a classifier's fit."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets


def check_labels(y: ArrayLike) -> np.ndarray:
    """Return the labels of a classifier without a gap, or raise.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels: text or whole numbers.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        The same.

    Raises
    ------
    ValueError
        If there are none, a label is missing, or they are no labels of classes.

    Examples
    --------
    >>> from sersk.utils import check_labels
    >>> check_labels(["sad", "angry"])
    array(['sad', 'angry'], dtype='<U5')
    """
    check_given(y, "A classifier")
    labels = column_or_1d(y, warn=True)
    # As objects, because numpy would turn a missing label among texts into 'nan'.
    missing = np.flatnonzero(pd.isna(np.asarray(y, dtype=object)))
    if len(missing):
        raise ValueError(
            f"y lacks {len(missing)} labels (first at position {missing[0]}). Drop "
            "these samples from X and y."
        )
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        raise ValueError("y holds infinity, which is no label.")
    check_classification_targets(labels)
    return labels


def check_given(y: Any, name: str) -> None:
    """Raise as scikit-learn does where there is no target.

    Parameters
    ----------
    y : object
        Target that `fit` was given.
    name : str
        What requires it.

    Raises
    ------
    ValueError
        If `y` is None.

    Examples
    --------
    >>> from sersk.utils import check_given
    >>> check_given(["sad", "angry"], "WindowedClassifier")
    """
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
