"""What is found in the recordings of a corpus, and how it is told."""

import os
import shutil
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersk.audio import AudioClips, Operation
from sersk.datasets import (
    Corpus,
    LabelScheme,
    load_emodb,
    load_ravdess,
    make_emotional_speech,
)
from sersk.datasets._crema_d import load_crema_d
from sersk.datasets._finding import Finding
from sersk.datasets._tess import load_tess
from sersk.datasets._verify import verify_corpus
from sersk.datasets.testing import make_tree
from sersk.utils import CorpusWarning

RATE = 16_000
TWO = LabelScheme("two", ("happy", "sad"))


@dataclass(frozen=True)
class FailsOnLoud(Operation):
    """Divide by zero where a clip is loud."""

    limit: float

    def __call__(self, waveform, sampling_rate):
        return waveform / (1 // (1 - int(waveform.max() > self.limit)))


def noise(seed, seconds=0.5, rate=RATE):
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * rate))
    return (samples * 2**15).round() / 2**15


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write_file(name, samples, rate=RATE, **options):
        path = os.path.join(tmp_path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        soundfile.write(path, samples, rate, **options)
        return path

    return write_file


@pytest.fixture
def usual(write):
    """Return four files with nothing to be said of them."""
    return [write(f"usual_{seed}.wav", noise(seed)) for seed in range(4)]


def corpus_of(files, problems=(), start=None, end=None, **columns):
    columns.setdefault("emotion", ["sad"] * len(files))
    clips = AudioClips.from_files(files, start=start, end=end)
    frame = pd.DataFrame(columns)
    return Corpus(frame, clips, TWO, name="mine", problems=problems)


def found(verification, check):
    """Return the detail of each file that one check names."""
    rows = verification.frame.query("check == @check")
    return dict(zip(rows["file"], rows["detail"], strict=True))


def checks(verification):
    return sorted(set(verification.frame["check"]))


def test_a_corpus_with_nothing_wrong(usual):
    verification = verify_corpus(corpus_of(usual))
    assert verification.is_clean
    assert verification.frame.columns.tolist() == [
        "check",
        "clip",
        "utterance",
        "file",
        "detail",
    ]
    assert str(verification).endswith("No findings.")
    assert repr(verification) == "<Verification of mine: 4 clips, no findings>"


def test_an_unreadable_file_stops_nothing(usual, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF and nothing else")
    cut = tmp_path / "cut.wav"
    with open(usual[0], "rb") as file:
        cut.write_bytes(file.read()[:-500])
    files = [str(broken), str(tmp_path / "no.wav"), *usual, str(cut), usual[0]]
    verification = verify_corpus(corpus_of(files))
    reasons = found(verification, "unreadable")
    assert list(reasons) == [files[0], files[1], files[6]]
    assert "no such file" in reasons[files[1]]
    assert "truncated" in reasons[files[6]]
    assert list(found(verification, "identical")) == [usual[0]]


def test_a_file_that_no_part_can_be_read_of_is_named_once(usual, tmp_path):
    bad = str(tmp_path / "no.wav")
    files = [bad, bad, usual[0], usual[1]]
    verification = verify_corpus(corpus_of(files, start=[0, 1, 0, 9]))
    assert list(found(verification, "unreadable")) == [bad, usual[1]]
    assert "start=9" in found(verification, "unreadable")[usual[1]]


def test_a_video_that_is_known_to_be_one_is_not_opened(usual, tmp_path):
    video = str(tmp_path / "clip.avi")
    known = Finding("video", "Video, whose sound cannot be read.", (video,))
    verification = verify_corpus(corpus_of([*usual, video], [known]))
    assert checks(verification) == ["video"]


def test_odd_rates_and_channels_are_all_named(usual, write):
    high = write("high.wav", noise(5, rate=96_000), 96_000)
    stereo = [
        write(f"stereo_{seed}.wav", np.stack([noise(seed), noise(seed + 9)], axis=1))
        for seed in (6, 7)
    ]
    verification = verify_corpus(corpus_of([high, *usual, *stereo]))
    assert found(verification, "rate") == {
        high: "96000 Hz; most files have 16000 Hz",
    }
    assert found(verification, "channels") == dict.fromkeys(
        stereo, "2 channels; most files have 1 channel"
    )


def test_what_is_odd_depends_on_the_corpus(write):
    files = [write(f"low_{seed}.wav", noise(seed), RATE) for seed in range(2)]
    files += [write(f"high_{seed}.wav", noise(seed + 9), 48_000) for seed in range(3)]
    mixed = corpus_of(files, corpus=["low"] * 2 + ["high"] * 3)
    assert verify_corpus(mixed).is_clean
    assert list(found(verify_corpus(corpus_of(files)), "rate")) == files[:2]


def test_silence(usual, write):
    zero = write("zero.wav", np.zeros(8_000))
    faint = write("faint.wav", noise(5) * 1.8e-3)
    click = write("click.wav", np.r_[0.002, np.zeros(16_000)])
    quiet = write("quiet.wav", noise(6) * 2.2e-3)
    verification = verify_corpus(corpus_of([*usual, zero, faint, click, quiet]))
    silent = found(verification, "silent")
    assert list(silent) == [zero, faint, click]
    assert silent[zero] == "every sample is 0"
    assert silent[click] == "peak -54.1 dB, RMS -96.1 dB re full scale"


def test_flat_tops_are_clipped_and_single_peaks_are_not(usual, write):
    loud = np.clip(4 * noise(5), -1, 1 - 2**-15)
    tops = np.r_[noise(6), [1 - 2**-15] * 3, noise(7), [-1.0] * 4, noise(8)]
    peak = np.r_[noise(6), [1 - 2**-15] * 2, noise(7)]
    files = [
        write(name, samples)
        for name, samples in (("loud.wav", loud), ("tops.wav", tops), ("p.wav", peak))
    ]
    verification = verify_corpus(corpus_of([*usual, *files]))
    clipped = found(verification, "clipped")
    assert list(clipped) == files[:2]
    assert clipped[files[1]].startswith("7 samples at full scale")


def test_clips_that_are_too_short_or_far_too_long(usual, write):
    short = write("short.wav", noise(5, 0.099))
    long = write("long.wav", noise(6, 5.1))
    fair = [write("a.wav", noise(7, 0.1)), write("b.wav", noise(8, 4.9))]
    verification = verify_corpus(corpus_of([*usual, short, long, *fair]))
    assert found(verification, "short") == {
        short: "0.099 s; the median is 0.5 s",
    }
    assert found(verification, "long") == {long: "5.1 s; the median is 0.5 s"}


def test_a_corpus_of_nothing_but_short_clips_is_as_it_is(write):
    files = [write(f"{n}.wav", noise(n, 0.05)) for n in range(3)]
    assert verify_corpus(corpus_of(files)).is_clean


def test_the_same_samples_in_another_format_rate_and_channels(usual, write):
    samples = noise(0)
    copies = [
        write("copy.flac", samples),
        write("copy.wav", np.stack([samples, samples], axis=1), subtype="FLOAT"),
        write("rate.wav", samples, 8_000),
    ]
    verification = verify_corpus(corpus_of([*usual, *copies]))
    assert sorted(found(verification, "identical")) == sorted([usual[0], *copies])


def test_copies_under_other_labels_and_of_other_speakers_are_told(usual):
    again = shutil.copy(usual[0], usual[0].replace("usual", "again"))
    corpus = corpus_of(
        [*usual, again],
        emotion=["happy", "sad", "sad", "sad", "sad"],
        speaker=["anna", "anna", "bob", "bob", "bob"],
        utterance=["u0", "u1", "u2", "u3", "u4"],
    )
    verification = verify_corpus(corpus)
    end = "; under 2 labels (happy, sad); under 2 speakers (anna, bob)"
    assert found(verification, "identical") == {
        usual[0]: f"same samples as 'u4'{end}",
        again: f"same samples as 'u0'{end}",
    }
    assert verification.frame["utterance"].tolist() == ["u0", "u4"]
    assert verification.frame["clip"].tolist() == [0, 4]


def test_parts_of_a_file_that_overlap(write):
    long, other = write("long.wav", noise(0, 8)), write("other.wav", noise(1, 8))
    corpus = corpus_of(
        [long, long, long, other, long, long],
        start=[4, 0, 2.005, 0, 5, 7],
        end=[np.nan, 2.01, 4, 3, 6, 7.5],
        utterance=["d", "a", "b", "x", "e", "f"],
    )
    verification = verify_corpus(corpus)
    rows = verification.frame.query("check == 'overlap'")
    assert dict(zip(rows["utterance"], rows["detail"], strict=True)) == {
        "e": "shares 1.00 s with 'd'",
        "f": "shares 0.50 s with 'd'",
    }
    assert "  long.wav (e): shares 1.00 s with 'd'\n" in str(verification)


def test_what_the_loader_found_has_a_row_for_each_file(usual):
    problems = [
        Finding("missing", "speaker 03: 1 of 2 clips."),
        Finding("copy", "Left out, a copy: 2 files ('a', 'b').", ("a", "b")),
        Finding("odd", "This one.", (usual[1],)),
        Finding("left out", "Without a label: 1 ('c').", ("c",)),
    ]
    corpus = corpus_of(usual, problems, utterance=["u0", "u1", "u2", "u3"])
    rows = verify_corpus(corpus).frame
    assert rows["check"].tolist() == ["missing", "copy", "copy", "odd", "left out"]
    assert rows["detail"].tolist() == [
        "speaker 03: 1 of 2 clips.",
        "Left out, a copy",
        "Left out, a copy",
        "This one.",
        "Without a label",
    ]
    assert rows["file"].tolist() == [None, "a", "b", usual[1], "c"]
    assert rows["utterance"].tolist() == [None, None, None, "u1", None]
    assert rows["clip"].isna().tolist() == [True, True, True, False, True]


def test_workers_find_the_same(usual, write):
    files = [*usual, write("zero.wav", np.zeros(9)), "no.wav", usual[2]]
    corpus = corpus_of(files)
    alone, shared = verify_corpus(corpus), verify_corpus(corpus, n_jobs=2)
    pd.testing.assert_frame_equal(alone.frame, shared.frame)
    assert str(alone) == str(shared)


def test_what_fails_in_no_foreseen_way_stops_nothing(usual):
    clips = AudioClips.from_files(usual).apply(FailsOnLoud(0.3))
    frame = pd.DataFrame({"emotion": ["sad"] * 4})
    verification = verify_corpus(Corpus(frame, clips, TWO, name="mine"))
    reasons = found(verification, "unreadable")
    assert list(reasons) == usual
    assert reasons[usual[0]].startswith("makes reading fail with ZeroDivisionError: ")


def test_the_longest_clip_that_is_read_is_that_of_the_clips(usual):
    clips = AudioClips.from_files(usual, max_duration=0.4)
    frame = pd.DataFrame({"emotion": ["sad"] * 4})
    verification = verify_corpus(Corpus(frame, clips, TWO, name="mine"))
    assert len(found(verification, "unreadable")) == 4


def test_files_are_heard_at_their_own_rate(write):
    # Above the band of the clips, where resampling would leave next to nothing.
    high = write("high.wav", 0.4 * np.sin(2 * np.pi * 7_000 * np.arange(8_000) / RATE))
    clips = AudioClips.from_files([high], sampling_rate=8_000)
    corpus = Corpus(pd.DataFrame({"emotion": ["sad"]}), clips, TWO, name="mine")
    assert verify_corpus(corpus).is_clean


def test_names_that_are_not_utf_8(usual, tmp_path):
    odd = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff[1] -x.wav")
    shutil.copy(usual[0], odd)
    verification = verify_corpus(corpus_of([*usual, odd, odd[:-5] + "no.wav"]))
    assert list(found(verification, "identical")) == [usual[0], odd]
    str(verification).encode()
    verification._repr_html_().encode()


def test_arrays_are_heard_and_have_no_files():
    clips = AudioClips.from_arrays(
        [noise(0), np.zeros(800), noise(0), [np.nan]], sampling_rate=RATE
    )
    frame = pd.DataFrame({"emotion": ["sad"] * 4})
    verification = verify_corpus(Corpus(frame, clips, TWO, name="arrays"))
    assert verification.frame["check"].tolist() == [
        "unreadable",
        "silent",
        "short",
        "identical",
        "identical",
    ]
    assert verification.frame["clip"].tolist() == [3, 1, 1, 0, 2]
    assert verification.frame["file"].isna().all()
    assert "clip 3: holds 1 non-finite sample" in str(verification)


def test_synthetic_speech_is_clean():
    corpus = make_emotional_speech(n_speakers=2, random_state=0)
    assert corpus.verify().is_clean


def test_text_has_only_its_counts():
    frame = pd.DataFrame({"emotion": ["sad", "happy"]})
    clips = AudioClips.from_texts(["oh", "ah"])
    verification = verify_corpus(Corpus(frame, clips, TWO, name="tweets"))
    assert verification.is_clean
    assert verification.title == "tweets: 2 clips, no audio; scheme two"


def test_the_counts_stand_beside_the_published_ones(tmp_path):
    corpus = load_emodb(make_tree("emodb", tmp_path, complete=True))
    verification = verify_corpus(corpus)
    counts = verification.counts
    assert (counts["found"] == counts["published"]).all()
    assert counts["column"].value_counts().to_dict() == {"speaker": 10, "emotion": 7}
    assert "10 of 10 speakers as published" in str(verification)
    assert verification.is_clean


def test_a_selection_is_told_of_what_was_missing_when_it_was_loaded(tmp_path):
    with pytest.warns(CorpusWarning):
        corpus = load_emodb(make_tree("emodb", tmp_path))
    part = corpus.select(speaker=["03", "08"])
    whole, cut = verify_corpus(corpus), verify_corpus(part)
    pd.testing.assert_frame_equal(
        whole.frame.query("check == 'missing'"), cut.frame.query("check == 'missing'")
    )
    counts = cut.counts.set_index(["column", "value"])
    assert counts.loc[("speaker", "09")].tolist() == [0, 43]


def test_speakers_of_one_clip_each(usual):
    verification = verify_corpus(corpus_of(usual, speaker=list("abcd")))
    assert "4 speakers of 1 clip each" in str(verification)


def test_another_scheme_is_compared_by_what_it_merges(tmp_path):
    corpus = load_emodb(make_tree("emodb", tmp_path, complete=True))
    verification = verify_corpus(corpus.with_scheme("valence3"))
    published = verification.counts.set_index("value")["published"].dropna()
    assert published.to_dict() == {"negative": 385, "neutral": 79, "positive": 71}
    assert "10 speakers of" in str(verification)


def test_the_quirks_of_ravdess_are_found(tmp_path):
    with pytest.warns(CorpusWarning):
        corpus = load_ravdess(make_tree("ravdess", tmp_path, quirks=True))
    verification = verify_corpus(corpus)
    utterances = {
        check: rows["utterance"].tolist()
        for check, rows in verification.frame.groupby("check")
    }
    assert utterances["channels"] == ["03-01-02-01-01-01-01"]
    assert utterances["identical"] == ["03-01-05-01-01-01-02", "03-01-05-01-01-02-02"]
    assert len(utterances["hidden"]) == 1
    assert len(utterances["left out"]) == 2


def test_the_quirks_of_tess_are_found(tmp_path):
    with pytest.warns(CorpusWarning):
        corpus = load_tess(make_tree("tess", tmp_path, quirks=True))
    verification = verify_corpus(corpus)
    assert list(found(verification, "rate").values()) == [
        "96000 Hz; most files have 24414 Hz"
    ]
    assert len(found(verification, "copy")) == len(corpus)
    assert checks(verification) == ["copy", "hidden", "missing", "rate"]


def test_the_quirks_of_crema_d_are_found(tmp_path):
    with pytest.warns(CorpusWarning):
        corpus = load_crema_d(make_tree("crema-d", tmp_path, quirks=True))
    frame = verify_corpus(corpus).frame
    silent = frame.query("check == 'silent'")
    assert silent["utterance"].tolist() == ["1076_MTI_SAD_XX"]
    assert {"hidden", "left out", "missing"} < set(frame["check"])


def test_the_quirks_of_emodb_are_found(tmp_path):
    root = make_tree("emodb", tmp_path, complete=True, quirks=True)
    with pytest.warns(CorpusWarning):
        corpus = load_emodb(root)
    assert checks(verify_corpus(corpus)) == ["hidden", "left out"]


def test_the_report_can_be_read(usual, write):
    high = write("below/high.wav", noise(5, rate=8_000), 8_000)
    copies = [write(f"copy_{number}.wav", noise(9)) for number in range(4)]
    problems = [
        Finding("missing", "emotion sad: 9 of 10 clips."),
        Finding("left out", "Left out, odd: 4 files ('a').", tuple(copies)),
    ]
    verification = verify_corpus(
        corpus_of([*usual, high], problems, speaker=["a", "a", "a", "b", "b"])
    )
    assert str(verification) == (
        "mine: 5 clips, 0.00 h, 2 speakers; scheme two\n"
        "\n"
        "emotion  found\n"
        "happy        0\n"
        "sad          5\n"
        "2 speakers of 2 to 3 clips each\n"
        "\n"
        "missing (1)\n"
        "  emotion sad: 9 of 10 clips.\n"
        "\n"
        "left out (4)\n"
        "  Left out, odd: copy_0.wav, copy_1.wav, copy_2.wav and 1 more\n"
        "\n"
        "rate (1)\n"
        f"  {os.path.join('below', 'high.wav')}: 8000 Hz; most files have 16000 Hz\n"
        "\n"
        "6 findings in 3 checks."
    )


def test_a_long_report_is_cut_and_the_frame_is_not(write):
    files = [write(f"{n}.wav", 0.001 * noise(n) / (n + 1)) for n in range(20)]
    verification = verify_corpus(corpus_of(files))
    assert len(verification.frame) == 20
    assert "silent (20)" in str(verification)
    assert "  and 15 more" in str(verification)


def test_a_notebook_shows_tables_in_which_names_are_escaped(write):
    odd = write("<b>.wav", np.zeros(8_000))
    shown = verify_corpus(corpus_of([odd]))._repr_html_()
    assert "&lt;b&gt;.wav" in shown
    assert shown.count("<table") == 2


def test_the_real_emodb_is_clean(emodb_root):
    assert load_emodb(emodb_root).verify().is_clean


def test_the_identical_pair_of_ravdess_is_found(ravdess_root):
    with pytest.warns(CorpusWarning):
        corpus = load_ravdess(ravdess_root)
    rows = corpus.verify().frame.query("check == 'identical'")
    assert rows["utterance"].tolist() == [
        "03-01-03-01-02-01-07",
        "03-01-03-01-02-02-07",
    ]
