"""What protocols add to a score, to be seen."""

from typing import Any

import pandas as pd

from sersk.evaluation import Optimism
from sersk.plotting._drawing import (
    MUTED,
    entitle,
    legend_below,
    name_ticks,
    new_axes,
    style,
)

_ROW = 0.62


class OptimismDisplay:
    """Show the scores of systems under protocols that flatter more and less.

    A row a protocol and a marker a system, with the 95 % interval by speaker, and how
    much more or less it is than under the speaker-disjoint protocol.

    Make it with :meth:`from_optimism`.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``frame`` of an :class:`~sersk.evaluation.Optimism`: one row a system and
        protocol, with the columns pipeline, protocol, value, low, high, gap and chance.
    name : str, default=None
        Name of the corpus, as the title.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    See Also
    --------
    sersk.evaluation.optimism_report : Compute what is drawn.

    Examples
    --------
    >>> from sersk.plotting import OptimismDisplay
    >>> OptimismDisplay.from_optimism(optimism)  # doctest: +SKIP
    """

    def __init__(self, frame: pd.DataFrame, *, name: str | None = None) -> None:
        self.frame = frame
        self.name = name

    @classmethod
    def from_optimism(cls, optimism: Optimism, *, ax: Any = None) -> "OptimismDisplay":
        """Draw an optimism report.

        Parameters
        ----------
        optimism : Optimism
            What :func:`sersk.evaluation.optimism_report` returns.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : OptimismDisplay
            With the axes as ``ax_``.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import OptimismDisplay
        >>> OptimismDisplay.from_optimism(optimism)  # doctest: +SKIP
        """
        return cls(optimism.frame, name=optimism.corpus).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> "OptimismDisplay":
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : OptimismDisplay
            This one.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.
        """
        frame = self.frame
        protocols = frame["protocol"].unique().tolist()
        systems = frame["pipeline"].unique().tolist()
        n_rows = len(protocols) * (len(systems) + 1)
        ax = new_axes(ax, (7.5, 1.8 + 0.25 * n_rows))
        self.ax_, self.figure_ = ax, ax.figure
        step = _ROW / max(len(systems), 2)
        handles: list[Any] = []
        for number, system in enumerate(systems):
            own = frame[frame["pipeline"] == system]
            shift = step * (number - (len(systems) - 1) / 2)
            rows = own["protocol"].map(protocols.index).astype(float) + shift
            handles.append(self._draw(own, rows, style(number)))
        chance = ax.axvline(
            frame["chance"].iloc[0], color="black", linestyle="--", linewidth=1
        )
        name_ticks(ax.yaxis, range(len(protocols)), protocols)
        ax.set_ylim(len(protocols) - 0.5, -0.5)
        for border in range(1, len(protocols)):
            ax.axhline(border - 0.5, color="0.9", linewidth=1)
        ax.set(xlim=(0, 1.02), xlabel="UA, 95 % interval by speaker")
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        note = "numbers: UA minus that of the speaker-disjoint protocol"
        entitle(ax, self.name or "", note)
        ncols = 2 if len(systems) > 2 else len(systems) + 1
        legend_below(ax, [*handles, chance], [*systems, "chance"], ncols)
        return self

    def _draw(self, own: pd.DataFrame, rows: pd.Series, look: dict[str, Any]) -> Any:
        """Draw one system under all protocols."""
        bars = self.ax_.errorbar(
            own["value"],
            rows,
            xerr=[own["value"] - own["low"], own["high"] - own["value"]],
            fmt=look["marker"],
            color=look["color"],
            markersize=6,
            capsize=3,
        )
        for value, high, gap, row in zip(
            own["value"], own["high"], own["gap"], rows, strict=True
        ):
            if gap:
                self.ax_.annotate(
                    f"{gap:+.2f}",
                    (max(value, high), row),
                    xytext=(6, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                    color=MUTED,
                )
        return bars
