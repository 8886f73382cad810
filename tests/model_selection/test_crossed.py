"""Folds in which neither the speaker nor the sentence of a test clip was heard."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk import AudioClips
from sersk.model_selection import SpeakerSentenceKFold


def make_table(n_speakers=4, n_sentences=3, n_takes=2):
    index = pd.MultiIndex.from_product(
        [range(n_speakers), range(n_sentences), range(n_takes)],
        names=["speaker", "sentence", "take"],
    )
    return index.to_frame(index=False)


@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_no_fold_has_heard_speaker_or_sentence(n_speakers, n_sentences, seed):
    table = make_table(n_speakers, n_sentences).sample(frac=1.0, random_state=seed)
    tested = []
    for train, test in SpeakerSentenceKFold(n_speakers, 2).split(table):
        for column in ("speaker", "sentence"):
            heard, asked = (set(table[column].iloc[rows]) for rows in (train, test))
            assert not heard & asked
        tested.extend(test)
    assert sorted(tested) == list(range(len(table)))


def test_there_are_as_many_folds_as_pairs_of_groups():
    splitter = SpeakerSentenceKFold(4, 3)
    assert splitter.get_n_splits() == 12
    assert len(list(splitter.split(make_table()))) == 12


def test_the_columns_are_those_of_the_clips():
    table = make_table()
    columns = {"speaker": table["speaker"], "script": table["sentence"]}
    clips = AudioClips.from_files(
        [f"{row}.wav" for row in table.index], columns=columns
    )
    splitter = SpeakerSentenceKFold(2, 3, sentence="script")
    for train, test in splitter.split(clips):
        assert not set(clips[train].speaker) & set(clips[test].speaker)
    given_as_groups = splitter.split(clips, groups=table["speaker"])
    for (train, test), (again, tested) in zip(
        splitter.split(clips), given_as_groups, strict=True
    ):
        assert np.array_equal(train, again)
        assert np.array_equal(test, tested)


def test_a_group_that_says_nothing_of_a_group_is_no_fold():
    table = make_table().query("not (speaker == 0 and sentence == 0)")
    folds = list(SpeakerSentenceKFold(4, 3).split(table))
    assert len(folds) == 11


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (SpeakerSentenceKFold(5, 2), "5 groups of speakers are asked for, and there"),
        (SpeakerSentenceKFold(2, 4), "4 groups of sentences are asked for"),
        (SpeakerSentenceKFold(2, 1), "Ask for 2 to 3"),
        (
            SpeakerSentenceKFold(2, 2, sentence="script"),
            "needs the script of each clip",
        ),
    ],
)
def test_what_cannot_be_divided_is_refused(splitter, message):
    with pytest.raises(ValueError, match=message):
        list(splitter.split(make_table()))


def test_a_sentence_for_each_speaker_leaves_nothing_to_train_on():
    table = pd.DataFrame({"speaker": ["a", "b"], "sentence": ["x", "x"]})
    table = pd.concat([table, pd.DataFrame({"speaker": ["a"], "sentence": ["y"]})])
    with pytest.raises(ValueError, match="nothing to train on"):
        list(SpeakerSentenceKFold(2, 2).split(table))
