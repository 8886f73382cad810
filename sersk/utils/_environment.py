"""What a result was made with."""

import functools
import os
import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = (
    "sersk",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "joblib",
    "librosa",
    "soundfile",
    "soxr",
    "opensmile",
    "xgboost",
    "torch",
    "skorch",
    "transformers",
)


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages that numbers can depend on.

    Returns
    -------
    versions : dict of str to str
        By name; packages that are not installed are not in it.

    Examples
    --------
    >>> from sersk.utils import installed_versions
    >>> "numpy" in installed_versions()
    True
    """
    found = {name: find_version(name) for name in _PACKAGES}
    return {name: known for name, known in found.items() if known is not None}


@functools.cache
def find_version(distribution: str) -> str | None:
    """Return the version of a distribution, if it is installed.

    Parameters
    ----------
    distribution : str
        As it is called on PyPI.

    Returns
    -------
    version : str or None
        None of what is not installed.

    Examples
    --------
    >>> from sersk.utils import find_version
    >>> find_version("no-such-distribution") is None
    True
    """
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def describe_machine() -> dict[str, str | int]:
    """Return what the machine is, without what it is called or who uses it.

    Returns
    -------
    machine : dict
        ``python``, ``system``, ``architecture`` and ``cores``.

    Examples
    --------
    >>> from sersk.utils import describe_machine
    >>> sorted(describe_machine())
    ['architecture', 'cores', 'python', 'system']
    """
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 1,
    }
