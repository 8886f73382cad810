from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._enterface import (
    EMOTIONS,
    PUBLISHED,
    EnterfaceFolder,
    load_enterface,
)
from sersk.datasets._schemes import get_scheme
from sersk.datasets._tree import LeftOut
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning
from tests.datasets.parts import problem, touch

WHERE = st.builds(
    EnterfaceFolder,
    subject=st.integers(1, 44).map(str),
    emotion=st.sampled_from(EMOTIONS),
    sentence=st.sampled_from("12345"),
)


def load(root):
    """Load a tree of videos or a part, which is never without a warning."""
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_enterface(root)
    assert len(caught) == 1
    return corpus


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    folder = tmp_path_factory.mktemp("enterface")
    return Path(make_tree("enterface", folder, complete=True))


@given(WHERE, st.lists(st.text()))
def test_folders_are_read_as_they_are_written(where, above):
    assert EnterfaceFolder.parse([*above, *where.format().split("/")]) == where


@given(
    st.lists(
        st.text() | st.sampled_from(["subject 1", "anger", "sentence 1"]), max_size=5
    )
)
def test_what_is_read_are_such_folders_or_left_out(folders):
    try:
        where = EnterfaceFolder.parse(folders)
    except LeftOut:
        return
    assert where.format().split("/") == [name.lower() for name in folders[-3:]]


@pytest.mark.parametrize(
    ("folders", "where"),
    [
        ("subject 3/surprise/sentence 4", ("3", "surprise", "4")),
        ("Subject 44/Anger/Sentence 1", ("44", "anger", "1")),
        ("subject_10/fear/sentence_5", ("10", "fear", "5")),
    ],
)
def test_folders_say_everything(folders, where):
    assert EnterfaceFolder.parse(folders.split("/")) == where


@pytest.mark.parametrize(
    "folders",
    [
        "",
        "anger/sentence 1",
        "subject 0/anger/sentence 1",
        "subject 45/anger/sentence 1",
        "subject 1/neutral/sentence 1",
        "subject 1/anger/sentence 6",
        "subject 1/anger/sentence 1/more",
        "subject \u0661/anger/sentence 1",
        "s1/anger/sentence 1",
    ],
)
def test_other_folders_are_left_out(folders):
    with pytest.raises(LeftOut, match="in no folder 'subject N"):
        EnterfaceFolder.parse(folders.split("/"))


def test_the_published_counts_agree_with_each_other():
    assert PUBLISHED.total == 43 * 30 - 3 == 1287
    assert tuple(PUBLISHED.per_class) == get_scheme("enterface").classes
    assert PUBLISHED.per_class["happiness"] == 212


def test_nothing_is_wrong_with_a_complete_tree_but_that_it_is_video(complete):
    corpus = load(complete)
    assert "1287 files" in problem(corpus, "Video, whose sound cannot be read")
    assert len(corpus.problems) == 1
    per_speaker = corpus.counts().sum()
    assert per_speaker["23"] == 27
    assert per_speaker.drop("23").unique().tolist() == [30]
    assert len(per_speaker) == 43


def test_a_complete_tree_of_sound_is_loaded_without_a_finding(complete, tmp_path):
    for path in complete.rglob("*.avi"):
        touch(tmp_path, path.relative_to(complete).with_suffix(".wav"))
    corpus = load_enterface(tmp_path)
    assert corpus.problems == []
    assert set(corpus.clips.columns) == {"speaker"}
    row = corpus.select(speaker="3", emotion="surprise").frame.iloc[3]
    assert row["utterance"] == "subject 3/surprise/sentence 4"
    assert row["prompt"] == "surprise 4"


def test_quirks_are_found(tmp_path):
    corpus = load(make_tree("enterface", tmp_path, quirks=True))
    assert set(corpus.clips.speaker) == {"1", "3"}
    unsegmented = problem(corpus, "Left out, all sentences of an emotion")
    assert "6 files" in unsegmented
    assert "subject 6/anger/s6_an.avi" in unsegmented
    assert "._s1_an_1.avi" in problem(corpus, "Hidden")
    files = corpus.frame.set_index("utterance")["file"]
    assert files["subject 3/surprise/sentence 4"].endswith("s_3_su_4.avi")
    assert files["subject 1/anger/sentence 1"].endswith("s1_an_1.wav")
    assert "2 files" in problem(corpus, "Left out, another copy")
    assert "58 files" in problem(corpus, "Video")


def test_as_published_there_are_1257_clips(tmp_path):
    corpus = load(make_tree("enterface", tmp_path, complete=True, quirks=True))
    assert len(corpus) == 1257
    assert "emotion happiness: 207 of 212 clips." in corpus.problems
    assert "emotion anger: 210 of 215 clips." in corpus.problems


def test_subject_and_emotion_are_those_of_the_folders(tmp_path):
    corpus = load(touch(tmp_path, "subject 2/fear/sentence 1/s9_an_4.wav"))
    assert corpus.clips.speaker.tolist() == ["2"]
    assert corpus.target.tolist() == ["fear"]


def test_what_is_left_out_is_named(tmp_path):
    touch(tmp_path, "subject 2/fear/sentence 1/s2_fe_1.wav", "s1_an_1.avi", "a.mp4")
    corpus = load(tmp_path)
    assert "s1_an_1.avi" in problem(corpus, "Left out, in no folder")
    assert "a.mp4" in problem(corpus, "Left out, neither")


def test_more_clips_than_published_are_refused(complete, tmp_path):
    for path in complete.rglob("*.avi"):
        touch(tmp_path, path.relative_to(complete))
    touch(tmp_path, "subject 44/fear/sentence 1/s44_fe_1.avi")
    with pytest.raises(ValueError, match="There are more clips than"):
        load_enterface(tmp_path)


@pytest.mark.parametrize(
    "folder", ["[a] {b} *", "-rf", "with space (1)", "\u8a9e\u97f3 \u00fc"]
)
def test_any_folder_name_will_do(tmp_path, folder):
    name = "subject 1/anger/sentence 1/s1_an_1.wav"
    corpus = load(touch(tmp_path / folder, name))
    assert corpus.clips.files == (str(tmp_path / folder / name),)


def test_a_folder_below_the_subject_may_be_named_itself(complete, monkeypatch):
    folder = complete / "enterface database" / "subject 1"
    assert len(load(folder)) == 30
    monkeypatch.chdir(folder / "anger")
    assert set(load(".").target) == {"anger"}


def test_a_missing_or_empty_root_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*eNTERFACE"):
        load_enterface(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clip of eNTERFACE.*subject 1"):
        load_enterface(tmp_path)


@pytest.mark.parametrize(
    ("name", "is_other"),
    [
        ("s1_an_1", False),
        ("s_1_an_1", False),
        ("S01_AN_01", False),
        ("anything", False),
        ("s9_an_1", True),
        ("s1_ha_1", True),
        ("s1_an_3", True),
    ],
)
def test_a_name_of_another_clip_is_reported(tmp_path, name, is_other):
    corpus = load(touch(tmp_path, f"subject 1/anger/sentence 1/{name}.wav"))
    assert corpus.frame["utterance"].tolist() == ["subject 1/anger/sentence 1"]
    found = [item for item in corpus.findings if item.check == "contradiction"]
    assert len(found) == is_other


def test_names_of_the_corpus_contradict_nothing(tmp_path):
    corpus = load(make_tree("enterface", tmp_path, quirks=True))
    assert "contradiction" not in {item.check for item in corpus.findings}
