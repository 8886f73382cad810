"""Steps that learn from test clips, or need them: each is found, others are not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from sersk import AudioClips
from sersk.audio import FeatureStreams
from sersk.augmentation import Gain
from sersk.estimators import MixupClassifier
from sersk.features import FeatureDict, MFCCSequence
from sersk.model_selection import LeaveOneSpeakerOut, audit_fit
from sersk.model_selection._spy import Log, digest_rows, spy_on
from sersk.preprocessing import PreEmphasis, SequenceScaler, SpeakerScaler
from tests.features.probes import Level

N_ROWS = 24
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(3, 2, (N_ROWS, 4))
Y = np.array(["sad", "happy"] * (N_ROWS // 2))
SPEAKERS = np.repeat(["anna", "bob", "carl"], N_ROWS // 3)
CLIPS = AudioClips.from_arrays(
    GENERATOR.uniform(0.1, 0.9, (N_ROWS, 1)) * np.ones(50),
    sampling_rate=16_000,
    columns={"speaker": SPEAKERS},
)


class Greedy(TransformerMixin, BaseEstimator):
    """Fit a step on rows that were kept from before the split."""

    def __init__(self, step=None, everything=None):
        self.step = step
        self.everything = everything

    def fit(self, X, y=None):
        self.step_ = clone(self.step).fit(self.everything)
        return self

    def transform(self, X):
        return self.step_.transform(X)


class Ranks(TransformerMixin, BaseEstimator):
    """Rank the rows of a call."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.argsort(np.argsort(X, axis=0), axis=0) / len(X)


def _audit(estimator, X=X, **options):
    return audit_fit(estimator, X, Y, groups=SPEAKERS, **options)


def _found(audit) -> set[tuple]:
    return set(audit.findings[["check", "value"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(make_union(StandardScaler(), PCA(2)), SelectKBest(k=3), SVC()),
        make_pipeline(
            make_column_transformer((MinMaxScaler(), [0, 1])), LogisticRegression()
        ),
        SVC(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_ordinary_pipelines_are_clean(estimator):
    audit = _audit(estimator)
    assert audit.findings.empty
    assert audit.line == "audit: clean (fit)"
    assert audit.n_folds == 3


def test_a_search_is_clean_and_keeps_its_grid():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    grid = {"logisticregression__C": [0.1, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2)
    assert _audit(search).findings.empty


def test_a_step_that_learns_from_test_rows_is_found():
    pipeline = make_pipeline(Greedy(StandardScaler(), X), LogisticRegression())
    audit = _audit(pipeline)
    assert _found(audit) == {("fitted on test clips", "greedy__step")}
    assert audit.leaks["fold"].tolist() == [0, 1, 2]
    assert audit.leaks["count"].tolist() == [8, 8, 8]
    assert audit.leaks["detail"].iloc[0] == (
        "StandardScaler was fitted on 8 rows that are test clips"
    )
    assert audit.line == "audit: 1 STEP FITTED ON TEST CLIPS (fit)"
    with pytest.raises(ValueError, match=r"^1 step is fitted on test clips of a fold"):
        audit.raise_if_leaking()


def test_a_step_inside_a_search_is_found():
    pipeline = make_pipeline(Greedy(StandardScaler(), X), LogisticRegression())
    search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1.0]}, cv=2)
    assert _found(_audit(search)) == {
        ("fitted on test clips", "estimator__greedy__step")
    }


def test_an_extractor_that_learns_from_test_clips_is_found():
    greedy = Greedy(SpeakerScaler(Level(), "train"), CLIPS)
    audit = audit_fit(make_pipeline(greedy, LogisticRegression()), CLIPS, Y)
    assert {"greedy__step", "greedy__step__extractor"} >= set(audit.leaks["value"])
    assert len(audit.leaks) >= 3


def test_folds_that_share_rows_are_found():
    folds = [(range(16), range(12, N_ROWS))]
    found = _found(_audit(StandardScaler(), cv=folds))
    assert found == set()
    # The rows on both sides are training rows as well: the split is what is wrong.
    assert audit_fit(StandardScaler(), X, cv=folds, groups=SPEAKERS).leaks.empty


def test_a_transductive_step_is_noted():
    audit = audit_fit(
        make_pipeline(SpeakerScaler(Level()), LogisticRegression()), CLIPS, Y
    )
    assert _found(audit) == {("transductive", "speakerscaler")}
    assert audit.is_clean
    assert audit.line == "audit: clean (fit; transductive)"
    assert audit.findings["count"].tolist() == [4, 4, 4]
    assert _found(_audit(make_pipeline(StandardScaler(), Ranks(), SVC()))) == {
        ("transductive", "ranks")
    }


@pytest.mark.parametrize(
    "parameters", [{"mode": "train"}, {"mode": "enrol", "enrol": 3}]
)
def test_honest_scaling_by_speaker_is_clean(parameters):
    scaler = SpeakerScaler(Level(), **parameters)
    audit = audit_fit(make_pipeline(scaler, LogisticRegression()), CLIPS, Y)
    assert audit.findings.empty


def _average(sequences):
    return np.array([frames.mean(axis=0) for frames in sequences])


def _take_level(streams):
    return streams["level"]


def _louder(clips):
    return clips.apply(Gain(len(clips)).operation(0))


def _sort(sequences):
    return sequences[np.argsort([frames.mean() for frames in sequences])]


def _streams(clips):
    return FeatureStreams({"mfcc": MFCCSequence(n_mfcc=2).fit_transform(clips)})


def _sort_streams(streams):
    return FeatureStreams({"mfcc": _sort(streams["mfcc"])})


@pytest.mark.parametrize(
    "steps",
    [
        [PreEmphasis(), Level()],
        [MFCCSequence(n_mfcc=2), SequenceScaler(), FunctionTransformer(_average)],
        [
            FeatureDict([("mfcc", MFCCSequence(n_mfcc=2)), ("level", Level())]),
            FunctionTransformer(_take_level),
        ],
    ],
)
def test_clips_and_frames_pass_through_steps(steps):
    mixup = MixupClassifier(LogisticRegression(), random_state=0)
    assert audit_fit(make_pipeline(*steps, mixup), CLIPS, Y).line == (
        "audit: clean (fit)"
    )


@pytest.mark.parametrize(
    "steps", [[_louder], [MFCCSequence(n_mfcc=2), _sort], [_streams, _sort_streams]]
)
def test_transductive_clips_and_frames_are_noted(steps):
    steps = [FunctionTransformer(one) if callable(one) else one for one in steps]
    audit = audit_fit(make_pipeline(*steps), CLIPS, Y)
    assert audit.line == "audit: clean (fit; transductive)"


def test_a_step_that_fails_without_the_others_is_noted():
    scaler = SpeakerScaler(Level(), mode="enrol", enrol=8)
    audit = audit_fit(make_pipeline(scaler, LogisticRegression()), CLIPS, Y)
    assert _found(audit) == {("transductive", "speakerscaler")}
    assert audit.findings["detail"].str.contains("fails without the others").all()


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
@pytest.mark.parametrize("container", [np.array, np.float32, pd.DataFrame])
def test_a_matrix_that_was_scaled_before_the_split_is_found(scaler, container):
    audit = _audit(LogisticRegression(), container(scaler.fit_transform(X)))
    assert set(audit.leaks["check"]) == {"scaled before the split"}
    assert "SCALED BEFORE THE SPLIT" in audit.line
    with pytest.raises(ValueError, match="scaled over all rows before the split"):
        audit.raise_if_leaking()
    with_constant = np.column_stack([scaler.fit_transform(X), np.full(N_ROWS, 7)])
    assert not _audit(LogisticRegression(), with_constant).leaks.empty


def test_a_matrix_that_was_scaled_on_training_rows_is_clean():
    scaled = StandardScaler().fit(X[:16]).transform(X)
    assert _audit(LogisticRegression(), scaled).findings.empty


def test_a_frozen_step_is_noted():
    frozen = FrozenEstimator(StandardScaler().fit(X))
    audit = _audit(make_pipeline(frozen, LogisticRegression()))
    assert _found(audit) == {("fitted before", "frozenestimator")}
    assert audit.is_clean


def test_the_estimator_is_left_alone():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=3))
    before = repr(pipeline)
    _audit(pipeline)
    assert repr(pipeline) == before
    assert type(pipeline[0]) is StandardScaler
    assert not hasattr(pipeline[0], "mean_")


