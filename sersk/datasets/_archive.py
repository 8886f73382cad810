"""Extracting archives that nobody has to trust."""

import bz2
import gzip
import lzma
import os
import re
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import IO, Any, NoReturn

from sersk.datasets._download import make_folder

_MAX_MEMBERS = 1_000_000
_MAX_RATIO = 100
_SLACK = 1.2
_BLOCK = 1 << 16
# What the headers of a tar may add to its content: at the start, and with each member.
_TAR_START, _TAR_MEMBER = 1 << 20, 1 << 12
_TAR_BLOCK = 512
_LONGEST_NAME = 255
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
# What reading a broken archive raises, besides an OSError without a number.
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    NotImplementedError,
    UnicodeError,
    lzma.LZMAError,
    zlib.error,
)


class _Refused(Exception):
    """What is wrong with an archive, as the rest of a sentence about it."""


@dataclass(frozen=True)
class _Member:
    """A file or folder in an archive; a folder has nothing to open."""

    name: str
    size: int = 0
    open: Callable[[], IO[bytes] | None] | None = None


def extract_archive(
    path: str | PathLike, folder: str | PathLike, *, max_bytes: int
) -> None:
    """Extract a zip or tar into a new folder, whole or not at all.

    Parameters
    ----------
    path : path
        A zip, or a tar that is plain or packed by gzip, bzip2 or xz.
    folder : path
        The folder to make; there must be nothing of that name.
    max_bytes : int
        Size of the content as published; a fifth more is accepted.

    Raises
    ------
    ValueError
        If there is something at `folder` or it cannot be made, if the archive is
        broken, holds anything but files and folders, or names that lead out of the
        folder or that not every system can hold, or unpacks to far more than was
        published.
    """
    path, target = os.fsdecode(path), os.path.abspath(os.fsdecode(folder))
    _refuse_existing(target)
    parent, name = os.path.split(target)
    make_folder(parent)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as private:
        # A second folder, since the mode of the first is not what the user's mask says.
        unpacked = os.path.join(private, "unpacked")
        os.mkdir(unpacked)
        try:
            _extract_into(unpacked, path, max_bytes)
        except _Refused as problem:
            _refuse(path, str(problem))
        except _BROKEN as error:
            _refuse(path, f"is broken ({error})")
        except OSError as error:
            if error.errno is not None:
                raise
            _refuse(path, f"is broken ({error})")
        _refuse_existing(target)
        os.rename(unpacked, target)


def _refuse_existing(target: str) -> None:
    if os.path.lexists(target):
        raise ValueError(
            f"{target!r} exists and is not overwritten. If it holds the corpus, load "
            "it from there; if not, delete it or pass another folder."
        )


def _refuse(path: str, problem: str) -> NoReturn:
    raise ValueError(
        f"The archive {path!r} {problem}. Nothing was extracted. Delete the archive "
        "and get it from its publisher again."
    ) from None


def _extract_into(folder: str, path: str, max_bytes: int) -> None:
    budget = _Budget(max_bytes, os.path.getsize(path))
    names = _Names()
    with open(path, "rb") as file:
        for member in _members(file, folder, budget):
            budget.count()
            parts = names.add(member.name, is_folder=member.open is None)
            _write(member, os.path.join(folder, *parts), budget)


def _write(member: _Member, target: str, budget: "_Budget") -> None:
    if member.open is None:
        os.makedirs(target, exist_ok=True)
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    source = member.open()
    if source is None:
        raise _Refused(f"holds {member.name!r}, which is no file")
    with source, open(target, "xb") as sink:
        written = _copy(source, sink, budget)
    if written != member.size:
        raise _Refused(
            f"is broken ({written} of the {member.size} bytes of {member.name!r} "
            "are there)"
        )


def _copy(source: IO[bytes], sink: IO[bytes], budget: "_Budget") -> int:
    """Copy a file; what is read counts, not what a header says."""
    written = 0
    while block := source.read(_BLOCK):
        budget.spend(len(block))
        written += sink.write(block)
    return written


class _Budget:
    """How much may still come out of an archive."""

    def __init__(self, max_bytes: int, archive_bytes: int) -> None:
        published, packed = int(max_bytes * _SLACK), archive_bytes * _MAX_RATIO
        self.total = min(published, packed)
        self.spent = self.members = 0
        self._reason = (
            f"holds more than {published} bytes, and {max_bytes} were published"
            if published <= packed
            else f"unpacks to more than {_MAX_RATIO} times its own size"
        )

    def spend(self, size: int) -> None:
        """Count bytes of content."""
        self.spent += size
        if self.spent > self.total:
            raise _Refused(self._reason)

    def count(self) -> None:
        """Count a member."""
        self.members += 1
        if self.members > _MAX_MEMBERS:
            raise _Refused(f"holds more than {_MAX_MEMBERS} files and folders")

    def check_stream(self, position: int) -> None:
        """Check how far a tar was unpacked, its headers included."""
        headers = _TAR_START + _TAR_MEMBER * self.members
        if position > self.total + headers:
            raise _Refused(self._reason)


