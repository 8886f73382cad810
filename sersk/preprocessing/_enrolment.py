"""Which clips a speaker is enrolled with."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sersk.utils import listed

_FEWEST = 2


def find_enrolment(
    codes: np.ndarray, names: Sequence, enrol: int | None, marks: np.ndarray | None
) -> np.ndarray:
    """Return which clips are the first marked ones of their speaker, or raise.

    Parameters
    ----------
    codes : ndarray of int of shape (n_clips,)
        Number of the speaker of each clip.
    names : sequence
        Names of the speakers by number.
    enrol : int or None
        How many clips each speaker is enrolled with; None: all that are marked.
    marks : ndarray of bool of shape (n_clips,) or None
        Clips that may be used; None: all.

    Returns
    -------
    is_enrolled : ndarray of bool of shape (n_clips,)
        True for the clips that statistics come from.
    """
    marked = np.ones(len(codes), dtype=bool) if marks is None else marks
    # How many marked clips of the speaker precede the clip.
    order = pd.Series(marked.astype(int)).groupby(codes).cumsum().to_numpy() - 1
    chosen = marked if enrol is None else marked & (order < enrol)
    needed = _FEWEST if enrol is None else enrol
    kind = "" if marks is None else "marked "
    check_enough(np.bincount(codes[chosen], minlength=len(names)), names, needed, kind)
    return chosen


def check_enough(
    counts: np.ndarray, names: Sequence, needed: int = _FEWEST, kind: str = ""
) -> None:
    """Raise where speakers have too few clips to be enrolled with."""
    few = [name for name, n in zip(names, counts, strict=True) if n < needed]
    if not few:
        return
    is_one = len(few) == 1
    raise ValueError(
        f"{len(few)} speaker{' has' if is_one else 's have'} fewer than {needed} "
        f"{kind}clips to be enrolled with in this call ({listed(few)}). "
        + ("Lower enrol, give" if needed > _FEWEST else "Give")
        + " all clips of a speaker together, or leave these speakers out."
    )


def read_marks(values: Any, column: str) -> np.ndarray:
    """Return the column that marks clips for enrolment as booleans, or raise."""
    series = pd.Series(np.asarray(values))
    missing = np.flatnonzero(series.isna())
    if len(missing):
        raise ValueError(
            f"Column {column!r} lacks a value for {len(missing)} clips (first: clip "
            f"{missing[0]}). Fill it with True or False."
        )
    if not series.isin([True, False]).all():
        raise ValueError(
            f"Column {column!r} must hold True for clips to enrol with and False for "
            f"all others, got {series[~series.isin([True, False])].iloc[0]!r}."
        )
    return series.to_numpy().astype(bool)
