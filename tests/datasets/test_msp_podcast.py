"""MSP-Podcast: partitions, unknown speakers, and a table without its audio."""

import os
import pickle
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sersk.datasets._msp_podcast import COLUMNS, LABELS, load_msp_podcast
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning

LINES = (
    "MSP-PODCAST_0001_0001.wav,A,5.0,2.5,4.5,12,Female,Train",
    "MSP-PODCAST_0002_0001_0002.wav,H,4.0,6.0,4.0,Unknown,Male,Development",
    "MSP-PODCAST_0003_0001.wav,N,3.0,4.0,5.0,7,Unknown,Test1",
)


def write(root, *lines, name="labels_consensus.csv", header=COLUMNS):
    path = root / "Labels" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(header), *lines]) + "\n", encoding="utf-8")
    return path


def load(root, **options):
    with pytest.warns(CorpusWarning):
        return load_msp_podcast(root, **options)


def found(corpus, check):
    return [item.message for item in corpus.findings if item.check == check]


def test_the_odyssey_release_has_as_many_clips_as_published(tmp_path):
    corpus = load(make_tree("msp-podcast", tmp_path, complete=True))
    counts = corpus.counts("partition")
    assert counts["train"].to_dict() == {
        "angry": 3053,
        "sad": 3882,
        "happy": 13440,
        "surprise": 2897,
        "fear": 1139,
        "disgust": 1426,
        "contempt": 2443,
        "neutral": 25106,
    }
    assert counts["dev"].sum() == 15341
    assert counts.loc["neutral", "dev"] == 5667
    # Of Test3 nothing is known, so it is in no class.
    assert counts.columns.tolist() == ["dev", "train"]
    assert [item.check for item in corpus.findings] == ["no audio"]


def test_class_weights_of_the_challenge_follow_from_the_counts(tmp_path):
    corpus = load(make_tree("msp-podcast", tmp_path, complete=True))
    counts = corpus.select(partition="train").counts("partition")["train"]
    weights = (counts.sum() / (8 * counts)).round(4)
    assert weights.tolist() == [
        2.1858,
        1.7190,
        0.4965,
        2.3035,
        5.8589,
        4.6797,
        2.7316,
        0.2658,
    ]


def test_a_miniature_with_quirks_is_read_and_reported(tmp_path):
    corpus = load(make_tree("msp-podcast", tmp_path, quirks=True))
    # Validation is what older releases call the development set.
    assert set(corpus.frame["partition"]) == {"train", "dev", "test1", "test2"}
    assert found(corpus, "left out") == [
        "Left out, a recording without a label: 1 file "
        "('MSP-Podcast/Audios/MSP-PODCAST_9999_0001.wav')."
    ]
    assert corpus.votes.sum(axis=1).eq(3).all()
    assert found(corpus, "votes") == []
    everything = load(tmp_path, scheme="msp-podcast-attributes")
    labels = set(everything.frame["label"])
    assert labels == set(LABELS.values())
    odd = everything.select(utterance="MSP-PODCAST_1023_0235")
    assert len(odd.clips[0]) == 1600
    assert len(everything.with_scheme("msp-podcast")) == len(corpus)


def test_a_row_says_all_that_is_known_of_a_clip(tmp_path):
    write(tmp_path, *LINES)
    frame = load(tmp_path).frame
    assert frame.drop(columns=["file", "end"]).to_dict("records") == [
        {
            "start": 0.0,
            "utterance": "MSP-PODCAST_0001_0001",
            "emotion": "angry",
            "label": "angry",
            "speaker": "12",
            "gender": "female",
            "session": "0001",
            "partition": "train",
            "arousal": 5.0,
            "valence": 2.5,
            "dominance": 4.5,
        },
        {
            "start": 0.0,
            "utterance": "MSP-PODCAST_0002_0001_0002",
            "emotion": "happy",
            "label": "happy",
            "speaker": "unknown-0002",
            "gender": "male",
            "session": "0002",
            "partition": "dev",
            "arousal": 4.0,
            "valence": 6.0,
            "dominance": 4.0,
        },
        {
            "start": 0.0,
            "utterance": "MSP-PODCAST_0003_0001",
            "emotion": "neutral",
            "label": "neutral",
            "speaker": "7",
            "gender": "unknown",
            "session": "0003",
            "partition": "test1",
            "arousal": 3.0,
            "valence": 4.0,
            "dominance": 5.0,
        },
    ]


