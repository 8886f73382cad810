"""What holds for every extractor of frames, found by themselves as all estimators."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sersk import AudioError
from sersk.cache import FeatureStore
from sersk.features import BaseFrameExtractor
from sersk.utils import AudioWarning
from tests.public_estimators import (
    FORMS,
    FRAME_EXTRACTORS,
    OTHER,
    RATE,
    RUNTIME,
    files,
    keys_of,
    name_of,
    waveforms,
)

__all__ = ["files", "waveforms"]  # fixtures


@pytest.fixture(scope="module", params=FRAME_EXTRACTORS, ids=name_of)
def extractor(request):
    return request.param


@pytest.fixture(scope="module")
def expected(extractor, files):
    """What the extractor gives for the list of paths, computed once."""
    return clone(extractor).fit_transform([str(file) for file in files])


def _assert_same(found, expected):
    assert_array_equal(found.lengths, expected.lengths)
    assert_array_equal(found.pad_value, expected.pad_value)
    for one, other in zip(found, expected, strict=True):
        assert_array_equal(one, other)


def test_extractors_are_found():
    assert {"LogSpectrogram", "MFCCSequence", "MelSpectrogram"} <= {
        *map(name_of, FRAME_EXTRACTORS)
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_clips_gives_the_same(
    form, extractor, expected, files, waveforms
):
    X = FORMS[form](files, waveforms)
    _assert_same(clone(extractor).fit(X).transform(X), expected)


def test_the_store_changes_nothing(extractor, expected, files, tmp_path):
    cached = clone(extractor).set_params(cache=str(tmp_path))
    _assert_same(cached.fit_transform(files), expected)
    _assert_same(cached.transform(files), expected)
    assert FeatureStore(tmp_path).statistics()["writes"] == len(files)


def test_workers_change_nothing(extractor, expected, files):
    _assert_same(clone(extractor).set_params(n_jobs=2).transform(files), expected)


def test_a_clip_does_not_depend_on_the_others(extractor, expected, files):
    for index, file in enumerate(files):
        _assert_same(clone(extractor).transform([file]), expected[[index]])
    _assert_same(clone(extractor).transform(files[::-1]), expected[::-1])


def test_frames_are_finite_float32_and_have_names(extractor, expected, files):
    names = extractor.get_feature_names_out()
    assert len(set(names)) == len(names) == expected.n_features
    assert expected.pad_value.dtype == np.float32
    assert np.isfinite(expected.pad_value).all()
    for frames in expected:
        assert frames.dtype == np.float32
        assert np.isfinite(frames).all()


@pytest.mark.parametrize("n_samples", [1, 10, RATE])
def test_short_clips_and_silence_have_frames(extractor, n_samples):
    for waveform in (np.full(n_samples, 0.25), np.zeros(n_samples)):
        assert np.isfinite(clone(extractor).transform([waveform])[0]).all()


def test_frames_are_no_table(extractor):
    assert not hasattr(extractor, "set_output")


def test_pickles_are_small(extractor, expected, files):
    fitted = clone(extractor).fit(files)
    data = pickle.dumps(fitted)
    assert len(data) < 10_000
    _assert_same(pickle.loads(data).transform(files), expected)


def test_bad_clips_are_named(extractor, expected, files):
    given = [files[0], "gone.wav", files[2]]
    with pytest.raises(AudioError, match=r"Clip 1 \('gone\.wav'\) cannot be read: no"):
        clone(extractor).transform(given)
    lenient = clone(extractor).set_params(on_error="nan")
    with pytest.warns(AudioWarning, match=r"Clip 1 \('gone\.wav'\) cannot be read: no"):
        found = lenient.transform(given)
    _assert_same(found[[0, 2]], expected[[0, 2]])
    assert found.lengths[1] == 1
    assert np.isnan(found[1]).all()


PARAMETERS = [
    pytest.param(one, name, id=f"{name_of(one)}-{name}")
    for one in FRAME_EXTRACTORS
    for name in one.get_params()
    if name != "cache"
]


@pytest.mark.parametrize(("extractor", "name"), PARAMETERS, indirect=False)
def test_the_key_holds_what_changes_a_number(extractor, name, tmp_path):
    assert isinstance(extractor, BaseFrameExtractor)
    one = clone(extractor).set_params(cache=str(tmp_path))
    other = clone(one).set_params(**{name: OTHER[name]})
    clips = [np.random.default_rng(0).uniform(-0.5, 0.5, 3_000)]
    one.transform(clips)
    before = keys_of(tmp_path)
    other.transform(clips)
    assert len(keys_of(tmp_path) - before) == (name not in RUNTIME)
