from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets._crema_d import (
    ACTORS,
    EMOTIONS,
    FEMALE,
    PUBLISHED,
    SENTENCES,
    CremaDName,
    load_crema_d,
)
from sersk.datasets._schemes import get_scheme
from sersk.datasets._tree import LeftOut
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning

CLIP = "1001_DFA_ANG_XX"
VOTES = [f"votes_{name}" for name in ("anger", "disgust", "fear", "happy", "neutral")]
NAMES = st.builds(
    CremaDName,
    actor=st.sampled_from(ACTORS),
    sentence=st.sampled_from(SENTENCES),
    emotion=st.sampled_from(sorted(EMOTIONS)),
    level=st.sampled_from(["XX", "LO", "MD", "HI"]),
)


def touch(folder, *stems):
    (folder / "AudioWAV").mkdir(parents=True, exist_ok=True)
    for stem in stems:
        (folder / "AudioWAV" / f"{stem}.wav").touch()
    return folder


def write_actors(folder, *lines):
    header = "ActorID,Age,Sex,Race,Ethnicity"
    (folder / "VideoDemographics.csv").write_text("\n".join([header, *lines]))


def write_votes(folder, *lines):
    header = '"","A","D","F","H","N","S","fileName","numResponses"'
    (folder / "processedResults").mkdir(exist_ok=True)
    path = folder / "processedResults" / "tabulatedVotes.csv"
    path.write_text("\n".join([header, *lines]))
    return path


def load(root):
    """Load a part of the corpus, which is never without a warning."""
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_crema_d(root)
    assert len(caught) == 1
    return corpus


def problem(corpus, part):
    (found,) = [text for text in corpus.problems if part in text]
    return found


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return Path(make_tree("crema-d", tmp_path_factory.mktemp("crema"), complete=True))


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name):
    assert CremaDName.parse(name.format()) == name


@given(st.text() | st.text(alphabet="10_IEOANGXSD", max_size=16))
def test_what_is_read_is_a_name_or_left_out(stem):
    try:
        name = CremaDName.parse(stem)
    except LeftOut:
        return
    assert name.format() in (stem, stem + "X")


def test_a_name_says_everything(tmp_path):
    row = load(touch(tmp_path, "1091_IEO_HAP_HI")).frame.iloc[0].to_dict()
    assert row["label"] == row["emotion"] == "happy"
    assert (row["utterance"], row["speaker"]) == ("1091_IEO_HAP_HI", "1091")
    assert (row["gender"], row["sentence"]) == ("female", "IEO")
    assert row["intensity"] == "high"


def test_the_name_that_was_cut_short_is_the_clip_of_the_whole_name(tmp_path):
    assert CremaDName.parse("1040_ITH_SAD_X").format() == "1040_ITH_SAD_XX"
    corpus = load(touch(tmp_path, "1040_ITH_SAD_X", "1040_ITH_SAD_XX"))
    assert corpus.frame["utterance"].tolist() == ["1040_ITH_SAD_XX"]
    assert "1 file" in problem(corpus, "another copy")


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "1001_DFA_ANG",
        "1000_DFA_ANG_XX",  # no such actor
        "1092_DFA_ANG_XX",
        "1001_ABC_ANG_XX",  # no such sentence
        "1001_DFA_SUR_XX",  # no such emotion
        "1001_DFA_ANG_VH",  # no such level
        "1001_DFA_ANG_XX (1)",
        "1001_DFA_ANG_XX\n",
        "100\u0661_DFA_ANG_XX",
    ],
)
def test_other_names_are_left_out(stem):
    with pytest.raises(LeftOut, match="no name of a CREMA-D clip"):
        CremaDName.parse(stem)


@pytest.mark.parametrize(
    "stem", ["1001_DFA_ANG_HI", "1001_IEO_ANG_XX", "1001_IEO_NEU_LO"]
)
def test_a_level_that_the_corpus_does_not_have_is_left_out(tmp_path, stem):
    corpus = load(touch(tmp_path, CLIP, stem))
    assert corpus.frame["utterance"].tolist() == [CLIP]
    assert stem in problem(corpus, "Left out, of a level")


def test_the_published_counts_agree_with_each_other():
    assert PUBLISHED.total == sum(PUBLISHED.per_speaker.values()) == 7442
    assert tuple(PUBLISHED.per_class) == get_scheme("crema-d").classes
    assert (len(ACTORS), len(FEMALE), len(FEMALE - set(ACTORS))) == (91, 43, 0)
    fewer = {name: count for name, count in PUBLISHED.per_speaker.items() if count < 82}
    assert fewer == {"1002": 81, "1008": 76, "1009": 76, "1019": 76, "1076": 81}


