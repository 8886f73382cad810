"""What may happen to a folder of values: recomputation, never a wrong number.

One test or more for every row of the table of faults that the format was chosen by.
Rows about edited or moved sound files and about new versions of a library concern
the two halves of the key, and are tested with the clips and the extractors.
"""

import os
import pickle
import shutil
import tracemalloc
import warnings
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from sersk.cache._entry import encode
from sersk.utils import CacheWarning
from tests.cache.faults import (
    DIGEST,
    KEY,
    assert_recomputed,
    seal,
)

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