def test_columns_are_read_by_name_in_any_order(tmp_path):
    order = [7, 2, 0, 5, 3, 1, 6, 4]
    lines = [",".join(line.split(",")[at] for at in order) for line in LINES]
    header = [COLUMNS[at] for at in order]
    write(tmp_path / "a", *LINES)
    write(tmp_path / "b", *lines, header=header)
    first, second = load(tmp_path / "a").frame, load(tmp_path / "b").frame
    assert first.drop(columns="file").equals(second.drop(columns="file"))


def test_the_older_name_of_the_table_is_found_and_the_newer_preferred(tmp_path):
    old = write(tmp_path, *LINES, name="labels_concensus.csv")
    corpus = load(tmp_path)
    assert len(corpus) == 3
    assert found(corpus, "copy") == []
    new = write(tmp_path, LINES[0])
    corpus = load(tmp_path)
    assert len(corpus) == 1
    (message,) = found(corpus, "copy")
    assert message == (
        f"Read {str(new)!r}. Left out, another table of labels: 1 file "
        f"('Labels/{old.name}')."
    )


def test_of_two_releases_the_first_is_taken_and_the_other_named(tmp_path):
    write(tmp_path / "1.12", LINES[0])
    first = write(tmp_path / "1.11", *LINES)
    (tmp_path / "latest").symlink_to(tmp_path / "1.11")
    corpus = load(tmp_path)
    assert len(corpus) == 3
    (message,) = found(corpus, "copy")
    assert message.startswith(f"Read {str(first)!r}. Left out, another table")
    assert "1 file ('1.12/Labels/labels_consensus.csv')" in message


@pytest.mark.parametrize("depth", [".", "MSP-PODCAST-Publish-1.11"])
def test_the_root_may_be_a_folder_above(tmp_path, depth):
    write(tmp_path / depth, *LINES)
    assert len(load(tmp_path)) == 3


def test_the_root_may_be_the_folder_of_the_labels(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path / "Labels")
    parent = str(tmp_path / "Audios")
    assert {str(Path(file).parent) for file in corpus.clips.files} == {parent}


@pytest.mark.parametrize("folder", ["Audios", "Audio"])
def test_what_has_no_recording_is_left_out_if_others_have(tmp_path, folder):
    write(tmp_path, *LINES)
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "MSP-PODCAST_0001_0001.wav").touch()
    (tmp_path / folder / "._MSP-PODCAST_0002_0001.wav").touch()
    (tmp_path / folder / "MSP-PODCAST_test3_0001.wav").touch()
    corpus = load(tmp_path)
    assert corpus.clips.files.tolist() == [
        str(tmp_path / folder / "MSP-PODCAST_0001_0001.wav")
    ]
    missing = found(corpus, "missing")[0]
    assert "2 clips ('MSP-PODCAST_0002_0001_0002.wav', " in missing
    assert found(corpus, "left out") == []


@pytest.mark.parametrize("content", [(), ("readme.txt",), ("._a.wav",), ("x/a.txt",)])
def test_a_folder_without_any_recording_is_the_same_as_none(tmp_path, content):
    write(tmp_path, *LINES)
    (tmp_path / "Audios" / "x").mkdir(parents=True)
    for name in content:
        (tmp_path / "Audios" / name).touch()
    corpus = load(tmp_path)
    assert len(corpus) == 3
    (message,) = found(corpus, "no audio")
    assert f"no recording in {str(tmp_path / 'Audios')!r}" in message
    assert "no recording of it" not in " ".join(corpus.problems)


def test_recordings_are_found_in_folders_of_the_folder(tmp_path):
    write(tmp_path, *LINES)
    paths = [
        tmp_path / "Audios" / folder / line.split(",")[0]
        for folder, line in zip(("a", "b/c", "."), LINES, strict=True)
    ]
    copy = tmp_path / "Audios" / "d" / paths[2].name
    for path in (*paths, copy):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    # A folder is no recording, whatever its name.
    (tmp_path / "Audios" / "MSP-PODCAST_9999_0001.wav").mkdir()
    (tmp_path / "Audio").symlink_to(tmp_path / "Audios")
    corpus = load(tmp_path)
    assert corpus.clips.files.tolist() == list(map(str, paths))
    (message,) = found(corpus, "copy")
    assert f"1 file ('Audios/d/{copy.name}')" in message
    assert found(corpus, "left out") == []


