"""MSP-Podcast: what the raters chose, and what is odd about their file."""

import os
import sys

import pandas as pd
import pytest

from sersk.datasets._msp_podcast_votes import WITHHELD, add_votes

CLIPS = ("MSP-PODCAST_0001_0001", "MSP-PODCAST_0002_0001_0002", "MSP-PODCAST_0003_0001")
DETAIL = "FileName,EmoDetail"
MAJOR = "FileName,Worker,EmoClass_Major"


def write(root, header, *lines):
    path = root / "labels_detailed.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def details(*choices, end=".wav"):
    """Return a rating of each clip for each choice, of as many raters."""
    return [
        f'{clip}{end},"W{rater}; {choice}; Sad,Angry; A:4.0; V:4.0; D:4.0;"'
        for clip in CLIPS
        for rater, choice in enumerate(choices)
    ]


def add(path, clips=CLIPS, label="sad", listed=CLIPS):
    frame = pd.DataFrame({"utterance": list(clips), "label": label})
    findings = []
    frame = add_votes(frame, str(path), set(listed), findings)
    return frame.filter(like="votes_"), findings


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (DETAIL, ['"W1; {}; Sad,Angry; A:4.0; V:4.0; D:4.0;"', "W2; {}; ; A:1.0;"]),
        ("FileName,Workers,EmoClass_Major,EmoAct", ["W1,{},4", "W2,{},3"]),
        ("FileName,EmoClass_Major", ["{}", "{}"]),
    ],
)
@pytest.mark.parametrize("end", [".wav", "", ".WAV"])
def test_votes_are_the_main_labels_of_the_raters(tmp_path, header, cells, end):
    chosen = [("Angry", "N"), ("Happy", "Other-amused"), ("neutral", "Neutral")]
    lines = [
        f"{name}{end},{cell.format(word)}"
        for name, words in zip(CLIPS, chosen, strict=True)
        for cell, word in zip(cells, words, strict=True)
    ]
    votes, findings = add(write(tmp_path, header, *lines))
    assert votes.columns.str.removeprefix("votes_").tolist() == [
        "angry",
        "sad",
        "happy",
        "surprise",
        "fear",
        "disgust",
        "contempt",
        "neutral",
        "other",
    ]
    assert votes["votes_angry"].tolist() == [1, 0, 0]
    assert votes["votes_neutral"].tolist() == [1, 0, 2]
    assert votes["votes_other"].tolist() == [0, 1, 0]
    assert votes.sum(axis=1).tolist() == [2, 2, 2]
    assert findings == []


def test_without_the_file_there_are_no_votes(tmp_path):
    votes, findings = add(tmp_path / "labels_detailed.csv")
    assert votes.empty
    assert findings == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no column 'FileName'"),
        (b"\xff\n", "line 1: byte 0xff is not UTF-8"),
        (b"FileName,EmoDetail\n", "holds no rating that can be read"),
        (b"FileName,EmoDetail\na.wav,W1; Sa\nb.wav", "line 3: has 1 columns"),
        (b'FileName,EmoDetail\na.wav,"W1; Sa', "line 2: is no row of a table"),
        (b"FileName,x\na.wav,1\n", "neither a column 'EmoClass_Major' nor"),
        (b"x,EmoDetail\na.wav,1\n", "has no column 'FileName'"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_there_are_no_votes(
    tmp_path, content, reason
):
    path = tmp_path / "labels_detailed.csv"
    path.write_bytes(content)
    votes, (finding,) = add(path)
    assert votes.empty
    assert (finding.check, finding.files) == ("votes", (str(path),))
    assert finding.message.startswith(f"No votes: {str(path)!r}")
    assert reason in finding.message


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: os.symlink("nowhere", path)]
)
def test_what_is_no_file_is_named(tmp_path, make):
    make(tmp_path / "labels_detailed.csv")
    votes, (finding,) = add(tmp_path / "labels_detailed.csv")
    assert votes.empty
    assert finding.message.endswith("labels_detailed.csv' is no file.")


def test_a_rating_that_cannot_be_read_is_named(tmp_path):
    lines = [*details("Sad"), f"{CLIPS[0]}.wav,W9"]
    votes, (finding,) = add(write(tmp_path, DETAIL, *lines))
    assert "line 5: 'W9' is no rating" in finding.message
    assert votes["votes_sad"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "choice", ["", "Sadness", "X", "no agreement", "nan", "others"]
)
def test_a_choice_that_is_no_class_is_named_and_no_vote(tmp_path, choice):
    lines = [f"{clip},{rater},Sad" for clip in CLIPS for rater in "12"]
    path = write(tmp_path, MAJOR, *lines, f"{CLIPS[0]},3,{choice}")
    votes, (finding,) = add(path)
    assert finding.message == (
        f"Left out of {str(path)!r}: line 8: {choice!r} is no class."
    )
    assert votes.sum(axis=1).tolist() == [2, 2, 2]


def test_choices_that_are_no_class_at_all_are_no_votes(tmp_path):
    lines = [f"{clip},{rater}," for clip in CLIPS for rater in "12"]
    votes, findings = add(write(tmp_path, MAJOR, *lines))
    assert votes.empty
    assert [finding.check for finding in findings] == ["annotation", "votes"]
    assert "and 1 more line." in findings[0].message


def test_a_rater_counts_once_for_a_clip(tmp_path):
    lines = details("Sad", "Angry")
    path = write(tmp_path, DETAIL, *lines, *lines)
    votes, (finding,) = add(path)
    assert votes.sum(axis=1).tolist() == [2, 2, 2]
    assert finding.check == "copy"
    assert f"line 8: W0 rated {CLIPS[0]!r} before; " in finding.message
    assert "and 1 more line." in finding.message
    # The first counts, whatever he said later.
    lines = [f"{CLIPS[0]}.wav,1,Sad", f"{CLIPS[0]},1,Angry", f"{CLIPS[0]},,Sad"]
    lines += [f"{CLIPS[0]},,Sad"]
    votes, (finding,) = add(write(tmp_path, MAJOR, *lines), clips=CLIPS[:1])
    assert (votes["votes_sad"][0], votes["votes_angry"][0]) == (3, 0)
    assert "line 3: 1 rated " in finding.message


def test_clips_without_a_vote_are_named_but_for_the_withheld_ones(tmp_path):
    path = write(tmp_path, DETAIL, *details("Sad")[:1])
    votes, (finding,) = add(path, label=["sad", "other", WITHHELD])
    assert votes["votes_sad"].tolist() == [1, 0, 0]
    assert finding.check == "votes"
    assert finding.message == (
        f"Without any vote in {str(path)!r}: 1 clip ({CLIPS[1]!r})."
    )


def test_ratings_of_clips_that_are_not_there_are_named(tmp_path):
    path = write(tmp_path, DETAIL, *details("Sad", "Sad"))
    # A clip may be listed and have no recording.
    votes, (finding,) = add(path, clips=CLIPS[:1], listed=CLIPS[:2])
    assert votes["votes_sad"].tolist() == [2]
    assert finding.message == (
        f"Left out of {str(path)!r}, ratings of clips that have no consensus label: 1 "
        f"clip ({CLIPS[2]!r})."
    )
