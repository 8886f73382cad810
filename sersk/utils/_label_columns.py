"""Probabilities of several labels, in one form."""

from typing import Any

import numpy as np


def label_columns(given: Any, fitted: Any) -> np.ndarray:
    """Return the probability of each of several labels.

    Some of scikit-learn's classifiers give a list with the probabilities of 0 and of 1
    for each label, or of one of them where training had no other.

    Parameters
    ----------
    given : ndarray of shape (n, n_labels), or list of ndarray of shape (n, 1 or 2)
        What ``predict_proba`` gave.
    fitted : classifier
        What gave it.

    Returns
    -------
    probabilities : ndarray of shape (n, n_labels)
        That of 1 for each label; 0 for one that training lacked.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from sersk.utils import label_columns
    >>> X, y = np.zeros((4, 1)), [[1, 0], [1, 0], [0, 0], [1, 0]]
    >>> fitted = DummyClassifier(strategy="prior").fit(X, y)
    >>> label_columns(fitted.predict_proba(X[:1]), fitted)
    array([[0.75, 0.  ]])
    """
    if not isinstance(given, list):
        return np.asarray(given, dtype=np.float64)
    columns = [
        part[:, classes == 1].sum(axis=1)
        for part, classes in zip(given, fitted.classes_, strict=True)
    ]
    return np.column_stack(columns)
