"""Targets that are not one class a clip: several classes, or continuous attributes."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from sersk.datasets._scheme import Scheme, check_names, column_of


@dataclass(frozen=True)
class MultiLabelScheme:
    """Say which classes a clip shows, of which it may show several or none.

    Parameters
    ----------
    name : str
        Name of the scheme, such as ``"mosei-multilabel"``.
    classes : tuple of str
        Names of the classes, each the name of the column that holds how much of it a
        clip shows.
    threshold : float, default=0.0
        A clip shows a class if the value is above.

    Raises
    ------
    ValueError
        If there are fewer than two classes, or a name is empty or occurs twice.

    See Also
    --------
    sersk.datasets.LabelScheme : One class for each clip.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.datasets import MultiLabelScheme
    >>> scheme = MultiLabelScheme("both", ("happy", "sad"))
    >>> scheme.target(pd.DataFrame({"happy": [1.0, 0.0], "sad": [0.3, 0.0]}))
    array([[1, 1],
           [0, 0]])
    """

    name: str
    classes: tuple[str, ...]
    threshold: float = 0.0

    def __post_init__(self) -> None:
        """Check the names, and make a tuple of whatever sequence holds them."""
        object.__setattr__(self, "classes", check_names(self.name, self.classes, 2))
        if not (isinstance(self.threshold, Real) and math.isfinite(self.threshold)):
            raise ValueError(f"threshold must be a number, got {self.threshold!r}.")

    def __str__(self) -> str:
        """Return name, classes and threshold on one line."""
        classes = ", ".join(self.classes)
        return f"{self.name}: any of {classes}; each where above {self.threshold:g}"

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that have a value for every class.

        Parameters
        ----------
        frame : pandas.DataFrame
            Table with a column for each class.

        Returns
        -------
        frame : pandas.DataFrame
            The rows that are left, with the index that they had.

        Raises
        ------
        ValueError
            If no row is left, or a column is not there.
        """
        return _with_values(frame, self)

    def target(self, frame: pd.DataFrame) -> np.ndarray:
        """Return which classes each row shows.

        Parameters
        ----------
        frame : pandas.DataFrame of n_clips rows
            Table with a column for each class.

        Returns
        -------
        target : ndarray of int of shape (n_clips, n_classes)
            1 where a clip shows a class, and else 0.

        Raises
        ------
        ValueError
            If a column is not there, or a value is missing.
        """
        return (_values(frame, self) > self.threshold).astype(np.int64)

    def counts(self, frame: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
        """Count the clips that show each class for each value of a column.

        Parameters
        ----------
        frame : pandas.DataFrame of n_clips rows
            Table with a column for each class.
        by : pandas.Series of n_clips
            The column.

        Returns
        -------
        counts : pandas.DataFrame of shape (n_classes, n_values)
            One row a class, in the order of the scheme. A clip counts for each class
            that it shows.
        """
        classes = pd.Index(self.classes, name="emotion")
        shown = pd.DataFrame(self.target(frame), columns=classes, index=frame.index)
        return shown.groupby(by).sum().T


@dataclass(frozen=True)
class AttributeScheme:
    """Say which continuous attributes of a clip are its target.

    Parameters
    ----------
    name : str
        Name of the scheme, such as ``"msp-podcast-attributes"``.
    attributes : tuple of str, default=("arousal", "valence", "dominance")
        Names of the columns that hold them, in the order of the target.

    Raises
    ------
    ValueError
        If there is no attribute, or a name is empty or occurs twice.

    See Also
    --------
    sersk.datasets.LabelScheme : One class for each clip.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.datasets import AttributeScheme
    >>> scheme = AttributeScheme("one", ("valence",))
    >>> scheme.target(pd.DataFrame({"valence": [2.5, 4.0]}))
    array([2.5, 4. ])
    """

    name: str
    attributes: tuple[str, ...] = ("arousal", "valence", "dominance")

    def __post_init__(self) -> None:
        """Check the names, and make a tuple of whatever sequence holds them."""
        names = check_names(self.name, self.attributes, 1)
        object.__setattr__(self, "attributes", names)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the attributes, in the order of every table."""
        return self.attributes

    def __str__(self) -> str:
        """Return name and attributes on one line."""
        return f"{self.name}: {', '.join(self.attributes)} (continuous)"

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that have a value for every attribute.

        Parameters
        ----------
        frame : pandas.DataFrame
            Table with a column for each attribute.

        Returns
        -------
        frame : pandas.DataFrame
            The rows that are left, with the index that they had.

        Raises
        ------
        ValueError
            If no row is left, or a column is not there.
        """
        return _with_values(frame, self)

    def target(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the attributes of each row.

        Parameters
        ----------
        frame : pandas.DataFrame of n_clips rows
            Table with a column for each attribute.

        Returns
        -------
        target : ndarray of float of shape (n_clips,) or (n_clips, n_attributes)
            In the range that the corpus has; one-dimensional for one attribute.

        Raises
        ------
        ValueError
            If a column is not there, or a value is missing.
        """
        values = _values(frame, self)
        return values[:, 0] if len(self.attributes) == 1 else values

    def counts(self, frame: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
        """Count the clips that have each attribute for each value of a column.

        Parameters
        ----------
        frame : pandas.DataFrame of n_clips rows
            Table with a column for each attribute.
        by : pandas.Series of n_clips
            The column.

        Returns
        -------
        counts : pandas.DataFrame of shape (n_attributes, n_values)
            One row an attribute.
        """
        names = pd.Index(self.attributes, name="attribute")
        return frame[list(names)].notna().groupby(by).sum().T.set_axis(names)


def _with_values(frame: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    columns = pd.concat(
        [column_of(frame, name, scheme) for name in scheme.classes], axis=1
    )
    kept = columns.notna().all(axis=1)
    if not kept.any():
        raise ValueError(
            f"No clip has a value for each of {', '.join(scheme.classes)}."
        )
    return frame[kept]


def _values(frame: pd.DataFrame, scheme: Scheme) -> np.ndarray:
    columns = [column_of(frame, name, scheme) for name in scheme.classes]
    values = np.column_stack([_as_numbers(column) for column in columns])
    gaps = np.isnan(values).any(axis=1)
    if gaps.any():
        raise ValueError(
            f"Row {int(np.argmax(gaps))} of the frame has no value for each of "
            f"{', '.join(scheme.classes)}. Drop the row, or use "
            "Corpus.with_scheme, which does."
        )
    return values


def _as_numbers(column: pd.Series) -> np.ndarray:
    try:
        return column.to_numpy(dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"The column {column.name!r} holds what is no number ({error}). Use a "
            "scheme for labels, or correct the table."
        ) from error
