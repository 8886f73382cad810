"""Tables of users: paths, times, labels, and what is wrong with them."""

import os
import pickle
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sersk.datasets import AttributeScheme, LabelScheme, load_emodb
from sersk.datasets._table import load_table
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning

HEADER = "file,start,end,speaker,emotion"
LINES = ("a1.wav,0,1.5,anna,sad", "a1.wav,1.5,,anna,happy", "b/b1.wav,,,bob,sad")
TWO = LabelScheme("two", ("happy", "sad"))


def write(root, *lines, header=HEADER, name="mine.csv", files=("a1.wav", "b/b1.wav")):
    touch(root, *files)
    root.mkdir(exist_ok=True)
    path = root / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def touch(root, *files):
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def load(*args, **options):
    """Load a corpus that has nothing to be reported."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_table(*args, **options)


def load_warned(*args, **options):
    with pytest.warns(CorpusWarning):
        return load_table(*args, **options)


def found(corpus, check):
    return [item.message for item in corpus.findings if item.check == check]


def test_a_csv_file_is_read(tmp_path):
    corpus = load(write(tmp_path, *LINES))
    frame = corpus.frame
    assert corpus.name == "mine"
    assert corpus.scheme == LabelScheme("mine", ("happy", "sad"))
    assert corpus.target.tolist() == ["sad", "happy", "sad"]
    assert corpus.clips.speaker.tolist() == ["anna", "anna", "bob"]
    assert frame["start"].tolist() == [0.0, 1.5, 0.0]
    assert frame["end"].fillna(-1).tolist() == [1.5, -1, -1]
    assert frame["file"].tolist() == [
        str(tmp_path / "a1.wav"),
        str(tmp_path / "a1.wav"),
        str(tmp_path / "b" / "b1.wav"),
    ]
    assert frame["utterance"].tolist() == [
        "a1.wav[0-1.5]",
        "a1.wav[1.5-nan]",
        os.path.join("b", "b1.wav"),
    ]


def test_a_root_may_be_elsewhere(tmp_path):
    touch(tmp_path / "audio", "a1.wav", "b/b1.wav")
    path = write(tmp_path / "tables", *LINES, files=())
    corpus = load(path, tmp_path / "audio")
    assert corpus.clips.files[0] == str(tmp_path / "audio" / "a1.wav")


def test_a_data_frame_is_read(tmp_path):
    touch(tmp_path, "a1.wav", "b1.wav")
    table = pd.DataFrame(
        {
            "file": ["a1.wav", tmp_path / "b1.wav"],
            "emotion": pd.Categorical(["sad", "happy"]),
            "speaker": [1, 2],
            "arousal": [0.5, np.nan],
        },
        index=[7, 7],
    )
    corpus = load(table, tmp_path)
    assert corpus.name == "table"
    assert corpus.clips.speaker.tolist() == ["1", "2"]
    assert corpus.attributes["arousal"].fillna(-1).tolist() == [0.5, -1]
    assert table.columns.tolist() == ["file", "emotion", "speaker", "arousal"]


def test_paths_of_a_data_frame_may_be_absolute(tmp_path):
    touch(tmp_path, "a1.wav", "b1.wav")
    files = [str(tmp_path / "a1.wav"), str(tmp_path / "b1.wav")]
    table = pd.DataFrame({"file": files, "emotion": ["a", "b"], "speaker": ["1", "2"]})
    assert load(table).clips.files.tolist() == files


@pytest.mark.parametrize("segmented", [False, True])
def test_the_index_of_audformat_is_read(tmp_path, segmented):
    touch(tmp_path, "a1.wav", "b1.wav")
    columns = {"emotion": ["sad", "happy"], "speaker": ["a", "b"]}
    if segmented:
        index = pd.MultiIndex.from_arrays(
            [
                ["a1.wav", "b1.wav"],
                pd.to_timedelta([0.5, 0], unit="s"),
                pd.to_timedelta([2, None], unit="s"),
            ],
            names=["file", "start", "end"],
        )
    else:
        index = pd.Index(["a1.wav", "b1.wav"], name="file")
    frame = load(pd.DataFrame(columns, index=index), tmp_path).frame
    assert frame["start"].tolist() == ([0.5, 0] if segmented else [0, 0])
    assert frame["end"].fillna(-1).tolist() == ([2, -1] if segmented else [-1, -1])


def test_durations_in_a_csv_file_of_audformat_are_read(tmp_path):
    lines = (
        "a1.wav,0 days 00:00:00.500000,0 days 00:00:01.250000,anna,sad",
        "b/b1.wav,0 days,NaT,bob,happy",
        "a1.wav,2,3,anna,sad",
    )
    frame = load(write(tmp_path, *lines)).frame
    assert frame["start"].tolist() == [0.5, 0.0, 2.0]
    assert frame["end"].fillna(-1).tolist() == [1.25, -1, 3.0]


def test_columns_of_other_names_can_be_meant(tmp_path):
    header = "path,spk,majority,emotion"
    path = write(tmp_path, "a1.wav,anna,sad,x", "b/b1.wav,bob,happy,y", header=header)
    columns = {"file": "path", "speaker": "spk", "emotion": "majority"}
    corpus = load(path, columns=columns)
    assert corpus.target.tolist() == ["sad", "happy"]
    assert "majority" not in corpus.frame


def test_the_label_may_be_called_label(tmp_path):
    header = HEADER.replace("emotion", "label")
    corpus = load(write(tmp_path, *LINES, header=header))
    assert corpus.target.tolist() == ["sad", "happy", "sad"]


def test_further_columns_are_kept(tmp_path):
    lines = [f"{line},{number},00{number}" for number, line in enumerate(LINES)]
    path = write(tmp_path, *lines, header=HEADER + ",votes_sad,take")
    frame = load(path).frame
    assert frame["votes_sad"].tolist() == [0, 1, 2]
    assert frame["take"].tolist() == ["000", "001", "002"]


def test_a_scheme_can_be_given_and_changed(tmp_path):
    path = write(tmp_path, *LINES)
    merged = LabelScheme("m", ("low", "high"), {"sad": "low", "happy": "high"})
    corpus = load(path, scheme=merged, name="my own")
    assert corpus.name == "my own"
    assert corpus.target.tolist() == ["low", "high", "low"]
    assert corpus.frame["label"].tolist() == ["sad", "happy", "sad"]
    assert corpus.with_scheme(TWO).target.tolist() == ["sad", "happy", "sad"]
    assert load(path, scheme="valence3").target.tolist() == [
        "negative",
        "positive",
        "negative",
    ]


def test_attributes_need_no_label(tmp_path):
    header = "file,speaker,arousal,valence,dominance"
    lines = ("a1.wav,anna,1,2,3", "b/b1.wav,bob,,2,3")
    path = write(tmp_path, *lines, header=header)
    corpus = load(path, scheme="iemocap-attributes")
    assert corpus.target.tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match=r"no column 'emotion'.*pass a scheme of them"):
        load_table(path)
    one = load_table(path, scheme=AttributeScheme("one", ("valence",)))
    assert one.target.tolist() == [2, 2]


def test_labels_in_no_class_are_reported(tmp_path):
    path = write(tmp_path, *LINES, "a1.wav,5,6,anna,saad")
    corpus = load_warned(path, scheme=TWO)
    assert len(corpus) == 3
    assert found(corpus, "left out") == [
        "Left out, in no class of the scheme two: 'saad' 1."
    ]


@pytest.mark.parametrize("label", ["", "nan", "None", " "])
def test_rows_without_a_label_are_named_and_left_out(tmp_path, label):
    path = write(tmp_path, *LINES, f"a1.wav,5,6,anna,{label}")
    corpus = load_warned(path)
    assert len(corpus) == 3
    assert (
        f"{str(path)!r}: line 5: 'a1.wav' has no label."
        in found(corpus, "annotation")[0]
    )


def test_without_speakers_no_split_is_to_be_trusted(tmp_path):
    path = write(tmp_path, "a1.wav,sad", "b/b1.wav,happy", header="file,emotion")
    corpus = load_warned(path)
    assert "cannot be kept free of common speakers" in found(corpus, "speaker")[0]
    assert "speaker" not in corpus.frame


def test_unknown_speakers_are_taken_for_one(tmp_path):
    path = write(tmp_path, *LINES, "a1.wav,5,6,,sad", "a1.wav,6,7,nan,sad")
    corpus = load_warned(path)
    assert corpus.clips.speaker[3:].tolist() == ["unknown", "unknown"]
    assert "2 clips have no speaker" in found(corpus, "speaker")[0]


def test_files_that_are_not_there_are_named_and_left_out(tmp_path):
    path = write(tmp_path, *LINES, "gone.wav,,,anna,sad", "no/gone.wav,,,anna,sad")
    corpus = load_warned(path)
    assert len(corpus) == 3
    (finding,) = found(corpus, "annotation")
    assert "line 5: 'gone.wav' is not there; line 6: " in finding


def test_a_table_none_of_whose_files_is_there_is_an_error(tmp_path):
    path = write(tmp_path, *LINES, files=())
    with pytest.raises(ValueError, match="3 files, and none of them is there"):
        load_table(path)


@pytest.mark.parametrize(
    "name",
    [
        "a1.wav",
        "./a1.wav",
        "x/../a1.wav",
        "{root}/a1.wav",
        "{root}/x/../a1.wav",
        "link.wav",
        "linked/a1.wav",
        "linked/link.wav",
    ],
)
def test_a_clip_that_is_listed_twice_and_differently_is_an_error(tmp_path, name):
    (tmp_path / "x").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "a1.wav")
    (tmp_path / "linked").symlink_to(tmp_path, target_is_directory=True)
    name = name.format(root=tmp_path)
    path = write(tmp_path, *LINES, f"{name},0.0,1.50,anna,happy")
    match = rf"{path}', line 5: '.*a1.wav', '0.0', '1.5' is in line 2 already"
    with pytest.raises(ValueError, match=match):
        load_table(path)
    path = write(tmp_path, *LINES, f"{name},0.0,1.50,anna,sad ")
    corpus = load_warned(path)
    assert len(corpus) == 3
    assert "line 5: a copy of a line before" in found(corpus, "copy")[0]


def test_a_whole_file_with_two_labels_is_an_error(tmp_path):
    path = write(tmp_path, *LINES, "b/b1.wav,,,bob,happy")
    with pytest.raises(ValueError, match=r"line 5: .* is in line 4 already"):
        load_table(path)


def test_a_line_that_is_there_twice_is_read_once(tmp_path):
    corpus = load_warned(write(tmp_path, *LINES, LINES[2]))
    assert len(corpus) == 3
    assert "line 5: a copy" in found(corpus, "copy")[0]


@pytest.mark.parametrize(
    "name",
    ["../out.wav", "b/../../out.wav", "{out}", "link.wav", "linked/out.wav", ".."],
)
def test_paths_may_not_leave_the_root_unless_asked(tmp_path, name):
    root = tmp_path / "root"
    touch(tmp_path, "out.wav")
    touch(root, "a1.wav", "b/b1.wav")
    (root / "link.wav").symlink_to(tmp_path / "out.wav")
    (root / "linked").symlink_to(tmp_path, target_is_directory=True)
    line = f"{name.format(out=tmp_path / 'out.wav')},,,anna,sad"
    path = write(root, *LINES, line)
    with pytest.raises(ValueError, match=r"line 5: .* leads out of the folder"):
        load_table(path)
    if name != "..":
        assert len(load(path, allow_outside=True)) == 4


def test_links_within_the_root_and_to_it_are_followed(tmp_path):
    path = write(tmp_path / "real", *LINES, "c/a1.wav,,,c,sad")
    (tmp_path / "real" / "c").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "link").symlink_to(path.parent, target_is_directory=True)
    assert len(load(tmp_path / "link" / "mine.csv")) == 4


def test_absolute_paths_in_the_root_are_fine(tmp_path):
    path = write(tmp_path, *LINES, f"{tmp_path / 'b' / 'b1.wav'},1,2,bob,sad")
    assert len(load(path)) == 4


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("a1.wav,one,2,anna,sad", "line 5: start is 'one', which is no number"),
        ("a1.wav,inf,,anna,sad", "line 5: start is 'inf', which is no number"),
        ("a1.wav,0:x,2,anna,sad", "line 5: start is '0:x', which is no number"),
        ("a1.wav,3,2,anna,sad", "line 5: 3 s to 2 s is no part"),
        ("a1.wav,-3,2,anna,sad", "line 5: -3 s to 2 s is no part"),
        (",0,2,anna,sad", "line 5: names no file"),
        ("a1.wav,0,2,anna", "line 5: has 4 columns"),
    ],
)
def test_a_line_that_cannot_be_meant_is_an_error(tmp_path, line, match):
    path = write(tmp_path, *LINES, line)
    with pytest.raises(ValueError, match=match):
        load_table(path)


def test_missing_columns_are_named(tmp_path):
    path = write(tmp_path, *LINES)
    with pytest.raises(ValueError, match=r"no column 'spk'\. It has 'file', 'start'"):
        load_table(path, columns={"speaker": "spk"})
    path = write(tmp_path, "x,sad", header="path,emotion")
    with pytest.raises(ValueError, match="no column 'file'"):
        load_table(path)


def test_one_label_is_nothing_to_tell_apart(tmp_path):
    path = write(tmp_path, *LINES[2:])
    with pytest.raises(ValueError, match="only the label 'sad'"):
        load_table(path)
    assert load(path, scheme=TWO).target.tolist() == ["sad"]


def test_no_labels_at_all_are_an_error(tmp_path):
    with pytest.raises(ValueError, match="no line with a label"):
        load_table(write(tmp_path, "a1.wav,,,anna,"))


def test_a_table_that_cannot_be_read(tmp_path):
    with pytest.raises(ValueError, match=r"gone.csv' cannot be read"):
        load_table(tmp_path / "gone.csv")
    path = write(tmp_path, *LINES)
    path.write_bytes(path.read_bytes() + b"\xff\n")
    with pytest.raises(ValueError, match="line 5: byte 0xff"):
        load_table(path)
    with pytest.raises(TypeError, match="path of a csv file or a DataFrame"):
        load_table([1, 2])


@pytest.mark.parametrize("name", ["-a [b]*?.wav", "Gefühl & Ärger.wav", "a b'c.wav"])
def test_odd_names_work(tmp_path, name):
    path = write(tmp_path, *LINES, f'"{name}",,,anna,sad', files=("a1.wav", name))
    corpus = load_warned(path)
    assert corpus.clips.files[-1] == str(tmp_path / name)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text_work(tmp_path):
    name = os.fsdecode(b"a\xff.wav")
    touch(tmp_path, name, "b.wav")
    files = pd.Series([name, "b.wav"], dtype=object)
    table = pd.DataFrame({"file": files, "emotion": ["a", "b"], "speaker": ["1", "2"]})
    assert load(table, tmp_path).clips.files[0] == os.path.join(tmp_path, name)


def test_a_corpus_that_was_written_is_read_again(tmp_path):
    with pytest.warns(CorpusWarning):
        corpus = load_emodb(make_tree("emodb", tmp_path / "emodb"))
    path = tmp_path / "emodb" / "table.csv"
    corpus.frame.to_csv(path, index=False)
    again = load(path, scheme="emodb", name="emodb")
    assert again.target.tolist() == corpus.target.tolist()
    expected = corpus.frame.drop(columns="end").to_dict("list")
    assert again.frame[list(expected)].to_dict("list") == expected


def test_it_can_be_pickled_and_had_alone(tmp_path):
    path = write(tmp_path, *LINES)
    corpus = load(path)
    assert pickle.loads(pickle.dumps(corpus)).frame.equals(corpus.frame)
    clips, target = load(path, return_X_y=True, sampling_rate=8_000)
    assert clips.sampling_rate == 8_000
    assert target.tolist() == ["sad", "happy", "sad"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e4, allow_nan=False),
            st.floats(0.001, 100),
            st.sampled_from(["anna", "bob"]),
            st.sampled_from(["sad", "happy"]),
        ),
        min_size=1,
        unique_by=lambda row: (row[0], row[0] + row[1]),
    )
)
def test_times_and_labels_are_read_back(tmp_path, rows):
    lines = [
        f"a1.wav,{start!r},{start + length!r},{speaker},{label}"
        for start, length, speaker, label in rows
    ]
    corpus = load(write(tmp_path, *lines), scheme=TWO)
    frame = corpus.frame
    assert frame["start"].tolist() == [row[0] for row in rows]
    assert frame["end"].tolist() == [row[0] + row[1] for row in rows]
    assert corpus.target.tolist() == [row[3] for row in rows]
