"""What may happen to a folder of values: recomputation, never a wrong number.

One test or more for every row of the table of faults that the format was chosen by.
Rows about edited or moved sound files and about new versions of a library concern
the two halves of the key, and are tested with the clips and the extractors.
"""

import json
import os
import pickle
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import time
import tracemalloc
import warnings
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from sersk.cache import FeatureStore, extractor_key
from sersk.cache._entry import encode
from sersk.utils import CacheWarning

KEY, DIGEST = "ab" * 32, "12" * 32
NOBODY = 65534
# Puts values and prints what warnings came and which values can be read afterwards.
PUT_AND_REPORT = """
import json, os, resource, sys, warnings
import numpy as np
from sersk.cache import FeatureStore
path, *actions = sys.argv[1:]
store = FeatureStore(path)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for action in actions:
        name, _, number = action.partition("=")
        if name == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), -1))
        elif name == "put":
            digest = f"{int(number):064x}"
            store.put("ab" * 32, digest, np.full(int(number), 7.0))
        elif name == "user" and os.geteuid() == 0:
            os.setgid(int(number))
            os.setuid(int(number))
        elif name == "clear":
            store.clear()
        elif name == "chmod":
            for folder, _, _ in os.walk(path):
                os.chmod(folder, int(number, 8))
    found = {}
    for action in actions:
        if action.startswith("put="):
            number = int(action[4:])
            value = store.get("ab" * 32, f"{number:064x}")
            right = value is not None and np.array_equal(value, np.full(number, 7.0))
            found[number] = None if value is None else right
messages = [f"{item.category.__name__}: {item.message}" for item in caught]
temporary = [name for name in os.listdir(path) if name.startswith(".tmp-")]
print(json.dumps({"messages": messages, "found": found, "temporary": temporary}))
"""


def assert_recomputed(kept, reason):
    """Check that a damaged entry is reported, is not used and can be replaced."""
    with pytest.warns(CacheWarning, match=reason) as caught:
        assert kept.get() is None
    assert str(kept.path) in str(caught[0].message)
    assert "the value is computed again" in str(caught[0].message)
    kept.put()
    np.testing.assert_array_equal(kept.get(), kept.value)


def seal(header, numbers):
    """Make an entry of any header, whose checksum is right."""
    text = json.dumps(header).encode()
    content = struct.pack("<6sHI", b"\x89sersk", 1, len(text)) + text + numbers
    return content + sha256(content).digest()


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


# Rows: entry truncated; one byte flipped; zero length; garbage


def test_an_entry_cut_anywhere_is_recomputed(kept):
    entry = kept.path.read_bytes()
    for length in range(len(entry)):
        kept.path.write_bytes(entry[:length])
        with pytest.warns(CacheWarning, match="cut short|not as long|endless"):
            assert kept.get() is None
    assert_recomputed(kept, "is not as long as its header says")


def test_a_byte_flipped_anywhere_is_recomputed(kept):
    entry = kept.path.read_bytes()
    for position in range(len(entry)):
        damaged = bytearray(entry)
        damaged[position] ^= 0x55
        kept.path.write_bytes(damaged)
        with pytest.warns(CacheWarning, match="is not used"):
            assert kept.get() is None
    assert_recomputed(kept, "does not match its checksum")


@pytest.mark.parametrize("size", [100, 70_000, 300_000])
def test_a_large_entry_is_checked_like_a_small_one(kept, size):
    large = kept._replace(value=np.arange(size, dtype=np.float32))
    large.put()
    entry = bytearray(large.path.read_bytes())
    entry[-40] ^= 1
    large.path.write_bytes(entry)
    assert_recomputed(large, "does not match its checksum")
    large.path.write_bytes(bytes(entry[:-1]))
    assert_recomputed(large, "is not as long as its header says")


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 500, b"garbage" * 50_000, bytes(range(256)), b"\x89sersk" * 99],
    ids=["zero-length", "zeros", "long", "all-bytes", "magic"],
)
def test_garbage_is_recomputed(kept, content):
    kept.path.write_bytes(content)
    assert_recomputed(kept, "cut short|not written by sersk|has format version")


def test_an_entry_of_another_version_of_the_format_is_recomputed(kept):
    entry = bytearray(kept.path.read_bytes())
    entry[6] = 2
    kept.path.write_bytes(bytes(entry[:-32]) + sha256(entry[:-32]).digest())
    assert_recomputed(kept, "has format version 2, not 1")


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


# Row: planted pickle


