"""Windows against scipy's."""

import pytest
import scipy.signal
from numpy.testing import assert_allclose

from sersk.descriptors import get_window


@pytest.mark.parametrize("length", [1, 2, 3, 400, 2_048])
@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "boxcar"])
def test_windows_are_scipys(name, length):
    expected = scipy.signal.get_window(name, length)
    assert_allclose(get_window(name, length), expected, atol=1e-15)


@pytest.mark.parametrize("name", ["hannn", "kaiser", ""])
def test_what_is_no_window_is_refused(name):
    with pytest.raises(ValueError, match=f"window='{name}' is not the name"):
        get_window(name, 8)
