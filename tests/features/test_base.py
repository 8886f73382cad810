"""What the base of all extractors promises, on extractors of a few lines."""

import os
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sersk import AudioClips, AudioError, set_config
from sersk.cache import FeatureStore
from sersk.features import BaseClipTransformer
from sersk.utils import AudioWarning, MissingDependencyError
from tests.features.probes import GIVES_NAN, RAISES, Fragile, Level, Spy

LEVELS = np.array([[0.25, 0.5], [0.5, 1.0]], dtype=np.float32)
WAVEFORMS = [np.array([0.0, -0.5, 0.25, 0.25]), np.array([1.0, 0.0])]


class Padded(Level):
    _min_duration = 0.001


class Misnamed(Level):
    def _feature_names(self):
        return ["level"]


class Scalar(Level):
    def _extract(self, waveform):
        return np.abs(waveform).max()


class Versioned(Spy):
    _libraries = ("numpy",)


class Unavailable(Level):
    _libraries = ("no-such-distribution",)

    def _extract(self, waveform):
        raise MissingDependencyError("pip install no-such-distribution")


def test_features_are_what_extract_returns():
    features = Level().fit_transform(WAVEFORMS)
    assert_array_equal(features, LEVELS)
    assert features.dtype == np.float32
    assert features.flags.c_contiguous


def test_nothing_has_to_be_fitted():
    assert_array_equal(Level().transform(WAVEFORMS), LEVELS)


def test_fit_opens_no_file():
    extractor = Level()
    assert extractor.fit(["missing.wav"]) is extractor


def test_names():
    names = Level().get_feature_names_out()
    assert_array_equal(names, ["level_mean", "level_max"])
    assert names.dtype == object


def test_short_clips_are_padded_to_the_least_duration():
    # 1 ms at 16 kHz are 16 samples.
    assert Padded().transform([np.ones(4)])[0, 0] == 0.25
    assert Padded().transform([np.ones(32)])[0, 0] == 1.0


def test_clips_are_brought_to_the_rate_of_the_extractor():
    clips = AudioClips.from_arrays([np.ones(4_000)], sampling_rate=32_000)

    class Length(Level):
        def _extract(self, waveform):
            return np.array([len(waveform), 0.0])

    assert Length(sampling_rate=16_000).transform(clips)[0, 0] == 2_000


def test_fit_on_clips_forgets_the_width_of_a_matrix():
    extractor = Level().fit(np.zeros((2, 5)))
    assert extractor.n_features_in_ == 5
    with pytest.raises(ValueError, match="X has 4 features"):
        extractor.transform(np.zeros((2, 4)))
    extractor.fit(WAVEFORMS)
    assert not hasattr(extractor, "n_features_in_")
    assert extractor.transform(np.zeros((2, 4))).shape == (2, 2)


def test_fit_on_a_matrix_does_not_hinder_clips():
    extractor = Level().fit(np.zeros((2, 5)))
    assert_array_equal(extractor.transform(WAVEFORMS), LEVELS)


@pytest.mark.parametrize(
    "X", [[], np.empty((0, 8)), pd.DataFrame({"file": []})], ids=["list", "2d", "table"]
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_no_clips_are_an_error(X, method):
    with pytest.raises(ValueError, match=r"0 clips; Level needs at least 1|0 sample"):
        getattr(Level(), method)(X)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("sampling_rate", 1_999),
        ("sampling_rate", 16_000.0),
        ("on_error", "skip"),
        ("max_duration", 0),
        ("cache", 7),
        ("cache", True),
        ("n_jobs", 1.5),
    ],
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_wrong_parameters_are_named(parameter, value, method):
    extractor = Level(**{parameter: value})
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter of Level"):
        getattr(extractor, method)(WAVEFORMS)


