"""Settings of the whole library, in scikit-learn's manner."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import Any

_ENVIRONMENT = "SERSK_CACHE"
_UNSET: Any = object()
_settings: dict[str, Any] = {"cache_dir": None, "progress": True}
_local = threading.local()


def _current() -> dict[str, Any]:
    """Return this thread's settings, which start as a copy of the global ones."""
    if not hasattr(_local, "settings"):
        _local.settings = _settings.copy()
    return _local.settings


def get_config() -> dict[str, Any]:
    """Return the settings in force in this thread.

    Returns
    -------
    config : dict
        ``cache_dir``: folder of the feature store that every extractor uses, or
        None (then the environment variable ``SERSK_CACHE`` is read);
        ``progress``: whether long work may draw a progress bar on a terminal, or
        ``"always"``.

    Examples
    --------
    >>> import sersk
    >>> sersk.get_config()["progress"]
    True
    """
    config = _current().copy()
    if config["cache_dir"] is None:
        config["cache_dir"] = os.environ.get(_ENVIRONMENT) or None
    return config


def set_config(
    *, cache_dir: str | PathLike | None = _UNSET, progress: bool | str = _UNSET
) -> None:
    """Change settings for this process and for the workers it starts later.

    Parameters
    ----------
    cache_dir : path or None
        Folder of the feature store that every extractor with ``cache=None`` uses.
        The path is also put into the environment variable ``SERSK_CACHE``, which
        worker processes inherit; None removes it from there, so that there is no
        store.
    progress : bool or "always"
        Whether long work may draw a progress bar on a terminal. ``"always"`` draws it
        in notebooks and into logs as well, where it is renewed less often.

    See Also
    --------
    sersk.config_context : The same for the length of a ``with`` block.

    Examples
    --------
    >>> import sersk
    >>> sersk.set_config(progress=True)
    """
    changes = _given(cache_dir, progress)
    _settings.update(changes)
    _current().update(changes)
    if "cache_dir" in changes:
        os.environ.pop(_ENVIRONMENT, None)
        if changes["cache_dir"] is not None:
            os.environ[_ENVIRONMENT] = changes["cache_dir"]


@contextmanager
def config_context(
    *, cache_dir: str | PathLike | None = _UNSET, progress: bool | str = _UNSET
) -> Iterator[None]:
    """Change settings of this thread for the length of a ``with`` block.

    Parameters
    ----------
    cache_dir : path or None
        See :func:`sersk.set_config`; worker processes do not see it, and None leaves
        it to ``SERSK_CACHE``.
    progress : bool or "always"
        See :func:`sersk.set_config`.

    Yields
    ------
    None

    Examples
    --------
    >>> import sersk
    >>> with sersk.config_context(progress=False):
    ...     sersk.get_config()["progress"]
    False
    """
    settings = _current()
    before = settings.copy()
    settings.update(_given(cache_dir, progress))
    try:
        yield
    finally:
        settings.clear()
        settings.update(before)


def _given(cache_dir: Any, progress: Any) -> dict[str, Any]:
    """Collect and check the settings that the caller named."""
    changes: dict[str, Any] = {}
    if cache_dir is not _UNSET:
        changes["cache_dir"] = None if cache_dir is None else os.fspath(cache_dir)
    if progress is not _UNSET:
        if not isinstance(progress, bool) and progress != "always":
            raise TypeError(
                f"progress must be True or False, or 'always', got {progress!r}."
            )
        changes["progress"] = progress
    return changes
