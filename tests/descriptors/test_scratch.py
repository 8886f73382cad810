"""Memory that is lent: aligned, used again, and not shared between threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sersk.descriptors._scratch import aligned, borrow


def _address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("size", [1, 7, 1_000, 100_000])
def test_memory_begins_with_a_cache_line(size):
    memory = aligned(size)
    assert memory.shape == (size,)
    assert memory.dtype == np.float32
    assert _address(memory) % 64 == 0


def test_the_same_memory_is_lent_again_in_any_shape_that_fits():
    first = borrow("test", (4, 5))
    second = borrow("test", (2, 3))
    assert second.shape == (2, 3)
    assert _address(first) == _address(second)


def test_memory_grows_when_it_must():
    borrow("growing", (2,))
    large = borrow("growing", (3, 1_000))
    large[:] = 1.0
    assert large.sum() == 3_000


def test_names_do_not_share():
    one, other = borrow("one", (8,)), borrow("other", (8,))
    one[:], other[:] = 1.0, 2.0
    assert_array_equal(one, 1.0)


def test_threads_do_not_share():
    barrier = Barrier(4)

    def fill(value: int) -> bool:
        memory = borrow("shared", (10_000,))
        memory[:] = value
        barrier.wait()
        return bool((memory == value).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(fill, range(4)))
