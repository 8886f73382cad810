"""Nets in searches: one extraction a clip, and workers that change nothing."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline

from sersk.estimators import CNN1DClassifier
from sersk.features import FeatureDict, MFCCSequence, count_extractions, warm_cache
from sersk.model_selection import SpeakerKFold
from sersk.preprocessing import SequenceScaler
from tests.estimators.net_probes import FEW

pytestmark = pytest.mark.usefixtures("one_thread")


def _pipeline(folder):
    extractor = MFCCSequence(8, n_mels=20, n_fft=512, hop_length=640, cache=str(folder))
    features = FeatureDict([("x", make_pipeline(extractor, SequenceScaler()))])
    return make_pipeline(
        features, CNN1DClassifier(5, max_epochs=1, early_stopping=True, **FEW)
    )


def test_a_search_over_net_and_extractor_extracts_each_clip_once(speech, tmp_path):
    clips = speech.corpus.clips
    n_mfcc = "featuredict__x__mfccsequence__n_mfcc"
    grid = {n_mfcc: [6, 8], "cnn1dclassifier__lr": [1e-3, 1e-2]}
    search = GridSearchCV(_pipeline(tmp_path), grid, cv=SpeakerKFold(2), n_jobs=2)
    before = count_extractions()
    for count in grid[n_mfcc]:
        warm_cache(_pipeline(tmp_path).set_params(**{n_mfcc: count}), clips)
    assert count_extractions() - before == 2 * len(clips)
    # Two speakers are left to each fit, of whom one is held out.
    found = cross_val_predict(search, clips, speech.y, cv=SpeakerKFold(3))
    assert count_extractions() - before == 2 * len(clips)
    assert len(found) == len(clips)
    assert len(list(tmp_path.iterdir())) > 0


def test_workers_change_nothing(speech, tmp_path):
    clips = speech.corpus.clips
    pipeline = _pipeline(tmp_path)
    warm_cache(pipeline, clips)
    one, two = (
        cross_val_predict(
            pipeline,
            clips,
            speech.y,
            cv=SpeakerKFold(3),
            n_jobs=n_jobs,
            method="predict_proba",
        )
        for n_jobs in (None, 2)
    )
    assert_array_equal(two, one)
    assert np.ptp(one) > 0
