"""The device that torch computes on."""

import functools
import multiprocessing

from sersk.utils._optional import import_optional


def find_device(device: str, *, in_worker: bool = True) -> str:
    """Return the device of a name, which is there.

    Parameters
    ----------
    device : str
        As torch calls it; ``"auto"`` is the first GPU, if there is one.
    in_worker : bool, default=True
        Whether ``"auto"`` may be a GPU in a worker process, too. Each of many workers
        would load what it computes with into the same one.

    Returns
    -------
    device : str
        As torch calls it.

    Raises
    ------
    ValueError
        If there is no such device.

    Examples
    --------
    >>> from sersk.utils import find_device
    >>> find_device("cpu")
    'cpu'
    """
    torch = import_optional("torch", extra="torch")
    if device == "auto":
        allowed = in_worker or multiprocessing.parent_process() is None
        return "cuda" if allowed and torch.cuda.is_available() else "cpu"
    try:
        _use(device)
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
        raise ValueError(
            f"device={device!r} cannot be used: {reason}. Pass "
            'device="auto", which takes a GPU only where there is one.'
        ) from error
    return device


@functools.cache
def _use(device: str) -> None:
    """Raise unless a device can be used; once, since it waits for all it computes."""
    torch = import_optional("torch", extra="torch")
    # "meta" is always there, and holds no numbers.
    torch.empty(1, device=device).cpu()
