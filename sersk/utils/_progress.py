"""Progress bars that keep quiet where nobody looks."""

import sys

from tqdm import tqdm

from sersk.utils._config import get_config

_SECONDS_BEFORE_A_BAR = 1.0
# How often a bar is renewed where it may stay in a log.
_SECONDS_IN_A_LOG = 5.0


def progress_bar(total: int, *, description: str, unit: str = "clip") -> tqdm:
    """Return a tqdm bar, drawn on a terminal if the work takes long.

    ``sersk.set_config(progress=...)`` says whether, and where else.

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
    progress, on_terminal = get_config()["progress"], sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        disable=not (progress == "always" or (progress and on_terminal)),
        delay=_SECONDS_BEFORE_A_BAR,
        mininterval=0.1 if on_terminal else _SECONDS_IN_A_LOG,
        leave=False,
    )
