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
