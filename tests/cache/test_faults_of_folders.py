"""Folders of values that are read-only, gone, links, or another user's."""

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

import numpy as np
import pytest

from sersk.cache import FeatureStore, extractor_key
from sersk.utils import CacheWarning
from tests.cache.faults import (
    DIGEST,
    KEY,
    NOBODY,
    PUT_AND_REPORT,
)

# Row: read-only directory (and other folders that cannot be written to)


@pytest.fixture
def reachable():
    """Return a folder that a user without rights can reach, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def test_a_read_only_folder_is_read_and_costs_one_warning(reachable, run_python):
    # Root writes wherever it likes, so another user has to try.
    root = reachable / "store"
    root.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(root, NOBODY, NOBODY)
    actions = (f"user={NOBODY}", "put=5", "chmod=500", "put=6", "put=7")
    report = json.loads(run_python(PUT_AND_REPORT, root, *actions))
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o700)
    assert report["found"] == {"5": True, "6": None, "7": None}
    assert len(report["messages"]) == 1
    assert "cannot be written to (Permission denied)" in report["messages"][0]


def test_a_read_only_folder_is_not_cleared_and_says_so(reachable, run_python):
    root = reachable / "store"
    root.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(root, NOBODY, NOBODY)
    actions = (f"user={NOBODY}", "put=5", "chmod=500", "clear")
    report = json.loads(run_python(PUT_AND_REPORT, root, *actions))
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o700)
    assert report["found"] == {"5": True}
    assert len(report["messages"]) == 1
    assert "was not cleared: [Errno 13] Permission denied" in report["messages"][0]


def test_a_file_in_place_of_a_folder_of_values_is_left_alone(kept):
    folder = kept.path.parent.parent
    shutil.rmtree(folder)
    folder.write_text("mine")
    with pytest.warns(CacheWarning, match="cannot be read"):
        assert kept.get() is None
    with pytest.warns(CacheWarning, match="cannot be written to"):
        kept.put()
    kept.store.clear()
    assert folder.read_text() == "mine"


@pytest.mark.parametrize("below", [[], ["below"], ["far", "below"]])
def test_a_path_at_or_below_a_file_is_not_used(tmp_path, below):
    (tmp_path / "file").write_text("a thesis")
    store = FeatureStore(tmp_path.joinpath("file", *below))
    with pytest.warns(CacheWarning, match="it is not a folder|Not a directory"):
        store.put(KEY, DIGEST, np.zeros(1))
    assert_silently_unused(store)
    assert (tmp_path / "file").read_text() == "a thesis"


def assert_silently_unused(store):
    """Check that a store keeps and finds nothing, and does not warn again."""
    before = sorted(Path(store.path).rglob("*"))
    store.put(KEY, DIGEST, np.zeros(1))
    store.put(KEY, "34" * 32, np.zeros(1))
    store.describe(extractor_key({}), {})
    assert store.get(KEY, DIGEST) is None
    assert store.statistics()["entries"] == 0
    store.clear()
    assert sorted(Path(store.path).rglob("*")) == before


def test_a_dangling_link_as_folder_costs_a_warning(tmp_path):
    (tmp_path / "store").symlink_to(tmp_path / "unmounted")
    store = FeatureStore(tmp_path / "store")
    assert store.get(KEY, DIGEST) is None
    with pytest.warns(CacheWarning, match="cannot be written to"):
        store.put(KEY, DIGEST, np.zeros(1))
    assert not (tmp_path / "unmounted").exists()


def test_a_link_to_a_folder_of_ones_own_is_followed(tmp_path):
    (tmp_path / "scratch").mkdir(mode=0o700)
    (tmp_path / "store").symlink_to(tmp_path / "scratch")
    store = FeatureStore(tmp_path / "store")
    store.put(KEY, DIGEST, np.zeros(1))
    assert store.get(KEY, DIGEST).tolist() == [0.0]
    assert (tmp_path / "scratch" / KEY).is_dir()


def test_a_store_whose_folder_vanishes_starts_again(kept):
    shutil.rmtree(kept.store.path)
    assert kept.get() is None
    kept.put()
    np.testing.assert_array_equal(kept.get(), kept.value)


# Row: modes of folder and file


def test_nobody_else_can_read_the_values(kept):
    root = Path(kept.store.path)
    for path in (root, *root.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected


# A folder that must not be trusted


def test_a_folder_of_another_user_is_not_used(tmp_path):
    if os.geteuid() == 0:
        store = FeatureStore(tmp_path / "store")
        store.put(KEY, DIGEST, np.zeros(1))
        os.chown(store.path, NOBODY, NOBODY)
        with pytest.warns(CacheWarning, match=f"it belongs to user id {NOBODY}, and"):
            assert store.get(KEY, DIGEST) is None
        assert_silently_unused(store)
    else:
        with pytest.warns(CacheWarning, match="it belongs to user id 0, and this"):
            assert FeatureStore("/").get(KEY, DIGEST) is None


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_folder_that_others_may_write_to_is_not_used(kept, mode):
    store = FeatureStore(kept.store.path)
    store.put(KEY, DIGEST, np.zeros(1))
    os.chmod(store.path, mode)
    with pytest.warns(CacheWarning, match="others may write to it"):
        assert store.get(KEY, DIGEST) is None
    assert_silently_unused(store)
    os.chmod(store.path, 0o700)
    np.testing.assert_array_equal(kept.get(), kept.value)
