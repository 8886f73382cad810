import numpy as np
import pandas as pd
import pytest

from sersk import AudioClips
from sersk.augmentation import AddNoise, Gain, LowRate, add_copies
from sersk.model_selection import audit_split


def test_originals_come_first_and_copies_in_their_order(clips):
    augmented = add_copies(clips, Gain(6), n_copies=2)
    assert len(augmented) == 9
    assert augmented.speaker.tolist() == ["a", "b", "b"] * 3
    assert augmented.digests[:3] == clips.digests
    for index, waveform in enumerate(augmented):
        factor = 1 if index < 3 else 10 ** (6 / 20)
        np.testing.assert_allclose(waveform, clips[index % 3] * factor, rtol=1e-6)


def test_copies_name_their_originals(clips):
    copies = add_copies(clips, Gain(), n_copies=2).columns["copy_of"]
    assert copies.tolist() == [None] * 3 + [0, 1, 2] * 2


def test_originals_go_by_their_utterance(clips):
    named = clips.with_columns(
        {"utterance": ["u", "v", "w"], "copy_of": [None, "u", None]}
    )
    augmented = add_copies(named, Gain())
    copies = pd.Series(augmented.columns["copy_of"]).fillna("").tolist()
    assert copies == ["", "u", "", "u", "u", "w"]
    assert augmented.columns["utterance"].tolist() == ["u", "v", "w"] * 2


def test_a_copy_does_not_depend_on_the_other_clips(clips):
    augmenters = [AddNoise(), Gain()]
    all_of_them = add_copies(clips, augmenters, n_copies=2, random_state=0).digests
    one = add_copies(clips[[2]], augmenters, n_copies=2, random_state=0).digests
    assert one == all_of_them[2::3]


def test_copies_differ_from_each_other(clips):
    digests = add_copies(clips, AddNoise(), n_copies=5, random_state=0).digests
    assert len(set(digests)) == 18


def test_more_copies_begin_with_the_same(clips):
    few, many = (
        add_copies(clips, AddNoise(), n_copies=n, random_state=0).digests
        for n in (1, 3)
    )
    assert many[:6] == few


def test_generators_give_other_copies_each_time(clips):
    state = np.random.RandomState(0)
    one, other = (add_copies(clips, AddNoise(), random_state=state) for _ in range(2))
    assert one.digests[:3] == other.digests[:3]
    assert not set(one.digests[3:]) & set(other.digests[3:])


def test_nothing_is_copied_until_it_is_read():
    clips = AudioClips.from_files(["gone.wav"])
    assert len(add_copies(clips, LowRate(), n_copies=3)) == 4


@pytest.mark.parametrize("column", [{}, {"utterance": ["u", "v", "w"]}])
def test_the_audit_finds_copies_on_both_sides(clips, column):
    augmented = add_copies(clips.with_columns(column), Gain(), random_state=0)
    folds = [([0, 1, 2], [3, 4, 5])]
    audit = audit_split(augmented, list("xyzxyz"), cv=folds)
    assert (audit.leaks["check"] == "copy").sum() == 3
    kept = audit_split(augmented, list("xyzxyz"), cv=[([0, 3], [1, 2, 4, 5])])
    assert "copy" not in set(kept.leaks["check"])


@pytest.mark.parametrize("n_copies", [0, -1, 1.5, None])
def test_the_number_of_copies_is_checked(clips, n_copies):
    with pytest.raises(ValueError, match=f"n_copies={n_copies} must be"):
        add_copies(clips, Gain(), n_copies=n_copies)


def test_there_must_be_augmenters(clips):
    with pytest.raises(ValueError, match="augmenters is empty"):
        add_copies(clips, [])
