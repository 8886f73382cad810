"""Samples of every numeric type become float32 by their full scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sersk.audio._samples import to_float32
from sersk.utils import AudioError, AudioWarning


@pytest.mark.parametrize(
    ("dtype", "codes", "expected"),
    [
        ("int8", [-128, 0, 64], [-1, 0, 0.5]),
        ("uint8", [0, 128, 192, 255], [-1, 0, 0.5, 127 / 128]),
        ("int16", [-32768, 0, 16384, 32767], [-1, 0, 0.5, 32767 / 32768]),
        (">i2", [-32768, 16384], [-1, 0.5]),
        ("int32", [-(2**31), 2**30, 1], [-1, 0.5, 2.0**-31]),
        ("float16", [-0.5, 0.25], [-0.5, 0.25]),
        ("float32", [-0.5, 1.5], [-0.5, 1.5]),
        (">f4", [-0.5, 1.5], [-0.5, 1.5]),
        ("float64", [0.1, 1e-300], [np.float32(0.1), 0]),
        ("longdouble", [0.1], [np.float32(0.1)]),
    ],
)
def test_values_by_hand(dtype, codes, expected):
    samples = to_float32(np.array(codes, dtype=dtype))
    assert samples.dtype == np.float32
    assert samples.dtype.isnative
    assert samples.flags.c_contiguous
    np.testing.assert_array_equal(samples, np.array(expected, dtype=np.float32))


def test_a_large_int32_is_rounded_once():
    # float32 would first round to 2**24 + 2, whose scaled value is another.
    code = 2**24 + 1
    assert to_float32(np.array([code], np.int32))[0] == np.float32(code / 2**31)


@pytest.mark.parametrize("dtype", ["int64", "uint16", "uint32", "uint64"])
def test_other_integers_are_16_bit_codes_with_a_warning(dtype):
    with pytest.warns(AudioWarning, match=f"{dtype} samples are taken for 16-bit"):
        samples = to_float32(np.array([0, 16384, 32767], dtype=dtype))
    np.testing.assert_array_equal(samples, [0, 0.5, np.float32(32767 / 32768)])


@pytest.mark.parametrize(
    "codes",
    [
        np.array([0, 32768]),
        np.array([-32769, 0]),
        np.array([2**63], np.uint64),
        np.array([np.iinfo(np.int64).min]),
    ],
)
def test_integers_beyond_16_bits_are_refused(codes):
    with pytest.raises(AudioError, match=f"{codes.dtype} samples beyond 16 bits"):
        to_float32(codes)


@pytest.mark.parametrize(
    "samples",
    [
        np.array([True, False]),
        np.array([1j]),
        np.array(["0.5"]),
        np.array([b"0.5"]),
        np.array([0.5], dtype=object),
        np.array(["2020"], dtype="M8[Y]"),
        np.array([1], dtype="m8[s]"),
        np.zeros(2, dtype=[("left", "f4"), ("right", "f4")]),
    ],
)
def test_what_is_no_number_is_refused_by_its_type(samples):
    with pytest.raises(AudioError, match=r"has samples of type .* Pass floats"):
        to_float32(samples)


def test_masked_samples_are_refused_and_an_empty_mask_is_not():
    masked = np.ma.masked_greater(np.array([0.0, 0.5]), 0.25)
    with pytest.raises(AudioError, match=r"masked samples.*samples\.filled"):
        to_float32(masked)
    samples = to_float32(np.ma.array([0.0, 0.5]))
    assert type(samples) is np.ndarray
    np.testing.assert_array_equal(samples, [0, 0.5])


def test_what_float32_cannot_hold_becomes_infinite_without_a_warning():
    np.testing.assert_array_equal(
        to_float32(np.array([1e300, -1e300])), [np.inf, -np.inf]
    )


@pytest.mark.parametrize("dtype", ["int16", "uint8", "float32", "float64"])
def test_the_result_is_contiguous_whatever_the_layout(dtype):
    base = np.arange(24, dtype=dtype).reshape(4, 6)
    base.flags.writeable = False
    for view in (base, base.T, base[::2, ::-1], np.asfortranarray(base)):
        samples = to_float32(view)
        assert samples.shape == view.shape
        assert samples.flags.c_contiguous
        np.testing.assert_array_equal(samples, to_float32(np.array(view, order="C")))


def test_float32_is_not_copied():
    samples = np.arange(4, dtype=np.float32)
    assert np.shares_memory(to_float32(samples), samples)


def test_no_samples_stay_none():
    assert to_float32(np.empty(0)).shape == (0,)
    assert to_float32(np.empty((2, 0), np.int16)).shape == (2, 0)


@given(arrays(np.int16, st.integers(0, 50)))
def test_int16_equals_float_of_the_same_values(codes):
    np.testing.assert_array_equal(to_float32(codes), to_float32(codes / 32768))


@given(arrays(np.int16, st.integers(1, 50)))
def test_every_width_says_the_same(codes):
    wide = codes.astype(np.int32) << 16
    np.testing.assert_array_equal(to_float32(codes), to_float32(wide))
    narrow = (codes >> 8).astype(np.int8)
    offset = (narrow.astype(np.int16) + 128).astype(np.uint8)
    np.testing.assert_array_equal(to_float32(narrow), to_float32(offset))
