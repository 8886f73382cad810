"""Searches: inside of pipelines, around them, and what they may divide by."""

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    TunedThresholdClassifierCV,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk.evaluation import evaluate
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from sersk.preprocessing import SpeakerScaler
from tests.evaluation.probes import SplitSpy
from tests.features.probes import Level


def _system(extractor=None):
    return make_pipeline(extractor or Level(), StandardScaler(), GaussianNB())


def test_a_nested_search_is_speaker_disjoint_and_extracts_once(corpus, spy):
    search = GridSearchCV(
        _system(spy), {"gaussiannb__var_smoothing": [1e-9, 1e-3]}, cv=SplitSpy()
    )
    evaluation = evaluate({"search": search}, corpus)
    # First all clips are divided, and those of all speakers but one, to see whether the
    # search mixes speakers. Then two inner folds for each of three outer ones, and for
    # each candidate.
    assert len(SplitSpy.made) == 3 + 2 + 6
    made_in_folds = SplitSpy.made[3 + 2 :]
    for train, test in made_in_folds:
        assert len(train) == len(test) == 1
        assert not train & test
    outer = [made[0] | made[1] for made in made_in_folds[::2]]
    assert outer == [{"bob", "carl"}, {"anna", "carl"}, {"anna", "bob"}]
    assert len(spy.processes) == 12
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [1]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_workers_of_a_search_find_the_store(corpus, spy, n_jobs):
    search = GridSearchCV(
        _system(spy),
        {"gaussiannb__var_smoothing": [1e-9, 1e-3]},
        cv=LeaveOneSpeakerOut(),
        n_jobs=2,
    )
    evaluate({"search": search}, corpus, n_jobs=n_jobs)
    assert len(spy.processes) == 12


def test_extractors_may_be_searched_over(corpus, spy):
    search = GridSearchCV(
        make_pipeline("passthrough", GaussianNB()),
        {"passthrough": [spy, SpeakerScaler(spy)]},
        cv=LeaveOneSpeakerOut(),
    )
    evaluation = evaluate({"search": search}, corpus)
    assert len(spy.processes) == 12
    assert evaluation.pipelines["transductive"].tolist() == [True]


def test_a_search_in_one_call_is_speaker_disjoint_and_extracts_once(corpus, spy):
    evaluation = evaluate(
        {"searched": _system(spy)},
        corpus,
        search={"gaussiannb__var_smoothing": [1e-9, 1e-3]},
        inner_cv=SplitSpy(),
    )
    assert len(spy.processes) == 12
    assert all(not train & test for train, test in SplitSpy.made)
    chosen = [row["gaussiannb__var_smoothing"] for row in evaluation.folds["chosen"]]
    assert set(chosen) <= {1e-9, 1e-3}
    assert evaluation.protocol.endswith("3 folds, parameters searched by SplitSpy")


def test_each_system_may_have_a_grid_of_its_own(corpus):
    grids = {"a": {"gaussiannb__var_smoothing": [1e-9, 1e-3]}}
    systems = {"a": _system(), "b": DummyClassifier()}
    inner = SpeakerKFold(2)
    evaluation = evaluate(systems, corpus, search=grids, inner_cv=inner)
    chosen = evaluation.folds.groupby("pipeline")["chosen"].agg(list)
    assert chosen["b"] == [{}] * 3
    assert all(list(row) == ["gaussiannb__var_smoothing"] for row in chosen["a"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"search": {"svc__C": [1]}}, "asks for 'svc__C', which pipeline 'mine' does"),
        (
            {"search": {"nb__var_smoothing": [1e-9]}},
            r"have\. It has 'gaussiannb__var_smoothing'\. Correct it",
        ),
        (
            {"search": {"other": {"gaussiannb__var_smoothing": [1e-9]}}},
            "search has grids for 'other', but there are the pipelines 'mine'",
        ),
        ({"search": 3}, "search is no grid of parameters"),
        ({"inner_cv": SpeakerKFold(2)}, "pass search= or thresholds= with it"),
    ],
)
def test_wrong_searches_are_refused(corpus, options, message):
    with pytest.raises(ValueError, match=message):
        evaluate({"mine": _system()}, corpus, **options)


@pytest.mark.parametrize("cv", [2, None, KFold(2)])
def test_a_search_that_mixes_speakers_is_refused(corpus, cv):
    search = GridSearchCV(_system(), {"gaussiannb__var_smoothing": [1e-9, 1e-3]}, cv=cv)
    with pytest.raises(ValueError, match="selects or calibrates on splits that put"):
        evaluate({"searched": search}, corpus)


def test_a_mixing_search_that_is_acknowledged_is_shown(corpus):
    search = GridSearchCV(_system(), {"gaussiannb__var_smoothing": [1e-9, 1e-3]}, cv=2)
    evaluation = evaluate({"searched": search}, corpus, acknowledge_overlap=True)
    assert evaluation.protocol.endswith("INNER SPLITS SHARE SPEAKERS")


@pytest.mark.parametrize("give_groups", [False, True])
def test_a_plain_search_reads_the_speaker_from_the_clips(corpus, give_groups):
    grid = {"gaussiannb__var_smoothing": [1e-9, 1e-3]}
    search = GridSearchCV(_system(), grid, cv=LeaveOneSpeakerOut())
    groups = {"groups": corpus.clips.speaker} if give_groups else {}
    search.fit(corpus.clips, corpus.target, **groups)
    assert search.n_splits_ == 3
    assert search.best_params_["gaussiannb__var_smoothing"] in (1e-9, 1e-3)


@pytest.mark.parametrize("wrap", [CalibratedClassifierCV, TunedThresholdClassifierCV])
def test_calibration_and_thresholds_are_learned_by_speaker(corpus, wrap):
    system = make_pipeline(Level(), StandardScaler(), LogisticRegression())
    evaluation = evaluate({"wrapped": wrap(system, cv=SpeakerKFold(2))}, corpus)
    assert len(evaluation.predictions) == 12
    with pytest.raises(ValueError, match="selects or calibrates on splits that put"):
        evaluate({"wrapped": wrap(system, cv=2)}, corpus)
