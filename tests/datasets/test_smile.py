"""SMILE: tweets without audio, in a table without a header."""

import os
import pickle
import sys
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sersk.datasets._smile import FILE, load_smile
from sersk.datasets.testing import make_tree
from sersk.utils import AudioError, CorpusWarning

LINES = ("1,a day,happy", "2,another,nocode", '3,"so, so",sad|angry', "4,hm,angry")


def write(root, *lines):
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return path


def load(root, **options):
    with pytest.warns(CorpusWarning):
        return load_smile(root, **options)


def found(corpus, check):
    return [item.message for item in corpus.findings if item.check == check]


@pytest.mark.parametrize("quirks", [False, True])
def test_the_tweets_are_as_many_as_published(tmp_path, quirks):
    root = make_tree("smile", tmp_path, complete=True, quirks=quirks)
    corpus = load_smile(root)
    assert corpus.frame["emotion"].value_counts().to_dict() == {
        "happy": 1137,
        "not-relevant": 214,
        "angry": 57,
        "surprise": 35,
        "sad": 32,
        "disgust": 6,
    }
    assert corpus.problems == []
    assert len(corpus.with_scheme("smile3")) == 1137 + 57 + 32


def test_odd_texts_are_kept_as_they_are(tmp_path):
    corpus = load(make_tree("smile", tmp_path, quirks=True))
    assert corpus.clips.columns["transcript"][:5].tolist() == [
        "@museum So \U0001f600 \u2014 na\u00efve & caf\u00e9",
        "One line,\nand another,\n\nand a third",
        'He said "look", and left',
        "null",
        "",
    ]


def test_a_tweet_has_no_audio_and_no_speaker(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path)
    assert corpus.frame["utterance"].tolist() == ["1", "4"]
    assert corpus.target.tolist() == ["happy", "angry"]
    assert set(corpus.clips.columns) == {"transcript"}
    assert corpus.clips.files is None
    assert "speaker" not in corpus.frame
    with pytest.raises(AudioError, match="no audio"):
        corpus.clips[0]


@pytest.mark.parametrize("folder", [".", "a/b [c]", "-smile"])
def test_the_root_may_be_a_folder_above(tmp_path, folder):
    write(tmp_path / folder, *LINES)
    assert len(load(tmp_path)) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("9,hm,joy", "'joy' is no known label"),
        ("9,hm,happy|joy", "'happy|joy' is no known label"),
        ("9,hm,", "'' is no known label"),
        ("x,hm,sad", "'x' is no number"),
    ],
)
def test_a_line_that_says_nothing_known_is_named(tmp_path, line, reason):
    # The line is that of the file, whatever lines a tweet has.
    path = write(tmp_path, *LINES, '5,"one\n\nthree",sad', line)
    corpus = load(tmp_path)
    assert len(corpus) == 3
    (finding,) = found(corpus, "annotation")
    assert f"{str(path)!r}: line 8: {reason}" in finding


def test_a_tweet_that_is_listed_twice_and_differently_is_an_error(tmp_path):
    path = write(tmp_path, *LINES, "4,hm,sad")
    with pytest.raises(ValueError, match=rf"{path}', line 5: '4' is in line 4 already"):
        load_smile(tmp_path)


def test_a_tweet_that_is_listed_twice_is_read_once(tmp_path):
    write(tmp_path, *LINES, "4,hm,angry")
    corpus = load(tmp_path)
    assert len(corpus) == 2
    assert "line 5: a copy of a line before" in found(corpus, "copy")[0]


@pytest.mark.parametrize("line", ["5,two", "5,f,o,u,r"])
def test_a_line_of_another_number_of_columns_is_an_error(tmp_path, line):
    path = write(tmp_path, *LINES, line)
    with pytest.raises(ValueError, match=str(path)):
        load_smile(tmp_path)


def test_a_table_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = write(tmp_path, *LINES)
    path.write_bytes(path.read_bytes() + b"5,caf\xe9,happy\n")
    with pytest.raises(ValueError, match=r"line 5: byte 0xe9 is not UTF-8"):
        load_smile(tmp_path)


def test_another_table_of_that_name_is_reported(tmp_path):
    path = write(tmp_path, *LINES)
    other = write(tmp_path / "old", "1,a day,sad")
    corpus = load(tmp_path)
    assert set(corpus.frame["file"]) == {str(path)}
    (finding,) = [item for item in corpus.findings if item.check == "copy"]
    assert finding.files == (str(other),)
    assert finding.message == (
        f"Read {str(path)!r}. Left out, another table of that name: 1 file "
        f"('old/{FILE}')."
    )


def test_a_table_whose_name_only_ends_so_is_passed_over(tmp_path):
    write(tmp_path / "b", *LINES)
    write(tmp_path, "7,a day,sad").rename(tmp_path / f"backup-{FILE}")
    corpus = load(tmp_path)
    assert corpus.frame["utterance"].tolist() == ["1", "4"]
    assert found(corpus, "copy") == []


def test_raters_who_agree_give_one_label(tmp_path):
    write(tmp_path, *LINES, "5,hm,happy|happy", "6,hm,sad|happy|sad")
    corpus = load(tmp_path)
    assert corpus.target.tolist() == ["happy", "angry", "happy"]
    assert found(corpus, "annotation") == []


def test_a_root_without_tweets_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"no clip of SMILE.*smile-annotations-final"):
        load_smile(tmp_path)
    write(tmp_path, "")
    with pytest.raises(ValueError, match="no clip of SMILE"):
        load_smile(tmp_path)
    write(tmp_path, "1,a,joy")
    with pytest.raises(ValueError, match=r"no clip of SMILE.*'joy' is no known label"):
        load_smile(tmp_path)
    with pytest.raises(ValueError, match="does not exist"):
        load_smile(tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_name_that_is_no_text_works(tmp_path):
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"a\xff"))
    corpus = load(make_tree("smile", folder, quirks=True), scheme="smile")
    assert corpus.frame["file"].str.startswith(folder).all()


def test_it_can_be_pickled_and_had_alone(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path)
    assert pickle.loads(pickle.dumps(corpus)).frame.equals(corpus.frame)
    clips, target = load(tmp_path, return_X_y=True, sampling_rate=8_000)
    assert clips.sampling_rate == 8_000
    assert target.tolist() == ["happy", "angry"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), min_size=1
    )
)
def test_any_text_is_read_back(tmp_path, texts):
    quoted = ['"{}"'.format(text.replace('"', '""')) for text in texts]
    lines = [f"{number},{text},happy" for number, text in enumerate(quoted)]
    write(tmp_path, *lines)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CorpusWarning)
        corpus = load_smile(tmp_path)
    assert corpus.frame["transcript"].tolist() == texts
