"""Checks of what describes clips: rates, paths, times, waveforms and columns."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from numbers import Real
from reprlib import repr as short_repr
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio._samples import to_float32
from sersk.utils import AudioError

MIN_SAMPLING_RATE = 2_000
MAX_SAMPLING_RATE = 384_000

ACCEPTED = (
    "AudioClips, a list of file paths, a table with a 'file' column, a list of "
    "waveforms, or a 2-D array whose rows are clips"
)


def check_sampling_rate(sampling_rate: Any) -> int:
    """Return a sampling rate as an int, or raise if no audio has such a rate."""
    is_whole = isinstance(sampling_rate, (int, np.integer, float, np.floating))
    if not is_whole or isinstance(sampling_rate, bool) or sampling_rate % 1:
        raise TypeError(
            f"sampling_rate must be a whole number of Hz, got {sampling_rate!r}."
        )
    if not MIN_SAMPLING_RATE <= sampling_rate <= MAX_SAMPLING_RATE:
        raise ValueError(
            f"sampling_rate must lie between {MIN_SAMPLING_RATE} and "
            f"{MAX_SAMPLING_RATE} Hz, got {sampling_rate!r}."
        )
    return int(sampling_rate)


def check_max_duration(max_duration: Any) -> float:
    is_number = isinstance(max_duration, (int, float, np.number))
    if not is_number or isinstance(max_duration, bool):
        raise TypeError(
            f"max_duration must be a number of seconds, got {max_duration!r}."
        )
    if not max_duration > 0:
        raise ValueError(f"max_duration must be above 0 s, got {max_duration!r}.")
    return float(max_duration)


def check_items(values: Any, name: str, wanted: str = ACCEPTED) -> list:
    """Return the items of a one-dimensional collection of paths or waveforms."""
    if isinstance(values, (str, bytes, os.PathLike)):
        raise TypeError(
            f"{name} is one path, {values!r}. Pass a list, [{values!r}], or the files "
            'of a folder: sorted(Path(folder).rglob("*.wav")).'
        )
    # A masked array would lose its mask here.
    if hasattr(values, "__array__") and not isinstance(values, np.ndarray):
        values = as_array(values, name)
    if not isinstance(values, (Sequence, np.ndarray)):
        raise TypeError(f"{name} is a {type(values).__name__}. Pass {wanted}.")
    if isinstance(values, np.ndarray):
        if values.ndim == 0:
            raise TypeError(f"{name} is a single object. Pass {wanted}.")
        _check_not_one_waveform(values, name)
    return list(values)


def as_array(values: Any, name: str) -> np.ndarray:
    """Return what numpy makes of another library's array, or of nested lists."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise AudioError(
            f"{name} cannot be made an array of numbers: {error} Pass {ACCEPTED}."
        ) from error


def _check_not_one_waveform(values: np.ndarray, name: str) -> None:
    if values.ndim == 1 and values.dtype.kind in "biufc":
        raise ValueError(
            f"{name} is one waveform, an array of shape {values.shape}. Put it into a "
            "list, [waveform]. Reshape your data with waveform.reshape(1, -1) if rows "
            "are clips."
        )


def is_path(item: Any) -> bool:
    return isinstance(item, (str, os.PathLike))


def check_path(index: int, item: Any) -> str:
    if not is_path(item):
        raise AudioError(
            f"Clip {index} is {short_repr(item)}, not the path of a file. Correct it "
            "or drop the clip."
        )
    return str(os.fsdecode(item))


def check_waveform(index: int, item: Any) -> np.ndarray:
    """Return one waveform as float32, or raise naming it."""
    array = item
    if not isinstance(item, np.ndarray):
        array = as_array(item, f"Clip {index}")
    if array.dtype == object:
        # numpy finds the type of numbers that are held as objects.
        array = as_array(array.tolist(), f"Clip {index}")
    try:
        _check_mono(array, item)
        return to_float32(array)
    except AudioError as error:
        raise AudioError(f"Clip {index} {error}") from error