def test_a_complete_tree_is_loaded_without_a_finding(complete):
    corpus = load_crema_d(complete)
    assert corpus.problems == []
    assert corpus.frame["intensity"].value_counts().to_dict() == {
        "unspecified": 6077,
        "low": 455,
        "medium": 455,
        "high": 455,
    }
    genders = corpus.frame.groupby("gender")
    assert genders["speaker"].nunique().to_dict() == {"female": 43, "male": 48}
    assert genders.size().to_dict() == {"female": 3512, "male": 3930}
    assert corpus.frame["age"].between(20, 74).all()
    assert set(corpus.clips.columns) == {"speaker", "gender", "sentence"}


def test_only_the_votes_on_the_voice_are_read(complete):
    frame = load_crema_d(complete).frame
    votes = frame[[*VOTES, "votes_sad"]]
    assert set(votes.dtypes) == {np.dtype("int64")}
    assert votes.sum(axis=1).unique().tolist() == [10]
    played = votes.idxmax(axis=1).str.removeprefix("votes_")
    assert (played == frame["label"]).all()
    assert frame.loc[frame["label"] == "anger", "votes_anger"].unique().tolist() == [6]


def test_the_folder_of_the_recordings_may_be_named_itself(complete):
    above, itself = load_crema_d(complete), load_crema_d(complete / "AudioWAV")
    assert above.frame.equals(itself.frame)


def test_without_tables_there_are_no_ages_and_votes(tmp_path):
    columns = load(touch(tmp_path, CLIP)).frame.columns
    assert "age" not in columns
    assert not any(column.startswith("votes_") for column in columns)


def test_quirks_are_found(tmp_path):
    corpus = load(make_tree("crema-d", tmp_path, quirks=True))
    assert "1001_IEO_ANG_LO (1).wav" in problem(corpus, "Left out, no name")
    assert "1001_IEO_ANG_LO.mp3" in problem(corpus, "In another format too")
    assert "._1001_IEO_ANG_LO.wav" in problem(corpus, "Hidden")
    files = corpus.frame.set_index("utterance")["file"]
    assert files["1040_ITH_SAD_XX"].endswith("1040_ITH_SAD_X.wav")
    loudest = {
        name: np.abs(soundfile.read(files[name])[0]).max()
        for name in ("1076_MTI_SAD_XX", "1076_MTI_NEU_XX")
    }
    assert loudest["1076_MTI_SAD_XX"] < 1e-4 < 0.01 < loudest["1076_MTI_NEU_XX"]


def test_another_sex_than_is_known_is_a_finding(tmp_path):
    touch(tmp_path, CLIP, "1002_DFA_ANG_XX")
    write_actors(tmp_path, "1001,51,Female,,", "1002,21,Female,,")
    corpus = load(tmp_path)
    assert "another sex than is known of 1001;" in problem(corpus, "another sex")
    assert corpus.frame["gender"].tolist() == ["male", "female"]
    assert corpus.frame["age"].tolist() == [51, 21]


def test_an_actor_and_a_clip_without_a_line_are_findings(tmp_path):
    touch(tmp_path, CLIP, "1002_DFA_ANG_XX")
    write_actors(tmp_path, "1001,51,Male,,")
    write_votes(tmp_path, f"100001,3,0,0,0,6,0,{CLIP},9")
    corpus = load(tmp_path)
    assert "has no line for actor 1002." in problem(corpus, "Demographics")
    assert "has no line for clip 1002_DFA_ANG_XX." in problem(corpus, "Votes")
    assert np.isnan(corpus.frame["age"][1])
    assert corpus.frame["votes_neutral"].tolist() == [6, 0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1001,old,Male,,", "line 2: Age is 'old'"),
        ("1001,51,Male,,\n1001,52,Male,,", "line 3: actor '1001' was there before"),
    ],
)
def test_a_wrong_table_of_actors_is_named_with_the_line(tmp_path, line, message):
    write_actors(touch(tmp_path, CLIP), line)
    with pytest.raises(ValueError, match=r"VideoDemographics.csv.*" + message):
        load_crema_d(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"100001,x,0,0,0,9,0,{CLIP},9", "line 2: A is 'x'"),
        (f"100001,1.5,0,0,0,9,0,{CLIP},9", "line 2: A is '1.5'"),
        (f"100001,,0,0,0,9,0,{CLIP},9", "line 2: A is ''"),
        (f"100001,-1,0,0,0,9,0,{CLIP},9", "line 2: A is '-1'"),
        (f",1,0,0,0,9,0,{CLIP},9", "line 2: has no number in its first"),
        (f"7,1,0,0,0,9,0,{CLIP},9", "line 2"),
        (
            f"100001,1,0,0,0,9,0,{CLIP},9\n100002,2,0,0,0,9,0,{CLIP},9",
            f"line 3: clip '{CLIP}' was there before",
        ),
    ],
)
def test_a_wrong_table_of_votes_is_named_with_the_line(tmp_path, line, message):
    write_votes(touch(tmp_path, CLIP), line)
    with pytest.raises(ValueError, match=r"tabulatedVotes.csv.*" + message):
        load_crema_d(tmp_path)


