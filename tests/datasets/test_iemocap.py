"""IEMOCAP: whose turn it is, what the raters said, and what is missing."""

import os
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sersk.datasets import LabelScheme
from sersk.datasets._iemocap import LABELS, TurnName, load_iemocap
from sersk.datasets.testing import make_tree
from sersk.utils import AudioError, CorpusWarning

DIALOG = "Ses01F_impro01"
LINES = (
    "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]",
    "",
    f"[6.2901 - 8.2357]\t{DIALOG}_F000\tneu\t[2.5000, 3.0000, 3.5000]",
    "C-E2:\tNeutral;\t()",
    "C-E3:\tFrustration; Anger;\t(mildly; very)",
    "C-F1:\tSadness;\t(curious)",
    "A-E3:\tval 3; act 2; dom  2;\t()",
    "",
    f"[10.0100 - 11.3925]\t{DIALOG}_M000\tang\t[1.0000, 4.0000, 5.0000]",
    "C-E2:\tAnger;\t()",
    "C-M1:\tAnger;\t()",
)


def write(root, lines=LINES, *, dialog=DIALOG, recordings=("F000", "M000")):
    """Write a dialogue; loading opens no audio, so the recordings are empty."""
    session = root / f"Session{dialog[4]}"
    evaluations = session / "dialog" / "EmoEvaluation" / f"{dialog}.txt"
    evaluations.parent.mkdir(parents=True, exist_ok=True)
    evaluations.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for turn in recordings:
        path = session / "sentences" / "wav" / dialog / f"{dialog}_{turn}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    transcripts = session / "dialog" / "transcriptions" / f"{dialog}.txt"
    transcripts.parent.mkdir(exist_ok=True)
    said = [f"{dialog}_{turn} [006.2901-008.2357]: Yes: {turn}." for turn in recordings]
    transcripts.write_text("\n".join(said), encoding="utf-8")
    return evaluations


def load(root, **options):
    with pytest.warns(CorpusWarning):
        return load_iemocap(root, **options)


def found(corpus, check):
    return [item.message for item in corpus.findings if item.check == check]


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return make_tree("iemocap", tmp_path_factory.mktemp("tree"), complete=True)


@pytest.fixture(scope="module")
def corpus(complete):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_iemocap(complete)


def test_the_ten_speakers_have_as_many_turns_as_published(corpus):
    counts = corpus.counts("speaker").loc[["angry", "sad", "happy", "neutral"]]
    expected = {
        "1F": [147, 78, 132, 171],
        "1M": [82, 116, 146, 213],
        "2F": [67, 113, 166, 135],
        "2M": [70, 84, 161, 227],
        "3F": [92, 172, 128, 130],
        "3M": [148, 133, 158, 190],
        "4F": [205, 62, 185, 76],
        "4M": [122, 81, 118, 182],
        "5F": [78, 132, 159, 221],
        "5M": [92, 113, 283, 163],
    }
    assert {name: counts[name].tolist() for name in counts} == expected
    assert len(corpus) == 5531
    assert corpus.problems == []


def test_the_sessions_have_as_many_turns_as_published(corpus):
    sessions = corpus.counts("session").sum().to_dict()
    assert sessions == {"1": 1085, "2": 1023, "3": 1151, "4": 1031, "5": 1241}


def test_the_speaker_is_that_of_the_turn_and_not_of_the_recording(corpus):
    frame = corpus.frame
    prefix = frame["dialog"].str[:6]
    assert (prefix == "Ses05F").sum() == 644
    assert (frame["speaker"] == "5F").sum() == 590
    assert prefix.value_counts().to_dict() == {
        "Ses01F": 507,
        "Ses01M": 578,
        "Ses02F": 505,
        "Ses02M": 518,
        "Ses03F": 536,
        "Ses03M": 615,
        "Ses04F": 553,
        "Ses04M": 478,
        "Ses05F": 644,
        "Ses05M": 597,
    }
    assert frame.groupby("dialog")["speaker"].nunique().eq(2).all()


@pytest.mark.parametrize(
    ("scheme", "total"),
    [
        (
            "iemocap4-merge",
            {"angry": 1103, "happy": 1636, "sad": 1084, "neutral": 1708},
        ),
        (
            "iemocap4-improvised",
            {"angry": 289, "happy": 947, "sad": 608, "neutral": 1099},
        ),
        (
            "iemocap4-exc",
            {"angry": 1103, "excited": 1041, "sad": 1084, "neutral": 1708},
        ),
        ("iemocap3-neutral", {"angry": 1103, "happy": 595, "neutral": 1708}),
    ],
)
def test_schemes_count_as_published(complete, scheme, total):
    corpus = load_iemocap(complete, scheme=scheme)
    assert corpus.counts("session").sum(axis=1).to_dict() == total
    assert corpus.problems == []


