"""Checks of what describes clips: rates, paths, times, waveforms and columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio._samples import to_float32
from sersk.utils import AudioError

MIN_SAMPLING_RATE = 2_000
MAX_SAMPLING_RATE = 384_000


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


def check_waveform(index: int, item: Any) -> np.ndarray:
    """Return one waveform as float32, or raise naming it."""
    array = np.asarray(item)
    try:
        if array.ndim != 1:
            raise AudioError(
                f"has shape {array.shape}, but a clip is mono, of shape (n_samples,). "
                "Mix the channels down, for example with waveform.mean(axis=channels)."
            )
        return to_float32(array)
    except AudioError as error:
        raise AudioError(f"Clip {index} {error}") from error


def check_path(index: int, item: Any) -> str:
    if isinstance(item, str):
        return str(item)
    if hasattr(item, "__fspath__"):
        path = item.__fspath__()
        return path if isinstance(path, str) else path.decode(errors="surrogateescape")
    raise AudioError(
        f"Clip {index} is {item!r}, not the path of a file. Correct or drop it."
    )


def check_seconds(values: Sequence | None, n_clips: int, default: float) -> np.ndarray:
    """Return times in seconds, with the default where none is given."""
    if values is None:
        return np.full(n_clips, default)
    series = pd.Series(values)
    if series.dtype.kind not in "fiu" and not series.isna().all():
        series = pd.to_timedelta(series).dt.total_seconds()
    seconds = series.to_numpy(dtype=np.float64, na_value=np.nan)
    if len(seconds) != n_clips:
        raise ValueError(f"start or end has {len(seconds)} values for {n_clips} clips.")
    return np.where(np.isnan(seconds), default, seconds)


def check_columns(
    columns: Mapping[str, Sequence] | None, n_clips: int
) -> dict[str, np.ndarray]:
    checked = {}
    for name, values in (columns or {}).items():
        if not isinstance(name, str):
            raise TypeError(f"The name of a column must be a str, got {name!r}.")
        column = _as_column(values)
        if column.shape != (n_clips,):
            raise ValueError(
                f"Column {name!r} has shape {column.shape}, but there are {n_clips} "
                "clips."
            )
        checked[name] = frozen(column)
    return checked


def _as_column(values: Any) -> np.ndarray:
    """Return values as an array of their own; text as objects, whatever held it."""
    column = np.array(values.to_numpy() if hasattr(values, "to_numpy") else values)
    return column.astype(object) if column.dtype.kind in "UT" else column


def frozen(column: np.ndarray) -> np.ndarray:
    column.flags.writeable = False
    return column
