import hashlib

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sersk.cache import extractor_key
from sersk.cache._key import check_hex

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
DESCRIPTIONS = st.dictionaries(st.text(max_size=6), VALUES, min_size=1, max_size=5)


def tagged(value):
    """Make values comparable so that True is not 1, as the key has it."""
    if isinstance(value, dict):
        return {name: tagged(item) for name, item in value.items()}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    return isinstance(value, bool), value


@given(DESCRIPTIONS, VALUES, st.data())
def test_any_changed_value_changes_the_key(description, other, data):
    name = data.draw(st.sampled_from(sorted(description)))
    assume(tagged(description[name]) != tagged(other))
    assert extractor_key({**description, name: other}) != extractor_key(description)


@given(DESCRIPTIONS, st.text(max_size=6), VALUES)
def test_any_added_name_changes_the_key(description, name, value):
    assume(name not in description)
    assert extractor_key({**description, name: value}) != extractor_key(description)


@given(DESCRIPTIONS, st.randoms())
def test_the_order_of_names_does_not_matter(description, random):
    items = list(description.items())
    random.shuffle(items)
    assert extractor_key(dict(items)) == extractor_key(description)


def test_equal_values_in_other_types_give_the_same_key():
    plain = {"n_mfcc": 13, "fmax": 8000.0, "descriptors": ["mfcc", "zcr"]}
    other = {
        "n_mfcc": np.int64(13),
        "fmax": 8000,
        "descriptors": ("mfcc", "zcr"),
    }
    assert extractor_key(plain) == extractor_key(other)


def test_key_is_the_same_in_every_version():
    # A key that moves would silently empty everybody's store.
    text = b'{"a":1}'
    expected = hashlib.sha256(len(text).to_bytes(8, "little") + text).hexdigest()
    assert extractor_key({"a": 1}) == expected


@pytest.mark.parametrize("description", [None, "mfcc", [("a", 1)], {"a": {1, 2}}])
def test_only_dicts_of_plain_values_have_a_key(description):
    with pytest.raises(TypeError):
        extractor_key(description)


@pytest.mark.parametrize(
    "value",
    [
        "../../../../etc/passwd",
        "/etc/passwd/0123456789",
        "0123456789abcde",
        "0123456789abcdef\n",
        "0123456789ABCDEF",
        "\u0660" * 16,
        "a" * 129,
        b"0123456789abcdef",
        None,
        12345678901234567890,
    ],
)
def test_only_hexadecimal_keys_may_become_paths(value):
    with pytest.raises(ValueError, match="digest must be 16 to 128 lower-case hexa"):
        check_hex("digest", value)


def test_digests_of_any_usual_length_are_accepted():
    for length in (16, 32, 40, 64, 128):
        check_hex("digest", "0f" * (length // 2))
