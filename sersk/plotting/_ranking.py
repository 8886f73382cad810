"""Systems on a line of ranks, with bars over those that cannot be told apart."""

from typing import Any

import numpy as np
import pandas as pd

from sersk.evaluation import Evaluation
from sersk.metrics import CriticalDifference, critical_difference
from sersk.plotting._drawing import MUTED, entitle, new_axes, shorten
from sersk.plotting._frames import complete_systems, speaker_scores, systems_of

# Heights, in rows of text below the line of ranks.
_BAR = 0.32
_FIRST_NAME = 0.9


class CriticalDifferenceDisplay:
    """Show mean ranks of systems, and which of them cannot be told apart.

    The best rank, 1, is on the left. A bar joins systems of which no two differ; the
    bar on top shows by how much ranks have to differ (Demšar's diagram [1]_).

    Make it with :meth:`from_scores` or :meth:`from_evaluation`, or of the result of
    :func:`sersk.metrics.critical_difference`.

    Parameters
    ----------
    result : CriticalDifference
        What :func:`sersk.metrics.critical_difference` returns.
    name : str, default=None
        What was ranked, as the title.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    References
    ----------
    .. [1] J. Demšar, "Statistical comparisons of classifiers over multiple data sets",
       Journal of Machine Learning Research 7, 2006, pp. 1-30.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.plotting import CriticalDifferenceDisplay
    >>> scores = pd.DataFrame(
    ...     {"A": [0.9, 0.8, 0.9, 0.7], "B": [0.8, 0.7, 0.8, 0.8], "C": [0.3] * 4}
    ... )
    >>> CriticalDifferenceDisplay.from_scores(scores)  # doctest: +SKIP
    """

    def __init__(self, result: CriticalDifference, *, name: str | None = None) -> None:
        self.result = result
        self.name = name

    @classmethod
    def from_scores(
        cls,
        scores: pd.DataFrame,
        *,
        alpha: float = 0.05,
        name: str | None = None,
        ax: Any = None,
    ) -> "CriticalDifferenceDisplay":
        """Rank systems and draw their ranks.

        Parameters
        ----------
        scores : pandas.DataFrame of shape (n_units, n_systems)
            Score of each system, a column, for each speaker or corpus, a row.
        alpha : float, default=0.05
            Probability of finding a difference where there is none.
        name : str, default=None
            What was ranked, as the title.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : CriticalDifferenceDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If there are fewer than three systems or two units, or a score is missing.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import CriticalDifferenceDisplay
        >>> CriticalDifferenceDisplay.from_scores(scores)  # doctest: +SKIP
        """
        return cls(critical_difference(scores, alpha=alpha), name=name).plot(ax=ax)

    @classmethod
    def from_evaluation(
        cls,
        evaluation: Evaluation,
        pipelines: Any = None,
        *,
        metric: str = "unweighted_accuracy",
        alpha: float = 0.05,
        ax: Any = None,
    ) -> "CriticalDifferenceDisplay":
        """Rank the systems of an evaluation over its speakers and draw their ranks.

        Parameters
        ----------
        evaluation : Evaluation
            What :func:`sersk.evaluation.evaluate` returns.
        pipelines : sequence of str, default=None
            Names of three or more systems; None: all that predicted every clip.
        metric : str, default="unweighted_accuracy"
            Column of ``evaluation.speakers``.
        alpha : float, default=0.05
            Probability of finding a difference where there is none.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : CriticalDifferenceDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If there are fewer than three systems or two speakers, there is no such
            metric, or a system lacks a speaker.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import CriticalDifferenceDisplay
        >>> CriticalDifferenceDisplay.from_evaluation(evaluation)  # doctest: +SKIP
        """
        if pipelines is None:
            names = complete_systems(evaluation)
        else:
            names = systems_of(evaluation, pipelines)
        scores = speaker_scores(evaluation, metric)[names]
        name = f"{evaluation.corpus}, {len(scores)} speakers"
        return cls.from_scores(scores, alpha=alpha, name=name, ax=ax)

    def plot(self, *, ax: Any = None) -> "CriticalDifferenceDisplay":
        """Draw the ranks.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : CriticalDifferenceDisplay
            This one.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.
        """
        ranks, groups = self.result.ranks, self.result.groups
        n_systems = len(ranks)
        n_rows = (n_systems + 1) // 2
        depth = _BAR * (len(groups) + 1) + _FIRST_NAME + n_rows
        ax = new_axes(ax, (8.0, 1.6 + 0.27 * depth))
        self.ax_, self.figure_ = ax, ax.figure
        self._draw_line(n_systems)
        for number, group in enumerate(groups):
            height = _BAR * (number + 1.2)
            ends = ranks[list(group)].iloc[[0, -1]] + np.array([-0.03, 0.03])
            ax.plot(ends, [height] * 2, color=MUTED, linewidth=4, zorder=3)
        below = _BAR * (len(groups) + 1) + _FIRST_NAME
        for place, (system, rank) in enumerate(ranks.items()):
            is_left = place < n_rows
            row = place if is_left else n_systems - 1 - place
            self._name(system, float(rank), below + row, n_systems, is_left)
        # Names stand outside of the ranks, on both sides.
        margin = 0.75 * (n_systems - 1)
        ax.set_xlim(1 - margin, n_systems + margin)
        ax.set_ylim(depth, -2.0)
        ax.set_axis_off()
        entitle(ax, self.name or "", f"mean rank; Friedman's {_p(self.result.p_value)}")
        return self

    def _draw_line(self, n_systems: int) -> None:
        """Draw the line of ranks, and the critical difference above it."""
        ax, distance = self.ax_, self.result.critical_difference
        ax.plot([1, n_systems], [0, 0], color="black", linewidth=1)
        for rank in range(1, n_systems + 1):
            ax.plot([rank] * 2, [0, -0.25], color="black", linewidth=1)
            ax.text(rank, -0.35, str(rank), ha="center", va="bottom", fontsize=9)
        ends = [1, 1 + distance]
        ax.plot(ends, [-1.5] * 2, color=MUTED, linewidth=1.5, marker="|")
        ax.text(
            1 + distance + 0.03 * n_systems,
            -1.5,
            f"critical difference {distance:.2f}",
            ha="left",
            va="center",
            fontsize=9,
            color=MUTED,
        )

    def _name(
        self, system: Any, rank: float, height: float, n_systems: int, is_left: bool
    ) -> None:
        """Draw the line from a rank to the name of its system."""
        side = 1 - 0.08 * (n_systems - 1) if is_left else 1 + 1.08 * (n_systems - 1)
        self.ax_.plot(
            [rank, rank, side], [0, height, height], color="black", linewidth=0.8
        )
        self.ax_.annotate(
            f"{shorten(system, 30)}  {rank:.2f}"
            if is_left
            else f"{rank:.2f}  {shorten(system, 30)}",
            (side, height),
            xytext=(-4 if is_left else 4, 0),
            textcoords="offset points",
            ha="right" if is_left else "left",
            va="center",
            fontsize=9,
            parse_math=False,
        )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
