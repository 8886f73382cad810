"""The schemes that are built in, and taking the clips of a corpus that are in one."""

from pathlib import Path

import pandas as pd
import pytest

from sersk import AudioClips
from sersk.datasets import (
    AttributeScheme,
    Corpus,
    LabelScheme,
    MultiLabelScheme,
    get_scheme,
    list_corpora,
    load_emodb,
    scheme_names,
)
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning

LABELS = ["angry", "happy", "excited", "sad", "neutral", "frustrated", "no agreement"]
STYLES = ["improvised"] * 3 + ["scripted"] * 4


@pytest.fixture
def corpus() -> Corpus:
    frame = pd.DataFrame(
        {
            "emotion": LABELS,
            "label": LABELS,
            "style": STYLES,
            "speaker": list("aabbaab"),
            "valence": [2.0, 4.0, None, 1.0, 3.0, 2.0, 3.0],
        }
    )
    clips = AudioClips.from_files([f"{number}.wav" for number in range(7)])
    return Corpus(frame, clips, "iemocap", name="iemocap")


@pytest.mark.parametrize(
    ("scheme", "classes"),
    [
        ("iemocap4-merge", ["angry", "happy", "happy", "sad", "neutral"]),
        ("iemocap4-exc", ["angry", "excited", "sad", "neutral"]),
        ("iemocap4-improvised", ["angry", "happy", "happy"]),
        ("iemocap5", ["angry", "excited", "sad", "neutral", "frustrated"]),
        ("iemocap3", ["angry", "happy", "happy", "sad"]),
        ("three-merge", ["angry", "happy", "neutral"]),
        (
            "valence3",
            ["negative", "positive", "positive", "negative", "neutral", "negative"],
        ),
    ],
)
def test_a_scheme_takes_its_clips_and_merges_their_labels(corpus, scheme, classes):
    taken = corpus.with_scheme(scheme)
    assert taken.target.tolist() == classes
    assert taken.frame["emotion"].tolist() == classes
    assert taken.scheme == get_scheme(scheme)
    # The corpus's own labels stay, and the clips with their speakers go along.
    assert set(taken.frame["label"]) <= set(LABELS)
    files = [f"{LABELS.index(label)}.wav" for label in taken.frame["label"]]
    assert taken.clips.files.tolist() == files
    assert taken.clips.speaker.tolist() == taken.frame["speaker"].tolist()


def test_a_scheme_starts_from_the_labels_whatever_was_merged_before(corpus):
    merged = corpus.with_scheme("iemocap4-merge")
    assert merged.with_scheme("iemocap4-exc").target.tolist() == [
        "angry",
        "excited",
        "sad",
        "neutral",
    ]
    # What was left out before stays out, and that is said.
    with pytest.warns(
        CorpusWarning, match=r"'frustrated' belong to the scheme iemocap5"
    ):
        assert "frustrated" not in merged.with_scheme("iemocap5").target


def test_a_scheme_in_the_words_of_another_corpus_is_warned_of(corpus):
    with pytest.warns(
        CorpusWarning, match=r"No clip of iemocap is in the class 'anger'"
    ):
        corpus.with_scheme("emodb")


def test_a_corpus_without_labels_of_its_own_is_taken_by_its_classes(corpus):
    frame = corpus.frame.drop(columns="label")
    own = Corpus(frame, corpus.clips, "iemocap", name="own")
    taken = own.with_scheme("iemocap4-merge")
    assert taken.target.tolist() == ["angry", "happy", "happy", "sad", "neutral"]


def test_a_scheme_that_no_clip_is_in_is_refused(corpus):
    with pytest.raises(ValueError, match=r"No clip is in the scheme mine.*'angry'"):
        corpus.with_scheme(LabelScheme("mine", ("calm", "bored")))


def test_a_scheme_that_needs_another_column_says_so(corpus):
    frame = corpus.frame.drop(columns="style")
    bare = Corpus(frame, corpus.clips, "iemocap", name="bare")
    with pytest.raises(ValueError, match="needs a column 'style'"):
        bare.with_scheme("iemocap4-improvised")


