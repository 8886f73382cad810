"""Planted leaks of every kind: each is found, and nothing where there is none."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold, LeaveOneOut, StratifiedKFold

from sersk import AudioClips
from sersk.audio import make_windows
from sersk.datasets import make_emotional_speech
from sersk.model_selection import (
    LeaveOneSessionOut,
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
    audit_split,
)
from sersk.utils import CorpusWarning

SPEAKERS = ["anna", "anna", "bob", "bob", "carl", "carl"]
LABELS = ["sad", "happy"] * 3
N_CLIPS = 6
# Anna and Bob train, Carl is tested.
HONEST = [([0, 1, 2, 3], [4, 5])]


def _clips(waveforms=None, **columns) -> AudioClips:
    if waveforms is None:
        waveforms = np.random.default_rng(0).uniform(-0.5, 0.5, (N_CLIPS, 800))
    return AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns={"speaker": SPEAKERS, **columns}
    )


def _audit(clips=None, y=LABELS, cv=HONEST, **options):
    return audit_split(_clips() if clips is None else clips, y, cv=cv, **options)


def _rows(audit, check) -> list[tuple]:
    found = audit.findings[audit.findings["check"] == check]
    return list(found[["sides", "severity", "value", "count"]].itertuples(index=False))


def test_an_honest_split_is_clean():
    audit = _audit()
    assert audit.findings.empty
    assert audit.is_clean
    assert audit.line == "audit: clean (speaker, audio)"
    assert repr(audit) == "<SplitAudit of clips: 6 clips, given folds, 1 fold: clean>"
    audit.raise_if_leaking()


# Who and what is on both sides.


def test_shared_speakers_are_a_leak():
    audit = _audit(cv=[([0, 1, 2], [3, 4, 5]), ([4, 5], [0, 1, 2, 3])])
    assert _rows(audit, "speaker") == [("train/test", "leak", "bob", 1)]
    assert audit.leaks["fold"].tolist() == [0]
    assert audit.leaks["detail"].tolist() == ["1 train and 1 test clips"]
    assert not audit.is_clean
    assert audit.line == "audit: 1 SPEAKER SHARED (speaker, audio)"


@pytest.mark.parametrize("column", ["session", "dialog"])
def test_shared_sessions_and_dialogs_are_a_leak(column):
    audit = _audit(_clips(**{column: [1, 1, 2, 3, 3, 3]}))
    assert _rows(audit, column) == [("train/test", "leak", 3, 2)]
    assert audit.line == f"audit: 1 {column.upper()} SHARED (speaker, {column}, audio)"


@pytest.mark.parametrize("column", ["session", "dialog"])
def test_what_nothing_could_divide_is_a_note(column):
    audit = _audit(_clips(**{column: ["the only one"] * N_CLIPS}))
    assert _rows(audit, column) == [("train/test", "note", "the only one", 2)]
    assert audit.is_clean
    assert audit.line == f"audit: clean (speaker, audio; {column}s shared)"


def test_one_speaker_on_both_sides_is_a_leak_all_the_same():
    audit = _audit(_clips().with_columns({"speaker": ["anna"] * N_CLIPS}))
    assert _rows(audit, "speaker") == [("train/test", "leak", "anna", 2)]


@pytest.mark.parametrize("column", ["script", "sentence"])
def test_shared_texts_are_a_note(column):
    audit = _audit(_clips(**{column: ["a", "b", "a", "c", "a", "d"]}))
    assert _rows(audit, column) == [("train/test", "note", "a", 1)]
    assert audit.is_clean
    assert f"{column}s shared" in audit.line


def test_unknown_speakers_are_an_error():
    audit = _audit(_clips().with_columns({"speaker": ["anna", None] * 3}))
    assert ("", "error", None, 3) in _rows(audit, "speaker unknown")
    assert "3 CLIPS WITHOUT SPEAKER" in audit.line
    nobody = audit_split(np.zeros((4, 3)), cv=KFold(2), audio=None)
    assert not nobody.is_clean
    assert nobody.leaks.empty
    assert nobody.line == "audit: SPEAKERS UNKNOWN"


def test_clips_of_unknown_speakers_are_no_shared_speaker():
    speakers = ["anna", "anna", None, "bob", None, "carl"]
    audit = _audit(_clips().with_columns({"speaker": speakers}))
    assert audit.leaks.empty


def test_unknown_sessions_are_a_note():
    audit = _audit(_clips(session=[1, 1, 1, None, 2, 2]))
    assert _rows(audit, "session unknown") == [("", "note", None, 1)]
    assert audit.is_clean


def test_a_clip_on_both_sides_is_a_leak():
    audit = _audit(cv=[([0, 1, 2, 3], [3, 4, 5])])
    assert _rows(audit, "clip") == [("train/test", "leak", 3, 1)]
    assert "1 CLIP SHARED" in audit.line
    assert _rows(audit, "identical audio") == []


# Validation clips.


def test_test_clips_that_are_selected_on_are_a_leak():
    audit = _audit(cv=[([0, 1], [4, 5], [4, 5])])
    assert _rows(audit, "selection") == [("validation/test", "leak", 4, 2)]
    assert "2 CLIPS TESTED AND SELECTED ON" in audit.line


def test_speakers_of_validation_are_compared_with_both_others():
    cv = [([0, 1, 2], [3, 4], [5])]
    assert _rows(_audit(cv=cv), "speaker") == [
        ("train/validation", "leak", "bob", 1),
        ("validation/test", "leak", "carl", 1),
    ]


def test_an_inner_split_is_audited():
    audit = _audit(cv=LeaveOneSpeakerOut(), validation=KFold(2, shuffle=True))
    assert set(audit.leaks["sides"]) == {"train/validation"}
    assert set(audit.leaks["check"]) == {"speaker"}
    assert audit.leaks["detail"].str.contains("inner fold").all()
    honest = _audit(cv=LeaveOneSpeakerOut(), validation=LeaveOneSpeakerOut())
    assert honest.is_clean


def test_an_inner_split_of_a_table_or_a_list_is_audited():
    table = pd.DataFrame({"speaker": SPEAKERS})
    for X, groups in ((table, None), (list(np.eye(N_CLIPS)), SPEAKERS)):
        audit = audit_split(
            X, cv=LeaveOneSpeakerOut(), groups=groups, validation=3, audio=None
        )
        assert set(audit.leaks["sides"]) == {"train/validation"}


# The same recording.


def test_identical_audio_is_a_leak_whatever_its_name(write_wav):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (N_CLIPS, 800))
    noise[5] = noise[0]
    files = [write_wav(wave, name=f"{i}.wav") for i, wave in enumerate(noise)]
    clips = AudioClips.from_files(files, columns={"speaker": SPEAKERS})
    audit = _audit(clips)
    assert _rows(audit, "identical audio") == [("train/test", "leak", 5, 1)]
    assert audit.leaks["detail"].tolist() == [
        f"clip 5 ('{files[5]}') has the audio of clip 0 ('{files[0]}')"
    ]
    assert "1 CLIP OF IDENTICAL AUDIO" in audit.line
    assert _audit(clips, audio=None).is_clean
    table = pd.DataFrame({"file": files, "speaker": SPEAKERS})
    assert _rows(_audit(table), "identical audio") == _rows(audit, "identical audio")


def test_identical_audio_on_one_side_is_none():
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (N_CLIPS, 800))
    noise[1] = noise[0]
    assert _audit(_clips(noise)).is_clean


@pytest.fixture(scope="module")
def voices() -> list[np.ndarray]:
    options = {"n_repetitions": 1, "random_state": 0}
    corpus = make_emotional_speech(n_speakers=1, n_sentences=2, **options)
    return list(corpus.clips[:N_CLIPS])


def _change(wave: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 10 ** (-40 / 20), len(wave))
    changed = 0.5 * (wave + noise * np.sqrt(np.mean(wave**2)))
    return changed[320:-320].astype(np.float32)


def test_nearly_identical_audio_is_a_leak(voices):
    waves = [*voices[:5], _change(voices[0])]
    audit = _audit(_clips(waves), audio="fingerprint")
    assert _rows(audit, "near-identical audio") == [("train/test", "leak", 5, 1)]
    assert audit.leaks["detail"].str.startswith("clip 5 sounds like clip 0").all()
    assert "1 CLIP OF NEAR-IDENTICAL AUDIO" in audit.line
    assert _audit(_clips(waves)).is_clean


def test_different_recordings_are_not_nearly_identical(voices):
    assert _audit(_clips(voices), audio="fingerprint", n_jobs=2).is_clean


def test_identical_audio_is_not_found_twice(voices):
    waves = [*voices[:5], voices[0]]
    audit = _audit(_clips(waves), audio="fingerprint")
    assert _rows(audit, "identical audio") == [("train/test", "leak", 5, 1)]
    assert _rows(audit, "near-identical audio") == []


def test_clips_that_cannot_be_read_are_told(wav_files):
    files = [*wav_files, *wav_files[:2], "gone.wav"]
    clips = AudioClips.from_files(files, columns={"speaker": SPEAKERS})
    for audio in ("digest", "fingerprint"):
        audit = _audit(clips, cv=[([0, 1, 2], [5])], audio=audio)
        assert _rows(audit, "unreadable") == [("", "note", 5, 1)]
        assert "1 clip not readable" in audit.line


@pytest.mark.parametrize("audio", ["digest", "fingerprint"])
def test_silence_is_no_error(audio):
    silence = [np.zeros(100 + length) for length in range(N_CLIPS)]
    assert _audit(_clips(silence), audio=audio).is_clean


@pytest.mark.parametrize(
    "columns",
    [
        {"copy_of": [None, None, None, None, None, 0]},
        {
            "copy_of": [None, None, None, None, None, "u0"],
            "utterance": [f"u{clip}" for clip in range(N_CLIPS)],
        },
        # A copy of a copy, and two copies of something that is not here.
        {
            "copy_of": [None, "u0", None, None, None, "u1"],
            "utterance": [f"u{clip}" for clip in range(N_CLIPS)],
        },
        {"copy_of": ["x", None, None, None, None, "x"]},
    ],
)
def test_a_copy_of_a_training_clip_is_a_leak(columns):
    audit = _audit(_clips(**columns))
    found = _rows(audit, "copy")
    assert [row[:3] for row in found] == [("train/test", "leak", 5)]
    assert "1 COPY ON BOTH SIDES" in audit.line


def test_copies_on_the_side_of_their_original_are_none():
    audit = _audit(_clips(copy_of=[None, 0, None, None, None, 4]))
    assert audit.is_clean
    assert audit.line == "audit: clean (speaker, audio, copies)"


def test_copies_of_what_is_not_there_are_told():
    audit = _audit(_clips(copy_of=[None, "u9", None, None, None, None]))
    assert _rows(audit, "original unknown") == [("", "note", None, 1)]


def test_copies_are_read_from_the_table_of_a_corpus():
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    frame = corpus.frame.assign(copy_of=None)
    frame.loc[len(frame) - 1, "copy_of"] = 0
    again = type(corpus)(frame, corpus.clips, corpus.scheme, name="copies")
    audit = audit_split(again, cv=LeaveOneSpeakerOut(), audio=None)
    assert len(_rows(audit, "copy")) == 2


def test_windows_of_a_training_clip_are_a_leak():
    clips = make_windows(_clips(), 400 / 16_000, 400 / 16_000)
    by_clip = [(range(8), range(8, 12))]
    audit = _audit(clips, LABELS * 2, by_clip)
    assert audit.is_clean
    assert audit.line == "audit: clean (speaker, audio, windows)"
    audit = _audit(clips, LABELS * 2, [(range(9), range(9, 12))])
    assert _rows(audit, "window") == [("train/test", "leak", 9, 1)]
    assert "1 WINDOW ON BOTH SIDES" in audit.line
    with pytest.raises(ValueError, match=r"Divide clips, and cut windows in a Window"):
        audit.raise_if_leaking("speaker")


def test_windows_of_which_the_clip_is_not_known_are_not_judged():
    assert _audit(_clips(window_of=[None, 1, 2, 3, None, None])).is_clean


# Labels.


def test_classes_that_a_fold_lacks():
    audit = _audit(y=["sad", "sad", "sad", "sad", "sad", "happy"])
    assert _rows(audit, "class") == [("train", "error", "happy", 1)]
    assert not audit.is_clean
    assert "1 FOLD WITHOUT TRAINING CLIPS OF A CLASS" in audit.line
    audit = _audit(y=["sad", "happy", "sad", "sad", "sad", "sad"])
    assert _rows(audit, "class") == [("test", "note", "happy", 0)]
    assert audit.is_clean
    assert "1 fold without test clips of a class" in audit.line


def test_labels_that_the_speaker_tells_are_told():
    folds = [(range(12), range(12, 16))]
    speakers = np.repeat(list("abcd"), 4)
    audit = audit_split(
        np.eye(16), np.repeat(["x", "y", "x", "y"], 4), cv=folds, groups=speakers
    )
    assert _rows(audit, "confounded") == [("", "note", 1.0, 4)]
    assert (
        "mutual information of speaker and label 0.67"
        in (audit.findings["detail"].iloc[-1])
    )
    assert "labels confounded with speakers" in audit.line
    crossed = audit_split(np.eye(16), ["x", "y"] * 8, cv=folds, groups=speakers)
    assert crossed.findings.empty


def test_synthetic_confounding_is_found():
    options = {"n_speakers": 6, "n_repetitions": 2, "random_state": 0}
    for confounding, expected in ((0.0, 0), (0.95, 1)):
        corpus = make_emotional_speech(label_confounding=confounding, **options)
        audit = audit_split(corpus, cv=LeaveOneSessionOut(), audio=None)
        assert len(_rows(audit, "confounded")) == expected


@pytest.mark.parametrize("y", [None, np.linspace(0, 1, N_CLIPS), np.eye(N_CLIPS)])
def test_without_classes_nothing_is_said_of_labels(y):
    assert _audit(y=y).findings.empty


# Empty sides, and what is refused.


def test_an_empty_side_is_an_error():
    audit = _audit(cv=[([0, 1], []), ([0, 1], [4, 5])])
    assert _rows(audit, "empty") == [("test", "error", "test", 0)]
    assert audit.findings["fold"].iloc[0] == 0
    assert "1 FOLD WITH AN EMPTY SIDE" in audit.line


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": LABELS[:3]}, "y has 3 labels, but X holds 6 clips"),
        ({"y": [*LABELS[:5], None]}, r"y lacks the labels of 1 clips \(first: clip 5"),
        ({"y": [*LABELS[:5], np.nan]}, "y lacks the labels of 1 clips"),
        ({"y": [*LABELS[:5], 3]}, "labels of different types"),
        ({"groups": SPEAKERS[:3]}, "'speaker' has 3 values, but X holds 6 clips"),
        ({"groups": [*SPEAKERS[:5], None]}, "groups lacks the speaker of 1 of 6"),
        ({"cv": []}, "cv gives no folds"),
        ({"cv": [([0, 1], [9])]}, "Fold 0 does not fit 6 clips"),
        ({"cv": [([0, 1],)]}, "Fold 0 has 1 parts"),
        ({"audio": "loud"}, "audio='loud' must be one of"),
        (
            {"cv": LeaveOneSpeakerOut(), "groups": ["anna"] * 6},
            "at least two speakers",
        ),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _audit(**options)


def test_a_corpus_has_its_labels():
    corpus = make_emotional_speech(n_speakers=2, n_repetitions=1, random_state=0)
    with pytest.raises(ValueError, match="do not pass y"):
        audit_split(corpus, corpus.target)


# Splitters.


@pytest.mark.parametrize(
    ("cv", "shares"),
    [
        (None, False),
        (SpeakerKFold(2), False),
        (2, True),
        (StratifiedKFold(2), True),
        (GroupKFold(3), False),
    ],
)
def test_any_splitter_will_do(cv, shares):
    audit = _audit(cv=cv, groups=SPEAKERS)
    assert ("speaker" in set(audit.leaks["check"])) is shares


def test_partitions_may_be_masks():
    clips = _clips(partition=["train"] * 4 + ["test"] * 2)
    assert _audit(clips, cv=PredefinedPartition()).is_clean
    mask = np.arange(N_CLIPS) < 4
    assert _audit(cv=[(mask, ~mask)]).is_clean


def test_a_corpus_is_audited_by_its_own_columns():
    corpus = make_emotional_speech(n_speakers=4, n_repetitions=1, random_state=0)
    audit = audit_split(corpus, cv=LeaveOneSpeakerOut())
    # Two speakers share a session.
    assert set(audit.leaks["check"]) == {"session"}
    assert audit.leaks["fold"].tolist() == [0, 1, 2, 3]
    assert audit_split(corpus, cv=LeaveOneSessionOut()).is_clean


# On real recordings.


def test_recordings_of_emodb_are_all_different(emodb_root):
    from sersk.datasets import load_emodb

    corpus = load_emodb(emodb_root)
    audit = audit_split(corpus, audio="fingerprint", n_jobs=2)
    assert audit.is_clean
    random = audit_split(corpus, cv=StratifiedKFold(5, shuffle=True, random_state=0))
    assert set(random.leaks["check"]) == {"speaker"}
    assert random.leaks["value"].nunique() == 10


def test_the_recording_that_ravdess_has_twice_is_found(ravdess_root):
    from sersk.datasets import load_ravdess

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CorpusWarning)
        corpus = load_ravdess(ravdess_root)
    audit = audit_split(corpus, cv=LeaveOneOut())
    found = audit.findings[audit.findings["check"] == "identical audio"]
    assert len(found) == 2
    assert found["detail"].str.contains("03-01-03-01-02-01-07").all()
    assert found["detail"].str.contains("03-01-03-01-02-02-07").all()
