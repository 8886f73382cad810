import pickle

import numpy as np
import pandas as pd
import pytest

from sersk import AudioClips, check_clips
from sersk.datasets import Corpus, LabelScheme

SCHEME = LabelScheme("three", ("sad", "anger", "neutral"))


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "emotion": ["anger", "sad", "anger", "sad"],
            "speaker": ["03", "03", "08", "11"],
            "sentence": ["a01", "a02", "a01", "a02"],
            "intensity": ["strong", "normal", "strong", "normal"],
            "repetition": [1, 1, 2, 2],
        },
        index=[7, 5, 3, 1],
    )


@pytest.fixture
def clips():
    waveforms = [np.full(100 + index, index / 10) for index in range(4)]
    return AudioClips.from_arrays(waveforms, sampling_rate=16_000)


@pytest.fixture
def corpus(frame, clips):
    return Corpus(frame, clips, SCHEME, name="tiny", problems=["one finding"])


def test_target_is_an_array_of_text_in_the_order_of_the_rows(corpus):
    assert corpus.target.tolist() == ["anger", "sad", "anger", "sad"]
    assert corpus.target.dtype.kind == "U"
    assert corpus.target.shape == (4,)


def test_clips_carry_what_splitters_need_and_nothing_that_tells_the_label(corpus):
    assert set(corpus.clips.columns) == {"speaker", "sentence"}
    assert corpus.clips.speaker.tolist() == ["03", "03", "08", "11"]
    assert corpus.clips[2:].columns["sentence"].tolist() == ["a01", "a02"]


def test_session_and_gender_travel_too(frame, clips):
    frame = frame.assign(session="1", gender="female")
    corpus = Corpus(frame, clips, SCHEME, name="tiny")
    assert corpus.clips.session.tolist() == ["1"] * 4
    assert corpus.clips.columns["gender"].tolist() == ["female"] * 4


def test_an_unknown_speaker_does_not_become_one_called_nan(frame, clips):
    frame["speaker"] = pd.Series(["03", None, "08", None], index=frame.index)
    speakers = Corpus(frame, clips, SCHEME, name="tiny").clips.speaker
    assert pd.isna(speakers).tolist() == [False, True, False, True]


def test_columns_that_the_clips_have_are_kept(frame, clips):
    clips = clips.with_columns({"microphone": ["a", "b", "a", "b"]})
    corpus = Corpus(frame, clips, SCHEME, name="tiny")
    assert corpus.clips.columns["microphone"].tolist() == ["a", "b", "a", "b"]


def test_rows_are_numbered_from_zero(corpus):
    assert corpus.frame.index.tolist() == [0, 1, 2, 3]


def test_nothing_that_is_handed_out_changes_the_corpus(corpus, frame):
    handed_out = corpus.frame
    handed_out.loc[0, "emotion"] = "neutral"
    corpus.problems.append("another")
    frame["emotion"] = "neutral"
    assert corpus.frame["emotion"].tolist() == ["anger", "sad", "anger", "sad"]
    assert corpus.problems == ["one finding"]
    with pytest.raises(ValueError, match="read-only"):
        corpus.target[0] = "sad"
    with pytest.raises(AttributeError):
        corpus.scheme = None


def test_length_and_repr(corpus):
    assert len(corpus) == 4
    expected = "<Corpus tiny: 4 clips, 3 speakers; sad 2, anger 2, neutral 0>"
    assert repr(corpus) == expected


def test_repr_without_speakers(frame, clips):
    corpus = Corpus(frame.drop(columns="speaker"), clips, SCHEME, name="tiny")
    assert repr(corpus) == "<Corpus tiny: 4 clips; sad 2, anger 2, neutral 0>"


def test_select_by_one_value(corpus):
    chosen = corpus.select(speaker="03")
    assert chosen.target.tolist() == ["anger", "sad"]
    assert chosen.frame.index.tolist() == [0, 1]
    assert [len(waveform) for waveform in chosen.clips] == [100, 101]


def test_select_keeps_order_scheme_name_and_problems(corpus):
    chosen = corpus.select(speaker=["11", "03"])
    assert chosen.clips.speaker.tolist() == ["03", "03", "11"]
    assert chosen.scheme is corpus.scheme
    assert chosen.name == "tiny"
    assert chosen.problems == ["one finding"]


def test_select_by_several_columns_means_all_of_them(corpus):
    chosen = corpus.select(emotion=["anger"], repetition=np.array([2]))
    assert chosen.clips.speaker.tolist() == ["08"]
    assert repr(chosen).startswith("<Corpus tiny: 1 clip, 1 speaker;")


def test_select_by_nothing_is_the_whole_corpus(corpus):
    assert corpus.select().frame.equals(corpus.frame)


