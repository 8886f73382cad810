"""How well a system does on each speaker."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from sersk.evaluation import Evaluation
from sersk.metrics import scores_by_group, unweighted_accuracy
from sersk.plotting._drawing import (
    MUTED,
    entitle,
    legend_below,
    name_ticks,
    new_axes,
    shorten,
    style,
)
from sersk.plotting._frames import speaker_scores, systems_of

_CONFIDENCE = 0.95
_WORDS = {
    "ccc": "CCC",
    "unweighted_accuracy": "UA",
    "weighted_accuracy": "WA",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
}
# Of the height of a row: where dots may lie above its middle, and the mean below.
_BAND = 0.32
_MEAN = 0.36


class SpeakerScoresDisplay:
    r"""Show the score of every speaker, and how sure their mean is.

    A row a system and a dot a speaker, with the mean and its 95 % interval under them.
    The lowest dot bears the speaker's name: the mean hides whom a system fails.

    Make it with :meth:`from_evaluation` or :meth:`from_predictions`.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (n_speakers, n_systems)
        Score of each speaker, the index, under each system, a column; NaN where a
        system has none of a speaker.
    metric_name : str, default="UA"
        What the scores are.
    chance : float, default=None
        Score of guessing, as a line.
    name : str, default=None
        What was evaluated, as the title.

    Attributes
    ----------
    means_ : pandas.DataFrame
        One row a system, with the columns n (speakers), mean, low and high.
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    See Also
    --------
    sersk.metrics.scores_by_group : The scores as a table.
    sersk.metrics.compare_systems : Whether two systems differ.

    Notes
    -----
    The interval of the mean :math:`m` of :math:`n` speakers with standard deviation
    :math:`s` is :math:`m \pm t_{n - 1} s / \sqrt{n}`, with Student's quantile.
    Intervals of two systems that overlap do not say that the two are equal: the same
    speakers are easy or hard for both.

    Examples
    --------
    >>> from sersk.plotting import SpeakerScoresDisplay
    >>> y_true, speaker = ["happy", "sad"] * 3, ["a", "a", "b", "b", "c", "c"]
    >>> display = SpeakerScoresDisplay.from_predictions(
    ...     y_true, {"mine": ["happy", "sad", "sad", "sad", "happy", "sad"]}, speaker
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scores: pd.DataFrame,
        *,
        metric_name: str = "UA",
        chance: float | None = None,
        name: str | None = None,
    ) -> None:
        self.scores = scores
        self.metric_name = metric_name
        self.chance = chance
        self.name = name

    @classmethod
    def from_evaluation(
        cls,
        evaluation: Evaluation,
        pipelines: Any = None,
        *,
        metric: str = "unweighted_accuracy",
        ax: Any = None,
    ) -> "SpeakerScoresDisplay":
        """Draw the scores by speaker of an evaluation.

        Parameters
        ----------
        evaluation : Evaluation
            What :func:`sersk.evaluation.evaluate` returns.
        pipelines : str or sequence of str, default=None
            Names of systems; None: all.
        metric : str, default="unweighted_accuracy"
            Column of ``evaluation.speakers``.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : SpeakerScoresDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If there is no such system or metric, or speakers are not known.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import SpeakerScoresDisplay
        >>> SpeakerScoresDisplay.from_evaluation(evaluation)  # doctest: +SKIP
        """
        names = systems_of(evaluation, pipelines)
        scores = speaker_scores(evaluation, metric)[names]
        chance = None
        if metric == "unweighted_accuracy":
            chance = 1.0 / evaluation.predictions["target"].nunique()
        word = _WORDS.get(metric, metric)
        display = cls(scores, metric_name=word, chance=chance, name=evaluation.corpus)
        return display.plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        predictions: Mapping[Any, ArrayLike],
        speaker: ArrayLike,
        *,
        metric: Any = unweighted_accuracy,
        chance: float | None = None,
        name: str | None = None,
        ax: Any = None,
    ) -> "SpeakerScoresDisplay":
        """Draw the scores by speaker of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_clips,)
            True labels or degrees.
        predictions : mapping from name to array-like of shape (n_clips,)
            The predictions of each system.
        speaker : array-like of shape (n_clips,)
            Who speaks in each clip.
        metric : callable, default=unweighted_accuracy
            From (y_true, y_pred) to a number.
        chance : float, default=None
            Score of guessing, as a line.
        name : str, default=None
            What was evaluated, as the title.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : SpeakerScoresDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If the arrays differ in length or lack values, or there is no system.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import SpeakerScoresDisplay
        >>> SpeakerScoresDisplay.from_predictions(
        ...     y_true, {"mine": y_pred}, speaker
        ... )  # doctest: +SKIP
        """
        if not predictions:
            raise ValueError("predictions hold no system.")
        columns = {
            system: scores_by_group(y_true, y_pred, speaker, metric=metric)["value"]
            for system, y_pred in predictions.items()
        }
        scores = pd.DataFrame(columns).rename_axis(index="speaker")
        word = getattr(metric, "__name__", "score")
        display = cls(
            scores, metric_name=_WORDS.get(word, word), chance=chance, name=name
        )
        return display.plot(ax=ax)

    def plot(self, *, ax: Any = None) -> "SpeakerScoresDisplay":
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own, of a size that fits.

        Returns
        -------
        display : SpeakerScoresDisplay
            This one.

        Raises
        ------
        MissingDependencyError
            If matplotlib is not installed.
        """
        n_systems = self.scores.shape[1]
        ax = new_axes(ax, (7.0, 1.7 + 0.75 * n_systems))
        self.ax_, self.figure_ = ax, ax.figure
        self.means_ = pd.DataFrame(
            [_mean_interval(self.scores[system].dropna()) for system in self.scores],
            index=self.scores.columns,
        )
        for row, system in enumerate(self.scores):
            self._draw(row, self.scores[system].dropna())
        handles = self._explain()
        name_ticks(ax.yaxis, range(n_systems), self.scores.columns)
        # The first system on top.
        ax.set_ylim(n_systems - 0.45, -0.55)
        _spread_axis(ax, self.scores.to_numpy(dtype=float))
        ax.grid(axis="x", color="0.9")
        ax.set_axisbelow(True)
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.set_xlabel(f"{self.metric_name} of a speaker")
        entitle(ax, self.name or "", f"{len(self.scores)} speakers")
        legend_below(ax, list(handles.values()), handles, len(handles))
        return self

    def _draw(self, row: int, scores: pd.Series) -> None:
        """Draw the dots of one system, and their mean under them."""
        if scores.empty:
            return
        look = style(row)
        heights = row - _stack(scores.to_numpy(dtype=float))
        self.ax_.scatter(
            scores, heights, s=26, alpha=0.65, linewidths=0, color=look["color"]
        )
        lowest = int(np.argmin(scores))
        self.ax_.annotate(
            shorten(scores.index[lowest], 16),
            (scores.iloc[lowest], heights[lowest]),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=7,
            color=MUTED,
            parse_math=False,
        )
        mean = self.means_.iloc[row]
        reach = np.nan_to_num(
            [[mean["mean"] - mean["low"]], [mean["high"] - mean["mean"]]]
        )
        self.ax_.errorbar(
            mean["mean"],
            row + _MEAN,
            xerr=reach,
            fmt="D",
            markersize=4,
            capsize=4,
            color=look["color"],
        )

    def _explain(self) -> dict[str, Any]:
        """Return what the legend explains, after drawing the line of chance."""
        options = {"color": MUTED, "linestyle": "none"}
        (dot,) = self.ax_.plot([], [], marker="o", markersize=5, **options)
        mean = self.ax_.errorbar(
            [], [], xerr=[], fmt="D", markersize=5, capsize=3, color=MUTED
        )
        handles: dict[str, Any] = {"a speaker": dot, "mean, 95 % interval": mean}
        if self.chance is not None:
            # Behind the dots, of which it would hide those by chance.
            line = self.ax_.axvline(
                self.chance, color="black", linestyle="--", linewidth=1, zorder=0.9
            )
            handles["chance"] = line
        return handles


def _mean_interval(scores: pd.Series) -> dict[str, float]:
    """Return mean and interval; a single speaker tells nothing of others."""
    n = len(scores)
    mean = float(scores.mean()) if n else np.nan
    if n < 2:
        return {"n": n, "mean": mean, "low": np.nan, "high": np.nan}
    reach = float(scores.std() / np.sqrt(n) * stdtrit(n - 1, (1 + _CONFIDENCE) / 2))
    return {"n": n, "mean": mean, "low": mean - reach, "high": mean + reach}


def _stack(values: np.ndarray, width: float = 0.014) -> np.ndarray:
    """Return a height for each value, so that values close together lie apart."""
    bins = np.round(values / width).astype(int)
    heights = np.zeros(len(values))
    highest = np.bincount(bins - bins.min()).max()
    step = min(0.11, 2 * _BAND / max(highest - 1, 1))
    for place in np.unique(bins):
        inside = np.flatnonzero(bins == place)
        # 0, 1, -1, 2, -2 and so on.
        ranks = np.arange(len(inside))
        heights[inside] = step * np.where(ranks % 2, (ranks + 1) // 2, -(ranks // 2))
    return heights


def _spread_axis(ax: Any, values: np.ndarray) -> None:
    """Show all of 0 to 1, where scores are shares."""
    known = values[np.isfinite(values)]
    if known.size and known.min() >= 0 and known.max() <= 1:
        ax.set_xlim(-0.02, 1.02)
