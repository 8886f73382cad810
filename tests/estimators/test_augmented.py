"""Only what is fitted is augmented; what is predicted stays as it is."""

import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sersk
from sersk import AudioClips, AudioError, check_clips, warm_cache
from sersk.augmentation import (
    AddNoise,
    Gain,
    OneOf,
    PitchShift,
    SpeedPerturbation,
    TimeShift,
    add_copies,
)
from sersk.datasets import make_emotional_speech
from sersk.estimators import (
    AugmentedClassifier,
    AugmentedRegressor,
    MixupClassifier,
    OversampledClassifier,
)
from sersk.evaluation import evaluate
from sersk.features import AcousticFunctionals, count_extractions, find_extractors
from sersk.model_selection import (
    LeaveOneSessionOut,
    LeaveOneSpeakerOut,
    SpeakerKFold,
    audit_fit,
    audit_split,
)
from tests.augmentation.conftest import every_augmenter

AUGMENTERS = every_augmenter()


class Keep(LogisticRegression):
    """Keep what it is given."""

    def fit(self, X, y, sample_weight=None):
        self.seen_ = X, y, sample_weight
        return super().fit(X, y, sample_weight)

    def predict(self, X):
        self.predicted_ = X
        return super().predict(X)


class KeepClips(AcousticFunctionals):
    """Keep the clips and the features that pass through, by the method."""

    def fit(self, X, y=None):
        self.fitted_on_ = X
        return super().fit(X, y)

    def transform(self, X):
        self.transformed_ = X
        return super().transform(X)


@pytest.fixture(scope="module")
def corpus():
    return make_emotional_speech(
        n_speakers=3, n_sentences=1, n_repetitions=2, duration=0.5, random_state=0
    )


@pytest.fixture
def pipeline():
    extractor = KeepClips(("rms", "zcr"))
    return make_pipeline(extractor, StandardScaler(), Keep(max_iter=1000))


@pytest.mark.parametrize("name", AUGMENTERS)
def test_the_test_side_is_untouched(name, corpus, pipeline):
    is_test = corpus.clips.speaker == "01"
    train, test = corpus.clips[~is_test], corpus.clips[is_test]
    before = test.digests
    plain = clone(pipeline).fit(train, corpus.target[~is_test])
    model = AugmentedClassifier(pipeline, AUGMENTERS[name], n_copies=2, random_state=0)
    model.fit(train, corpus.target[~is_test]).predict(test)
    extractor, scaler, last = (step for _, step in model.estimator_.steps)
    # The clips that predict sees are those that were given, and so are the features.
    assert extractor.transformed_ is test
    assert test.digests == before
    expected = plain[0].transform(test)
    assert_array_equal(extractor.transform(test), expected)
    assert_array_equal(last.predicted_, scaler.transform(expected))
    # Nothing that was learned from comes from a test clip.
    assert not set(extractor.fitted_on_.digests) & set(before)
    assert set(extractor.fitted_on_.speaker) == {"02", "03"}
    assert len(last.seen_[0]) == 3 * len(train)


def test_columns_targets_and_weights_are_those_of_the_originals(corpus, pipeline):
    weights = np.linspace(0, 1, len(corpus))
    model = AugmentedClassifier(pipeline, [AddNoise()], n_copies=2)
    model.fit(corpus.clips, corpus.target, sample_weight=weights)
    extractor, _, last = (step for _, step in model.estimator_.steps)
    augmented = extractor.fitted_on_
    for name in ("speaker", "session"):
        assert_array_equal(augmented.columns[name], [*corpus.clips.columns[name]] * 3)
    assert_array_equal(last.seen_[1], [*corpus.target] * 3)
    assert_array_equal(last.seen_[2], [*weights] * 3)
    n_copies = pd.Series(augmented.columns["copy_of"]).notna().sum()
    assert n_copies == 2 * len(corpus)


def _noisy_neighbour(folder):
    extractor = AcousticFunctionals(("mfcc",), cache=str(folder))
    return make_pipeline(extractor, StandardScaler(), KNeighborsClassifier(1))


@pytest.fixture(scope="module")
def meaningless():
    """Speech in which the emotion changes nothing: nobody can know the label."""
    return make_emotional_speech(
        n_speakers=6, n_sentences=2, duration=0.6, emotion_effect=0, random_state=0
    )


def test_augmenting_before_the_split_flatters(meaningless, tmp_path):
    X, y = meaningless.clips, meaningless.target
    noise = AddNoise(35)
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    system = _noisy_neighbour(tmp_path)
    augmented = add_copies(X, noise, n_copies=3, random_state=0)
    before = cross_val_score(system, augmented, [*y] * 4, cv=cv).mean()
    model = AugmentedClassifier(system, noise, n_copies=3, random_state=0)
    inside = cross_val_score(model, X, y, cv=cv).mean()
    assert before > 0.85
    assert inside < 0.35


