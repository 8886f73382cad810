import os

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips
from sersk.datasets import (
    AttributeScheme,
    Corpus,
    LabelScheme,
    MultiLabelScheme,
    concatenate_corpora,
    load_emodb,
    load_ravdess,
    load_smile,
    make_emotional_speech,
)
from sersk.datasets.testing import make_tree
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.model_selection import LeaveOneSpeakerOut, PredefinedPartition

OWN = LabelScheme("own", ("sad", "happy"))
MERGED = LabelScheme(
    "merged",
    ("happy", "sad"),
    {"happy": "happy", "happiness": "happy", "sad": "sad"},
)


def _corpus(name, labels=("sad", "happy"), *, rate=16_000, files=None, **columns):
    """Return a corpus of files that do not exist, two speakers by default."""
    files = files or [f"{name}/{index}.wav" for index in range(len(labels))]
    clips = AudioClips.from_files(files, sampling_rate=rate)
    columns.setdefault("speaker", [f"0{1 + index % 2}" for index in range(len(labels))])
    frame = pd.DataFrame({"file": files, "emotion": labels, **columns})
    scheme = LabelScheme("own", tuple(dict.fromkeys(labels)))
    return Corpus(frame, clips, scheme, name=name)


def _join(*corpora, **parameters):
    parameters = {"scheme": MERGED, "verbose": False, **parameters}
    return concatenate_corpora(list(corpora), **parameters)


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """Return EmoDB and RAVDESS, complete, of tones."""
    folder = tmp_path_factory.mktemp("trees")
    emodb = make_tree("emodb", folder / "emodb", complete=True)
    ravdess = make_tree("ravdess", folder / "ravdess", complete=True)
    return load_emodb(emodb), load_ravdess(ravdess)


def test_what_is_said_is_put_together_without_audio(tmp_path, capsys):
    spoken = _corpus("spoken", ("sad", "happy"), transcript=["oh no", None])
    root = make_tree("smile", tmp_path, complete=True)
    tweets = load_smile(root)
    with pytest.raises(ValueError, match=r"For a system of text.*as_texts"):
        _join(spoken, tweets)
    sources = {one.name: one.as_texts() for one in (spoken, tweets)}
    joined = concatenate_corpora(sources, scheme="four-merge")
    assert joined.counts("corpus").loc[["happy", "sad"], "spoken"].tolist() == [1, 1]
    assert joined.counts("corpus").loc[["happy", "sad"], "smile"].tolist() == [1137, 32]
    assert joined.clips.columns["transcript"][0] == "oh no"
    assert pd.isna(joined.clips.columns["transcript"][1])
    assert joined.clips.files is None
    assert joined.clips.speaker[:2].tolist() == ["spoken/01", "spoken/02"]
    assert "1137" in capsys.readouterr().out


def test_texts_of_a_corpus_without_any():
    with pytest.raises(ValueError, match="carries no column 'transcript'"):
        _corpus("mine").as_texts()


def test_classes_of_both_words_are_one():
    joined = _join(_corpus("a"), _corpus("b", ("sad", "happiness")))
    assert joined.target.tolist() == ["sad", "happy", "sad", "happy"]
    assert joined.scheme is MERGED
    assert joined.name == "a+b"
    assert _join(_corpus("a"), name="all").name == "all"


def test_speakers_of_one_name_stay_two():
    joined = _join(_corpus("a"), _corpus("b"))
    speakers = ["a/01", "a/02", "b/01", "b/02"]
    assert joined.clips.speaker.tolist() == speakers
    assert joined.frame["speaker"].tolist() == speakers
    assert LeaveOneSpeakerOut().get_n_splits(joined.clips) == 4


@pytest.mark.parametrize(
    "column", ["session", "dialog", "script", "sentence", "utterance"]
)
def test_what_is_a_name_within_a_corpus_names_the_corpus_too(column):
    joined = _join(_corpus("a", **{column: ["1", None]}), _corpus("b"))
    assert joined.frame[column].tolist()[0] == "a/1"
    assert joined.frame[column].isna().tolist() == [False, True, True, True]


def test_what_is_no_name_stays():
    known = {"gender": ["male", "female"], "partition": ["train", "dev"]}
    joined = _join(_corpus("a", **known), _corpus("b"))
    assert joined.frame["gender"].tolist()[:2] == ["male", "female"]
    assert joined.clips.columns["partition"].tolist()[:2] == ["train", "dev"]
    assert joined.frame["partition"].isna().tolist() == [False, False, True, True]


