"""Cutting clips into windows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from sersk.audio._clips import AudioClips
from sersk.audio._operations import Operation
from sersk.audio._reading import FileExtent
from sersk.audio._resampling import resampled_length
from sersk.audio._sources import ArraySource, FileSource, Source
from sersk.audio._texts import TextSource
from sersk.audio._window_source import WindowSource
from sersk.utils import AudioError

TAILS = ("drop", "shift", "pad")

# What windows carry beside the columns of their clip.
WINDOW_OF = "window_of"
WINDOW_START = "window_start"

# Behind the end of any clip, and far from where integers overflow.
_FARTHEST = 1 << 53

# Lengths of processed clips by digest, which are asked for in every fold.
_MAX_LENGTHS = 200_000
_known_lengths: dict[str, int] = {}


class Windows(NamedTuple):
    """Where windows lie, in samples of the clips that they are cut from."""

    numbers: np.ndarray
    firsts: np.ndarray
    stops: np.ndarray


@dataclass(frozen=True)
class PadEnd(Operation):
    """Append zeros to a waveform that has fewer samples."""

    n_samples: int

    def __call__(self, waveform: np.ndarray, sampling_rate: int) -> np.ndarray:
        """Return the waveform, itself where it is long enough."""
        shortage = self.n_samples - len(waveform)
        return np.pad(waveform, (0, shortage)) if shortage > 0 else waveform


def make_windows(
    clips: AudioClips, window: float, hop: float, *, tail: str = "drop"
) -> AudioClips:
    r"""Cut clips into windows of one length, which are read only when needed.

    Parameters
    ----------
    clips : AudioClips
        Clips with audio. Where operations are pending, windows are cut from what they
        make of a clip: windows of a trimmed clip, for instance.
    window : float
        Length of a window in seconds.
    hop : float
        Seconds from the start of a window to that of the next. Longer than the window
        it leaves gaps. Both are rounded to whole samples at the rate of the clips.
    tail : {"drop", "shift", "pad"}, default="drop"
        What becomes of samples behind the last whole window: they are left out; the
        last window is moved back to end with the clip; or it is padded with zeros.

    Returns
    -------
    windows : AudioClips
        Windows in the order of their clips, with all columns of the clip and

        - ``window_of``: number of the clip;
        - ``window_start``: where in the clip the window starts, in seconds.

        The bound ``max_duration`` holds for a window. It holds for a clip only where
        operations are pending, because then all of it is read.

    Raises
    ------
    TypeError
        If `clips` is something else, or a time is no number.
    ValueError
        If a time is not above 0, or shorter than half a sample; if a window is longer
        than the ``max_duration`` of `clips`; or if these are windows already.
    AudioError
        If the length of a clip cannot be found; the message names it.

    See Also
    --------
    sersk.estimators.WindowedClassifier : Fit on windows, predict clips.

    Notes
    -----
    Of a clip of :math:`L` samples, windows of :math:`W` at hops of :math:`H` are
    :math:`1 + \lfloor \max(0, L - W) / H \rfloor` with ``tail="drop"``, and as many
    with the ceiling instead of the floor otherwise. None lies wholly behind the end.
    A clip shorter than a window gives one, padded with zeros at its end, whatever
    `tail` says.

    Windows of arrays are views. Windows of WAV and FLAC files read their part of the
    file only, so that an hour takes no more memory than a window; where a file has
    another rate, the part is resampled with a margin, and equals that part of the
    whole clip (within 1e-6 for usual pairs of rates, 1e-5 for odd ones). From the
    middle of OGG and MP3 files nobody can decode exactly: they are decoded from the
    start, and the last two parts of 2**23 samples are kept for the windows that
    follow. The last two clips that operations were run on are kept likewise.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.audio import make_windows
    >>> clips = AudioClips.from_arrays(
    ...     [np.zeros(48_000), np.zeros(8_000)],
    ...     sampling_rate=16_000,
    ...     columns={"speaker": ["anna", "bob"]},
    ... )
    >>> windows = make_windows(clips, 1.0, 0.5)
    >>> windows
    <AudioClips: 6 clips (0.00 h) at 16000 Hz, 2 speakers>
    >>> windows.columns["window_of"], windows.columns["window_start"]
    (array([0, 0, 0, 0, 0, 1]), array([0. , 0.5, 1. , 1.5, 2. , 0. ]))
    >>> windows[5].shape
    (16000,)
    """
    _check_clips(clips)
    rate = clips.sampling_rate
    n_samples = _to_samples("window", window, rate)
    n_between = _to_samples("hop", hop, rate)
    check_tail(tail)
    if window > clips._max_duration:
        raise ValueError(
            f"window={window!r} s is longer than max_duration={clips._max_duration:g} "
            "s. Cut shorter windows, or pass clips.with_max_duration(...)."
        )
    extents = _measure_files(clips)
    lengths = _lengths(clips, extents)
    places = place_windows(lengths, n_samples, n_between, tail)
    columns = {name: column[places.numbers] for name, column in clips.columns.items()}
    columns[WINDOW_OF] = places.numbers
    columns[WINDOW_START] = places.firsts / rate
    return clips._replace(
        source=_make_source(clips, extents, places),
        source_rate=rate,
        columns=columns,
        operations=(PadEnd(n_samples),),
    )


def place_windows(lengths: Sequence[int], window: int, hop: int, tail: str) -> Windows:
    """Say where windows lie; see :func:`make_windows`, but all in samples."""
    starts = [window_starts(length, window, hop, tail) for length in lengths]
    counts = [len(one) for one in starts]
    numbers = np.repeat(np.arange(len(starts)), counts)
    firsts = np.concatenate([*starts, np.empty(0, dtype=np.int64)])
    ends = np.repeat(np.asarray(lengths, dtype=np.int64), counts)
    return Windows(numbers, firsts, np.minimum(firsts + window, ends))


def window_starts(length: int, window: int, hop: int, tail: str) -> np.ndarray:
    """Return the first sample of each window of a clip, in integers throughout."""
    rest = max(length - window, 0)
    n_windows = 1 + (rest // hop if tail == "drop" else -(-rest // hop))
    firsts = np.arange(n_windows, dtype=np.int64) * hop
    if tail == "shift":
        return np.minimum(firsts, rest)
    # With hops longer than a window, the last one may lie in a gap behind the end.
    return firsts[firsts < length]


def check_tail(tail: str) -> None:
    """Raise unless a tail is one of those that are known."""
    if tail not in TAILS:
        raise ValueError(f"tail must be one of {', '.join(TAILS)}, got {tail!r}.")


def _check_clips(clips: Any) -> None:
    if not isinstance(clips, AudioClips):
        raise TypeError(
            f"clips must be AudioClips, got a {type(clips).__name__}. Make it so with "
            "check_clips."
        )
    if isinstance(clips._source, TextSource):
        raise AudioError("These clips have no audio, only texts, to cut windows from.")
    if WINDOW_OF in clips.columns:
        raise ValueError(
            f"These clips are windows already: they carry a column {WINDOW_OF!r}. Cut "
            "the clips that they come from."
        )


def _to_samples(name: str, seconds: Any, sampling_rate: int) -> int:
    """Return a time in whole samples, or raise."""
    if not isinstance(seconds, Real) or isinstance(seconds, bool):
        raise TypeError(f"{name} must be a number of seconds, got {seconds!r}.")
    if not 0 < float(seconds) < math.inf:
        raise ValueError(f"{name} must be above 0 s and finite, got {seconds!r}.")
    n_samples = round(float(seconds) * sampling_rate)
    if n_samples == 0:
        raise ValueError(
            f"{name}={seconds!r} s is less than a sample at {sampling_rate} Hz."
        )
    return min(n_samples, _FARTHEST)


def _measure_files(clips: AudioClips) -> list[FileExtent] | None:
    """Return where clips lie in files, or None where they do not, or are processed."""
    source = clips._source
    if clips._operations or not isinstance(source, FileSource):
        return None
    return [clips._named(index, source.measure) for index in range(len(clips))]


def _lengths(clips: AudioClips, extents: list[FileExtent] | None) -> list[int]:
    """Return how many samples each clip has, without reading it where possible."""
    source, rate = clips._source, clips.sampling_rate
    if extents is not None:
        return [
            resampled_length(one.stop - one.first, one.sampling_rate, rate)
            for one in extents
        ]
    if isinstance(source, ArraySource) and not clips._operations:
        own = source.sampling_rate
        return [resampled_length(n, own, rate) for n in source.lengths.tolist()]
    return [
        clips._named(index, partial(_processed_length, clips))
        for index in range(len(clips))
    ]


def _processed_length(clips: AudioClips, index: int) -> int:
    """Return the length of a clip after its operations, which are run once a clip."""
    digest = clips.digest(index)
    if digest not in _known_lengths:
        n_samples = len(clips.read(index).samples)
        if len(_known_lengths) >= _MAX_LENGTHS:
            _known_lengths.clear()
        _known_lengths[digest] = n_samples
    return _known_lengths[digest]


def _make_source(
    clips: AudioClips, extents: list[FileExtent] | None, places: Windows
) -> Source:
    source, rate = clips._source, clips.sampling_rate
    if not isinstance(source, ArraySource) or source.sampling_rate != rate:
        return WindowSource(clips, extents, *places)
    if clips._operations:
        return WindowSource(clips, extents, *places)
    numbers, firsts, stops = places
    starts = source.starts[numbers] + firsts
    return ArraySource(source.buffer, starts, stops - firsts, rate)