def test_select_names_the_columns_there_are(corpus):
    with pytest.raises(ValueError, match=r"tiny has no column 'actor'.*'speaker'"):
        corpus.select(actor="03")


def test_select_names_the_values_there_are(corpus):
    with pytest.raises(ValueError, match=r"'99', 3 in 'speaker'.*'03', '08', '11'"):
        corpus.select(speaker=["03", "99", 3])


def test_select_does_not_list_hundreds_of_values(clips):
    many = AudioClips.from_files([f"{index}.wav" for index in range(300)])
    frame = pd.DataFrame({"emotion": "sad", "speaker": map(str, range(300))})
    corpus = Corpus(frame, many, SCHEME, name="many")
    with pytest.raises(ValueError, match="It holds 300 other values"):
        corpus.select(speaker="x")


def test_a_class_without_clips_cannot_be_selected(corpus):
    with pytest.raises(ValueError, match="No clip of tiny has 'neutral' in 'emotion'"):
        corpus.select(emotion="neutral")


def test_an_empty_selection_is_refused(corpus):
    with pytest.raises(ValueError, match="No clip of tiny has all of"):
        corpus.select(speaker="08", emotion="sad")


def test_counts_follow_the_scheme(corpus):
    counts = corpus.counts()
    assert counts.index.tolist() == ["sad", "anger", "neutral"]
    assert counts.columns.tolist() == ["03", "08", "11"]
    assert counts.to_numpy().tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 0]]


def test_counts_by_another_column(corpus):
    assert corpus.counts("sentence").loc["sad"].to_dict() == {"a01": 0, "a02": 2}


def test_counts_names_the_columns_there_are(corpus):
    with pytest.raises(ValueError, match="no column 'session'"):
        corpus.counts("session")


def test_lengths_must_agree(frame, clips):
    with pytest.raises(ValueError, match="4 rows for 3 clips"):
        Corpus(frame, clips[:3], SCHEME, name="tiny")


def test_there_must_be_labels(frame, clips):
    with pytest.raises(ValueError, match="no column 'emotion'"):
        Corpus(frame.drop(columns="emotion"), clips, SCHEME, name="tiny")


@pytest.mark.parametrize("label", ["Sad", None, float("nan"), 1])
def test_a_label_outside_the_scheme_is_named_with_its_row(frame, clips, label):
    frame["emotion"] = pd.Series(["sad", "anger", label, "sad"], dtype=object).values
    with pytest.raises(ValueError, match=r"Row 2 .* three: sad, anger, neutral"):
        Corpus(frame, clips, SCHEME, name="tiny")


def test_clips_that_carry_the_label_are_refused(frame, clips):
    clips = clips.with_columns({"emotion": frame["emotion"]})
    with pytest.raises(ValueError, match="must not travel inside X"):
        Corpus(frame, clips, SCHEME, name="tiny")


def test_it_survives_pickling(corpus):
    again = pickle.loads(pickle.dumps(corpus))
    assert repr(again) == repr(corpus)
    assert again.frame.equals(corpus.frame)
    assert again.clips.digests == corpus.clips.digests
    assert again.problems == corpus.problems


# The table and the clips must be of the same files, in the same order.


def _own(frame, clips):
    return Corpus(frame, clips, LabelScheme("two", ("happy", "sad")), name="own")


@pytest.fixture
def segments():
    return pd.DataFrame(
        {
            "file": ["a.wav", "a.wav", "b.wav"],
            "start": pd.to_timedelta([0.0, 1.5, 0.0], unit="s"),
            "end": pd.to_timedelta([1.5, None, 2.0], unit="s"),
            "emotion": ["happy", "sad", "sad"],
        }
    )


def test_segments_of_a_table_are_those_of_its_clips(segments):
    corpus = _own(segments, check_clips(segments.drop(columns="emotion")))
    assert corpus.clips.to_frame()["start"].tolist() == [0.0, 1.5, 0.0]


def test_clips_without_the_segments_of_the_table_are_refused(segments):
    with pytest.raises(ValueError, match=r"Row 1 of the frame has start .*its clip"):
        _own(segments, check_clips(segments["file"]))


def test_clips_in_another_order_are_refused(segments):
    clips = check_clips(segments.drop(columns="emotion").iloc[[2, 1, 0]])
    with pytest.raises(ValueError, match=r"Row 0 of the frame has file 'a\.wav'"):
        _own(segments, clips)


def test_a_list_of_names_is_no_scheme(segments):
    clips = check_clips(segments.drop(columns="emotion"))
    with pytest.raises(
        TypeError, match="scheme must be the name of a scheme or a LabelScheme"
    ):
        Corpus(segments, clips, ["happy", "sad"], name="own")
