"""Targets that are not one class a clip."""

import numpy as np
import pandas as pd
import pytest

from sersk import AudioClips
from sersk.datasets import AttributeScheme, Corpus, MultiLabelScheme
from sersk.datasets._catalogue import known_size

FRAME = pd.DataFrame(
    {
        "happy": [1.0, 0.0, 0.33, np.nan],
        "sad": [0.0, 0.0, 2.0, 1.0],
        "speaker": ["a", "a", "b", "b"],
        "arousal": [1.0, 2.5, np.nan, 4.0],
        "valence": [2.0, 3.0, 3.5, 1.0],
    }
)
BOTH = MultiLabelScheme("both", ("happy", "sad"))
TWO = AttributeScheme("two", ("arousal", "valence"))


def make_corpus(scheme, rows=slice(None)):
    clips = AudioClips.from_files([f"{number}.wav" for number in range(4)])[rows]
    return Corpus(FRAME[rows], clips, scheme, name="tiny")


def test_a_clip_shows_the_classes_above_the_threshold():
    corpus = make_corpus(BOTH, slice(3))
    assert corpus.target.tolist() == [[1, 0], [0, 0], [1, 1]]
    assert corpus.counts().to_dict() == {
        "a": {"happy": 1, "sad": 0},
        "b": {"happy": 1, "sad": 1},
    }
    assert repr(corpus) == "<Corpus tiny: 3 clips, 2 speakers; happy 2, sad 1>"
    strict = corpus.with_scheme(MultiLabelScheme("strict", BOTH.classes, threshold=0.5))
    assert strict.target.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_attributes_are_columns_in_the_order_of_the_scheme():
    corpus = make_corpus(TWO, slice(2))
    assert corpus.target.tolist() == [[1.0, 2.0], [2.5, 3.0]]
    assert corpus.counts().loc["arousal"].to_dict() == {"a": 2}
    assert str(TWO) == "two: arousal, valence (continuous)"
    assert TWO.classes == ("arousal", "valence")


@pytest.mark.parametrize("scheme", [BOTH, TWO])
def test_a_missing_value_is_no_target(scheme):
    with pytest.raises(ValueError, match=r"Row \d of the frame has no value for each"):
        make_corpus(scheme)
    whole = make_corpus(AttributeScheme("one", ("valence",)))
    taken = whole.with_scheme(scheme)
    assert len(taken) == 3
    assert np.isfinite(taken.target).all()


@pytest.mark.parametrize("scheme", [BOTH, TWO])
def test_a_column_that_is_not_there_is_named(scheme):
    frame = FRAME.drop(columns=["sad", "valence"])
    clips = AudioClips.from_files(["a.wav"] * 4)
    with pytest.raises(ValueError, match=r"needs a column '(sad|valence)', and there"):
        Corpus(frame, clips, scheme, name="tiny")


def test_targets_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        make_corpus(BOTH, slice(3)).target[0, 0] = 5


@pytest.mark.parametrize(
    "column", ["label", "emotion", "arousal", "sentiment", "votes_happy"]
)
def test_no_target_travels_inside_the_clips(column):
    clips = AudioClips.from_files(["a.wav"] * 4, columns={column: [1, 2, 3, 4]})
    with pytest.raises(ValueError, match=f"'{column}': the label must not travel"):
        Corpus(FRAME, clips, AttributeScheme("one", ("valence",)), name="tiny")


@pytest.mark.parametrize("make", [MultiLabelScheme, AttributeScheme])
@pytest.mark.parametrize("names", [(), ("a", "a"), ("a", " "), "ab"])
def test_wrong_names_are_refused(make, names):
    with pytest.raises((ValueError, TypeError), match=r"(must|empty name)"):
        make("mine", names)


def test_sizes_are_known_by_name():
    assert known_size("emodb") == 535
    assert known_size("iemocap") == 10_039
    assert known_size("mine") is None
