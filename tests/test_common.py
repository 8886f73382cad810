"""What holds for every public estimator: scikit-learn's own checks."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sersk import AudioClips
from sersk.audio import FeatureStreams, FrameSequences
from sersk.features import BaseFrameExtractor, FeatureDict
from sersk.preprocessing import WaveformStep
from tests.public_estimators import CLASSES, ESTIMATORS, EXTRACTORS, name_of

PAIRED_AT_RANDOM = {
    "check_sample_weight_equivalence_on_dense_data": "rows are paired at random, and "
    "another number of them is paired otherwise"
}
AT_ANY_TIME = {
    "check_regressors_train": "it looks for patterns at whatever time, and the target "
    "is a sum over certain columns"
}
# What depends on the machine is not run; tests/estimators/test_net.py asks for 1e-5.
NOT_RUN = {
    (name, "check_methods_subset_invariance"): "float32 sums of another batch may "
    "differ by more than 1e-7"
    for name in ("CNN1DRegressor", "SpeechEncoderClassifier", "SpeechEncoderRegressor")
}
# scikit-learn's check -> why the estimator of this name does not pass it.
EXPECTED_FAILURES = {
    "CRNNRegressor": AT_ANY_TIME,
    "MixupClassifier": PAIRED_AT_RANDOM,
    "MixupRegressor": PAIRED_AT_RANDOM,
    "SpeakerScaler": {
        "check_methods_subset_invariance": "it is transductive: the clips of a call "
        "are scaled together"
    },
}


def test_estimators_are_found():
    names = {cls.__name__ for cls in CLASSES}
    assert names >= {
        "AcousticFunctionals",
        "EGeMAPS",
        "LabelEncodedClassifier",
        "OpenSMILEFunctionals",
    }


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    return str(tmp_path_factory.mktemp("checks"))


@pytest.fixture
def _kept(request, shared_folder, monkeypatch):
    """Keep what openSMILE computes: the checks give it the same clips over and over."""
    estimator = request.node.callspec.params["estimator"]
    if "opensmile" in getattr(estimator, "_libraries", ()):
        monkeypatch.setenv("SERSK_CACHE", shared_folder)


@pytest.fixture
def _comparable(request, monkeypatch):
    """Let the checks compare what is no array: waveforms, frames, and several of them.

    The checks give clips of one length, whose frames make rows of one length.
    """

    def let(cls, as_array):
        monkeypatch.setattr(cls, "__array__", as_array, raising=False)

    estimator = request.node.callspec.params["estimator"]
    if isinstance(estimator, WaveformStep):
        let(AudioClips, lambda clips, *_: np.stack([*clips]))
    if isinstance(estimator, (BaseFrameExtractor, FeatureDict)):
        let(FrameSequences, lambda frames, *_: _rows_of(frames))
        let(FeatureStreams, lambda streams, *_: _rows_of(streams["mfcc"]))


def _rows_of(frames):
    return np.stack([frame.ravel() for frame in frames])


# The checks give integers that are no PCM codes.
@pytest.mark.filterwarnings("ignore:.* samples are taken for 16-bit PCM codes")
# They know no speakers.
@pytest.mark.filterwarnings("ignore::sersk.utils.TransductionWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.usefixtures("_kept", "_comparable")
@parametrize_with_checks(
    ESTIMATORS,
    expected_failed_checks=lambda one: EXPECTED_FAILURES.get(name_of(one), {}),
)
def test_scikit_learn(estimator, check):
    reason = NOT_RUN.get((name_of(estimator), check.func.__name__))
    if reason:
        pytest.skip(reason)
    check(estimator)


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=name_of)
def test_scikit_learn_has_something_to_check(extractor):
    # Without this tag it skips nearly all of them.
    tags = extractor.__sklearn_tags__()
    assert tags.input_tags.two_d_array
    assert not tags.no_validation
    assert not tags.requires_fit