def test_names_that_only_the_clips_carry_are_told_apart():
    corpora = []
    for name in "ab":
        corpus = _corpus(name)
        clips = corpus.clips.with_columns({"session": ["1", "2"]})
        corpora.append(Corpus(corpus.frame, clips, corpus.scheme, name=name))
    sessions = _join(*corpora).clips.session.tolist()
    assert sessions == ["a/1", "a/2", "b/1", "b/2"]


def test_the_source_travels_with_the_clips():
    joined = _join(_corpus("a"), _corpus("b"))
    assert joined.clips.columns["corpus"].tolist() == ["a", "a", "b", "b"]
    assert joined.counts("corpus").loc["sad"].to_dict() == {"a": 1, "b": 1}
    assert joined.select(corpus="b").clips.speaker.tolist() == ["b/01", "b/02"]


def test_columns_of_one_source_are_kept_with_their_type():
    left = _corpus("a", arousal=[1.0, 2.0], take=[1, 2], age=["old", "young"])
    joined = _join(left, _corpus("b", start=[0.0, 0.0], take=[3, 4])).frame
    np.testing.assert_array_equal(joined["arousal"], [1, 2, np.nan, np.nan])
    assert joined["take"].dtype == np.int64
    assert joined["age"].isna().tolist() == [False, False, True, True]


def test_a_column_that_is_empty_everywhere_stays():
    empty = {"end": [np.nan, np.nan], "transcript": [None, None]}
    joined = _join(_corpus("a", **empty), _corpus("b", end=[np.nan, np.nan]))
    assert joined.frame[["end", "transcript"]].isna().all(axis=None)


def test_where_clips_lie_is_known_of_all_if_of_one():
    frame = pd.DataFrame({"emotion": ["sad", "happy"]})
    clips = AudioClips.from_files(["x.wav", "x.wav"], start=[0, 1], end=[1, 2])
    left = Corpus(frame, clips, OWN, name="a")
    times = {"start": pd.to_timedelta([0, 3], unit="s"), "end": [np.nan, np.nan]}
    files = ["b/0.wav", "b/1.wav"]
    table = pd.DataFrame({"file": files, "emotion": ["sad", "happy"], **times})
    right = Corpus(table, AudioClips.from_files(files, start=[0, 3]), OWN, name="b")
    joined = _join(left, right)
    assert joined.frame["file"].tolist() == ["x.wav", "x.wav", *files]
    assert joined.frame["start"].tolist() == [0, 1, 0, 3]
    assert joined.clips.to_frame()["start"].tolist() == [0, 1, 0, 3]
    np.testing.assert_array_equal(joined.frame["end"], [1, 2, np.nan, np.nan])


def test_votes_of_one_source_are_nobody_s_in_the_other():
    rated = _corpus("a", votes_happy=[1, 3], votes_sad=[3, 1])
    joined = _join(rated, _corpus("b"))
    assert joined.votes.to_numpy().tolist() == [[1, 3], [3, 1], [0, 0], [0, 0]]
    _, target, weight = joined.soft_target()
    assert target.tolist() == ["happy", "sad", "happy", "sad", "sad", "happy"]
    assert weight.tolist() == [1 / 4, 3 / 4, 3 / 4, 1 / 4, 1, 1]


def test_clips_in_no_class_are_left_out_with_their_audio():
    joined = _join(_corpus("a", ("bored", "sad", "happy")), _corpus("b"))
    assert joined.clips.files.tolist() == ["a/1.wav", "a/2.wav", "b/0.wav", "b/1.wav"]
    assert joined.clips.speaker.tolist() == ["a/02", "a/01", "b/01", "b/02"]


def test_another_scheme_finds_the_words_of_every_source():
    with_labels = _corpus("b", label=["sad", "happiness"])
    joined = _join(_corpus("a"), with_labels)
    words = LabelScheme("words", ("happy", "happiness", "sad"))
    target = joined.with_scheme(words).target.tolist()
    assert target == ["sad", "happy", "sad", "happiness"]


def test_problems_name_their_source():
    corpus = _corpus("a")
    wanting = Corpus(corpus.frame, corpus.clips, OWN, name="a", problems=["One less."])
    assert _join(wanting, _corpus("b")).problems == ["a: One less."]


def test_sources_can_be_named():
    corpora = {"here": _corpus("x"), "there": _corpus("x", files=["0.wav", "1.wav"])}
    joined = concatenate_corpora(corpora, scheme=MERGED, verbose=False)
    assert joined.clips.speaker.tolist() == [
        "here/01",
        "here/02",
        "there/01",
        "there/02",
    ]
    assert joined.name == "here+there"


