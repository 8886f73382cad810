from itertools import product
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersk.datasets import get_scheme, load_ravdess
from sersk.datasets._ravdess import ACTORS, PUBLISHED, RavdessName, row_of
from sersk.datasets._tree import LeftOut
from sersk.utils import CorpusWarning

TWO = st.sampled_from(["01", "02"])
NAMES = st.builds(
    RavdessName,
    modality=st.sampled_from(["01", "02", "03"]),
    channel=TWO,
    emotion=st.sampled_from([f"{code:02d}" for code in range(1, 9)]),
    intensity=TWO,
    sentence=TWO,
    repetition=TWO,
    actor=st.sampled_from(ACTORS),
)


def speech_of(actor):
    """Return the names of an actor's 60 clips."""
    return [
        RavdessName("03", "01", emotion, intensity, *rest, actor).format()
        for emotion, intensity, *rest in product(
            [f"{code:02d}" for code in range(1, 9)], *[["01", "02"]] * 3
        )
        if (emotion, intensity) != ("01", "02")
    ]


def make_tree(folder, actors=ACTORS, suffix=".wav"):
    """Write empty files under the names of the original."""
    for actor in actors:
        (folder / f"Actor_{actor}").mkdir(parents=True)
        for stem in speech_of(actor):
            (folder / f"Actor_{actor}" / (stem + suffix)).touch()
    return folder


def row(stem):
    return row_of(PurePath(f"/data/{stem}.wav"))


@given(NAMES)
def test_a_name_is_read_as_it_is_written(name):
    assert RavdessName.parse(name.format()) == name


@given(st.text(alphabet="0123-", min_size=18, max_size=21))
def test_what_is_read_is_a_name_or_left_out(stem):
    try:
        name = RavdessName.parse(stem)
    except LeftOut:
        return
    assert name.format() == stem


def test_a_name_says_everything():
    assert row("03-01-06-02-01-02-12") == {
        "utterance": "03-01-06-02-01-02-12",
        "label": "fearful",
        "speaker": "12",
        "gender": "female",
        "sentence": "kids",
        "intensity": "strong",
        "repetition": 2,
    }


@pytest.mark.parametrize(
    ("code", "emotion"),
    [
        (1, "neutral"),
        (2, "calm"),
        (3, "happy"),
        (4, "sad"),
        (5, "angry"),
        (6, "fearful"),
        (7, "disgust"),
        (8, "surprised"),
    ],
)
def test_the_codes_of_the_emotions(code, emotion):
    assert row(f"03-01-{code:02d}-01-02-01-07")["label"] == emotion


def test_odd_actors_are_men():
    genders = [row(f"03-01-01-01-01-01-{a}")["gender"] for a in ACTORS]
    assert genders == ["male", "female"] * 12


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        ("03-02-05-01-01-01-07", "song"),
        ("02-01-05-01-01-01-07", "video"),
        ("01-01-05-01-01-01-07", "video"),
        ("03-01-01-02-01-01-07", "neutral of strong intensity"),
        ("03-01-09-01-01-01-07", "no name of a RAVDESS clip"),
        ("03-01-05-03-01-01-07", "no name of a RAVDESS clip"),
        ("03-01-05-01-01-01-25", "no name of a RAVDESS clip"),
        ("03-01-05-01-01-01-00", "no name of a RAVDESS clip"),
        ("03-01-05-01-01-01", "no name of a RAVDESS clip"),
        ("03-01-05-01-01-01-07-01", "no name of a RAVDESS clip"),
        ("03-01-05-01-01-01-1\u0661", "no name of a RAVDESS clip"),
    ],
)
def test_what_is_no_speech_of_the_corpus_is_left_out(stem, reason):
    with pytest.raises(LeftOut, match=reason):
        row(stem)


def test_the_published_counts_agree_with_each_other():
    published = PUBLISHED
    assert published.total == 1440
    assert sum(published.per_speaker.values()) == 1440
    assert published.per_class["neutral"] == 96
    assert set(published.per_class.values()) == {96, 192}
    assert len(speech_of("01")) == published.per_speaker["01"] == 60


