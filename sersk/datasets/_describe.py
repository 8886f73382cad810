"""How much there is of each class of a corpus."""

import contextlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from sersk.audio import AudioClips, inspect_recording
from sersk.datasets._corpus import Corpus
from sersk.datasets._targets import AttributeScheme, MultiLabelScheme
from sersk.utils import AudioError, AudioWarning, progress_bar, warn_user


def describe_corpus(corpus: Corpus) -> pd.DataFrame:
    """Return one row a class, and one for all: clips, speakers, hours and seconds.

    See `Corpus.describe`, which is the public name.

    Parameters
    ----------
    corpus : Corpus
        Any corpus.

    Returns
    -------
    description : pandas.DataFrame of shape (n_classes + 1, 6)
        Missing where nothing is known.
    """
    seconds = _durations(corpus)
    rows = {
        name: _describe(corpus.frame, seconds, chosen)
        for name, chosen in _members(corpus).items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "emotion"
    return table.astype({"clips": "int64", "speakers": "Int64"})


def _members(corpus: Corpus) -> dict[str, np.ndarray]:
    """Return which clips each class has; attributes are no classes."""
    target, scheme = corpus.target, corpus.scheme
    if isinstance(scheme, MultiLabelScheme):
        members = dict(zip(scheme.classes, target.T.astype(bool), strict=True))
    elif isinstance(scheme, AttributeScheme):
        members = {}
    else:
        members = {name: target == name for name in scheme.classes}
    return {**members, "all": np.ones(len(corpus), dtype=bool)}


def _describe(frame: pd.DataFrame, seconds: np.ndarray, chosen: np.ndarray) -> dict:
    known = pd.Series(seconds[chosen]).dropna()
    return {
        "clips": int(chosen.sum()),
        "speakers": frame["speaker"][chosen].nunique() if "speaker" in frame else pd.NA,
        "hours": known.sum(min_count=1) / 3600,
        "seconds_min": known.min(),
        "seconds_median": known.median(),
        "seconds_max": known.max(),
    }


def _durations(corpus: Corpus) -> np.ndarray:
    """Return the seconds of each clip, NaN where nobody knows; warn of those."""
    clips = corpus.clips
    seconds = _array_durations(clips) if clips.files is None else _part_durations(clips)
    unknown = np.flatnonzero(~(seconds > 0))
    seconds[unknown] = np.nan
    # A corpus of text has no durations, and nobody expects any.
    if len(unknown) and (clips.files is not None or len(unknown) < len(clips)):
        warn_user(
            f"The durations of {len(unknown)} of {len(clips)} clips of {corpus.name} "
            f"are not known, because they cannot be read (first: "
            f"{clips.describe(int(unknown[0]))}). Corpus.verify says why.",
            AudioWarning,
        )
    return seconds


def _part_durations(clips: AudioClips) -> np.ndarray:
    """Return lengths of parts, and look into the files of those without an end."""
    parts = clips.to_frame()
    ends = parts["end"].to_numpy(dtype=np.float64, copy=True)
    is_open = np.isnan(ends)
    files = parts["file"][is_open].tolist()
    lengths = _file_durations(dict.fromkeys(files))
    ends[is_open] = [lengths[file] for file in files]
    return ends - parts["start"].to_numpy(dtype=np.float64)


def _file_durations(files: Iterable[str]) -> dict[str, float]:
    lengths = dict.fromkeys(files, np.nan)
    with progress_bar(len(lengths), description="measuring", unit="file") as bar:
        for file in lengths:
            with contextlib.suppress(AudioError):
                lengths[file] = inspect_recording(file).duration
            bar.update()
    return lengths


def _array_durations(clips: AudioClips) -> np.ndarray:
    seconds = np.full(len(clips), np.nan)
    for index in range(len(clips)):
        with contextlib.suppress(AudioError):
            seconds[index] = len(clips.read(index).samples) / clips.sampling_rate
    return seconds
