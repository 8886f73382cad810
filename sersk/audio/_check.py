"""The one door through which audio enters the library."""

import os
from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio._clips import DEFAULT_MAX_DURATION, AudioClips
from sersk.audio._validation import ACCEPTED, as_array, check_items, is_path
from sersk.utils._sklearn import validate_data


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
        - a table: a DataFrame (of pandas or polars) with a column ``file`` and, if
          wanted, ``start`` and ``end`` (seconds or timedeltas; missing stands for the
          whole file), whose other columns are carried along; or audformat's index of
          names ``file``, ``start``, ``end``, or a Series or DataFrame that has it;
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
        If `X` is one path, or nothing that holds clips.
    AudioError
        If an item of `X` is not a clip; the message names it.
    ValueError
        If the sampling rate is out of range or a column cannot be carried along.

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
    settings: dict[str, Any] = {
        "sampling_rate": sampling_rate,
        "max_duration": max_duration,
    }
    if hasattr(X, "clips") and hasattr(X, "target"):
        raise TypeError(
            f"X is a {type(X).__name__}. Pass what it holds: corpus.clips as X, and "
            "corpus.target as y."
        )
    table = _as_table(X)
    if table is not None:
        return _from_table(table, settings)
    if is_matrix(X):
        return AudioClips.from_arrays(_as_matrix(X), **settings)
    if isinstance(X, pd.DataFrame):
        raise TypeError(
            f"X is a table without a column 'file' (columns: {_listed(X.columns)}). "
            "Rename the column that holds the paths."
        )
    is_column = isinstance(X, np.ndarray) and X.shape[1:] == (1,)
    items = check_items(X[:, 0] if is_column else X, "X")
    if any(is_path(item) for item in items):
        return AudioClips.from_files(items, **settings)
    return AudioClips.from_arrays(items, **settings)


def is_matrix(X: Any) -> bool:
    """Tell whether X is numbers in two dimensions, which scikit-learn can check.

    Parameters
    ----------
    X : object
        Anything that a user may pass as X.

    Returns
    -------
    is_matrix : bool
        False for clips, paths, tables of files and lists of waveforms, and for what
        has no two dimensions; True for whatever else scikit-learn should judge,
        including what it will refuse, such as sparse matrices.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.audio import is_matrix
    >>> is_matrix(np.zeros((2, 16_000))), is_matrix(["a.wav"])
    (True, False)
    """
    if isinstance(X, AudioClips) or _as_table(X) is not None:
        return False
    if isinstance(X, pd.DataFrame):
        return all(pd.api.types.is_numeric_dtype(dtype) for dtype in X.dtypes)
    if isinstance(X, (list, tuple)):
        X = _as_nested(X)
    if isinstance(X, np.ndarray) and (_holds_clips(X) or np.ma.is_masked(X)):
        return False
    # Sparse matrices have a shape and are no arrays; other libraries' arrays may
    # have no shape.
    is_array = hasattr(X, "__array__") or hasattr(X, "shape")
    return is_array and len(getattr(X, "shape", (0, 0))) == 2


def check_matrix(estimator: Any, X: Any, *, reset: bool, finite: bool = True) -> Any:
    """Run scikit-learn's checks of a matrix, whose rows are clips, for an estimator.

    Parameters
    ----------
    estimator : BaseEstimator
        Gains ``n_features_in_``, and ``feature_names_in_`` if `X` has names.
    X : object
        Anything that a user may pass as X.
    reset : bool
        Whether the estimator is being fitted; what it knew of another X is forgotten.
    finite : bool, default=True
        Whether NaN and infinity are refused.

    Returns
    -------
    X : object
        A matrix as an array; anything else as it is.

    Raises
    ------
    ValueError
        If the matrix is empty, not finite, or not as wide as that of `fit`.

    Examples
    --------
    >>> from sersk.audio import check_matrix
    >>> from sersk.preprocessing import PreEmphasis
    >>> step = PreEmphasis()
    >>> check_matrix(step, [[0.5, 0.25]], reset=True).shape, step.n_features_in_
    ((1, 2), 2)
    """
    if reset:
        for learned in ("n_features_in_", "feature_names_in_"):
            vars(estimator).pop(learned, None)
    if not is_matrix(X):
        return X
    return validate_data(
        estimator, X, reset=reset, dtype="numeric", ensure_all_finite=finite
    )


def check_not_empty(clips: Sized, estimator: Any) -> None:
    """Raise unless there are clips for an estimator.

    Parameters
    ----------
    clips : sized
        Clips, or their frames.
    estimator : object
        What was given them; its class is named.

    Raises
    ------
    ValueError
        If there is no clip.

    Examples
    --------
    >>> from sersk.audio import check_not_empty
    >>> from sersk.preprocessing import PreEmphasis
    >>> check_not_empty([], PreEmphasis())
    Traceback (most recent call last):
        ...
    ValueError: X holds 0 clips; PreEmphasis needs at least 1.
    """
    if not len(clips):
        name = type(estimator).__name__
        raise ValueError(f"X holds 0 clips; {name} needs at least 1.")


def _as_table(X: Any) -> pd.DataFrame | None:
    """Return X as a frame with a column 'file', or None where X is no table."""
    index = X if isinstance(X, pd.MultiIndex) else getattr(X, "index", None)
    if isinstance(index, pd.Index) and index.names[0] == "file":
        table = index.to_frame(index=False)
        if isinstance(X, pd.DataFrame):
            return pd.concat([table, X.reset_index(drop=True)], axis=1)
        return table
    if isinstance(X, pd.DataFrame):
        return X if X.columns.nlevels == 1 and "file" in X.columns else None
    columns = getattr(X, "columns", None)
    # polars keeps the names of its columns in a list.
    if isinstance(columns, list) and "file" in columns:
        return pd.DataFrame({name: X[name].to_list() for name in columns})
    return None


def _from_table(table: pd.DataFrame, settings: dict[str, Any]) -> AudioClips:
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise ValueError(
            f"X has several columns named {twice[0]!r}. Rename or drop all but one."
        )
    parts: dict[str, Any] = {
        name: table[name] for name in ("start", "end") if name in table
    }
    columns: dict[Any, Any] = {
        name: table[name] for name in table if name not in ("file", "start", "end")
    }
    return AudioClips.from_files(
        table["file"].tolist(), **parts, columns=columns, **settings
    )


def _as_matrix(X: Any) -> np.ndarray:
    matrix = as_array(X, "X")
    if matrix.ndim == 0:  # sparse matrices, and whatever else numpy does not know
        raise TypeError(f"X is a {type(X).__name__}. Pass {ACCEPTED}.")
    return matrix


def _listed(columns: pd.Index) -> str:
    names = [repr(name) for name in columns[:10]]
    return ", ".join(names + ["..."] * (len(columns) > 10)) or "none"


def _holds_clips(array: np.ndarray) -> bool:
    """Tell whether an array holds paths or waveforms rather than numbers."""
    if array.dtype != object:
        return array.dtype.kind in "UST"
    # Integers as objects are PCM codes of a type that numpy can still find.
    clips = (str, os.PathLike, np.ndarray, list, tuple, int, type(None))
    return array.size > 0 and isinstance(array.flat[0], clips)


def _as_nested(X: Sequence) -> np.ndarray | None:
    """Return the array that lists of values of one length make, or None."""
    if not X or not all(isinstance(row, (list, tuple)) for row in X):
        return None
    try:
        return np.asarray(X)
    except ValueError:  # ragged
        return None
