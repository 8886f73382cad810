"""Filling the store ahead, and finding the extractors that the filling is for."""

import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sersk import AudioError, set_config, warm_cache
from sersk.features import AcousticFunctionals, find_extractors
from sersk.utils import AudioWarning
from tests.features.probes import RAISES, Level, Spy

LEVEL, RMS = Level(), AcousticFunctionals(descriptors=("rms",))


class Around(TransformerMixin, BaseEstimator):
    """A transformer of clips around an extractor, as SpeakerScaler is."""

    def __init__(self, extractor):
        self.extractor = extractor

    def fit(self, X, y=None):
        self.extractor_ = clone(self.extractor).fit(X)
        return self

    def transform(self, X):
        return self.extractor_.transform(X)


def search(estimator):
    return GridSearchCV(
        make_pipeline(estimator, LogisticRegression()),
        {"logisticregression__C": [0.1, 1.0, 10.0]},
        cv=3,
    )


UNION = FeatureUnion([("level", LEVEL), ("off", "drop"), ("rms", RMS)])


@pytest.mark.parametrize(
    ("estimator", "found"),
    [
        (LEVEL, [LEVEL]),
        (make_pipeline(LEVEL, StandardScaler(), LogisticRegression()), [LEVEL]),
        (Pipeline([("none", "passthrough"), ("level", LEVEL)]), [LEVEL]),
        (Pipeline([("none", None), ("level", LEVEL)]), [LEVEL]),
        (UNION, [LEVEL, RMS]),
        (make_pipeline(UNION, LogisticRegression()), [LEVEL, RMS]),
        (Around(LEVEL), [LEVEL]),
        (make_pipeline(Around(UNION), LogisticRegression()), [LEVEL, RMS]),
        (search(LEVEL), [LEVEL]),
        (search(make_pipeline(Around(LEVEL), StandardScaler())), [LEVEL]),
        (Pipeline([("only", "passthrough")]), []),
        (LogisticRegression(), []),
        # What comes second is given features, not clips.
        (make_pipeline(StandardScaler(), LEVEL), []),
    ],
    ids=lambda value: "" if isinstance(value, list) else type(value).__name__,
)
def test_extractors_are_found_where_clips_go(estimator, found):
    assert find_extractors(estimator) == found


@pytest.mark.parametrize(
    "wrap",
    [
        lambda spy: spy,
        lambda spy: make_pipeline(spy, LogisticRegression()),
        lambda spy: make_pipeline(FeatureUnion([("a", LEVEL), ("b", spy)])),
        lambda spy: search(make_pipeline(Around(spy))),
    ],
    ids=["extractor", "pipeline", "union", "search"],
)
def test_each_clip_is_computed_once(wrap, spy, write_clips):
    files = write_clips(0.0, 0.0, 0.0)
    estimator = wrap(spy)
    assert warm_cache(estimator, files) == 3
    assert warm_cache(estimator, files) == 0
    assert len(spy.processes) == 3
    spy.transform(files)
    assert len(spy.processes) == 3


def test_only_what_is_missing_is_computed(spy, write_clips):
    files = write_clips(0.0, 0.0, 0.0)
    spy.transform(files[:2])
    assert warm_cache(spy, files) == 1


def test_extractors_are_summed_over(spy, write_clips, tmp_path):
    files = write_clips(0.0, 0.0)
    rms = clone(RMS).set_params(cache=str(tmp_path / "store"))
    assert warm_cache(FeatureUnion([("spy", spy), ("rms", rms)]), files) == 4


def test_without_a_store_nothing_happens(spy, write_clips):
    spy.set_params(cache=None)
    assert warm_cache(make_pipeline(spy), write_clips(0.0)) == 0
    assert spy.processes == []


def test_the_setting_names_the_store(spy, write_clips):
    set_config(cache_dir=spy.cache)
    spy.set_params(cache=None)
    assert warm_cache(spy, write_clips(0.0, 0.0)) == 2


def test_the_estimator_is_left_alone(spy, write_clips):
    pipeline = make_pipeline(spy, LogisticRegression())
    before = dict(vars(spy))
    warm_cache(pipeline, write_clips(0.0))
    assert vars(spy) == before


def test_a_matrix_can_be_warmed(spy):
    X = np.random.default_rng(0).uniform(-0.5, 0.5, (3, 100))
    assert warm_cache(spy, X) == 3
    assert not hasattr(spy, "n_features_in_")
    assert_array_equal(spy.transform(X), Level().transform(X))
    assert len(spy.processes) == 3


def test_clips_that_fail_are_left_for_later(fragile, write_clips):
    files = write_clips(0.0, RAISES, 0.0)
    assert warm_cache(fragile, files) == 2
    with pytest.raises(AudioError, match="Clip 1"):
        fragile.transform(files)


def test_wrong_parameters_are_told_at_once(spy, write_clips):
    with pytest.raises(ValueError, match="'on_error' parameter"):
        warm_cache(spy.set_params(on_error="skip"), write_clips(0.0))


def test_low_rates_are_told_although_the_store_forgets_them(spy, write_clips):
    files = write_clips(0.0, sampling_rate=8_000)
    with pytest.warns(AudioWarning, match="recorded below 16000 Hz") as caught:
        warm_cache(spy, files)
    assert caught[0].filename == __file__
    spy.transform(files)  # a second warning would be an error


# The reason for all this: folds, candidates and workers share one extraction a clip.


@pytest.fixture
def labelled(write_clips):
    return write_clips(*[0.0] * 12), ["angry", "sad"] * 6


def test_a_search_extracts_each_clip_once(spy, labelled):
    search(spy).fit(*labelled)
    assert len(spy.processes) == 12


def test_without_a_store_it_would_be_more_than_once(spy, labelled):
    search(spy.set_params(cache=False)).fit(*labelled)
    # 3 candidates x 3 folds x 12 clips, training and test, and all 12 at the end.
    assert len(spy.processes) == 3 * 3 * 12 + 12


def test_workers_of_a_warm_search_extract_nothing(spy, labelled):
    files, y = labelled
    pipeline = make_pipeline(spy, LogisticRegression())
    warm_cache(pipeline, files)
    warm = cross_val_score(pipeline, files, y, cv=3, n_jobs=2)
    assert set(spy.processes) == {os.getpid()}
    assert len(spy.processes) == 12
    fresh = make_pipeline(Spy(spy.folder, cache=False), LogisticRegression())
    assert_array_equal(warm, cross_val_score(fresh, files, y, cv=3))
