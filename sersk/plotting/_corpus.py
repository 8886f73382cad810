"""What a corpus holds, to be seen."""

from typing import Any

import numpy as np
import pandas as pd

from sersk.datasets import Corpus
from sersk.utils import import_optional

# Inches.
_CELL = 0.45
_MARGIN = 2.2
_WIDEST = 13.0
# Points.
_LARGEST_TEXT = 10.0
_SMALLEST_TEXT = 5.0


class ClassCountsDisplay:
    """Show how many clips of each class each speaker has.

    A table in colour: one row a class, one column a speaker, or a session or a corpus.
    It shows which classes are rare, who lacks one, and which speakers dominate, as
    they do in a corpus of spontaneous speech.

    Make it with :meth:`from_corpus`.

    Parameters
    ----------
    counts : pandas.DataFrame of int of shape (n_classes, n_values)
        What ``corpus.counts(by)`` returns.
    by : str, default="speaker"
        What the columns are.
    name : str, default=None
        Name of the corpus, as the title.

    Attributes
    ----------
    im_ : matplotlib.image.AxesImage
        The table.
    text_ : ndarray of matplotlib.text.Text of shape (n_classes, n_values) or None
        The numbers in it.
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    See Also
    --------
    sersk.datasets.Corpus.counts : The table of the numbers.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.plotting import ClassCountsDisplay
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> display = ClassCountsDisplay.from_corpus(corpus)  # doctest: +SKIP
    >>> display.figure_.savefig("counts.png")  # doctest: +SKIP
    """

    def __init__(
        self, counts: pd.DataFrame, *, by: str = "speaker", name: str | None = None
    ) -> None:
        self.counts = counts
        self.by = by
        self.name = name

    @classmethod
    def from_corpus(
        cls,
        corpus: Corpus,
        by: str = "speaker",
        *,
        ax: Any = None,
        cmap: Any = "Blues",
        include_values: bool | None = None,
        colorbar: bool | None = None,
    ) -> "ClassCountsDisplay":
        """Count the clips of a corpus and draw the counts.

        Parameters
        ----------
        corpus : Corpus
            What to count.
        by : str, default="speaker"
            Column of its table.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.
        cmap : str or matplotlib.colors.Colormap, default="Blues"
            Colours, from few clips to many.
        include_values : bool, default=None
            Whether to write the numbers; None: if there is room for them.
        colorbar : bool, default=None
            Whether to draw what the colours mean; None: if there are no numbers.

        Returns
        -------
        display : ClassCountsDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If the corpus has no such column.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.datasets import make_emotional_speech
        >>> from sersk.plotting import ClassCountsDisplay
        >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
        >>> ClassCountsDisplay.from_corpus(corpus, "sentence")  # doctest: +SKIP
        """
        display = cls(corpus.counts(by), by=by, name=corpus.name)
        return display.plot(
            ax=ax, cmap=cmap, include_values=include_values, colorbar=colorbar
        )

    def plot(
        self,
        *,
        ax: Any = None,
        cmap: Any = "Blues",
        include_values: bool | None = None,
        colorbar: bool | None = None,
    ) -> "ClassCountsDisplay":
        """Draw the counts.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.
        cmap : str or matplotlib.colors.Colormap, default="Blues"
            Colours, from few clips to many; grey stands for none.
        include_values : bool, default=None
            Whether to write the numbers; None: if there is room for them.
        colorbar : bool, default=None
            Whether to draw what the colours mean; None: if there are no numbers.

        Returns
        -------
        display : ClassCountsDisplay
            This one.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.
        """
        pyplot = import_optional("matplotlib.pyplot", extra="plot")
        if ax is None:
            _, ax = pyplot.subplots(
                figsize=_figure_size(*self.counts.shape), layout="constrained"
            )
        self.ax_, self.figure_ = ax, ax.figure
        numbers = self.counts.to_numpy()
        # An absent class differs from a rare one by more than a shade.
        colours = pyplot.get_cmap(cmap).with_extremes(bad="lightgrey")
        self.im_ = ax.imshow(
            np.ma.masked_equal(numbers, 0), cmap=colours, vmin=0, aspect="auto"
        )
        self._label(_text_size(ax, numbers.shape))
        size = _number_size(ax, numbers)
        if include_values is None:
            include_values = size >= _SMALLEST_TEXT
        self.text_ = self._write(numbers, size) if include_values else None
        if colorbar is None:
            colorbar = not include_values
        if colorbar:
            none = " (grey: none)" if (numbers == 0).any() else ""
            self.figure_.colorbar(self.im_, ax=ax, label=f"clips{none}")
        return self

    def _label(self, size: float) -> None:
        """Name rows and columns, and the columns that fit of many."""
        n_values = self.counts.shape[1]
        step = int(np.ceil(_SMALLEST_TEXT / size)) if size < _SMALLEST_TEXT else 1
        size = max(size, _SMALLEST_TEXT)
        shown = range(0, n_values, step)
        names = [str(self.counts.columns[index]) for index in shown]
        turned = 90 if max(map(len, names), default=0) > 3 else 0
        self.ax_.set_xticks(shown, names, rotation=turned, fontsize=size)
        self.ax_.set_yticks(range(len(self.counts)), self.counts.index)
        self.ax_.tick_params(length=0)
        self.ax_.spines[:].set_visible(False)
        self.ax_.set(xlabel=self.by, title=self.name or "")

    def _write(self, numbers: np.ndarray, size: float) -> np.ndarray:
        """Write each number in a colour that stands out."""
        text = np.empty(numbers.shape, dtype=object)
        for (row, column), number in np.ndenumerate(numbers):
            dark = number > self.im_.norm.vmax * 0.55
            text[row, column] = self.ax_.text(
                column,
                row,
                str(number),
                ha="center",
                va="center",
                color="white" if dark else "black",
                fontsize=max(size, _SMALLEST_TEXT),
            )
        return text


def _figure_size(n_classes: int, n_values: int) -> tuple[float, float]:
    width = min(max(_MARGIN + _CELL * n_values, 4.5), _WIDEST)
    return width, 1.4 + 0.4 * n_classes


def _cell_width(ax: Any, n_values: int) -> float:
    """Return how wide a column is, in points."""
    inches = ax.get_position().width * ax.figure.get_size_inches()[0]
    return 72 * inches / max(n_values, 1)


def _text_size(ax: Any, shape: tuple[int, ...]) -> float:
    return min(_LARGEST_TEXT, 0.8 * _cell_width(ax, shape[1]))


def _number_size(ax: Any, numbers: np.ndarray) -> float:
    """Return the size at which the longest number fits into a cell."""
    digits = len(str(numbers.max(initial=0)))
    width = _cell_width(ax, numbers.shape[1])
    return min(_LARGEST_TEXT, 0.8 * width / (0.6 * digits))
