import shutil
from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._scheme import LabelScheme
from sersk.datasets._schemes import get_scheme
from sersk.datasets._tess import EMOTIONS, PUBLISHED, TessName, load_tess
from sersk.datasets._tree import LeftOut
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning
from tests.datasets.parts import problem, touch

NAMES = st.builds(
    TessName,
    speaker=st.sampled_from(["OAF", "YAF"]),
    word=st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1),
    emotion=st.sampled_from(EMOTIONS),
)


def load(root, **options):
    """Load a part of the corpus, which is never without a warning."""
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_tess(root, **options)
    assert len(caught) == 1
    return corpus


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return Path(make_tree("tess", tmp_path_factory.mktemp("tess"), complete=True))


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name):
    assert TessName.parse(name.format()) == name


@given(st.text() | st.text(alphabet="OYAF_abfearps", max_size=16))
def test_what_is_read_is_a_name_or_left_out(stem):
    try:
        name = TessName.parse(stem)
    except LeftOut:
        return
    assert name.format() in (stem, stem.replace("OA_", "OAF_", 1))


def test_a_name_says_everything(tmp_path):
    corpus = load(touch(tmp_path, "YAF_pleasant_surprised/YAF_back_ps.wav"))
    row = corpus.frame.iloc[0].to_dict()
    assert row["label"] == row["emotion"] == "ps"
    assert (row["utterance"], row["speaker"]) == ("YAF_back_ps", "YAF")
    assert (row["sentence"], row["gender"], row["age"]) == ("back", "female", 26)


def test_the_misnamed_clip_is_of_the_older_speaker():
    assert TessName.parse("OA_bite_neutral") == TessName("OAF", "bite", "neutral")


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "OAF_back",
        "OAF_back_calm",  # no such emotion
        "OAF_back_Angry",
        "XAF_back_angry",
        "YA_back_angry",  # only the older speaker was misnamed
        "OAF_back_angry (1)",
        "OAF_back_angry\n",
        "OAF__angry",
        "OAF_b\u00e4ck_angry",
    ],
)
def test_other_names_are_left_out(stem):
    with pytest.raises(LeftOut, match="no name of a TESS clip"):
        TessName.parse(stem)


def test_the_published_counts_agree_with_each_other():
    assert PUBLISHED.total == sum(PUBLISHED.per_speaker.values()) == 2800
    assert PUBLISHED.per_class == dict.fromkeys(get_scheme("tess").classes, 400)


def test_a_complete_tree_is_loaded_without_a_finding(complete):
    corpus = load_tess(complete)
    assert corpus.problems == []
    assert corpus.counts().to_numpy().tolist() == [[200, 200]] * 7
    assert corpus.frame["sentence"].nunique() == 200
    assert set(corpus.clips.columns) == {"speaker", "gender", "sentence"}
    assert soundfile.info(corpus.clips.files[0]).samplerate == 24_414


def test_folders_do_not_matter(complete, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in complete.rglob("*.wav"):
        (flat / path.name).touch()
    by_name = load_tess(complete).frame.drop(columns="file")
    assert load_tess(flat).frame.drop(columns="file").equals(by_name)


def test_a_nested_copy_of_everything_is_left_out(complete, tmp_path):
    top = "TESS Toronto emotional speech set data"
    shutil.copytree(complete, tmp_path / "tree")
    shutil.copytree(complete / top, tmp_path / "tree" / top / top)
    corpus = load(tmp_path / "tree")
    assert len(corpus) == 2800
    assert "2800 files" in problem(corpus, "Left out, another copy")
    assert not any(f"{top}/{top}" in file for file in corpus.clips.files)


def test_quirks_are_found(tmp_path):
    corpus = load(make_tree("tess", tmp_path, quirks=True))
    assert len(corpus) == 2 * 3 * 7
    assert "._OAF_back_fear.wav" in problem(corpus, "Hidden")
    assert "42 files" in problem(corpus, "Left out, another copy")
    assert set(corpus.clips.speaker) == {"OAF", "YAF"}
    frame = corpus.frame.set_index("utterance")
    assert frame.loc["OAF_bite_neutral", "file"].endswith("OA_bite_neutral.wav")
    rates = {
        name: soundfile.info(file).samplerate for name, file in frame["file"].items()
    }
    assert [name for name, rate in rates.items() if rate != 24_414] == ["OAF_food_fear"]
    assert rates["OAF_food_fear"] == 96_000


def test_what_is_left_out_is_named(tmp_path):
    touch(tmp_path, "OAF_back_angry.wav", "OAF_back_angry (1).wav", "OAF_bar_sad.mp3")
    corpus = load(tmp_path)
    assert corpus.frame["utterance"].tolist() == ["OAF_back_angry"]
    assert "OAF_back_angry (1).wav" in problem(corpus, "Left out, no name")
    assert "OAF_bar_sad.mp3" in problem(corpus, "Left out, neither")


def test_more_clips_than_published_are_refused(complete, tmp_path):
    for path in complete.rglob("*.wav"):
        (tmp_path / path.name).touch()
    touch(tmp_path, "OAF_another_sad.wav")
    with pytest.raises(ValueError, match="There are more clips than"):
        load_tess(tmp_path)


def test_schemes(complete):
    six = load_tess(complete, scheme="six-merge")
    assert len(six) == 2400
    assert "ps" not in set(six.target)
    both = LabelScheme("two", ("up", "down"), {"ps": "up", "sad": "down"})
    with pytest.warns(CorpusWarning, match="leaves out the labels angry, disgust"):
        clips, target = load_tess(complete, scheme=both, return_X_y=True)
    assert clips.shape == target.shape == (800,)
    assert set(target) == {"up", "down"}


@pytest.mark.parametrize(
    "folder", ["[a] {b} *", "-rf", "with space (1)", "\u8a9e\u97f3 \u00fc"]
)
def test_any_folder_name_will_do(tmp_path, folder):
    corpus = load(touch(tmp_path / folder, f"{folder}/OAF_back_angry.wav"))
    assert corpus.clips.files[0] == str(
        tmp_path / folder / folder / "OAF_back_angry.wav"
    )


def test_a_missing_or_empty_root_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*TESS"):
        load_tess(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clip of TESS.*OAF_back_angry"):
        load_tess(tmp_path)


@pytest.mark.parametrize(
    ("folder", "name", "is_other"),
    [
        ("OAF_angry", "OAF_back_sad", True),
        ("OAF_angry", "YAF_back_angry", True),
        ("YAF_whatever", "OAF_back_sad", True),
        ("OAF_Pleasant_surprise", "OAF_back_sad", True),
        ("OAF_Pleasant_surprise", "OAF_back_ps", False),
        ("YAF_pleasant_surprised", "YAF_back_ps", False),
        ("OAF_Fear", "OA_back_fear", False),
        ("OAF_whatever", "OAF_back_sad", False),
        ("sad", "OAF_back_ps", False),
    ],
)
def test_a_clip_in_the_folder_of_others_is_reported(tmp_path, folder, name, is_other):
    corpus = load(touch(tmp_path, f"{folder}/{name}.wav"))
    assert corpus.clips.speaker.tolist() == [f"{name[:2]}F"]
    assert corpus.target.tolist() == [name.rpartition("_")[2]]
    found = [item for item in corpus.findings if item.check == "contradiction"]
    assert len(found) == is_other


def test_folders_of_the_corpus_contradict_nothing(tmp_path):
    corpus = load(make_tree("tess", tmp_path, quirks=True))
    assert "contradiction" not in {item.check for item in corpus.findings}
