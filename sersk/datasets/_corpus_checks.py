"""Checks of what is given for a corpus."""

from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._votes import VOTES

ATTRIBUTES = ("arousal", "valence", "dominance")
NUMBERS = (*ATTRIBUTES, "sentiment")

# Nothing of a target may travel inside the clips.
_TARGETS = ("emotion", "label", *NUMBERS)
_MOST_LISTED = 20


def find_values(series: pd.Series, wanted: Any, name: str) -> np.ndarray:
    """Tell which rows of a corpus hold a wanted value, all of which must occur."""
    listed = list(wanted) if pd.api.types.is_list_like(wanted) else [wanted]
    present = set(series)
    missing = [value for value in listed if value not in present]
    if missing:
        raise ValueError(
            f"No clip of {name} has {', '.join(map(repr, missing))} in "
            f"{series.name!r}. {describe_values(present)}"
        )
    return series.isin(listed).to_numpy()


def describe_values(present: set) -> str:
    """List the values of a column, unless they are too many to be read."""
    if len(present) > _MOST_LISTED:
        return f"It holds {len(present)} other values."
    return f"It holds {', '.join(sorted(map(repr, present)))}."


def check_parts(frame: pd.DataFrame, clips: AudioClips) -> None:
    """Raise unless table and clips belong together, and no clip carries its label."""
    if len(frame) != len(clips):
        raise ValueError(f"The frame has {len(frame)} rows for {len(clips)} clips.")
    for column in clips.columns:
        if column in _TARGETS or column.startswith(VOTES):
            raise ValueError(
                f"The clips carry a column {column!r}: the label must not travel "
                f"inside X. Make them without it: "
                f"check_clips(frame.drop(columns={column!r}))."
            )
    _check_times(frame, clips.to_frame())


def _check_times(frame: pd.DataFrame, parts: pd.DataFrame) -> None:
    """Raise where the table names other files, or parts of files, than the clips."""
    for column in ("file", "start", "end"):
        if column not in frame or column not in parts:
            continue
        ours, theirs = (_comparable(table[column]) for table in (frame, parts))
        differs = ours != theirs
        if differs.any():
            row = int(np.argmax(differs))
            raise ValueError(
                f"Row {row} of the frame has {column} {frame[column].iloc[row]!r}, but "
                f"its clip has {parts[column].iloc[row]!r}. Make the clips of the same "
                "table: check_clips(frame.drop(columns='emotion'))."
            )


def _comparable(column: pd.Series) -> np.ndarray:
    """Return files as text, and times in whole microseconds; -1 for none."""
    if column.name == "file":
        return np.array([str(file) for file in column], dtype=object)
    if column.dtype.kind == "m":
        column = column.dt.total_seconds()
    default = 0.0 if column.name == "start" else -1e-6
    seconds = column.astype(np.float64).fillna(default)
    return (seconds.to_numpy() * 1e6).round()
