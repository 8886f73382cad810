"""imbalanced-learn's pipelines and samplers on clips."""

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.model_selection import LeaveOneSpeakerOut, audit_fit

pytest.importorskip("imblearn", reason="needs imbalanced-learn")

from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler

SAMPLERS = [
    RandomOverSampler(random_state=0),
    SMOTE(random_state=0, k_neighbors=2),
    RandomUnderSampler(random_state=0),
]


@pytest.fixture(scope="module")
def data():
    """Return clips of three speakers, a third of the sad ones left out."""
    corpus = make_emotional_speech(n_speakers=3, random_state=0)
    kept = (corpus.target != "sad") | (np.arange(len(corpus)) % 3 > 0)
    return corpus.clips[np.flatnonzero(kept)], corpus.target[kept]


@pytest.fixture(params=SAMPLERS, ids=lambda one: type(one).__name__)
def system(request):
    extractor = AcousticFunctionals(("rms", "zcr"))
    return make_pipeline(
        extractor, StandardScaler(), request.param, LogisticRegression()
    )


def test_samplers_balance_what_is_fitted_and_leave_what_is_predicted(data, system):
    clips, target = data
    system.fit(clips, target)
    features = system[:2].transform(clips)
    _, balanced = system[2].fit_resample(features, target)
    assert len(set(Counter(balanced).values())) == 1
    assert len(system.predict(clips)) == len(clips)


def test_samplers_work_in_searches_and_evaluations(data, system):
    clips, target = data
    grid = {"logisticregression__C": [0.1, 1.0]}
    search = GridSearchCV(system, grid, cv=LeaveOneSpeakerOut()).fit(clips, target)
    assert search.best_score_ > 0.4
    evaluation = evaluate({"plain": system, "search": search}, clips, target)
    assert evaluation.folds["error"].eq("").all()
    assert evaluation.pipelines["extractions_per_clip"].max() == 1


def test_samplers_learn_from_no_test_clip(data, system):
    assert audit_fit(system, *data).leaks.empty
