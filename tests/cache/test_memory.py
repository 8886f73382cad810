"""What a process remembers of a store, and when it must not."""

import os
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sersk.cache import FeatureStore, extractor_key
from sersk.cache._memory import _MAX_BYTES, Memory, settled_states
from sersk.utils import CacheWarning, sha256

OLD = (1, 2, 3)
VALUE = np.arange(3.0, dtype=np.float32)
KEY = extractor_key({"extractor": "probe"})
DIGESTS = [sha256(f"clip {number}") for number in range(4)]


def test_a_value_is_recalled_for_the_state_it_was_read_in():
    memory = Memory()
    memory.keep("entry", OLD, VALUE)
    assert_array_equal(memory.recall("entry", OLD), VALUE)
    assert memory.recall("entry", (1, 2, 4)) is None
    assert memory.recall("other", OLD) is None


def test_without_a_state_nothing_is_kept():
    memory = Memory()
    memory.keep("entry", None, VALUE.copy())
    assert memory.recall("entry", None) is None


def test_a_folder_that_just_changed_or_is_absent_has_no_state(tmp_path):
    folders = {"old": str(tmp_path), "none": str(tmp_path / "none")}
    assert settled_states(folders) == {}
    settle()
    assert set(settled_states(folders)) == {"old"}


@pytest.mark.parametrize("change", ["add", "replace", "delete"])
def test_setting_the_time_back_does_not_hide_a_change(tmp_path, change):
    entry, other = tmp_path / "entry", tmp_path / "other"
    entry.write_bytes(b"first")
    settle()
    before = settled_states({"": str(tmp_path)})
    times = os.stat(tmp_path)
    if change == "delete":
        entry.unlink()
    else:
        other.write_bytes(b"other")
    if change == "replace":
        other.replace(entry)
    os.utime(tmp_path, ns=(times.st_atime_ns, times.st_mtime_ns))
    settle()
    assert settled_states({"": str(tmp_path)}) != before


def settle():
    """Wait until a later change of a folder shows."""
    time.sleep(0.05)


def test_the_least_recently_used_values_make_room():
    memory = Memory()
    third = np.zeros(_MAX_BYTES // 12, dtype=np.float32)
    for name in ("a", "b", "c"):
        memory.keep(name, OLD, third)
    memory.recall("a", OLD)
    memory.keep("d", OLD, third)
    remembered = [name for name in "abcd" if memory.recall(name, OLD) is not None]
    assert remembered == ["a", "c", "d"]


def test_a_value_larger_than_the_memory_is_left_out():
    memory = Memory()
    memory.keep("small", OLD, VALUE)
    memory.keep("large", OLD, np.zeros(_MAX_BYTES, dtype=np.float32))
    assert memory.recall("large", OLD) is None
    assert_array_equal(memory.recall("small", OLD), VALUE)


@pytest.fixture
def store(tmp_path):
    """Return a store of four values of which three are remembered."""
    store = FeatureStore(tmp_path / "store")
    for number, digest in enumerate(DIGESTS):
        store.put(KEY, digest, VALUE + number)
    settle()
    store.get_many(KEY, DIGESTS[:3])
    return store


def entry_of(store, digest):
    return f"{store.path}/{KEY}/{digest[0]}/{digest}.bin"


def test_many_values_come_in_order_and_are_counted(store):
    hits = store.statistics()["hits"]
    values = store.get_many(KEY, [*DIGESTS[::-1], sha256("absent")])
    assert values.pop() is None
    assert_array_equal(np.stack(values), VALUE + np.arange(3.0, -1.0, -1.0)[:, None])
    assert store.statistics()["hits"] == hits + 4
    assert store.statistics()["misses"] == 1


def test_a_value_that_many_may_share_cannot_be_written_to(store):
    for value in store.get_many(KEY, DIGESTS):
        assert not value.flags.writeable
    assert store.get(KEY, DIGESTS[0]).flags.writeable


def test_what_is_remembered_is_not_read_again(store):
    with open(entry_of(store, DIGESTS[0]), "r+b") as file:
        file.truncate(40)
    assert_array_equal(store.get_many(KEY, DIGESTS[:1])[0], VALUE)
    with pytest.warns(CacheWarning, match="computed again"):
        assert store.get(KEY, DIGESTS[0]) is None


@pytest.mark.parametrize("how", ["cleared", "deleted", "evicted"])
def test_what_is_gone_is_forgotten(store, how):
    if how == "cleared":
        store.clear()
    elif how == "deleted":
        os.unlink(entry_of(store, DIGESTS[0]))
    else:
        FeatureStore(store.path, max_bytes=700).put(KEY, DIGESTS[3], VALUE)
    assert store.get_many(KEY, DIGESTS[:1]) == [None]


def test_a_value_that_is_replaced_is_read_again(store):
    store.put(KEY, DIGESTS[0], VALUE + 9)
    assert_array_equal(store.get_many(KEY, DIGESTS[:1])[0], VALUE + 9)


def test_many_keys_must_be_hexadecimal(store):
    with pytest.raises(ValueError, match="extractor_key"):
        store.get_many("../" * 8, DIGESTS)
    with pytest.raises(ValueError, match="digest"):
        store.get_many(KEY, ["../" * 8])
