"""Labels of a classifier's fit, and the weights of its classes."""

from collections.abc import Mapping
from numbers import Real
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
    # As objects, because numpy would turn a missing label among texts into 'nan'.
    given = np.asarray(y, dtype=object)
    if given.ndim == 2 and given.shape[1] > 1:
        raise ValueError(
            f"y has {given.shape[1]} columns, but a clip has one label here. Where a "
            "clip may have several, put the classifier into MultiOutputClassifier."
        )
    labels = column_or_1d(y, warn=True)
    missing = np.flatnonzero(pd.isna(given))
    if len(missing):
        raise ValueError(
            f"y lacks {len(missing)} labels (first at position {missing[0]}). Drop "
            "these samples from X and y."
        )
    _check_one_kind(labels)
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        raise ValueError("y holds infinity, which is no label.")
    check_classification_targets(labels)
    return labels


def _check_one_kind(labels: np.ndarray) -> None:
    """Raise where text and numbers are mixed, which have no order."""
    if labels.dtype != object:
        return
    texts = np.array([isinstance(label, str) for label in labels])
    if len(set(texts)) > 1:
        text, other = labels[np.argmax(texts)], labels[np.argmin(texts)]
        raise ValueError(
            f"y holds text and other labels, such as {text!r} and {other!r}. Make all "
            "of them text: [str(label) for label in y]."
        )


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


def choose_weights(
    class_weight: Mapping[Any, float], classes: np.ndarray
) -> np.ndarray:
    """Return the weights that the user gave to labels, 1 for a class without one.

    Parameters
    ----------
    class_weight : mapping of label to float
        Weights; those of labels that this fit lacks are left out.
    classes : ndarray of shape (n_classes,)
        Labels.

    Returns
    -------
    weights : ndarray of float64 of shape (n_classes,)
        In the order of `classes`.

    Raises
    ------
    ValueError
        If a label has no weight and a weight no label, or a weight is no number of at
        least 0.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.utils import choose_weights
    >>> choose_weights({"sad": 3.0}, np.array(["angry", "sad"]))
    array([1., 3.])
    """
    labels = classes.tolist()
    lacking = [label for label in labels if label not in class_weight]
    if lacking and len(labels) - len(lacking) < len(class_weight):
        # A weight is left over and a class has none: as likely as not a misspelling.
        raise ValueError(
            f"class_weight names {list(class_weight)}, but the classes are {labels}. "
            f"Give the weight of {lacking} too."
        )
    weights = [class_weight.get(label, 1.0) for label in labels]
    for label, weight in zip(labels, weights, strict=True):
        if not (isinstance(weight, Real) and 0 <= weight < np.inf):
            raise ValueError(
                f"class_weight gives {label!r} the weight {weight!r}. Give a finite "
                "number of at least 0."
            )
    return np.array(weights, dtype=float)
