"""Opening files that may be anything, and digests of their bytes."""

import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from sersk.utils import AudioError

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)
_REASONS = {
    errno.ENOENT: "no such file. Correct the path or drop the clip.",
    errno.ENOTDIR: "a part of its path is a file, not a folder. Correct the path.",
    errno.ENAMETOOLONG: "its name is too long for this system. Correct the path.",
    errno.ELOOP: "it is a symbolic link that leads back to itself. Replace the link.",
    errno.EACCES: "permission denied. Make the file and its folders readable.",
    errno.EPERM: "permission denied. Make the file and its folders readable.",
}
# A file that turns into a FIFO or a terminal between the look and the opening
# must not block or become the controlling terminal; Windows has no such flags.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_BLOCK = 1 << 20
_SETTLED_NS = 2_000_000_000
_MAX_DIGESTS = 200_000


# Size, times of modification and change, inode and device: the system changes one of
# them whenever the bytes of a file change.
_Signature = tuple[int, int, int, int, int]

# Single operations on a dict are atomic, so threads need no lock; a lock held by
# another thread while a process forks would never open again in the child.
_digests: dict[str, tuple[_Signature, str]] = {}


@contextmanager
def open_regular(path: str) -> Iterator[tuple[int, os.stat_result]]:
    """Open a regular file for reading and close it at the end of the block.

    Parameters
    ----------
    path : str
        The file.

    Yields
    ------
    descriptor : int
        The open file.
    status : os.stat_result
        Its status, taken from the descriptor.

    Raises
    ------
    AudioError
        If the path leads to no file, to one that cannot be opened, or to
        something that is not a regular file, which reading could wait on for ever.
    """
    # Opening alone can act (a tape rewinds, a watchdog starts): look first.
    _check_regular(_status(path))
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise AudioError(_reason(path, error)) from error
    try:
        status = os.fstat(descriptor)
        _check_regular(status)
        yield descriptor, status
    finally:
        os.close(descriptor)


def file_digest(path: str | bytes | PathLike) -> str:
    """Return the SHA-256 of a file's bytes, as hex.

    The process remembers digests for as long as size, times and inode stay the
    same. A file that changed within the last two seconds is hashed each time.

    Parameters
    ----------
    path : str, bytes or path
        The file.

    Returns
    -------
    digest : str
        64 hexadecimal digits.

    Raises
    ------
    AudioError
        If the path does not lead to a regular file that can be read.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.audio._reading import file_digest
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     file_digest(file.name)[:8]
    'e3b0c442'
    """
    name = path if isinstance(path, str) else os.fsdecode(path)
    signature = _signature(_status(name))
    remembered = _digests.get(name)
    if remembered is not None and remembered[0] == signature:
        return remembered[1]
    now = time.time_ns()
    with open_regular(name) as (descriptor, status):
        digest = _digest(descriptor)
        after = _signature(os.fstat(descriptor))
    if after == _signature(status) and _is_settled(after, now):
        if len(_digests) >= _MAX_DIGESTS:
            _digests.clear()
        _digests[name] = after, digest
    return digest


def _is_settled(signature: _Signature, now: int) -> bool:
    """Tell whether a later change of the file is certain to change its signature.

    File systems count time in steps of up to two seconds. A write in the step in
    which the file was hashed would leave size and times as they were, and a wrong
    digest would be believed for ever: git calls such an entry racy.
    """
    _, mtime_ns, ctime_ns, _, _ = signature
    return max(mtime_ns, ctime_ns) < now - _SETTLED_NS


def _digest(descriptor: int) -> str:
    """Hash what an open file holds, a block at a time."""
    state = hashlib.sha256()
    try:
        while block := os.read(descriptor, _BLOCK):
            state.update(block)
    except OSError as error:
        raise AudioError(describe_os_error(error)) from error
    return state.hexdigest()


def _signature(status: os.stat_result) -> _Signature:
    """Pick what changes with a file's content."""
    return (
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    )


def _status(path: str) -> os.stat_result:
    """Return the status of a file or say why there is none."""
    try:
        return os.stat(path)
    except OSError as error:
        raise AudioError(_reason(path, error)) from error
    except ValueError as error:
        raise AudioError(
            f"cannot be read: no file can have this name ({error}). Correct the path."
        ) from error


def _check_regular(status: os.stat_result) -> None:
    """Refuse what is not a regular file."""
    if stat.S_ISREG(status.st_mode):
        return
    kinds = [kind for test, kind in _KINDS if test(status.st_mode)]
    raise AudioError(
        f"is not a regular file ({', '.join(kinds) or 'of an unknown kind'}). "
        "Pass the path of an audio file."
    )


def _reason(path: str, error: OSError) -> str:
    """Say why a path could not be looked at or opened."""
    if error.errno == errno.ENOENT:
        if not path:
            return "has an empty path. Give the path of an audio file."
        if re.match(r"[A-Za-z][\w+.-]+:/", path):
            return (
                "cannot be read: its path looks like a URL, and nothing is "
                "downloaded. Download the file and pass its path."
            )
        if os.path.islink(path):
            return (
                "cannot be read: it is a symbolic link to a file that does not exist "
                f"({os.readlink(path)!r}). Restore the file or replace the link."
            )
    return describe_os_error(error)


def describe_os_error(error: OSError) -> str:
    """Say why the system refuses to give a file, and what to do."""
    known = _REASONS.get(error.errno or 0)
    return f"cannot be read: {known or f'{error.strerror}. Check the disk.'}"
