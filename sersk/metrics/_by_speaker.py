"""What all statistics by speaker share: checked clips, draws of speakers, spread."""

from typing import Any

import numpy as np
import pandas as pd

from sersk.metrics._pooled import Pooled


def check_by_speaker(
    speaker: Any, **values: Any
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the number of the speaker of each clip, and the other arrays, checked."""
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
    """Return values as an array of clips without a missing one."""
    # A list as objects: numpy would turn a missing value among texts into 'nan'.
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
    """Return how often each speaker is in each draw of as many speakers."""
    return generator.multinomial(n_speakers, [1 / n_speakers] * n_speakers, n_resamples)


def leave_one_out(values: Pooled, n_speakers: int) -> np.ndarray:
    """Return the metric without each speaker in turn."""
    return values(1 - np.eye(n_speakers, dtype=int))


def check_resamples(n_resamples: Any) -> int:
    """Return the number of resamples, or raise if they are too few."""
    if not isinstance(n_resamples, (int, np.integer)) or n_resamples < 100:
        raise ValueError(
            f"n_resamples must be an int of at least 100, got {n_resamples!r}."
        )
    return int(n_resamples)


def check_share(value: Any, name: str) -> float:
    """Return a number between 0 and 1, both left out, or raise."""
    if not isinstance(value, (float, np.floating)) or not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, got {value!r}.")
    return float(value)


def checked_numbers(values: Any, name: str) -> np.ndarray:
    """Return one or more finite numbers as an array, or raise."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    if numbers.ndim > 1:
        raise ValueError(f"{name} must be one row of numbers, not {numbers.shape}.")
    return check_finite(numbers, name)


def check_finite(numbers: np.ndarray, name: str) -> np.ndarray:
    """Return an array, or raise if it is empty or holds what is not finite."""
    wrong = np.argwhere(~np.isfinite(numbers))
    if not numbers.size or len(wrong):
        where = f", but are not at {wrong[0].tolist()}" if len(wrong) else ", not none"
        raise ValueError(
            f"{name} must be finite numbers{where}. Leave out, of all systems, what "
            "one of them lacks."
        )
    return numbers


def make_generator(random_state: Any) -> np.random.Generator:
    """Return a generator that never is the global one."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31 - 1)
    return np.random.default_rng(random_state)
