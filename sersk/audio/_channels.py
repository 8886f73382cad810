"""Which channel of a recording counts."""

from sersk.audio._clips import AudioClips
from sersk.audio._sources import FileSource, Source
from sersk.audio._variants import VariedSource


def select_channel(clips: AudioClips, channel: int | None) -> AudioClips:
    """Return the same clips, of which one channel is read instead of the mean.

    Parameters
    ----------
    clips : AudioClips
        Clips to which no operation is applied: channels are mixed when a file is
        read, which comes first.
    channel : int or None
        Number of the channel, from 0; None stands for the mean of all.

    Returns
    -------
    clips : AudioClips
        Clips of files that read this channel; to read it of a file that lacks it is
        an AudioError. Waveforms have one channel, and stay as they are.

    Raises
    ------
    ValueError
        If operations are applied already, or waveforms lack the channel.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.audio import select_channel
    >>> left = select_channel(AudioClips.from_files(["stereo.wav"]), 0)
    """
    if clips._operations:
        first = type(clips._operations[0]).__name__
        raise ValueError(
            "Channels are mixed when a file is read, but these clips have been "
            f"changed by {first} already. Choose the channel first."
        )
    return clips._replace(source=_select(clips._source, channel))


def _select(source: Source, channel: int | None) -> Source:
    if isinstance(source, FileSource):
        return source.with_channel(channel)
    if isinstance(source, VariedSource):
        return source.with_source(_select(source.source, channel))
    if channel:
        raise ValueError(
            f"These clips are no files, and have one channel: none of number "
            f"{channel}, counted from 0. Choose channel 0, or the mean."
        )
    return source