def test_attributes_are_taken_where_they_are_known(corpus):
    valence = corpus.with_scheme(AttributeScheme("mine", ("valence",)))
    assert valence.target.tolist() == [2.0, 4.0, 1.0, 3.0, 2.0, 3.0]
    assert valence.attributes.columns.tolist() == ["valence"]
    assert repr(valence) == "<Corpus iemocap: 6 clips, 2 speakers; valence 6>"


@pytest.mark.parametrize("wrong", ["other", "IEMOCAP4-merge", ""])
def test_an_unknown_name_is_refused_with_those_there_are(wrong):
    with pytest.raises(ValueError, match=f"no label scheme '{wrong}'.*iemocap4-merge"):
        get_scheme(wrong)


def test_names_are_unique_and_every_scheme_prints_them():
    names = scheme_names()
    assert len(set(names)) == len(names)
    for name in names:
        assert str(get_scheme(name)).startswith(f"{name}: ")


def test_every_scheme_of_a_corpus_is_built_in():
    corpora = list_corpora()
    assert corpora["name"].is_unique
    listed = {name for names in corpora["schemes"] for name in names.split(", ")}
    assert listed <= set(scheme_names())


def test_the_emotions_of_one_word_in_several_corpora_are_one_class():
    six = get_scheme("six-merge")
    for name in ("emodb", "ravdess", "savee", "crema-d", "tess"):
        classes = six.classify(list(get_scheme(name).classes)).dropna()
        assert set(classes) == set(six.classes)


def test_mosei_is_one_label_several_or_a_number():
    assert isinstance(get_scheme("mosei"), LabelScheme)
    assert isinstance(get_scheme("mosei-multilabel"), MultiLabelScheme)
    assert isinstance(get_scheme("mosei-sentiment"), AttributeScheme)


# What is missing is said under any scheme.


@pytest.mark.parametrize("scheme", ["emodb", "six-merge", "valence3"])
def test_a_partial_copy_is_reported_under_any_scheme(tmp_path, scheme):
    root = make_tree("emodb", tmp_path, complete=True)
    for path in Path(root, "wav").glob("*N?.wav"):
        path.unlink()
    with pytest.warns(CorpusWarning, match="not as published"):
        corpus = load_emodb(root, scheme=scheme)
    assert "emotion neutral: 0 of 79 clips." in corpus.problems
    counts = corpus.verify().counts.query("value == 'neutral'")
    assert counts["published"].tolist() == [79]


@pytest.mark.parametrize("scheme", ["emodb", "six-merge"])
def test_a_surplus_is_refused_under_any_scheme(tmp_path, scheme):
    root = make_tree("emodb", tmp_path, complete=True)
    for version in "xyz":
        Path(root, "wav", f"03b10F{version}.wav").touch()
    with pytest.raises(ValueError, match="There are more clips than EmoDB has"):
        load_emodb(root, scheme=scheme)


def test_the_scheme_of_another_corpus_is_a_finding(tmp_path):
    root = make_tree("emodb", tmp_path, complete=True)
    with pytest.warns(CorpusWarning, match="The scheme ravdess leaves out the labels"):
        corpus = load_emodb(root, scheme="ravdess")
    assert corpus.problems[-1].startswith("No clip is in the classes calm, angry")


def test_a_scheme_of_ones_own_is_not_taken_for_a_built_in_of_its_name(tmp_path):
    root = make_tree("emodb", tmp_path, complete=True)
    merges = {"anger": "bad", "sad": "bad", "happy": "good"}
    own = LabelScheme("emodb", ("good", "bad"), merges)
    corpus = load_emodb(root, scheme=own)
    assert corpus.problems == []
    assert corpus.counts().sum(axis=1).to_dict() == {"good": 71, "bad": 189}


# A corpus of some clips.


@pytest.mark.parametrize(
    "rows", [slice(1, 3), [1, 2], [False, True, True] + [False] * 4]
)
def test_a_corpus_can_be_indexed(corpus, rows):
    some = corpus[rows]
    assert some.target.tolist() == ["happy", "excited"]
    assert some.clips.files.tolist() == ["1.wav", "2.wav"]
    assert some.scheme is corpus.scheme


def test_one_clip_is_no_corpus(corpus):
    with pytest.raises(TypeError, match=r"A single clip is corpus\.clips\[3\]"):
        corpus[3]
