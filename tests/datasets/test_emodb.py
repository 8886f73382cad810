from collections import Counter
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets import get_scheme, load_emodb
from sersk.datasets._emodb import (
    EMOTIONS,
    FEMALE,
    MALE,
    PUBLISHED,
    SENTENCES,
    EmoDBName,
    row_of,
)
from sersk.datasets._tree import LeftOut
from sersk.utils import CorpusWarning

NAMES = st.builds(
    EmoDBName,
    speaker=st.sampled_from(MALE + FEMALE),
    sentence=st.sampled_from(SENTENCES),
    letter=st.sampled_from(sorted(EMOTIONS)),
    version=st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
)


def row(stem):
    return row_of(PurePath(f"/data/{stem}.wav"))


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name):
    assert EmoDBName.parse(name.format()) == name


@given(st.text(alphabet="0139abFWLEANT.-_ ", max_size=9))
def test_what_is_read_is_a_name_or_left_out(stem):
    try:
        name = EmoDBName.parse(stem)
    except LeftOut:
        return
    assert name.format() == stem


@pytest.mark.parametrize(
    ("stem", "emotion"),
    [
        ("03a01Wa", "anger"),
        ("03a01La", "boredom"),
        ("03a01Ea", "disgust"),
        ("03a01Aa", "fear"),
        ("03a01Fa", "happy"),
        ("03a01Na", "neutral"),
        ("03a01Ta", "sad"),
    ],
)
def test_the_letters_are_german(stem, emotion):
    assert row(stem)["label"] == emotion


def test_a_name_says_everything():
    assert row("13b09Ld") == {
        "utterance": "13b09Ld",
        "label": "boredom",
        "speaker": "13",
        "gender": "female",
        "sentence": "b09",
        "version": "d",
    }


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "03a01F",  # no version
        "03a01Fab",
        "04a01Fa",  # no such speaker
        "03a03Fa",  # no such sentence
        "03a01Xa",  # no such emotion
        "03A01FA",
        "03a01Fa\n",
        "\u0660\u0663a01Fa",  # digits, but not these
        "03a01Fa (1)",
    ],
)
def test_other_names_are_left_out(stem):
    with pytest.raises(LeftOut, match="no name of an EmoDB clip"):
        row(stem)


def test_the_published_counts_agree_with_each_other():
    published = PUBLISHED
    assert published.total == 535
    assert sum(published.per_speaker.values()) == 535
    assert tuple(published.per_class) == get_scheme("emodb").classes
    assert set(published.per_speaker) == set(MALE + FEMALE)


def test_the_classes_are_in_alphabetical_order():
    assert list(get_scheme("emodb").classes) == sorted(get_scheme("emodb").classes)


def test_the_real_corpus_is_complete(emodb_root):
    corpus = load_emodb(emodb_root)
    assert corpus.problems == []
    assert repr(corpus) == (
        "<Corpus emodb: 535 clips, 10 speakers; anger 127, boredom 81, disgust 46, "
        "fear 69, happy 71, neutral 79, sad 62>"
    )
    assert corpus.counts().sum().to_dict() == PUBLISHED.per_speaker
    assert Counter(corpus.frame["gender"]) == {"female": 302, "male": 233}
    assert set(corpus.clips.columns) == {"speaker", "sentence", "gender"}


def test_the_folder_of_the_real_files_may_be_named_itself(emodb_root):
    above, itself = load_emodb(emodb_root), load_emodb(emodb_root / "wav")
    assert above.frame.equals(itself.frame)


def test_the_real_corpus_opens_and_is_speech(emodb_root):
    corpus = load_emodb(emodb_root).select(speaker="03", sentence="a01")
    durations = [len(waveform) / 16_000 for waveform in corpus.clips]
    assert len(corpus) == 3
    assert all(1.2 < duration < 9.0 for duration in durations)


def test_a_copy_with_some_speakers_is_reported(emodb_root, tmp_path):
    for file in (emodb_root / "wav").iterdir():
        if file.name.startswith(("03", "08")):
            (tmp_path / file.name).symlink_to(file)
    with pytest.warns(CorpusWarning, match="107 of 535 clips loaded"):
        corpus = load_emodb(tmp_path)
    speakers = [finding for finding in corpus.problems if "speaker" in finding]
    assert len(speakers) == 8
    assert speakers[0] == "speaker 09: 0 of 43 clips."
