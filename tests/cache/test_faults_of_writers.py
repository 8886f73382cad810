"""Writers that are killed, interrupted, too many or out of space."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from sersk.cache import FeatureStore
from tests.cache.faults import (
    DIGEST,
    KEY,
    PUT_AND_REPORT,
)

# Row: kill -9 mid-write; row: orphan temporary files


def test_a_killed_writer_costs_a_recomputation(tmp_path, start_python):
    code = """
import sys
import numpy as np
from sersk.cache import FeatureStore
from sersk.cache._entry import encode
from sersk.cache._folder import entry_path, make_root, write
root, key, digest = sys.argv[1:]
entry = encode(key, digest, np.arange(4_000_000.0))
make_root(root)
while True:
    write(root, entry_path(root, key, digest), entry)
"""
    orphans = 0
    for moment in (0.0, 0.01, 0.03, 0.1):
        store = FeatureStore(tmp_path / f"{moment}")
        writer = start_python(code, store.path, KEY, DIGEST)
        wait_for(lambda root=store.path: list(Path(root).glob(".tmp-*")))
        time.sleep(moment)
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
        assert writer.returncode == -signal.SIGKILL
        value = store.get(KEY, DIGEST)
        assert value is None or np.array_equal(value, np.arange(4_000_000.0))
        store.put(KEY, DIGEST, np.arange(3))
        np.testing.assert_array_equal(store.get(KEY, DIGEST), np.arange(3))
        orphans += len(list(Path(store.path).glob(".tmp-*")))
    # Else no writer was hit in the middle, and nothing was tested.
    assert orphans > 0


def size_of(path):
    """Return the size of a file that may have been renamed meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def wait_for(condition):
    """Wait until something is there, at most half a minute."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)


def test_orphans_of_killed_writers_go_with_the_first_value(tmp_path):
    names = {".tmp-old00000": 2 * 3600, ".tmp-young000": 60}
    for name, age in names.items():
        (tmp_path / name).write_bytes(b"half an entry")
        os.utime(tmp_path / name, (0, time.time() - age))
    store = FeatureStore(tmp_path)
    assert store.get(KEY, DIGEST) is None
    assert store.statistics()["entries"] == 0
    assert len(list(tmp_path.glob(".tmp-*"))) == 2
    store.put(KEY, DIGEST, np.zeros(1))
    assert [path.name for path in tmp_path.glob(".tmp-*")] == [".tmp-young000"]


def test_an_interrupted_writer_removes_its_temporary_file(tmp_path, start_python):
    code = """
import sys
import numpy as np
from sersk.cache import FeatureStore
store = FeatureStore(sys.argv[1])
while True:
    store.put("ab" * 32, "12" * 32, np.zeros(4_000_000))
"""
    root = tmp_path / "store"
    writer = start_python(code, root)
    # A file of no bytes may still be in the making, and not yet the writer's to remove.
    wait_for(lambda: any(map(size_of, root.glob(".tmp-*"))))
    writer.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in writer.communicate()[1]
    assert list(root.glob(".tmp-*")) == []


# Row: five processes, same key, 120 calls


def test_five_processes_share_a_key(tmp_path, start_python):
    code = """
import os, sys, time
import numpy as np
from sersk.cache import FeatureStore
root, go = sys.argv[1:]
store, value = FeatureStore(root), np.arange(10_000.0)
while not os.path.exists(go):
    time.sleep(0.001)
for call in range(24):
    found = store.get("ab" * 32, "12" * 32)
    if found is not None:
        np.testing.assert_array_equal(found, value)
    if found is None or call % 2:
        store.put("ab" * 32, "12" * 32, value)
    if call % 8 == 7:
        store.clear()
"""
    root, go = tmp_path / "store", tmp_path / "go"
    processes = [start_python(code, root, go) for _ in range(5)]
    go.touch()
    for process in processes:
        errors = process.communicate(timeout=120)[1]
        assert (process.returncode, errors) == (0, "")
    assert list(root.glob(".tmp-*")) == []


# Row: disk full


def test_a_file_that_may_not_grow_costs_one_warning(tmp_path, run_python):
    root = tmp_path / "store"
    output = run_python(
        PUT_AND_REPORT, root, "limit=50000", "put=9000", "put=8000", "put=10"
    )
    report = json.loads(output)
    assert report["found"] == {"9000": None, "8000": None, "10": True}
    assert report["temporary"] == []
    assert len(report["messages"]) == 1
    assert "CacheWarning: The feature store" in report["messages"][0]
    assert "cannot be written to (File too large)" in report["messages"][0]


def test_a_full_disk_costs_one_warning(tmp_path, run_python):
    disk = tmp_path / "disk"
    disk.mkdir()
    # In a mount namespace of its own, so that the disk goes with the process.
    mount = 'mount -t tmpfs -o size=1m,mode=0700 tmpfs "$0" && exec "$@"'
    prefix = ("unshare", "--mount", "sh", "-c", mount, disk)
    if (
        not shutil.which("unshare")
        or subprocess.run(
            [*prefix, "true"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this user may not mount a disk of 1 MB")
    puts = [f"put={60_000 + number}" for number in range(4)]
    report = json.loads(run_python(PUT_AND_REPORT, disk, *puts, prefix=prefix))
    found = list(report["found"].values())
    assert found == [True, True, None, None]
    assert report["temporary"] == []
    assert len(report["messages"]) == 1
    assert "cannot be written to (No space left on device)" in report["messages"][0]
