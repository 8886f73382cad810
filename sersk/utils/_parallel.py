"""Running joblib calls and taking results as they come, whatever the backend."""

from collections.abc import Iterable, Iterator
from typing import Any

from joblib import Parallel
from joblib.parallel import get_active_backend


def as_completed(calls: Iterable, *, n_jobs: int | None) -> Iterator[Any]:
    """Run delayed calls and yield their results as soon as they are there.

    Parameters
    ----------
    calls : iterable of joblib.delayed calls
        Consumed only as fast as workers become free.
    n_jobs : int or None
        Number of workers, as joblib understands it.

    Yields
    ------
    result : object
        In the order in which calls end; let each result say which call it is of.

    Examples
    --------
    >>> from joblib import delayed
    >>> from sersk.utils import as_completed
    >>> sorted(as_completed((delayed(abs)(n) for n in (-1, -2)), n_jobs=1))
    [1, 2]
    """
    backend, _ = get_active_backend()
    # Some backends, such as Ray's, hand over their results only all together.
    streams = getattr(backend, "supports_return_generator", False)
    order = "generator_unordered" if streams else "list"
    parallel = Parallel(
        n_jobs=n_jobs, pre_dispatch="n_jobs", batch_size=1, return_as=order
    )
    yield from parallel(calls)
