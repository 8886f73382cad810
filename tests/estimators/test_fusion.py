"""Several extractors in one system: before a classifier, or after several."""

from typing import ClassVar

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from sersk.datasets import make_emotional_speech
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from tests.features.probes import Level, Spy


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(n_speakers=4, n_repetitions=1, random_state=0)


@pytest.fixture(scope="module")
def binary(corpus):
    return np.where(corpus.target == "anger", "anger", "other")


def _system(extractor):
    return make_pipeline(extractor, StandardScaler(), LogisticRegression())


@pytest.fixture
def systems():
    return [
        ("level", _system(Level())),
        ("crossings", _system(AcousticFunctionals(("zcr",)))),
    ]


class Speakers(SpeakerKFold):
    """Remember who was on which side."""

    made: ClassVar[list] = []

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            Speakers.made.append((set(X.speaker[train]), set(X.speaker[test])))
            yield train, test


@pytest.fixture
def by_speaker():
    Speakers.made = []
    return Speakers(2)


# Late fusion.


@pytest.mark.parametrize("voting", ["hard", "soft"])
def test_classifiers_of_clips_can_vote(voting, corpus, systems):
    vote = VotingClassifier(systems, voting=voting)
    evaluation = evaluate({"vote": vote}, corpus)
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [2]
    vote.fit(corpus.clips, corpus.target)
    if voting == "soft":
        fitted = [one.fit(corpus.clips, corpus.target) for _, one in systems]
        mean = np.mean([one.predict_proba(corpus.clips) for one in fitted], axis=0)
        assert_allclose(vote.predict_proba(corpus.clips), mean)


def test_stacking_is_speaker_disjoint_without_groups(corpus, systems, by_speaker):
    stack = StackingClassifier(systems, LogisticRegression(), cv=by_speaker)
    stack.fit(corpus.clips, corpus.target)
    # Each of two classifiers predicts two folds.
    assert len(Speakers.made) == 4
    assert all(not train & test for train, test in Speakers.made)
    assert stack.score(corpus.clips, corpus.target) > 0.4


def test_stacking_in_a_search_in_an_evaluation(corpus, systems, by_speaker):
    stack = StackingClassifier(systems, LogisticRegression(), cv=by_speaker)
    grid = {"level__logisticregression__C": [0.1, 1.0]}
    search = GridSearchCV(stack, grid, cv=LeaveOneSpeakerOut())
    evaluation = evaluate({"stack": search}, corpus)
    assert evaluation.folds["error"].eq("").all()
    assert evaluation.pipelines["extractions_per_clip"].tolist() == [2]
    assert all(not train & test for train, test in Speakers.made)


@pytest.mark.parametrize("wrap", [CalibratedClassifierCV, TunedThresholdClassifierCV])
def test_calibration_and_thresholds_are_by_speaker(
    wrap, corpus, binary, systems, by_speaker
):
    wrapped = wrap(systems[0][1], cv=by_speaker).fit(corpus.clips, binary)
    assert Speakers.made
    assert all(not train & test for train, test in Speakers.made)
    assert wrapped.score(corpus.clips, binary) > 0.6


@pytest.mark.parametrize("cv", [2, None])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda systems, cv: StackingClassifier(systems, cv=cv),
        lambda systems, cv: CalibratedClassifierCV(systems[0][1], cv=cv),
        lambda systems, cv: TunedThresholdClassifierCV(systems[0][1], cv=cv),
        lambda systems, cv: VotingClassifier(
            [("stack", StackingClassifier(systems, cv=cv)), *systems]
        ),
    ],
)
def test_inner_splits_that_mix_speakers_are_refused(wrap, cv, corpus, binary, systems):
    with pytest.raises(ValueError, match="on splits that put the clips of"):
        evaluate({"mixed": wrap(systems, cv)}, corpus.clips, binary)


# Early fusion.


def test_a_union_of_extractors_extracts_each_clip_once(corpus, tmp_path):
    first, second = (Spy(str(tmp_path / name)) for name in "ab")
    for spy in (first, second):
        (tmp_path / spy.folder).mkdir()
    union = make_union(first, second, AcousticFunctionals(("zcr",)))
    systems = {
        "one": _system(union),
        "search": GridSearchCV(
            _system(union),
            {"logisticregression__C": [0.1, 1.0]},
            cv=SpeakerKFold(2),
        ),
    }
    evaluate(systems, corpus)
    # Both are the same extractor, and so have the same store.
    assert len(first.processes) + len(second.processes) == len(corpus)
