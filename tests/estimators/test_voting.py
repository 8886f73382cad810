"""Members that each lack some speakers, and their vote."""

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedKFold,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sersk.datasets import make_emotional_speech
from sersk.estimators import LabelEncodedClassifier, SpeakerFoldVotingClassifier
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.metrics import unweighted_accuracy
from sersk.model_selection import (
    LeaveOneSessionOut,
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
)

SPEAKERS = np.repeat([*"abcd"], 6)


@pytest.fixture(scope="module")
def data():
    """Return 24 rows of four speakers with three classes, and the speakers."""
    generator = np.random.default_rng(0)
    y = np.tile(["angry", "happy", "sad"], 8)
    codes = np.tile([0, 1, 2], 8)
    return codes[:, None] + generator.normal(0, 0.6, (24, 2)), y


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(n_speakers=4, n_repetitions=1, random_state=0)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    extractor = AcousticFunctionals(("rms",), cache=str(tmp_path_factory.mktemp("s")))
    return make_pipeline(extractor, StandardScaler(), LogisticRegression())


def _ensemble(estimator=None, **parameters):
    return SpeakerFoldVotingClassifier(estimator or GaussianNB(), **parameters)


class Recorder(ClassifierMixin, BaseEstimator):
    """Remember what fit was given, and predict the first class."""

    reads_validation = True

    def fit(self, X, y):
        self.X_, self.y_, self.classes_ = X, y, np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


# Members.


def test_members_are_those_of_a_loop_by_hand(data):
    X, y = data
    ensemble = _ensemble(cv=LeaveOneSpeakerOut()).fit(X, y, groups=SPEAKERS)
    by_hand = [
        GaussianNB().fit(X[one != SPEAKERS], y[one != SPEAKERS]) for one in "abcd"
    ]
    for member, expected in zip(ensemble.members_, by_hand, strict=True):
        assert_allclose(member.theta_, expected.theta_)
    assert ensemble.member_speakers_ == [["a"], ["b"], ["c"], ["d"]]
    scores = [
        unweighted_accuracy(y[one == SPEAKERS], member.predict(X[one == SPEAKERS]))
        for one, member in zip("abcd", by_hand, strict=True)
    ]
    assert_allclose(ensemble.validation_scores_, scores)
    members = np.column_stack([member.predict(X) for member in by_hand])
    assert_array_equal(ensemble.predict_members(X), members)


def test_soft_votes_are_the_mean_of_probabilities(data):
    X, y = data
    ensemble = _ensemble(cv=4, voting="soft").fit(X, y, groups=SPEAKERS)
    mean = np.mean([one.predict_proba(X) for one in ensemble.members_], axis=0)
    assert_allclose(ensemble.predict_proba(X), mean)
    assert_array_equal(ensemble.predict(X), ensemble.classes_[mean.argmax(axis=1)])


def test_hard_votes_are_those_of_most_members(data):
    X, y = data
    ensemble = _ensemble(cv=3).fit(X, y, groups=SPEAKERS)
    members = pd.DataFrame(ensemble.predict_members(X))
    clear = members.nunique(axis=1) < 3
    assert_array_equal(ensemble.predict(X)[clear], members.mode(axis=1)[0][clear])
    assert not hasattr(ensemble, "predict_proba")


def test_ties_go_to_the_larger_sum_of_probabilities(data):
    X, y = data
    ensemble = _ensemble(cv=2).fit(X, y, groups=SPEAKERS)
    members = ensemble.predict_members(X)
    tied = np.flatnonzero(members[:, 0] != members[:, 1])
    assert len(tied)
    sums = sum(one.predict_proba(X[tied]) for one in ensemble.members_)
    assert_array_equal(ensemble.predict(X)[tied], ensemble.classes_[sums.argmax(1)])


def test_without_probabilities_the_earliest_member_decides_ties(data):
    X, y = data
    ensemble = _ensemble(LinearSVC(random_state=0), cv=2).fit(X, y, groups=SPEAKERS)
    members = ensemble.predict_members(X)
    assert (members[:, 0] != members[:, 1]).any()
    assert_array_equal(ensemble.predict(X), members[:, 0])


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_a_member_may_lack_a_class(data, voting):
    X, y = data
    y = np.where(SPEAKERS == "a", y, np.where(y == "sad", "happy", y))
    ensemble = _ensemble(cv=4, voting=voting).fit(X, y, groups=SPEAKERS)
    lacking = ensemble.member_speakers_.index(["a"])
    assert ensemble.members_[lacking].classes_.tolist() == ["angry", "happy"]
    assert ensemble.classes_.tolist() == ["angry", "happy", "sad"]
    assert set(ensemble.predict(X)) <= {"angry", "happy", "sad"}
    # The sad clips of its validation speaker count as mistakes.
    assert ensemble.validation_scores_[lacking] <= 2 / 3
    if voting == "soft":
        assert_allclose(ensemble.predict_proba(X).sum(axis=1), 1)


