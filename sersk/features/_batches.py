"""Putting clips together that are computed at once."""

from collections.abc import Sequence
from typing import NamedTuple


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
