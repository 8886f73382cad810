import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, check_cv

from sersk import AudioClips
from sersk.evaluation._plan import check_folds, describe_protocol, make_splitter
from sersk.evaluation._task import check_task
from sersk.model_selection import LeaveOneSpeakerOut, PredefinedPartition

WAVEFORMS = np.random.default_rng(0).uniform(-0.5, 0.5, (4, 400))
LABELS = ["sad", "angry", "sad", "angry"]


def _task(speakers=None, y=LABELS):
    columns = None if speakers is None else {"speaker": speakers}
    clips = AudioClips.from_arrays(WAVEFORMS, sampling_rate=16_000, columns=columns)
    return check_task(clips, y, set())


def _folds(splits, task, acknowledged=False):
    return [
        (f.train.tolist(), f.test.tolist())
        for f in check_folds(splits, task, acknowledged)
    ]


def test_a_corpus_is_a_task(corpus):
    task = check_task(corpus, None, {8_000})
    assert task.name == "loudness"
    assert task.clips is corpus.clips
    assert task.target.tolist() == corpus.target.tolist()
    assert task.classes == ("sad", "angry")
    assert task.speakers.tolist() == ["anna"] * 4 + ["bob"] * 4 + ["carl"] * 4


def test_a_corpus_brings_its_own_labels(corpus):
    with pytest.raises(ValueError, match="do not pass y"):
        check_task(corpus, corpus.target, set())


def test_clips_need_labels(corpus):
    with pytest.raises(ValueError, match="Pass a Corpus, or clips and their labels"):
        check_task(corpus.clips, None, set())


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (["b", "a", "c", "a"], ("a", "b", "c")),
        (pd.Series(["b", "a", "b", "a"], index=[3, 2, 1, 0]), ("a", "b")),
        (pd.Series(["b", "a", "b", "a"], dtype="category"), ("a", "b")),
        ([10, 2, 10, 2], (2, 10)),
        (np.array([True, False, True, False]), (False, True)),
    ],
)
def test_labels_stay_what_they_are(y, classes):
    task = _task(y=y)
    assert task.target.tolist() == list(y)
    assert task.classes == classes
    assert [type(name) for name in task.classes] == [type(classes[0])] * len(classes)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "b"], r"y has shape \(2,\), but X holds 4 clips"),
        ([["a", "b"]] * 4, r"shape \(4, 2\)"),
        (["a", None, "b", "a"], r"labels of 1 clips \(first: clip 1\)"),
        (["a", "b", np.nan, np.nan], r"labels of 2 clips \(first: clip 2\)"),
        (["a", 1, "b", 2], "different types.*int, str"),
    ],
)
def test_labels_that_are_none_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        _task(y=y)


def test_files_become_clips(wav_files):
    task = check_task(wav_files, ["a", "b", "a"], set())
    assert task.clips.files.tolist() == list(map(str, wav_files))
    assert task.speakers is None


@pytest.mark.parametrize("rates", [set(), {16_000}, {8_000}])
def test_arrays_are_at_the_rate_that_the_extractors_expect(rates):
    task = check_task(WAVEFORMS, LABELS, rates)
    assert task.clips.sampling_rate == min(rates, default=16_000)
    np.testing.assert_array_equal(task.clips[0], WAVEFORMS[0].astype(np.float32))


def test_arrays_of_an_ambiguous_rate_are_refused(wav_files):
    rates = {8_000, 16_000}
    with pytest.raises(ValueError, match=r"AudioClips\.from_arrays"):
        check_task(WAVEFORMS, LABELS, rates)
    assert len(check_task(wav_files, ["a", "b", "a"], rates).clips) == 3
    clips = AudioClips.from_arrays(WAVEFORMS, sampling_rate=16_000)
    assert check_task(clips, LABELS, rates).clips is clips


def test_folds_are_rows_whatever_form_they_have():
    task = _task()
    mask = np.array([True, True, False, False])
    splits = [([0, 1], (2, 3)), (mask, ~mask), (np.array([0, 1]), [-2, -1])]
    assert _folds(splits, task) == [([0, 1], [2, 3])] * 3


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (([0, 1], [1, 2]), r"Fold 1 trains on 1 clips that it tests \(first: clip 1\)"),
        (([0, 1, 3], [-1]), "first: clip 3"),
        (([], [1]), "Fold 1 has no clips to train on"),
        (([0], [2, 3, 2]), r"Fold 1 tests 1 clips more than once \(first: clip 2\)"),
        (([0], np.array([], dtype=int)), "Fold 1 has no clips to test on"),
        (([0], [4]), "Fold 1 does not fit 4 clips"),
        (([0], [True, False]), "Fold 1 does not fit 4 clips"),
    ],
)
def test_wrong_folds_are_refused(split, message):
    with pytest.raises(ValueError, match=message):
        check_folds([([0, 1], [2, 3]), split], _task(), True)


