"""Progress bars that keep quiet where nobody looks."""

import sys

from tqdm import tqdm

from sersk.utils._config import get_config

_SECONDS_BEFORE_A_BAR = 1.0


def progress_bar(total: int, *, description: str, unit: str = "clip") -> tqdm:
    """Return a tqdm bar, drawn only on a terminal and only if the work takes long.

    Parameters
    ----------
    total : int
        Number of units of work.
    description : str
        What is being done.
    unit : str, default="clip"
        What is being counted.

    Returns
    -------
    bar : tqdm.tqdm
        To be used in a ``with`` block; call ``bar.update(n)``.

    Examples
    --------
    >>> from sersk.utils import progress_bar
    >>> with progress_bar(3, description="extracting") as bar:
    ...     _ = bar.update(3)
    """
    silent = not (get_config()["progress"] and sys.stderr.isatty())
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        disable=silent,
        delay=_SECONDS_BEFORE_A_BAR,
        leave=False,
    )