class _Names:
    """The names so far, to find those that some file systems hold as one."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, bool]] = {}

    def add(self, name: str, *, is_folder: bool) -> list[str]:
        """Return the parts of a name, or refuse it."""
        parts = _safe_parts(name)
        if not parts and not is_folder:
            raise _Refused(f"holds a file of the name {name!r}")
        for depth in range(1, len(parts)):
            self._claim("/".join(parts[:depth]), is_folder=True)
        if parts:
            self._claim("/".join(parts), is_folder=is_folder)
        return parts

    def _claim(self, name: str, *, is_folder: bool) -> None:
        # macOS and Windows tell neither case nor ways to write an umlaut apart.
        key = unicodedata.normalize("NFC", name).casefold()
        if key not in self._seen:
            self._seen[key] = name, is_folder
            return
        before, was_folder = self._seen[key]
        if before != name:
            raise _Refused(
                f"holds {before!r} and {name!r}, which not every system tells apart"
            )
        if not (is_folder and was_folder):
            raise _Refused(f"holds {name!r} twice")


def _safe_parts(name: str) -> list[str]:
    """Split a name, or refuse one that leads elsewhere or that Windows cannot hold."""
    if name.startswith("/"):
        raise _Refused(f"holds the absolute path {name!r}")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    for part in parts:
        if problem := _problem_of(part):
            raise _Refused(f"holds {name!r}, a name {problem}")
    return parts


def _problem_of(part: str) -> str | None:
    if part == "..":
        return "that leads out of the folder"
    if "\\" in part or ":" in part:
        return "with a backslash or a colon, a path on Windows"
    if part[-1] in ". ":
        return "that ends with a dot or a space"
    if any(ord(character) < 32 for character in part):
        return "with control characters"
    if _RESERVED.fullmatch(part.partition(".")[0].rstrip()):
        return "that is reserved on Windows"
    if len(os.fsencode(part)) > _LONGEST_NAME:
        return f"longer than {_LONGEST_NAME} bytes"
    return None


def _members(file: IO[bytes], folder: str, budget: _Budget) -> Iterator[_Member]:
    """Return the members of an archive, whose kind its first bytes tell."""
    start = file.read(_TAR_BLOCK)
    file.seek(0)
    if start[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _zip_members(file)
    unpack: Callable[[Any], Any] | None = None
    if start[:2] == b"\x1f\x8b":
        unpack = gzip.open
    elif start[:3] == b"BZh":
        unpack = bz2.open
    elif start[:6] == b"\xfd7zXZ\x00":
        unpack = lzma.open
    elif start[257:262] != b"ustar":
        raise _Refused("is neither a zip nor a tar")
    plain = file if unpack is None else unpack(file)
    return _tar_members(_Watched(plain, budget), folder)


def _zip_members(file: IO[bytes]) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            # Before zipfile made it look harmless: it cuts a name at a zero byte.
            name = info.orig_filename
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
                raise _Refused(f"holds {name!r}, {_KINDS.get(kind, 'no file')}")
            if info.flag_bits & 1:
                raise _Refused(f"holds {name!r}, which asks for a password")
            if info.is_dir():
                yield _Member(name)
            else:
                yield _Member(name, info.file_size, partial(archive.open, info))


def _tar_members(stream: Any, folder: str) -> Iterator[_Member]:
    if not hasattr(tarfile, "data_filter"):
        raise _Refused(
            "is a tar, and tarfile in this Python has no filter against harmful ones: "
            "update to Python 3.11.4 or later"
        )
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            if not (info.isreg() or info.isdir()):
                kind = "a link" if info.issym() or info.islnk() else "no file"
                raise _Refused(f"holds {info.name!r}, {kind}")
            _safe_parts(info.name)
            tarfile.data_filter(info, folder)
            if info.isdir():
                yield _Member(info.name)
            else:
                yield _Member(info.name, info.size, partial(archive.extractfile, info))
    stream.finish()


class _Watched:
    """The bytes of a tar, up to what its budget allows.

    Headers count too: one alone can announce gigabytes, and is read into memory.
    """

    def __init__(self, file: IO[bytes], budget: _Budget) -> None:
        self._file, self._budget = file, budget
        self._position, self._end = 0, b""

    def read(self, size: int) -> bytes:
        """Return the next bytes, or refuse the archive."""
        block = self._file.read(size)
        self._position += len(block)
        self._budget.check_stream(self._position)
        self._end = (self._end + block)[-_TAR_BLOCK:]
        return block

    def finish(self) -> None:
        """Read on to the checksum of what packed the tar, and look for the tar's end.

        tarfile takes a tar that was cut between two members for a whole one.
        """
        while self.read(_BLOCK):
            pass
        if self._end != bytes(_TAR_BLOCK):
            raise _Refused("is broken (its end is missing)")