def test_augmenting_before_the_split_is_found(meaningless, tmp_path):
    augmented = add_copies(meaningless.clips, AddNoise(35), random_state=0)
    target = np.tile(meaningless.target, 2)
    cv = StratifiedKFold(5, shuffle=True, random_state=0)
    leaks = audit_split(augmented, target, cv=cv).leaks
    assert (leaks["check"] == "copy").sum() > 50
    with pytest.raises(ValueError, match="acknowledge_overlap=True"):
        evaluate(_noisy_neighbour(tmp_path), augmented, target, cv=cv)


def test_augmenting_inside_the_folds_is_clean(corpus, pipeline):
    model = AugmentedClassifier(pipeline, AddNoise(), n_copies=2, random_state=0)
    audit = audit_fit(model, corpus)
    assert audit.leaks.empty
    assert audit.line == "audit: clean (fit)"
    evaluation = evaluate(model, corpus, cv=LeaveOneSessionOut())
    assert "audit: clean" in str(evaluation)


def test_a_store_keeps_copies_over_folds_and_finds_originals(corpus, tmp_path):
    extractor = AcousticFunctionals(("rms",), cache=str(tmp_path))
    system = make_pipeline(extractor, LogisticRegression())
    model = AugmentedClassifier(
        system, [AddNoise(), Gain()], n_copies=3, random_state=0
    )
    assert warm_cache(model, corpus.clips) == len(corpus)
    before = count_extractions()
    for _ in range(2):
        cross_val_score(model, corpus.clips, corpus.target, cv=LeaveOneSpeakerOut())
    assert count_extractions() - before == 3 * len(corpus)


def test_the_extractor_is_found_and_warmed(pipeline):
    model = AugmentedClassifier(pipeline, Gain())
    assert find_extractors(model) == [pipeline[0]]


def test_it_is_searched_over(corpus, pipeline):
    model = AugmentedClassifier(pipeline, Gain(), random_state=0)
    grid = {
        "n_copies": [1, 2],
        "augmenters": [Gain((-3, 3)), [AddNoise(), PitchShift(1)]],
        "estimator__keep__C": [0.1, 1.0],
    }
    search = GridSearchCV(model, grid, cv=SpeakerKFold(3))
    search.fit(corpus.clips, corpus.target)
    assert len(search.cv_results_["params"]) == 8
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_parameters_of_one_augmenter_are_reached(pipeline):
    model = AugmentedClassifier(pipeline, OneOf(AddNoise()))
    model.set_params(augmenters__augmenters__snr=3)
    assert model.augmenters.augmenters.snr == 3


def test_a_search_by_speaker_may_be_inside(corpus, pipeline):
    search = GridSearchCV(pipeline, {"keep__C": [0.1, 1.0]}, cv=SpeakerKFold(3))
    model = AugmentedClassifier(search, AddNoise(), random_state=0)
    assert model.fit(corpus.clips, corpus.target).predict(corpus.clips[:2]).shape == (
        2,
    )


@pytest.mark.parametrize(
    "around",
    [
        lambda pipeline: OversampledClassifier(
            AugmentedClassifier(pipeline, AddNoise(), random_state=0)
        ),
        lambda pipeline: AugmentedClassifier(
            OversampledClassifier(pipeline), AddNoise(), random_state=0
        ),
        lambda pipeline: AugmentedClassifier(
            make_pipeline(*pipeline[:2], MixupClassifier(pipeline[2])), AddNoise()
        ),
    ],
)
def test_it_goes_with_others(around, corpus, pipeline):
    model = around(pipeline).fit(corpus.clips, corpus.target)
    assert model.score(corpus.clips, corpus.target) > 0.25


def test_workers_change_nothing(corpus, pipeline):
    models = [
        AugmentedClassifier(
            clone(pipeline).set_params(keepclips__n_jobs=n_jobs),
            [AddNoise(), SpeedPerturbation()],
            n_copies=2,
            random_state=0,
        ).fit(corpus.clips, corpus.target)
        for n_jobs in (1, 2)
    ]
    one, two = (model.estimator_[-1].seen_[0] for model in models)
    assert_array_equal(one, two)


def test_files_are_augmented_as_arrays_are(corpus, pipeline, tmp_path):
    clips = corpus.clips
    paths = [str(tmp_path / f"{number}.wav") for number in range(len(clips))]
    for path, waveform in zip(paths, clips, strict=True):
        soundfile.write(path, waveform, clips.sampling_rate, subtype="FLOAT")
    model = AugmentedClassifier(pipeline, AddNoise(), random_state=0)
    waveforms = [np.asarray(waveform) for waveform in clips]
    seen = [
        clone(model).fit(X, corpus.target).estimator_[-1].seen_[0]
        for X in (clips, paths, pd.DataFrame({"file": paths}), waveforms)
    ]
    for other in seen[1:]:
        assert_array_equal(other, seen[0])


def test_arrays_are_taken_at_the_rate_of_the_extractor():
    model = AugmentedClassifier(AcousticFunctionals(sampling_rate=8_000), Gain())
    assert model.augment([np.zeros(80)]).sampling_rate == 8_000
    assert model.augment(check_clips([np.zeros(80)], 22_050)).sampling_rate == 22_050


