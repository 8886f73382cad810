"""Clips as a pretrained encoder takes them: batch by batch, padded at their ends.

No more than a few batches are in memory: what clips hold is read when their turn comes,
in a thread that is one batch ahead.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Protocol

import numpy as np

from sersk.audio import AudioClips


class Batch(NamedTuple):
    """Inputs (n_batch, longest) of a net, and their lengths of int64.

    Rows are positions among the clips that were asked for.
    """

    inputs: np.ndarray
    lengths: np.ndarray
    rows: np.ndarray

    def take(self, first: int, stop: int) -> "Batch":
        """Return some of it, without the padding that these do not need."""
        lengths = self.lengths[first:stop]
        inputs = self.inputs[first:stop, : lengths.max()]
        return Batch(inputs, lengths, self.rows[first:stop])

    def cut(self, size: int) -> list["Batch"]:
        """Return it in batches of a size, itself if it has no more."""
        n_rows = len(self.rows)
        if n_rows <= size:
            return [self]
        return [self.take(at, at + size) for at in range(0, n_rows, size)]


class Reader(Protocol):
    """What makes batches of clips."""

    def read(self, clips: AudioClips, indices: np.ndarray, size: int) -> list[Batch]:
        """Return some clips in batches of a size."""

    def describe(self, length: int) -> str:
        """Say what an input of a length is, and which parameter bounds it."""


def make_batches(
    items: Sequence[np.ndarray], size: int, fill: float = 0
) -> list[Batch]:
    """Return one-dimensional arrays in batches, the longest first to pad little."""
    lengths = np.array([len(item) for item in items], dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    parts = (order[first : first + size] for first in range(0, len(order), size))
    return [
        Batch(_pad([items[row] for row in rows], fill), lengths[rows], rows)
        for rows in parts
    ]


def read_ahead(
    clips: AudioClips, reader: Reader, batches: Iterable[np.ndarray], size: int
) -> Iterator[list[Batch]]:
    """Yield batches in parts of a size, of which the next is read meanwhile."""
    ahead: deque[Future[list[Batch]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="sersk-reader") as pool:
        try:
            for indices in batches:
                ahead.append(pool.submit(reader.read, clips, indices, size))
                if len(ahead) > 1:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _pad(items: list[np.ndarray], fill: float) -> np.ndarray:
    """Return arrays as rows, filled up at their ends; the first is the longest."""
    padded = np.full((len(items), len(items[0])), fill, dtype=items[0].dtype)
    for row, item in zip(padded, items, strict=True):
        row[: len(item)] = item
    return padded
