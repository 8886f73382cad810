import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier

from sersk.utils import label_columns

X = np.arange(6.0)[:, np.newaxis]


@pytest.mark.parametrize(
    "classifier",
    [MultiOutputClassifier(LogisticRegression()), KNeighborsClassifier(1)],
    ids=repr,
)
def test_lists_become_columns(classifier):
    y = np.column_stack([X[:, 0] > 2, X[:, 0] < 1]).astype(int)
    fitted = classifier.fit(X, y)
    found = label_columns(fitted.predict_proba(X), fitted)
    assert found.shape == (6, 2)
    expected = np.column_stack([part[:, 1] for part in fitted.predict_proba(X)])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("mark", [0, 1])
def test_a_label_that_does_not_vary_has_its_column(mark):
    y = np.column_stack([X[:, 0] > 2, np.full(6, mark)]).astype(int)
    fitted = KNeighborsClassifier(1).fit(X, y)
    found = label_columns(fitted.predict_proba(X), fitted)
    assert found[:, 1].tolist() == [float(mark)] * 6


def test_what_is_an_array_stays_one():
    given = np.array([[0.1, 0.9]], dtype=np.float32)
    found = label_columns(given, None)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, given)
