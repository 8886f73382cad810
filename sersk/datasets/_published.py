"""How many clips a corpus has as published, against how many are there."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class PublishedCounts:
    """Number of clips per class and per speaker, as published."""

    per_class: Mapping[str, int]
    per_speaker: Mapping[str, int]

    @property
    def total(self) -> int:
        """Number of clips of the whole corpus."""
        return sum(self.per_class.values())


def compare_counts(
    frame: pd.DataFrame, published: PublishedCounts, *, title: str
) -> list[str]:
    """Tell what is missing; raise if there is more than was ever published.

    A partial copy is still worth loading. A surplus means copies under other names
    or foreign clips, which would enter training and test unnoticed.
    """
    wanted = {"speaker": published.per_speaker, "emotion": published.per_class}
    missing, surplus = [], []
    for column, counts in wanted.items():
        found = frame[column].value_counts().to_dict()
        for value, expected in counts.items():
            finding = f"{column} {value}: {found.get(value, 0)} of {expected} clips"
            if found.get(value, 0) > expected:
                surplus.append(finding)
            elif found.get(value, 0) < expected:
                missing.append(f"{finding}.")
    if surplus:
        raise ValueError(
            f"There are more clips than {title} has: {'; '.join(surplus)}. Remove the "
            "copies under other names or the clips that were added."
        )
    return missing
