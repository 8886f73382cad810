import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import sersk
from sersk.cache import FeatureStore, check_store, extractor_key
from sersk.utils import CacheWarning

KEY, OTHER_KEY = "ab" * 32, "cd" * 32


def digest_of(number):
    """Make a digest that falls into a folder of its own."""
    return f"{number:02x}" * 32


def entry_of(store, key, digest):
    """Return the path of an entry."""
    return Path(store.path, key, digest[:1], f"{digest}.bin")


def test_what_was_put_is_got(kept):
    result = kept.get()
    np.testing.assert_array_equal(result, kept.value)
    assert result.dtype == np.float32
    result[:] = 0
    np.testing.assert_array_equal(kept.get(), kept.value)


def test_every_pair_of_extractor_and_clip_has_its_own_value(store):
    pairs = [(key, digest_of(n)) for key in (KEY, OTHER_KEY) for n in range(3)]
    for number, (key, digest) in enumerate(pairs):
        store.put(key, digest, np.array(number))
    assert [int(store.get(key, digest)) for key, digest in pairs] == list(range(6))


def test_a_later_value_replaces_an_earlier_one(kept):
    kept.store.put(kept.key, kept.digest, np.arange(7))
    np.testing.assert_array_equal(kept.get(), np.arange(7))
    assert kept.store.statistics()["entries"] == 1


def test_a_value_larger_than_one_read_comes_back(store):
    value = np.random.default_rng(0).normal(size=(1000, 70))
    store.put(KEY, digest_of(1), value)
    np.testing.assert_array_equal(store.get(KEY, digest_of(1)), value)


def test_making_and_asking_write_nothing(tmp_path):
    store = FeatureStore(tmp_path / "store")
    assert store.get(KEY, digest_of(1)) is None
    assert store.statistics()["entries"] == 0
    store.clear()
    assert list(tmp_path.iterdir()) == []


def test_folders_above_the_store_are_made(tmp_path):
    store = FeatureStore(tmp_path / "a" / "b")
    store.put(KEY, digest_of(1), np.zeros(1))
    assert store.get(KEY, digest_of(1)).tolist() == [0.0]


def test_keys_that_are_not_hexadecimal_are_refused(store):
    for key, digest in [("../" * 8, digest_of(1)), (KEY, "../" * 8)]:
        with pytest.raises(ValueError, match="hexadecimal digits"):
            store.get(key, digest)
        with pytest.raises(ValueError, match="hexadecimal digits"):
            store.put(key, digest, np.zeros(1))
    with pytest.raises(ValueError, match="extractor_key must be 16 to 128"):
        store.clear("../" * 8)
    assert not os.path.exists(store.path)


def test_a_refused_value_leaves_nothing_behind(store):
    with pytest.raises(TypeError, match="has dtype object"):
        store.put(KEY, digest_of(1), np.array([None]))
    assert not os.path.exists(store.path)


def test_counts_are_those_of_this_process(kept):
    kept.get()
    kept.get()
    kept.store.get(kept.key, digest_of(1))
    kept.path.write_bytes(b"garbage")
    with pytest.warns(CacheWarning, match="was not written by sersk|is cut short"):
        kept.get()
    statistics = FeatureStore(kept.store.path).statistics()
    counts = {name: statistics[name] for name in ("hits", "misses", "refused")}
    assert counts == {"hits": 2, "misses": 1, "refused": 1}
    assert statistics["writes"] == 1
    assert statistics["bytes"] == 7
    assert statistics["extractors"] == {
        kept.key: {"entries": 1, "bytes": 7, "description": None}
    }


def test_a_forked_process_starts_its_own_counts(kept, run_python):
    code = """
import os, sys
from sersk.cache import FeatureStore
store = FeatureStore(sys.argv[1])
assert store.get(*sys.argv[2:]) is not None
assert store.statistics()["hits"] == 1
child = os.fork()
if child == 0:
    os._exit(store.statistics()["hits"])
assert os.waitpid(child, 0)[1] == 0
"""
    run_python(code, kept.store.path, kept.key, kept.digest)


def test_a_pickled_store_is_small_and_equal_and_counts_nothing(kept):
    kept.get()
    data = pickle.dumps(kept.store)
    assert len(data) < 400
    assert b"hits" not in data
    for other in (pickle.loads(data), copy.deepcopy(kept.store), copy.copy(kept.store)):
        assert other == kept.store
        np.testing.assert_array_equal(other.get(kept.key, kept.digest), kept.value)


def test_an_unpickled_store_in_another_process_finds_the_values(kept, run_python):
    code = """
import pickle, sys
store = pickle.loads(bytes.fromhex(sys.argv[1]))
assert store.statistics()["hits"] == 0
print(store.get(*sys.argv[2:]).tolist())
"""
    kept.get()
    output = run_python(code, pickle.dumps(kept.store).hex(), kept.key, kept.digest)
    assert output == "[0.5, -1.0, 3.25]\n"