def test_a_subclass_without_extract_is_told_what_is_missing():
    with pytest.raises(NotImplementedError, match="BaseClipTransformer does not name"):
        BaseClipTransformer().get_feature_names_out()
    with pytest.raises(NotImplementedError, match="does not define _extract"):
        BaseClipTransformer().extract(np.zeros(3))


@pytest.mark.parametrize("extractor", [Misnamed(), Scalar()], ids=["names", "scalar"])
def test_values_without_names_are_an_error(extractor):
    with pytest.raises(ValueError, match=r"_extract gave an array of shape \(.*names"):
        extractor.transform(WAVEFORMS)


# Clips that cannot be used.


@pytest.fixture
def mixed(write_clips, tmp_path):
    """Two good files between three bad ones."""
    first, second, raises, nan = write_clips(0.0, 0.0, RAISES, GIVES_NAN)
    return [tmp_path / "gone.wav", first, raises, second, nan]


GONE = "cannot be read: no such file. Correct the path or drop the clip."
RAISED_AT = Fragile._extract.__code__.co_firstlineno + 3
FAILED = (
    "made Fragile fail with ZeroDivisionError: one by nought (in _extract, "
    f"{Fragile._extract.__code__.co_filename}:{RAISED_AT}). Drop the clip, or pass "
    'on_error="nan".'
)
NAN = (
    "gives values of level_max that are not finite. Drop the clip, or pass "
    'on_error="nan".'
)


def test_the_error_names_the_clip_the_path_and_the_reason(tmp_path):
    path = tmp_path / "gone.wav"
    with pytest.raises(AudioError) as caught:
        Level().transform([path])
    assert str(caught.value) == f"Clip 0 ({str(path)!r}) {GONE}"
    assert caught.value.indices == (0,)


def test_a_waveform_has_a_number_and_no_path():
    with pytest.raises(AudioError) as caught:
        Level().transform([np.zeros(16), np.array([0.0, 0.0, np.nan, np.inf])])
    assert str(caught.value) == (
        "Clip 1 holds 2 non-finite samples (first at 0.000 s). Repair the file, drop "
        'the clip, or pass on_error="nan".'
    )


def test_all_clips_that_fail_are_named(fragile, mixed):
    with pytest.raises(AudioError) as caught:
        fragile.transform(mixed)
    assert str(caught.value).splitlines() == [
        "3 of 5 clips cannot be used:",
        f"Clip 0 ({str(mixed[0])!r}) {GONE}",
        f"Clip 2 ({str(mixed[2])!r}) {FAILED}",
        f"Clip 4 ({str(mixed[4])!r}) {NAN}",
    ]
    assert caught.value.indices == (0, 2, 4)


def test_the_indices_drop_the_clips_that_fail(fragile, mixed):
    with pytest.raises(AudioError) as caught:
        fragile.transform(mixed)
    kept = np.delete(np.array(mixed, dtype=object), caught.value.indices)
    assert fragile.transform(kept).shape == (2, 2)


def test_only_the_first_ten_of_many_are_listed():
    with pytest.raises(AudioError) as caught:
        Level().transform([f"gone-{number}.wav" for number in range(14)])
    lines = str(caught.value).splitlines()
    assert lines[0] == "14 of 14 clips cannot be used:"
    assert len(lines) == 12
    assert lines[-1] == "and 4 more."
    assert caught.value.indices == tuple(range(14))


def test_nan_keeps_the_rows_in_their_order(fragile, mixed):
    fragile.set_params(on_error="nan")
    with pytest.warns(AudioWarning, match="3 of 5 clips got NaN features") as caught:
        features = fragile.transform(mixed)
    assert_array_equal(np.isnan(features).all(axis=1), [True, False, True, False, True])
    assert_array_equal(features[[1, 3]], Level().transform([mixed[1], mixed[3]]))
    assert f"Clip 2 ({str(mixed[2])!r}) {FAILED}" in str(caught[0].message)
    assert caught[0].filename == __file__


