"""The folder of a feature store: what is trusted, written, counted and deleted.

``<folder>/<extractor key>/<first two digits of the digest>/<digest>.bin``, beside
them ``<folder>/<extractor key>/description.json`` and, for a moment, temporary files
in ``<folder>``. No function here touches a file that does not look like this.
"""

import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from sersk.cache._entry import HEAD_SIZE, EntryError, claimed_size
from sersk.cache._key import HEX

_DESCRIPTION = "description.json"
_LONGEST_DESCRIPTION = 1024 * 1024
_TEMPORARY = ".tmp-"
_TEMPORARY_NAME = re.compile(r"\.tmp-[a-z0-9_]{8}")
_SHARD_NAME = re.compile(r"[0-9a-f]")
_ENTRY_NAME = re.compile(rf"{HEX.pattern}\.bin")
_ORPHAN_AGE = 3600.0
_ATTEMPTS = 10
# A planted link must not lead elsewhere, a planted pipe must not block.
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


class Found(NamedTuple):
    """One entry on disk; ``used`` is when it was last written or, if capped, read."""

    extractor_key: str
    path: str
    size: int
    used: int


def entry_path(root: str, extractor_key: str, digest: str) -> str:
    """Return where the value of a clip lies."""
    return f"{root}/{extractor_key}/{digest[:1]}/{digest}.bin"


def shard_paths(root: str, extractor_key: str) -> dict[str, str]:
    """Return the folders that hold an extractor's values, by first digit of digests."""
    return {digit: f"{root}/{extractor_key}/{digit}" for digit in "0123456789abcdef"}


def description_path(root: str, extractor_key: str) -> str:
    """Return where the description of an extractor lies."""
    return f"{root}/{extractor_key}/{_DESCRIPTION}"


def distrust(root: str) -> str | None:
    """Say why a folder must not be used, or None; FileNotFoundError if absent."""
    try:
        status = os.stat(root)
    except FileNotFoundError:
        raise
    except OSError as error:
        return f"{error.strerror}. Choose another folder."
    if not stat.S_ISDIR(status.st_mode):
        return "it is not a folder. Choose another path."
    if not hasattr(os, "geteuid"):  # Windows: the modes say nothing about access
        return None
    if status.st_uid != os.geteuid():
        return (
            f"it belongs to user id {status.st_uid}, and this process runs as "
            f"{os.geteuid()}. Choose a folder of your own."
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others may write to it. Run chmod go-w on it or choose another folder."
    return None


def make_root(root: str) -> None:
    """Make the folder of a store, readable by nobody else."""
    os.makedirs(os.path.dirname(root), exist_ok=True)
    _make_private(root)


def read_entry(path: str) -> bytes:
    """Read one entry, and no more than its header and its size agree upon."""
    descriptor, size = _open_regular(path)
    try:
        data = os.read(descriptor, min(size, HEAD_SIZE))
        if size > len(data):
            if claimed_size(data) != size:
                raise EntryError("is not as long as its header says")
            data = _read_whole(descriptor)
    finally:
        os.close(descriptor)
    return data


def read_description(root: str, extractor_key: str) -> bytes:
    """Read the description of an extractor; OSError if there is none."""
    descriptor, size = _open_regular(description_path(root, extractor_key))
    try:
        return os.read(descriptor, min(size, _LONGEST_DESCRIPTION))
    finally:
        os.close(descriptor)


def write(root: str, path: str, data: bytes) -> None:
    """Put a file into place at once, or leave nothing behind and raise OSError."""
    # In the root, so that orphans are found by listing one folder.
    descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=root)
    try:
        try:
            # No fsync: after a power cut, an entry that is torn fails its checksum
            # and is computed again, which is cheaper than a flush for every clip.
            _write_whole(descriptor, data)
        finally:
            os.close(descriptor)
        _move(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def touch(path: str) -> None:
    """Mark an entry as just used, for :func:`evict`."""
    with suppress(OSError):
        os.utime(path)


def find_entries(root: str, extractor_key: str | None = None) -> Iterator[Found]:
    """List the entries of a store, or of one extractor; links are passed over."""
    for folder in _extractor_folders(root, extractor_key):
        for shard in _shards(folder):
            for file in _children(shard.path, _ENTRY_NAME):
                # Another process may evict or clear meanwhile.
                with suppress(OSError):
                    status = file.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        yield Found(
                            folder.name, file.path, status.st_size, status.st_mtime_ns
                        )


def remove_entries(root: str, extractor_key: str | None = None) -> None:
    """Delete entries, descriptions and the folders that become empty by that."""
    for entry in find_entries(root, extractor_key):
        _unlink(entry.path)
    for folder in _extractor_folders(root, extractor_key):
        description = description_path(root, folder.name)
        if os.path.isfile(description) and not os.path.islink(description):
            _unlink(description)
        for path in (*(shard.path for shard in _shards(folder)), folder.path):
            # Not empty: it holds what is not ours, or another process just wrote.
            with suppress(OSError):
                os.rmdir(path)


def kept(max_bytes: int) -> int:
    """Return the bytes that eviction leaves, so that it is not needed every time."""
    return max_bytes - max_bytes // 10


def evict(root: str, max_bytes: int) -> int:
    """Delete what was used longest ago if the cap is exceeded; return bytes left."""
    entries = list(find_entries(root))
    total = sum(entry.size for entry in entries)
    if total <= max_bytes:
        return total
    for entry in sorted(entries, key=lambda entry: (entry.used, entry.path)):
        if total <= kept(max_bytes):
            break
        with suppress(OSError):
            os.unlink(entry.path)
        total -= entry.size
    return total


def sweep(root: str) -> None:
    """Delete the temporary files of writers that were killed over an hour ago."""
    oldest = time.time() - _ORPHAN_AGE
    for file in _children(root, _TEMPORARY_NAME):
        with suppress(OSError):
            status = file.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode) and status.st_mtime < oldest:
                os.unlink(file.path)


def _make_private(path: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)


def _open_regular(path: str) -> tuple[int, int]:
    """Open a regular file for reading; return its descriptor and its size."""
    descriptor = os.open(path, _READ)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise EntryError("is not a regular file")
    return descriptor, status.st_size


def _read_whole(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        return file.readall()


def _write_whole(descriptor: int, data: bytes) -> None:
    # A disk that is nearly full takes a part and refuses the rest on the next call.
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _move(temporary: str, path: str) -> None:
    """Rename, and make the folders above when they are missing."""
    # Again and again, because another process may be clearing the store.
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):
            os.replace(temporary, path)
            return
        shard = os.path.dirname(path)
        with suppress(FileNotFoundError):
            _make_private(os.path.dirname(shard))
            _make_private(shard)
    os.replace(temporary, path)


def _unlink(path: str) -> None:
    # Another process may have been faster.
    with suppress(FileNotFoundError):
        os.unlink(path)


def _children(folder: str, name: re.Pattern) -> list[os.DirEntry]:
    """List what is called so in a folder, sorted; nothing if it cannot be."""
    try:
        with os.scandir(folder) as listing:
            found = [child for child in listing if name.fullmatch(child.name)]
    except OSError:
        return []
    return sorted(found, key=lambda child: child.name)


def _extractor_folders(root: str, extractor_key: str | None) -> Iterator[os.DirEntry]:
    for child in _children(root, HEX):
        if extractor_key in (None, child.name) and child.is_dir(follow_symlinks=False):
            yield child


def _shards(folder: os.DirEntry) -> Iterator[os.DirEntry]:
    for child in _children(folder.path, _SHARD_NAME):
        if child.is_dir(follow_symlinks=False):
            yield child
