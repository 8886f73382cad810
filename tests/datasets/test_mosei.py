"""CMU-MOSEI: columns by name, parts of videos, and the single-label rule."""

import itertools
import os
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sersk.datasets._mosei import EMOTIONS, load_mosei
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning

HEADER = "video,clip,start,end,sentiment,happy,sad,anger,surprise,disgust,fear,split"
LINES = (
    "-3g5yACwYnA,2,1.5,4.5,1.0,2.0,0,0,0,0,0,train",
    "-3g5yACwYnA,3,4.5,6.0,0,0,0,0,0,0,0,train",
    "zvZd3V5D5Ik,1,0,2.5,-2.0,0,0.5,1.0,0,0,0,test",
)
SEGMENTS = (
    "Segmented/train/-3g5yACwYnA[2].wav",
    "Segmented/train/-3g5yACwYnA[3].wav",
    "Segmented/test/zvZd3V5D5Ik[1].wav",
)
VIDEOS = (
    "Raw/Audio/Full/WAV16000/-3g5yACwYnA.wav",
    "Raw/Audio/Full/WAV16000/zvZd3V5D5Ik.wav",
)


def write(root, *lines, header=HEADER, files=SEGMENTS, name="labels.csv"):
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    path = root / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def load(root, scheme="mosei-multilabel", **options):
    """Load a corpus that has nothing to be reported."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_mosei(root, scheme=scheme, **options)


def load_warned(root, scheme="mosei-multilabel", **options):
    with pytest.warns(CorpusWarning):
        return load_mosei(root, scheme=scheme, **options)


def found(corpus, check):
    return [item.message for item in corpus.findings if item.check == check]


def reorder(order, *lines):
    cells = [line.split(",") for line in lines]
    return [",".join(row[at] for at in order) for row in cells]


def test_a_miniature_with_quirks_is_read_and_reported(tmp_path):
    root = make_tree("mosei", tmp_path, quirks=True)
    corpus = load_warned(root, scheme="mosei")
    assert corpus.counts("partition").to_numpy().tolist() == [[2, 2, 2]] * 7
    assert [item.check for item in corpus.findings] == ["hidden", "left out"]
    assert "_q_unlabelled[0].wav" in found(corpus, "left out")[0]
    whole = corpus.select(partition="dev").frame
    assert whole["file"].str.endswith("zvZd3V5D001.wav").any()
    assert np.allclose(whole["end"] - whole["start"], 0.1)
    assert {len(clip) for clip in corpus.clips} == {1600}


def test_a_complete_tree_has_nothing_to_report(tmp_path):
    corpus = load(make_tree("mosei", tmp_path, complete=True), scheme="mosei")
    assert len(corpus) == 60 * 7


def test_a_row_says_all_that_is_known_of_a_clip(tmp_path):
    write(tmp_path, *LINES)
    frame = load(tmp_path).frame
    assert frame["utterance"].tolist() == [
        "-3g5yACwYnA[2]",
        "-3g5yACwYnA[3]",
        "zvZd3V5D5Ik[1]",
    ]
    assert frame["label"].tolist() == ["happy", "neutral", "several"]
    assert frame["speaker"].tolist() == ["-3g5yACwYnA"] * 2 + ["zvZd3V5D5Ik"]
    assert frame["partition"].tolist() == ["train", "train", "test"]
    assert frame["sentiment"].tolist() == [1.0, 0.0, -2.0]
    assert [Path(file).name for file in frame["file"]] == [
        "-3g5yACwYnA[2].wav",
        "-3g5yACwYnA[3].wav",
        "zvZd3V5D5Ik[1].wav",
    ]
    assert frame["start"].tolist() == [0, 0, 0]
    assert frame["end"].isna().all()


def test_the_schemes_make_the_target(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path)
    assert corpus.target.tolist() == [
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 0, 0, 0],
    ]
    single = corpus.with_scheme("mosei")
    assert single.target.tolist() == ["happy", "neutral"]
    assert corpus.with_scheme("mosei4").target.tolist() == ["happy", "neutral"]
    assert corpus.with_scheme("mosei-sentiment").target.tolist() == [1.0, 0.0, -2.0]
    assert load(tmp_path, scheme="mosei").frame.equals(single.frame)


def test_the_target_does_not_travel_with_the_clips(tmp_path):
    write(tmp_path, *LINES)
    assert set(load(tmp_path).clips.columns) == {"speaker", "partition"}


def test_parts_of_whole_videos_are_used_where_there_are_no_segments(tmp_path):
    write(tmp_path, *LINES, files=VIDEOS)
    frame = load(tmp_path).frame
    assert frame["start"].tolist() == [1.5, 4.5, 0.0]
    assert frame["end"].tolist() == [4.5, 6.0, 2.5]
    assert [Path(file).stem for file in frame["file"]] == [
        "-3g5yACwYnA",
        "-3g5yACwYnA",
        "zvZd3V5D5Ik",
    ]


def test_without_numbers_clips_are_counted_and_segments_are_not_trusted(tmp_path):
    order = [at for at in range(12) if at != 1]
    header = reorder(order, HEADER)[0]
    lines = reorder(order, *LINES)
    write(tmp_path, *lines, header=header, files=(*VIDEOS, *SEGMENTS))
    corpus = load_warned(tmp_path)
    frame = corpus.frame
    names = ["-3g5yACwYnA[0]", "-3g5yACwYnA[1]", "zvZd3V5D5Ik[0]"]
    assert frame["utterance"].tolist() == names
    assert frame["end"].tolist() == [4.5, 6.0, 2.5]
    assert "3 files" in found(corpus, "left out")[0]


@pytest.mark.parametrize("order", list(itertools.permutations((8, 9, 10))))
def test_columns_are_taken_by_name_in_any_order(tmp_path, order):
    line = "zvZd3V5D5Ik,1,0,2.5,-2.0,0,0,0,1.0,2.0,3.0,test"
    places = [*range(8), *order, 11]
    header, moved = reorder(places, HEADER, line)
    write(tmp_path, moved, header=header, files=SEGMENTS[2:])
    row = load(tmp_path).frame.iloc[0]
    assert [row[name] for name in ("surprise", "disgust", "fear")] == [1, 2, 3]


def test_other_names_of_the_columns_are_understood(tmp_path):
    header = (
        "Video_ID,Clip_Index,Start_Time,End_Time,Sentiment,Happiness,Sadness,Angry,"
        "Surprised,Disgusted,Fearful,Mode"
    )
    line = LINES[0].replace("train", "valid")
    write(tmp_path, line, header=header, files=SEGMENTS[:1])
    row = load(tmp_path).frame.iloc[0]
    assert (row["happy"], row["partition"]) == (2.0, "dev")


def test_two_columns_of_one_meaning_are_an_error(tmp_path):
    write(tmp_path, LINES[0] + ",1", header=HEADER + ",happiness")
    with pytest.raises(ValueError, match="two columns are the happy"):
        load_mosei(tmp_path)


def test_the_folder_says_the_partition_where_the_table_does_not(tmp_path):
    lines = [line.rpartition(",")[0] for line in LINES]
    write(tmp_path, *lines, header=HEADER.rpartition(",")[0])
    assert load(tmp_path).frame["partition"].tolist() == ["train", "train", "test"]


def test_without_any_partition_there_is_no_such_column(tmp_path):
    lines = [line.rpartition(",")[0] for line in LINES]
    write(tmp_path, *lines, header=HEADER.rpartition(",")[0], files=VIDEOS)
    assert "partition" not in load(tmp_path).frame


def test_files_in_no_folder_of_a_partition_have_none_and_the_others_keep_theirs(
    tmp_path,
):
    header, *lines = [line.rpartition(",")[0] for line in (HEADER, *LINES)]
    files = (*SEGMENTS[:1], VIDEOS[0], SEGMENTS[2])
    write(tmp_path, *lines, header=header, files=files)
    corpus = load_warned(tmp_path)
    frame = corpus.frame
    assert frame["partition"].isna().tolist() == [False, True, False]
    assert frame["partition"].dropna().tolist() == ["train", "test"]
    (finding,) = corpus.findings
    assert (finding.check, finding.files) == ("partition", (frame["file"][1],))
    assert f"1 file ({VIDEOS[0]!r}). Add a column 'split'" in finding.message


def test_a_folder_that_contradicts_the_table_is_reported(tmp_path):
    lines = [line.replace("train", "test") for line in LINES]
    write(tmp_path, *lines)
    corpus = load_warned(tmp_path)
    assert corpus.frame["partition"].tolist() == ["test"] * 3
    (finding,) = corpus.findings
    assert finding.check == "partition"
    assert "2 clips ('-3g5yACwYnA[2]', '-3g5yACwYnA[3]')" in finding.message
    assert finding.files == tuple(corpus.frame["file"][:2])


def test_the_folder_train_may_hold_the_development_set(tmp_path):
    lines = [line.replace("train", "valid") for line in LINES]
    write(tmp_path, *lines)
    assert load(tmp_path).frame["partition"].tolist() == ["dev", "dev", "test"]


def test_a_video_in_two_partitions_is_reported(tmp_path):
    write(tmp_path, LINES[0], LINES[1].replace("train", "dev"), LINES[2])
    (message,) = found(load_warned(tmp_path), "partition")
    assert message == "In more than one partition: 1 video ('-3g5yACwYnA')."


def test_splits_that_are_numbers_are_refused_with_line_and_values(tmp_path):
    lines = [
        f"{line.rpartition(',')[0]},{split}"
        for line, split in zip(LINES, "200", strict=True)
    ]
    path = write(tmp_path, *lines)
    match = rf"{path}', line 2: split is '2', and no line has .* there are '0', '2'\."
    with pytest.raises(ValueError, match=match):
        load_mosei(tmp_path)


@pytest.mark.parametrize("cell", ["sentiment", "end", "video", "clip"])
def test_a_table_without_a_line_to_be_used_is_no_clip(tmp_path, cell):
    at = HEADER.split(",").index(cell)
    rows = [line.split(",") for line in LINES]
    write(tmp_path, *(",".join([*row[:at], "", *row[at + 1 :]]) for row in rows))
    with pytest.raises(ValueError, match=r"no clip of CMU-MOSEI\. Left out of .* 2: "):
        load_mosei(tmp_path)
    write(tmp_path)
    with pytest.raises(ValueError, match=r"CMU-MOSEI\. .* no line below its header"):
        load_mosei(tmp_path)


def test_the_table_of_nkululeko_is_refused_with_the_reason(tmp_path):
    header = "file,index,start,end,label2a,label2b,label6,label7,split"
    write(tmp_path, "a.wav,0,0,1,0,0,0,3,0", header=header)
    with pytest.raises(ValueError, match=r"clips without emotion count as happy"):
        load_mosei(tmp_path)


def test_a_table_without_names_is_refused(tmp_path):
    write(tmp_path, *LINES[1:], header=LINES[0])
    with pytest.raises(ValueError, match=r"no header: it begins with '-3g5yACwYnA,2"):
        load_mosei(tmp_path)


def test_two_tables_are_refused(tmp_path):
    write(tmp_path, *LINES)
    write(tmp_path, *LINES, name="again.csv")
    with pytest.raises(ValueError, match=r"2 files \('again.csv', 'labels.csv'\)"):
        load_mosei(tmp_path)


def test_a_table_that_says_no_part_is_refused(tmp_path):
    header, *lines = reorder([0, *range(4, 12)], HEADER, *LINES)
    write(tmp_path, *lines, header=header)
    with pytest.raises(ValueError, match="neither a column 'clip' nor"):
        load_mosei(tmp_path)


@pytest.mark.parametrize(
    ("column", "value"),
    [("happy", "3.1"), ("fear", "-0.1"), ("sentiment", "4"), ("sad", "much")],
)
def test_a_value_out_of_range_is_an_error_that_names_the_line(tmp_path, column, value):
    cells = LINES[2].split(",")
    cells[HEADER.split(",").index(column)] = value
    path = write(tmp_path, *LINES[:2], ",".join(cells))
    with pytest.raises(ValueError, match=rf"{path}', line 4: {column} is '{value}'"):
        load_mosei(tmp_path)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,1,0,1,0,,0,0,0,0,0,train", "a value is missing"),
        (",1,0,1,0,0,0,0,0,0,0,train", "'' is no video"),
        ("../../etc/passwd,1,0,1,0,0,0,0,0,0,0,train", "passwd' is no video"),
        ("a,x,0,1,0,0,0,0,0,0,0,train", "'x' is no number of a clip"),
        ("a,1,2,1,0,0,0,0,0,0,0,train", "2 s to 1 s is no part"),
        ("a,1,-1,1,0,0,0,0,0,0,0,train", "-1 s to 1 s is no part"),
        ("zvZd3V5D5Ik,7,0,1,0,0,0,0,0,0,0,moon", "'moon' is no known split"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_left_out(tmp_path, line, reason):
    files = (*SEGMENTS, "Segmented/test/zvZd3V5D5Ik[7].wav")
    path = write(tmp_path, *LINES, line, files=files)
    corpus = load_warned(tmp_path)
    assert len(corpus) == 3
    (finding,) = found(corpus, "annotation")
    assert f"{str(path)!r}: line 5: " in finding
    assert reason in finding


def test_a_clip_that_is_listed_twice_and_differently_is_an_error(tmp_path):
    path = write(tmp_path, *LINES, LINES[0].replace("2.0", "1.0"))
    match = rf"{path}', line 5: '-3g5yACwYnA', '2' is in line 2 already"
    with pytest.raises(ValueError, match=match):
        load_mosei(tmp_path)


def test_a_line_that_is_there_twice_is_read_once(tmp_path):
    write(tmp_path, *LINES, LINES[0])
    assert len(load_warned(tmp_path)) == 3


def test_labels_without_recording_and_the_reverse_are_reported(tmp_path):
    files = (*SEGMENTS[:2], "Segmented/train/other[0].wav")
    write(tmp_path, *LINES, files=files)
    corpus = load_warned(tmp_path)
    assert len(corpus) == 2
    assert "1 ('zvZd3V5D5Ik[1]')" in found(corpus, "missing")[0]
    assert "other[0].wav" in found(corpus, "left out")[0]


def test_a_copy_of_a_recording_is_left_out(tmp_path):
    write(
        tmp_path, *LINES, files=(*SEGMENTS, "copy/Segmented/train/zvZd3V5D5Ik[1].wav")
    )
    corpus = load_warned(tmp_path)
    assert len(corpus) == 3
    assert len(found(corpus, "copy")) == 1


def test_a_table_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = write(tmp_path, *LINES)
    path.write_bytes(path.read_bytes() + b"\xff\n")
    with pytest.raises(ValueError, match=r"line 5: byte 0xff is not UTF-8"):
        load_mosei(tmp_path)


def test_a_root_without_clips_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"no clip of CMU-MOSEI.*Segmented/train"):
        load_mosei(tmp_path)
    write(tmp_path, *LINES, files=())
    with pytest.raises(ValueError, match=r"without a recording: 3"):
        load_mosei(tmp_path)
    with pytest.raises(ValueError, match="does not exist"):
        load_mosei(tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_name_that_is_no_text_works(tmp_path):
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"a\xff"))
    corpus = load_warned(make_tree("mosei", folder, quirks=True), scheme="mosei")
    assert corpus.frame["file"].str.startswith(folder).all()


def test_it_can_be_pickled_and_had_alone(tmp_path):
    write(tmp_path, *LINES)
    corpus = load(tmp_path)
    assert pickle.loads(pickle.dumps(corpus)).frame.equals(corpus.frame)
    clips, target = load(tmp_path, scheme="mosei", return_X_y=True)
    assert len(clips) == len(target) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    video=st.from_regex(r"\A[-_A-Za-z0-9]{11}\Z"),
    clip=st.integers(0, 200),
    values=st.lists(st.sampled_from([0, 0, 0, 0.5, 3]), min_size=6, max_size=6),
)
def test_a_label_is_the_one_emotion_above_zero(tmp_path_factory, video, clip, values):
    root = tmp_path_factory.mktemp("mosei")
    line = f"{video},{clip},0,1,0,{','.join(map(str, values))},train"
    write(root, line, files=[f"Segmented/train/{video}[{clip}].wav"])
    (row,) = load(root).frame.to_dict("records")
    shown = [name for name, value in zip(EMOTIONS, values, strict=True) if value]
    expected = {0: "neutral", 1: "".join(shown)}.get(len(shown), "several")
    assert row["label"] == expected
    assert row["utterance"] == f"{video}[{clip}]"
