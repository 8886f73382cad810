"""How much better a system looks under splits that flatter it."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import BaseCrossValidator, StratifiedKFold

from sersk.cache import FeatureStore
from sersk.datasets import Corpus, LabelScheme
from sersk.evaluation._evaluate import evaluate
from sersk.evaluation._evaluation import Evaluation
from sersk.evaluation._run import open_store
from sersk.evaluation._tables import markdown_table, text_table
from sersk.metrics import bootstrap_interval, compare_systems, define_metric
from sersk.model_selection import (
    LeaveOneSessionOut,
    SpeakerKFold,
    SpeakerSentenceKFold,
)
from sersk.utils import EvaluationWarning, listed, warn_user

HONEST = "speaker-disjoint"
_MOST_FOLDS = 10
_NOTES = (
    f"UA: {define_metric('UA')}, pooled; every protocol tests every clip once",
    "interval: 95 % by speaker: what other speakers of this kind would give",
    f"gap: UA minus that of the {HONEST} protocol on the same clips, with its interval",
    "random: clips are drawn whoever speaks, so that training hears test speakers",
)


class Optimism:
    """Hold the scores of systems under protocols that flatter more and less.

    :func:`sersk.evaluation.optimism_report` returns one.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    frame : pandas.DataFrame
        One row a system and protocol: pipeline, protocol, n_folds, n, value, low,
        high, gap, gap_low, gap_high and chance.

    Attributes
    ----------
    corpus : str
        As given.
    frame : pandas.DataFrame
        As given.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.evaluation import Optimism
    >>> row = {"pipeline": "mine", "protocol": "random", "n_folds": 5, "n": 80}
    >>> numbers = {"value": 0.7, "low": 0.6, "high": 0.8, "chance": 0.25}
    >>> gap = {"gap": 0.3, "gap_low": 0.2, "gap_high": 0.4}
    >>> optimism = Optimism("toy", pd.DataFrame([row | numbers | gap]))
    >>> print(optimism.to_text().splitlines()[4].split("  ")[-3:])
    ['+0.300', '+0.200 to +0.400', '0.250']
    """

    def __init__(self, corpus: str, frame: pd.DataFrame) -> None:
        self.corpus = corpus
        self.frame = frame

    def to_text(self) -> str:
        """Return the table as text, with definitions underneath.

        Returns
        -------
        table : str
            One row a system and protocol.
        """
        return text_table(self._title(), self._cells(), _NOTES)

    def to_markdown(self) -> str:
        """Return the table in Markdown, with definitions underneath.

        Returns
        -------
        table : str
            One row a system and protocol.
        """
        return markdown_table(self._title(), self._cells(), _NOTES)

    def __str__(self) -> str:
        """Return the table as text."""
        return self.to_text()

    def __repr__(self) -> str:
        """Return the table as text: that is what one looks at."""
        return self.to_text()

    def _title(self) -> str:
        return f"{self.corpus}: what protocols add"

    def _cells(self) -> pd.DataFrame:
        frame = self.frame
        return pd.DataFrame(
            {
                "pipeline": frame["pipeline"],
                "protocol": frame["protocol"],
                "folds": frame["n_folds"],
                "n": frame["n"],
                "UA": frame["value"].map("{:.3f}".format),
                "interval": _between(frame["low"], frame["high"], "{:.3f}"),
                "gap": frame["gap"].map("{:+.3f}".format),
                "gap interval": _between(
                    frame["gap_low"], frame["gap_high"], "{:+.3f}"
                ),
                "chance": frame["chance"].map("{:.3f}".format),
            }
        )


def optimism_report(
    pipelines: Any,
    corpus: Corpus,
    *,
    n_jobs: int | None = None,
    cache: FeatureStore | str | PathLike | bool | None = None,
    random_state: int = 0,
) -> Optimism:
    """Evaluate systems under protocols that flatter, and say by how much.

    Each clip is tested once under each protocol: with clips divided at random; by
    session, where there are sessions; by speaker; and by speaker and sentence, where
    it is known what is said. What the first has over the third is recognition of
    voices, and what the third has over the last may be recognition of sentences.

    Parameters
    ----------
    pipelines : dict of str to classifier, or a classifier
        Systems by name; each is cloned for every fold.
    corpus : Corpus
        Clips with a speaker each.
    n_jobs, cache
        See :func:`sersk.evaluation.evaluate`.
    random_state : int, default=0
        Seed of the random folds and of the intervals.

    Returns
    -------
    optimism : Optimism
        Scores, gaps and their intervals, and tables of them.

    Raises
    ------
    TypeError
        If `corpus` is no Corpus.
    ValueError
        If there are fewer than two speakers, or clips without one; or if the target
        is not one class a clip.

    See Also
    --------
    sersk.metrics.bootstrap_interval : How intervals are made.

    Notes
    -----
    All protocols but the session's have as many folds as there are speakers, and ten
    at most; that by speaker and sentence has twice as many, and trains on about half
    as many clips, for which its gap also stands.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.evaluation import optimism_report
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(
    ...     n_speakers=4, emotion_effect=0, label_confounding=1, random_state=0
    ... )
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> optimism = optimism_report({"functionals + LR": pipeline}, corpus)
    >>> scores = optimism.frame.set_index("protocol")["value"]
    >>> bool(scores["random"] > 0.9 > 0.5 > scores["speaker-disjoint"])
    True
    """
    if not isinstance(corpus, Corpus):
        raise TypeError(
            "optimism_report takes a Corpus, which knows speakers, sessions and "
            f"sentences, got {type(corpus).__name__}."
        )
    if not isinstance(corpus.scheme, LabelScheme):
        raise ValueError(
            "optimism_report compares unweighted accuracies, but the scheme of "
            f"{corpus.name} is {corpus.scheme}. Use corpus.with_scheme() with a "
            "LabelScheme."
        )
    evaluations = {}
    with open_store(cache) as store:
        for name, splitter in _protocols(corpus, random_state).items():
            evaluations[name] = evaluate(
                pipelines,
                corpus,
                cv=splitter,
                n_jobs=n_jobs,
                cache=store,
                acknowledge_overlap=True,
            )
    together = _complete_predictions(evaluations)
    rows = [
        row
        for name, own in together.groupby("pipeline", sort=False)
        for row in _compare(str(name), own, random_state)
    ]
    return Optimism(corpus.name, pd.DataFrame(rows))


def _complete_predictions(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Return the predictions of systems that failed nowhere, under all protocols."""
    folds = pd.concat([one.folds for one in evaluations.values()])
    failed = folds.loc[folds["error"] != "", "pipeline"].unique().tolist()
    together = pd.concat(
        [one.predictions.assign(protocol=name) for name, one in evaluations.items()],
        ignore_index=True,
    )
    complete = together[~together["pipeline"].isin(failed)]
    if complete.empty:
        raise ValueError(
            f"No pipeline tested every clip under every protocol: {listed(failed)} "
            "failed."
        )
    if failed:
        warn_user(
            f"Systems that failed in a fold are not in the table: {listed(failed)}.",
            EvaluationWarning,
        )
    return complete


