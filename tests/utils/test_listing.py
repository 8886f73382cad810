import pytest

from sersk.utils import listed, listed_and_more


@pytest.mark.parametrize(
    ("values", "some", "counted"),
    [
        ([], "", ""),
        (["a", 1], "'a', 1", "'a', 1"),
        (("a", "b", "c"), "'a', 'b', …", "'a', 'b' and 1 more"),
        (iter("abcd"), None, "'a', 'b' and 2 more"),
    ],
)
def test_the_first_are_named(values, some, counted):
    if some is not None:
        assert listed(values, most=2) == some
    assert listed_and_more(values, most=2) == counted
