"""The collection: small to ship, and in scikit-learn's hands."""

import copy
import pickle

import joblib
import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import _safe_indexing

from sersk import AudioClips
from sersk.utils import AudioError
from tests.audio.toy import RATE, assert_same

# Pickles.


def test_pickling_keeps_everything(clips):
    changed = clips.resample(8_000).with_max_duration(0.3)
    loaded = pickle.loads(pickle.dumps(changed))
    assert_same(loaded, changed)
    assert loaded[0].tolist() == changed[0].tolist()
    with pytest.raises(AudioError, match=r"max_duration=0\.3"):
        loaded[1]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_are_equal(clips, copied):
    assert_same(copied(clips), clips)


def test_ten_thousand_files_pickle_to_less_than_a_megabyte():
    # As many, and with names as long, as IEMOCAP's in somebody's home.
    folder = "/home/somebody/corpora/IEMOCAP_full_release"
    names = [
        f"{folder}/Session{i % 5}/sentences/wav/Ses0{i % 5}F_impro{i % 90:02}"
        f"/Ses0{i % 5}F_impro{i % 90:02}_F{i:05}.wav"
        for i in range(10_000)
    ]
    speakers = [f"Ses0{i % 5}{'MF'[i % 2]}" for i in range(10_000)]
    clips = AudioClips.from_files(names, columns={"speaker": speakers})
    assert len(names[0]) > 100
    assert len(pickle.dumps(clips)) < 1_000_000


@pytest.mark.parametrize("key", [slice(3, 5), [7, 1], np.arange(100) % 50 == 0])
def test_a_slice_pickles_only_its_own_audio(key):
    clips = AudioClips.from_arrays(np.zeros((100, 1_000)), sampling_rate=RATE)
    assert len(pickle.dumps(clips)) > 400_000
    sliced = clips[key]
    assert len(sliced) == 2
    assert len(pickle.dumps(sliced)) < 8_000 + 1_000


def test_hashes_are_those_of_content(clips, waveforms):
    before = joblib.hash(clips)
    assert joblib.hash(clips[:]) == before
    _ = clips.digests, list(clips), pickle.dumps(clips)
    assert joblib.hash(clips) == before
    assert joblib.hash(pickle.loads(pickle.dumps(clips))) == before
    assert joblib.hash(clips[1:]) != before
    assert joblib.hash(clips.resample(8_000)) != before
    assert joblib.hash(clips.with_columns({"speaker": ["x"] * 3})) != before


def test_a_slice_hashes_like_the_same_clips_made_anew(waveforms):
    clips = AudioClips.from_arrays(waveforms, sampling_rate=RATE)
    for key in ([2, 0], [1, 2]):
        anew = AudioClips.from_arrays([waveforms[i] for i in key], sampling_rate=RATE)
        assert joblib.hash(clips[key]) == joblib.hash(anew)


# In scikit-learn's hands.


def loud_and_quiet(n_clips=24):
    """Return clips whose level is their label, of four speakers, and the labels."""
    generator = np.random.default_rng(0)
    labels = np.arange(n_clips) % 2
    waveforms = [
        (0.05 + 0.4 * label) * generator.uniform(-1, 1, 200 + 10 * index)
        for index, label in enumerate(labels)
    ]
    speakers = [f"speaker {index // 2 % 4}" for index in range(n_clips)]
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=RATE, columns={"speaker": speakers, "label": labels}
    )
    return clips, labels


def level_classifier():
    # Local, so that workers get it by value and need not import this module.
    def extract(clips):
        return np.array([[np.std(waveform)] for waveform in clips])

    return make_pipeline(FunctionTransformer(extract), LogisticRegression(C=1e4))


def test_safe_indexing_gives_clips(clips):
    for key in ([0, 2], np.array([0, 2]), np.array([True, False, True])):
        sliced = _safe_indexing(clips, key)
        assert isinstance(sliced, AudioClips)
        assert sliced.speaker.tolist() == ["anna", "anna"]


def test_train_test_split():
    clips, labels = loud_and_quiet()
    train, test, y_train, y_test = train_test_split(
        clips, labels, test_size=6, random_state=0, stratify=labels
    )
    assert (len(train), len(test)) == (18, 6)
    assert train.columns["label"].tolist() == y_train.tolist()
    assert test.columns["label"].tolist() == y_test.tolist()
    assert sorted(train.digests + test.digests) == sorted(clips.digests)


def test_cross_validate_with_groups():
    clips, labels = loud_and_quiet()
    result = cross_validate(
        level_classifier(),
        clips,
        labels,
        groups=clips.speaker,
        cv=LeaveOneGroupOut(),
        return_indices=True,
        error_score="raise",
    )
    assert result["test_score"].tolist() == [1.0] * 4
    for train, test in zip(*result["indices"].values(), strict=True):
        assert not set(clips[train].speaker) & set(clips[test].speaker)


@pytest.mark.parametrize("kind", ["arrays", "files"])
def test_grid_search_in_two_processes(kind, write_wav):
    clips, labels = loud_and_quiet(12)
    if kind == "files":
        paths = [
            write_wav(waveform, name=f"{i}.wav") for i, waveform in enumerate(clips)
        ]
        clips = AudioClips.from_files(paths, columns=clips.columns)
    scores = []
    for n_jobs in (1, 2):
        search = GridSearchCV(
            level_classifier(),
            {"logisticregression__C": [1e-9, 1e4]},
            cv=GroupKFold(2),
            n_jobs=n_jobs,
            error_score="raise",
        )
        search.fit(clips, labels, groups=clips.speaker)
        assert search.best_params_ == {"logisticregression__C": 1e4}
        assert search.predict(clips).tolist() == labels.tolist()
        scores.append(search.cv_results_["mean_test_score"].tolist())
    assert scores[0] == scores[1]
    assert scores[0][1] == 1.0


# Real recordings.


def test_emodb(emodb_root):
    paths = sorted(emodb_root.rglob("*.flac"))[:3]
    clips = AudioClips.from_files(paths)
    for waveform, path in zip(clips, paths, strict=True):
        expected, rate = soundfile.read(path, dtype="float32")
        assert rate == RATE
        np.testing.assert_array_equal(waveform, expected)
    assert AudioClips.from_arrays(list(clips), sampling_rate=RATE)[1:].shape == (2,)


def test_ravdess(ravdess_root):
    path = sorted(ravdess_root.rglob("*.flac"))[0]
    clips = AudioClips.from_files([path, path], start=[0, 1], end=[None, 2])
    frames = soundfile.info(path).frames
    assert clips[0].shape == (frames,)
    np.testing.assert_array_equal(clips[1], clips[0][RATE : 2 * RATE])
