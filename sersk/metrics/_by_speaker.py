"""What all statistics by speaker share: checked clips, draws of speakers, spread."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sersk.metrics._pooled import Pooled

_MOST_LISTED = 5


def check_by_speaker(
    speaker: Any, **values: Any
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the number of the speaker of each clip, and the other arrays, checked.

    Parameters
    ----------
    speaker : array-like of shape (n_clips,)
        Who speaks in each clip.
    **values : array-like of n_clips
        What else is known of each clip, by the name that errors call it.

    Returns
    -------
    numbers : ndarray of int of shape (n_clips,)
        From 0 to n_speakers - 1, in the sorted order of the speakers.
    arrays : list of ndarray
        The values, in the order in which they were given.
    """
    arrays = [as_array(array, name) for name, array in values.items()]
    speakers = as_array(speaker, "speaker")
    lengths = {name: len(array) for name, array in zip(values, arrays, strict=True)}
    if len({len(speakers), *lengths.values()}) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(
            f"The arrays must describe the same clips, but differ in length: {told}, "
            f"speaker {len(speakers)}."
        )
    if speakers.ndim > 1:
        raise ValueError(
            f"speaker has shape {speakers.shape}, but one for each clip is expected."
        )
    # By their text, so that numbers and names of speakers can be mixed.
    numbers, names = pd.factorize(np.array(list(map(str, speakers)), dtype=object))
    if len(names) < 2:
        raise ValueError(
            f"All {len(speakers)} clips are of speaker {names[0]!r}, but what other "
            "speakers would give can only be told from at least two. Pass the clips of "
            "all folds at once, or leave the interval out."
        )
    order = np.argsort(np.argsort(names))
    return order[numbers], arrays


def as_array(values: Any, name: str) -> np.ndarray:
    """Return values as an array of clips without a missing one.

    Parameters
    ----------
    values : array-like of n_clips
        One value, or row of values, for each clip.
    name : str
        What errors call them.

    Returns
    -------
    array : ndarray of n_clips
        Of the given type; a list is an array of objects where it is not of numbers.
    """
    # A list as objects, because numpy would turn a missing value among texts into 'nan'.
    array = np.asarray(values, dtype=None if hasattr(values, "__array__") else object)
    if array.ndim == 0 or not len(array):
        raise ValueError(f"{name} must hold a value for each clip, got {values!r}.")
    missing = pd.isna(array).reshape(len(array), -1).any(axis=1)
    if missing.any():
        raise ValueError(
            f"{name} lacks {missing.sum()} values (first at position "
            f"{missing.argmax()}). Drop these clips from all arrays, and say so where "
            "you report the result."
        )
    if array.dtype == object:
        flat = pd.Series(array.ravel()).infer_objects().to_numpy()
        return flat.reshape(array.shape)
    return array


def draw_speakers(
    n_speakers: int, n_resamples: int, generator: np.random.Generator
) -> np.ndarray:
    """Return how often each speaker is drawn, in as many draws as there are speakers.

    Parameters
    ----------
    n_speakers : int
        How many there are, and are drawn with replacement.
    n_resamples : int
        How often that is done.
    generator : numpy.random.Generator
        Source of chance.

    Returns
    -------
    weights : ndarray of int of shape (n_resamples, n_speakers)
        Rows add up to `n_speakers`.
    """
    return generator.multinomial(n_speakers, [1 / n_speakers] * n_speakers, n_resamples)


def leave_one_out(values: Pooled, n_speakers: int) -> np.ndarray:
    """Return the metric without each speaker in turn.

    Parameters
    ----------
    values : callable
        From draws of speakers to the metric; see :mod:`sersk.metrics._pooled`.
    n_speakers : int
        How many there are.

    Returns
    -------
    left : ndarray of shape (n_speakers,)
        The metric over the clips of all others.
    """
    return values(1 - np.eye(n_speakers, dtype=int))


def check_resamples(n_resamples: Any) -> int:
    """Return the number of resamples, or raise if there are too few to mean anything.

    Parameters
    ----------
    n_resamples : int
        What the caller asked for.

    Returns
    -------
    n_resamples : int
        The same.
    """
    if not isinstance(n_resamples, (int, np.integer)) or n_resamples < 100:
        raise ValueError(
            f"n_resamples must be an int of at least 100, got {n_resamples!r}."
        )
    return int(n_resamples)


def check_share(value: Any, name: str) -> float:
    """Return a number between 0 and 1, both left out, or raise.

    Parameters
    ----------
    value : float
        What the caller asked for.
    name : str
        What errors call it.

    Returns
    -------
    value : float
        The same.
    """
    if not isinstance(value, (float, np.floating)) or not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, got {value!r}.")
    return float(value)


def checked_numbers(values: Any, name: str) -> np.ndarray:
    """Return one or more finite numbers as an array, or raise.

    Parameters
    ----------
    values : float or array-like of shape (n,)
        What the caller passed.
    name : str
        What errors call it.

    Returns
    -------
    numbers : ndarray of float of shape (n,)
        The same.
    """
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    if numbers.ndim > 1:
        raise ValueError(f"{name} must be one row of numbers, not {numbers.shape}.")
    return check_finite(numbers, name)


def check_finite(numbers: np.ndarray, name: str) -> np.ndarray:
    """Return an array, or raise if it is empty or holds what is not finite.

    Parameters
    ----------
    numbers : ndarray of float
        What the caller passed.
    name : str
        What errors call it.

    Returns
    -------
    numbers : ndarray of float
        The same.
    """
    wrong = np.argwhere(~np.isfinite(numbers))
    if not numbers.size or len(wrong):
        where = f", but are not at {wrong[0].tolist()}" if len(wrong) else ", not none"
        raise ValueError(
            f"{name} must be finite numbers{where}. Leave out, of all systems, what one "
            "of them lacks."
        )
    return numbers


def make_generator(random_state: Any) -> np.random.Generator:
    """Return a generator that never is the global one.

    Parameters
    ----------
    random_state : int, RandomState, Generator or None
        Seed, or what a seed is drawn from.

    Returns
    -------
    generator : numpy.random.Generator
        Source of chance.
    """
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31 - 1)
    return np.random.default_rng(random_state)


def listed(values: Iterable) -> str:
    """Return the first of some values as text, and how many more there are.

    Parameters
    ----------
    values : iterable
        What to list.

    Returns
    -------
    text : str
        Such as "'a', 'b' and 3 more".
    """
    names = [repr(value) for value in values]
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