def test_without_audio_the_files_are_where_they_would_be(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path)
    assert corpus.clips.files[0] == str(
        tmp_path / "Audios" / "MSP-PODCAST_0001_0001.wav"
    )
    assert len(found(corpus, "no audio")) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x.wav,A,4,4,4,1,Male,Train", "'x.wav' is no name of a clip"),
        ("../MSP-PODCAST_1_1.wav,A,4,4,4,1,Male,Train", "is no name of a clip"),
        ("MSP-PODCAST_0009_1.wav,Z,4,4,4,1,Male,Train", "'Z' is no known label"),
        ("MSP-PODCAST_0009_1.wav,,4,4,4,1,Male,Train", "'' is no known label"),
        ("MSP-PODCAST_0009_1.wav,A,4,4,4,1,Male,Test9", "'Test9' is no known part"),
    ],
)
def test_a_line_that_says_nothing_known_is_named_and_left_out(tmp_path, line, reason):
    path = write(tmp_path, *LINES, line)
    corpus = load(tmp_path)
    assert len(corpus) == 3
    (finding,) = found(corpus, "annotation")
    assert f"{str(path)!r}: line 5: " in finding
    assert reason in finding


@pytest.mark.parametrize("value", ["0.9", "7.1", "high", "inf"])
def test_an_attribute_out_of_range_is_an_error_that_names_the_line(tmp_path, value):
    path = write(tmp_path, *LINES, f"MSP-PODCAST_0009_1.wav,A,4,{value},4,1,Male,Train")
    with pytest.raises(ValueError, match=rf"{path}', line 5: EmoVal is '{value}'"):
        load_msp_podcast(tmp_path)


@pytest.mark.parametrize("value", ["nan", "NaN", "", "N/A"])
def test_an_attribute_may_be_missing_and_is_reported(tmp_path, value):
    missing = f"MSP-PODCAST_0009_1.wav,A,4,{value},4,1,Male,Train"
    withheld = "MSP-PODCAST_test3_0001.wav,,,,,Unknown,Unknown,Test3"
    write(tmp_path, *LINES, missing, withheld)
    assert len(load(tmp_path)) == 4
    corpus = load(tmp_path, scheme="msp-podcast-attributes")
    assert len(corpus) == 3
    assert found(corpus, "attributes") == [
        "Without arousal, valence or dominance, and so in no scheme of attributes: 1 "
        "clip ('MSP-PODCAST_0009_1')."
    ]


@pytest.mark.parametrize(
    "name", ["Unknown", "unknown", "UNKNOWN", "", "nan", "NaN", "N/A", "None", "na"]
)
def test_a_speaker_may_be_unknown_in_many_words(tmp_path, name):
    splits = ("Train", "Development", "Test1")
    write(
        tmp_path,
        *(
            f"MSP-PODCAST_000{row}_1.wav,A,4,4,4,{name},Male,{split}"
            for row, split in enumerate(splits)
        ),
    )
    corpus = load(tmp_path)
    speakers = [f"unknown-000{row}" for row in range(3)]
    assert corpus.frame["speaker"].tolist() == speakers
    assert found(corpus, "speaker") == []


def test_a_number_of_a_speaker_is_the_same_with_a_fraction(tmp_path):
    names = ("100", "100.0", " 100 ", "100.5", "x.0")
    write(
        tmp_path,
        *(
            f"MSP-PODCAST_000{row}_1.wav,A,4,4,4,{name},Male,Train"
            for row, name in enumerate(names)
        ),
    )
    speakers = load(tmp_path).frame["speaker"].tolist()
    assert speakers == ["100", "100", "100", "100.5", "x.0"]


def test_a_speaker_in_training_and_test_is_reported(tmp_path):
    rows = [("7", "Train"), ("7.0", "Test2"), ("8", "Development"), ("8", "Train")]
    # The test sets share speakers as published.
    rows += [("9", "Test1"), ("9", "Test2"), ("10", "Train"), ("10", "Train")]
    lines = [
        f"MSP-PODCAST_000{row}_1.wav,A,4,4,4,{name},Male,{split}"
        for row, (name, split) in enumerate(rows)
    ]
    write(tmp_path, *lines)
    assert found(load(tmp_path), "speaker") == [
        "In more than one of train, dev and test: 2 speakers ('7', '8')."
    ]
    write(tmp_path, *lines[:2])
    assert found(load(tmp_path), "speaker") == [
        "In more than one of train, dev and test: 1 speaker ('7')."
    ]


