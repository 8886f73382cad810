"""What is said in clips, with nothing of them opened."""

import numpy as np
import pytest

from sersk import AudioClips
from sersk.audio import read_transcripts


def _clips(texts):
    # Of plain objects: no text type of pandas takes what has no encoding.
    column = np.array(texts, dtype=object)
    files = [f"gone/{at}.wav" for at in range(len(texts))]
    return AudioClips.from_files(files, columns={"transcript": column})


def test_what_is_not_known_is_an_empty_text():
    clips = _clips(["what a day", None, np.nan, " "])
    assert read_transcripts(clips) == ["what a day", "", "", " "]
    assert read_transcripts(_clips([1, 2])) == ["1", "2"]


def test_texts_are_cleaned():
    clips = _clips(["So, I'm  tr\u00e8s happy!", "\ud800 ?"])
    assert read_transcripts(clips, clean=True) == ["So Im trs happy", ""]
    assert read_transcripts(clips)[1] == "? ?"


def test_clips_without_transcripts():
    clips = AudioClips.from_files(["a.wav"], columns={"speaker": ["anna"]})
    with pytest.raises(
        ValueError, match=r"no column 'transcript' \(columns: speaker\)"
    ):
        read_transcripts(clips)
