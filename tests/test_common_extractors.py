"""What holds for every extractor of one row a clip."""

import pickle

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sersk import AudioError
from sersk.cache import FeatureStore
from sersk.utils import AudioWarning
from tests.public_estimators import (
    EXTRACTORS,
    FORMS,
    OTHER,
    RATE,
    RUNTIME,
    files,
    keys_of,
    name_of,
    waveforms,
)

__all__ = ["files", "waveforms"]  # fixtures


@pytest.fixture(scope="module", params=EXTRACTORS, ids=name_of)
def extractor(request):
    return request.param


@pytest.fixture(scope="module")
def expected(extractor, files):
    """What the extractor gives for the list of paths, computed once."""
    return clone(extractor).fit_transform([str(file) for file in files])


# The same answer for every form of X.


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_clips_gives_the_same(
    form, extractor, expected, files, waveforms
):
    X = FORMS[form](files, waveforms)
    assert_array_equal(clone(extractor).fit(X).transform(X), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_a_matrix_is_clips_of_one_length(dtype, extractor, waveforms):
    clips = [wave[:300] for wave in waveforms]
    expected = clone(extractor).transform(clips)
    matrix = np.stack(clips)
    if dtype == np.int16:
        matrix = (matrix * 32768).astype(dtype)
    for X in (matrix.astype(dtype), pd.DataFrame(matrix.astype(dtype))):
        assert_array_equal(clone(extractor).fit(X).transform(X), expected)


def test_a_part_of_a_file_is_a_clip(extractor, files, waveforms):
    table = pd.DataFrame({"file": [files[2]], "start": [0.125], "end": [0.5]})
    part = waveforms[2][2_000:8_000]
    expected = clone(extractor).transform([part])
    assert_array_equal(clone(extractor).transform(table), expected)


# The same answer wherever it comes from.


def test_the_store_changes_nothing(extractor, expected, files, tmp_path):
    cached = clone(extractor).set_params(cache=str(tmp_path))
    assert_array_equal(cached.fit_transform(files), expected)
    kept = cached.transform(files)
    assert_array_equal(kept, expected)
    assert kept.dtype == expected.dtype
    assert FeatureStore(tmp_path).statistics()["writes"] == len(files)


def test_workers_change_nothing(extractor, expected, files):
    parallel = clone(extractor).set_params(n_jobs=2)
    assert_array_equal(parallel.transform(files), expected)
    with parallel_config("threading"):
        assert_array_equal(parallel.transform(files), expected)


def test_a_clip_does_not_depend_on_the_others(extractor, expected, files):
    for index, file in enumerate(files):
        assert_array_equal(clone(extractor).transform([file])[0], expected[index])


def test_rows_are_in_the_order_of_the_clips(extractor, expected, files):
    assert_array_equal(clone(extractor).transform(files[::-1]), expected[::-1])
    twice = clone(extractor).transform([files[1], files[0], files[1]])
    assert_array_equal(twice, expected[[1, 0, 1]])


def test_the_input_is_not_changed(extractor, waveforms):
    clips = [2.0 * wave for wave in waveforms]
    before = [wave.copy() for wave in clips]
    clone(extractor).fit_transform(clips)
    for wave, copy in zip(clips, before, strict=True):
        assert_array_equal(wave, copy)


# What comes out.


def test_features_are_finite_float32_in_rows(extractor, expected, files):
    assert expected.shape[0] == len(files)
    assert expected.dtype == np.float32
    assert expected.flags.c_contiguous
    assert expected.flags.writeable
    assert np.isfinite(expected).all()
    assert (expected[0] != expected[2]).any()


def test_every_column_has_its_own_name(extractor, expected):
    names = extractor.get_feature_names_out()
    assert len(set(names)) == len(names) == expected.shape[1]
    assert all(isinstance(name, str) and name for name in names)


def test_pandas_output_keeps_the_index(extractor, expected, files):
    framed = clone(extractor).set_output(transform="pandas")
    index = ["x", "y", "z"]
    for X in (
        pd.Series([*map(str, files)], index=index),
        pd.DataFrame({"file": files}, index=index),
    ):
        frame = framed.fit_transform(X)
        assert list(frame.index) == index
        assert list(frame.columns) == list(extractor.get_feature_names_out())
        assert_array_equal(frame.to_numpy(), expected)


def test_polars_output(extractor, expected, files):
    pytest.importorskip("polars", reason="needs polars")
    frame = clone(extractor).set_output(transform="polars").fit_transform(files)
    assert frame.columns == list(extractor.get_feature_names_out())
    assert_array_equal(frame.to_numpy(), expected)


@pytest.mark.parametrize("length", [1, 10])
def test_short_clips_have_features(length, extractor, expected):
    features = clone(extractor).transform([np.full(length, 0.25)])
    assert features.shape == (1, expected.shape[1])
    assert np.isfinite(features).all()


def test_silence_has_features(extractor):
    assert np.isfinite(clone(extractor).transform([np.zeros(RATE)])).all()


# The estimator itself.


def test_pickles_are_small(extractor, expected, files):
    fitted = clone(extractor).fit(files)
    assert len(pickle.dumps(extractor)) < 10_000
    fitted.transform(files[:1])
    data = pickle.dumps(fitted)
    assert len(data) < 10_000
    assert_array_equal(pickle.loads(data).transform(files[:1]), expected[:1])


def test_copies_have_the_same_parameters(extractor):
    assert clone(extractor).get_params() == extractor.get_params()
    assert type(extractor)(**extractor.get_params()).get_params() == (
        extractor.get_params()
    )


def test_fit_opens_no_file_and_learns_nothing(extractor):
    fitted = clone(extractor)
    before = dict(vars(fitted))
    assert fitted.fit(["no-such-file.wav"]) is fitted
    assert vars(fitted) == before


def test_bad_clips_are_named(extractor, files):
    with pytest.raises(AudioError, match=r"Clip 1 \('gone\.wav'\) cannot be read: no"):
        clone(extractor).transform([files[0], "gone.wav"])


def test_bad_clips_can_be_rows_of_nan(extractor, expected, files):
    lenient = clone(extractor).set_params(on_error="nan")
    with pytest.warns(AudioWarning, match=r"Clip 1 \('gone\.wav'\) cannot be read: no"):
        features = lenient.transform([files[0], "gone.wav", files[2]])
    assert_array_equal(features[[0, 2]], expected[[0, 2]])
    assert np.isnan(features[1]).all()
    assert features.dtype == np.float32


# The key of the store: all that changes a number, and nothing else.

# What a parameter needs to change anything.
NEEDED: dict[str, dict] = {
    name: {"descriptors": ("f0",)}
    for name in ("pitch_fmin", "pitch_fmax", "pitch_method")
} | {"n_first": {"pooling": "first"}}
PARAMETERS = [
    pytest.param(one, name, id=f"{name_of(one)}-{name}")
    for one in {type(one): one for one in reversed(EXTRACTORS)}.values()
    for name in one.get_params()
    if name != "cache"
]


@pytest.mark.parametrize(("extractor", "name"), PARAMETERS)
def test_the_key_holds_what_changes_the_numbers(extractor, name, tmp_path):
    assert name in OTHER, "give a new parameter another value in OTHER"
    clips = [np.linspace(-0.5, 0.5, 500), np.zeros(500)]
    one = clone(extractor).set_params(cache=str(tmp_path), **NEEDED.get(name, {}))
    other = clone(one).set_params(**{name: OTHER[name]})
    assert one.get_params()[name] != OTHER[name]
    one.transform(clips)
    before = keys_of(tmp_path)
    other.transform(clips)
    assert len(before) == 1
    assert len(keys_of(tmp_path) - before) == (name not in RUNTIME)


def test_the_key_holds_the_versions_of_libraries(extractor, tmp_path, monkeypatch):
    if not extractor._libraries:
        pytest.skip("its numbers come from no other library")
    cached = clone(extractor).set_params(cache=str(tmp_path))
    clips = [np.linspace(-0.5, 0.5, 500)]
    first = cached.transform(clips)
    before = keys_of(tmp_path)
    monkeypatch.setattr("sersk.features._extractor.find_version", lambda name: "99.0")
    assert_array_equal(cached.transform(clips), first)
    assert len(keys_of(tmp_path) - before) == 1