@pytest.mark.parametrize(
    ("word", "gender"),
    [("F", "female"), ("female", "female"), ("m", "male"), ("MALE", "male"), ("x", "")],
)
def test_a_gender_may_be_a_letter(tmp_path, word, gender):
    write(tmp_path, LINES[0].replace("Female", word))
    assert load(tmp_path).frame["gender"].tolist() == [gender or "unknown"]


def test_a_clip_that_is_listed_twice_and_differently_is_an_error(tmp_path):
    path = write(tmp_path, *LINES, LINES[0].replace(",A,", ",S,"))
    match = rf"{path}', line 5: 'MSP-PODCAST_0001_0001.wav' is in line 2 already"
    with pytest.raises(ValueError, match=match):
        load_msp_podcast(tmp_path)


def test_a_line_that_is_there_twice_is_read_once(tmp_path):
    write(tmp_path, *LINES, LINES[0])
    corpus = load(tmp_path)
    assert len(corpus) == 3
    assert "line 5: a copy of a line before" in found(corpus, "copy")[0]


def test_a_missing_column_is_named(tmp_path):
    write(tmp_path, header=[*COLUMNS[:-1], "Split"])
    with pytest.raises(ValueError, match=r"has no column 'Split_Set'"):
        load_msp_podcast(tmp_path)


def test_a_table_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = write(tmp_path, *LINES)
    path.write_bytes(path.read_bytes() + b"\xff\n")
    with pytest.raises(ValueError, match=r"line 5: byte 0xff is not UTF-8"):
        load_msp_podcast(tmp_path)


def test_an_empty_root_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"no clip of MSP-Podcast.*labels_consensus"):
        load_msp_podcast(tmp_path)
    write(tmp_path)
    with pytest.raises(ValueError, match="no clip of MSP-Podcast"):
        load_msp_podcast(tmp_path)


def test_a_table_of_150000_lines_is_read_without_audio(tmp_path):
    codes, splits = "ASHUFDCN", ("Train", "Development", "Test1")
    lines = [
        f"MSP-PODCAST_{row % 4000:04d}_{row:06d}.wav,{codes[row % 8]},4.2,3.1,5.5,"
        f"{'Unknown' if row % 5 == 0 else row % 2000},Male,{splits[row % 3]}"
        for row in range(150_000)
    ]
    write(tmp_path, *lines)
    corpus = load(tmp_path)
    counts = corpus.counts("partition")
    assert counts.to_numpy().tolist() == [[6250, 6250, 6250]] * 8
    assert counts.columns.tolist() == ["dev", "test1", "train"]
    # Of 2000 numbers a fifth never occurs, and of 4000 podcasts a fifth is unknown.
    assert corpus.frame["speaker"].nunique() == 1600 + 800
    # There are more clips than the challenge had, which is no error.
    assert len(found(corpus, "surplus")) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_name_that_is_no_text_works(tmp_path):
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"a\xff"))
    corpus = load(make_tree("msp-podcast", folder, quirks=True), scheme="msp-podcast")
    assert corpus.frame["file"].str.startswith(folder).all()


def test_it_can_be_pickled(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path)
    again = pickle.loads(pickle.dumps(corpus))
    assert again.frame.equals(corpus.frame)


def test_clips_and_target_can_be_had_alone(tmp_path):
    write(tmp_path, *LINES)
    clips, target = load(tmp_path, return_X_y=True, scheme="msp-podcast-attributes")
    assert target.tolist() == [[5.0, 2.5, 4.5], [4.0, 6.0, 4.0], [3.0, 4.0, 5.0]]
    assert set(clips.columns) == {"speaker", "session", "gender", "partition"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    podcast=st.integers(0, 9999),
    numbers=st.lists(st.integers(0, 99_999), min_size=1, max_size=2),
    code=st.sampled_from("ASHUFDCN"),
)
def test_names_of_clips_are_read(tmp_path, podcast, numbers, code):
    tail = "_".join(f"{number:04d}" for number in numbers)
    name = f"MSP-PODCAST_{podcast:04d}_{tail}"
    write(tmp_path, f"{name}.wav,{code},1,7,4,Unknown,Male,Train")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CorpusWarning)
        (row,) = load_msp_podcast(tmp_path).frame.to_dict("records")
    assert row["utterance"] == name
    assert row["label"] == LABELS[code]
    assert row["speaker"] == f"unknown-{podcast:04d}"
