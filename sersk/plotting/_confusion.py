"""Which classes are taken for which."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.evaluation import Evaluation
from sersk.plotting._confusion_shares import share_confusion
from sersk.plotting._drawing import entitle, name_ticks, new_axes, shorten, stands_out
from sersk.plotting._frames import fold_count, predictions_of, speakers_of
from sersk.utils import import_optional

# Inches.
_CELL = 0.62
_MARGIN = 1.5
_LETTER = 0.09
_WIDEST = 11.0
_LONGEST_NAME = 24
# Points.
_SMALLEST = 5.5


class ConfusionDisplay:
    """Show what share of each class is taken for which, and how sure that is.

    Each row is a true class and sums to 100 %. The small print in a cell is the 95 %
    interval of its share: between which values it would lie for other speakers.

    Make it with :meth:`from_evaluation` or :meth:`from_predictions`.

    Parameters
    ----------
    shares : pandas.DataFrame of shape (n_classes, n_classes)
        Share of each true class, a row, taken for each class, a column; NaN in the row
        of a class without clips.
    low, high : ndarray of shape (n_classes, n_classes), default=None
        Ends of the interval of each share; NaN where there is none.
    support : pandas.Series of int, default=None
        Number of clips of each class.
    unit : str, default="speaker"
        What the intervals draw: speakers or folds.
    name : str, default=None
        What made the predictions, as the title.
    note : str, default=""
        Over what the shares are taken, under the title.

    Attributes
    ----------
    im_ : matplotlib.image.AxesImage
        The matrix.
    text_ : ndarray of matplotlib.text.Text of shape (n_classes, n_classes)
        The numbers in it; None where there are none.
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    See Also
    --------
    sersk.metrics.normalise_confusion : The shares as a table.

    Notes
    -----
    Pooled over folds, each clip counts alike, and the interval draws speakers, each
    with all clips of the class (:func:`sersk.metrics.bootstrap_interval`). Averaged
    over folds, each fold counts alike, and the interval draws folds, each with its
    share. No interval is written where there are fewer than two speakers or folds, or
    where all have the same share: it would have no width, as if other speakers could
    have no other.

    Examples
    --------
    >>> from sersk.plotting import ConfusionDisplay
    >>> y_true = ["happy", "happy", "sad", "sad"]
    >>> y_pred = ["happy", "sad", "sad", "sad"]
    >>> display = ConfusionDisplay.from_predictions(y_true, y_pred)  # doctest: +SKIP
    >>> display.figure_.savefig("confusion.png")  # doctest: +SKIP
    """

    def __init__(
        self,
        shares: pd.DataFrame,
        low: np.ndarray | None = None,
        high: np.ndarray | None = None,
        support: pd.Series | None = None,
        unit: str = "speaker",
        *,
        name: str | None = None,
        note: str = "",
    ) -> None:
        self.shares = shares
        self.low = low
        self.high = high
        self.support = support
        self.unit = unit
        self.name = name
        self.note = note

    @classmethod
    def from_evaluation(
        cls,
        evaluation: Evaluation,
        pipeline: str,
        *,
        average: str = "pooled",
        intervals: str | None = "diagonal",
        random_state: int = 0,
        ax: Any = None,
        cmap: Any = "Blues",
    ) -> "ConfusionDisplay":
        """Draw the confusion of one system of an evaluation.

        Parameters
        ----------
        evaluation : Evaluation
            What :func:`sersk.evaluation.evaluate` returns.
        pipeline : str
            Name of the system.
        average : {"pooled", "folds"}, default="pooled"
            Whether each clip or each fold counts alike; the note says which.
        intervals : {"diagonal", "all", None}, default="diagonal"
            Which cells have an interval.
        random_state : int, default=0
            Seed of the intervals.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.
        cmap : str or matplotlib.colors.Colormap, default="Blues"
            Colours, from 0 to 100 %.

        Returns
        -------
        display : ConfusionDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If there is no system of that name, or no such average or intervals.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import ConfusionDisplay
        >>> ConfusionDisplay.from_evaluation(evaluation, "mine")  # doctest: +SKIP
        """
        own = predictions_of(evaluation, pipeline)
        found = share_confusion(
            own["target"],
            own["prediction"],
            classes=evaluation.classes,
            speaker=speakers_of(own),
            fold=own["fold"],
            average=average,
            intervals=intervals,
            random_state=random_state,
        )
        averaged = "pooled over" if average == "pooled" else "mean of"
        display = cls(
            *found,
            name=f"{pipeline}, {evaluation.corpus}",
            note=f"{averaged} {fold_count(evaluation, own)}",
        )
        return display.plot(ax=ax, cmap=cmap)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        classes: Sequence | None = None,
        speaker: ArrayLike | None = None,
        fold: ArrayLike | None = None,
        average: str = "pooled",
        intervals: str | None = "diagonal",
        random_state: int = 0,
        name: str | None = None,
        ax: Any = None,
        cmap: Any = "Blues",
    ) -> "ConfusionDisplay":
        """Draw the confusion of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_clips,)
            True labels.
        y_pred : array-like of shape (n_clips,)
            Predicted labels.
        classes : sequence, default=None
            The classes, in the order of rows and columns. None: the labels that occur,
            sorted.
        speaker : array-like of shape (n_clips,), default=None
            Who speaks in each clip; None: no intervals of pooled shares.
        fold : array-like of shape (n_clips,), default=None
            The fold that tested each clip, for ``average="folds"``.
        average : {"pooled", "folds"}, default="pooled"
            Whether each clip or each fold counts alike; the note says which.
        intervals : {"diagonal", "all", None}, default="diagonal"
            Which cells have an interval.
        random_state : int, default=0
            Seed of the intervals.
        name : str, default=None
            What made the predictions, as the title.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.
        cmap : str or matplotlib.colors.Colormap, default="Blues"
            Colours, from 0 to 100 %.

        Returns
        -------
        display : ConfusionDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If the arrays differ in length, lack values or hold other labels than
            `classes`; if there is no such average or intervals; or if folds are to be
            averaged that are not given.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import ConfusionDisplay
        >>> ConfusionDisplay.from_predictions(y_true, y_pred)  # doctest: +SKIP
        """
        found = share_confusion(
            y_true,
            y_pred,
            classes=classes,
            speaker=speaker,
            fold=fold,
            average=average,
            intervals=intervals,
            random_state=random_state,
        )
        note = "pooled" if average == "pooled" else "mean of folds"
        return cls(*found, name=name, note=note).plot(ax=ax, cmap=cmap)

    def plot(self, *, ax: Any = None, cmap: Any = "Blues") -> "ConfusionDisplay":
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.
        cmap : str or matplotlib.colors.Colormap, default="Blues"
            Colours, from 0 to 100 %; grey stands for a class without clips.

        Returns
        -------
        display : ConfusionDisplay
            This one.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.
        """
        matplotlib = import_optional("matplotlib", extra="plot")
        n_classes = len(self.shares)
        side = min(_CELL * n_classes, _WIDEST)
        longest = max(len(shorten(name, _LONGEST_NAME)) for name in self.shares.index)
        margin = _MARGIN + _LETTER * longest
        self.ax_ = new_axes(ax, (side + margin, side + margin))
        self.figure_ = self.ax_.figure
        colours = matplotlib.colormaps.get_cmap(cmap).with_extremes(bad="lightgrey")
        self.im_ = self.ax_.imshow(
            np.ma.masked_invalid(self.shares.to_numpy(dtype=float)),
            cmap=colours,
            vmin=0,
            vmax=1,
            interpolation="nearest",
        )
        self._label(n_classes)
        self.text_ = self._write()
        return self

    def _label(self, n_classes: int) -> None:
        """Name rows, with their clips, and columns, and part cells by lines."""
        names = [shorten(name, _LONGEST_NAME) for name in self.shares.index]
        rows = names
        if self.support is not None:
            rows = [
                f"{name} ({n})" for name, n in zip(names, self.support, strict=True)
            ]
        size = _text_size(self.ax_, n_classes, 1.0)
        is_long = max(map(len, names)) > 7
        ax = self.ax_
        name_ticks(ax.yaxis, range(n_classes), rows, fontsize=size)
        name_ticks(ax.xaxis, range(n_classes), names, fontsize=size)
        if is_long:
            for label in ax.get_xticklabels():
                label.set(rotation=45, ha="right", rotation_mode="anchor")
        ax.set_xticks(np.arange(1, n_classes) - 0.5, minor=True)
        ax.set_yticks(np.arange(1, n_classes) - 0.5, minor=True)
        ax.grid(which="minor", color="white", linewidth=1)
        ax.tick_params(which="both", length=0)
        ax.spines[:].set_visible(False)
        clips = " (clips)" if self.support is not None else ""
        ax.set(xlabel="predicted", ylabel=f"true{clips}")
        entitle(ax, self.name or "", self._note())

    def _write(self) -> np.ndarray:
        """Write each share in a colour that stands out, and its interval below it."""
        values = self.shares.to_numpy(dtype=float)
        text = np.empty(values.shape, dtype=object)
        dark = stands_out(self.im_.to_rgba(self.im_.get_array()))
        size = _text_size(self.ax_, len(values), 1.0)
        small = _text_size(self.ax_, len(values), 0.75)
        for cell, share in np.ndenumerate(values):
            if np.isnan(share):
                continue
            row, column = cell
            options = {
                "ha": "center",
                "color": "black" if dark[cell] else "white",
                "clip_on": True,
            }
            interval = self._interval(cell)
            text[cell] = self.ax_.text(
                column,
                row - 0.12 * bool(interval),
                f"{100 * share:.0f}",
                va="center",
                fontsize=size,
                **options,
            )
            if interval:
                self.ax_.text(
                    column, row + 0.26, interval, va="center", fontsize=small, **options
                )
        return text

    def _note(self) -> str:
        """Say what the numbers are, and the small ones if there are any."""
        lines = [", ".join(filter(None, ["% of each true class", self.note]))]
        if self.low is not None and np.isfinite(self.low).any():
            lines.append(f"small print: 95 % interval by {self.unit}")
        return "\n".join(lines)

    def _interval(self, cell: tuple) -> str:
        if self.low is None or self.high is None or np.isnan(self.low[cell]):
            return ""
        return f"{100 * self.low[cell]:.0f}\N{EN DASH}{100 * self.high[cell]:.0f}"


def _text_size(ax: Any, n_classes: int, share: float) -> float:
    """Return the size of text that leaves room in a cell, in points."""
    box = ax.get_position()
    inches = ax.figure.get_size_inches()
    cell = 72 * min(box.width * inches[0], box.height * inches[1]) / n_classes
    return max(_SMALLEST, min(11.0, 0.27 * cell) * share)