def test_nan_where_every_clip_fails():
    with pytest.warns(AudioWarning, match="2 of 2 clips"):
        features = Level(on_error="nan").transform(["gone.wav", "away.wav"])
    assert features.shape == (2, 2)
    assert np.isnan(features).all()


def test_nan_in_a_matrix_costs_its_row():
    X = np.array([[0.5, np.nan], [0.5, 0.25]])
    with pytest.raises(ValueError, match="contains NaN"):
        Level().fit_transform(X)
    with pytest.warns(AudioWarning, match="Clip 0 holds 1 non-finite sample"):
        features = Level(on_error="nan").fit_transform(X)
    assert_array_equal(features, np.array([[np.nan, np.nan], [0.375, 0.5]], "f"))


def test_a_clip_that_is_too_long_is_an_error():
    with pytest.raises(AudioError, match=r"Clip 1 lasts 2.* max_duration=1 s"):
        Level(max_duration=1.0).transform([np.zeros(16_000), np.zeros(32_000)])


def test_extract_can_be_called_on_one_waveform():
    assert_array_equal(Level().extract(np.array([-0.5, 0.5], "f")), [0.5, 0.5])


def test_what_is_not_installed_is_not_blamed_on_the_clip(tmp_path):
    for cache in (None, str(tmp_path)):
        with pytest.raises(MissingDependencyError, match="pip install"):
            Unavailable(cache=cache).transform(WAVEFORMS)


# Recordings with less bandwidth than the extractor looks at.


def test_low_rates_are_told_once(write_clips):
    files = write_clips(0.0, 0.0, sampling_rate=8_000)
    with pytest.warns(AudioWarning) as caught:
        Level().transform(files)
    assert [str(warning.message) for warning in caught] == [
        "2 of 2 clips were recorded below 16000 Hz, so that their upper band is empty "
        f"(first: Clip 0 ({str(files[0])!r}) at 8000 Hz). Pass sampling_rate=8000."
    ]
    assert caught[0].filename == __file__


def test_a_suitable_rate_is_no_reason_to_warn(write_clips):
    files = write_clips(0.0, sampling_rate=8_000)
    assert Level(sampling_rate=8_000).transform(files).shape == (1, 2)


# The store.


@pytest.fixture
def store(spy):
    return FeatureStore(spy.cache)


def test_without_a_setting_nothing_is_written(spy, store, write_clips):
    spy.set_params(cache=None).transform(write_clips(0.0))
    assert store.statistics()["entries"] == 0


@pytest.mark.parametrize("how", ["setting", "environment", "store", "path"])
def test_ways_to_name_the_store(how, spy, store, write_clips, monkeypatch):
    cache = {"store": store, "path": store.path}.get(how)
    spy.set_params(cache=cache)
    if how == "setting":
        set_config(cache_dir=store.path)
    if how == "environment":
        monkeypatch.setenv("SERSK_CACHE", store.path)
    spy.transform(write_clips(0.0, 0.0))
    assert store.statistics()["entries"] == 2


def test_nothing_is_looked_for_in_a_store_that_is_empty(spy, store, write_clips):
    clips = write_clips(0.0, 0.25)
    spy.set_params(cache=store).transform(clips)
    spy.transform(clips)
    counts = store.statistics()
    assert (counts["misses"], counts["hits"]) == (0, 2)


def test_false_overrules_the_setting(spy, store, write_clips):
    set_config(cache_dir=store.path)
    spy.set_params(cache=False).transform(write_clips(0.0))
    assert store.statistics()["entries"] == 0


def test_the_store_describes_the_extractor(spy, store, write_clips):
    spy.transform(write_clips(0.0))
    (kept,) = store.statistics()["extractors"].values()
    assert kept["description"] == {
        "extractor": "Spy",
        "module": Spy.__module__,
        "version": 1,
        "libraries": {},
        "parameters": {"sampling_rate": 16_000},
    }


