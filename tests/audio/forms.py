"""Forms of X that the tests of its one door share."""

import audformat
import numpy as np
import pandas as pd

RATE = 16_000
NAN = float("nan")
NAMES = ["a.wav", "b/c.wav"]
SEGMENTS = audformat.segmented_index(NAMES, ["0.5s", "2s"], ["1.25s", pd.NaT])
EQUAL = [[0.5, -0.25, 0.125], [0.0, 0.75, -1.0]]
RAGGED = [[0.5, -0.25, 0.125], [0.75, -1.0]]
CODES = [[16384, -8192, 4096], [0, 24576, -32768]]


class Tensor:
    """An array of another library, such as a torch tensor."""

    def __init__(self, values):
        self.values = values
        self.shape = values.shape

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return self.values


class Bare:
    """An array that says nothing of its shape, as scikit-learn's checks pass."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


def object_array(items, shape=(-1,)):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)
