import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sersk.features import LayerSelect

X = np.arange(12.0).reshape(2, 6)
NAMES = [f"layer_{layer:02}_{at:04}_mean" for layer in range(3) for at in range(2)]


@pytest.mark.parametrize("layer", [0, 1, 2, -1, -3])
def test_the_columns_of_a_layer(layer):
    selected = LayerSelect(layer, n_layers=3).fit_transform(X)
    assert_array_equal(selected, X.reshape(2, 3, 2)[:, layer])


def test_layers_are_counted_by_names():
    select = LayerSelect(1).set_output(transform="pandas")
    frame = select.fit_transform(pd.DataFrame(X, columns=NAMES))
    assert select.n_layers_ == 3
    assert list(frame.columns) == NAMES[2:4]


def test_rows_of_nan_pass():
    rows = np.full((1, 6), np.nan)
    assert np.isnan(LayerSelect(n_layers=2).fit_transform(rows)).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, r"n_layers=None, and X has no names .* Pass n_layers=13"),
        ({"n_layers": 4}, "X has 6 features, which are not those of n_layers=4"),
        ({"n_layers": 3, "layer": 3}, "layer=3, but there are layers 0 to 2"),
        ({"n_layers": 3, "layer": -4}, "layer=-4, but there are layers 0 to 2"),
        ({"n_layers": 0}, "The 'n_layers' parameter"),
    ],
)
def test_bad_input(parameters, message):
    with pytest.raises(ValueError, match=message):
        LayerSelect(**parameters).fit(X)
