import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.utils import canonical_json, sha256


def test_sha256_digests_each_part_after_its_length():
    expected = hashlib.sha256(
        b"\x02\0\0\0\0\0\0\0ab" + b"\x01\0\0\0\0\0\0\0c"
    ).hexdigest()
    assert sha256("ab", "c") == expected


def test_text_counts_as_utf8():
    assert sha256("für") == sha256("für".encode())


def test_an_array_counts_as_its_bytes():
    samples = np.array([0.5, -0.5], dtype=np.float32)
    assert sha256(memoryview(samples)) == sha256(samples.tobytes())


@given(st.lists(st.binary(max_size=8)), st.lists(st.binary(max_size=8)))
def test_only_equal_parts_have_equal_digests(first, second):
    assert (sha256(*first) == sha256(*second)) == (first == second)


def test_canonical_json_of_each_plain_type():
    value = {
        "b": (1, 2.5, None, True),
        "a": Path("x/y"),
        "numpy": [np.int64(3), np.float32(0.5), np.bool_(False), np.arange(2)],
        "nested": {2: "two"},
    }
    assert canonical_json(value) == (
        '{"a":"x/y","b":[1,2.5,null,true],"nested":{"2":"two"},'
        '"numpy":[3,0.5,false,[0,1]]}'
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ((1, 2), [1, 2]),
        (512, 512.0),
        (np.float64(0.5), 0.5),
        (np.str_("mel"), "mel"),
        (np.array(["mel", "mfcc"]), ["mel", "mfcc"]),
    ],
)
def test_equal_parameters_have_one_form(one, other):
    assert canonical_json(one) == canonical_json(other)


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (None, "null"), (0.1, 0.2)])
def test_different_parameters_have_different_forms(one, other):
    assert canonical_json(one) != canonical_json(other)


def test_true_is_not_one():
    assert canonical_json(True) == "true"


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_non_finite_numbers_have_a_form(value):
    assert canonical_json(value) == canonical_json(np.float32(value))


@pytest.mark.parametrize("value", [object(), {1, 2}, print, b"bytes", 1 + 2j])
def test_what_has_no_form_is_refused(value):
    with pytest.raises(TypeError, match="has no canonical form"):
        canonical_json({"parameter": value})


def test_a_fraction_counts_as_its_float():
    assert canonical_json(Fraction(1, 4)) == "0.25"
