import dataclasses
import pickle

import numpy as np
import pytest

from sersk.datasets import LabelScheme


@pytest.fixture
def scheme():
    return LabelScheme("three", ("neutral", "anger", "sad"))


def test_the_order_given_is_kept(scheme):
    assert scheme.classes == ("neutral", "anger", "sad")


def test_it_prints_name_and_classes(scheme):
    assert str(scheme) == "three: neutral, anger, sad"


def test_a_list_of_classes_becomes_a_tuple():
    scheme = LabelScheme("two", ["b", "a"])
    assert scheme == LabelScheme("two", ("b", "a"))
    assert hash(scheme) == hash(LabelScheme("two", ("b", "a")))


def test_schemes_of_another_order_differ(scheme):
    assert scheme != LabelScheme("three", ("anger", "neutral", "sad"))


def test_index_gives_positions(scheme):
    numbers = scheme.index(np.array(["sad", "neutral", "sad"]))
    assert numbers.tolist() == [2, 0, 2]
    assert numbers.dtype == np.int64


def test_index_of_nothing_is_empty(scheme):
    assert scheme.index([]).shape == (0,)


def test_index_names_every_unknown_label_and_the_scheme(scheme):
    with pytest.raises(ValueError, match=r"'Sad', 'fear' is no class .* three: neu"):
        scheme.index(["sad", "fear", "Sad", "fear"])


@pytest.mark.parametrize("classes", [(), ("one",), ("a", "b", "a")])
def test_classes_must_be_two_or_more_and_differ(classes):
    with pytest.raises(ValueError, match="'bad' must have at least two classes"):
        LabelScheme("bad", classes)


@pytest.mark.parametrize(("name", "classes"), [("", ("a", "b")), ("x", ("a", " "))])
def test_names_must_not_be_empty(name, classes):
    with pytest.raises(ValueError, match="empty name"):
        LabelScheme(name, classes)


@pytest.mark.parametrize("classes", ["ab", ("a", 1), (None, "b")])
def test_names_must_be_text(classes):
    with pytest.raises(TypeError, match="must be"):
        LabelScheme("bad", classes)


def test_it_cannot_be_changed(scheme):
    with pytest.raises(dataclasses.FrozenInstanceError):
        scheme.classes = ("a", "b")


def test_it_survives_pickling(scheme):
    assert pickle.loads(pickle.dumps(scheme)) == scheme


def test_labels_that_merge_are_printed_and_limits_too():
    scheme = LabelScheme(
        "two", ("good", "bad"), {"happy": "good", "calm": "good", "sad": "bad"}
    )
    assert str(scheme) == "two: good (happy + calm), bad (sad)"
    limited = LabelScheme("some", ("a", "b"), only={"style": ("x", "y")})
    assert str(limited) == "some: a, b; only style x or y"


@pytest.mark.parametrize("merges", [{"a": "good"}, {"a": "good", "b": "bad", "c": "x"}])
def test_every_class_needs_a_label_and_every_label_a_class(merges):
    with pytest.raises(ValueError, match="Every class needs a label, and every label"):
        LabelScheme("two", ("good", "bad"), merges)


def test_a_scheme_keeps_a_copy_of_its_merges_and_can_be_hashed():
    merges = {"a": "good", "b": "bad"}
    scheme = LabelScheme("two", ("good", "bad"), merges)
    merges["c"] = "good"
    assert scheme.classify(["a", "c"]).tolist()[0] == "good"
    assert scheme.classify(["c"]).isna().all()
    assert hash(scheme) == hash(LabelScheme("two", ("good", "bad"), {**scheme.merges}))