def test_members_of_another_library_may_lack_a_class(data):
    xgboost = pytest.importorskip("xgboost", reason="needs XGBoost")
    X, y = data
    y = np.where((SPEAKERS != "a") & (y == "happy"), "sad", y)
    boosting = xgboost.XGBClassifier(n_estimators=5, n_jobs=1)
    ensemble = _ensemble(LabelEncodedClassifier(boosting), cv=4, voting="soft")
    probabilities = ensemble.fit(X, y, groups=SPEAKERS).predict_proba(X)
    assert probabilities.shape == (24, 3)
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_numbers_are_labels_too(data):
    X, y = data
    numbers = np.unique(y, return_inverse=True)[1].astype(float) + 3
    ensemble = _ensemble(cv=4).fit(X, numbers, groups=SPEAKERS)
    assert set(ensemble.predict(X)) <= {3.0, 4.0, 5.0}


def test_workers_change_nothing(data):
    X, y = data
    with parallel_config("threading"):
        one, two = (
            _ensemble(cv=4, voting="soft", n_jobs=n_jobs).fit(X, y, groups=SPEAKERS)
            for n_jobs in (1, 2)
        )
    assert_array_equal(one.predict_proba(X), two.predict_proba(X))


# Divisions.


@pytest.mark.parametrize(
    ("cv", "n_members"),
    [
        (3, 3),
        (LeaveOneSpeakerOut(), 4),
        (SpeakerKFold(2, shuffle=True, random_state=0), 2),
        (GroupShuffleSplit(7, test_size=1, random_state=0), 7),
        (GroupKFold(4), 4),
        ([(np.flatnonzero(SPEAKERS != "d"), np.flatnonzero(SPEAKERS == "d"))], 1),
        ([(SPEAKERS != "d", SPEAKERS == "d")], 1),
    ],
)
def test_anything_that_divides_speakers_is_taken(data, cv, n_members):
    X, y = data
    table = pd.DataFrame(X, columns=["one", "two"]).assign(speaker=SPEAKERS)
    features = make_pipeline("passthrough", Features(), GaussianNB())
    for ensemble in (
        _ensemble(features, cv=cv).fit(table, y),
        _ensemble(cv=cv).fit(X, y, groups=SPEAKERS),
    ):
        assert len(ensemble.members_) == n_members
        for member in ensemble.member_speakers_:
            assert set(member) < set("abcd")


