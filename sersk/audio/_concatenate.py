"""Several collections of clips in one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sersk.audio._clips import AudioClips
from sersk.audio._sources import ArraySource, FileSource, Source
from sersk.audio._texts import TextSource
from sersk.audio._variants import VariedSource
from sersk.audio._window_source import WindowSource

_KINDS = {
    FileSource: "files",
    ArraySource: "arrays",
    TextSource: "texts",
    VariedSource: "clips that are changed one by one",
}
_INTO_ARRAYS = (
    "AudioClips.from_arrays(list(clips), sampling_rate=clips.sampling_rate, "
    "columns=clips.columns)"
)


def concatenate_clips(collections: Sequence[AudioClips]) -> AudioClips:
    """Return the clips of several collections, one after another.

    Files stay files, which are not opened; waveforms are copied into one buffer.

    Parameters
    ----------
    collections : sequence of AudioClips
        All of files, all of arrays or all of texts, of one sampling rate and with the
        same operations.

    Returns
    -------
    clips : AudioClips
        A column that a collection does not have is NaN for its clips. The longest
        `max_duration` holds for all.

    Raises
    ------
    ValueError
        If there is no collection, or they differ in rate, operations or kind.
    TypeError
        If one of them is something else.

    See Also
    --------
    sersk.datasets.concatenate_corpora : The same for clips with labels.

    Examples
    --------
    >>> from sersk.audio import AudioClips, concatenate_clips
    >>> first = AudioClips.from_files(["a.wav"], columns={"speaker": ["anna"]})
    >>> second = AudioClips.from_files(["b.wav"], columns={"speaker": ["bob"]})
    >>> concatenate_clips([first, second]).speaker
    array(['anna', 'bob'], dtype=object)
    """
    collections = _check_collections(collections)
    first = collections[0]
    return first._replace(
        source=_join_sources([clips._source for clips in collections]),
        columns=_join_columns(collections),
        max_duration=max(clips._max_duration for clips in collections),
    )


def _check_collections(collections: Sequence[AudioClips]) -> list[AudioClips]:
    if isinstance(collections, AudioClips):
        raise TypeError("collections is one AudioClips. Pass a list of several.")
    collections = list(collections)
    for clips in collections:
        if not isinstance(clips, AudioClips):
            raise TypeError(
                f"Only AudioClips can be concatenated, got a {type(clips).__name__}. "
                "Make it AudioClips with check_clips."
            )
    if not collections:
        raise ValueError("There are no clips to concatenate. Pass one AudioClips.")
    rates = sorted({clips.sampling_rate for clips in collections})
    if len(rates) > 1:
        raise ValueError(
            f"The clips have {_listed(rates)} Hz. Bring all to one rate first: "
            f"clips.resample({rates[0]})."
        )
    if len({_changes(clips) for clips in collections}) > 1:
        raise ValueError(
            "Different operations are applied to the clips. Concatenate the clips "
            "first and apply operations to all of them, or take the waveforms that "
            f"come out: {_INTO_ARRAYS}."
        )
    return collections


def _changes(clips: AudioClips) -> tuple:
    """Return what is done to clips when they are read; the rate alone is no change."""
    return (clips._rate, *clips._key) if clips._key else ()


def _join_sources(sources: Sequence[Any]) -> Source:
    kinds = {type(source) for source in sources}
    if WindowSource in kinds:
        raise ValueError(
            "Windows cannot be concatenated. Concatenate the clips that they come "
            "from, and cut all of them with make_windows."
        )
    if TextSource in kinds and len(kinds) > 1:
        raise ValueError(
            "Some of the clips are texts without audio, and others have audio; no "
            "system could hear them all. For a system of text, put what is said "
            "together: AudioClips.from_texts(read_transcripts(clips), "
            "columns=clips.columns), or of corpora, corpus.as_texts()."
        )
    if len(kinds) > 1:
        names = [_KINDS[kind] for kind in _KINDS if kind in kinds]
        raise ValueError(
            f"The clips are {_listed(names)}, which cannot lie in one collection. Read "
            f"files into arrays first: {_INTO_ARRAYS}."
        )
    join: dict[type, Callable[[Sequence[Any]], Source]] = {
        FileSource: _join_files,
        ArraySource: _join_arrays,
        TextSource: lambda sources: TextSource(
            np.concatenate([source.texts for source in sources])
        ),
        VariedSource: _join_varied,
    }
    return join[kinds.pop()](sources)


def _join_files(sources: Sequence[FileSource]) -> FileSource:
    channels = {source.channel for source in sources}
    if len(channels) > 1:
        raise ValueError(
            "Different channels of the files are chosen. Concatenate the clips first, "
            "and choose the channel of all of them."
        )
    return FileSource(
        np.concatenate([source.files for source in sources]),
        np.concatenate([source.starts for source in sources]),
        np.concatenate([source.ends for source in sources]),
        channels.pop(),
    )


def _join_arrays(sources: Sequence[ArraySource]) -> ArraySource:
    rates = sorted({source.sampling_rate for source in sources})
    if len(rates) > 1:
        raise ValueError(
            f"The waveforms lie in memory at {_listed(rates)} Hz, and are resampled "
            f"only when they are read. Resample them now: {_INTO_ARRAYS}."
        )
    waveforms = [
        source._samples(index) for source in sources for index in range(len(source))
    ]
    return ArraySource.from_waveforms(waveforms, rates[0])


def _join_varied(sources: Sequence[VariedSource]) -> VariedSource:
    rates = sorted({source.sampling_rate for source in sources})
    if len(rates) > 1:
        raise ValueError(
            f"The clips are changed one by one at {_listed(rates)} Hz. Resample them "
            "to one rate before they are changed."
        )
    return VariedSource(
        _join_sources([source.source for source in sources]),
        rates[0],
        np.concatenate([source.operations for source in sources]),
    )


def _join_columns(collections: Sequence[AudioClips]) -> dict[str, np.ndarray]:
    names = dict.fromkeys(name for clips in collections for name in clips.columns)
    return {
        name: _stack(
            [
                clips.columns.get(name, np.full(len(clips), np.nan))
                for clips in collections
            ]
        )
        for name in names
    }


def _stack(parts: list[np.ndarray]) -> np.ndarray:
    """Put columns one under another; numpy would make text of numbers beside it."""
    if len({part.dtype for part in parts}) == 1:
        return np.concatenate(parts)
    if all(part.dtype.kind in "iuf" for part in parts):
        return np.concatenate(parts)
    return np.concatenate([part.astype(object) for part in parts])


def _listed(values: Sequence) -> str:
    *most, last = map(str, values)
    return f"{', '.join(most)} and {last}"
