"""Trees whose folders are labels and speakers."""

import os
import pickle
import sys
import unicodedata
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sersk.datasets import LabelScheme
from sersk.datasets._folder import load_folder
from sersk.datasets.testing._audio import write_tone
from sersk.utils import CorpusWarning

FILES = ("happy/bob/1.wav", "sad/anna/1.wav", "sad/anna/2.FLAC")


def make(root, *files):
    for file in files or FILES:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def load(root, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_folder(root, **options)


def load_warned(root, **options):
    with pytest.warns(CorpusWarning):
        return load_folder(root, **options)


def found(corpus, check):
    return [item.message for item in corpus.findings if item.check == check]


def test_folders_are_labels_and_speakers(tmp_path):
    corpus = load(make(tmp_path / "mine"))
    frame = corpus.frame
    assert repr(corpus) == "<Corpus mine: 3 clips, 2 speakers; happy 1, sad 2>"
    assert frame["utterance"].tolist() == ["happy/bob/1", "sad/anna/1", "sad/anna/2"]
    assert frame["emotion"].tolist() == frame["label"].tolist()
    assert corpus.clips.speaker.tolist() == ["bob", "anna", "anna"]
    assert frame["file"].tolist() == [
        os.path.join(tmp_path, "mine", *file.split("/")) for file in FILES
    ]


def test_recordings_are_read(tmp_path):
    write_tone(str(tmp_path / "sad" / "anna" / "1.wav"))
    write_tone(str(tmp_path / "happy" / "bob" / "1.wav"))
    assert [len(clip) for clip in load(tmp_path).clips] == [1600, 1600]


def test_the_root_may_be_here(tmp_path, monkeypatch):
    monkeypatch.chdir(make(tmp_path / "mine"))
    corpus = load(".")
    assert corpus.name == "mine"
    assert len(corpus) == 3


@pytest.mark.parametrize(
    ("levels", "files", "column"),
    [
        (("speaker", "emotion"), ("a/sad/1.wav", "b/happy/1.wav"), "speaker"),
        (
            ("session", "speaker", "emotion"),
            ("1/a/sad/1.wav", "2/b/happy/1.wav"),
            "session",
        ),
        (["speaker", "emotion", "take"], ("a/sad/x/1.wav", "b/happy/y/1.wav"), "take"),
    ],
)
def test_levels_may_be_others(tmp_path, levels, files, column):
    corpus = load(make(tmp_path, *files), levels=levels)
    assert sorted(corpus.target) == ["happy", "sad"]
    at = list(levels).index(column)
    assert corpus.frame[column].tolist() == [file.split("/")[at] for file in files]


def test_without_speakers_no_split_is_to_be_trusted(tmp_path):
    make(tmp_path, "sad/1.wav", "happy/1.wav")
    corpus = load_warned(tmp_path, levels=("emotion",))
    assert "There is no speaker" in found(corpus, "speaker")[0]
    assert "levels=('emotion', 'speaker')" in found(corpus, "speaker")[0]
    assert "columns=" not in found(corpus, "speaker")[0]
    assert corpus.target.tolist() == ["happy", "sad"]


def test_what_is_no_clip_of_the_tree_is_reported(tmp_path):
    make(
        tmp_path,
        *FILES,
        "loose.wav",
        "sad/anna/deep/1.wav",
        "sad/anna/3.mp3",
        "sad/anna/1.flac",
        "sad/anna/._1.wav",
        "sad/notes.txt",
    )
    corpus = load_warned(tmp_path)
    assert len(corpus) == 3
    left_out = " ".join(found(corpus, "left out"))
    assert "not 2 folders below the root: 2 files" in left_out
    assert "neither WAV nor FLAC: 1 file" in left_out
    assert "another copy of a clip that is there: 1 file" in left_out
    assert len(found(corpus, "hidden")) == 1


def test_a_scheme_can_be_given_and_changed(tmp_path):
    make(tmp_path, *FILES, "bored/anna/1.wav")
    two = LabelScheme("two", ("sad", "happy"))
    corpus = load_warned(tmp_path, scheme=two)
    assert corpus.scheme == two
    assert "in no class of the scheme two: 'bored' 1." in found(corpus, "left out")[0]
    everything = load(tmp_path)
    assert everything.scheme.classes == ("bored", "happy", "sad")
    with pytest.warns(CorpusWarning, match="No clip of"):
        assert len(everything.with_scheme("four-merge")) == 3
    assert len(load_warned(tmp_path, scheme="four-merge")) == 3


@pytest.mark.parametrize(
    ("levels", "error", "match"),
    [
        ("emotion", TypeError, "tuple of str"),
        (None, TypeError, "tuple of str"),
        (5, TypeError, "tuple of str"),
        ({"emotion", "speaker"}, TypeError, "tuple of str"),
        ({"emotion": 0, "speaker": 1}, TypeError, "tuple of str"),
        ((1, "emotion"), TypeError, "names of columns"),
        (("emotion", "votes_sad"), ValueError, "'votes_sad' is a column of numbers"),
        (("emotion", "arousal"), ValueError, "'arousal' is a column of numbers"),
        (("emotion", "sentiment"), ValueError, "'sentiment' is a column of numbers"),
        (("speaker",), ValueError, "must hold 'emotion'"),
        (("emotion", "speaker", "speaker"), ValueError, "no name twice"),
        (("emotion", "file"), ValueError, "every corpus has a column 'file'"),
    ],
)
def test_levels_are_checked(tmp_path, levels, error, match):
    with pytest.raises(error, match=match):
        load_folder(make(tmp_path), levels=levels)


def test_an_empty_or_missing_root_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"holds no clip of .*emotion.speaker.file"):
        load_folder(tmp_path)
    with pytest.raises(ValueError, match=r"1 folders below .*levels=.*use load_table"):
        load_folder(make(tmp_path / "deeper"), levels=("emotion",))
    with pytest.raises(ValueError, match="does not exist"):
        load_folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="only the label 'sad'"):
        load_folder(make(tmp_path, "sad/anna/1.wav"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_of_folders_that_are_no_text_are_an_error(tmp_path):
    name = os.fsdecode(b"an\xffna")
    make(tmp_path / "1", f"sad/{name}/1.wav", "happy/bob/1.wav")
    with pytest.raises(ValueError, match=r"The folder 'sad/an\\udcffna'.*'speaker'"):
        load_folder(tmp_path / "1")
    make(tmp_path / "2", f"{name}/anna/1.wav", "happy/bob/1.wav")
    with pytest.raises(ValueError, match=r"'an\\udcffna' for 'emotion'.* Rename it"):
        load_folder(tmp_path / "2")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_of_files_that_are_no_text_work(tmp_path):
    name = os.fsdecode(b"an\xffna")
    corpus = load(make(tmp_path, f"sad/anna/{name}.wav", "happy/bob/1.wav"))
    assert corpus.frame["utterance"].tolist() == ["happy/bob/1", f"sad/anna/{name}"]


def test_a_blank_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="has ' ' for 'speaker', which is blank"):
        load_folder(make(tmp_path, "sad/ /1.wav", "happy/bob/1.wav"))


def test_blanks_and_codes_make_no_other_label_or_speaker(tmp_path):
    composed, apart = "zo\xeb", "zoe\u0308"
    make(tmp_path, f"sad/{composed}/1.wav", f"sad /{apart}/2.wav", "happy/ bob/1.wav")
    frame = load(tmp_path).frame
    assert set(frame["label"]) == {"sad", "happy"}
    assert set(frame["speaker"]) == {composed, "bob"}
    assert f"sad /{apart}/2" in set(frame["utterance"])


def test_names_that_differ_in_case_are_reported(tmp_path):
    make(tmp_path, "sad/anna/1.wav", "Sad/bob/1.wav", "happy/Bob/1.wav")
    corpus = load_warned(tmp_path)
    labels, speakers = found(corpus, "spelling")
    assert "'Sad' and 'sad'" in labels
    assert "'Bob' and 'bob'" in speakers


def test_sound_in_other_formats_and_hidden_folders_is_named(tmp_path):
    make(tmp_path, *FILES, "sad/anna/9.opus", ".angry/carl/1.wav", "sad/.carl/1.wav")
    corpus = load_warned(tmp_path)
    assert "1 file ('sad/anna/9.opus')" in found(corpus, "left out")[0]
    assert (
        "2 files ('.angry/carl/1.wav', 'sad/.carl/1.wav')" in found(corpus, "hidden")[0]
    )


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"name": 5}, TypeError, "name must be"),
        ({"name": " "}, ValueError, "name=' ' is empty"),
        ({"sampling_rate": "x"}, TypeError, "sampling_rate must be"),
    ],
)
def test_parameters_are_checked(tmp_path, options, error, match):
    with pytest.raises(error, match=match):
        load_folder(make(tmp_path), **options)


def test_it_can_be_pickled_and_had_alone(tmp_path):
    corpus = load(make(tmp_path), name="mine")
    assert pickle.loads(pickle.dumps(corpus)).frame.equals(corpus.frame)
    clips, target = load(tmp_path, return_X_y=True, sampling_rate=8_000)
    assert clips.sampling_rate == 8_000
    assert target.tolist() == ["happy", "sad", "sad"]


NAMES = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="/\\:"
    ),
    min_size=1,
    max_size=12,
).filter(lambda name: not name.startswith("."))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(label=NAMES, speaker=NAMES, file=NAMES)
def test_any_names_of_folders_work(tmp_path_factory, label, speaker, file):
    root = tmp_path_factory.mktemp("tree")
    make(root, f"{label}/{speaker}/{file}.wav", "another label/x/y.wav")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a speaker called "X"
        frame = load_folder(root).frame.set_index("label")
    row = frame.loc[unicodedata.normalize("NFC", label)]
    assert row["speaker"] == unicodedata.normalize("NFC", speaker)
    assert row["utterance"] == f"{label}/{speaker}/{file}"
