"""Whether probabilities are as often right as they say."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from sersk.evaluation import Evaluation
from sersk.metrics import reliability_curve
from sersk.plotting._drawing import entitle, legend_below, new_axes, style
from sersk.plotting._frames import (
    give_probabilities,
    predictions_of,
    probabilities_of,
    systems_of,
)

# Area of the marker of a bin that holds all clips, in square points.
_AREA = 500.0
_LEAST_AREA = 16.0


class ReliabilityDisplay:
    """Show how often answers of each confidence are right.

    On the diagonal, of the answers given with a probability of 0.7, seven in ten are
    right. Below it a system is too sure of itself, above it not sure enough. The area
    of a marker is the share of clips in its bin, and the legend holds the expected
    calibration error (ECE), the mean distance from the diagonal.

    Make it with :meth:`from_evaluation` or :meth:`from_predictions`.

    Parameters
    ----------
    curves : mapping from name to pandas.DataFrame
        What :func:`sersk.metrics.reliability_curve` returns, for each system.
    name : str, default=None
        What was evaluated, as the title.

    Attributes
    ----------
    errors_ : dict from name to float
        Expected calibration error of each system.
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    See Also
    --------
    sersk.metrics.expected_calibration_error : The ECE alone.

    Examples
    --------
    >>> from sersk.plotting import ReliabilityDisplay
    >>> display = ReliabilityDisplay.from_predictions(
    ...     ["happy", "sad"], [[0.9, 0.1], [0.4, 0.6]], ["happy", "sad"]
    ... )  # doctest: +SKIP
    """

    def __init__(
        self, curves: Mapping[Any, pd.DataFrame], *, name: str | None = None
    ) -> None:
        self.curves = curves
        self.name = name

    @classmethod
    def from_evaluation(
        cls,
        evaluation: Evaluation,
        pipelines: Any = None,
        *,
        n_bins: int = 10,
        ax: Any = None,
    ) -> "ReliabilityDisplay":
        """Draw the reliability of systems of an evaluation.

        Parameters
        ----------
        evaluation : Evaluation
            What :func:`sersk.evaluation.evaluate` returns.
        pipelines : str or sequence of str, default=None
            Names of systems; None: all that give probabilities.
        n_bins : int, default=10
            Number of bins of confidence.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own.

        Returns
        -------
        display : ReliabilityDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If there is no such system, or it gives no probabilities.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import ReliabilityDisplay
        >>> ReliabilityDisplay.from_evaluation(evaluation)  # doctest: +SKIP
        """
        names = systems_of(evaluation, pipelines)
        if pipelines is None:
            # If there is none, the first one says so.
            names = [
                name for name in names if has_probabilities(evaluation, name)
            ] or names[:1]
        curves = {
            name: reliability_curve(
                predictions_of(evaluation, name)["target"],
                give_probabilities(evaluation, name),
                classes=evaluation.classes,
                n_bins=n_bins,
            )
            for name in names
        }
        return cls(curves, name=evaluation.corpus).plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        probabilities: pd.DataFrame | ArrayLike,
        classes: Sequence,
        *,
        n_bins: int = 10,
        name: str | None = None,
        ax: Any = None,
    ) -> "ReliabilityDisplay":
        """Draw the reliability of probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_clips,)
            True labels.
        probabilities : pandas.DataFrame or array-like of shape (n_clips, n_classes)
            Probabilities of the classes; each row sums to 1.
        classes : sequence
            The classes, in the order of the columns.
        n_bins : int, default=10
            Number of bins of confidence.
        name : str, default=None
            What gave the probabilities, for the legend.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own.

        Returns
        -------
        display : ReliabilityDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            As :func:`sersk.metrics.reliability_curve`.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import ReliabilityDisplay
        >>> ReliabilityDisplay.from_predictions(
        ...     y_true, probabilities, classes
        ... )  # doctest: +SKIP
        """
        curve = reliability_curve(y_true, probabilities, classes=classes, n_bins=n_bins)
        return cls({name or "": curve}).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> "ReliabilityDisplay":
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own.

        Returns
        -------
        display : ReliabilityDisplay
            This one.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.
        """
        ax = new_axes(ax, (5.2, 5.4 + 0.2 * len(self.curves)))
        self.ax_, self.figure_ = ax, ax.figure
        (perfect,) = ax.plot([0, 1], [0, 1], color="black", linestyle="--", linewidth=1)
        handles, names, self.errors_ = [perfect], ["as sure as right"], {}
        for number, (system, curve) in enumerate(self.curves.items()):
            self.errors_[system] = _error(curve)
            handles.append(_draw(ax, curve, style(number)))
            names.append(f"{system}, ECE {self.errors_[system]:.3f}".removeprefix(", "))
        ax.set(
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
            xlabel="confidence: probability of the answer",
            ylabel="accuracy: share of answers that are right",
        )
        ax.grid(color="0.9")
        ax.set_axisbelow(True)
        entitle(ax, self.name or "", "area of a marker: share of clips in the bin")
        legend_below(ax, handles, names, 1)
        return self


def has_probabilities(evaluation: Evaluation, pipeline: str) -> bool:
    """Return whether a system of an evaluation gives probabilities."""
    own = predictions_of(evaluation, pipeline)
    return probabilities_of(own, evaluation.classes) is not None


def _draw(ax: Any, curve: pd.DataFrame, look: dict[str, Any]) -> Any:
    """Draw the bins that hold clips; return what stands for them in the legend."""
    filled = curve[curve["count"] > 0]
    areas = _AREA * filled["count"] / filled["count"].sum()
    ax.plot(filled["confidence"], filled["accuracy"], color=look["color"], zorder=2)
    ax.scatter(
        filled["confidence"],
        filled["accuracy"],
        s=areas.clip(lower=_LEAST_AREA),
        alpha=0.75,
        edgecolors="white",
        linewidths=0.5,
        zorder=3,
        # A bin may lie on the edge.
        clip_on=False,
        **look,
    )
    return ax.plot([], [], **look)[0]


def _error(curve: pd.DataFrame) -> float:
    """Return the expected calibration error of a curve."""
    filled = curve[curve["count"] > 0]
    gaps = (filled["accuracy"] - filled["confidence"]).abs()
    return float((gaps * filled["count"]).sum() / filled["count"].sum())
