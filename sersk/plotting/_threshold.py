"""What a threshold trades against what."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersk.evaluation import Evaluation
from sersk.metrics import threshold_sweep
from sersk.plotting._drawing import add_legend, entitle, new_axes, style
from sersk.plotting._frames import give_probabilities, predictions_of

_SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
_N_STEPS = 101


class ThresholdDisplay:
    """Show precision, recall and F1 of a label over the threshold of its score.

    Make it with :meth:`from_evaluation` or :meth:`from_predictions`, or of a table of
    :func:`sersk.metrics.threshold_sweep`.

    Parameters
    ----------
    sweep : pandas.DataFrame
        What :func:`sersk.metrics.threshold_sweep` returns.
    label : hashable, default="macro avg"
        A label, or one of the averages of the table.
    chosen : float, default=None
        The threshold that is used, as a line.
    name : str, default=None
        What gave the scores, as the title.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        Where it is drawn.
    figure_ : matplotlib.figure.Figure
        The figure of it.

    See Also
    --------
    sersk.metrics.tune_thresholds : Choose thresholds.

    Notes
    -----
    The highest point of a curve over test clips is no result: it is the best of many
    thresholds on the clips that it is measured on. Choose a threshold on validation
    clips and pass it as `chosen`.

    Where a curve is dotted, a 0 stands for what is not defined, or is averaged into it:
    the precision of a label that no clip got any more.

    Examples
    --------
    >>> from sersk.plotting import ThresholdDisplay
    >>> y_true, scores = [[1], [1], [0]], [[0.9], [0.4], [0.2]]
    >>> display = ThresholdDisplay.from_predictions(
    ...     y_true, scores, classes=["happy"], label="happy", chosen=0.3
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        sweep: pd.DataFrame,
        *,
        label: Hashable = "macro avg",
        chosen: float | None = None,
        name: str | None = None,
    ) -> None:
        self.sweep = sweep
        self.label = label
        self.chosen = chosen
        self.name = name

    @classmethod
    def from_evaluation(
        cls,
        evaluation: Evaluation,
        pipeline: str,
        label: Hashable,
        *,
        chosen: float | None = None,
        ax: Any = None,
    ) -> "ThresholdDisplay":
        """Draw a class against all others, or a label, over its threshold.

        Parameters
        ----------
        evaluation : Evaluation
            What :func:`sersk.evaluation.evaluate` returns.
        pipeline : str
            Name of a system that gives probabilities.
        label : hashable
            The class or label that is looked for.
        chosen : float, default=None
            The threshold that is used, as a line.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own.

        Returns
        -------
        display : ThresholdDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            If there is no such system or class, or it gives no probabilities.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import ThresholdDisplay
        >>> ThresholdDisplay.from_evaluation(
        ...     evaluation, "mine", "happy"
        ... )  # doctest: +SKIP
        """
        probabilities = give_probabilities(evaluation, pipeline)
        if label not in evaluation.classes:
            known = ", ".join(map(repr, evaluation.classes))
            raise ValueError(f"There is no class {label!r}. There are {known}.")
        own = predictions_of(evaluation, pipeline, ("classes", "labels"))
        is_class = evaluation.kind == "classes"
        truth = own["target"] == label if is_class else own[f"target_{label}"] == 1
        place = list(evaluation.classes).index(label)
        return cls.from_predictions(
            truth.to_numpy(dtype=int)[:, None],
            probabilities.to_numpy()[:, [place]],
            classes=[label],
            thresholds=np.linspace(0, 1, _N_STEPS),
            label=label,
            chosen=chosen,
            name=f"{label}{' against the rest' * is_class}, {pipeline}, "
            f"{evaluation.corpus}",
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: pd.DataFrame | ArrayLike,
        scores: pd.DataFrame | ArrayLike,
        *,
        classes: Sequence | None = None,
        thresholds: ArrayLike | None = None,
        label: Hashable = "macro avg",
        chosen: float | None = None,
        name: str | None = None,
        ax: Any = None,
    ) -> "ThresholdDisplay":
        """Draw the scores of multi-label answers over a threshold for all labels.

        Parameters
        ----------
        y_true : pandas.DataFrame or array-like of shape (n_clips, n_classes)
            1 where a clip has a label, else 0.
        scores : pandas.DataFrame or array-like of shape (n_clips, n_classes)
            Scores, in any unit.
        classes : sequence, default=None
            The labels, in the order of the columns; see
            :func:`sersk.metrics.threshold_sweep`.
        thresholds : array-like of shape (n_thresholds,), default=None
            Thresholds; None: 101 from the lowest to the highest score.
        label : hashable, default="macro avg"
            A label, or one of the averages.
        chosen : float, default=None
            The threshold that is used, as a line.
        name : str, default=None
            What gave the scores, as the title.
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own.

        Returns
        -------
        display : ThresholdDisplay
            With the axes as ``ax_``.

        Raises
        ------
        ValueError
            As :func:`sersk.metrics.threshold_sweep`, or if there is no such label.
        MissingDependencyError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sersk.plotting import ThresholdDisplay
        >>> ThresholdDisplay.from_predictions(y_true, scores)  # doctest: +SKIP
        """
        if thresholds is None:
            # What is wrong with scores of no range, the sweep says.
            known = np.asarray(scores, dtype=float)
            known = known[np.isfinite(known)]
            low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
            thresholds = np.linspace(low, high, _N_STEPS)
        sweep = threshold_sweep(y_true, scores, thresholds, classes=classes)
        return cls(sweep, label=label, chosen=chosen, name=name).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> "ThresholdDisplay":
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None: a figure of its own.

        Returns
        -------
        display : ThresholdDisplay
            This one.

        Raises
        ------
        ValueError
            If the table has no such label.
        MissingDependencyError
            If matplotlib is not installed.
        """
        own = self.sweep[self.sweep["label"] == self.label]
        if own.empty:
            known = ", ".join(map(repr, self.sweep["label"].unique()))
            raise ValueError(f"There is no label {self.label!r}. There are {known}.")
        ax = new_axes(ax, (6.5, 4.2))
        self.ax_, self.figure_ = ax, ax.figure
        own = own.sort_values("threshold")
        is_defined = own["defined"].astype(bool)
        handles = []
        for number, score in enumerate(_SCORES):
            colour = style(number)["color"]
            ax.plot(own["threshold"], own[score], color=colour, linestyle=":")
            (solid,) = ax.plot(
                own["threshold"], own[score].where(is_defined), color=colour
            )
            handles.append(solid)
        names = list(_SCORES.values())
        if not is_defined.all():
            handles += ax.plot([], [], color="0.4", linestyle=":")
            names.append("0 for what is not defined")
        if self.chosen is not None:
            line = ax.axvline(self.chosen, color="black", linestyle="--", linewidth=1)
            handles.append(line)
            names.append(f"chosen: {self.chosen:.3g}")
        ax.set(xlabel="threshold", ylabel="score", ylim=(-0.02, 1.02))
        ax.grid(color="0.9")
        ax.set_axisbelow(True)
        support = own["support"].iloc[0]
        entitle(ax, self.name or "", f"{self.label}: {support} clips")
        add_legend(ax, handles, names, loc="best", fontsize="small")
        return self
