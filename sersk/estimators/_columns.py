"""What is known of each clip, whatever holds the clips."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd


def column_of(X: Any, name: str) -> np.ndarray | None:
    """Return a column of clips, or of a table, or None where there is none."""
    columns = getattr(X, "columns", None)
    if columns is None or name not in columns:
        return None
    values = columns[name] if isinstance(columns, Mapping) else X[name]
    return np.asarray(values, dtype=object)


def carries_columns(X: Any) -> bool:
    """Tell whether X can say something of each clip without becoming other features."""
    if isinstance(X, pd.DataFrame):
        return "file" in X
    return isinstance(getattr(X, "columns", None), Mapping)


def with_column(X: Any, name: str, values: np.ndarray) -> Any:
    """Return X with one more, or another, column; it must carry columns."""
    if isinstance(X, pd.DataFrame):
        return X.assign(**{name: values})
    return X.with_columns({name: values})


def split_by_speaker(
    splitter: Any,
    X: Any,
    y: Any,
    speakers: np.ndarray | None,
    groups: Any = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the folds of a splitter, which is told of speakers if it needs to be."""
    # Those of scikit-learn do not look into X.
    if groups is None and type(splitter).__module__.startswith("sklearn."):
        groups = speakers
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        yield from splitter.split(X, y, groups)


def speakers_of(X: Any, groups: Any, n_clips: int) -> np.ndarray | None:
    """Return the speaker of each clip, or None where nothing is known of speakers."""
    speakers = column_of(X, "speaker") if groups is None else groups
    if speakers is None:
        return None
    source = "X's column 'speaker'" if groups is None else "groups"
    speakers = np.asarray(speakers, dtype=object)
    if speakers.shape != (n_clips,):
        raise ValueError(
            f"{source} has shape {speakers.shape}, but X holds {n_clips} clips. Give "
            "the speaker of each clip."
        )
    missing = np.flatnonzero(pd.isna(speakers))
    if len(missing):
        raise ValueError(
            f"{source} lacks the speaker of {len(missing)} of {n_clips} clips (first: "
            f"clip {missing[0]}). Fill it in, or drop these clips."
        )
    return speakers