def test_another_scheme_can_be_laid_on_what_was_loaded(complete):
    everything = load(complete, scheme="iemocap")
    assert set(everything.target) == set(LABELS.values())
    assert len(everything.with_scheme("iemocap4-improvised")) == 2943
    attributes = everything.with_scheme("iemocap-attributes")
    assert attributes.target.shape == (len(everything), 3)
    two = LabelScheme("two", ("no", "yes"), {"happy": "yes", "frustrated": "no"})
    assert set(everything.with_scheme(two).target) == {"no", "yes"}


def test_a_miniature_with_quirks_is_read_and_reported(tmp_path):
    corpus = load(make_tree("iemocap", tmp_path, quirks=True), scheme="iemocap")
    frame = corpus.frame.set_index("utterance")
    part = frame.loc["Ses05F_script01_1b_M912"]
    assert (part["speaker"], part["script"]) == ("5M", "script01_1")
    assert part["dialog"] == "Ses05F_script01_1b"
    interjection = frame.loc["Ses03M_impro08b_FXX0"]
    assert (interjection["speaker"], interjection["gender"]) == ("3F", "female")
    assert "Ses01F_impro01_MXX0" not in frame.index
    (unlabelled,) = found(corpus, "left out")
    assert "Ses01F_impro01_MXX0.wav" in unlabelled
    (hidden,) = found(corpus, "hidden")
    assert "._Ses01F_impro01_F000.wav" in hidden
    (untold,) = found(corpus, "transcript")
    assert "1 turn ('Ses01F_impro01_F000')" in untold
    assert found(corpus, "annotation") == []
    waveform = corpus.clips[0]
    assert waveform.shape == (320,)


def test_a_row_says_all_that_is_known_of_a_turn(tmp_path):
    write(tmp_path)
    frame = load(tmp_path, scheme="iemocap").frame
    row = frame.iloc[0]
    assert frame["utterance"].tolist() == [f"{DIALOG}_F000", f"{DIALOG}_M000"]
    assert row["label"] == row["emotion"] == "neutral"
    assert (row["speaker"], row["session"], row["gender"]) == ("1F", "1", "female")
    assert (row["dialog"], row["script"]) == (DIALOG, "impro01")
    assert row["style"] == "improvised"
    assert row["transcript"] == "Yes: F000."
    # The file has valence first.
    assert (row["valence"], row["arousal"], row["dominance"]) == (2.5, 3.0, 3.5)
    assert (row["dialog_start"], row["dialog_end"]) == (6.2901, 8.2357)
    assert row["start"] == 0
    assert np.isnan(row["end"])
    assert Path(row["file"]).name == f"{DIALOG}_F000.wav"


def test_each_label_of_an_evaluator_is_a_vote_and_none_of_an_actor(tmp_path):
    write(tmp_path)
    frame = load(tmp_path).frame.set_index("utterance")
    votes = frame.filter(like="votes_")
    first = votes.loc[f"{DIALOG}_F000"]
    assert first[first > 0].to_dict() == {
        "votes_angry": 1,
        "votes_neutral": 1,
        "votes_frustrated": 1,
    }
    second = votes.loc[f"{DIALOG}_M000"]
    assert second[second > 0].to_dict() == {"votes_angry": 1}
    assert all(dtype.kind == "i" for dtype in votes.dtypes)


def test_the_label_does_not_travel_with_the_clips(tmp_path):
    write(tmp_path)
    columns = set(load(tmp_path).clips.columns)
    assert columns == {
        "speaker",
        "session",
        "dialog",
        "script",
        "gender",
        "transcript",
    }


@pytest.mark.parametrize("depth", [".", "IEMOCAP_full_release", "a b/[c]/-d"])
def test_the_root_may_be_the_release_or_a_folder_above(tmp_path, depth):
    write(tmp_path / depth)
    assert len(load(tmp_path)) == 2


def test_the_root_may_be_a_session(tmp_path, monkeypatch):
    write(tmp_path)
    assert len(load(tmp_path / "Session1")) == 2
    monkeypatch.chdir(tmp_path / "Session1")
    assert len(load(".")) == 2


def test_a_nested_copy_of_a_session_is_left_out(tmp_path):
    write(tmp_path)
    write(tmp_path / "copy")
    corpus = load(tmp_path)
    assert len(corpus) == 2
    (copy,) = found(corpus, "copy")
    assert repr(str(tmp_path / "copy" / "Session1")) in copy


