"""Windows of clips that do not lie in memory as they are."""

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sersk.audio._latest import Latest
from sersk.audio._notes import Note
from sersk.audio._reading import (
    FileExtent,
    Recording,
    check_samples,
    file_digest,
    read_frames,
)
from sersk.audio._resampling import resample
from sersk.audio._sources import digest_of
from sersk.audio._validation import frozen
from sersk.utils import AudioError

if TYPE_CHECKING:
    from sersk.audio._clips import AudioClips

# Samples of the lower rate beside a part that is resampled. From 128 on the result is
# that of the whole file, up to rounding (measured for nine pairs of rates).
_MARGIN = 512
# Samples of a file that are decoded together where nobody can start in its middle.
_CHUNK = 1 << 23


class WindowSource:
    """Parts of the clips of a collection, read or processed when they are asked for.

    Parameters
    ----------
    clips : AudioClips
        What windows are cut from.
    extents : list of FileExtent, or None
        Where each clip lies in its file, if nothing but its rate is changed; None
        where the clip must be processed as a whole.
    numbers, firsts, stops : ndarray of int of shape (n_windows,)
        The clip of each window, and its samples at the rate of the clips.
    latest : Latest, default=None
        What slices of a collection share.
    """

    def __init__(
        self,
        clips: "AudioClips",
        extents: list[FileExtent] | None,
        numbers: np.ndarray,
        firsts: np.ndarray,
        stops: np.ndarray,
        latest: Latest | None = None,
    ) -> None:
        self.clips = clips
        self.extents = extents
        self.numbers = frozen(numbers)
        self.firsts = frozen(firsts)
        self.stops = frozen(stops)
        self._latest = Latest() if latest is None else latest

    def __reduce__(self) -> tuple:
        """Pickle without the clips whose windows were sliced away."""
        used, numbers = np.unique(self.numbers, return_inverse=True)
        extents = self.extents and [self.extents[number] for number in used]
        return WindowSource, (
            self.clips[used],
            extents,
            numbers,
            self.firsts,
            self.stops,
        )

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.numbers)

    def read(self, index: int, max_duration: float) -> Recording:
        """Return one window at the rate of the clips, and what is said of its clip."""
        rate = self.clips.sampling_rate
        number, first, stop = self._place(index)
        if (stop - first) / rate > max_duration:
            raise AudioError(
                f"is a window of {(stop - first) / rate:.3f} s, longer than "
                f"max_duration={max_duration:g} s. Raise max_duration, or cut shorter "
                "windows."
            )
        if self.extents is None:
            whole = self._processed(number)
            samples, notes = whole.samples[first:stop], whole.notes
        else:
            extent = self.extents[number]
            samples = self._from_file(number, extent, first, stop)
            notes = _low_rate(extent.sampling_rate, rate)
        return Recording(check_samples(samples, rate), rate, notes)

    def digest(self, index: int) -> str:
        """Digest the clip and the part of it."""
        number, first, stop = self._place(index)
        return digest_of(self.clips.digest(number), f"samples {first} to {stop}")

    def name(self, index: int) -> str | None:
        """Return how the user calls the clip, and where in it the window is."""
        number, first, _ = self._place(index)
        name = self.clips._source.name(number)
        seconds = first / self.clips.sampling_rate
        return None if name is None else f"{name}, from {seconds:.10g} s"

    def take(self, index: slice | np.ndarray) -> "WindowSource":
        """Return a source of some of the windows."""
        places = (self.numbers[index], self.firsts[index], self.stops[index])
        return WindowSource(self.clips, self.extents, *places, latest=self._latest)

    def table(self) -> dict[str, np.ndarray]:
        """Return where each window lies, or its clip where that is not known."""
        table = self.clips._source.table()
        columns = {name: column[self.numbers] for name, column in table.items()}
        if self.extents is not None:
            starts = np.array([one.first / one.sampling_rate for one in self.extents])
            origins = starts[self.numbers]
            rate = self.clips.sampling_rate
            columns["start"] = origins + self.firsts / rate
            columns["end"] = origins + self.stops / rate
        return columns

    def extent(self) -> str:
        """Say how long the windows are in all."""
        seconds = (self.stops - self.firsts).sum() / self.clips.sampling_rate
        return f"({seconds / 3600:.2f} h)"

    def _place(self, index: int) -> tuple[int, int, int]:
        """Return clip, first sample and the one behind the last."""
        return (
            int(self.numbers[index]),
            int(self.firsts[index]),
            int(self.stops[index]),
        )

    def _processed(self, number: int) -> Recording:
        """Return a whole clip, which is kept for its other windows."""

        def make() -> Recording:
            samples, rate, notes = self.clips.read(number)
            # What is kept must not change in the hands of whoever gets a window.
            return Recording(frozen(samples), rate, notes)

        return self._latest.get(self.clips.digest(number), make)

    def _from_file(
        self, number: int, extent: FileExtent, first: int, stop: int
    ) -> np.ndarray:
        """Return a part of a clip of which no more is read than is needed."""
        own, rate = extent.sampling_rate, self.clips.sampling_rate
        if own == rate:
            return self._decode(number, extent, first, stop)
        low, high, origin = _surroundings(extent, rate, first, stop)
        samples = resample(self._decode(number, extent, low, high), own, rate)
        return samples[first - origin : stop - origin]

    def _decode(
        self, number: int, extent: FileExtent, first: int, stop: int
    ) -> np.ndarray:
        """Return samples of a clip at its own rate."""
        source: Any = self.clips._source
        path, first, stop = (
            source.files[number],
            extent.first + first,
            extent.first + stop,
        )
        if extent.is_seekable:
            return read_frames(path, first, stop, source.channel)
        read = partial(self._chunk, path, source.channel, extent.stop)
        parts = [read(chunk) for chunk in range(first // _CHUNK, -(-stop // _CHUNK))]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        offset = first // _CHUNK * _CHUNK
        return whole[first - offset : stop - offset]

    def _chunk(
        self, path: str, channel: int | None, end: int, chunk: int
    ) -> np.ndarray:
        """Return one of the parts in which a file is decoded that cannot be sought."""
        first, stop = chunk * _CHUNK, min((chunk + 1) * _CHUNK, end)
        key = (file_digest(path), channel, first, stop)
        return self._latest.get(
            key, lambda: frozen(read_frames(path, first, stop, channel))
        )


def _low_rate(own: int, rate: int) -> tuple[Note, ...]:
    """Say, as of any clip, that the upper band of a window is empty."""
    if own >= rate:
        return ()
    fact = f"were recorded below {rate} Hz, so that their upper band is empty"
    return (Note(fact, f"at {own} Hz", f"Pass sampling_rate={own}."),)


def _surroundings(
    extent: FileExtent, rate: int, first: int, stop: int
) -> tuple[int, int, int]:
    """Return what to resample for a part, and which sample its result starts with.

    Where `own` samples of the file become `new` ones, every `own`-th sample of the
    file stays where it is. From one of these on, resampling the rest of the file gives
    the rest of the resampled file.
    """
    common = math.gcd(extent.sampling_rate, rate)
    own, new = extent.sampling_rate // common, rate // common
    margin = math.ceil(_MARGIN * rate / min(extent.sampling_rate, rate))
    block = max(first - margin, 0) // new
    high = min(-(-(stop + margin) * own // new), extent.stop - extent.first)
    return block * own, high, block * new
