"""Drawing from torch's own generators without leaving a trace."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sersk.utils._optional import import_optional

_drawing = threading.RLock()


@contextmanager
def seeded_torch(seed: int, gpus: Iterable[int] = ()) -> Iterator[None]:
    """Seed torch's generators, and put them back as they were.

    They belong to the process. Threads that drew from them side by side would each get
    numbers that others left, so that one waits until the other is done.

    Parameters
    ----------
    seed : int
        What is drawn from then on depends on nothing else.
    gpus : iterable of int, default=()
        GPUs whose generators are seeded, and put back, too.

    Yields
    ------
    None
        Nothing: draw in the meantime.

    Examples
    --------
    >>> import torch
    >>> from sersk.utils import seeded_torch
    >>> with seeded_torch(0):
    ...     first = torch.rand(3)
    >>> with seeded_torch(0):
    ...     bool((torch.rand(3) == first).all())
    True
    """
    torch = import_optional("torch", extra="torch")
    gpus = list(gpus)
    with _drawing, torch.random.fork_rng(devices=gpus):
        # torch.manual_seed would seed GPUs that are not put back.
        torch.default_generator.manual_seed(seed)
        for gpu in gpus:
            torch.cuda.default_generators[gpu].manual_seed(seed)
        yield
