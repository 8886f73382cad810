"""Labels that classifiers are fitted on."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning

from sersk.utils import check_labels, choose_weights


@pytest.mark.parametrize(
    "y",
    [["b", "a"], np.array([3, 1]), np.array([2.0, 1.0]), pd.Series(["b", "a"])],
)
def test_labels_stay_as_they_are(y):
    assert check_labels(y).tolist() == list(y)


def test_a_column_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="A column-vector y"):
        assert check_labels(np.array([["b"], ["a"]])).tolist() == ["b", "a"]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", None], r"y lacks 1 labels \(first at position 1\). Drop these samples"),
        (["a", np.nan], "y lacks 1 labels"),
        (np.array([np.nan, 1.0]), "y lacks 1 labels .first at position 0"),
        ([0.0, np.inf], "y holds infinity"),
        (np.ones((2, 3)), "y has 3 columns, .* MultiOutputClassifier"),
        (np.array(["a", 1], dtype=object), "such as 'a' and 1. Make all of them text"),
        ([0.1, 0.2], "Unknown label type"),
        (None, "requires y to be passed"),
    ],
)
def test_what_is_no_label_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        check_labels(y)


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf, "2", None])
def test_what_is_no_weight_is_refused(weight):
    with pytest.raises(ValueError, match=r"gives 'a' the weight .*finite number"):
        choose_weights({"a": weight, "b": 1.0}, np.array(["a", "b"]))