def test_two_sources_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"the name 'x'.*\{'first': "):
        _join(_corpus("x"), _corpus("x", files=["0.wav", "1.wav"]))


def test_what_was_concatenated_is_taken_apart_first():
    joined = _join(_corpus("a"), _corpus("b"))
    with pytest.raises(ValueError, match=r"a\+b is itself made of .*\(a, b\).*select"):
        _join(joined, _corpus("c"))
    parts = {name: joined.select(corpus=name) for name in "ab"} | {"c": _corpus("c")}
    again = concatenate_corpora(parts, scheme=MERGED, verbose=False)
    assert again.clips.columns["corpus"].tolist() == ["a", "a", "b", "b", "c", "c"]


def test_rates_must_agree():
    with pytest.raises(ValueError, match=r"a 16000 Hz, b 8000 Hz.*sampling_rate=8000"):
        _join(_corpus("a"), _corpus("b", rate=8_000))


def test_a_file_in_two_sources_is_refused():
    shared = _corpus("b", files=["b/0.wav", "a/1.wav"])
    with pytest.raises(ValueError, match=r"1 file of b .* a, such as .*a/1\.wav"):
        _join(_corpus("a"), shared)


def test_a_file_under_two_paths_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    os.symlink("a", "link")
    for other in (f"{tmp_path}/a/1.wav", "./b/../a/1.wav", "link/1.wav"):
        with pytest.raises(ValueError, match="1 file of b"):
            _join(_corpus("a"), _corpus("b", files=["b/0.wav", other]))


def test_more_clips_than_a_corpus_has_are_refused():
    labels = ["sad", "happy"] * 268
    with pytest.raises(ValueError, match="emodb has 536 clips here and 535"):
        _join(_corpus("emodb", labels), _corpus("b"))


def test_a_corpus_twice_under_two_names_is_refused():
    first = _corpus("emodb", ["sad", "happy"] * 200)
    files = [f"other/{index}.wav" for index in range(400)]
    second = _corpus("emodb", ["sad", "happy"] * 200, files=files)
    with pytest.raises(ValueError, match="'emodb' and 'again' are both emodb, whose"):
        concatenate_corpora({"emodb": first, "again": second}, scheme=MERGED)


@pytest.mark.parametrize("name", ["", " ", "a/b"])
def test_a_name_that_cannot_stand_before_a_slash_is_refused(name):
    corpus = _corpus("mine", ["sad", "happy"])
    with pytest.raises(ValueError, match="cannot be the name of a source"):
        concatenate_corpora({name: corpus}, scheme=MERGED)


def test_a_source_that_is_called_after_a_corpus_is_measured_by_it():
    large = _corpus("mine", ["sad", "happy"] * 268)
    with pytest.raises(ValueError, match="emodb has 536 clips here and 535"):
        concatenate_corpora({"emodb": large}, scheme=MERGED)


def test_a_source_outside_the_scheme_is_named():
    with pytest.raises(ValueError, match=r"^b: No clip is in the scheme merged"):
        _join(_corpus("a"), _corpus("b", ("calm", "bored")))


def test_attributes_of_different_ranges_are_refused():
    with pytest.raises(ValueError, match="another range in each corpus"):
        _join(_corpus("a", arousal=[1.0, 2.0]), scheme="iemocap-attributes")
    with pytest.raises(ValueError, match="another range in each corpus"):
        _join(_corpus("a"), scheme=AttributeScheme("one", ("arousal",)))


def test_several_classes_a_clip(capsys):
    shown = {"happy": [0.0, 1.0], "calm": [0.5, 2.0]}
    scheme = MultiLabelScheme("shown", ("happy", "calm"))
    joined = _join(
        _corpus("a", **shown), _corpus("b", **shown), scheme=scheme, verbose=True
    )
    assert joined.target.tolist() == [[0, 1], [1, 1]] * 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["a", "1", "2", "2"]


def test_clips_without_any_label_are_counted_where_they_are_left_out(capsys):
    scheme = MultiLabelScheme("shown", ("happy", "calm"))
    clips = AudioClips.from_files(["0.wav", "1.wav"])
    frame = {"happy": [0.0, 1.0], "calm": [0.5, 2.0], "sad": [np.nan, 1.0]}
    corpus = Corpus(pd.DataFrame(frame), clips, scheme, name="a")
    three = MultiLabelScheme("three", ("happy", "calm", "sad"))
    assert _join(corpus, scheme=three, verbose=True).target.tolist() == [[1, 1, 1]]
    assert capsys.readouterr().out.endswith("Left out by the scheme: a 1.\n")