def test_flac_is_read_and_wav_goes_before_it(tmp_path):
    write(tmp_path, recordings=("F000",))
    folder = tmp_path / "Session1" / "sentences" / "wav" / DIALOG
    (folder / f"{DIALOG}_F000.flac").touch()
    (folder / f"{DIALOG}_M000.flac").touch()
    corpus = load(tmp_path)
    assert [Path(file).suffix for file in corpus.clips.files] == [".wav", ".flac"]
    assert len(found(corpus, "copy")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1.0 - 2.0] Ses01F_impro01_F001 ang [2, 2, 2]", "no header of a turn"),
        ("[1.0 - 2.0]\tSes01F_impro01_F001\tang\t[2.5, 2.5]", "no header of a turn"),
        ("[1.0 - 2.0]\tSes01F_impro01_F001\tang\t[1.2.3, 2, 2]", "no header of a turn"),
        ("[1.0 - 2.0]\tSes09F_impro01_F001\tang\t[2, 2, 2]", "no name of a turn"),
        ("[1.0 - 2.0]\tSes01F_impro02_F001\tang\t[2, 2, 2]", f"no turn of {DIALOG}"),
        ("[1.0 - 2.0]\tSes01F_impro01_F001\tjoy\t[2, 2, 2]", "unknown label 'joy'"),
        ("[2.0 - 2.0]\tSes01F_impro01_F001\tang\t[2, 2, 2]", "before it begins"),
        ("[1.0 - 2.0]\tSes01F_impro01_F001\tang\t[9, 2, 2]", "not from 1 to 5"),
        ("what is this", "neither a turn nor a rating"),
        ("C-E4:\tGlee;\t()", "'Glee' is no label of the raters"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_rest_is_read(
    tmp_path, text, reason
):
    path = write(tmp_path, [*LINES, text, "C-E5:\tSadness;\t()"])
    corpus = load(tmp_path)
    (finding,) = found(corpus, "annotation")
    assert repr(str(path)) in finding
    assert f"line {len(LINES) + 1}: " in finding
    assert reason in finding
    assert len(corpus) == 2
    # What follows a line that cannot be read is not said of the turn before it.
    assert corpus.frame["votes_sad"].sum() == text.startswith("C-")


@pytest.mark.parametrize("kind", ["EmoEvaluation", "transcriptions"])
def test_the_suffix_may_be_in_capitals(tmp_path, kind):
    path = write(tmp_path).parents[1] / kind / f"{DIALOG}.txt"
    path.rename(path.with_suffix(".TXT"))
    corpus = load(tmp_path, scheme="iemocap")
    assert corpus.frame["transcript"].tolist() == ["Yes: F000.", "Yes: M000."]


def test_an_empty_evaluation_is_named(tmp_path):
    write(tmp_path)
    empty = write(tmp_path, [], dialog="Ses02F_impro01", recordings=())
    (finding,) = found(load(tmp_path), "annotation")
    assert finding == f"{str(empty)!r} names no turn. Download it again."


def test_many_bad_lines_are_counted(tmp_path):
    write(tmp_path, [*LINES, *["what is this"] * 8])
    (finding,) = found(load(tmp_path), "annotation")
    assert finding.endswith("; and 3 more lines.")


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path):
    write(tmp_path)
    bad = write(tmp_path, dialog="Ses02F_impro01", recordings=())
    bad.write_bytes(b"% fine\n\xff\xfe\n")
    (finding,) = found(load(tmp_path), "annotation")
    assert f"{str(bad)!r}, line 2: byte 0xff is not UTF-8" in finding


def test_a_transcript_that_cannot_be_read_is_named(tmp_path):
    write(tmp_path)
    path = tmp_path / "Session1" / "dialog" / "transcriptions" / f"{DIALOG}.txt"
    path.write_text(f"{DIALOG}_F000 Hello.\nM: [LAUGHTER]\n", encoding="utf-8")
    corpus = load(tmp_path)
    (finding,) = found(corpus, "annotation")
    assert f"{str(path)!r}: line 1: " in finding
    assert corpus.frame["transcript"].tolist() == ["", ""]
    (finding,) = found(corpus, "transcript")
    assert "2 turns" in finding


def test_a_turn_without_a_recording_is_left_out_and_named(tmp_path):
    write(tmp_path, recordings=("F000",))
    corpus = load(tmp_path)
    assert len(corpus) == 1
    assert (
        f"without a recording: 1 turn ('{DIALOG}_M000')." in found(corpus, "missing")[0]
    )


def test_a_recording_without_a_label_is_left_out_and_named(tmp_path):
    write(tmp_path, recordings=("F000", "M000", "M001", "FXX0"))
    corpus = load(tmp_path)
    assert len(corpus) == 2
    (finding,) = found(corpus, "left out")
    assert "2 files" in finding
    assert f"{DIALOG}_M001.wav" in finding


