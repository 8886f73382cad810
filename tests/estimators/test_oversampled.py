"""Repeated clips of the rarer classes, and where they end up."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips
from sersk.datasets import make_emotional_speech
from sersk.estimators import OversampledClassifier
from sersk.estimators._oversampled import draw_copies, repeat_samples
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.metrics import unweighted_accuracy
from sersk.model_selection import audit_fit, audit_split

Y = np.array(["sad", "angry", "sad", "sad", "happy", "angry", "sad"])
CODES = np.array([2, 0, 2, 2, 1, 0, 2])


class Recorder(ClassifierMixin, BaseEstimator):
    """Remember what fit was given and how many clips were predicted."""

    def fit(self, X, y):
        self.X_, self.y_, self.classes_ = X, y, np.unique(y)
        return self

    def predict(self, X):
        self.predicted_ = X
        return np.full(len(X), self.classes_[0])


def _clips(**columns):
    waveforms = [np.full(100, 0.1 * number) for number in range(1, 8)]
    return AudioClips.from_arrays(waveforms, sampling_rate=16_000, columns=columns)


def _fitted(X, y=Y, **parameters):
    model = OversampledClassifier(Recorder(), random_state=0, **parameters)
    return model.fit(X, y)


# What is drawn.


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("auto", {"angry": 4, "happy": 4, "sad": 4}),
        ({"happy": 3}, {"angry": 2, "happy": 3, "sad": 4}),
        ({"happy": 9, "sad": 5}, {"angry": 2, "happy": 9, "sad": 5}),
        ({"happy": np.int64(1)}, {"angry": 2, "happy": 1, "sad": 4}),
        ({}, {"angry": 2, "happy": 1, "sad": 4}),
    ],
)
def test_classes_get_as_many_samples_as_are_wanted(strategy, expected):
    model = _fitted(np.arange(7.0)[:, None], sampling_strategy=strategy)
    labels, counts = np.unique(model.estimator_.y_, return_counts=True)
    assert dict(zip(labels.tolist(), counts.tolist(), strict=True)) == expected


def test_copies_stand_behind_all_samples_and_are_of_their_class():
    X = np.arange(7.0)[:, None]
    model = _fitted(X)
    rows = model.sample_indices_
    assert rows[:7].tolist() == [*range(7)]
    assert Y[rows[7:]].tolist() == ["angry"] * 2 + ["happy"] * 3
    assert_array_equal(model.estimator_.X_, X[rows])
    assert_array_equal(model.estimator_.y_, Y[rows])


def test_the_draw_is_by_random_state_only():
    X = np.arange(7.0)[:, None]
    drawn = [_fitted(X).sample_indices_.tolist() for _ in range(2)]
    assert drawn[0] == drawn[1]
    others = {
        tuple(draw_copies(CODES, np.array([9, 9, 9]), np.random.RandomState(seed)))
        for seed in range(5)
    }
    assert len(others) == 5


# What copies carry.


def test_copies_carry_all_columns_and_name_their_original():
    clips = _clips(speaker=[*"aabbccd"], session=[1, 1, 1, 2, 2, 2, 2])
    model = _fitted(clips)
    given, rows = model.estimator_.X_, model.sample_indices_
    assert given.digests == [clips.digests[row] for row in rows]
    assert_array_equal(given.speaker, clips.speaker[rows])
    assert_array_equal(given.session, clips.session[rows])
    assert given.columns["copy_of"].tolist() == [None] * 7 + rows[7:].tolist()
    assert "copy_of" not in clips.columns


def test_originals_are_named_by_utterance_where_there_is_one():
    names = [*"tuvwxyz"]
    model = _fitted(_clips(utterance=names))
    copies = model.estimator_.X_.columns["copy_of"][7:]
    assert copies.tolist() == [names[row] for row in model.sample_indices_[7:]]


def test_a_copy_of_a_copy_is_one_of_the_original():
    clips = _clips(copy_of=[None] * 4 + ["there", np.nan, np.nan])
    repeated = repeat_samples(clips, np.array([4, 4, 5]))
    assert repeated.columns["copy_of"][7:].tolist() == ["there", "there", 5]


def test_tables_of_files_are_marked_and_tables_of_features_are_not():
    files = pd.DataFrame({"file": [*"tuvwxyz"], "speaker": [*"aabbccd"]})
    model = _fitted(files.set_axis([*"ABCDEFG"]))
    rows = model.sample_indices_
    assert_array_equal(model.estimator_.X_["file"], files["file"].iloc[rows])
    assert model.estimator_.X_["copy_of"].iloc[7:].tolist() == rows[7:].tolist()
    features = pd.DataFrame({"one": np.arange(7.0)})
    assert list(_fitted(features).estimator_.X_.columns) == ["one"]


@pytest.mark.parametrize(
    "make",
    [list, lambda X: X.astype(np.float32), sparse.csr_array, sparse.coo_matrix],
)
def test_other_forms_of_x_are_repeated_as_they_are(make):
    X = np.arange(1.0, 8.0)[:, None]
    model = _fitted(make(X))
    given = model.estimator_.X_
    given = given.toarray() if sparse.issparse(given) else np.array(given)
    assert_array_equal(given, X[model.sample_indices_])


# The answers are those of the classifier.


def test_answers_are_those_of_a_classifier_fitted_by_hand():
    X = np.random.default_rng(0).normal(size=(7, 2)) + CODES[:, None]
    model = OversampledClassifier(LogisticRegression(), random_state=0).fit(X, Y)
    rows = model.sample_indices_
    expected = LogisticRegression().fit(X[rows], Y[rows])
    assert_array_equal(model.predict(X), expected.predict(X))
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    assert_array_equal(model.decision_function(X), expected.decision_function(X))
    assert model.n_features_in_ == 2
    assert not hasattr(OversampledClassifier(GaussianNB()), "decision_function")


# The test side.


def test_nothing_that_is_predicted_is_repeated():
    clips = _clips()
    model = _fitted(clips)
    assert model.predict(clips[:3]).tolist() == ["angry"] * 3
    assert model.estimator_.predicted_.digests == clips[:3].digests
    assert "copy_of" not in model.estimator_.predicted_.columns


def test_in_a_cross_validation_no_test_clip_is_learned_from():
    corpus = make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)
    kept = np.flatnonzero((corpus.target != "sad") | (corpus.clips.speaker == "01"))
    clips, target = corpus.clips[kept], corpus.target[kept]
    system = make_pipeline(
        AcousticFunctionals(("rms",)),
        OversampledClassifier(LogisticRegression(), random_state=0),
    )
    assert audit_fit(system, clips, target).leaks.empty
    around = OversampledClassifier(
        make_pipeline(AcousticFunctionals(("rms",)), LogisticRegression()),
        random_state=0,
    )
    both = evaluate({"inside": system, "around": around}, clips, target)
    # As many as there are clips, and each of them once.
    for _, predictions in both.predictions.groupby("pipeline"):
        assert sorted(predictions["clip"]) == [*range(len(clips))]
    answers = [
        part["prediction"].tolist() for _, part in both.predictions.groupby("pipeline")
    ]
    assert answers[0] == answers[1]
    # Repeated clips are in the store already.
    assert both.pipelines["extractions_per_clip"].max() == 1


@pytest.fixture(scope="module")
def imbalanced():
    """Return clips in which emotion changes nothing, most of them called neutral."""
    corpus = make_emotional_speech(emotion_effect=0, random_state=0)
    kept = (corpus.target == "neutral") | (np.arange(len(corpus)) % 3 == 0)
    return corpus.clips[np.flatnonzero(kept)], corpus.target[kept]


def test_oversampling_before_the_split_inflates_the_score(imbalanced, tmp_path):
    clips, target = imbalanced
    system = make_pipeline(
        AcousticFunctionals(("mfcc",), cache=str(tmp_path)),
        StandardScaler(),
        KNeighborsClassifier(1),
    )
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    inside = OversampledClassifier(system, random_state=0)
    honest = unweighted_accuracy(
        target, cross_val_predict(inside, clips, target, cv=cv)
    )
    rows = inside.fit(clips, target).sample_indices_
    before = repeat_samples(clips, rows[len(clips) :])
    inflated = unweighted_accuracy(
        target[rows], cross_val_predict(system, before, target[rows], cv=cv)
    )
    # Nothing can be known; with four classes that is 0.25.
    assert honest < 0.35
    assert inflated > 0.7


def test_the_audit_finds_copies_on_both_sides(imbalanced):
    clips, target = imbalanced
    rows = OversampledClassifier(DummyClassifier(), random_state=0).fit(clips, target)
    rows = rows.sample_indices_
    before = repeat_samples(clips, rows[len(clips) :])
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    # By the column alone, without a look at any audio.
    audit = audit_split(before, target[rows], cv=cv, audio=None)
    assert (audit.leaks["check"] == "copy").sum() > 50
    system = make_pipeline(AcousticFunctionals(("rms",)), GaussianNB())
    anonymous = AudioClips.from_arrays(
        list(before),
        sampling_rate=before.sampling_rate,
        columns={"copy_of": before.columns["copy_of"]},
    )
    with pytest.raises(ValueError, match=r"has the audio of|same original"):
        evaluate(system, anonymous, target[rows], cv=cv)


# What cannot be.


@pytest.mark.parametrize(
    ("parameters", "y", "message"),
    [
        ({}, ["sad"] * 7, "y holds one class only, .*'sad'"),
        ({}, [*Y[:-1], None], r"y lacks 1 labels \(first at position 6\)"),
        ({}, [0.0, 1.0, 0.0, 0.0, 1.0, 1.0, np.nan], "y lacks 1 labels"),
        ({}, Y[:-1], "inconsistent numbers of samples"),
        ({}, [], "y holds no label|inconsistent"),
        (
            {"sampling_strategy": {"glad": 9}},
            Y,
            r"names 'glad', but the classes are \['angry', 'happy', 'sad'\]",
        ),
        ({"sampling_strategy": {"sad": 3}}, Y, "asks for 3 samples of 'sad', .*are 4"),
        ({"sampling_strategy": {"sad": 9.5}}, Y, "asks for 9.5 samples of 'sad'"),
        ({"sampling_strategy": "all"}, Y, "'sampling_strategy' parameter"),
        ({"random_state": "x"}, Y, "'random_state' parameter"),
    ],
)
def test_what_cannot_be_repeated_is_refused(parameters, y, message):
    model = OversampledClassifier(Recorder(), **parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(np.zeros((7, 1)), y)
