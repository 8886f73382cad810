import re
from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._aesdd import EMOTIONS, PUBLISHED, AesddName, load_aesdd
from sersk.datasets._schemes import get_scheme
from sersk.datasets._tree import LeftOut
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning
from tests.datasets.parts import problem, touch

NAMES = st.builds(
    AesddName,
    letter=st.sampled_from(sorted(EMOTIONS)),
    sentence=st.integers(0, 99).map("{:02d}".format),
    speaker=st.integers(1, 999).map(str),
    version=st.sampled_from(["", "a", "b"]),
)


def load(root):
    """Load a part of the corpus, which is never without a warning."""
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_aesdd(root)
    assert len(caught) == 1
    return corpus


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return Path(make_tree("aesdd", tmp_path_factory.mktemp("aesdd"), complete=True))


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name):
    assert AesddName.parse(name.format()) == name


@given(NAMES, st.text(alphabet="0", max_size=3))
def test_zeros_before_the_speaker_say_nothing(name, zeros):
    assert AesddName.parse(name.format().replace("(", "(" + zeros)) == name


@given(st.text() | st.text(alphabet="af01 ()b", max_size=10))
def test_what_is_read_is_a_name_or_left_out(stem):
    try:
        name = AesddName.parse(stem)
    except LeftOut:
        return
    assert name.format() == re.sub(r"\(0+", "(", stem)


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("a06 (5)", ("a", "06", "5", "")),
        ("a06 (5)a", ("a", "06", "5", "a")),
        ("a06 (5)b", ("a", "06", "5", "b")),
        ("f10 (01)", ("f", "10", "1", "")),
    ],
)
def test_odd_names_are_of_the_same_speakers(stem, name):
    assert AesddName.parse(stem) == name


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "a06",
        "a06 ()",
        "a06 (0)",
        "a06(5)",
        "n06 (5)",  # no such emotion
        "A06 (5)",
        "a6 (5)",
        "a06 (5)B",
        "a06 (5) (1)",
        "a06 (\u0665)",
        "a06 (5)\n",
    ],
)
def test_other_names_are_left_out(stem):
    with pytest.raises(LeftOut, match="no name of an AESDD clip"):
        AesddName.parse(stem)


def test_the_published_counts_agree_with_each_other():
    assert PUBLISHED.total == sum(PUBLISHED.per_speaker.values()) == 604
    assert tuple(PUBLISHED.per_class) == get_scheme("aesdd").classes
    assert list(PUBLISHED.per_class.values()) == [121, 122, 120, 119, 122]
    assert list(PUBLISHED.per_speaker.values()) == [100, 100, 98, 99, 107, 100]


def test_a_complete_tree_is_loaded_without_a_finding(complete):
    corpus = load_aesdd(complete)
    assert corpus.problems == []
    assert corpus.counts().sum().to_dict() == PUBLISHED.per_speaker
    assert set(corpus.clips.columns) == {"speaker", "sentence"}
    assert corpus.frame["sentence"].nunique() == 20


def test_takes_of_one_sentence_are_different_clips(tmp_path):
    touch(tmp_path, "anger/a06 (5).wav", "anger/a06 (5)a.wav", "anger/a06 (5)b.wav")
    frame = load(tmp_path).frame
    assert frame["utterance"].tolist() == ["a06 (5)", "a06 (5)a", "a06 (5)b"]
    assert frame["version"].tolist() == ["", "a", "b"]
    assert set(frame["speaker"]) == {"5"}
    assert set(frame["sentence"]) == {"06"}


def test_quirks_are_found(tmp_path):
    corpus = load(make_tree("aesdd", tmp_path, quirks=True))
    assert sorted(set(corpus.clips.speaker)) == ["1", "2", "3", "4", "5", "6"]
    utterances = set(corpus.frame["utterance"])
    assert {"f10 (1)", "a06 (5)", "a06 (5)a", "a06 (5)b"} <= utterances
    assert "s05 (3)" not in utterances
    assert "s05 (3).wav" in problem(corpus, "Left out, without samples")
    assert "._a06 (5).wav" in problem(corpus, "Hidden")
    for file in corpus.clips.files:
        assert soundfile.info(file).samplerate == 44_100


def test_the_unreadable_file_is_all_that_is_wrong_with_the_original(tmp_path):
    corpus = load(make_tree("aesdd", tmp_path, complete=True, quirks=True))
    assert len(corpus) == 604
    findings = [finding.check for finding in corpus.findings]
    assert sorted(findings) == ["hidden", "left out"]


def test_a_clip_in_the_folder_of_another_emotion_is_left_out(tmp_path):
    touch(tmp_path, "fear/f01 (1).wav", "fear/a01 (1).wav", "others/s01 (1).wav")
    corpus = load(tmp_path)
    assert corpus.target.tolist() == ["fear", "sadness"]
    assert "'fear/a01 (1).wav'" in problem(corpus, "Left out, its folder is that of")


def test_zeros_before_the_speaker_make_no_other_clip(tmp_path):
    corpus = load(touch(tmp_path, "anger/a06 (1).wav", "anger/a06 (01).wav"))
    assert corpus.frame["utterance"].tolist() == ["a06 (1)"]
    assert "1 file" in problem(corpus, "Left out, another copy")
    touch(tmp_path, "sadness/s05 (03).wav")
    assert "s05 (03).wav" in problem(load(tmp_path), "Left out, without samples")


@pytest.mark.parametrize("name", ["a06 (7)", "a06 (12)", "a99 (1)", "a00 (1)"])
def test_speakers_and_sentences_that_were_not_counted_are_reported(tmp_path, name):
    corpus = load(touch(tmp_path, "anger/a20 (6).wav", f"anger/{name}.wav"))
    assert len(corpus) == 2
    assert f"1 file ('anger/{name}.wav')" in problem(corpus, "Of a speaker beyond 6")


def test_copies_and_what_is_left_out_are_named(tmp_path):
    touch(tmp_path, "a01 (1).wav", "more/a01 (1).flac", "a01 (1) (1).wav", "x.mp3")
    corpus = load(tmp_path)
    assert corpus.clips.files == (str(tmp_path / "a01 (1).wav"),)
    assert "more/a01 (1).flac" in problem(corpus, "Left out, another copy")
    assert "a01 (1) (1).wav" in problem(corpus, "Left out, no name")
    assert "x.mp3" in problem(corpus, "Left out, neither")


def test_a_later_release_with_more_clips_is_loaded_and_reported(complete, tmp_path):
    for path in complete.rglob("*.wav"):
        (tmp_path / path.name).touch()
    touch(tmp_path, "a01 (7).wav", "h20 (1)c.wav")
    corpus = load(tmp_path)
    assert len(corpus) == 606
    assert sorted(corpus.problems) == [
        "Of a speaker beyond 6 or a sentence beyond 20, which are all that were "
        "counted: 1 file ('a01 (7).wav').",
        "emotion anger: 122 of 121 clips.",
        "emotion happiness: 120 of 119 clips.",
        "speaker 1: 101 of 100 clips.",
    ]


@pytest.mark.parametrize(
    "folder", ["[a] {b} *", "-rf", "with space (1)", "\u8a9e\u97f3 \u00fc"]
)
def test_any_folder_name_will_do(tmp_path, folder):
    corpus = load(touch(tmp_path / folder, "anger/a01 (1).wav"))
    assert corpus.clips.files == (str(tmp_path / folder / "anger" / "a01 (1).wav"),)


def test_a_missing_or_empty_root_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*AESDD"):
        load_aesdd(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clip of AESDD.*a01"):
        load_aesdd(tmp_path)