def test_stores_are_equal_by_path_and_cap(tmp_path):
    store = FeatureStore(tmp_path)
    assert store == FeatureStore(str(tmp_path) + "/")
    assert hash(store) == hash(FeatureStore(tmp_path))
    assert store != FeatureStore(tmp_path, max_bytes=100)
    assert store != FeatureStore(tmp_path / "other")
    assert repr(FeatureStore("/a", max_bytes=5)) == (
        "FeatureStore(path='/a', max_bytes=5)"
    )


def test_a_store_cannot_be_changed(store):
    with pytest.raises(AttributeError, match="cannot assign to field 'path'"):
        store.path = "/elsewhere"


def test_a_relative_path_is_that_of_the_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = FeatureStore("store")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert store.path == str(tmp_path / "store")


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert FeatureStore("~/features").path == str(tmp_path / "features")


@pytest.mark.parametrize("path", [None, 5, b"folder", object()])
def test_a_path_must_be_a_path(path):
    with pytest.raises(TypeError):
        FeatureStore(path)


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_a_path_must_name_a_folder(path):
    with pytest.raises(ValueError, match="path must name a folder, got"):
        FeatureStore(path)


def test_a_cap_must_be_a_positive_integer(tmp_path):
    for cap in (True, 1.5, "1 GB"):
        with pytest.raises(TypeError, match="max_bytes must be an integer or None"):
            FeatureStore(tmp_path, max_bytes=cap)
    for cap in (0, -1):
        with pytest.raises(ValueError, match="max_bytes must be positive or None"):
            FeatureStore(tmp_path, max_bytes=cap)
    assert FeatureStore(tmp_path, max_bytes=np.int64(7)).max_bytes == 7


def put_with_age(store, number, used):
    """Keep a value of 1000 bytes that was used at a given time."""
    store.put(KEY, digest_of(number), np.zeros(1000, dtype=np.uint8))
    path = entry_of(store, KEY, digest_of(number))
    if path.exists():
        os.utime(path, ns=(used, used))


def numbers_kept(store):
    """List the numbers whose values are on disk."""
    return [n for n in range(20) if entry_of(store, KEY, digest_of(n)).exists()]


def test_a_cap_evicts_what_was_written_longest_ago(tmp_path):
    store = FeatureStore(tmp_path, max_bytes=12_500)
    for number in range(10):
        put_with_age(store, number, used=10**18 + number)
    assert numbers_kept(store) == list(range(10))
    size = store.statistics()["bytes"] // 10
    # Ten values fit with their headers; the eleventh leaves nine tenths at most.
    assert 10 * size <= 12_500 < 11 * size
    store.put(KEY, digest_of(10), np.zeros(1000, dtype=np.uint8))
    assert numbers_kept(store) == list(range(2, 11))
    assert store.statistics()["bytes"] == 9 * size <= 0.9 * 12_500


def test_a_hit_protects_a_value_from_eviction(tmp_path):
    store = FeatureStore(tmp_path, max_bytes=12_500)
    for number in range(10):
        put_with_age(store, number, used=10**18 + number)
    assert store.get(KEY, digest_of(0)) is not None
    store.put(KEY, digest_of(10), np.zeros(1000, dtype=np.uint8))
    assert numbers_kept(store) == [0, *range(3, 11)]


def test_a_hit_without_a_cap_does_not_touch_the_file(kept):
    os.utime(kept.path, ns=(10**18, 10**18))
    assert kept.get() is not None
    assert kept.path.stat().st_mtime_ns == 10**18


def test_a_cap_counts_what_other_processes_wrote_before(tmp_path):
    for number in range(15):
        put_with_age(FeatureStore(tmp_path), number, used=10**18 + number)
    store = FeatureStore(tmp_path, max_bytes=12_500)
    store.put(KEY, digest_of(15), np.zeros(1000, dtype=np.uint8))
    assert numbers_kept(store) == list(range(7, 16))


def test_a_cap_holds_over_many_writes(tmp_path):
    store = FeatureStore(tmp_path, max_bytes=30_000)
    for number in range(200):
        store.put(KEY, digest_of(number), np.zeros(1000, dtype=np.uint8))
        assert store.statistics()["bytes"] <= 30_000
    assert store.statistics()["entries"] > 20
    assert store.get(KEY, digest_of(199)) is not None


def test_a_value_above_the_cap_costs_no_other_value(tmp_path):
    store = FeatureStore(tmp_path, max_bytes=5000)
    store.put(KEY, digest_of(1), np.zeros(10))
    with pytest.warns(CacheWarning, match=r"value of 8\d{3} bytes under its cap of 5"):
        store.put(KEY, digest_of(2), np.zeros(1000))
    store.put(KEY, digest_of(3), np.zeros(1000))
    assert numbers_kept(store) == [1]


