"""Cutting a long clip so that frames of its parts make up the frames of the whole."""

from collections.abc import Sequence
from typing import NamedTuple

from sersk.features._checkpoint import Checkpoint


class Chunk(NamedTuple):
    """Samples of a part, and which of its frames are taken; None: to the end."""

    start: int
    stop: int
    first_frame: int
    last_frame: int | None


def cut_chunks(
    n_samples: int, checkpoint: Checkpoint, length: int, overlap: int
) -> Sequence[Chunk]:
    """Divide a clip into chunks whose frames fit together.

    Parameters
    ----------
    n_samples : int
        Length of the clip.
    checkpoint : Checkpoint
        Its hops are what chunks are moved by.
    length, overlap : int
        Of a chunk, in samples. Neighbours share `overlap` of them, and each gives the
        frames of its half.

    Returns
    -------
    chunks : sequence of Chunk
        One, of the whole clip, if it is no longer than `length`.
    """
    if n_samples <= length:
        return [Chunk(0, n_samples, 0, None)]
    hop, total = checkpoint.hop_length, checkpoint.count_frames(n_samples)
    shared = overlap // hop
    n_frames = max(checkpoint.count_frames(length), shared + 1)
    step, half = n_frames - shared, shared // 2
    span = (n_frames - 1) * hop + checkpoint.receptive_field
    chunks: list[Chunk] = []
    first = 0
    while first + n_frames < total:
        skipped = half if first else 0
        chunks.append(Chunk(first * hop, first * hop + span, skipped, step + half))
        first += step
    return [*chunks, Chunk(first * hop, n_samples, half if first else 0, None)]
