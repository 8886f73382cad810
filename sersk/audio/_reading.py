"""Decoding one file, or a part of it, to the samples that the rest works with.

Any bytes give either the samples or an :class:`~sersk.utils.AudioError`: never a
file that silently ends early, a wait without end, or memory by a lying header.
"""

import functools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sersk.audio._blocks import mix, read_blocks
from sersk.audio._containers import Container, inspect_container
from sersk.audio._files import describe_os_error, file_digest, open_regular
from sersk.audio._notes import Note
from sersk.audio._wav_header import check_rate
from sersk.utils import AudioError

if TYPE_CHECKING:
    import soundfile

__all__ = ["Recording", "check_samples", "file_digest", "read_recording"]

MAX_AMPLITUDE = 256.0

# How far the end of a part may lie behind the end of its file: annotation tools
# round, and MP3 files do not end where the recording did.
_END_TOLERANCE = 0.01
_NOTHING = (np.empty(0, dtype=np.float32),)
_UNKNOWN_LENGTH = 2**63 - 1
_SUBTYPES = {
    "WAV": "PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW",
    "FLAC": "PCM_S8 PCM_16 PCM_24",
    "OGG": "VORBIS OPUS",
    "MP3": "MPEG_LAYER_I MPEG_LAYER_II MPEG_LAYER_III",
}
# Where a seek is exact. Vorbis, Opus and MP3 decode the first samples after a seek
# differently (by up to 0.5 as measured), so they are decoded from the start.
_SEEKABLE = ("WAV", "FLAC")


class Recording(NamedTuple):
    """The samples of one clip at the rate of its file.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,), float32
        Mono samples; integer formats lie in [-1, 1).
    sampling_rate : int
        Rate in Hz.
    notes : tuple of Note, default=()
        What operations have to say of the clip.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import Recording
    >>> recording = Recording(np.zeros(8_000, dtype=np.float32), 16_000)
    >>> recording.samples.size / recording.sampling_rate
    0.5
    """

    samples: np.ndarray
    sampling_rate: int
    notes: tuple[Note, ...] = ()


def read_recording(
    path: str | bytes | PathLike,
    *,
    start: float = 0.0,
    end: float | None = None,
    max_duration: float = 600.0,
    channel: int | None = None,
) -> Recording:
    """Decode a file, or the part from `start` to `end`, to mono at its own rate.

    Parameters
    ----------
    path : str, bytes or path
        A WAV (PCM, float, A-law, mu-law), FLAC, OGG (Vorbis, Opus) or MP3 file; the
        content decides, not the suffix.
    start : float, default=0.0
        Where the part starts, in seconds.
    end : float or None, default=None
        Where the part ends, in seconds; None or NaN means the end of the file.
    max_duration : float, default=600.0
        Longest part that is read, in seconds. It bounds the memory.
    channel : int or None, default=None
        Number of the only channel that counts, from 0; None means the mean of all.

    Returns
    -------
    recording : Recording
        Samples and sampling rate.

    Raises
    ------
    AudioError
        If the file cannot be read, is of another format, truncated, damaged or
        longer than `max_duration`, holds no or non-finite samples, or does not
        contain the part or the channel. The message follows the name of the clip.
    TypeError
        If `path`, `start` or `end` is of a wrong type.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from sersk.audio._reading import read_recording
    >>> with tempfile.NamedTemporaryFile(suffix=".wav") as file:
    ...     soundfile.write(file.name, np.full((16000, 2), 0.5), 16000)
    ...     recording = read_recording(file.name, start=0.25)
    >>> recording.samples.shape, recording.sampling_rate
    ((12000,), 16000)
    """
    _check_times(start, end)
    with open_recording(path) as (sound, container):
        _check_channel(channel, sound.channels)
        first, stop = _frame_range(sound, start, end)
        _check_duration((stop - first) / sound.samplerate, max_duration)
        samples = _read_frames(sound, container, first, stop, channel)
        sampling_rate = sound.samplerate
    return Recording(check_samples(samples, sampling_rate), sampling_rate)


class FileExtent(NamedTuple):
    """Where a part of a file lies, in its own samples.

    Parameters
    ----------
    first, stop : int
        The first sample, and the one behind the last.
    sampling_rate : int
        Rate of the file in Hz.
    is_seekable : bool
        Whether decoding from the middle gives the same samples as from the start.
    """

    first: int
    stop: int
    sampling_rate: int
    is_seekable: bool


