"""What the header of a recording says, without decoding any of it."""

from os import PathLike
from typing import NamedTuple

from sersk.audio._reading import check_length, open_recording


class RecordingHeader(NamedTuple):
    """Length, rate and channels of a file, as its header has them.

    Parameters
    ----------
    n_frames : int
        Samples per channel. Of an MP3 file without a count it is an estimate.
    sampling_rate : int
        Rate in Hz.
    n_channels : int
        Number of channels.

    See Also
    --------
    inspect_recording : Read the header of a file.

    Examples
    --------
    >>> from sersk.audio import RecordingHeader
    >>> RecordingHeader(n_frames=24_000, sampling_rate=16_000, n_channels=2).duration
    1.5
    """

    n_frames: int
    sampling_rate: int
    n_channels: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.sampling_rate


def inspect_recording(path: str | bytes | PathLike) -> RecordingHeader:
    """Return what the header of a file says, and check the file as reading would.

    Nothing is decoded. A file that passes can still be damaged inside.

    Parameters
    ----------
    path : str, bytes or path
        A WAV (PCM, float, A-law, mu-law), FLAC, OGG (Vorbis, Opus) or MP3 file; the
        content decides, not the suffix.

    Returns
    -------
    header : RecordingHeader
        Samples per channel, rate in Hz, and number of channels.

    Raises
    ------
    AudioError
        If the file cannot be read, is of another format, truncated or damaged, or
        holds no samples. The message is a phrase that follows the name of the file.
    TypeError
        If `path` is of a wrong type.

    See Also
    --------
    sersk.AudioClips.read : Decode a clip.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from sersk.audio import inspect_recording
    >>> with tempfile.NamedTemporaryFile(suffix=".wav") as file:
    ...     soundfile.write(file.name, np.zeros((24_000, 2)), 16_000)
    ...     header = inspect_recording(file.name)
    >>> header
    RecordingHeader(n_frames=24000, sampling_rate=16000, n_channels=2)
    >>> header.duration
    1.5
    """
    with open_recording(path) as (sound, _):
        header = RecordingHeader(sound.frames, sound.samplerate, sound.channels)
    check_length(header.n_frames)
    return header
