"""What cannot be evaluated, and what fails in part."""

import re

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioClips
from sersk.evaluation import evaluate
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold
from sersk.preprocessing import SpeakerScaler
from sersk.utils import AudioError, AudioWarning, EvaluationWarning
from tests.evaluation.probes import Awkward, Broken, Exotic, Hopeless
from tests.features.probes import GIVES_NAN, Fragile, Level


def _system(extractor=None):
    return make_pipeline(extractor or Level(), StandardScaler(), GaussianNB())


def _by_speaker(extractor=None):
    return make_pipeline(SpeakerScaler(extractor or Level()), GaussianNB())


def test_bad_clips_are_named_by_their_place_in_the_corpus(corpus):
    waveforms = list(corpus.clips)
    waveforms[9] = np.array([0.1, np.nan])
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns=corpus.clips.columns
    )
    with pytest.raises(AudioError, match=r"Clip 9 .*non-finite") as caught:
        evaluate({"mine": _system()}, clips, corpus.target)
    assert caught.value.indices == (9,)
    assert caught.value.__notes__ == ["in pipeline 'mine', before its folds"]


def test_bad_clips_may_be_made_up_for(corpus, tmp_path):
    waveforms = [np.array(waveform) for waveform in corpus.clips]
    waveforms[9][0] = GIVES_NAN
    clips = AudioClips.from_arrays(
        waveforms, sampling_rate=16_000, columns=corpus.clips.columns
    )
    extractor = Fragile(str(tmp_path), on_error="nan")

    class Filled(GaussianNB):
        def fit(self, X, y):
            return super().fit(np.nan_to_num(X), y)

        def predict(self, X):
            return super().predict(np.nan_to_num(X))

    with pytest.warns(AudioWarning, match="not finite"):
        evaluation = evaluate(make_pipeline(extractor, Filled()), clips, corpus.target)
    assert len(evaluation.predictions) == 12


def test_a_fold_that_fails_costs_no_other_result(corpus):
    systems = {"good": _system(), "bad": Broken("carl")}
    with pytest.warns(EvaluationWarning, match=r"1 of 6 cells failed.* pipeline 'bad'"):
        evaluation = evaluate(systems, corpus)
    assert evaluation.predictions["pipeline"].value_counts().to_dict() == {
        "good": 12,
        "bad": 8,
    }
    errors = evaluation.folds.set_index(["pipeline", "fold"])["error"]
    assert errors["bad", 2].startswith("ZeroDivisionError: one by nought (in fit, ")
    assert (errors.drop(("bad", 2)) == "").all()
    # Scores over fewer clips would be compared with those of the other system.
    scores = evaluation.scores().set_index("pipeline")["unweighted_accuracy"]
    assert np.isnan(scores["bad"])
    assert not np.isnan(scores["good"])
    assert "failed: bad in 1 folds (first: fold 2): ZeroDivisionError" in str(
        evaluation
    )
    assert re.search(r"^bad +- +- +-", str(evaluation), flags=re.MULTILINE)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_that_cannot_be_sent_costs_no_other_result(corpus, n_jobs):
    with pytest.warns(EvaluationWarning, match="Awkward: 7: out of luck"):
        evaluation = evaluate(
            {"bad": Exotic(), "good": DummyClassifier()}, corpus, n_jobs=n_jobs
        )
    assert len(evaluation.predictions) == 12
    # Where Dask's workers have been, every exception can be sent as it is.
    with pytest.raises((RuntimeError, Awkward), match="7: out of luck") as caught:
        evaluate({"bad": Exotic()}, corpus, n_jobs=n_jobs)
    assert caught.value.__notes__ == ["in fold 0 of pipeline 'bad'"]


class Odd(DummyClassifier):
    """Answer something that is no label of each clip."""

    def __init__(self, answer=None):
        super().__init__()
        self.answer = answer

    def predict(self, X):
        return np.array(self.answer(len(X)))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n: [None] * n, "None for test clip 0"),
        (lambda n: [np.nan] * n, "nan for test clip 0"),
        (lambda n: [0] * n, "0 for test clip 0 .*labels such as 'sad'"),
        (lambda n: np.array(["sad", 1] * (n // 2), dtype=object), "1 for test clip 1"),
        (lambda n: ["sad"] * (n - 1), "gave 3 labels for 4 clips"),
        (lambda n: [["sad", "sad"]] * n, "1d array"),
    ],
)
def test_answers_that_are_no_labels_cost_no_other_result(corpus, answer, message):
    systems = {"odd": Odd(answer), "good": _system()}
    with pytest.warns(EvaluationWarning, match="3 of 6 cells failed"):
        evaluation = evaluate(systems, corpus)
    errors = evaluation.folds.set_index("pipeline").loc["odd", "error"]
    assert errors.str.contains(message).all()
    assert evaluation.predictions["pipeline"].unique().tolist() == ["good"]
    assert evaluation.to_frame()["UA"].tolist()[0] == "-"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cv": LeaveOneSpeakerOut}, TypeError, r"is a class.*LeaveOneSpeakerOut\(\)"),
        ({"inner_cv": 3}, TypeError, r"inner_cv=3 is no splitter.*SpeakerKFold\(3\)"),
        ({"inner_cv": [([0], [1])]}, TypeError, "is no splitter"),
        ({"inner_cv": SpeakerKFold}, TypeError, "is no splitter"),
        ({"search": {"a": {}, "zz": {}}}, ValueError, "grids for 'zz', but .*'a'"),
    ],
)
def test_what_divides_clips_must_be_a_splitter(corpus, options, error, message):
    search = {"gaussiannb__var_smoothing": [1e-9]}
    with pytest.raises(error, match=message):
        evaluate({"a": _system()}, corpus, **{"search": search, **options})


def test_an_empty_corpus_is_named(corpus):
    with pytest.raises(ValueError, match="loudness holds no clips"):
        evaluate(_system(), corpus[np.zeros(12, dtype=bool)])


def test_where_nothing_is_left_the_error_is_raised(corpus):
    with pytest.raises(ValueError, match="no samples to fit") as caught:
        evaluate({"bad": Hopeless()}, corpus)
    assert caught.value.__notes__ == ["in fold 0 of pipeline 'bad'"]


@pytest.mark.parametrize(
    ("pipelines", "error", "message"),
    [
        ({}, ValueError, "pipelines is empty"),
        ({"mine": make_pipeline(Level(), Ridge())}, TypeError, "'mine' does not end"),
        ({1: DummyClassifier(), "1": DummyClassifier()}, TypeError, "must be str"),
    ],
)
def test_wrong_systems_are_refused(corpus, pipelines, error, message):
    with pytest.raises(error, match=message):
        evaluate(pipelines, corpus)


def test_features_are_no_clips(corpus):
    features = Level().fit_transform(corpus.clips)
    with pytest.raises(TypeError, match="Put an extractor in front") as caught:
        evaluate({"mine": GaussianNB()}, features, corpus.target, cv=2)
    assert caught.value.__notes__ == ["in fold 0 of pipeline 'mine'"]


def test_a_cache_that_is_none_is_refused(corpus):
    with pytest.raises(TypeError, match="cache must be"):
        evaluate(_system(), corpus, cache=True)