def _check_mono(array: np.ndarray, item: Any) -> None:
    if array.ndim == 0:
        raise AudioError(
            f"is {short_repr(item)}, neither a path nor a waveform. Pass {ACCEPTED}; "
            "one waveform goes into a list: [waveform]."
        )
    if array.dtype.kind in "UST":
        raise AudioError(
            "holds text where samples belong. Pass the path itself; parts of files "
            "go into a table with columns file, start and end."
        )
    if array.ndim > 1:
        axis = int(np.argmin(array.shape))
        raise AudioError(
            f"has shape {array.shape}, but a clip is mono, of shape (n_samples,). Mix "
            f"the channels down, for example with waveform.mean(axis={axis})."
        )


def check_seconds(
    name: str, values: Sequence | None, n_clips: int, default: float
) -> np.ndarray:
    """Return times in seconds, with the default where none is given."""
    if values is None:
        return np.full(n_clips, default)
    times = check_columns({name: values}, n_clips)[name]
    seconds = np.array(
        [_to_seconds(name, index, time) for index, time in enumerate(times)],
        dtype=np.float64,
    )
    return np.where(np.isnan(seconds), default, seconds)


def _to_seconds(name: str, index: int, time: Any) -> float:
    if isinstance(time, (timedelta, np.timedelta64)):
        return pd.Timedelta(time).total_seconds()
    if isinstance(time, Real) and not isinstance(time, bool):
        return float(time)
    if time is None or time is pd.NaT or time is pd.NA:
        return np.nan
    # A number in quotes would be nanoseconds to pandas.
    raise TypeError(
        f"Clip {index} has {name}={time!r}, which is no time. Give seconds "
        "as numbers, or timedeltas, as pandas.to_timedelta makes them of text."
    )


def check_columns(
    columns: Mapping[str, Sequence] | None,
    n_clips: int,
    reserved: Collection[str] = (),
) -> dict[str, np.ndarray]:
    """Return columns as arrays of their own, or raise naming the one that is wrong."""
    if columns is None:
        return {}
    if not hasattr(columns, "items"):
        raise TypeError(
            f"columns must be a mapping of names to lists, got {short_repr(columns)}."
        )
    checked = {}
    for name, values in columns.items():
        if not isinstance(name, str):
            raise TypeError(
                f"The name of a column must be a str, got {name!r}. Rename the column."
            )
        if name in reserved:
            raise ValueError(
                f"A column cannot be named {name!r}, which says where the clip lies. "
                "Rename the column."
            )
        checked[name] = _as_column(name, values, n_clips)
    return checked


def _as_column(name: str, values: Any, n_clips: int) -> np.ndarray:
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    elif isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        # numpy would turn the NaN among names, and the number, into text.
        values = pd.Series(list(values)).to_numpy()
    if np.ma.is_masked(values):
        raise TypeError(f"Column {name!r} is a masked array. Fill it first.")
    if np.shape(values) != (n_clips,):
        raise ValueError(
            f"Column {name!r} must be a list or array of {n_clips} values, one a clip, "
            f"got {short_repr(values)} of shape {np.shape(values)}."
        )
    column = np.array(values)
    return column.astype(object) if column.dtype.kind in "UT" else column


def check_index(key: Any, n_clips: int) -> int | slice | np.ndarray:
    """Return a key as a position, a slice, or an array of positions or booleans."""
    if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:
        key = key[0]  # as scikit-learn indexes whatever has a shape
    if isinstance(key, slice):
        return key
    if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
        if not -n_clips <= key < n_clips:
            raise IndexError(f"There is no clip {key} among {n_clips} clips.")
        return range(n_clips)[key]
    index = None if isinstance(key, (tuple, str)) else np.asarray(key)
    if (
        index is None
        or index.ndim != 1
        or (index.size and index.dtype.kind not in "iub")
    ):
        raise IndexError(
            f"{short_repr(key)} is no index of clips. Pass an integer, a slice, or a "
            "list or array of integers or booleans; a column is clips.columns[name]."
        )
    return index if index.size else index.astype(np.intp)


def frozen(array: np.ndarray) -> np.ndarray:
    """Return the array itself, which nobody can write to any more."""
    array.flags.writeable = False
    return array
