"""The outcome of an evaluation: frames, scores and tables."""

from collections.abc import Sequence
from html import escape
from os import PathLike

import pandas as pd

from sersk.evaluation._record import RunRecord, write_folder
from sersk.evaluation._scores import pooled_scores, score_by, spread
from sersk.evaluation._tables import (
    define_columns,
    describe_scores,
    latex_table,
    markdown_table,
    text_table,
)
from sersk.metrics import confusion_counts
from sersk.model_selection import SplitAudit


class Evaluation:
    """Hold what systems predicted, score it, and print it.

    :func:`sersk.evaluation.evaluate` returns one.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    classes : sequence
        Classes in the order of the scheme.
    protocol : str
        How training and test clips were divided.
    folds : pandas.DataFrame
        One row a system and fold.
    predictions : pandas.DataFrame
        One row a system, fold and test clip.
    pipelines : pandas.DataFrame
        One row a system: what it cost, and whether it is transductive.
    scheme : str, default=""
        The label scheme: its name, the classes, and what they merge.
    record : RunRecord, default=None
        What is needed to run it again.
    audit : SplitAudit, default=None
        What training and test clips have in common.

    Attributes
    ----------
    corpus, protocol, scheme, record, audit
        As given.
    classes : tuple
        As given.
    predictions : pandas.DataFrame
        Columns pipeline, fold, clip (row in the corpus), target, prediction and,
        where they are known, speaker, session, gender, corpus, file and one
        ``probability_<class>`` for each class.
    folds : pandas.DataFrame
        Columns pipeline, fold, test_speakers, error (empty if there was none), chosen
        (by a search), n_train, n_test, fit_seconds, predict_seconds and extractions,
        and the scores n_classes, unweighted_accuracy, weighted_accuracy, macro_f1 and
        micro_f1 of the fold, over the classes that it has.
    speakers : pandas.DataFrame
        One row a system and speaker: pipeline, speaker, n and the same scores; empty
        where no speaker is known.
    pipelines : pandas.DataFrame
        Columns pipeline, transductive, normalisation (how speakers are normalised),
        extractions_per_clip and seconds.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.evaluation import Evaluation
    >>> predictions = pd.DataFrame(
    ...     {
    ...         "pipeline": "mine",
    ...         "fold": [0, 0, 1],
    ...         "clip": [0, 1, 2],
    ...         "speaker": ["anna", "anna", "bob"],
    ...         "target": ["sad", "happy", "sad"],
    ...         "prediction": ["sad", "sad", "sad"],
    ...     }
    ... )
    >>> evaluation = Evaluation(
    ...     corpus="toy",
    ...     classes=("happy", "sad"),
    ...     protocol="LeaveOneSpeakerOut, 2 folds",
    ...     folds=pd.DataFrame({"pipeline": "mine", "fold": [0, 1]}),
    ...     predictions=predictions,
    ...     pipelines=pd.DataFrame({"pipeline": ["mine"], "transductive": [False]}),
    ... )
    >>> float(evaluation.scores()["unweighted_accuracy"].iloc[0])
    0.5
    >>> evaluation.confusion("mine")
    predicted  happy  sad
    true
    happy          0    1
    sad            0    2
    """

    def __init__(
        self,
        *,
        corpus: str,
        classes: Sequence,
        protocol: str,
        folds: pd.DataFrame,
        predictions: pd.DataFrame,
        pipelines: pd.DataFrame,
        scheme: str = "",
        record: RunRecord | None = None,
        audit: SplitAudit | None = None,
    ) -> None:
        self.record = record
        self.audit = audit
        self.corpus = corpus
        self.scheme = scheme
        self.classes = tuple(classes)
        self.protocol = protocol
        self.predictions = predictions
        scored = score_by(predictions, ["pipeline", "fold"]).drop(columns="n")
        self.folds = folds.merge(scored, on=["pipeline", "fold"], how="left")
        self.speakers = pd.DataFrame()
        if "speaker" in predictions:
            self.speakers = score_by(predictions, ["pipeline", "speaker"])
        self.pipelines = pipelines

    def scores(self) -> pd.DataFrame:
        """Return one row a system: pooled scores, their spread over speakers, costs.

        Returns
        -------
        scores : pandas.DataFrame
            Columns corpus, scheme, protocol, those of `pipelines`, n, n_classes,
            unweighted_accuracy, weighted_accuracy, macro_f1, micro_f1, chance,
            majority and, where speakers are known, speaker_mean and speaker_std of
            unweighted_accuracy.
        """
        pooled = pooled_scores(self.predictions)
        if len(self.speakers):
            pooled = pooled.merge(spread(self.speakers), on="pipeline", how="left")
        # Scores over fewer clips than the other systems were tested on would compare.
        complete = pooled[~pooled["pipeline"].isin(self._failures())]
        scores = self.pipelines.merge(complete, on="pipeline", how="left")
        scores.insert(0, "corpus", self.corpus)
        scores.insert(1, "scheme", self.scheme)
        scores.insert(2, "protocol", self.protocol)
        return scores

    def confusion(self, pipeline: str) -> pd.DataFrame:
        """Return the counts of each class predicted for each class.

        Parameters
        ----------
        pipeline : str
            Name of a system.

        Returns
        -------
        counts : pandas.DataFrame of shape (n_classes, n_classes)
            Rows are true classes, in the order of the scheme; pooled over folds.

        Raises
        ------
        ValueError
            If there is no system of that name.
        """
        own = self.predictions[self.predictions["pipeline"] == pipeline]
        if own.empty:
            known = ", ".join(map(repr, self.pipelines["pipeline"]))
            raise ValueError(f"There is no pipeline {pipeline!r}. There are {known}.")
        return confusion_counts(own["target"], own["prediction"], labels=self.classes)

    def to_markdown(self) -> str:
        """Return the table of scores in Markdown, with definitions underneath.

        Returns
        -------
        table : str
            One row a system.
        """
        return markdown_table(*self._table())

    def to_latex(self) -> str:
        """Return the table of scores for LaTeX, with definitions underneath.

        Returns
        -------
        table : str
            One row a system; a ``table`` that needs the package booktabs.
        """
        return latex_table(*self._table())

    def to_text(self) -> str:
        """Return the table of scores as text, with definitions underneath.

        Returns
        -------
        table : str
            One row a system.
        """
        return text_table(*self._table())

    def save(self, folder: str | PathLike) -> str:
        """Write record, tables and predictions into a new folder.

        Parameters
        ----------
        folder : path
            Where to; new or empty.

        Returns
        -------
        folder : str
            Its absolute path, which ``python -m sersk rerun`` takes. It holds
            ``record.json`` (systems, folds, clips by digest, versions, machine),
            ``predictions.csv``, ``folds.csv``, ``speakers.csv``, ``scores.csv`` and
            ``table.md``.

        Raises
        ------
        ValueError
            If the folder holds something, or the evaluation has no record.
        """
        if self.record is None:
            raise ValueError(
                "This evaluation has no record: it did not come out of evaluate."
            )
        tables = {
            "predictions": self.predictions,
            "folds": self.folds,
            "speakers": self.speakers,
            "scores": self.scores(),
        }
        return write_folder(folder, self.record, tables, table=self.to_markdown())

    def __str__(self) -> str:
        """Return the table as text."""
        return self.to_text()

    def __repr__(self) -> str:
        """Return the table as text: that is what one looks at."""
        return self.to_text()

    def _repr_html_(self) -> str:
        title, cells, notes = self._table()
        listed = "".join(f"<li>{escape(note)}</li>" for note in notes)
        table = cells.to_html(index=False, border=0)
        return f"<p>{escape(title)}</p>{table}<ul>{listed}</ul>"

    def _table(self) -> tuple[str, pd.DataFrame, list[str]]:
        """Return title, cells and notes."""
        scores = self.scores()
        notes = define_columns(scores)
        if self.scheme:
            notes.insert(0, f"classes: scheme {self.scheme}")
        if self.audit is not None:
            notes.append(self.audit.line)
        notes += [f"failed: {name} {why}" for name, why in self._failures().items()]
        return self._title(), describe_scores(scores), notes

    def _failures(self) -> dict[str, str]:
        """Return the systems that failed in some folds, with the first error."""
        if "error" not in self.folds:
            return {}
        failed = self.folds[self.folds["error"] != ""]
        return {
            str(name): f"in {len(own)} folds (first: fold {own['fold'].iloc[0]}): "
            f"{own['error'].iloc[0]}"
            for name, own in failed.groupby("pipeline", sort=False)
        }

    def _title(self) -> str:
        facts = [f"{self.predictions['clip'].nunique()} clips", self._class_count()]
        if len(self.speakers):
            facts.append(f"{self.speakers['speaker'].nunique()} speakers")
        return f"{self.corpus}: {', '.join(facts)}"

    def _class_count(self) -> str:
        """Say how many classes there are, and how many if some have no clip."""
        n_tested, n_known = self.predictions["target"].nunique(), len(self.classes)
        return f"{n_tested}{f' of {n_known}' * (n_tested != n_known)} classes"
