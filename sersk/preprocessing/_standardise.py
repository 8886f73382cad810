"""Mean and spread of groups of clips, and features without them."""

from typing import NamedTuple

import numpy as np


class Statistics(NamedTuple):
    """Mean and standard deviation of each feature; a deviation of 0 is a constant."""

    mean: np.ndarray
    spread: np.ndarray


def is_usable(features: np.ndarray) -> np.ndarray:
    """Tell which rows hold any feature at all."""
    return ~np.isnan(features).all(axis=1)


def measure(group: np.ndarray) -> Statistics:
    """Return the statistics of the features of some clips, leaving out NaN."""
    group = group.astype(np.float64)
    missing = np.isnan(group)
    counts = np.maximum(np.sum(~missing, axis=0), 1)
    mean = np.nansum(group, axis=0) / counts
    spread = np.sqrt(np.nansum((group - mean) ** 2, axis=0) / counts)
    # Rounding leaves a constant a spread of its own size times 1e-16.
    largest = np.max(np.abs(np.where(missing, 0, group)), axis=0, initial=0)
    return Statistics(mean, np.where(spread <= 1e-7 * largest, 0.0, spread))


def standardise(features: np.ndarray, statistics: Statistics) -> np.ndarray:
    """Return features in deviations from the mean; 0 where there is no spread."""
    mean, spread = statistics
    is_constant = spread == 0
    scaled = (features - mean) / np.where(is_constant, 1.0, spread)
    return np.where(is_constant & ~np.isnan(features), 0.0, scaled)


def pool(groups: list[Statistics], counts: list[int]) -> Statistics:
    """Return the mean of the means and the root of the mean square of the spreads.

    Each group counts once. Groups of one clip have no spread and only a mean.
    """
    mean = np.mean([group.mean for group in groups], axis=0)
    known = [
        group.spread for group, n in zip(groups, counts, strict=True) if n > 1
    ] or [np.zeros_like(mean)]
    return Statistics(mean, np.sqrt(np.mean(np.square(known), axis=0)))
