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
_SMALLEST_NAME = 5.5
_SMALLEST_NUMBER = 6.5
# Width of a digit, or of the average letter, against the size of the text.
_DIGIT = 0.62
# Weights of red, green and blue in how bright a colour looks.
_BRIGHTNESS = (0.299, 0.587, 0.114)


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
            np.ma.masked_equal(numbers, 0),
            cmap=colours,
            vmin=0,
            aspect="auto",
            # Or many narrow columns would run into one another.
            interpolation="nearest",
        )
        width = _cell_width(ax, numbers.shape[1])
        self._label(width)
        size = _number_size(numbers, width)
        if include_values is None:
            include_values = size >= _SMALLEST_NUMBER
        self.text_ = self._write(numbers, size) if include_values else None
        if colorbar is None:
            colorbar = not include_values
        if colorbar:
            none = " (grey: none)" if (numbers == 0).any() else ""
            ticker = import_optional("matplotlib.ticker", extra="plot")
            self.figure_.colorbar(
                self.im_,
                ax=ax,
                pad=0.02,
                label=f"clips{none}",
                ticks=ticker.MaxNLocator(integer=True),
            )
        return self

    def _label(self, width: float) -> None:
        """Name rows and columns, of many columns some, and part them by lines."""
        n_classes, n_values = self.counts.shape
        size = min(_LARGEST_TEXT, 0.8 * width)
        step = 1
        if size < _SMALLEST_NAME:
            size = 7.0
            step = int(np.ceil(2 * size / width))
        names = self.counts.columns[::step].astype(str)
        fits = max(map(len, names)) * _DIGIT * size < step * width
        ax = self.ax_
        ax.set_xticks(range(0, n_values, step), names, fontsize=size)
        ax.tick_params(axis="x", rotation=0 if fits else 90)
        ax.set_yticks(range(n_classes), self.counts.index)
        ax.set_xticks(np.arange(1, n_values) - 0.5, minor=True)
        ax.set_yticks(np.arange(1, n_classes) - 0.5, minor=True)
        ax.grid(which="minor", color="white", linewidth=min(1.0, width / 10))
        ax.tick_params(which="both", length=0)
        ax.spines[:].set_visible(False)
        ax.set(xlabel=self.by, ylabel="", title=self.name or "")

    def _write(self, numbers: np.ndarray, size: float) -> np.ndarray:
        """Write each number in a colour that stands out."""
        text = np.empty(numbers.shape, dtype=object)
        colours = self.im_.to_rgba(self.im_.get_array())
        bright = colours[..., :3] @ _BRIGHTNESS > 0.5
        for (row, column), number in np.ndenumerate(numbers):
            text[row, column] = self.ax_.text(
                column,
                row,
                str(number),
                ha="center",
                va="center",
                color="black" if bright[row, column] else "white",
                fontsize=max(size, _SMALLEST_NUMBER),
            )
        return text


def _figure_size(n_classes: int, n_values: int) -> tuple[float, float]:
    width = min(max(_MARGIN + _CELL * n_values, 4.5), _WIDEST)
    return width, 1.4 + 0.4 * n_classes


def _cell_width(ax: Any, n_values: int) -> float:
    """Return how wide a column is, in points."""
    inches = ax.get_position().width * ax.figure.get_size_inches()[0]
    return 72 * inches / max(n_values, 1)


def _number_size(numbers: np.ndarray, width: float) -> float:
    """Return the size at which the longest number fits into a cell."""
    digits = len(str(numbers.max(initial=0)))
    return min(_LARGEST_TEXT, 0.8 * width / (_DIGIT * digits))
