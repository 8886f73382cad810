from numbers import Integral

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from sersk.utils import _sklearn


class Doubler(BaseEstimator):
    _parameter_constraints = {  # noqa: RUF012 -- scikit-learn's own spelling
        "factor": [_sklearn.Interval(Integral, 1, None, closed="left")],
        "mode": [_sklearn.StrOptions({"exact"}), _sklearn.HasMethods("predict")],
        "rate": [_sklearn.Options(Integral, {8_000, 16_000})],
    }

    def __init__(self, factor=2, mode="exact", rate=16_000):
        self.factor = factor
        self.mode = mode
        self.rate = rate

    @_sklearn.fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        _sklearn.validate_data(self, X)
        return self


def test_the_helpers_accept_what_they_should():
    assert Doubler().fit(np.zeros((2, 3))).n_features_in_ == 3


@pytest.mark.parametrize(
    ("name", "value"), [("factor", 0), ("mode", "rough"), ("rate", 44_100)]
)
def test_the_helpers_name_the_parameter_and_the_value(name, value):
    with pytest.raises(ValueError, match=f"The '{name}' parameter.*{value}"):
        Doubler(**{name: value}).fit(np.zeros((2, 3)))
