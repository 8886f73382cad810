"""The store of features on disk."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

import numpy as np

from sersk.cache import _folder
from sersk.cache._entry import EntryError, decode, encode
from sersk.cache._key import check_hex
from sersk.cache._key import extractor_key as key_of
from sersk.cache._memory import Memory, settled_states
from sersk.cache._statistics import count_entries
from sersk.utils import CacheWarning, canonical_json, get_config


@dataclass
class _Process:
    """What this process knows of a store; it never travels in a pickle."""

    hits: int = 0
    misses: int = 0
    refused: int = 0
    writes: int = 0
    # Bytes that may be written before the folder is measured again.
    room: int = 0
    swept: bool = False
    memory: Memory = field(default_factory=Memory)
    warned: set[str] = field(default_factory=set)


# Beside the stores and not in them, so that the copies that a process unpickles with
# every task share one set of counts and warn once together.
_processes: dict["FeatureStore", _Process] = {}
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_processes.clear)


@dataclass(frozen=True, init=False)
class FeatureStore:
    """Keep one array for each pair of extractor and clip in a folder.

    The store makes a run faster and never different. It can be deleted, damaged,
    filled up, made read-only or shared between processes at any time: a value that
    cannot be read, or whose checksum, key or size is wrong, is reported by a
    :class:`~sersk.utils.CacheWarning` and computed again. Nothing in the folder is
    ever executed, and a folder that others may write to is not used at all.

    Making the object writes nothing; the folder appears with the first value, and
    nobody else may read it.

    Parameters
    ----------
    path : str or path-like
        The folder; ``~`` is the home folder, and a relative path is resolved when
        the object is made.
    max_bytes : int or None, default=None
        Cap on the bytes of all values together. What was used longest ago is
        deleted, down to nine tenths of the cap, when it is exceeded. None: no cap.

    Attributes
    ----------
    path : str
        The absolute path of the folder.
    max_bytes : int or None
        The cap.

    Raises
    ------
    TypeError
        If ``path`` is not a path, or ``max_bytes`` not an integer.
    ValueError
        If ``path`` is empty, or ``max_bytes`` not positive.

    See Also
    --------
    extractor_key : The first half of a key.
    sersk.set_config : Give every extractor a store.

    Notes
    -----
    Writers need no lock. A value is written under a temporary name and renamed, and
    whoever writes under the same key writes the same bytes. With a cap, each process
    measures the folder after it has written a tenth of the cap, so several of them
    can exceed it by that much each. Stores with the same path and cap are equal; a
    pickled or copied store holds no values and no counts.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sersk.cache import FeatureStore, extractor_key
    >>> from sersk.utils import sha256
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = FeatureStore(folder.name)
    >>> key, digest = extractor_key({"extractor": "mean"}), sha256("a clip")
    >>> store.get(key, digest) is None
    True
    >>> store.put(key, digest, np.array([1.0, 2.0], dtype=np.float32))
    >>> store.get(key, digest)
    array([1., 2.], dtype=float32)
    >>> store.statistics()["entries"]
    1
    >>> store.clear()
    >>> folder.cleanup()
    """

    path: str
    max_bytes: int | None

    def __init__(
        self, path: str | PathLike[str], *, max_bytes: int | None = None
    ) -> None:
        # Frozen, because its hash finds what this process knows of it.
        object.__setattr__(self, "path", _check_path(path))
        object.__setattr__(self, "max_bytes", _check_cap(max_bytes))

    def get(self, extractor_key: str, digest: str) -> np.ndarray | None:
        """Return the value that is kept for an extractor and a clip.

        Parameters
        ----------
        extractor_key : str
            Key of the extractor, from :func:`sersk.cache.extractor_key`.
        digest : str
            Digest of the clip, hexadecimal.

        Returns
        -------
        value : ndarray or None
            A fresh, writable, C-contiguous array in the machine's byte order, equal
            to the one that was put; None if there is none that can be trusted.

        Raises
        ------
        ValueError
            If a key is not lower-case hexadecimal.

        Warns
        -----
        sersk.utils.CacheWarning
            If there is an entry, but it is damaged or unreadable, or, once in a
            process, if the folder must not be used. A missing entry is no reason.
        """
        _check_keys(extractor_key, digest)
        process = self._process
        path = _folder.entry_path(self.path, extractor_key, digest)
        try:
            value = self._read(path, extractor_key, digest)
        except (EntryError, OSError, MemoryError) as error:
            process.refused += 1
            _warn(
                f"The entry {path!r} of a feature store {_reason(error)}. It is not "
                "used, and the value is computed again."
            )
            return None
        if value is None:
            process.misses += 1
            return None
        self._count_hit(process, extractor_key, digest)
        return value

    def get_many(
        self, extractor_key: str, digests: Sequence[str]
    ) -> list[np.ndarray | None]:
        """Return the values that are kept for an extractor and many clips.

        What this process has read before it remembers, up to a few megabytes, for as
        long as nothing is added to the entry's folder, replaced or deleted there.

        Parameters
        ----------
        extractor_key : str
            Key of the extractor, from :func:`sersk.cache.extractor_key`.
        digests : sequence of str
            Digests of the clips, hexadecimal.

        Returns
        -------
        values : list of (ndarray or None)
            As :meth:`get` returns them, in order, but read-only.

        Raises
        ------
        ValueError
            If a key is not lower-case hexadecimal.

        Warns
        -----
        sersk.utils.CacheWarning
            As :meth:`get` does.

        Examples
        --------
        >>> from sersk.cache import FeatureStore
        >>> FeatureStore("/nowhere").get_many("ab" * 32, ["12" * 32, "34" * 32])
        [None, None]
        """
        check_hex("extractor_key", extractor_key)
        process = self._process
        states = settled_states(_folder.shard_paths(self.path, extractor_key))
        values: list[np.ndarray | None] = []
        for digest in digests:
            name, state = (extractor_key, digest), states.get(digest[:1])
            value = process.memory.recall(name, state)
            if value is not None:
                self._count_hit(process, extractor_key, digest)
            else:
                value = self.get(extractor_key, digest)
                if value is not None:
                    process.memory.keep(name, state, value)
            values.append(value)
        return values

    def put(self, extractor_key: str, digest: str, value: np.ndarray) -> None:
        """Keep the value of an extractor and a clip, in place of an earlier one.

        Parameters
        ----------
        extractor_key : str
            Key of the extractor, from :func:`sersk.cache.extractor_key`.
        digest : str
            Digest of the clip, hexadecimal.
        value : ndarray of any shape
            Integers or floats of up to 64 bits.

        Raises
        ------
        TypeError
            If the value is not an array, or has another dtype.
        ValueError
            If a key is not lower-case hexadecimal.

        Warns
        -----
        sersk.utils.CacheWarning
            Once in a process, if the folder must not be used or cannot be written
            to, or if a value is larger than the cap allows. It is then not kept.
        """
        _check_keys(extractor_key, digest)
        entry = encode(extractor_key, digest, value)
        # Eviction would delete everything else first, and then this value too.
        if self.max_bytes is not None and len(entry) > _folder.kept(self.max_bytes):
            self._warn_once(
                "size",
                f"could not keep a value of {len(entry)} bytes under its cap of "
                f"{self.max_bytes}. Raise max_bytes.",
            )
            return
        path = _folder.entry_path(self.path, extractor_key, digest)
        if self._write(path, entry):
            self._process.writes += 1
            self._keep_below_cap(len(entry))

    def describe(self, extractor_key: str, description: dict[str, Any]) -> None:
        """Keep the description of an extractor beside its values, for statistics.

        Parameters
        ----------
        extractor_key : str
            ``sersk.cache.extractor_key(description)``.
        description : dict
            What the key was made of. Nothing is written if there is one already.

        Raises
        ------
        ValueError
            If the key is not the key of the description.
        """
        if extractor_key != key_of(description):
            raise ValueError(
                f"extractor_key {extractor_key!r} is not the key of the description "
                f"{description!r}. Pass sersk.cache.extractor_key(description)."
            )
        path = _folder.description_path(self.path, extractor_key)
        if not os.path.lexists(path):
            self._write(path, canonical_json(description).encode())

    def statistics(self) -> dict[str, Any]:
        """Count what the folder holds and what this process did with it.

        Returns
        -------
        statistics : dict
            ``entries`` and ``bytes`` of the folder; ``extractors``, a dict from each
            extractor key to its own ``entries``, ``bytes`` and ``description`` (None
            if it is not known); ``hits``, ``misses``, ``refused`` (entries that were
            there but not used) and ``writes`` of this process.
        """
        extractors = count_entries(self.path) if self._is_there() else {}
        process = self._process
        return {
            "entries": sum(counts["entries"] for counts in extractors.values()),
            "bytes": sum(counts["bytes"] for counts in extractors.values()),
            "extractors": extractors,
            "hits": process.hits,
            "misses": process.misses,
            "refused": process.refused,
            "writes": process.writes,
        }

    def clear(self, extractor_key: str | None = None) -> None:
        """Delete the values of one extractor, or of all.

        Only files that look like the store's own are deleted, and no link is
        followed; the folder itself stays.

        Parameters
        ----------
        extractor_key : str or None, default=None
            Key of the extractor; None means all of them.

        Raises
        ------
        ValueError
            If the key is not lower-case hexadecimal.

        Warns
        -----
        sersk.utils.CacheWarning
            If something cannot be deleted.
        """
        if extractor_key is not None:
            check_hex("extractor_key", extractor_key)
        if not self._is_there():
            return
        try:
            _folder.sweep(self.path)
            _folder.remove_entries(self.path, extractor_key)
        except OSError as error:
            _warn(f"The feature store {self.path!r} was not cleared: {error}.")

    @property
    def _process(self) -> _Process:
        process = _processes.get(self)
        return process or _processes.setdefault(self, _Process())

    def _is_trusted(self) -> bool:
        """Tell whether the folder may be used; FileNotFoundError if it is absent."""
        problem = _folder.distrust(self.path)
        if problem is not None:
            self._warn_once("trust", f"is not used: {problem}")
        return problem is None

    def _is_there(self) -> bool:
        try:
            return self._is_trusted()
        except FileNotFoundError:
            return False

    def _count_hit(self, process: _Process, extractor_key: str, digest: str) -> None:
        process.hits += 1
        if self.max_bytes is not None:
            _folder.touch(_folder.entry_path(self.path, extractor_key, digest))

    def _read(self, path: str, extractor_key: str, digest: str) -> np.ndarray | None:
        """Return the value of an entry, or None if there is nothing to be read."""
        try:
            if not self._is_trusted():
                return None
            return decode(_folder.read_entry(path), extractor_key, digest)
        except (FileNotFoundError, NotADirectoryError) as error:
            # A look at the folder warns, if it is nothing that can be a store.
            if self._is_there() and isinstance(error, NotADirectoryError):
                raise
            return None

    def _write(self, path: str, data: bytes) -> bool:
        """Write a file of the store; warn once in a process if that fails."""
        try:
            if not self._is_ready():
                return False
            _folder.write(self.path, path, data)
        except OSError as error:
            self._warn_once(
                "write",
                f"cannot be written to ({_strerror(error)}). Results stay right, but "
                "are computed again next time.",
            )
            return False
        return True

    def _is_ready(self) -> bool:
        """Tell whether the folder may be written to, which is made if it is absent."""
        try:
            trusted = self._is_trusted()
        except FileNotFoundError:
            _folder.make_root(self.path)
            trusted = self._is_trusted()
        process = self._process
        if trusted and not process.swept:
            process.swept = True
            _folder.sweep(self.path)
        return trusted

    def _keep_below_cap(self, written: int) -> None:
        """Evict when this process has written as much as it may without looking."""
        if self.max_bytes is None:
            return
        process = self._process
        process.room -= written
        if process.room < 0:
            total = _folder.evict(self.path, self.max_bytes)
            process.room = min(self.max_bytes - total, self.max_bytes // 10)

    def _warn_once(self, subject: str, problem: str) -> None:
        warned = self._process.warned
        if subject not in warned:
            warned.add(subject)
            _warn(f"The feature store {self.path!r} {problem}")


def check_store(
    cache: FeatureStore | str | PathLike[str] | Literal[False] | None,
) -> FeatureStore | None:
    """Return the store that the parameter ``cache`` of an extractor means.

    Parameters
    ----------
    cache : FeatureStore, path, None or False
        A store, which is returned as it is; the folder of one; None for the folder
        that :func:`sersk.set_config` or the environment variable ``SERSK_CACHE``
        names, if any; False for no store whatever the settings say.

    Returns
    -------
    store : FeatureStore or None
        The store, or None if nothing is to be kept.

    Raises
    ------
    TypeError
        If ``cache`` is something else.

    Examples
    --------
    >>> from sersk.cache import check_store
    >>> check_store("/data/features")
    FeatureStore(path='/data/features', max_bytes=None)
    >>> check_store(False) is None
    True
    """
    if cache is False:
        return None
    if isinstance(cache, FeatureStore):
        return cache
    if cache is None:
        folder = get_config()["cache_dir"]
        return None if folder is None else FeatureStore(folder)
    if isinstance(cache, str | PathLike):
        return FeatureStore(cache)
    raise TypeError(
        "cache must be a FeatureStore, the path of a folder, None (the folder of the "
        f"settings) or False (no store), got {cache!r}."
    )


def _check_path(path: str | PathLike[str]) -> str:
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"path must be text, got {path!r}.")
    if not text or "\0" in text:
        raise ValueError(f"path must name a folder, got {path!r}.")
    # A later change of the working directory must not split the store.
    return os.path.abspath(os.path.expanduser(text))


def _check_cap(max_bytes: int | None) -> int | None:
    if max_bytes is None:
        return None
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int | np.integer):
        raise TypeError(f"max_bytes must be an integer or None, got {max_bytes!r}.")
    if max_bytes <= 0:
        raise ValueError(f"max_bytes must be positive or None, got {max_bytes!r}.")
    return int(max_bytes)


def _check_keys(extractor_key: str, digest: str) -> None:
    check_hex("extractor_key", extractor_key)
    check_hex("digest", digest)


def _reason(error: Exception) -> str:
    """Say what is wrong with an entry, as a verb phrase."""
    if isinstance(error, EntryError):
        return str(error)
    return f"cannot be read ({_strerror(error)})"


def _strerror(error: Exception) -> str:
    return getattr(error, "strerror", None) or repr(error)


def _warn(message: str) -> None:
    # The frame above is the store's; the one above that asked it.
    warnings.warn(message, CacheWarning, stacklevel=3)
