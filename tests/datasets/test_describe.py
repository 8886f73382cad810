"""Clips, speakers and hours of each class."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersk.audio import AudioClips
from sersk.datasets import (
    AttributeScheme,
    Corpus,
    LabelScheme,
    MultiLabelScheme,
    load_emodb,
    make_emotional_speech,
)
from sersk.datasets.testing import make_tree
from sersk.utils import AudioWarning

RATE = 8_000
TWO = LabelScheme("two", ("happy", "sad"))
COLUMNS = ["clips", "speakers", "hours", "seconds_min", "seconds_median", "seconds_max"]


@pytest.fixture
def files(tmp_path):
    """Write noise of one to four seconds."""
    paths = [tmp_path / f"{seconds}.wav" for seconds in (1, 2, 3, 4)]
    for seconds, path in enumerate(paths, 1):
        soundfile.write(path, np.full(seconds * RATE, 0.1), RATE)
    return [str(path) for path in paths]


def corpus_of(files, scheme=TWO, start=None, end=None, **columns):
    columns.setdefault("emotion", ["sad", "happy", "sad", "sad"][: len(files)])
    clips = AudioClips.from_files(files, start=start, end=end)
    return Corpus(pd.DataFrame(columns), clips, scheme, name="mine")


def test_one_row_a_class_and_one_for_all(files):
    table = corpus_of(files, speaker=["a", "a", "b", "b"]).describe()
    assert table.index.tolist() == ["happy", "sad", "all"]
    assert table.columns.tolist() == COLUMNS
    assert table.loc["happy"].tolist() == [1, 1, 2 / 3600, 2, 2, 2]
    assert table.loc["sad"].tolist() == [3, 2, 8 / 3600, 1, 3, 4]
    assert table.loc["all"].tolist() == [4, 2, 10 / 3600, 1, 2.5, 4]


def test_parts_last_from_start_to_end_and_no_file_is_opened():
    corpus = corpus_of(["no.wav"] * 3, start=[0, 1, 2], end=[0.5, 2, 4])
    assert corpus.describe().loc["all", "seconds_max"] == 2
    assert corpus.describe().loc["happy", "seconds_min"] == 1


def test_a_part_without_an_end_lasts_to_the_end_of_its_file(files):
    corpus = corpus_of([files[3]] * 2, start=[0, 3], end=[1, np.nan])
    assert corpus.describe()["seconds_max"].tolist() == [1, 1, 1]


def test_a_class_without_clips_has_no_durations(files):
    table = corpus_of(files, emotion=["sad"] * 4).describe()
    assert table.loc["happy", "clips"] == 0
    assert table.loc["happy", "hours":].isna().all()


def test_without_speakers_their_number_is_missing(files):
    assert corpus_of(files).describe()["speakers"].isna().all()


def test_what_cannot_be_read_is_counted_and_named(files):
    with open(files[1], "wb") as file:
        file.write(b"no audio")
    with pytest.warns(AudioWarning, match=r"of 1 of 4 clips of mine.*Clip 1 .*2\.wav"):
        table = corpus_of(files).describe()
    assert table.loc["all", "clips"] == 4
    assert table.loc["all", "seconds_median"] == 3
    assert np.isnan(table.loc["happy", "hours"])


def test_a_start_behind_the_end_of_the_file_is_no_duration(files):
    with pytest.warns(AudioWarning, match="1 of 1 clips"):
        table = corpus_of(files[:1], start=[2.0]).describe()
    assert np.isnan(table.loc["all", "hours"])


def test_arrays_are_measured():
    corpus = make_emotional_speech(n_speakers=2, random_state=0)
    lengths = [len(waveform) / 16_000 for waveform in corpus.clips]
    total = corpus.describe().loc["all"]
    assert total["hours"] * 3600 == pytest.approx(sum(lengths))
    assert total["seconds_max"] == max(lengths)


def test_text_has_no_durations():
    frame = pd.DataFrame({"emotion": ["sad", "happy"]})
    clips = AudioClips.from_texts(["oh", "ah"])
    table = Corpus(frame, clips, TWO, name="tweets").describe()
    assert table["clips"].tolist() == [1, 1, 2]
    assert table["hours"].isna().all()


def test_a_clip_counts_for_each_class_that_it_shows(files):
    scheme = MultiLabelScheme("both", ("happy", "sad"))
    corpus = corpus_of(files, scheme, happy=[1, 1, 0, 0], sad=[0, 2, 0, 1])
    assert corpus.describe()["clips"].to_dict() == {"happy": 2, "sad": 2, "all": 4}


def test_attributes_are_no_classes(files):
    scheme = AttributeScheme("one", ("valence",))
    corpus = corpus_of(files, scheme, valence=[1.0, 2.0, 3.0, 4.0])
    assert corpus.describe().index.tolist() == ["all"]


def test_a_tree_is_described_without_decoding(tmp_path):
    corpus = load_emodb(make_tree("emodb", tmp_path, complete=True))
    table = corpus.describe()
    assert table.loc["disgust", "clips"] == 46
    assert table.loc["all", "hours"] * 3600 == pytest.approx(53.5)


def test_the_hours_of_emodb(emodb_root):
    total = load_emodb(emodb_root).describe().loc["all"]
    assert total["hours"] == pytest.approx(0.41, abs=0.01)
    assert (total["seconds_min"], total["seconds_max"]) == (
        pytest.approx(1.2, abs=0.1),
        pytest.approx(9.0, abs=0.1),
    )
