import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest

from sersk.cache import FeatureStore
from sersk.cache._folder import distrust, evict, find_entries, kept, sweep, write

KEY = "ab" * 32
HOUR = 3600


def make_entry(root, digest, size, used):
    """Make a file that looks like an entry, with a given size and time of use."""
    path = Path(root, KEY, digest[:1], f"{digest}.bin")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, ns=(used, used))
    return path


def test_folders_and_files_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        store = FeatureStore(tmp_path / "parent" / "store")
        store.put(KEY, "12" * 32, np.zeros(3))
    finally:
        os.umask(before)
    root = Path(store.path)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*")}
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert sorted(modes.values()) == [0o600, 0o700, 0o700]


def test_write_replaces_at_once_and_leaves_no_temporary_file(tmp_path):
    path = make_entry(tmp_path, "12" * 32, 5, 0)
    with open(path, "rb") as before:
        write(str(tmp_path), str(path), b"new")
        assert before.read() == b"xxxxx"
    assert path.read_bytes() == b"new"
    assert [child.name for child in tmp_path.iterdir()] == [KEY]


def test_sweep_deletes_old_temporary_files_and_nothing_else(tmp_path):
    names = {
        ".tmp-abcd_123": False,
        ".tmp-zzzzzzzz": True,
        ".tmp-notes.txt": True,
        "tmp-abcd_123": True,
    }
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, time.time() - 2 * HOUR))
    os.utime(tmp_path / ".tmp-zzzzzzzz", (0, time.time() - HOUR / 2))
    (tmp_path / ".tmp-link0000").symlink_to(tmp_path / "tmp-abcd_123")
    os.utime(tmp_path / ".tmp-link0000", (0, 0), follow_symlinks=False)
    (tmp_path / ".tmp-folder00").mkdir()
    os.utime(tmp_path / ".tmp-folder00", (0, 0))
    sweep(str(tmp_path))
    assert {name: (tmp_path / name).exists() for name in names} == names
    assert (tmp_path / ".tmp-link0000").is_symlink()
    assert (tmp_path / ".tmp-folder00").is_dir()


def test_find_entries_lists_only_the_layout_of_the_store(tmp_path):
    path = make_entry(tmp_path, "12" * 32, 7, 1_000_000_000)
    shard = path.parent
    (shard / "notes.txt").touch()
    (shard / f"{'13' * 32}.npy").touch()
    (shard / f"{'14' * 32}.bin").mkdir()
    (shard / f"{'15' * 32}.bin").symlink_to(path)
    (shard.parent / "shard").mkdir()
    (shard.parent / "3").symlink_to(shard)
    (tmp_path / ("cd" * 32)).symlink_to(shard.parent)
    (tmp_path / ("ef" * 32)).touch()
    found = list(find_entries(str(tmp_path)))
    assert found == [(KEY, str(path), 7, 1_000_000_000)]
    assert list(find_entries(str(tmp_path), KEY)) == found
    assert list(find_entries(str(tmp_path), "99" * 32)) == []
    assert list(find_entries(str(tmp_path / "absent"))) == []


def test_evict_deletes_what_was_used_longest_ago_down_to_nine_tenths(tmp_path):
    ages = {"11": 40, "22": 10, "33": 30, "44": 20, "55": 50}
    paths = {
        name: make_entry(tmp_path, name * 32, 100, used) for name, used in ages.items()
    }
    assert kept(450) == 405
    assert evict(str(tmp_path), 500) == 500
    assert all(path.exists() for path in paths.values())
    assert evict(str(tmp_path), 450) == 400
    assert [name for name in paths if not paths[name].exists()] == ["22"]
    assert evict(str(tmp_path), 399) == 300
    assert [name for name in paths if not paths[name].exists()] == ["22", "44"]


def test_distrust_accepts_a_folder_of_ones_own(tmp_path):
    for mode in (0o700, 0o750, 0o755):
        tmp_path.chmod(mode)
        assert distrust(str(tmp_path)) is None


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_distrust_refuses_a_folder_that_others_may_write_to(tmp_path, mode):
    tmp_path.chmod(mode)
    assert "others may write to it. Run chmod go-w" in distrust(str(tmp_path))


def test_distrust_tells_an_absent_folder_from_a_bad_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        distrust(str(tmp_path / "absent"))
    (tmp_path / "file").touch()
    assert "it is not a folder" in distrust(str(tmp_path / "file"))
    assert "Choose another folder" in distrust(str(tmp_path / "file" / "below"))
