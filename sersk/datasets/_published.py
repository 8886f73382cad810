"""How many clips a corpus has as published, against how many are there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sersk.datasets._finding import Finding
from sersk.datasets._scheme import LabelScheme, Scheme


@dataclass(frozen=True)
class PublishedCounts:
    """Number of clips per class and, where published, per value of other columns.

    `is_exact` is False where releases of the corpus differ, so that more clips than
    were counted are no sign of copies.
    """

    per_class: Mapping[str, int]
    per_speaker: Mapping[str, int] = field(default_factory=dict)
    per_session: Mapping[str, int] = field(default_factory=dict)
    is_exact: bool = True

    @property
    def total(self) -> int:
        """Number of clips of the whole corpus."""
        return sum(self.per_class.values())

    def columns(self) -> dict[str, Mapping[str, int]]:
        """Return the counts by the column of the table that they count."""
        counts = {
            "speaker": self.per_speaker,
            "session": self.per_session,
            "emotion": self.per_class,
        }
        return {column: numbers for column, numbers in counts.items() if numbers}


def derive_counts(published: PublishedCounts, scheme: Scheme) -> PublishedCounts | None:
    """Return the counts of the classes that a scheme makes of published labels.

    None where the scheme takes clips by more than their label.
    """
    if not isinstance(scheme, LabelScheme) or scheme.only:
        return None
    classes = scheme.classify(list(published.per_class))
    counts = dict.fromkeys(scheme.classes, 0)
    for number, name in zip(published.per_class.values(), classes, strict=True):
        if pd.notna(name):
            counts[name] += number
    return PublishedCounts(counts, is_exact=published.is_exact)


def compare_counts(
    frame: pd.DataFrame, published: PublishedCounts, *, title: str
) -> list[Finding]:
    """Tell what is missing; raise if there is more than was ever published.

    A partial copy is still worth loading. A surplus means copies under other names
    or foreign clips, which would enter training and test unnoticed.
    """
    missing, surplus = [], []
    for column, counts in published.columns().items():
        found = frame[column].value_counts().to_dict()
        for value, expected in counts.items():
            finding = f"{column} {value}: {found.get(value, 0)} of {expected} clips"
            if found.get(value, 0) > expected:
                surplus.append(finding)
            elif found.get(value, 0) < expected:
                missing.append(Finding("missing", f"{finding}."))
    if surplus and published.is_exact:
        raise ValueError(
            f"There are more clips than {title} has: {'; '.join(surplus)}. Remove the "
            "copies under other names or the clips that were added."
        )
    return missing + [Finding("surplus", f"{finding}.") for finding in surplus]
