"""Evaluations of several labels a clip, and thresholds tuned on training speakers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sersk.datasets import Corpus, MultiLabelScheme, make_emotional_speech
from sersk.evaluation import evaluate, rerun
from sersk.features import AcousticFunctionals
from sersk.metrics import threshold_sweep, tune_thresholds
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from tests.features.probes import Level

NAMES = ("loud", "soft")


@pytest.fixture
def marked(corpus) -> Corpus:
    """Return clips that are loud, soft, or neither."""
    levels = np.array([waveform[0] for waveform in corpus.clips])
    marks = {"loud": 1.0 * (levels > 0.3), "soft": 1.0 * (levels < 0.25)}
    scheme = MultiLabelScheme("volume", NAMES)
    return Corpus(corpus.frame.assign(**marks), corpus.clips, scheme, name="marked")


def _system(classifier=None, extractor=None):
    logistic = MultiOutputClassifier(LogisticRegression())
    classifier = logistic if classifier is None else classifier
    return make_pipeline(extractor or Level(), StandardScaler(), classifier)


def test_labels_are_scored_in_four_ways(marked):
    evaluation = evaluate({"mine": _system()}, marked)
    assert (evaluation.kind, evaluation.main_score) == ("labels", "macro_f1")
    own = evaluation.predictions
    truth = own[[f"target_{name}" for name in NAMES]].to_numpy()
    answers = own[[f"prediction_{name}" for name in NAMES]].to_numpy()
    scores = evaluation.scores().iloc[0]
    for average in ("macro", "micro", "weighted", "samples"):
        expected = f1_score(truth, answers, average=average, zero_division=0)
        assert scores[f"{average}_f1"] == pytest.approx(expected)
    table = evaluation.label_scores("mine")
    assert table.loc["soft", "recall"] == scores["recall_soft"]
    assert table.loc["loud", "precision"] == scores["precision_loud"]
    assert scores["macro_f1_low"] < scores["macro_f1"] <= scores["macro_f1_high"]


def test_the_table_says_what_its_columns_are(marked):
    evaluation = evaluate({"mine": _system(), "other": _system()}, marked)
    cells = evaluation.to_frame()
    averages = ["macro F1", "interval", "micro F1", "weighted F1", "samples F1"]
    assert list(cells)[:6] == ["pipeline", *averages]
    lines = evaluation.definitions()
    assert lines[0].startswith("labels: scheme volume: any of loud, soft; each where")
    assert {*averages, "n"} <= {line.partition(":")[0] for line in lines}
    assert "marked: 12 clips, 2 labels, 3 speakers" in evaluation.to_latex()


@pytest.mark.parametrize(
    "classifier",
    [
        MultiOutputClassifier(LogisticRegression()),
        OneVsRestClassifier(LogisticRegression()),
        RandomForestClassifier(5, random_state=0),
    ],
    ids=["list", "array", "forest"],
)
def test_one_matrix_of_scores_is_kept(marked, classifier):
    predictions = evaluate(_system(classifier), marked).predictions
    scores = predictions[[f"probability_{name}" for name in NAMES]]
    truth = predictions[[f"target_{name}" for name in NAMES]].to_numpy()
    if not isinstance(classifier, RandomForestClassifier):
        loud = (scores["probability_loud"] > 0.5).astype(int)
        assert loud.tolist() == predictions["prediction_loud"].tolist()
    sweep = threshold_sweep(truth, scores, np.linspace(0, 1, 11), classes=NAMES)
    assert sweep.query("label == 'loud'")["recall"].is_monotonic_decreasing


def test_a_label_that_training_lacks_has_probability_0(corpus):
    marks = np.column_stack([np.tile([0, 0, 1, 1], 3), np.repeat([1, 0, 0], 4)])
    only_anna = MultiOutputClassifier(DummyClassifier())
    predictions = evaluate(only_anna, corpus.clips, marks).predictions
    anna = predictions.query("speaker == 'anna'")
    assert anna["probability_y1"].tolist() == [0.0] * 4


@pytest.mark.parametrize(
    "y",
    [
        np.tile([[0, 1], [1, 1]], (6, 1)),
        np.tile([[0.0, 1.0], [1.0, 1.0]], (6, 1)),
        np.tile([[False, True], [True, True]], (6, 1)),
        pd.DataFrame({"a": [0, 1] * 6, "b": 1}),
    ],
    ids=["int", "float", "bool", "frame"],
)
def test_columns_of_0_and_1_are_labels(corpus, y):
    evaluation = evaluate(DummyClassifier(), corpus.clips, y)
    assert evaluation.kind == "labels"
    assert len(evaluation.classes) == 2


def test_lists_of_labels_are_refused_with_the_remedy(corpus):
    y = [["loud"], [], ["loud", "soft"]] * 4
    with pytest.raises(ValueError, match="such as MultiLabelBinarizer makes"):
        evaluate(DummyClassifier(), corpus.clips, y)


def test_a_regressor_of_labels_is_refused(marked):
    with pytest.raises(TypeError, match=r"several labels \(loud, soft\).*MultiOutputC"):
        evaluate(Ridge(), marked)


class Odd(ClassifierMixin, BaseEstimator):
    """Answer something that is not 0 or 1."""

    def __init__(self, answer=2):
        self.answer = answer

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full((len(X), 2), self.answer)


@pytest.mark.parametrize(
    ("answer", "message"),
    [(2, "must give 0 and 1 for each label"), ("yes", "type <U3, but numbers")],
)
def test_answers_that_are_none_are_refused(marked, answer, message):
    with pytest.raises(ValueError, match=message):
        evaluate(Odd(answer), marked)


def test_thresholds_are_tuned_on_speakers_of_training_only(marked):
    system = _system()
    evaluation = evaluate(system, marked, thresholds="tuned", inner_cv=SpeakerKFold(2))
    for number, test in enumerate(["anna", "bob", "carl"]):
        train = marked[marked.clips.speaker != test]
        scores = np.empty(train.target.shape)
        for fitted_on, held_out in LeaveOneSpeakerOut().split(train.clips):
            system.fit(train.clips[fitted_on], train.target[fitted_on])
            given = system.predict_proba(train.clips[held_out])
            scores[held_out] = np.column_stack([part[:, 1] for part in given])
        tuned = tune_thresholds(train.target, scores, classes=NAMES)
        chosen = evaluation.folds["chosen"][number]["thresholds"]
        assert chosen == pytest.approx(tuned.to_dict())
        own = evaluation.predictions.query("fold == @number")
        above = own["probability_soft"] >= chosen["soft"]
        assert above.astype(int).tolist() == own["prediction_soft"].tolist()
    assert evaluation.protocol.endswith(
        "thresholds tuned by SpeakerKFold on training clips"
    )


def test_thresholds_and_a_search_go_together_and_extract_once(marked, spy):
    corpus = make_emotional_speech(
        n_speakers=5, n_sentences=1, n_repetitions=1, duration=0.5, random_state=0
    )
    marks = {f"is_{name}": corpus.target == name for name in ("sad", "happy")}
    evaluation = evaluate(
        _system(extractor=spy),
        corpus.clips,
        pd.DataFrame(marks),
        thresholds="tuned",
        search={"multioutputclassifier__estimator__C": [0.1, 10.0]},
        inner_cv=SpeakerKFold(2),
    )
    assert len(spy.processes) == len(corpus)
    assert set(evaluation.folds["chosen"][0]) == {
        "multioutputclassifier__estimator__C",
        "thresholds",
    }


def test_thresholds_need_probabilities(marked):
    with pytest.raises(ValueError, match="'mine' does not give"):
        evaluate(
            {"mine": _system(MultiOutputClassifier(LinearSVC()))},
            marked,
            thresholds="tuned",
        )
    with pytest.raises(ValueError, match="only 'tuned' or None is possible"):
        evaluate(_system(), marked, thresholds=0.5)


def test_thresholds_that_mix_speakers_are_refused(marked):
    with pytest.raises(ValueError, match="selects or calibrates on splits that put"):
        evaluate(_system(), marked, thresholds="tuned", inner_cv=KFold(2))


def test_it_is_kept_and_run_again(marked, tmp_path):
    options = {"thresholds": "tuned", "inner_cv": SpeakerKFold(2)}
    system = _system(extractor=AcousticFunctionals())
    folder = evaluate(system, marked, **options).save(tmp_path / "run")
    again = rerun(folder, corpus=marked)
    assert again.is_identical
    assert again.n_predictions == 12
