import hashlib
import json
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from sersk.cache._entry import EntryError, claimed_size, decode, encode

KEY, DIGEST = "0" * 64, "1" * 64
DTYPES = ["<f2", "<f4", "<f8", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8"]
VALUE = np.array([[1.5, -2.0, 0.25], [4.0, np.nan, np.inf]], dtype=np.float32)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=6,
)


def seal(header, numbers=b"", *, magic=b"\x89sersk", version=1):
    """Make an entry of any header, whose checksum is right."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    content = struct.pack("<6sHI", magic, version, len(text)) + text + numbers
    return content + hashlib.sha256(content).digest()


def header(**changes):
    """Make the header of VALUE, changed."""
    fields = {"extractor_key": KEY, "digest": DIGEST, "dtype": "<f4", "shape": [2, 3]}
    return {**fields, **changes}


@given(
    npst.arrays(
        dtype=st.sampled_from(DTYPES).map(np.dtype),
        shape=npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_every_array_comes_back_bit_by_bit(value):
    result = decode(encode(KEY, DIGEST, value), KEY, DIGEST)
    assert result.dtype == value.dtype
    assert result.shape == value.shape
    assert result.tobytes() == value.tobytes()
    assert result.flags.c_contiguous
    assert result.flags.writeable
    assert result.flags.owndata


def test_the_bytes_are_those_of_the_documented_format():
    entry = encode(KEY, DIGEST, np.array([1.0, 2.0], dtype=np.float32))
    text = (
        f'{{"extractor_key":"{KEY}","digest":"{DIGEST}","dtype":"<f4","shape":[2]}}'
    ).encode()
    content = (
        b"\x89sersk"
        + b"\x01\x00"
        + len(text).to_bytes(4, "little")
        + text
        + b"\x00\x00\x80\x3f\x00\x00\x00\x40"
    )
    assert entry == content + hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    "value",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-3],
        np.arange(3, dtype=">i4"),
        np.broadcast_to(np.float32(2.5), (2, 2)),
    ],
    ids=["transposed", "strided", "big-endian", "broadcast"],
)
def test_layout_in_memory_does_not_matter(value):
    result = decode(encode(KEY, DIGEST, value), KEY, DIGEST)
    np.testing.assert_array_equal(result, value)
    assert result.flags.c_contiguous
    assert result.dtype.isnative


@pytest.mark.parametrize(
    "value",
    [
        np.array([None, 1]),
        np.array(["a"]),
        np.array([True]),
        np.array([1j]),
        np.array(["2020"], dtype="M8[s]"),
        np.array([1], dtype="m8[s]"),
        np.zeros(2, dtype=[("a", "f4")]),
        np.zeros(2, dtype=np.longdouble),
    ],
    ids=lambda value: str(value.dtype),
)
def test_other_dtypes_are_refused(value):
    with pytest.raises(TypeError, match="only integers and floats of up to 64 bits"):
        encode(KEY, DIGEST, value)


@pytest.mark.parametrize(
    "value", [[1.0], 1.0, None, np.float32(1.0), np.ma.array([1.0], mask=[True])]
)
def test_what_is_not_a_plain_array_is_refused(value):
    with pytest.raises(TypeError, match=r"must be a numpy\.ndarray, got"):
        encode(KEY, DIGEST, value)


@pytest.mark.parametrize("value", [np.arange(3, dtype="<f4"), VALUE[:0], VALUE])
def test_the_head_tells_the_size(value):
    entry = encode(KEY, DIGEST, value)
    assert claimed_size(entry) == len(entry)
    assert claimed_size(entry[: len(entry) - value.nbytes - 32]) == len(entry)


def test_an_entry_cut_at_any_length_is_refused():
    entry = encode(KEY, DIGEST, VALUE)
    for length in range(len(entry)):
        with pytest.raises(EntryError):
            decode(entry[:length], KEY, DIGEST)


def test_any_flipped_bit_is_refused():
    entry = encode(KEY, DIGEST, VALUE)
    for position in range(8 * len(entry)):
        damaged = bytearray(entry)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(EntryError):
            decode(bytes(damaged), KEY, DIGEST)


@given(st.binary(max_size=64))
def test_anything_appended_is_refused(rest):
    entry = encode(KEY, DIGEST, VALUE)
    if rest:
        with pytest.raises(EntryError):
            decode(entry + rest, KEY, DIGEST)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data):
    with pytest.raises(EntryError):
        decode(data, KEY, DIGEST)
    with pytest.raises(EntryError):
        decode(b"\x89sersk\x01\x00" + data, KEY, DIGEST)


@given(JSON, st.binary(max_size=24))
def test_any_header_with_a_right_checksum_is_refused(content, numbers):
    with pytest.raises(EntryError):
        decode(seal(content, numbers), KEY, DIGEST)


@given(st.sampled_from(["extractor_key", "digest", "dtype"]), JSON)
def test_any_changed_field_with_a_right_checksum_is_refused(field, content):
    with pytest.raises(EntryError):
        decode(seal(header(**{field: content}), VALUE.tobytes()), KEY, DIGEST)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (seal(header(), VALUE.tobytes(), magic=b"\x93NUMPY"), "not written by sersk"),
        (seal(header(), VALUE.tobytes(), version=2), "has format version 2, not 1"),
        (seal(header(digest="2" * 64), VALUE.tobytes()), "belongs to another clip"),
        (seal(header(extractor_key="2" * 64), VALUE.tobytes()), "another clip or ext"),
        (seal(header(dtype="|O"), VALUE.tobytes()), "does not hold plain numbers"),
        (seal(header(dtype="<f16"), VALUE.tobytes()), "does not hold plain numbers"),
        (seal(header(dtype=">f4"), VALUE.tobytes()), "does not hold plain numbers"),
        (seal(header(dtype=["<f4"]), VALUE.tobytes()), "does not hold plain numbers"),
        (seal(header(shape=None), VALUE.tobytes()), "does not hold plain numbers"),
        (seal(header(shape=[6, True]), VALUE.tobytes()), "has an impossible shape"),
        (seal(header(shape=[2.0, 3]), VALUE.tobytes()), "has an impossible shape"),
        (seal(header(shape=[-2, -3]), VALUE.tobytes()), "has an impossible shape"),
        (seal(header(shape="6"), VALUE.tobytes()), "has an impossible shape"),
        (seal(header(shape=[0, 2**62])), "has an impossible shape"),
        (seal(header(shape=[0, 10**30])), "has an impossible shape"),
        (seal(header(shape=[1] * 99), b"\0\0\0\0"), "has an impossible shape"),
        (seal(header(shape=[10**11]), VALUE.tobytes()), "is not as long as its head"),
        (seal(b"[" * 4000), "has an unreadable header"),
        (seal(b"\xff\xfe"), "has an unreadable header"),
        (seal(b"1" * 4096), "does not hold plain numbers"),
        (seal(b"1" * 4096, magic=b"\0" * 6), "was not written by sersk"),
        (seal(b" " * 4097), "an endless header"),
        (pickle.dumps(VALUE), "was not written by sersk"),
        (b"", "is cut short"),
    ],
)
def test_an_entry_that_lies_is_refused_with_the_reason(entry, reason):
    with pytest.raises(EntryError, match=reason):
        decode(entry, KEY, DIGEST)


def test_the_helper_of_these_tests_makes_good_entries():
    result = decode(seal(header(), VALUE.tobytes()), KEY, DIGEST)
    np.testing.assert_array_equal(result, VALUE)