@pytest.mark.parametrize("corpora", [[], {}])
def test_nothing_is_refused(corpora):
    with pytest.raises(ValueError, match="no corpus to concatenate"):
        concatenate_corpora(corpora, scheme=MERGED)


def test_what_is_no_corpus_is_refused():
    corpus = _corpus("a")
    with pytest.raises(TypeError, match="Pass a list"):
        concatenate_corpora(corpus, scheme=MERGED)
    with pytest.raises(TypeError, match=r"got a tuple.*return_X_y"):
        _join(corpus, (corpus.clips, corpus.target))


def test_the_table_is_printed(trees, capsys):
    concatenate_corpora(trees, scheme="six-merge")
    scheme, *lines = capsys.readouterr().out.splitlines()
    assert scheme.startswith("six-merge: angry (angry + anger)")
    assert [line.split() for line in lines[:4]] == [
        ["angry", "disgust", "fear", "happy", "neutral", "sad", "clips"],
        ["emodb", "127", "46", "69", "71", "79", "62", "454"],
        ["ravdess", "192", "192", "192", "192", "288", "192", "1248"],
        ["all", "319", "238", "261", "263", "367", "254", "1702"],
    ]
    assert lines[4:] == [
        "Left out by the scheme: emodb 81 (boredom 81); ravdess 192 (surprised 192)."
    ]


def test_nothing_is_printed_unless_wanted(capsys):
    _join(_corpus("a"), _corpus("b"))
    assert capsys.readouterr().out == ""


def test_published_corpora(trees):
    joined = concatenate_corpora(trees, scheme="six-merge", verbose=False)
    assert len(joined) == 1702
    assert joined.frame["speaker"].nunique() == 34
    assert joined.frame.columns[:3].tolist() == ["file", "start", "end"]
    assert len(joined.clips[0]) == len(trees[0].clips[0])


@pytest.mark.filterwarnings("ignore::sersk.utils.CorpusWarning")
def test_real_corpora(emodb_root, ravdess_root):
    ravdess = load_ravdess(ravdess_root)
    joined = _join(load_emodb(emodb_root), ravdess, scheme="four-merge")
    assert joined.counts("corpus")["emodb"].to_list() == [127, 71, 79, 62]
    assert len(joined.select(corpus="ravdess")) == len(
        ravdess.with_scheme("four-merge")
    )


def test_training_on_some_and_testing_on_another():
    corpora = [_corpus(name) for name in "abc"]
    parts = {"a": "train", "b": "dev", "c": "test"}
    joined = _join(*corpora, partition=parts)
    assert (
        joined.frame["partition"].tolist() == ["train"] * 2 + ["dev"] * 2 + ["test"] * 2
    )
    ((train, test),) = PredefinedPartition().split(joined.clips)
    assert (train.tolist(), test.tolist()) == ([0, 1], [4, 5])
    cv = PredefinedPartition("corpus", train=["a", "c"], test=["b"])
    ((train, test),) = cv.split(joined.clips)
    assert (train.tolist(), test.tolist()) == ([0, 1, 4, 5], [2, 3])


def test_each_source_has_a_partition():
    with pytest.raises(ValueError, match=r"partition names 'a', .* are 'a', 'b'"):
        _join(_corpus("a"), _corpus("b"), partition={"a": "train"})
    with pytest.raises(ValueError, match=r"'b' into 'tset'"):
        _join(_corpus("a"), _corpus("b"), partition={"a": "train", "b": "tset"})


def test_the_cross_corpus_protocol_runs():
    joined = concatenate_corpora(
        {
            "here": make_emotional_speech(n_speakers=3, random_state=0),
            "there": make_emotional_speech(n_speakers=2, random_state=1),
        },
        scheme="four-merge",
        partition={"here": "train", "there": "test"},
        verbose=False,
    )
    pipeline = make_pipeline(
        AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    )
    evaluation = evaluate({"LR": pipeline}, joined, cv=PredefinedPartition())
    assert evaluation.folds["test_speakers"].tolist() == ["there/01 there/02"]
    (row,) = evaluation.scores().to_dict("records")
    assert row["n"] == 48
    assert row["unweighted_accuracy"] > 0.6
