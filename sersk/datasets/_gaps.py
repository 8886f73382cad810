"""What a scheme leaves out of a corpus, and what it looks for in vain."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from sersk.datasets._scheme import LabelScheme, Scheme
from sersk.utils import CorpusWarning, warn_user

if TYPE_CHECKING:
    from sersk.datasets._corpus import Corpus


def labels_left_out(whole: pd.DataFrame, kept: pd.DataFrame) -> frozenset[str]:
    """Return the labels of the rows that a scheme did not keep."""
    column = "label" if "label" in whole else "emotion"
    if column not in whole:
        return frozenset()
    dropped = whole.drop(index=kept.index)[column].dropna()
    return frozenset(map(str, dropped.unique()))


def labels_wanted(scheme: Scheme, labels: Collection[str]) -> frozenset[str]:
    """Return which of some labels a scheme would take; targets of numbers take all."""
    if not isinstance(scheme, LabelScheme):
        return frozenset(labels)
    classes = scheme.classify(sorted(labels))
    return frozenset(
        label
        for label, name in zip(sorted(labels), classes, strict=True)
        if pd.notna(name)
    )


def empty_classes(frame: pd.DataFrame, scheme: Scheme) -> list[str]:
    """Return the classes of a label scheme that no row is in."""
    if not isinstance(scheme, LabelScheme):
        return []
    present = set(frame["emotion"])
    return [name for name in scheme.classes if name not in present]


def warn_of_gaps(
    corpus: "Corpus", *, lost: Collection[str], gone: Collection[str]
) -> None:
    """Warn where a corpus under another scheme is not what one would think.

    `lost` are labels that the scheme wants and that are not here any more, and `gone`
    those that it leaves out.
    """
    if lost:
        warn_user(
            f"Clips of {corpus.name} with the label {_listed(lost)} belong to the "
            f"scheme {corpus.scheme.name}, but were left out when it was loaded. Load "
            f"it with scheme={corpus.scheme.name!r}.",
            CorpusWarning,
        )
        return
    empty = empty_classes(corpus.frame, corpus.scheme)
    # Part of a corpus may lack a class; words of another corpus leave labels too.
    if empty and gone and corpus.scheme.name not in _made_for(corpus):
        warn_user(
            f"No clip of {corpus.name} is in the class {_listed(empty)} of the scheme "
            f"{corpus.scheme}. Use a scheme that is made for this corpus.",
            CorpusWarning,
        )


def _made_for(corpus: "Corpus") -> tuple[str, ...]:
    """Return the names of the schemes that were made for a corpus."""
    from sersk.datasets._catalogue import FORMATS

    return next((item.schemes for item in FORMATS if item.name == corpus.name), ())


def _listed(names: Collection[str]) -> str:
    return ", ".join(map(repr, sorted(names)))
