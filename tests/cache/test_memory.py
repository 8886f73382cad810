"""What a process remembers of a store, and when it must not."""

import os

import numpy as np
from numpy.testing import assert_array_equal

from sersk.cache import FeatureStore, extractor_key
from sersk.cache._memory import _MAX_BYTES, Memory, file_state
from sersk.utils import sha256

OLD = (1, 2, 3, 4)
VALUE = np.arange(3.0, dtype=np.float32)


def test_a_value_is_recalled_for_the_state_it_was_read_in():
    memory = Memory()
    memory.keep("entry", OLD, VALUE)
    assert_array_equal(memory.recall("entry", OLD), VALUE)
    assert memory.recall("entry", (1, 2, 3, 5)) is None
    assert memory.recall("other", OLD) is None


def test_what_comes_out_is_a_copy_of_what_went_in():
    memory = Memory()
    value = VALUE.copy()
    memory.keep("entry", OLD, value)
    value[0] = 9.0
    memory.recall("entry", OLD)[1] = 9.0
    assert_array_equal(memory.recall("entry", OLD), VALUE)


def test_a_file_that_just_changed_is_not_remembered(tmp_path):
    path = tmp_path / "entry"
    path.write_bytes(b"now")
    memory = Memory()
    memory.keep(str(path), file_state(str(path)), VALUE)
    assert memory.recall(str(path), file_state(str(path))) is None


def test_setting_the_time_back_does_not_hide_a_change(tmp_path):
    path = tmp_path / "entry"
    path.write_bytes(b"first")
    before = file_state(str(path))
    times = os.stat(path)
    path.write_bytes(b"other")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = file_state(str(path))
    assert after[:3] == before[:3]
    assert after != before


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


def test_a_store_forgets_what_was_cleared(tmp_path):
    store = FeatureStore(tmp_path / "store")
    key, digest = extractor_key({"extractor": "probe"}), sha256("clip")
    store.put(key, digest, VALUE)
    entry = next((tmp_path / "store").rglob(f"{digest}*"))
    os.utime(entry, ns=(0, 0))
    assert_array_equal(store.get(key, digest), VALUE)
    store.clear()
    assert store.get(key, digest) is None
