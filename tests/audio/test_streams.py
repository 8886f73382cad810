"""Several features of the same clips."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.preprocessing import StandardScaler

from sersk.audio import FeatureStreams, FrameSequences


@pytest.fixture
def streams():
    frames = [np.full((n, 2), n) for n in (3, 1, 2)]
    mfcc = FrameSequences.from_arrays(frames, columns={"speaker": ["a", "b", "b"]})
    return FeatureStreams({"mfcc": mfcc, "w2e": np.arange(6.0).reshape(3, 2)})


def test_clips_are_taken_of_all_streams(streams):
    some = streams[[2, 0]]
    assert some.shape == (2,)
    assert_array_equal(some["mfcc"].lengths, [2, 3])
    assert_array_equal(some["w2e"], [[4, 5], [0, 1]])
    assert_array_equal(some.columns["speaker"], ["b", "a"])


def test_one_clip_is_its_features_by_name(streams):
    clip = streams[1]
    assert list(clip) == streams.keys() == ["mfcc", "w2e"]
    assert_array_equal(clip["mfcc"], [[1, 1]])
    assert_array_equal(clip["w2e"], [2, 3])
    assert [one["mfcc"].shape for one in streams] == [(3, 2), (1, 2), (2, 2)]


def test_pickles_hold_all_streams(streams):
    copy = pickle.loads(pickle.dumps(streams))
    assert_array_equal(copy["mfcc"].lengths, [3, 1, 2])
    assert_array_equal(copy["w2e"], streams["w2e"])
    assert repr(copy) == "<FeatureStreams: 3 clips of mfcc, w2e>"


@pytest.mark.parametrize(
    "streams", [{}, {"a": np.zeros((2, 1)), "b": np.zeros((3, 1))}]
)
def test_streams_of_other_clips_are_refused(streams):
    with pytest.raises(ValueError, match="must hold the same clips"):
        FeatureStreams(streams)


def _lasting(lengths, period):
    frames = [np.zeros((length, 2)) for length in lengths]
    return FrameSequences.from_arrays(frames, period=period)


def test_frames_of_one_period_must_lie_side_by_side():
    streams = {"mfcc": _lasting([3, 4], 0.01), "spectrogram": _lasting([3, 5], 0.01)}
    message = "Clip 1 has 4 frames of mfcc but 5 of spectrogram, both every 10 ms"
    with pytest.raises(ValueError, match=message):
        FeatureStreams(streams)


def test_frames_of_other_periods_need_not():
    streams = {"mfcc": _lasting([3, 4], 0.01), "w2e": _lasting([1, 2], 0.02)}
    assert FeatureStreams(streams)[1:].shape == (1,)


def test_streams_are_no_matrix(streams):
    with pytest.raises(TypeError, match=r"FeatureStreams are no matrix.*make_union"):
        StandardScaler().fit(streams)
