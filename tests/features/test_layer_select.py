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


@pytest.mark.parametrize(
    ("layer", "expected"), [(3, 0), (9, 1), (6, 2), (-1, 2), (-3, 0)]
)
def test_a_layer_of_some_is_found_by_its_number(layer, expected):
    select = LayerSelect(layer, layers=(3, 9, 6)).fit(X)
    assert_array_equal(select.transform(X), X.reshape(2, 3, 2)[:, expected])
    assert select.layers_ == (3, 9, 6)


def test_names_say_which_layers_there_are():
    names = [name.replace("layer_01", "layer_07") for name in NAMES]
    select = LayerSelect(7).fit(pd.DataFrame(X, columns=names))
    assert select.layers_ == (0, 7, 2)
    assert list(select.get_feature_names_out()) == names[2:4]


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
        ({"layers": (3, 6, 9), "layer": 4}, r"layer=4, but there are layers 3, 6, 9\."),
        ({"layers": [], "layer": 4}, r"layers=\[\] holds no layer"),
        ({"layers": (3, 3)}, r"layers=\(3, 3\) holds 3 twice"),
        ({"layers": (3, -1)}, r"layers=\(3, -1\) must be counted from the start"),
        ({"layers": (3, 6), "n_layers": 3}, "n_layers=3, but X holds layers 3, 6"),
        ({"layers": (0, 1, 2, 3)}, "X has 6 features, which are not those of n_layers"),
    ],
)
def test_bad_input(parameters, message):
    with pytest.raises(ValueError, match=message):
        LayerSelect(**parameters).fit(X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"layers": [0, 1, 3]},
            "by their names the features of X are of layers 0 to 2",
        ),
        ({"n_layers": 2}, "n_layers=2, but X holds layers 0 to 2"),
    ],
)
def test_what_is_said_is_not_what_the_names_say(parameters, message):
    with pytest.raises(ValueError, match=message):
        LayerSelect(**parameters).fit(pd.DataFrame(X, columns=NAMES))


def test_the_features_that_are_taken():
    select = LayerSelect(1, n_layers=3).fit(X)
    assert list(select.get_feature_names_out()) == ["x2", "x3"]
    assert_array_equal(select.get_support(), np.isin(np.arange(6), [2, 3]))
    assert_array_equal(select.get_support(indices=True), [2, 3])