def test_what_is_kept_is_not_computed_again(spy, write_clips):
    files = write_clips(0.0, 0.0, 0.0)
    first = spy.transform(files[:2])
    again = spy.transform(files)
    assert len(spy.processes) == 3
    assert_array_equal(again[:2], first)


def test_moving_the_files_keeps_the_features(spy, write_clips, tmp_path):
    files = write_clips(0.0, 0.0)
    before = spy.transform(files)
    (tmp_path / "elsewhere").mkdir()
    moved = [file.rename(tmp_path / "elsewhere" / f"x{file.name}") for file in files]
    assert_array_equal(spy.transform(moved), before)
    assert len(spy.processes) == 2


@pytest.mark.parametrize("keeps_time", [False, True], ids=["edited", "time put back"])
def test_editing_a_file_in_place_drops_its_features(keeps_time, spy, write_wav):
    path = write_wav(np.full(400, 0.25))
    long_ago = path.stat().st_mtime_ns - 10**12
    os.utime(path, ns=(long_ago, long_ago))
    assert spy.transform([path])[0, 1] == 0.25
    write_wav(np.full(400, 0.5))  # as many bytes as before
    if keeps_time:
        os.utime(path, ns=(long_ago, long_ago))
    assert spy.transform([path])[0, 1] == 0.5
    assert len(spy.processes) == 2


def test_a_file_that_changes_under_its_reader_is_not_kept(tmp_path, write_wav):
    path = write_wav(np.full(400, 0.25))

    class Rewriter(Level):
        def _extract(self, waveform):
            write_wav(np.full(400, 0.5))
            return super()._extract(waveform)

    extractor = Rewriter(cache=str(tmp_path / "store"))
    assert extractor.transform([path])[0, 1] == 0.25
    assert FeatureStore(tmp_path / "store").statistics()["entries"] == 0
    assert extractor.transform([path])[0, 1] == 0.5


def test_files_and_waveforms_are_kept_apart_but_equal(spy, write_clips):
    files = write_clips(0.0)
    waveform = AudioClips.from_files(files)[0]
    assert_array_equal(spy.transform(files), spy.transform([waveform]))


def test_a_failure_is_not_kept(fragile, write_clips):
    bad = write_clips(RAISES)
    for _ in range(2):
        with pytest.raises(AudioError):
            fragile.transform(bad)
    assert len(fragile.processes) == 2


def test_a_subclass_has_features_of_its_own(spy, write_clips):
    files = write_clips(0.0)
    spy.transform(files)
    Fragile(spy.folder, cache=spy.cache).transform(files)
    assert len(spy.processes) == 2


def test_another_version_is_computed_again(spy, write_clips, monkeypatch):
    files = write_clips(0.0)
    extractor = Versioned(spy.folder, cache=spy.cache)
    extractor.transform(files)
    monkeypatch.setattr(Versioned, "_extractor_version", 2)
    extractor.transform(files)
    monkeypatch.setattr(
        "sersk.features._extractor.find_version", lambda name: f"{name} 99"
    )
    extractor.transform(files)
    assert len(extractor.processes) == 3


def test_a_store_that_cannot_be_used_costs_nothing_but_time(tmp_path, write_clips):
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    files = write_clips(0.0, 0.0)
    expected = Level().transform(files)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        features = Level(cache=str(blocked)).transform(files)
    assert_array_equal(features, expected)
    assert {warning.category.__name__ for warning in caught} == {"CacheWarning"}


def test_pickles_hold_parameters_only(spy, write_clips):
    files = write_clips(0.0)
    features = spy.fit_transform(files)
    restored = pickle.loads(pickle.dumps(spy))
    assert_array_equal(restored.transform(files), features)
    assert len(pickle.dumps(spy)) < 1_000


def test_nothing_is_learned():
    extractor = Level()
    before = dict(vars(extractor))
    extractor.fit(WAVEFORMS).transform(WAVEFORMS)
    assert vars(extractor) == before
