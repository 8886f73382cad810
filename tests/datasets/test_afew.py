from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._afew import EMOTIONS, PUBLISHED, AfewName, load_afew
from sersk.datasets._schemes import get_scheme
from sersk.datasets._tree import LeftOut
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning
from tests.datasets.parts import problem, touch

NAMES = st.builds(
    AfewName,
    subset=st.sampled_from(["Train_AFEW", "Val_AFEW"]),
    emotion=st.sampled_from(EMOTIONS),
    identifier=st.text(alphabet="0123456789", min_size=1),
)


def parse(name):
    *folders, stem = name.split("/")
    return AfewName.parse(folders, stem)


def load(root):
    """Load a tree of videos or a part, which is never without a warning."""
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_afew(root)
    assert len(caught) == 1
    return corpus


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return Path(make_tree("afew", tmp_path_factory.mktemp("afew"), complete=True))


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name):
    assert parse(name.format()) == name
    assert parse(f"any/where/{name.format()}") == name


@given(
    st.lists(st.text() | st.sampled_from(["Train_AFEW", "val_afew", "Sad"])),
    st.text() | st.text(alphabet="0123456789"),
)
def test_what_is_read_is_a_name_or_left_out(folders, stem):
    try:
        name = AfewName.parse(folders, stem)
    except LeftOut:
        return
    where = [folder.lower() for folder in folders[-2:]]
    assert name.format().lower().split("/") == [*where, stem]


def test_a_name_says_everything(tmp_path):
    touch(tmp_path, "Train_AFEW/Angry/000046280.wav", "Val_AFEW/Surprise/000100160.wav")
    corpus = load(tmp_path)
    assert corpus.target.tolist() == ["angry", "surprise"]
    assert corpus.frame["utterance"].tolist() == [
        "Train_AFEW/Angry/000046280",
        "Val_AFEW/Surprise/000100160",
    ]
    assert corpus.clips.to_frame()["partition"].tolist() == ["train", "dev"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("000046280", "in no folder"),
        ("Angry/000046280", "in no folder"),
        ("Test_AFEW/Angry/000046280", "in no folder"),
        ("Train_AFEW/Contempt/000046280", "in no folder"),
        ("Train_AFEW/Angry/faces/000046280", "in no folder"),
        ("Train_AFEW/Angry/000046280 (1)", "no name of an AFEW clip"),
        ("Train_AFEW/Angry/", "no name of an AFEW clip"),
        ("Train_AFEW/Angry/00004628\u0660", "no name of an AFEW clip"),
    ],
)
def test_other_names_are_left_out(name, reason):
    with pytest.raises(LeftOut, match=reason):
        parse(name)


def test_the_published_counts():
    assert PUBLISHED.total == 961
    assert tuple(PUBLISHED.per_class) == get_scheme("afew").classes
    assert list(PUBLISHED.per_class.values()) == [156, 106, 113, 171, 167, 145, 103]


def test_nothing_is_wrong_with_a_complete_tree_but_that_it_is_video(complete):
    corpus = load(complete)
    assert "961 files" in problem(corpus, "Video, whose sound cannot be read")
    assert len(corpus.problems) == 1
    partitions = corpus.frame["partition"].value_counts().to_dict()
    assert partitions == {"train": 578, "dev": 383}


def test_no_speaker_is_made_up(complete, tmp_path):
    for path in complete.rglob("*.avi"):
        touch(tmp_path, path.relative_to(complete).with_suffix(".wav"))
    corpus = load_afew(tmp_path)
    assert corpus.problems == []
    assert "speaker" not in corpus.frame
    assert set(corpus.clips.columns) == {"partition"}


def test_quirks_are_found(tmp_path):
    corpus = load(make_tree("afew", tmp_path, quirks=True))
    assert len(corpus) == 7 * 2 * 2
    assert "Test_AFEW" in problem(corpus, "Left out, in no folder")
    assert "._000000001.avi" in problem(corpus, "Hidden")
    assert "27 files" in problem(corpus, "Video")
    copy = problem(corpus, "Left out, another copy")
    assert "1 file ('Train_AFEW/Angry/000010000.avi')" in copy


def test_another_release_with_more_clips_is_loaded_and_reported(complete, tmp_path):
    for path in complete.rglob("*.avi"):
        touch(tmp_path, path.relative_to(complete).with_suffix(".wav"))
    touch(tmp_path, "Train_AFEW/Sad/1.wav")
    assert load(tmp_path).problems == ["emotion sad: 146 of 145 clips."]


def test_what_is_left_out_is_named(tmp_path):
    touch(tmp_path, "Train_AFEW/Sad/1.wav", "Train_AFEW/Sad/1 (1).wav", "Sad/2.mp4")
    corpus = load(tmp_path)
    assert "1 (1).wav" in problem(corpus, "Left out, no name")
    assert "2.mp4" in problem(corpus, "Left out, neither")


@pytest.mark.parametrize(
    "folder", ["[a] {b} *", "-rf", "with space (1)", "\u8a9e\u97f3 \u00fc"]
)
def test_any_folder_name_will_do(tmp_path, folder):
    name = "Val_AFEW/Sad/000046280.wav"
    corpus = load(touch(tmp_path / folder, name))
    assert corpus.clips.files == (str(tmp_path / folder / name),)


def test_a_folder_below_the_partition_may_be_named_itself(complete, monkeypatch):
    monkeypatch.chdir(complete / "Val_AFEW" / "Fear")
    assert set(load(".").target) == {"fear"}
    assert set(load("..").frame["partition"]) == {"dev"}


def test_a_missing_or_empty_root_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*AFEW"):
        load_afew(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clip of AFEW.*Train_AFEW/Angry"):
        load_afew(tmp_path)


@pytest.mark.parametrize("other", ["Val_AFEW/Angry", "Train_AFEW/Happy"])
def test_a_clip_in_two_folders_is_reported(tmp_path, other):
    names = (
        "Train_AFEW/Angry/000000010",
        f"{other}/000000010",
        "Val_AFEW/Sad/000000011",
    )
    corpus = load(touch(tmp_path, *(f"{name}.wav" for name in names)))
    assert len(corpus) == 3
    (found,) = [item for item in corpus.findings if item.check == "contradiction"]
    assert "in both sets or in two emotions" in found.message
    assert sorted(found.files) == sorted(
        str(tmp_path / f"{name}.wav") for name in names[:2]
    )
