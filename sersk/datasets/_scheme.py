"""The names of the classes and their order, in one place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd


class Scheme(Protocol):
    """What a corpus asks of the object that says what its target is."""

    @property
    def name(self) -> str:
        """Name of the scheme."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, or of the attributes, in the order of every table."""

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that have a target, which is set."""

    def target(self, frame: pd.DataFrame) -> np.ndarray:
        """Return y, or raise where a row has none."""

    def counts(self, frame: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
        """Count the clips of each class for each value of a column."""


@dataclass(frozen=True)
class LabelScheme:
    """Name the classes of a task, fix their order, and say which labels they merge.

    Every corpus has one scheme, and whatever prints or counts classes takes names
    and order from it, so that no table can swap two classes.

    Parameters
    ----------
    name : str
        Name of the scheme, such as ``"iemocap4-merge"``.
    classes : tuple of str
        Names of the classes, at least two, in the order of every table.
    merges : mapping of str to str, default=None
        Class of each label of a corpus. Clips whose label is not in it are left out.
        None: each class is the label of that name.
    only : mapping of str to tuple of str, default=None
        Values that columns must have, such as ``{"style": ("improvised",)}``; other
        clips are left out.

    Raises
    ------
    ValueError
        If there are fewer than two classes, a name is empty or occurs twice, or the
        labels do not lead to each of the classes and nowhere else.
    TypeError
        If a name is not a str.

    See Also
    --------
    sersk.datasets.get_scheme : One of the schemes that are built in.
    sersk.datasets.MultiLabelScheme : Several classes for one clip.

    Examples
    --------
    >>> from sersk.datasets import LabelScheme
    >>> scheme = LabelScheme("three", ("negative", "neutral", "positive"))
    >>> print(scheme)
    three: negative, neutral, positive
    >>> scheme.index(["positive", "negative"])
    array([2, 0])
    >>> print(
    ...     LabelScheme("two", ("good", "bad"), {"happy": "good", "sad": "bad"})
    ... )
    two: good (happy), bad (sad)
    """

    name: str
    classes: tuple[str, ...]
    merges: Mapping[str, str] | None = field(default=None, hash=False)
    only: Mapping[str, tuple[str, ...]] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        """Check the names, and take copies of whatever holds them."""
        object.__setattr__(self, "classes", check_names(self.name, self.classes, 2))
        if self.only is not None:
            object.__setattr__(self, "only", _check_limits(self.only))
        if self.merges is None:
            return
        if not isinstance(self.merges, Mapping):
            raise TypeError(f"merges must map labels to classes, got {self.merges!r}.")
        object.__setattr__(self, "merges", dict(self.merges))
        if set(self.merges.values()) != set(self.classes):
            raise ValueError(
                f"The labels of scheme {self.name!r} lead to "
                f"{sorted(set(self.merges.values()))}, and its classes are "
                f"{sorted(self.classes)}. Every class needs a label, and every label "
                "a class."
            )

    def __str__(self) -> str:
        """Return name, classes, what they merge, and what is left out, on one line."""
        classes = [self._describe(name) for name in self.classes]
        limits = [
            f"only {column} {' or '.join(values)}"
            for column, values in (self.only or {}).items()
        ]
        return "; ".join([f"{self.name}: {', '.join(classes)}", *limits])

    def index(self, labels: Sequence[str]) -> np.ndarray:
        """Return the number of each label's class.

        Parameters
        ----------
        labels : sequence of str of length n_clips
            Names of classes.

        Returns
        -------
        numbers : ndarray of int of shape (n_clips,)
            Positions in ``classes``.

        Raises
        ------
        ValueError
            If a label is not a class of the scheme.
        """
        numbers = {label: number for number, label in enumerate(self.classes)}
        unknown = sorted({str(label) for label in labels if label not in numbers})
        if unknown:
            raise ValueError(
                f"{', '.join(map(repr, unknown))} is no class of the scheme {self}. "
                "Correct the labels or use the scheme they come from."
            )
        return np.array([numbers[label] for label in labels], dtype=np.int64)

    def classify(self, labels: Sequence[str] | pd.Series) -> pd.Series:
        """Return the class of each label of a corpus, missing where it has none.

        Parameters
        ----------
        labels : sequence of str of length n_clips
            Labels as the corpus has them.

        Returns
        -------
        classes : pandas.Series of length n_clips
            With the index of `labels`, if they have one.

        Examples
        --------
        >>> from sersk.datasets import get_scheme
        >>> get_scheme("iemocap4-merge").classify(["excited", "frustrated"]).tolist()
        ['happy', nan]
        """
        return pd.Series(labels, dtype=object).map(self._merges())

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that belong to a class, with the class as ``emotion``.

        Parameters
        ----------
        frame : pandas.DataFrame
            Table with the labels of a corpus as ``label``, or else as ``emotion``.

        Returns
        -------
        frame : pandas.DataFrame
            The rows that are left, with the index that they had.

        Raises
        ------
        ValueError
            If no row is left, or a column that is needed is not there.
        """
        source = "label" if "label" in frame else "emotion"
        emotion = self.classify(column_of(frame, source, self))
        kept = emotion.notna()
        for column, values in (self.only or {}).items():
            kept &= column_of(frame, column, self).isin(values)
        if not kept.any():
            found = ", ".join(sorted({repr(label) for label in frame[source]}))
            raise ValueError(
                f"No clip is in the scheme {self}. The labels are {found}."
            )
        frame = frame[kept].copy()
        if "emotion" in frame:
            return frame.assign(emotion=emotion)
        at = frame.columns.tolist().index(source)
        frame.insert(at, "emotion", emotion[kept])
        return frame

    def target(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the class of each row.

        Parameters
        ----------
        frame : pandas.DataFrame of n_clips rows
            Table with a column ``emotion``.

        Returns
        -------
        target : ndarray of str of shape (n_clips,)
            Names of classes.

        Raises
        ------
        ValueError
            If there is no such column, or a label that is no class.
        """
        if "emotion" not in frame:
            raise ValueError(
                "The frame has no column 'emotion'. Rename the column that holds the "
                "label."
            )
        known = frame["emotion"].isin(self.classes).to_numpy()
        if not known.all():
            row = int(np.argmin(known))
            raise ValueError(
                f"Row {row} of the frame has the label {frame['emotion'].iloc[row]!r}, "
                f"which is no class of the scheme {self}. Correct the label, drop the "
                "row, or pass the scheme it comes from."
            )
        return np.array(frame["emotion"].tolist(), dtype=str)

    def counts(self, frame: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
        """Count the clips of each class for each value of a column.

        Parameters
        ----------
        frame : pandas.DataFrame of n_clips rows
            Table with a column ``emotion``.
        by : pandas.Series of n_clips
            The column.

        Returns
        -------
        counts : pandas.DataFrame of shape (n_classes, n_values)
            One row a class, in the order of the scheme.
        """
        classes = pd.Index(self.classes, name="emotion")
        counts = pd.crosstab(frame["emotion"], by).reindex(classes, fill_value=0)
        if set(counts.columns) <= set(self.classes):
            # Of the classes themselves: in their order, not in that of the alphabet.
            present = [name for name in self.classes if name in counts]
            counts = counts.reindex(columns=pd.Index(present, name=by.name))
        return counts

    def _merges(self) -> Mapping[str, str]:
        if self.merges is None:
            return {name: name for name in self.classes}
        return self.merges

    def _describe(self, name: str) -> str:
        labels = [label for label, merged in self._merges().items() if merged == name]
        return name if labels == [name] else f"{name} ({' + '.join(labels)})"


def _check_limits(only: Any) -> dict[str, tuple]:
    """Return the values that columns may have, or raise unless they are given so."""
    if not isinstance(only, Mapping):
        raise TypeError(f"only must map columns to values, got {only!r}.")
    for column, values in only.items():
        if isinstance(values, str) or not isinstance(values, (list, tuple, set)):
            raise TypeError(
                f"only[{column!r}] must be a tuple of values, got {values!r}."
            )
    return {column: tuple(values) for column, values in only.items()}


def check_names(scheme: Any, names: Any, n_least: int) -> tuple[str, ...]:
    """Return names as a tuple, or raise unless they can name classes."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise TypeError(f"classes must be a tuple of str, got {names!r}.")
    names = tuple(names)
    for name in (scheme, *names):
        if not isinstance(name, str):
            raise TypeError(f"Names in a scheme must be str, got {name!r}.")
        if not name.strip():
            raise ValueError(f"Scheme {scheme!r} has an empty name.")
    if len(names) < n_least or len(set(names)) < len(names):
        wanted = {1: "one class", 2: "two classes"}[n_least]
        raise ValueError(
            f"Scheme {scheme!r} must have at least {wanted} of different names, got "
            f"{names}."
        )
    return names


def column_of(frame: pd.DataFrame, name: str, scheme: Scheme) -> pd.Series:
    """Return a column that a scheme needs, or say that it is not there."""
    if name not in frame:
        raise ValueError(
            f"The scheme {scheme} needs a column {name!r}, and there are "
            f"{', '.join(map(repr, frame.columns))}."
        )
    return frame[name]
