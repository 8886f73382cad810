"""The one door through which audio enters the library."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio._clips import DEFAULT_MAX_DURATION, AudioClips
from sersk.utils import AudioError

_ACCEPTED = (
    "AudioClips, a list of file paths, a table with a 'file' column, a list of "
    "waveforms, or a 2-D array whose rows are clips"
)


def check_clips(
    X: Any,
    sampling_rate: int = 16_000,
    *,
    max_duration: float = DEFAULT_MAX_DURATION,
) -> AudioClips:
    """Make clips of anything that can be taken for clips.

    Parameters
    ----------
    X : clips
        One of

        - :class:`sersk.AudioClips`, resampled if they have another rate;
        - file paths: a list, tuple, array, pandas Series or Index of str or Path;
        - a table: a DataFrame with a column ``file`` and, if wanted, ``start`` and
          ``end`` (seconds or timedeltas; missing stands for the whole file), whose
          other columns are carried along; or audformat's index of names ``file``,
          ``start``, ``end``, or a Series or DataFrame that has it;
        - waveforms: a list, tuple or object array of 1-D arrays, each mono;
        - a 2-D array of numbers whose rows are clips of one length.

        Floats are samples in [-1, 1]; integers are PCM codes.
    sampling_rate : int, default=16000
        Rate in Hz of the clips returned, and of the arrays given.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.

    Returns
    -------
    clips : AudioClips
        No file has been opened.

    Raises
    ------
    TypeError
        If `X` is one path, one waveform or nothing that holds clips.
    AudioError
        If an item of `X` is not a clip; the message names it.
    ValueError
        If the sampling rate is out of range or `X` has more than two dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import check_clips
    >>> check_clips(["a.wav", "b.wav"], 16_000)
    <AudioClips: 2 clips from files at 16000 Hz>
    >>> check_clips(np.zeros((3, 8_000)), 8_000)
    <AudioClips: 3 clips (0.00 h) at 8000 Hz>
    """
    if isinstance(X, AudioClips):
        return X.resample(sampling_rate).with_max_duration(max_duration)
    settings = {"sampling_rate": sampling_rate, "max_duration": max_duration}
    table = _as_table(X)
    if table is not None:
        return _from_table(table, settings)
    if is_matrix(X):
        return AudioClips.from_arrays(_numeric_matrix(X), **settings)
    items = _as_items(X)
    if any(_is_path(item) for item in items):
        return AudioClips.from_files(items, **settings)
    return AudioClips.from_arrays(_check_waveforms(items), **settings)


def is_matrix(X: Any) -> bool:
    """Tell whether X is numbers in two dimensions, which scikit-learn can check.

    Parameters
    ----------
    X : object
        Anything that a user may pass as X.

    Returns
    -------
    is_matrix : bool
        False for clips, paths, tables of files and lists of waveforms; True for
        whatever else scikit-learn should judge, including what it will refuse.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import is_matrix
    >>> is_matrix(np.zeros((2, 16_000))), is_matrix(["a.wav"])
    (True, False)
    """
    if isinstance(X, (AudioClips, str, bytes, os.PathLike)) or X is None:
        return False
    if _as_table(X) is not None:
        return False
    if isinstance(X, pd.DataFrame):
        return not any(_is_path(item) for item in X.head(1).to_numpy().flat)
    if isinstance(X, (list, tuple)):
        return _is_nested_numbers(X)
    if isinstance(X, (pd.Series, pd.Index)):
        return X.dtype.kind in "biufc" and not isinstance(X.dtype, pd.StringDtype)
    if isinstance(X, np.ndarray):
        return not _holds_clips(X)
    return True


def _as_table(X: Any) -> pd.DataFrame | None:
    """Return X as a frame with a column 'file', or None where X is no table."""
    if isinstance(X, pd.DataFrame) and "file" in X.columns:
        return X
    index = X if isinstance(X, pd.MultiIndex) else getattr(X, "index", None)
    if isinstance(index, pd.MultiIndex) and list(index.names)[:1] == ["file"]:
        table = index.to_frame(index=False)
        if isinstance(X, pd.DataFrame):
            return pd.concat([table, X.reset_index(drop=True)], axis=1)
        return table
    if isinstance(index, pd.Index) and index.name == "file" and index is not X:
        return index.to_frame(index=False)
    return None


def _from_table(table: pd.DataFrame, settings: dict[str, Any]) -> AudioClips:
    parts = {name: table[name] for name in ("start", "end") if name in table}
    columns = {
        name: table[name] for name in table if name not in ("file", "start", "end")
    }
    return AudioClips.from_files(
        table["file"].tolist(),
        start=parts.get("start"),
        end=parts.get("end"),
        columns=columns,
        **settings,
    )


def _numeric_matrix(X: Any) -> np.ndarray:
    matrix = np.asarray(X)
    if matrix.ndim != 2:
        raise ValueError(
            f"X has {matrix.ndim} dimensions, shape {matrix.shape}. Pass {_ACCEPTED}; "
            "one waveform goes into a list: [waveform]."
        )
    return matrix.astype(np.float64) if matrix.dtype == object else matrix


def _as_items(X: Any) -> list:
    """Return the items of a one-dimensional collection of paths or waveforms."""
    if isinstance(X, (str, bytes, os.PathLike)):
        raise TypeError(f"X is one path, {X!r}. Put it into a list: [{X!r}].")
    if isinstance(X, pd.DataFrame):
        known = ", ".join(map(repr, X.columns))
        raise TypeError(
            f"X is a table without a column 'file' (columns: {known}). Rename the "
            "column that holds the paths."
        )
    if not isinstance(X, (Sequence, np.ndarray, pd.Series, pd.Index)):
        raise TypeError(f"X is a {type(X).__name__}. Pass {_ACCEPTED}.")
    return list(X.ravel() if isinstance(X, np.ndarray) else X)


def _check_waveforms(items: list) -> list:
    for index, item in enumerate(items):
        if item is None or np.ndim(item) == 0:
            raise AudioError(
                f"Clip {index} is {item!r}, neither a path nor a waveform. Pass "
                f"{_ACCEPTED}; one waveform goes into a list: [waveform]."
            )
    return items


def _is_path(item: Any) -> bool:
    return isinstance(item, (str, os.PathLike))


def _holds_clips(array: np.ndarray) -> bool:
    """Tell whether an array holds paths or waveforms rather than numbers."""
    if array.dtype.kind == "U":
        return True
    if array.dtype != object or array.size == 0:
        return False
    if array.ndim == 2 and array.shape[1] > 1:
        return _is_path(array.flat[0])
    return not all(isinstance(item, (int, float, np.number)) for item in array.flat)


def _is_nested_numbers(X: Sequence) -> bool:
    """Tell whether a list is a matrix written as lists of numbers of one length."""
    if not all(isinstance(row, (list, tuple)) for row in X) or len(X) == 0:
        return False
    return len({len(row) for row in X}) == 1