def test_a_complete_tree_is_loaded_without_a_finding(tmp_path):
    corpus = load_ravdess(make_tree(tmp_path))
    assert len(corpus) == 1440
    assert corpus.problems == []
    counts = corpus.counts()
    assert counts.index.tolist() == list(get_scheme("ravdess").classes)
    assert counts.loc["neutral"].unique().tolist() == [4]
    assert counts.drop("neutral").to_numpy().min() == 8
    assert counts.drop("neutral").to_numpy().max() == 8


def test_the_original_layout_and_a_nested_copy_of_it(tmp_path):
    make_tree(tmp_path / "Audio_Speech_Actors_01-24")
    make_tree(tmp_path / "Audio_Speech_Actors_01-24" / "audio_speech_actors_01-24")
    with pytest.warns(CorpusWarning, match="1440 of 1440 clips loaded"):
        corpus = load_ravdess(tmp_path)
    (finding,) = corpus.problems
    assert finding.startswith("Left out, another copy")
    assert "1440 files" in finding
    assert not any("audio_speech" in file for file in corpus.clips.files)


def test_song_and_video_are_left_out_and_reported(tmp_path):
    make_tree(tmp_path)
    folder = tmp_path / "Actor_07"
    (folder / "03-02-05-01-01-01-07.wav").touch()
    (folder / "03-02-06-01-01-01-07.wav").touch()
    (folder / "02-01-05-01-01-01-07.wav").touch()
    (folder / "01-01-05-01-01-01-07.mp4").touch()
    with pytest.warns(CorpusWarning):
        corpus = load_ravdess(tmp_path)
    assert len(corpus) == 1440
    found = sorted(corpus.problems)
    assert [finding.split(": ")[0] for finding in found] == [
        "Left out, neither WAV nor FLAC",
        "Left out, song (vocal channel 02)",
        "Left out, video or its sound track (modality 01 or 02)",
    ]
    assert "2 files" in found[1]


def test_the_actor_is_that_of_the_name_not_of_the_folder(tmp_path):
    (tmp_path / "Actor_01").mkdir()
    (tmp_path / "Actor_01" / "03-01-05-01-01-01-02.wav").touch()
    with pytest.warns(CorpusWarning):
        corpus = load_ravdess(tmp_path)
    assert corpus.clips.speaker.tolist() == ["02"]


def test_clips_carry_neither_emotion_nor_intensity(tmp_path):
    clips, target = load_ravdess(make_tree(tmp_path), return_X_y=True)
    assert set(clips.columns) == {"speaker", "gender", "sentence"}
    assert clips.shape == target.shape == (1440,)


def test_half_of_the_real_corpus_is_loaded_and_the_other_half_reported(ravdess_root):
    with pytest.warns(CorpusWarning, match="720 of 1440 clips loaded") as caught:
        corpus = load_ravdess(ravdess_root)
    assert len(caught) == 1
    assert repr(corpus) == (
        "<Corpus ravdess: 720 clips, 12 speakers; neutral 48, calm 96, happy 96, "
        "sad 96, angry 96, fearful 96, disgust 96, surprised 96>"
    )
    missing = [f"speaker {actor}: 0 of 60 clips." for actor in ACTORS[12:]]
    assert corpus.problems[:12] == missing
    assert len(corpus.problems) == 12 + 8


def test_the_real_clips_open(ravdess_root):
    with pytest.warns(CorpusWarning):
        corpus = load_ravdess(ravdess_root)
    clips = corpus.select(speaker="07", emotion="neutral").clips
    assert [3.0 < len(waveform) / 16_000 < 5.0 for waveform in clips] == [True] * 4


@pytest.mark.parametrize(
    ("folder", "is_other"),
    [("Actor_05", True), ("actor 5", True), ("Actor_01", False), ("Actors", False)],
)
def test_a_clip_in_the_folder_of_another_actor_is_reported(tmp_path, folder, is_other):
    path = tmp_path / folder / "03-01-01-01-01-01-01.wav"
    path.parent.mkdir()
    path.touch()
    with pytest.warns(CorpusWarning):
        corpus = load_ravdess(tmp_path)
    assert corpus.clips.speaker.tolist() == ["01"]
    found = [item for item in corpus.findings if item.check == "contradiction"]
    assert [item.files for item in found] == [(str(path),)] * is_other
