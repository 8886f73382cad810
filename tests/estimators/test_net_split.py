"""Early stopping by speakers that are not learned from, inside whatever is around."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline

from sersk.audio import FrameSequences
from sersk.augmentation import Gain
from sersk.estimators import (
    AugmentedClassifier,
    CNN1DClassifier,
    CNN1DRegressor,
    SpeakerFoldVotingClassifier,
    WindowedClassifier,
)
from sersk.estimators._net_split import divide
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals, MFCCSequence
from sersk.metrics import mean_concordance, unweighted_accuracy
from sersk.model_selection import (
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
)
from sersk.preprocessing import SequenceScaler
from tests.estimators.net_probes import FEW

pytestmark = pytest.mark.usefixtures("one_thread")


def _net(**parameters):
    given = {"max_epochs": 2, "early_stopping": True, **FEW, **parameters}
    return CNN1DClassifier(5, **given)


def _pipeline(**parameters):
    extractor = MFCCSequence(8, n_mels=20, n_fft=512, hop_length=640)
    return make_pipeline(extractor, SequenceScaler(), _net(**parameters))


def _divide(X, cv=None, **parameters):
    given = {"early_stopping": True, "name": "Net", **parameters}
    return divide(X, np.zeros(len(X)), cv, **given)


def _frames(**columns):
    n_clips = len(next(iter(columns.values())))
    return FrameSequences.from_arrays([np.ones((3, 2))] * n_clips, columns=columns)


# Which clips validate.


def test_a_fifth_of_the_speakers_is_held_out():
    X = _frames(speaker=np.repeat([*"abcdefghij"], 3))
    split = _divide(X)
    held_out = set(X.columns["speaker"][split.validation])
    assert len(held_out) == 2
    assert held_out.isdisjoint(X.columns["speaker"][split.training])
    assert len(split.training) + len(split.validation) == 30


def test_fewer_speakers_than_folds_are_no_error():
    split = _divide(_frames(speaker=[*"aabbb"]))
    assert {len(split.training), len(split.validation)} == {2, 3}


def test_one_clip_is_not_enough_to_learn_from():
    for one in (
        _frames(speaker=[*"abb"], validation=[False, True, True]),
        _frames(speaker=[*"a"]),
    ):
        with pytest.raises(ValueError, match="1 sample to learn from, but Net needs"):
            divide(one, np.zeros(len(one)), None, early_stopping=False, name="Net")


def test_a_number_or_a_splitter_says_who_is_held_out():
    X = _frames(speaker=np.repeat([*"abcdef"], 2), part=["train"] * 8 + ["test"] * 4)
    for cv in (3, SpeakerKFold(3)):
        assert len(_divide(X, cv).validation) == 4
    partition = PredefinedPartition("part")
    assert _divide(X, partition).validation.tolist() == [8, 9, 10, 11]


def test_a_list_of_splits_gives_its_first():
    splits = [([0, 1], [2]), ([2], [0, 1])]
    assert _divide(_frames(speaker=[*"aab"]), splits).validation.tolist() == [2]


def test_marked_clips_validate_whatever_else_is_known():
    X = _frames(speaker=[*"aabb"], validation=[True, False, False, False])
    for early_stopping in (True, False):
        split = _divide(X, early_stopping=early_stopping)
        assert split.validation.tolist() == [0]
        assert split.training.tolist() == [1, 2, 3]


def test_without_marks_and_early_stopping_all_clips_are_learned_from():
    for X in (_frames(validation=[False, False]), np.ones((2, 3))):
        split = _divide(X, early_stopping=False)
        assert split.validation is None
        assert split.training.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("X", "cv", "message"),
    [
        (_frames(session=[1, 2]), None, "carries no column 'speaker'. Load the clips"),
        (np.ones((2, 3)), None, "a ndarray, carries no column 'speaker': a matrix"),
        (_frames(speaker=["a", "a"]), None, "All clips are of the speaker 'a'"),
        (_frames(speaker=["a", None]), None, "lacks the speaker of 1 of 2 clips"),
        (_frames(speaker=[*"aabb"]), KFold(4), "clips of the speakers a on both sides"),
        (_frames(validation=[True, True]), None, "marks all 2 clips"),
        (_frames(validation=["yes", "no"]), None, "must say True or False of each"),
        (_frames(validation=[True, None]), None, "got None for clip 1"),
        (_frames(speaker=[*"aab"]), [([0, 1], [])], "holds out 0 clips"),
        (_frames(speaker=[*"aab"]), [([0, 1], [3])], "positions up to 3 of 3 clips"),
        (_frames(speaker=[*"aab"]), [([0], [1, 2])], "speakers a on both sides"),
    ],
)
def test_clips_that_cannot_be_divided(X, cv, message):
    with pytest.raises(ValueError, match=message):
        _divide(X, cv)


# What validation is for.


def test_the_best_epoch_is_returned_to(speech):
    net = _net(max_epochs=12, patience=3).fit(speech.mfcc, speech.y)
    scores = net.history_["valid_score"]
    assert net.best_epoch_ == scores.argmax() + 1
    assert len(scores) == min(12, net.best_epoch_ + 3)
    split = _divide(speech.mfcc)
    found = net.predict(speech.mfcc[split.validation])
    expected = unweighted_accuracy(speech.y[split.validation], found)
    assert scores.max() == pytest.approx(expected)


def test_degrees_are_scored_over_all_validation_clips(speech):
    y = np.column_stack([speech.mfcc.lengths, np.arange(72) % 7]).astype(float)
    net = CNN1DRegressor(5, max_epochs=3, early_stopping=True, **FEW)
    net.fit(speech.mfcc, y)
    rows = _divide(speech.mfcc).validation
    expected = mean_concordance(y[rows], net.predict(speech.mfcc[rows]))
    assert net.history_["valid_score"].max() == pytest.approx(expected, abs=1e-5)


# Inside others.


@pytest.fixture(scope="module")
def clips(speech):
    return speech.corpus.clips


def test_speakers_reach_the_net_in_a_pipeline(speech, clips):
    pipeline = _pipeline().fit(clips, speech.y)
    assert "valid_score" in pipeline[-1].history_


def test_speakers_reach_the_net_in_searches_and_folds(speech, clips):
    search = GridSearchCV(
        _pipeline(max_epochs=1),
        {"cnn1dclassifier__lr": [1e-3, 1e-2]},
        cv=SpeakerKFold(2),
    )
    results = cross_validate(
        search, clips, speech.y, cv=LeaveOneSpeakerOut(), return_estimator=True
    )
    for fitted in results["estimator"][:2]:
        assert "valid_score" in fitted.best_estimator_[-1].history_


def test_a_vote_marks_the_clips_that_stop_its_members(speech, clips):
    vote = SpeakerFoldVotingClassifier(
        _pipeline(early_stopping=False), cv=3, mark_validation=True
    ).fit(clips, speech.y)
    for member, speakers, score in zip(
        vote.members_, vote.member_speakers_, vote.validation_scores_, strict=True
    ):
        assert len(speakers) == 2
        assert member[-1].history_["valid_score"].max() == pytest.approx(score)


@pytest.mark.parametrize(
    "around",
    [
        lambda one: WindowedClassifier(one, window=1.0, hop=0.5, tail="pad"),
        lambda one: AugmentedClassifier(one, [Gain((-3, 3))], random_state=0),
    ],
    ids=["windows", "copies"],
)
def test_windows_and_copies_carry_their_speakers(speech, clips, around):
    outer = around(_pipeline(max_epochs=1)).fit(clips, speech.y)
    assert "valid_score" in outer.estimator_[-1].history_
    assert outer.predict(clips[:3]).shape == (3,)


def test_evaluate_takes_nets(speech):
    evaluation = evaluate(
        {"CNN": _pipeline(max_epochs=1)}, speech.corpus, cv=SpeakerKFold(2)
    )
    assert len(evaluation.predictions) == 72


def test_rows_have_lost_their_speakers(speech, clips):
    pipeline = make_pipeline(AcousticFunctionals(("rms",)), _net())
    with pytest.raises(ValueError, match="a matrix carries none at all"):
        pipeline.fit(clips, speech.y)