def test_spies_change_nothing():
    log = Log()
    pipeline = make_pipeline(StandardScaler(), SVC()).set_output(transform="pandas")
    spied = clone(spy_on(pipeline, log)).set_params(svc__C=3)
    plain = clone(pipeline).set_params(svc__C=3)
    assert isinstance(spied[0], StandardScaler)
    assert not hasattr(spied, "predict_proba")
    np.testing.assert_array_equal(
        spied.fit(X, Y).decision_function(X), plain.fit(X, Y).decision_function(X)
    )
    assert isinstance(spied[:1].transform(X), pd.DataFrame)


@pytest.mark.parametrize(
    "rows",
    [
        X,
        X.tolist(),
        pd.DataFrame(X),
        pd.Series(["a", "b", "a"]),
        CLIPS,
        [np.zeros(3), np.zeros(4)],
        np.array([{"a": 1}, {"a": 2}], dtype=object),
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_rows_have_a_digest_of_their_content(rows):
    digests = digest_rows(rows)
    assert len(digests) == len(rows)
    assert digest_rows(rows) == digests
    assert digests[0] != digests[1]


def test_what_has_no_rows_has_no_digests():
    assert digest_rows(None) == []
    assert digest_rows(pd.DataFrame({"a": [[1], [2]]})) == []


def test_what_neither_predicts_nor_transforms_is_refused():
    class Mute(BaseEstimator):
        def fit(self, X, y=None):
            return self

    with pytest.raises(TypeError, match="Mute has neither predict nor transform"):
        _audit(Mute(), cv=KFold(2))


def test_without_labels_transformers_are_audited():
    audit = audit_fit(StandardScaler(), X, groups=SPEAKERS, cv=LeaveOneSpeakerOut())
    assert audit.findings.empty