def test_clear_deletes_all_values_and_keeps_the_folder(kept):
    description = {"extractor": "test"}
    kept.store.describe(kept.key, description)
    kept.store.put(OTHER_KEY, kept.digest, kept.value)
    kept.store.clear()
    assert list(Path(kept.store.path).iterdir()) == []
    assert kept.get() is None
    kept.put()
    np.testing.assert_array_equal(kept.get(), kept.value)


def test_clear_sweeps_the_orphans_of_killed_writers(kept):
    orphan = Path(kept.store.path, ".tmp-orphan00")
    orphan.touch()
    os.utime(orphan, (0, 0))
    kept.store.clear()
    assert not orphan.exists()


def test_clear_of_one_extractor_keeps_the_others(kept):
    kept.store.put(OTHER_KEY, kept.digest, np.zeros(2))
    kept.store.clear(OTHER_KEY)
    assert kept.store.get(OTHER_KEY, kept.digest) is None
    np.testing.assert_array_equal(kept.get(), kept.value)
    assert [child.name for child in Path(kept.store.path).iterdir()] == [kept.key]


def test_clear_deletes_nothing_that_the_store_did_not_write(kept, tmp_path):
    root, shard = Path(kept.store.path), kept.path.parent
    outside = FeatureStore(tmp_path / "outside")
    outside.put(OTHER_KEY, kept.digest, kept.value)
    inside_out = entry_of(outside, OTHER_KEY, kept.digest)
    mine = [root / "thesis.txt", shard / "notes.bin", shard.parent / "results.csv"]
    for path in mine:
        path.write_text("mine")
    (root / OTHER_KEY).symlink_to(Path(outside.path, OTHER_KEY))
    (shard.parent / "f").symlink_to(inside_out.parent)
    (shard / f"{digest_of(1)}.bin").symlink_to(inside_out)
    (shard.parent / "description.json").symlink_to(mine[0])
    kept.store.clear()
    assert (shard.parent / "description.json").is_symlink()
    assert all(path.read_text() == "mine" for path in mine)
    assert inside_out.exists()
    assert (root / OTHER_KEY).is_symlink()
    assert not kept.path.exists()


def test_describe_writes_once_and_shows_in_the_statistics(kept):
    description = {"extractor": "test"}
    kept.store.describe(kept.key, description)
    path = Path(kept.store.path, kept.key, "description.json")
    os.utime(path, ns=(10**18, 10**18))
    kept.store.describe(kept.key, description)
    assert path.stat().st_mtime_ns == 10**18
    assert path.read_text() == '{"extractor":"test"}'
    counts = kept.store.statistics()["extractors"][kept.key]
    assert counts["description"] == description


def test_describe_refuses_the_description_of_another_extractor(kept):
    with pytest.raises(ValueError, match="is not the key of the description"):
        kept.store.describe(kept.key, {"extractor": "other"})


def test_threads_may_read_write_and_clear_at_once(store):
    values = [np.full(50, number) for number in range(8)]

    def work(seed):
        for number in np.random.default_rng(seed).integers(8, size=200):
            value = store.get(KEY, digest_of(number))
            if value is None:
                store.put(KEY, digest_of(number), values[number])
            else:
                np.testing.assert_array_equal(value, values[number])
            if number == 0 and seed == 0:
                store.clear()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert [path.name for path in Path(store.path).glob(".tmp-*")] == []


def test_no_setting_means_no_store():
    assert check_store(None) is None
    assert check_store(False) is None


def test_none_means_the_folder_of_the_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SERSK_CACHE", str(tmp_path / "a"))
    assert check_store(None) == FeatureStore(tmp_path / "a")
    sersk.set_config(cache_dir=tmp_path / "b")
    assert check_store(None) == FeatureStore(tmp_path / "b")
    with sersk.config_context(cache_dir=tmp_path / "c"):
        assert check_store(None) == FeatureStore(tmp_path / "c")
        assert check_store(False) is None
    assert check_store(None) == FeatureStore(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_path_or_a_store_wins_over_the_settings(tmp_path):
    sersk.set_config(cache_dir=tmp_path / "settings")
    store = FeatureStore(tmp_path / "own", max_bytes=10**9)
    assert check_store(store) is store
    assert check_store(tmp_path / "own") == FeatureStore(tmp_path / "own")
    assert check_store(str(tmp_path / "own")) == FeatureStore(tmp_path / "own")


@pytest.mark.parametrize("cache", [True, 0, b"folder", {}])
def test_anything_else_is_no_cache(cache):
    with pytest.raises(TypeError, match="cache must be a FeatureStore, the path of a"):
        check_store(cache)


def test_keys_of_real_descriptions_are_accepted(store):
    key = extractor_key({"extractor": "EGeMAPS", "version": 1})
    store.put(key, digest_of(1), np.zeros(88, dtype=np.float32))
    assert store.get(key, digest_of(1)).shape == (88,)
