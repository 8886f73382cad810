"""The main job from corpus to table, on corpora whose truth is known.

A protocol is honest if it finds nothing where there is nothing to be found. Here
labels are planted such that whoever knows the voice knows the label, and an evaluation
is wrong if it says that the emotion was recognised.
"""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sersk.datasets import load_emodb, make_emotional_speech
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals, EGeMAPS
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from sersk.preprocessing import LabelEncodedClassifier, SpeakerScaler
from tests.evaluation.probes import RowSpy

RANDOM_SPLIT = StratifiedKFold(4, shuffle=True, random_state=0)


def _system(extractor=None):
    return make_pipeline(
        extractor or AcousticFunctionals(),
        StandardScaler(),
        LogisticRegression(max_iter=1_000),
    )


def _corpus(**effects):
    """Return 8 speakers, of whom everyone says 8 things: 64 short clips."""
    size = {"n_sentences": 2, "n_repetitions": 1, "duration": 0.8}
    return make_emotional_speech(n_speakers=8, **size, **effects, random_state=0)


def _unweighted_accuracy(system, corpus, y=None, **protocol) -> float:
    return evaluate(system, corpus, y, **protocol).scores()["unweighted_accuracy"][0]


@pytest.fixture(scope="module")
def confounded():
    """Return a corpus of which every speaker has one label and expresses nothing."""
    return _corpus(emotion_effect=0, speaker_effect=2, label_confounding=1)


def test_the_ten_lines_of_the_readme():
    pytest.importorskip("opensmile", reason="needs openSMILE")
    xgboost = pytest.importorskip("xgboost", reason="needs XGBoost")
    corpus = make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)
    pipelines = {
        "functionals + LR": make_pipeline(
            AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
        ),
        "eGeMAPS + XGBoost": make_pipeline(
            EGeMAPS(), LabelEncodedClassifier(xgboost.XGBClassifier(n_estimators=10))
        ),
    }
    evaluation = evaluate(pipelines, corpus, cv=LeaveOneSpeakerOut())

    scores = evaluation.scores()
    assert scores["pipeline"].tolist() == list(pipelines)
    assert scores["n"].tolist() == [36, 36]
    assert scores["extractions_per_clip"].tolist() == [1, 1]
    assert (scores["unweighted_accuracy"] > 0.4).all()
    assert scores["protocol"].tolist() == ["LeaveOneSpeakerOut, 3 folds"] * 2
    assert str(evaluation).startswith("synthetic: 36 clips, 4 classes, 3 speakers\n")


def test_a_random_split_finds_emotions_that_are_not_there(confounded):
    score = _unweighted_accuracy(
        _system(), confounded, cv=RANDOM_SPLIT, acknowledge_overlap=True
    )
    assert score > 0.8


@pytest.mark.parametrize("cv", [LeaveOneSpeakerOut(), SpeakerKFold(4)])
@pytest.mark.parametrize(
    "extractor",
    [AcousticFunctionals(), SpeakerScaler(AcousticFunctionals())],
    ids=["plain", "by speaker"],
)
def test_speaker_disjoint_folds_find_nothing_where_nothing_is(
    confounded, extractor, cv
):
    assert _unweighted_accuracy(_system(extractor), confounded, cv=cv) < 0.25 + 0.1


def test_a_nested_search_finds_nothing_either(confounded):
    search = GridSearchCV(
        _system(), {"logisticregression__C": [0.01, 1]}, cv=SpeakerKFold(2)
    )
    assert _unweighted_accuracy(search, confounded) < 0.25 + 0.1


def test_emotions_that_are_there_are_found():
    assert _unweighted_accuracy(_system(), _corpus(emotion_effect=2)) > 0.7


def test_permuted_labels_are_guessed():
    corpus = _corpus(emotion_effect=2)
    labels = np.random.default_rng(0).permutation(corpus.target)
    standard_error = np.sqrt(0.25 * 0.75 / len(labels))
    score = _unweighted_accuracy(_system(), corpus.clips, labels)
    assert abs(score - 0.25) < 3 * standard_error


class SpeakerIdentity(TransformerMixin, BaseEstimator):
    """Give a system the one thing that it must not use: who speaks."""

    def fit(self, X, y=None):
        self.speakers_ = np.unique(X.speaker)
        return self

    def transform(self, X):
        return (X.speaker[:, np.newaxis] == self.speakers_).astype(float)


def test_knowing_the_speaker_helps_only_where_speakers_are_shared():
    # Every speaker has a favourite, which is the label of most of the clips.
    corpus = _corpus(label_confounding=0.8)
    system = make_pipeline(SpeakerIdentity(), DecisionTreeClassifier(random_state=0))
    shared = _unweighted_accuracy(
        system, corpus, cv=RANDOM_SPLIT, acknowledge_overlap=True
    )
    assert shared > 0.6
    assert _unweighted_accuracy(system, corpus) <= 0.25 + 0.05


def test_no_step_learns_from_the_clips_of_a_test_fold(confounded):
    RowSpy.fitted.clear()
    system = make_pipeline(AcousticFunctionals(), RowSpy(), DummyClassifier())
    evaluate(system, confounded)
    rows = AcousticFunctionals().fit_transform(confounded.clips)
    for number, fitted in enumerate(RowSpy.fitted):
        tested = rows[confounded.clips.speaker == f"{number + 1:02d}"]
        assert len(fitted) + len(tested) == len(rows)
        assert not {row.tobytes() for row in fitted} & {row.tobytes() for row in tested}
    assert len(RowSpy.fitted) == 8


def test_real_speakers_that_were_not_heard(emodb_root):
    corpus = load_emodb(emodb_root).select(speaker=["03", "08", "09"])
    systems = {
        "plain": _system(AcousticFunctionals()),
        "by speaker": _system(SpeakerScaler(AcousticFunctionals())),
    }
    evaluation = evaluate(systems, corpus)
    scores = evaluation.scores()
    assert evaluation.folds["test_speakers"].tolist() == ["03", "08", "09"] * 2
    assert scores["n"].tolist() == [len(corpus)] * 2
    assert scores["extractions_per_clip"].tolist() == [1, 0]
    assert (scores["unweighted_accuracy"] > 2 * scores["chance"]).all()
    assert scores["transductive"].tolist() == [False, True]
