"""Several seeds: what is set, what is averaged, and what the table tells apart."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer
from sklearn.tree import DecisionTreeClassifier

from sersk.evaluation import evaluate, rerun
from sersk.features import AcousticFunctionals
from sersk.metrics import unweighted_accuracy, variance_parts
from tests.features.probes import Level

GUESS = DummyClassifier(strategy="uniform")


class Chooser(ClassifierMixin, SelectKBest):
    """Answer, of every clip, the class that the seed points at."""

    def __init__(self, random_state=None):
        super().__init__()
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[self.random_state % 2])


def test_every_random_state_is_set_wherever_it_is(corpus):
    bagging = BaggingClassifier(Chooser(), n_estimators=2)
    system = make_pipeline(Level(), QuantileTransformer(n_quantiles=4), Chooser())
    evaluation = evaluate(
        {"plain": system, "bagged": make_pipeline(Level(), bagging)},
        corpus,
        seeds=[0, 1],
    )
    plain = evaluation.predictions.query("pipeline == 'plain'")
    answers = plain.groupby("seed")["prediction"].agg(set)
    assert answers.to_dict() == {0: {"angry"}, 1: {"sad"}}
    assert system.named_steps["chooser"].random_state is None


def test_scores_are_means_over_seeds(corpus):
    evaluation = evaluate(make_pipeline(Level(), GUESS), corpus, seeds=[3, 1, 4])
    own = evaluation.predictions
    each = [
        unweighted_accuracy(part["target"], part["prediction"])
        for _, part in own.groupby("seed")
    ]
    scores = evaluation.scores().iloc[0]
    assert len(set(each)) > 1
    assert scores["unweighted_accuracy"] == pytest.approx(np.mean(each))
    assert scores["n"] == 12
    assert len(own) == 36
    assert evaluation.folds["seed"].tolist() == [3, 3, 3, 1, 1, 1, 4, 4, 4]
    assert evaluation.speakers["n"].tolist() == [4, 4, 4]
    assert evaluation.confusion("Pipeline").to_numpy().sum() == 36
    assert evaluation.protocol == "LeaveOneSpeakerOut, 3 folds, 3 seeds"


def test_what_varies_by_fold_and_by_seed_is_told_apart(corpus):
    evaluation = evaluate(make_pipeline(Level(), GUESS), corpus, seeds=range(4))
    folds = evaluation.folds.rename(
        columns={"fold": "split", "unweighted_accuracy": "value"}
    )
    parts = np.sqrt(variance_parts(folds[["split", "seed", "value"]]))
    scores = evaluation.scores().iloc[0]
    told = [scores[f"{name}_std"] for name in ("split", "seed", "rest")]
    assert told == pytest.approx(list(parts))
    cells = evaluation.to_frame()
    assert cells["by seed"].tolist() == [f"{parts[1]:.3f}"]
    (line,) = [line for line in evaluation.definitions() if line[:7] == "by fold"]
    assert "standard deviation of UA of single folds" in line


def test_clips_are_extracted_once_for_all_seeds(corpus, spy):
    evaluation = evaluate(make_pipeline(spy, GUESS), corpus, seeds=[0, 1, 2])
    assert len(spy.processes) == 12
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [1]


def test_one_seed_tells_no_parts(corpus):
    evaluation = evaluate(make_pipeline(Level(), GUESS), corpus, seeds=iter([7]))
    assert "seed_std" not in evaluation.scores()
    assert evaluation.protocol.endswith("1 seed")


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([], "whole numbers from 0, got"),
        ([0, -1], "whole numbers from 0"),
        ([0.5], "whole numbers from 0"),
        ([True], "whole numbers from 0"),
        ([1, 1], "hold a number twice"),
    ],
)
def test_wrong_seeds_are_refused(corpus, seeds, message):
    with pytest.raises(ValueError, match=message):
        evaluate(make_pipeline(Level(), GUESS), corpus, seeds=seeds)


def test_seeds_without_a_random_state_are_refused(corpus):
    with pytest.raises(ValueError, match="there is none, so that each would give"):
        evaluate(make_pipeline(Level(), GaussianNB()), corpus, seeds=[0, 1])


def test_seeds_are_kept_run_again_and_resumed(corpus, tmp_path):
    tree = DecisionTreeClassifier(splitter="random", max_depth=1)
    system = make_pipeline(AcousticFunctionals(), tree)
    options = {"seeds": [0, 1], "resume": tmp_path / "cells"}
    evaluation = evaluate(system, corpus, **options)
    assert evaluation.record.seeds == [0, 1]
    again = rerun(evaluation.save(tmp_path / "run"), corpus=corpus)
    assert again.is_identical
    assert again.n_predictions == 24
    more = evaluate(system, corpus, **{**options, "seeds": [0, 1, 2]})
    pd.testing.assert_series_equal(
        more.folds["fit_seconds"][:6], evaluation.folds["fit_seconds"]
    )
    assert len(list((tmp_path / "cells").iterdir())) == 9
