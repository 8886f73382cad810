"""Scores of each class on its own."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.metrics._labels import count_pairs


def class_scores(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: Sequence | None = None
) -> pd.DataFrame:
    r"""Compute precision, recall and F1 of each class.

    With :math:`C_{ij}` the number of clips of class i that are taken for class j,

    .. math::
        P_k = \frac{C_{kk}}{\sum_i C_{ik}}, \quad
        R_k = \frac{C_{kk}}{\sum_j C_{kj}}, \quad
        F_{1,k} = \frac{2 P_k R_k}{P_k + R_k}

    and 0 where a denominator is 0. The rows are named by the labels themselves, and
    there is no way to give them other names.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        True labels.
    y_pred : array-like of shape (n_clips,)
        Predicted labels.
    labels : sequence, default=None
        The classes, in the order of the rows. Those without clips keep their row.
        None: the labels that occur in either array, sorted.

    Returns
    -------
    scores : pandas.DataFrame of shape (n_classes, 5)
        Indexed by class, with the columns

        - ``precision``, ``recall`` and ``f1``: between 0 and 1.
        - ``support``: number of clips that truly are of the class.
        - ``defined``: False where the class has no clip, so that its recall is 0 by
          convention, or is never answered, so that its precision is.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, hold missing values or scores
        instead of labels, or a label that is not in `labels`.

    Notes
    -----
    The values equal those of scikit-learn's ``precision_recall_fscore_support`` with
    ``zero_division=0``. With `labels` given, the mean of the recalls is
    :func:`unweighted_accuracy` and the mean of the F1 scores :func:`macro_f1`, both
    with the same `labels`. ``(~scores.defined).sum()`` counts the classes for which a
    convention stands in.

    Examples
    --------
    >>> from sersk.metrics import class_scores
    >>> y_true = ["sad", "sad", "happy", "angry"]
    >>> class_scores(y_true, ["sad", "happy", "happy", "happy"]).round(2)
           precision  recall   f1  support  defined
    class
    angry       0.00     0.0  0.00        1    False
    happy       0.33     1.0  0.50        1     True
    sad         1.00     0.5  0.67        2     True
    """
    classes, counts = count_pairs(y_true, y_pred, labels)
    hits, support, answers = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    return pd.DataFrame(
        {
            "precision": hits / np.maximum(answers, 1),
            "recall": hits / np.maximum(support, 1),
            "f1": 2 * hits / np.maximum(support + answers, 1),
            "support": support,
            "defined": (support > 0) & (answers > 0),
        },
        index=pd.Index(classes, name="class"),
    )
