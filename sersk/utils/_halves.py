"""Going on with less at a time where memory is short."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_halves(
    function: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    error: type[Exception],
) -> list[Result]:
    """Call a function on all items, or on each half of them where that is too much.

    Parameters
    ----------
    function : callable
        From items to a list of results, mostly one each.
    items : sequence
        At least one.
    error : exception type
        What the function raises where it was given too much. It is raised on if one
        item is.

    Returns
    -------
    results : list
        In the order of the items.

    Examples
    --------
    >>> from sersk.utils import in_halves
    >>> def double(items):
    ...     if len(items) > 2:
    ...         raise MemoryError
    ...     return [2 * item for item in items]
    >>> in_halves(double, [1, 2, 3, 4, 5], MemoryError)
    [2, 4, 6, 8, 10]
    """
    try:
        return function(items)
    except error:
        if len(items) == 1:
            raise
    # Out here, the error no longer holds what the attempt had in memory.
    middle = len(items) // 2
    return [
        *in_halves(function, items[:middle], error),
        *in_halves(function, items[middle:], error),
    ]
