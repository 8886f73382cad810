import pickle

import pytest

import sersk
from sersk import utils


def test_bad_audio_is_a_bad_value():
    assert issubclass(utils.AudioError, ValueError)
    assert sersk.AudioError is utils.AudioError


def test_a_missing_dependency_is_an_import_error():
    assert issubclass(utils.MissingDependencyError, ImportError)


@pytest.mark.parametrize(
    "name", ["AudioWarning", "CacheWarning", "CorpusWarning", "TransductionWarning"]
)
def test_warnings_can_be_filtered_one_kind_at_a_time(name):
    category = getattr(utils, name)
    assert category.__bases__ == (UserWarning,)


def test_bad_audio_tells_which_clips_to_drop():
    error = utils.AudioError("Clips 1 and 3 are empty.", indices=iter([1, 3]))
    assert str(error) == "Clips 1 and 3 are empty."
    assert error.indices == (1, 3)
    assert utils.AudioError("holds no samples.").indices == ()


def test_bad_audio_comes_home_from_a_worker():
    sent = utils.AudioError("Clip 2 is empty.", indices=[2])
    received = pickle.loads(pickle.dumps(sent))
    assert (str(received), received.indices) == (str(sent), sent.indices)
