"""Cutting silence away: at the ends, or wherever nobody speaks."""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from sersk.audio import Operation
from sersk.descriptors import frame_count
from sersk.preprocessing._shortening import Shortening
from sersk.preprocessing._waveform_step import WaveformStep
from sersk.utils import AudioError
from sersk.utils._sklearn import Interval, StrOptions

# What librosa takes for nothing: an RMS of 1e-5.
_LEAST_POWER = 1e-10


def find_sound(
    waveform: np.ndarray,
    *,
    top_db: float = 60.0,
    frame_length: int = 2048,
    hop_length: int = 512,
) -> np.ndarray:
    """Find the stretches of a waveform that are not silent.

    A frame is silent if its power lies `top_db` or more below that of the loudest.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Mono samples.
    top_db : float, default=60.0
        Threshold in dB below the loudest frame.
    frame_length, hop_length : int, default=2048 and 512
        Length of a frame and distance between frames, in samples.

    Returns
    -------
    stretches : ndarray of int of shape (n_stretches, 2)
        First sample, and the one behind the last, of each; as
        :func:`librosa.effects.split`.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing._trimming import find_sound
    >>> waveform = np.zeros(9_000, dtype=np.float32)
    >>> waveform[4_096:5_120] = 0.5
    >>> find_sound(waveform, frame_length=512, hop_length=256)
    array([[4096, 5376]])
    """
    power = _frame_powers(waveform, frame_length, hop_length)
    decibels = 10 * np.log10(np.maximum(power, _LEAST_POWER))
    # Silence before the first and behind the last frame.
    is_sound = np.zeros(len(power) + 2, dtype=bool)
    is_sound[1:-1] = decibels - decibels.max() > -top_db
    edges = np.flatnonzero(is_sound[1:] != is_sound[:-1])
    return np.minimum(edges.reshape(-1, 2) * hop_length, len(waveform))


def _frame_powers(
    waveform: np.ndarray, frame_length: int, hop_length: int
) -> np.ndarray:
    """Return the mean square of frames that are centred on multiples of the hop.

    Sums over blocks, of which all frames consist, and sums of those: each sample is
    squared once, however many frames hold it.
    """
    half = frame_length // 2
    block = math.gcd(frame_length, half, hop_length)
    n_frames = frame_count(
        len(waveform), frame_length=frame_length, hop_length=hop_length, center=True
    )
    n_whole = len(waveform) // block
    blocks = waveform[: n_whole * block].reshape(n_whole, block)
    rest = waveform[n_whole * block :]
    energy = np.zeros(n_whole + 2)
    energy[1:-1] = np.einsum("ij,ij->i", blocks, blocks)
    energy[-1] = np.dot(rest, rest)
    until = np.cumsum(energy)
    starts = (np.arange(n_frames) * hop_length - half) // block
    behind = until[np.minimum(starts + frame_length // block, n_whole + 1)]
    return (behind - until[np.maximum(starts, 0)]) / frame_length


def join_close(stretches: np.ndarray, max_gap: float) -> np.ndarray:
    """Join stretches between which at most so many samples lie.

    Parameters
    ----------
    stretches : ndarray of int of shape (n_stretches, 2)
        First sample, and the one behind the last, of each, in order.
    max_gap : float
        Longest gap that is bridged, in samples.

    Returns
    -------
    joined : ndarray of int of shape (n_joined, 2)
        In order.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing._trimming import join_close
    >>> join_close(np.array([[0, 10], [15, 20], [40, 50]]), 5)
    array([[ 0, 20],
           [40, 50]])
    """
    is_far = np.ones(len(stretches) + 1, dtype=bool)
    is_far[1:-1] = stretches[1:, 0] - stretches[:-1, 1] > max_gap
    starts, ends = stretches[is_far[:-1], 0], stretches[is_far[1:], 1]
    return np.column_stack([starts, ends])


@dataclass(frozen=True)
class Trim(Shortening):
    """Cut silence away at the ends, and pauses that are longer than `max_pause` s."""

    top_db: float
    frame_length: int
    hop_length: int
    max_pause: float | None

    action: ClassVar[str] = "trimming"
    remedy: ClassVar[str] = "Raise top_db"

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return what is not silent."""
        stretches = find_sound(
            waveform,
            top_db=self.top_db,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
        )
        gap = np.inf if self.max_pause is None else self.max_pause * sampling_rate
        joined = join_close(stretches, gap)
        if joined[0, 0] == joined[-1, 1]:
            # The last frame is centred on the end of the clip.
            raise AudioError(
                f"is emptied by trimming (top_db={self.top_db:g}, "
                f"frame_length={self.frame_length}, hop_length={self.hop_length}): "
                "only its very end is loud. Raise top_db, make hop_length at most "
                "half of frame_length, or drop the clip."
            )
        parts = [waveform[first:stop] for first, stop in joined]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


class TrimSilence(WaveformStep):
    """Cut away what is much quieter than the loudest part of a clip.

    With ``method="edges"``, silence before the first and behind the last sound goes,
    as :func:`librosa.effects.trim` has it. With ``method="vad"`` long pauses inside go
    as well: a voice activity detector by energy alone, to which whatever is loud is
    voice.

    Parameters
    ----------
    top_db : float, default=60.0
        A frame is silent if it lies this many dB, or more, below the loudest one.
    method : {"edges", "vad"}, default="edges"
        Whether only the ends are cut, or pauses too.
    max_pause : float, default=0.3
        With ``method="vad"``, the longest pause in seconds that is left in: stops and
        short hesitations are part of how something is said. At 0 the result is what
        :func:`librosa.effects.split` finds.
    frame_length, hop_length : int, default=2048 and 512
        Length of a frame and distance between frames, in samples.
    max_removed : float, default=0.5
        Share of a clip above which extractors warn, once for all clips that they read.
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    FixDuration : Give all clips one length.

    Notes
    -----
    The loudest frame decides, so a clip that is all silence is kept as it is, and so
    is one of constant noise. Cuts lie on multiples of `hop_length`.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.preprocessing import TrimSilence
    >>> spoken = np.random.default_rng(0).normal(scale=0.1, size=16_384)
    >>> clips = TrimSilence(top_db=30).fit_transform([np.pad(spoken, 8_192)])
    >>> clips[0].shape
    (17920,)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **WaveformStep._parameter_constraints,
        "top_db": [Interval(Real, 0, None, closed="neither")],
        "method": [StrOptions({"edges", "vad"})],
        "max_pause": [Interval(Real, 0, None, closed="left")],
        "frame_length": [Interval(Integral, 1, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "max_removed": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        top_db: float = 60.0,
        *,
        method: str = "edges",
        max_pause: float = 0.3,
        frame_length: int = 2048,
        hop_length: int = 512,
        max_removed: float = 0.5,
        sampling_rate: int | None = None,
    ) -> None:
        super().__init__(sampling_rate=sampling_rate)
        self.top_db = top_db
        self.method = method
        self.max_pause = max_pause
        self.frame_length = frame_length
        self.hop_length = hop_length
        self.max_removed = max_removed

    def _operation(self) -> Operation:
        return Trim(
            top_db=float(self.top_db),
            frame_length=int(self.frame_length),
            hop_length=int(self.hop_length),
            max_pause=float(self.max_pause) if self.method == "vad" else None,
            max_removed=self.max_removed,
        )