def test_a_turn_that_is_annotated_twice_and_differently_is_an_error(tmp_path):
    again = LINES[2].replace("neu", "sad")
    path = write(tmp_path, [*LINES, again])
    match = rf"{path}', line 12: '{DIALOG}_F000' is annotated in .*line 3 already"
    with pytest.raises(ValueError, match=match):
        load_iemocap(tmp_path)


def test_a_turn_that_is_annotated_twice_in_the_same_words_is_kept_once(tmp_path):
    write(tmp_path, [*LINES, *LINES[2:7]])
    corpus = load(tmp_path)
    assert len(corpus) == 2
    assert found(corpus, "copy") == [
        f"Annotated twice, in the same words: 1 turn ('{DIALOG}_F000')."
    ]


def test_more_turns_than_published_are_refused(tmp_path):
    turns = [
        f"[1.0 - 2.0]\tSes02F_impro00_F{number:03d}\tneu\t[2, 2, 2]"
        for number in range(482)
    ]
    names = [f"F{number:03d}" for number in range(482)]
    write(tmp_path, turns, dialog="Ses02F_impro00", recordings=names)
    with pytest.raises(ValueError, match="speaker 2F: 482 of 481 clips"):
        load_iemocap(tmp_path)


def test_a_folder_without_turns_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"no clip of IEMOCAP.*Session1/dialog"):
        load_iemocap(tmp_path)
    with pytest.raises(ValueError, match="does not exist"):
        load_iemocap(tmp_path / "nowhere")


def test_a_session_without_annotations_is_reported(tmp_path):
    write(tmp_path)
    (tmp_path / "Session2").mkdir()
    corpus = load(tmp_path)
    assert len(corpus) == 2
    assert any("Session2" in message for message in found(corpus, "unreadable"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_name_that_is_no_text_works(tmp_path):
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"a\xff"))
    corpus = load(make_tree("iemocap", folder, quirks=True), scheme="iemocap")
    assert corpus.frame["file"].str.startswith(folder).all()


def test_it_can_be_pickled(tmp_path):
    write(tmp_path)
    corpus = load(tmp_path)
    again = pickle.loads(pickle.dumps(corpus))
    assert again.frame.equals(corpus.frame)
    assert again.scheme == corpus.scheme
    with pytest.raises(AudioError):
        again.clips[0]


def test_clips_and_target_can_be_had_alone(tmp_path):
    write(tmp_path)
    clips, target = load(tmp_path, return_X_y=True, sampling_rate=8_000)
    assert clips.sampling_rate == 8_000
    assert target.tolist() == ["neutral", "angry"]


@given(
    session=st.sampled_from("12345"),
    prefix=st.sampled_from("FM"),
    script=st.from_regex(r"\A(impro\d\d|script\d\d_\d)\Z").filter(str.isascii),
    part=st.sampled_from(["", "a", "b"]),
    letter=st.sampled_from("FM"),
    number=st.from_regex(r"\A(\d{3}|XX\d)\Z").filter(str.isascii),
)
def test_names_of_turns_are_read_back(session, prefix, script, part, letter, number):
    name = TurnName(session, prefix, script, part, letter, number)
    again = TurnName.parse(name.format())
    assert again == name
    assert again.speaker == session + letter
    assert again.style == ("improvised" if "impro" in script else "scripted")


def test_the_second_letter_is_the_speaker():
    name = TurnName.parse("Ses05F_script01_1b_M012")
    assert name.speaker == "5M"
    assert name.dialog == "Ses05F_script01_1b"
    assert name.script == "script01_1"
    assert name.gender == "male"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_damage_to_an_annotation_leaves_the_others_alone(tmp_path, damage, place):
    other = "Ses02F_impro01"
    write(tmp_path, [line.replace(DIALOG, other) for line in LINES], dialog=other)
    path = write(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:place] + damage + content[place:])
    frame = load(tmp_path, scheme="iemocap").frame
    kept = frame[frame["session"] == "2"]
    assert kept["label"].tolist() == ["neutral", "angry"]
    assert kept["votes_angry"].tolist() == [1, 1]


@given(st.text())
def test_any_text_is_a_name_or_none(text):
    name = TurnName.parse(text)
    assert name is None or name.format() == text


@pytest.mark.parametrize(
    "turn",
    [
        "Ses05F_script01_1b_M012 ",
        "Ses06F_impro01_F000",
        "Ses01F_impro01_F00",
        "",
        "Ses",
    ],
)
def test_other_names_are_none(turn):
    assert TurnName.parse(turn) is None