def measure_recording(
    path: str | bytes | PathLike,
    *,
    start: float = 0.0,
    end: float | None = None,
    channel: int | None = None,
) -> FileExtent:
    """Find a part of a file, from the header where that is to be believed.

    Parameters
    ----------
    path : str, bytes or path
        The file.
    start, end : float, default=0.0 and None
        Where the part starts and ends, in seconds; see :func:`read_recording`.
    channel : int or None, default=None
        A channel that the file must have.

    Returns
    -------
    extent : FileExtent
        Exact: an MP3 file whose header holds no count is decoded once, in blocks.

    Raises
    ------
    AudioError
        If the file cannot be read or does not contain the part.
    """
    _check_times(start, end)
    with open_recording(path) as (sound, container):
        _check_channel(channel, sound.channels)
        first, stop = _frame_range(sound, start, end)
        if not container.is_exact and stop == sound.frames:
            stop = min(stop, sum(map(len, read_blocks(sound, stop))))
        check_length(max(stop - first, 0))
        seekable = container.name in _SEEKABLE
        return FileExtent(first, stop, sound.samplerate, seekable)


def read_frames(
    path: str | bytes | PathLike, first: int, stop: int, channel: int | None = None
) -> np.ndarray:
    """Decode the samples from `first` to before `stop`, and hold no others.

    Parameters
    ----------
    path : str, bytes or path
        The file.
    first, stop : int
        Numbers of samples, as :func:`measure_recording` counts them.
    channel : int or None, default=None
        The only channel that counts; None means the mean of all.

    Returns
    -------
    samples : ndarray of float32 of shape (stop - first,)
        Mono, at the file's own rate; not checked.

    Raises
    ------
    AudioError
        If the file cannot be read, or holds fewer samples.
    """
    with open_recording(path) as (sound, container):
        return _read_frames(sound, container, first, stop, channel)


@contextmanager
def open_recording(
    path: str | bytes | PathLike,
) -> "Iterator[tuple[soundfile.SoundFile, Container]]":
    """Open the decoder of a file that has passed every check that decodes nothing.

    Parameters
    ----------
    path : str, bytes or path
        The file.

    Yields
    ------
    sound : soundfile.SoundFile
        The decoder at the first sample. Its errors in the block are translated.
    container : Container
        What is known about the file.

    Raises
    ------
    AudioError
        If the file cannot be read, is of another format, truncated or damaged.
    """
    # A number would be taken for a file that is open already.
    name = os.fsdecode(path)
    with open_regular(name) as (descriptor, status):
        container = _inspect(descriptor, status.st_size, name)
        with _decoding(descriptor, container) as sound:
            yield sound, container


def check_length(n_samples: int) -> None:
    """Refuse a recording of nothing."""
    if n_samples == 0:
        raise AudioError("holds no samples. Record it again or drop the clip.")