def test_a_matrix_is_clips_and_checked_as_one(pipeline):
    X = np.random.default_rng(0).normal(scale=0.1, size=(8, 600))
    model = AugmentedClassifier(pipeline, Gain(), random_state=0)
    model.fit(X, [0, 1] * 4)
    assert model.n_features_in_ == 600
    with pytest.raises(ValueError, match="expecting 600 features"):
        model.predict(X[:, :500])
    X[3, 5] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, [0, 1] * 4)
    clips = AudioClips.from_arrays(np.nan_to_num(X), sampling_rate=16_000)
    assert not hasattr(model.fit(clips, [0, 1] * 4), "n_features_in_")


def test_seeds_and_generators(corpus, pipeline):
    model = AugmentedClassifier(pipeline, AddNoise(), random_state=0)
    assert model.augment(corpus.clips).digests == model.augment(corpus.clips).digests
    model.set_params(random_state=np.random.RandomState(0))
    assert model.augment(corpus.clips).digests != model.augment(corpus.clips).digests


def test_it_is_cloned_and_pickled(corpus, pipeline):
    model = AugmentedClassifier(pipeline, [AddNoise()], n_copies=2, random_state=0)
    model.fit(corpus.clips, corpus.target)
    assert clone(model).n_copies == 2
    # The clips are in it, because the probes keep them.
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(
        copy.predict_proba(corpus.clips), model.predict_proba(corpus.clips)
    )
    assert_array_equal(
        copy.decision_function(corpus.clips), model.decision_function(corpus.clips)
    )
    assert copy.classes_.tolist() == sorted(set(corpus.target))


def test_numbers_are_learned_as_well(corpus):
    system = make_pipeline(AcousticFunctionals(("rms",)), StandardScaler(), Ridge(1e-6))
    level = corpus.frame["level"].to_numpy()
    model = AugmentedRegressor(system, TimeShift(0.1), n_copies=2, random_state=0)
    model.fit(corpus.clips, level, sample_weight=np.ones(len(level)))
    assert model.score(corpus.clips, level) > 0.8
    both = model.fit(corpus.clips, np.column_stack([level, -level]))
    assert both.predict(corpus.clips[:2]).shape == (2, 2)


def test_clips_that_cannot_be_augmented_are_numbered_as_given(corpus, pipeline):
    short = AudioClips.from_arrays(
        [np.ones(9_000) / 2, np.ones(90) / 2], sampling_rate=16_000
    )
    model = AugmentedClassifier(pipeline, TimeShift(0.1, mode="pad"), n_copies=2)
    with pytest.raises(
        AudioError, match=r"(?s)Clip 3 lasts 0.006 s.* clip 3 is one of clip 1\.$"
    ) as raised:
        model.fit(short, [0, 1])
    assert raised.value.indices == (1,)


def test_clips_that_cannot_be_read_are_named(pipeline):
    with pytest.raises(AudioError, match=r"Clip 0 \('gone\.wav'\) cannot be read"):
        AugmentedClassifier(pipeline, Gain()).fit(["gone.wav"], [0])


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"n_copies": 0}, "'n_copies'"),
        ({"n_copies": 1.5}, "'n_copies'"),
        ({"augmenters": []}, "augmenters is empty"),
        ({"augmenters": None}, "'augmenters'"),
        ({"augmenters": [AddNoise((30, 10))]}, "snr="),
        ({"random_state": "seed"}, "'random_state'"),
    ],
)
def test_bad_parameters_are_named(parameters, said, corpus, pipeline):
    model = AugmentedClassifier(pipeline, Gain()).set_params(**parameters)
    with pytest.raises(ValueError, match=said):
        model.fit(corpus.clips, corpus.target)


def test_bad_input_is_named(corpus):
    system = make_pipeline(AcousticFunctionals(("rms",)), KNeighborsClassifier())
    model = AugmentedClassifier(system, Gain())
    with pytest.raises(ValueError, match="target y is None"):
        model.fit(corpus.clips, None)
    with pytest.raises(ValueError, match="inconsistent numbers"):
        model.fit(corpus.clips, corpus.target[1:])
    with pytest.raises(ValueError, match="X holds 0 clips"):
        model.fit(corpus.clips[:0], [])
    with pytest.raises(
        ValueError, match=r"KNeighborsClassifier\.fit takes no sample_w"
    ):
        model.fit(corpus.clips, corpus.target, np.ones(len(corpus)))


def test_the_setting_of_a_store_is_used(corpus, tmp_path):
    system = make_pipeline(AcousticFunctionals(("rms",)), LogisticRegression())
    model = AugmentedClassifier(system, Gain(), random_state=0)
    with sersk.config_context(cache_dir=str(tmp_path)):
        model.fit(corpus.clips, corpus.target)
        before = count_extractions()
        clone(model).fit(corpus.clips, corpus.target)
        assert count_extractions() == before
