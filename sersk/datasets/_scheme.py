"""The names of the classes and their order, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LabelScheme:
    """Name the classes of a task and fix their order.

    Every corpus has one scheme, and whatever prints or counts classes takes names
    and order from it, so that no table can swap two classes.

    Parameters
    ----------
    name : str
        Name of the scheme, such as ``"emodb"``.
    classes : tuple of str
        Names of the classes, at least two, in the order of every table.

    Raises
    ------
    ValueError
        If there are fewer than two classes, or a name is empty or occurs twice.
    TypeError
        If a name is not a str.

    See Also
    --------
    sersk.datasets.Corpus : Clips with labels of one scheme.

    Examples
    --------
    >>> from sersk.datasets import LabelScheme
    >>> scheme = LabelScheme("three", ("negative", "neutral", "positive"))
    >>> print(scheme)
    three: negative, neutral, positive
    >>> scheme.index(["positive", "negative"])
    array([2, 0])
    """

    name: str
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the names, and make a tuple of whatever sequence holds them."""
        if isinstance(self.classes, str):
            raise TypeError(f"classes must be a tuple of str, got {self.classes!r}.")
        object.__setattr__(self, "classes", tuple(self.classes))
        for label in (self.name, *self.classes):
            if not isinstance(label, str):
                raise TypeError(f"Names in a scheme must be str, got {label!r}.")
            if not label.strip():
                raise ValueError(f"Scheme {self.name!r} has an empty name.")
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise ValueError(
                f"Scheme {self.name!r} must have at least two classes of different "
                f"names, got {self.classes}."
            )

    def __str__(self) -> str:
        """Return the name and the classes on one line."""
        return f"{self.name}: {', '.join(self.classes)}"

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