def check_samples(samples: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Refuse samples that are none, not finite, or far outside [-1, 1].

    Parameters
    ----------
    samples : ndarray of shape (n_samples,), floating
        One clip.
    sampling_rate : float
        Its rate in Hz; it turns positions into seconds in messages.

    Returns
    -------
    samples : ndarray
        The same array.

    Raises
    ------
    AudioError
        With a message that follows the name of the clip.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio._reading import check_samples
    >>> check_samples(np.array([0.0, 0.25, -0.5]), 16_000)
    array([ 0.  ,  0.25, -0.5 ])
    """
    check_length(samples.size)
    # All of these are NaN if any sample is, and comparing with NaN is False.
    with np.errstate(invalid="ignore", over="ignore"):
        # No sample is larger than the root of the energy, which takes one pass.
        if np.dot(samples, samples) <= MAX_AMPLITUDE**2:
            return samples
        lowest, highest = samples.min(), samples.max()
    if lowest >= -MAX_AMPLITUDE and highest <= MAX_AMPLITUDE:
        return samples
    bad = np.flatnonzero(~np.isfinite(samples))
    if bad.size:
        raise AudioError(
            f"holds {bad.size} non-finite sample{'s' if bad.size > 1 else ''} (first "
            f"at {bad[0] / sampling_rate:.3f} s). Repair the file, drop the clip, or "
            'pass on_error="nan".'
        )
    raise AudioError(
        f"peaks at {max(-lowest, highest):.6g}, but floats must lie in [-1, 1]: "
        "these look like integer PCM codes. Divide by 32768 or pass int16."
    )


def _check_times(start: float, end: float | None) -> None:
    """Refuse a part that no file can have."""
    for name, value in (("start", start), ("end", end)):
        if not (isinstance(value, Real) or (name == "end" and value is None)):
            raise TypeError(f"{name} must be a number of seconds, got {value!r}.")
    if not 0 <= start < math.inf:
        raise AudioError(
            f"has start={start}, which is not a time in seconds from 0 on. Correct "
            "start."
        )
    if end is not None and not math.isnan(end) and not start < end < math.inf:
        raise AudioError(
            f"has end={end}, which does not lie behind start={start} (both in "
            "seconds). Correct start or end."
        )


def _inspect(descriptor: int, size: int, name: str) -> Container:
    """Look at the container and go back to the start of the file."""
    try:
        with open(descriptor, "rb", closefd=False) as file:
            return inspect_container(file, size, name)
    except OSError as error:
        raise AudioError(describe_os_error(error)) from error
    finally:
        # libsndfile takes the present position for the start of the file.
        os.lseek(descriptor, 0, os.SEEK_SET)


@functools.cache
def _sequential_file() -> "type[soundfile.SoundFile]":
    """Return a SoundFile that does not seek between two reads.

    soundfile seeks to where it already is after each read. That costs a decoded
    frame in FLAC, and in MP3 and OGG it changes the samples that follow.
    """
    import soundfile

    class SequentialFile(soundfile.SoundFile):
        """A file that is read in order."""

        def seekable(self) -> bool:
            """Return False: nobody needs to keep the position."""
            return False

    return SequentialFile


@contextmanager
def _decoding(descriptor: int, container: Container) -> "Iterator[soundfile.SoundFile]":
    """Open the decoder, check what it says of the file, and translate its errors."""
    sequential_file = _sequential_file()
    import soundfile

    try:
        with sequential_file(descriptor, closefd=False) as sound:
            _check_sound(sound, container)
            yield sound
    except soundfile.LibsndfileError as error:
        reason = error.error_string.strip().rstrip(".")
        if container.name == "MP3":
            # libsndfile says of a file without a whole frame that it does not exist.
            reason = "no frame can be decoded"
        raise AudioError(
            f"cannot be decoded as {container.name} ({reason}): it is damaged or "
            "truncated. Copy it again from the original or drop the clip."
        ) from error


def _check_sound(sound: "soundfile.SoundFile", container: Container) -> None:
    """Compare what the decoder found with what is read and with the container."""
    subtypes = _SUBTYPES[container.name].split()
    if sound.format not in container.formats or sound.subtype not in subtypes:
        raise AudioError(
            f"is encoded as {sound.subtype} in {sound.format}, which is not read. "
            "Convert it to PCM WAV or FLAC."
        )
    check_rate(sound.samplerate)
    if sound.frames == _UNKNOWN_LENGTH:
        raise AudioError(
            "was never closed by its recorder: its header does not say how long it "
            "is. Write it again (flac -d -F, then flac) or drop the clip."
        )
    if container.n_frames not in (None, sound.frames):
        raise AudioError(
            f"has a contradictory header: {container.n_frames} or {sound.frames} "
            "samples per channel. Convert it again from the original."
        )
    if sound.frames < container.min_frames:
        raise AudioError(
            f"would be cut at {sound.frames / sound.samplerate:.3f} s, as its header "
            f"says, but holds {container.min_frames / sound.samplerate:.3f} s or "
            "more. Convert it to WAV or FLAC (ffmpeg -i old.mp3 new.wav)."
        )


def _frame_range(
    sound: "soundfile.SoundFile", start: float, end: float | None
) -> tuple[int, int]:
    """Turn seconds into the first sample and the one behind the last."""
    duration = sound.frames / sound.samplerate
    # The least of both, because a sample number can be too large for a float.
    first, stop = round(min(start, duration) * sound.samplerate), sound.frames
    if first and first >= sound.frames:
        raise AudioError(
            f"has start={start:.10g} s, but its file ends at {duration:.3f} s. Correct "
            "start."
        )
    if end is None or math.isnan(end):
        return first, stop
    if end > duration + max(_END_TOLERANCE, 1 / sound.samplerate):
        raise AudioError(
            f"has end={end:.10g} s, but its file ends at {duration:.3f} s. Correct end."
        )
    return first, min(round(end * sound.samplerate), stop)


def _check_channel(channel: int | None, n_channels: int) -> None:
    """Refuse a channel that a recording does not have."""
    if channel is not None and channel >= n_channels:
        count = "1 channel" if n_channels == 1 else f"{n_channels} channels"
        raise AudioError(
            f"has {count}, and none of number {channel}, counted from 0. Choose "
            "another, or channel='mean'."
        )


def _check_duration(duration: float, max_duration: float) -> None:
    """Refuse a part that is too long to hold in memory."""
    if duration > max_duration:
        raise AudioError(
            f"lasts {duration:.3f} s, longer than max_duration={max_duration} s. Raise "
            "max_duration, or pass the start and end of the part that matters."
        )


def _read_frames(
    sound: "soundfile.SoundFile",
    container: Container,
    first: int,
    stop: int,
    channel: int | None = None,
) -> np.ndarray:
    """Decode the samples from `first` to before `stop`, mixed to one channel."""
    if container.name in _SEEKABLE and first:
        sound.seek(first)
    elif first:
        for _ in read_blocks(sound, first):
            pass
    blocks = [mix(block, channel) for block in read_blocks(sound, stop - first)]
    samples = blocks[0] if len(blocks) == 1 else np.concatenate(blocks or _NOTHING)
    # Without a count in its header the length of an MP3 file is a guess.
    may_be_shorter = not container.is_exact and stop == sound.frames
    if len(samples) < stop - first and not may_be_shorter:
        raise AudioError(
            f"is truncated or damaged: of {(stop - first) / sound.samplerate:.3f} s "
            f"only {len(samples) / sound.samplerate:.3f} s can be decoded. Copy it "
            "again from the original or drop the clip."
        )
    return samples