class Bomb:
    """Make a file when unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def planted(form, bomb, kept):
    """Return the bytes of an entry that runs code in a careless reader."""
    if form == "pickle":
        return pickle.dumps(bomb)
    if form == "npy":
        path = kept.path.with_suffix(".npy")
        np.save(path, np.array([bomb], dtype=object))
        return path.read_bytes()
    header = {"extractor_key": kept.key, "digest": kept.digest}
    header |= {"dtype": "|O", "shape": [1]}
    return seal(header, pickle.dumps(bomb))


@pytest.mark.parametrize("form", ["pickle", "npy", "object"])
def test_a_planted_pickle_is_never_run(kept, tmp_path, form):
    marker = tmp_path / "marker"
    content = planted(form, Bomb(marker), kept)
    kept.path.write_bytes(content)
    assert_recomputed(kept, "not written by sersk|does not hold plain numbers")
    assert not marker.exists()
    # The bomb is live: what reads pickles would have run it.
    pickle.loads(pickle.dumps(Bomb(marker)))
    assert marker.exists()


# Row: a header that claims 400 GB


@pytest.mark.parametrize("file_size", [None, 10**6, 400 * 10**9])
def test_a_header_that_claims_400_gb_allocates_nothing(kept, file_size):
    header = {"extractor_key": kept.key, "digest": kept.digest}
    kept.path.write_bytes(seal({**header, "dtype": "<f4", "shape": [10**11]}, b""))
    if file_size is not None:
        os.truncate(kept.path, file_size)
    tracemalloc.start()
    try:
        with pytest.warns(CacheWarning, match="is not as long as its header says"):
            assert kept.get() is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10**6
    assert_recomputed(kept, "is not as long as its header says")


# Rows: dangling link at the entry; link to a file outside; odd things at the entry


def test_a_dangling_link_is_ignored_and_replaced(kept, tmp_path):
    outside = tmp_path / "outside"
    kept.path.unlink()
    kept.path.symlink_to(outside)
    assert_recomputed(kept, "cannot be read")
    assert not outside.exists()
    assert not kept.path.is_symlink()


def test_a_link_to_a_file_outside_is_not_read_and_not_written_through(kept, tmp_path):
    outside = tmp_path / "outside"
    shutil.move(kept.path, outside)
    before = outside.read_bytes()
    kept.path.symlink_to(outside)
    assert_recomputed(kept, "cannot be read")
    assert outside.read_bytes() == before
    assert not kept.path.is_symlink()


def test_a_pipe_at_the_entry_does_not_block(kept):
    kept.path.unlink()
    os.mkfifo(kept.path)
    assert_recomputed(kept, "is not a regular file")


def test_a_folder_at_the_entry_is_left_alone(kept):
    kept.path.unlink()
    kept.path.mkdir()
    with pytest.warns(CacheWarning, match="is not a regular file"):
        assert kept.get() is None
    with pytest.warns(CacheWarning, match="cannot be written to"):
        kept.put()
    assert kept.path.is_dir()
    assert list(Path(kept.store.path).glob(".tmp-*")) == []


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


# An entry under a key that is not its own


def test_an_entry_of_another_clip_is_recomputed(kept):
    kept.store.put(kept.key, DIGEST, np.ones(3, dtype=np.float32))
    other = Path(kept.store.path, kept.key, DIGEST[:1], f"{DIGEST}.bin")
    shutil.copy(other, kept.path)
    assert_recomputed(kept, "belongs to another clip or extractor")


def test_an_entry_of_another_extractor_is_recomputed(kept):
    kept.path.write_bytes(encode(KEY, kept.digest, kept.value))
    assert_recomputed(kept, "belongs to another clip or extractor")


# All at once


def test_a_store_full_of_damage_returns_only_what_was_put(store):
    generator = np.random.default_rng(0)
    digests = [f"{number:064x}" for number in range(60)]
    for number, digest in enumerate(digests):
        store.put(KEY, digest, np.full(20, number))
    for path in sorted(Path(store.path).rglob("*.bin")):
        content = bytearray(path.read_bytes())
        start, stop = sorted(generator.integers(len(content), size=2))
        content[start:stop] = generator.bytes(generator.integers(50))
        path.write_bytes(content)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        values = [store.get(KEY, digest) for digest in digests]
    right = [
        value is not None and np.array_equal(value, np.full(20, number))
        for number, value in enumerate(values)
    ]
    assert [value is not None for value in values] == right
    assert len(caught) == 60 - sum(right) > 40
    assert {item.category for item in caught} == {CacheWarning}