def _protocols(corpus: Corpus, random_state: int) -> dict[str, BaseCrossValidator]:
    """Return what flatters most first."""
    columns = corpus.clips.columns
    n_speakers = len(np.unique(corpus.clips.speaker.astype(str)))
    if n_speakers < 2:
        raise ValueError(
            f"{corpus.name} has clips of one speaker, and protocols differ only for at "
            "least two speakers. Load more of the corpus."
        )
    n_folds = min(_MOST_FOLDS, n_speakers)
    protocols: dict[str, BaseCrossValidator] = {
        "random": StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
    }
    if _n_values(columns.get("session")) > 1:
        protocols["session-disjoint"] = LeaveOneSessionOut()
    protocols[HONEST] = SpeakerKFold(n_folds)
    spoken = [
        name for name in ("sentence", "script") if _n_values(columns.get(name)) > 1
    ]
    if spoken:
        protocols["speaker- and sentence-disjoint"] = SpeakerSentenceKFold(
            n_folds, 2, sentence=spoken[0]
        )
    return protocols


def _n_values(column: Any) -> int:
    """Return how many values a column has, none if it has gaps."""
    values = pd.Series(column, dtype=object)
    return 0 if values.isna().any() else values.nunique()


def _compare(
    name: str, predictions: pd.DataFrame, random_state: int
) -> list[dict[str, Any]]:
    """Return the rows of one system."""
    own = {
        protocol: part.sort_values("clip")
        for protocol, part in predictions.groupby("protocol", sort=False)
    }
    honest = own[HONEST]
    truth, speaker = honest["target"].to_numpy(), honest["speaker"].to_numpy()
    rows = []
    for protocol, part in own.items():
        predicted = part["prediction"].to_numpy()
        interval = bootstrap_interval(
            truth, predicted, speaker, random_state=random_state
        )
        compared = compare_systems(
            truth,
            {"this": predicted, "honest": honest["prediction"].to_numpy()},
            speaker,
            clip={"this": part["clip"], "honest": honest["clip"]},
            random_state=random_state,
        ).iloc[0]
        rows.append(
            {
                "pipeline": name,
                "protocol": protocol,
                "n_folds": part["fold"].nunique(),
                "n": len(part),
                "value": interval.estimate,
                "low": interval.low,
                "high": interval.high,
                "gap": compared["difference"],
                "gap_low": compared["low"],
                "gap_high": compared["high"],
                "chance": 1.0 / len(np.unique(truth)),
            }
        )
    return rows


def _between(low: pd.Series, high: pd.Series, pattern: str) -> list[str]:
    return [
        f"{pattern.format(least)} to {pattern.format(most)}"
        for least, most in zip(low, high, strict=True)
    ]
