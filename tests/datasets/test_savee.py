import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._savee import (
    EMOTIONS,
    N_SENTENCES,
    PUBLISHED,
    SPEAKERS,
    SaveeName,
    load_savee,
)
from sersk.datasets._schemes import get_scheme
from sersk.datasets._tree import LeftOut
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning
from tests.datasets.parts import problem, touch

NAMES = st.sampled_from(
    [
        SaveeName(speaker, letters, f"{number:02d}")
        for speaker in SPEAKERS
        for letters, count in N_SENTENCES.items()
        for number in range(1, count + 1)
    ]
)


def load(root):
    """Load a part of the corpus, which is never without a warning."""
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_savee(root)
    assert len(caught) == 1
    return corpus


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return Path(make_tree("savee", tmp_path_factory.mktemp("savee"), complete=True))


@given(NAMES)
def test_a_name_is_read_as_it_is_written_in_both_layouts(name):
    assert SaveeName.parse(name.format()) == name
    assert SaveeName.parse(name.prompt, name.speaker) == name


@given(
    st.text() | st.text(alphabet="DCKL_adfhnsu0123", max_size=7),
    st.sampled_from(["", "DC", "AudioData"]),
)
def test_what_is_read_is_a_name_or_left_out(stem, folder):
    try:
        name = SaveeName.parse(stem, folder)
    except LeftOut:
        return
    assert stem in (name.format(), name.prompt)
    assert name.speaker in SPEAKERS


@pytest.mark.parametrize(
    ("prompt", "emotion"),
    [
        ("a01", "anger"),
        ("d01", "disgust"),
        ("f01", "fear"),
        ("h01", "happiness"),
        ("n30", "neutral"),
        ("sa15", "sadness"),
        ("su15", "surprise"),
    ],
)
def test_the_letters_of_the_emotions(prompt, emotion):
    assert EMOTIONS[SaveeName.parse(f"KL_{prompt}").letters] == emotion


@pytest.mark.parametrize(
    ("stem", "folder", "reason"),
    [
        ("", "DC", "no name of a SAVEE clip"),
        ("s01", "DC", "no name of a SAVEE clip"),
        ("sa00", "DC", "no name of a SAVEE clip"),
        ("sa16", "DC", "no name of a SAVEE clip"),
        ("n31", "DC", "no name of a SAVEE clip"),
        ("a1", "DC", "no name of a SAVEE clip"),
        ("a01 (1)", "DC", "no name of a SAVEE clip"),
        ("a0\u0661", "DC", "no name of a SAVEE clip"),
        ("XX_a01", "DC", "no name of a SAVEE clip"),
        ("a01", "AudioData", "neither name nor folder"),
        ("DC_a01", "JE", "another speaker"),
    ],
)
def test_other_names_are_left_out(stem, folder, reason):
    with pytest.raises(LeftOut, match=reason):
        SaveeName.parse(stem, folder)


def test_the_published_counts_agree_with_each_other():
    assert PUBLISHED.total == sum(PUBLISHED.per_speaker.values()) == 480
    assert set(PUBLISHED.per_speaker.values()) == {120}
    assert tuple(PUBLISHED.per_class) == get_scheme("savee").classes
    assert sorted(PUBLISHED.per_class.values()) == [60] * 6 + [120]


def test_a_complete_tree_is_loaded_without_a_finding(complete):
    corpus = load_savee(complete)
    assert corpus.problems == []
    assert corpus.counts().loc["neutral"].tolist() == [30] * 4
    assert corpus.counts().drop("neutral").to_numpy().tolist() == [[15] * 4] * 6
    assert set(corpus.frame["gender"]) == {"male"}


def test_the_clips_do_not_carry_the_prompt_which_tells_the_emotion(complete):
    assert set(load_savee(complete).clips.columns) == {"speaker", "gender"}


def test_both_layouts_make_the_same_table(complete, tmp_path):
    for path in complete.rglob("*.wav"):
        (tmp_path / f"{path.parent.name}_{path.name}").touch()
    flat, nested = load_savee(tmp_path).frame, load_savee(complete).frame
    assert flat.drop(columns="file").equals(nested.drop(columns="file"))


def test_the_folder_of_one_speaker_may_be_named_itself(complete):
    corpus = load(complete / "AudioData" / "JK")
    assert set(corpus.clips.speaker) == {"JK"}
    assert len(corpus) == 120


def test_quirks_are_found(tmp_path):
    corpus = load(make_tree("savee", tmp_path, quirks=True))
    assert len(corpus) == 4 * 7 * 2
    assert "10 files" in problem(corpus, "Left out, another copy")
    assert "._a01.wav" in problem(corpus, "Hidden")


def test_what_is_left_out_is_named(tmp_path):
    touch(tmp_path, "DC_a01.wav", "a02.wav", "JE/DC_a03.wav", "DC_x01.wav")
    corpus = load(tmp_path)
    assert corpus.frame["utterance"].tolist() == ["DC_a01"]
    assert "a02.wav" in problem(corpus, "Left out, neither name nor folder")
    assert "DC_a03.wav" in problem(corpus, "Left out, its folder")
    assert "DC_x01.wav" in problem(corpus, "Left out, no name")


def test_a_speaker_who_is_missing_is_named(complete, tmp_path):
    shutil.copytree(complete, tmp_path / "three")
    shutil.rmtree(tmp_path / "three" / "AudioData" / "KL")
    corpus = load(tmp_path / "three")
    assert "speaker KL: 0 of 120 clips." in corpus.problems


@pytest.mark.parametrize(
    "folder", ["[a] {b} *", "-rf", "with space (1)", "\u8a9e\u97f3 \u00fc"]
)
def test_any_folder_name_will_do(tmp_path, folder):
    corpus = load(touch(tmp_path / folder, "DC/a01.wav"))
    assert corpus.clips.files == (str(tmp_path / folder / "DC" / "a01.wav"),)


def test_a_missing_or_empty_root_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*SAVEE"):
        load_savee(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clip of SAVEE.*DC_sa05"):
        load_savee(tmp_path)


def test_a_lost_clip_is_no_copy_of_that_of_another_speaker(tmp_path):
    touch(tmp_path, "DC/a01.mp3", "JE/a01.wav", "JE/a01.mp3")
    corpus = load(tmp_path)
    assert "1 file ('DC/a01.mp3')" in problem(corpus, "Left out, neither WAV nor FLAC")
    assert "1 file ('JE/a01.mp3')" in problem(corpus, "In another format too")
