"""Putting clips together that are computed at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class BatchLimits(NamedTuple):
    """The most that is computed at once: clips, and samples with their padding."""

    n_clips: int
    n_samples: int


def length_batches(lengths: Sequence[int], limits: BatchLimits) -> list[list[int]]:
    """Divide clips into batches of similar lengths, the longest first.

    Whatever does not fit comes early in this order.

    Parameters
    ----------
    lengths : sequence of int
        Number of samples of each clip.
    limits : BatchLimits
        A clip that is longer than the limit is a batch by itself.

    Returns
    -------
    batches : list of list of int
        Positions in `lengths`, each in one batch.
    """
    batches: list[list[int]] = []
    longest = 0
    for position in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        size = len(batches[-1]) + 1 if batches else 0
        if not batches or size > limits.n_clips or size * longest > limits.n_samples:
            batches.append([])
            longest = lengths[position]
        batches[-1].append(position)
    return batches


def in_halves(
    function: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    error: type[Exception],
) -> list[Result]:
    """Call a function on all items, or on each half of them where that is too much.

    Parameters
    ----------
    function : callable
        From items to as many results.
    items : sequence
        At least one.
    error : exception type
        What the function raises where it was given too much. It is raised on if one
        item is.

    Returns
    -------
    results : list
        In the order of the items.
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