class Features(BaseEstimator):
    """Leave out the speaker."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[["one", "two"]].to_numpy()

    def __sklearn_is_fitted__(self):
        return True


def test_five_members_are_the_default():
    speakers = np.repeat(np.arange(6), 4)
    X, y = np.arange(24.0)[:, None] % 5, np.tile(["x", "y"], 12)
    assert len(_ensemble().fit(X, y, groups=speakers).members_) == 5


def test_other_columns_than_the_speaker_may_divide(corpus, pipeline):
    ensemble = _ensemble(pipeline, cv=LeaveOneSessionOut())
    ensemble.fit(corpus.clips, corpus.target)
    assert ensemble.member_speakers_ == [["01", "02"], ["03", "04"]]
    partition = np.where(corpus.clips.speaker == "03", "dev", "train")
    clips = corpus.clips.with_columns({"partition": partition})
    ensemble = _ensemble(pipeline, cv=PredefinedPartition(test="dev"))
    ensemble.fit(clips, corpus.target)
    assert ensemble.member_speakers_ == [["03"]]


def test_clips_of_unknown_speakers_need_a_splitter_of_their_own(data):
    X, y = data
    ensemble = _ensemble(cv=KFold(3, shuffle=True, random_state=0)).fit(X, y)
    assert ensemble.member_speakers_ is None
    with pytest.raises(ValueError, match="SpeakerKFold needs the speaker of each"):
        _ensemble().fit(X, y)


# Validation clips.


def test_a_member_gets_no_validation_clips(corpus):
    ensemble = _ensemble(Recorder(), cv=4).fit(corpus.clips, corpus.target)
    for member, speakers in zip(
        ensemble.members_, ensemble.member_speakers_, strict=True
    ):
        assert not set(speakers) & set(member.X_.speaker)
        assert "validation" not in member.X_.columns


def test_a_member_that_stops_early_gets_them_marked(corpus):
    ensemble = _ensemble(Recorder(), cv=4, mark_validation=True)
    ensemble.fit(corpus.clips, corpus.target)
    for member, speakers in zip(
        ensemble.members_, ensemble.member_speakers_, strict=True
    ):
        given = member.X_
        assert given.digests == corpus.clips.digests
        assert_array_equal(member.y_, corpus.target)
        validation = given.columns["validation"]
        assert validation.dtype == bool
        assert_array_equal(validation, given.speaker == speakers[0])


def test_tables_of_files_are_marked_too():
    table = pd.DataFrame({"file": [*"stuvwx"], "speaker": [*"aabbcc"]}, index=range(6))
    ensemble = _ensemble(Recorder(), cv=3, mark_validation=True)
    ensemble.fit(table, ["x", "y"] * 3)
    first = ensemble.members_[0].X_
    assert_array_equal(first["validation"], first["speaker"] == "c")
    assert "validation" not in table


# On clips.


def test_on_clips_in_an_evaluation_and_in_a_search(corpus, pipeline):
    ensemble = _ensemble(pipeline, cv=3)
    evaluation = evaluate({"vote": ensemble, "one": pipeline}, corpus)
    assert evaluation.folds["error"].eq("").all()
    assert evaluation.protocol == "LeaveOneSpeakerOut, 4 folds"
    grid = {"estimator__logisticregression__C": [0.1, 1.0], "voting": ["hard", "soft"]}
    search = GridSearchCV(_ensemble(pipeline, cv=2), grid, cv=LeaveOneSpeakerOut())
    search.fit(corpus.clips, corpus.target)
    assert search.best_score_ > 0.3


def test_each_clip_is_extracted_once_in_an_evaluation(corpus):
    plain = make_pipeline(AcousticFunctionals(("rms",)), GaussianNB())
    evaluation = evaluate({"vote": _ensemble(plain, cv=2)}, corpus)
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [1]


def test_a_split_inside_a_member_is_looked_at(corpus, pipeline):
    grid = {"logisticregression__C": [0.1, 1.0]}
    ensemble = _ensemble(GridSearchCV(pipeline, grid, cv=3), cv=2)
    with pytest.raises(ValueError, match="selects or calibrates on splits that put"):
        evaluate({"vote": ensemble}, corpus)


# What cannot be.

ONE = np.repeat("a", 24)
WITH_GAP = np.where(SPEAKERS == "a", None, SPEAKERS)
TWO = np.array(["angry", "sad"] * 12)
OF_ONE = np.where(SPEAKERS == "a", np.array(["angry", "sad"] * 12), "sad")
IN_ONE = np.where((SPEAKERS == "d") & (TWO == "sad"), "happy", TWO)


@pytest.mark.parametrize(
    ("parameters", "y", "groups", "message"),
    [
        ({}, TWO, SPEAKERS, r"cv=None asks for 5 members, but .* 4 speakers.*cv=4 or"),
        ({"cv": 6}, TWO, SPEAKERS, "cv=6 asks for 6 members, .* Pass cv=4 or less"),
        ({"cv": 2}, TWO, ONE, "of 1 speaker, .* Give clips of more speakers"),
        ({"cv": 4}, TWO, SPEAKERS[1:], r"groups has shape \(23,\), but X holds 24"),
        ({"cv": 4}, TWO, WITH_GAP, "groups lacks the speaker of 6 of 24 clips"),
        (
            {"cv": KFold(3)},
            TWO,
            SPEAKERS,
            "cv puts clips of the same speakers .first: 'b'",
        ),
        ({"cv": StratifiedKFold(5)}, TWO, SPEAKERS, "into both the training and"),
        ({"cv": 4}, [*TWO[:-1], None], SPEAKERS, "y lacks 1 labels"),
        ({"cv": 4}, [0.0] * 12 + [np.nan] * 12, SPEAKERS, "y lacks 12 labels"),
        ({"cv": 4}, ["sad"] * 24, SPEAKERS, "y holds one class only, .*'sad'"),
        ({"cv": 4}, OF_ONE, SPEAKERS, "clips of member 3 are of one class only, .*sad"),
        (
            {"cv": [(SPEAKERS != "d", SPEAKERS == "d")]},
            IN_ONE,
            SPEAKERS,
            "Class .*'happy'.* is in the training clips of no member",
        ),
        (
            {"cv": [(SPEAKERS != "z", SPEAKERS == "z")]},
            TWO,
            SPEAKERS,
            "leaves a member without training or validation clips",
        ),
        ({"cv": []}, TWO, SPEAKERS, "leaves a member without training or"),
        ({"cv": 4, "voting": "most"}, TWO, SPEAKERS, "'voting' parameter"),
        ({"cv": 0}, TWO, SPEAKERS, "'cv' parameter"),
        (
            {"cv": 4, "voting": "soft", "estimator": LinearSVC()},
            TWO,
            SPEAKERS,
            "voting='soft' needs probabilities, but LinearSVC has no predict_proba",
        ),
        (
            {"cv": 4, "mark_validation": True},
            TWO,
            SPEAKERS,
            "mark_validation=True gives the validation clips to GaussianNB",
        ),
        (
            {"cv": 4, "mark_validation": True, "estimator": Recorder()},
            TWO,
            SPEAKERS,
            "mark_validation=True needs an X that carries columns.*ndarray",
        ),
    ],
)
def test_what_cannot_be_divided_or_voted_on_is_refused(parameters, y, groups, message):
    X = np.arange(48.0).reshape(24, 2)
    with pytest.raises(ValueError, match=message):
        _ensemble(**parameters).fit(X, y, groups=groups)


def test_labels_and_clips_of_different_numbers_are_refused(data):
    X, y = data
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        _ensemble().fit(X, y[:-1], groups=SPEAKERS)