def test_a_table_without_a_column_names_it(tmp_path):
    path = write_votes(touch(tmp_path, CLIP))
    path.write_text('"","A","D","F","H","N","fileName"\n')
    corpus = load(tmp_path)
    assert "tabulatedVotes.csv' has no column 'S'" in problem(corpus, "cannot be read")
    assert len(corpus.votes.columns) == 0


@pytest.mark.parametrize("data", [b"x", b"\xff", b"", b'"","A","D"\n"1'])
@pytest.mark.parametrize("name", ["tabulatedVotes.csv", "VideoDemographics.csv"])
def test_a_table_that_is_none_of_the_corpus_is_a_finding(tmp_path, name, data):
    touch(tmp_path / "root", CLIP)
    (tmp_path / name).write_bytes(data)
    corpus = load(tmp_path / "root")
    assert len(corpus) == 1
    assert name in problem(corpus, "Left out, a table that cannot be read")
    assert not {"age", "votes_anger"} & set(corpus.frame)


def test_actors_without_a_line_have_no_age(tmp_path):
    write_actors(touch(tmp_path, CLIP))
    corpus = load(tmp_path)
    assert "has no line for actor 1001." in problem(corpus, "Demographics")
    assert np.isnan(corpus.frame["age"][0])


def test_an_actor_may_be_there_twice_in_another_case(tmp_path):
    write_actors(touch(tmp_path, CLIP), "1001,51,Male,,", "1001 ,51,male,,")
    assert load(tmp_path).frame["age"].tolist() == [51]


def test_of_several_tables_the_published_place_is_taken_and_named(tmp_path):
    path = write_votes(touch(tmp_path, CLIP), f"100001,3,0,0,0,6,0,{CLIP},9")
    other = tmp_path / "old" / path.name
    other.parent.mkdir()
    other.write_text(path.read_text().replace(",3,", ",5,"))
    (tmp_path / path.name).write_text(path.read_text().replace(",3,", ",4,"))
    corpus = load(tmp_path)
    assert corpus.frame["votes_anger"].tolist() == [3]
    assert f"{str(path)!r} is taken" in problem(corpus, "There are 3 tables")


def test_a_column_without_a_name_is_called_so(tmp_path):
    write_votes(touch(tmp_path, CLIP), f"1,1,0,0,0,9,0,{CLIP},9")
    with pytest.raises(ValueError, match="line 2: the column without a name is '1'"):
        load_crema_d(tmp_path)


def test_the_same_line_twice_is_no_contradiction(tmp_path):
    line = f"100001,3,0,0,0,6,0,{CLIP},9"
    write_votes(touch(tmp_path, CLIP), line, line)
    assert load(tmp_path).frame["votes_anger"].tolist() == [3]


def test_more_clips_than_published_are_refused(complete, tmp_path):
    for path in (complete / "AudioWAV").iterdir():
        (tmp_path / path.name).touch()
    (tmp_path / "1008_WSI_SAD_XX.wav").touch()
    with pytest.raises(ValueError, match="There are more clips than"):
        load_crema_d(tmp_path)


@pytest.mark.parametrize(
    "folder", ["[a] {b} *", "-rf", "with space (1)", "\u8a9e\u97f3 \u00fc"]
)
def test_any_folder_name_will_do(tmp_path, folder):
    touch(tmp_path / folder, CLIP)
    write_actors(tmp_path / folder, "1001,51,Male,,")
    corpus = load(tmp_path / folder)
    assert corpus.clips.files == (str(tmp_path / folder / "AudioWAV" / f"{CLIP}.wav"),)
    assert corpus.frame["age"].tolist() == [51]


def test_a_missing_or_empty_root_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*CREMA-D"):
        load_crema_d(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no clip of CREMA-D.*1001_DFA_ANG_XX"):
        load_crema_d(tmp_path)