def test_folds_of_three_parts_are_refused():
    with pytest.raises(ValueError, match=r"Fold 1 of cv has 3 parts.*inner_cv="):
        make_splitter([([0], [1]), ([0], [1], [2])], _task())


def test_folds_may_come_one_by_one():
    splitter = make_splitter((fold for fold in [([0, 1], [2, 3])]), _task())
    assert [tuple(map(list, fold)) for fold in splitter.split()] == [([0, 1], [2, 3])]


def test_clips_that_are_tested_again_are_told():
    task = _task(["anna", "anna", "bob", "bob"])
    folds = check_folds([([0, 1], [2, 3]), ([0, 1], [3])], task, False)
    protocol = describe_protocol(KFold(2), folds, task)
    assert protocol == "KFold, 2 folds, clips tested up to 2 times"


def test_no_folds_are_refused():
    with pytest.raises(ValueError, match="cv gives no folds"):
        check_folds([], _task(), False)


def test_shared_speakers_are_refused_by_name():
    task = _task(["anna", "bob", "anna", "bob"])
    with pytest.raises(ValueError, match="2 speakers are in") as caught:
        check_folds([([0, 1], [2, 3])], task, False)
    for part in ("('anna', 'bob')", "LeaveOneSpeakerOut()", "acknowledge_overlap=True"):
        assert part in str(caught.value)
    assert _folds([([0, 1], [2, 3])], task, acknowledged=True) == [([0, 1], [2, 3])]


def test_only_some_of_many_shared_speakers_are_listed():
    clips = AudioClips.from_arrays(
        np.zeros((20, 10)),
        sampling_rate=16_000,
        columns={"speaker": [f"{n % 10}" for n in range(20)]},
    )
    task = check_task(clips, ["a", "b"] * 10, set())
    with pytest.raises(
        ValueError, match=r"10 speakers.*\('0', '1', '2', '3', '4', …\)"
    ):
        check_folds([(range(10), range(10, 20))], task, False)


def test_speakers_may_be_in_training_here_and_in_test_there():
    task = _task(["anna", "anna", "bob", "bob"])
    assert len(check_folds([([0, 1], [2, 3]), ([2, 3], [0, 1])], task, False)) == 2


@pytest.mark.parametrize("speakers", [[1, 2, 1, 2], ["1", 2, "1", 2]])
def test_speakers_need_not_be_text(speakers):
    with pytest.raises(ValueError, match="2 speakers are in"):
        check_folds([([0, 1], [2, 3])], _task(speakers), False)


@pytest.mark.parametrize("unknown", [None, np.nan])
def test_clips_without_a_speaker_are_not_one_speaker(unknown):
    task = _task([unknown, "anna", unknown, "bob"])
    folds = check_folds([([0, 1], [2, 3])], task, False)
    protocol = describe_protocol(KFold(2), folds, task)
    assert protocol == "KFold, 1 fold, 2 of 4 CLIPS WITHOUT SPEAKER"


@pytest.mark.parametrize(
    ("cv", "speakers", "expected"),
    [
        (LeaveOneSpeakerOut(), ["a", "a", "b", "b"], "LeaveOneSpeakerOut, 2 folds"),
        (KFold(2), ["a", "b", "a", "b"], "KFold, 2 folds, 2 of 2 SPEAKERS SHARED"),
        (KFold(2), None, "KFold, 2 folds, SPEAKERS UNKNOWN"),
        (2, None, "StratifiedKFold, 2 folds, SPEAKERS UNKNOWN"),
        ([([0, 1], [2, 3])], ["a", "a", "b", "b"], "given folds, 1 fold"),
        (
            PredefinedPartition("speaker", train="a", test="b"),
            ["a", "a", "b", "c"],
            "PredefinedPartition, 1 fold, trained on a (2), tested on b (1)",
        ),
    ],
)
def test_the_protocol_is_described(cv, speakers, expected):
    task = _task(speakers)
    splitter = check_cv(cv, task.target, classifier=True)
    folds = check_folds(splitter.split(task.clips, task.target), task, True)
    assert describe_protocol(splitter, folds, task) == expected
