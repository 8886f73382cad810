"""Taking samples out of a decoder, some at a time, and mixing their channels."""

import math
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import soundfile

_BLOCK_VALUES = 1 << 20
# 256 KB: four seconds of speech, and less than what a core keeps for itself.
_SCRATCH_VALUES = 1 << 16

_local = threading.local()


def read_blocks(sound: "soundfile.SoundFile", n_frames: int) -> Iterator[np.ndarray]:
    """Read at most so many frames, in blocks that do not trust the header.

    Parameters
    ----------
    sound : soundfile.SoundFile
        An open decoder.
    n_frames : int
        Number of samples per channel.

    Yields
    ------
    block : ndarray of float32 of shape (n, n_channels)
        What follows; all blocks together are shorter than asked where the file is.
    """
    step = max(_BLOCK_VALUES // sound.channels, 1)
    while n_frames > 0:
        block = np.empty((min(step, n_frames), sound.channels), dtype=np.float32)
        n_held = _fill(block, sound)
        if n_held < len(block):
            # A copy, because the rest of the block would stay in memory with it.
            yield block[:n_held].copy()
            return
        yield block
        n_frames -= n_held


def _fill(block: np.ndarray, sound: "soundfile.SoundFile") -> int:
    """Decode into a block and return how many frames there were.

    The decoder writes sample by sample. Into memory that another core has used, as
    that of a clip whose features were just computed, this takes twice as long as into
    memory of this thread's own and copying from there.
    """
    scratch = _scratch(sound.channels)
    for at in range(0, len(block), len(scratch)):
        wanted = block[at : at + len(scratch)]
        held = sound.read(out=scratch[: len(wanted)])
        wanted[: len(held)] = held
        if len(held) < len(wanted):
            return at + len(held)
    return len(block)


def _scratch(n_channels: int) -> np.ndarray:
    """Return this thread's memory as frames of so many channels."""
    shape = _SCRATCH_VALUES // n_channels, n_channels
    memory = getattr(_local, "scratch", None)
    if memory is None or memory.size < math.prod(shape):
        memory = _local.scratch = np.empty(_SCRATCH_VALUES, dtype=np.float32)
    return memory[: math.prod(shape)].reshape(shape)


def mix(block: np.ndarray, channel: int | None) -> np.ndarray:
    """Return one channel, or the mean over channels in the order of a plain sum.

    Parameters
    ----------
    block : ndarray of float32 of shape (n, n_channels)
        Samples.
    channel : int or None
        Number of the channel; None means the mean of all.

    Returns
    -------
    mixed : ndarray of float32 of shape (n,)
        Of a single channel, a view.
    """
    if channel is not None:
        return np.ascontiguousarray(block[:, channel])
    mixed = block[:, 0]
    if block.shape[1] == 1:
        return mixed
    # Summing column by column is faster than numpy's mean over a short axis.
    with np.errstate(invalid="ignore", over="ignore"):
        mixed = mixed + block[:, 1]
        for channel in range(2, block.shape[1]):
            mixed += block[:, channel]
        mixed /= np.float32(block.shape[1])
    return mixed
