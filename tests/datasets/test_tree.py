"""What all loaders of named files share, shown on EmoDB."""

import os
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersk import AudioClips
from sersk.datasets import Corpus, load_emodb
from sersk.utils import CorpusWarning


def make_files(folder, *names):
    """Write empty files: loading opens none."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def load(root, **options):
    """Load without the warning, which every partial corpus gives."""
    with pytest.warns(CorpusWarning):
        return load_emodb(root, **options)


def names(corpus):
    return [Path(file).name for file in corpus.clips.files]


def findings(corpus, word):
    return [problem for problem in corpus.problems if word in problem]


def test_the_files_are_found_and_read(tmp_path):
    soundfile.write(tmp_path / "03a01Fa.wav", np.full(800, 0.5), 16_000)
    soundfile.write(tmp_path / "08b10Wd.flac", np.full(1_600, 0.25), 8_000)
    corpus = load(tmp_path)
    assert names(corpus) == ["03a01Fa.wav", "08b10Wd.flac"]
    assert [len(waveform) for waveform in corpus.clips] == [800, 3_200]
    assert corpus.clips[0].max() == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("folder", [".", "wav", "download/emodb (1)/wav"])
def test_the_root_may_be_the_folder_or_one_above(tmp_path, folder):
    make_files(tmp_path / folder, "03a01Fa.wav", "08b10Wd.wav")
    assert names(load(tmp_path)) == ["03a01Fa.wav", "08b10Wd.wav"]


def test_the_order_is_that_of_the_names_whatever_the_folders(tmp_path):
    make_files(tmp_path, "z/03a01Fa.wav", "a/16a01Fa.flac", "m/08a01Fa.wav")
    assert names(load(tmp_path)) == ["03a01Fa.wav", "08a01Fa.wav", "16a01Fa.flac"]


def test_paths_begin_with_the_root_as_given(tmp_path, monkeypatch):
    make_files(tmp_path, "emodb/wav/03a01Fa.wav")
    monkeypatch.chdir(tmp_path)
    expected = os.path.join("emodb", "wav", "03a01Fa.wav")
    assert load("emodb").clips.files.tolist() == [expected]
    assert load(Path("emodb")).frame["file"].tolist() == [expected]


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(make_files(tmp_path, "emodb/03a01Fa.wav")))
    assert len(load("~/emodb")) == 1


def test_whole_files_have_no_end(tmp_path):
    frame = load(make_files(tmp_path, "03a01Fa.wav")).frame
    first = ["file", "start", "end", "utterance", "emotion", "label", "speaker"]
    assert frame.columns[:7].tolist() == first
    assert frame["start"].tolist() == [0.0]
    assert frame["end"].isna().all()


@pytest.mark.parametrize("suffix", [".wav", ".WAV", ".Flac", ".flac"])
def test_the_case_of_the_suffix_does_not_matter(tmp_path, suffix):
    assert len(load(make_files(tmp_path, f"03a01Fa{suffix}"))) == 1


def test_hidden_files_and_folders_are_none_of_the_corpus(tmp_path):
    make_files(tmp_path, "03a01Fa.wav", "._03a01Fa.wav", "._08a01Fa.wav")
    make_files(tmp_path, ".trash/08a01Fa.wav", "__MACOSX/._08a01Wa.wav")
    corpus = load(tmp_path)
    assert names(corpus) == ["03a01Fa.wav"]
    assert findings(corpus, "Left out") == []
    (finding,) = findings(corpus, "Hidden")
    assert "4 files" in finding
    assert repr(os.path.join(".trash", "08a01Fa.wav")) in finding


def test_recordings_of_other_names_are_reported(tmp_path):
    make_files(tmp_path, "03a01Fa.wav", "wav/noise.wav", "03a01Fa copy.wav")
    corpus = load(tmp_path)
    assert len(corpus) == 1
    (finding,) = findings(corpus, "no name of an EmoDB clip")
    assert "2 files" in finding
    assert repr(os.path.join("wav", "noise.wav")) in finding
    assert "'03a01Fa copy.wav'" in finding


def test_only_some_names_are_listed_when_there_are_many(tmp_path):
    foreign = [f"foreign {index}.wav" for index in range(9)]
    make_files(tmp_path, "03a01Fa.wav", *foreign)
    (finding,) = findings(load(tmp_path), "no name")
    assert "9 files" in finding
    assert "foreign 4.wav', ...)" in finding
    assert "foreign 5" not in finding


def test_recordings_of_other_formats_are_reported_and_texts_are_not(tmp_path):
    make_files(tmp_path, "03a01Fa.wav", "08a01Fa.mp3", "README.txt", "03a01Fa.lab")
    (finding,) = findings(load(tmp_path), "Left out")
    assert finding == "Left out, neither WAV nor FLAC: 1 file ('08a01Fa.mp3')."


def test_of_a_nested_copy_the_outer_one_is_kept(tmp_path):
    tree = ["wav/03a01Fa.wav", "wav/08a01Fa.wav"]
    make_files(tmp_path, *tree)
    make_files(tmp_path / "wav" / "emodb", *tree)
    corpus = load(tmp_path)
    expected = [str(tmp_path / file) for file in tree]
    assert corpus.clips.files.tolist() == expected
    (finding,) = findings(corpus, "another copy")
    assert "2 files" in finding


def test_of_wav_and_flac_the_wav_is_kept(tmp_path):
    corpus = load(make_files(tmp_path, "03a01Fa.flac", "03a01Fa.WAV"))
    assert names(corpus) == ["03a01Fa.WAV"]
    assert findings(corpus, "another copy") == [
        "Left out, another copy of a clip that is there: 1 file ('03a01Fa.flac')."
    ]


def test_what_is_missing_is_warned_of_once_and_listed(tmp_path):
    make_files(tmp_path, "03a01Fa.wav", "03a01Wa.wav", "what.wav")
    with pytest.warns(CorpusWarning) as caught:
        corpus = load_emodb(tmp_path)
    (warning,) = caught
    assert "EmoDB" in str(warning.message)
    assert "2 of 535 clips loaded" in str(warning.message)
    assert f"findings: {len(corpus.problems)}" in str(warning.message)
    # The line to look at is the one that called the loader.
    assert warning.filename == __file__
    assert "speaker 03: 2 of 49 clips." in corpus.problems
    assert "speaker 16: 0 of 71 clips." in corpus.problems
    assert "emotion anger: 1 of 127 clips." in corpus.problems
    # Ten speakers, seven classes and a foreign name.
    assert len(corpus.problems) == 18


def test_more_clips_than_a_speaker_has_are_refused(tmp_path):
    versions = "abcdefghijklmnopqrstuvwxyz"
    extra = [f"12{text}N{v}.wav" for text in ("a01", "b10") for v in versions][:36]
    make_files(tmp_path, *extra)
    with pytest.raises(ValueError, match=r"than EmoDB has: speaker 12: 36 of 35 clips"):
        load_emodb(tmp_path)
    (tmp_path / extra[0]).unlink()
    assert "speaker 12" not in " ".join(load(tmp_path).problems)


def test_more_clips_than_a_class_has_are_refused(tmp_path):
    speakers = ("08", "09", "10", "11", "13", "14", "15", "16")
    extra = [f"{speaker}a01E{v}.wav" for speaker in speakers for v in "abcdef"]
    with pytest.raises(ValueError, match="emotion disgust: 48 of 46 clips"):
        load_emodb(make_files(tmp_path, *extra))


@pytest.mark.parametrize("name", ["-emo [db]*?", "Gefühle & Ärger", "a b'c"])
def test_odd_folder_names_work(tmp_path, name):
    make_files(tmp_path / name, "03a01Fa.wav")
    corpus = load(tmp_path / name)
    assert corpus.clips.files.tolist() == [str(tmp_path / name / "03a01Fa.wav")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_name_that_is_no_text_works(tmp_path):
    folder = os.path.join(os.fsencode(tmp_path), b"emo\xff")
    os.mkdir(folder)
    make_files(Path(os.fsdecode(folder)), "03a01Fa.wav", "foreign.wav")
    corpus = load(Path(os.fsdecode(folder)))
    assert os.fsencode(corpus.clips.files[0]) == folder + b"/03a01Fa.wav"
    assert corpus.select(speaker="03").frame["file"].tolist() == [corpus.clips.files[0]]


def test_links_to_folders_are_followed_and_loops_end(tmp_path):
    real = make_files(tmp_path / "real", "03a01Fa.wav", "08a01Fa.wav")
    root = tmp_path / "root"
    root.mkdir()
    (root / "wav").symlink_to(real, target_is_directory=True)
    (real / "again").symlink_to(root, target_is_directory=True)
    corpus = load(root)
    assert names(corpus) == ["03a01Fa.wav", "08a01Fa.wav"]
    assert findings(corpus, "another copy") == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="nothing is closed to the superuser",
)
def test_a_closed_folder_is_reported(tmp_path):
    make_files(tmp_path, "open/03a01Fa.wav", "closed/08a01Fa.wav")
    (tmp_path / "closed").chmod(0)
    try:
        corpus = load(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    (finding,) = findings(corpus, "cannot be read")
    assert "closed" in finding


def test_a_missing_root_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere' does not exist.*wav/03a01Fa\.wav"):
        load_emodb(tmp_path / "nowhere")


def test_a_file_is_no_root(tmp_path):
    make_files(tmp_path, "emodb.zip")
    with pytest.raises(ValueError, match=r"emodb\.zip' is not a folder"):
        load_emodb(tmp_path / "emodb.zip")


def test_a_dangling_link_is_no_root(tmp_path):
    (tmp_path / "emodb").symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match="is not a folder"):
        load_emodb(tmp_path / "emodb")


def test_an_empty_root_is_named_with_what_was_expected(tmp_path):
    with pytest.raises(ValueError, match=r"holds no clip of EmoDB\. Expected 'wav/03"):
        load_emodb(tmp_path)


def test_another_corpus_is_told_from_this_one(tmp_path):
    make_files(tmp_path, "Actor_01/03-01-01-01-01-01-01.wav")
    with pytest.raises(ValueError, match=r"no clip of EmoDB.*03-01-01-01-01-01-01"):
        load_emodb(tmp_path)


@pytest.mark.parametrize("root", [None, 3, ["a"], b"wav"])
def test_a_root_that_is_no_path(root):
    with pytest.raises(TypeError, match="root must be the path of a folder"):
        load_emodb(root)


def test_the_sampling_rate_is_checked(tmp_path):
    make_files(tmp_path, "03a01Fa.wav")
    with (
        warnings.catch_warnings(action="ignore"),
        pytest.raises(ValueError, match="sampling_rate"),
    ):
        load_emodb(tmp_path, sampling_rate=10)


def test_clips_and_target_can_be_had_alone(tmp_path):
    make_files(tmp_path, "03a01Fa.wav", "08a01Wa.wav")
    clips, target = load(tmp_path, return_X_y=True, sampling_rate=8_000)
    assert isinstance(clips, AudioClips)
    assert clips.sampling_rate == 8_000
    assert clips.speaker.tolist() == ["03", "08"]
    assert target.tolist() == ["happy", "anger"]


def test_a_pickled_corpus_holds_paths_only(tmp_path):
    silence = np.zeros(16_000)
    for name in ("03a01Fa.wav", "08a01Wa.wav"):
        soundfile.write(tmp_path / name, silence, 16_000)
    corpus = load(tmp_path)
    data = pickle.dumps(corpus)
    assert len(data) < 8_000
    again = pickle.loads(data)
    assert isinstance(again, Corpus)
    assert again.frame.equals(corpus.frame)
    assert len(again.clips[1]) == 16_000


@pytest.mark.parametrize(
    "suffix",
    ["opus", "wma", "aac", "webm", "mkv", "MOV", "caf", "amr", "w64", "mp3", "m4a"],
)
def test_every_format_of_sound_is_reported(tmp_path, suffix):
    make_files(tmp_path, "03a01Fa.wav", f"08a01Fa.{suffix}", f"03a01Fa.{suffix}")
    corpus = load(tmp_path)
    (finding,) = findings(corpus, "Left out")
    assert finding == f"Left out, neither WAV nor FLAC: 1 file ('08a01Fa.{suffix}')."
    (finding,) = findings(corpus, "In another format too")
    assert f"1 file ('03a01Fa.{suffix}')" in finding


@pytest.mark.parametrize("rate", ["16000", 0, None])
def test_a_wrong_rate_is_an_error_before_any_warning(tmp_path, rate):
    make_files(tmp_path, "03a01Fa.wav")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError), match="sampling_rate"):
            load_emodb(tmp_path, sampling_rate=rate)
