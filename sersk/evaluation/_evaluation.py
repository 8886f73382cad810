"""The outcome of an evaluation: frames, scores and tables."""

import json
from collections.abc import Sequence
from html import escape
from os import PathLike
from typing import Any

import pandas as pd

from sersk.evaluation._columns import define_columns, describe_scores
from sersk.evaluation._kinds import Classes, Labels, make_kind
from sersk.evaluation._record import RunRecord, write_folder
from sersk.evaluation._scores import (
    find_alike,
    pooled_scores,
    score_by,
    seed_parts,
    spread,
)
from sersk.evaluation._tables import latex_table, markdown_table, text_table
from sersk.metrics import compare_systems, confusion_counts
from sersk.model_selection import SplitAudit


class Evaluation:
    """Hold what systems predicted, score it, and print it.

    :func:`sersk.evaluation.evaluate` returns one.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    classes : sequence
        Classes, attributes or labels, in the order of the scheme.
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
    kind : {"classes", "attributes", "labels"}, default="classes"
        What the target is made of: one class a clip, continuous attributes, or any of
        several labels.

    Attributes
    ----------
    corpus, protocol, scheme, record, audit, kind
        As given.
    classes : tuple
        As given.
    predictions : pandas.DataFrame
        Columns pipeline, fold, clip (row in the corpus), target, prediction and,
        where they are known, seed, speaker, session, gender, corpus, file and one
        ``probability_<class>`` for each class. Of attributes and labels, there is a
        ``target_<name>`` and a ``prediction_<name>`` for each.
    folds : pandas.DataFrame
        Columns pipeline, fold, test_speakers, error (empty if there was none), chosen
        (a dict of what was chosen on training clips), n_train, n_test, fit_seconds,
        predict_seconds and extractions, the seed, if there are any, and the scores of
        the fold. Of classes these are n_classes, unweighted_accuracy,
        weighted_accuracy, macro_f1 and micro_f1, over the classes that it has; of
        attributes ccc (their mean), ``ccc_<name>``, ``pcc_<name>``, ``mae_<name>``
        and ``rmse_<name>``; of labels macro_f1, micro_f1, weighted_f1, samples_f1,
        ``precision_<name>``, ``recall_<name>`` and ``f1_<name>``.
    speakers : pandas.DataFrame
        One row a system and speaker: pipeline, speaker, n and the same scores, of
        several seeds their mean; empty where no speaker is known.
    pipelines : pandas.DataFrame
        Columns pipeline, transductive, normalisation (how speakers are normalised),
        front_end (sampling rates and frequency bands), extractions_per_clip (1 for
        each extractor, and each window or copy of a clip that it is given) and
        seconds.

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
        kind: str = "classes",
    ) -> None:
        self._kind = make_kind(kind, classes)
        self.kind = kind
        self.record = record
        self.audit = audit
        self.corpus = corpus
        self.scheme = scheme
        self.classes = tuple(classes)
        self.protocol = protocol
        self.predictions = predictions
        cell = ["pipeline", *(["seed"] if "seed" in predictions else []), "fold"]
        scored = score_by(predictions, cell, self._kind).drop(columns="n")
        self.folds = folds.merge(scored, on=cell, how="left")
        self.speakers = pd.DataFrame()
        if "speaker" in predictions:
            by = ["pipeline", "speaker"]
            self.speakers = score_by(predictions, by, self._kind)
        self.pipelines = pipelines

    @property
    def main_score(self) -> str:
        """Name of the score that stands for the others, and that searches are by."""
        return self._kind.main

    def scores(self) -> pd.DataFrame:
        """Return one row a system: pooled scores, their spread over speakers, costs.

        Returns
        -------
        scores : pandas.DataFrame
            Columns corpus, scheme, protocol, those of `pipelines`, n, the scores that
            `folds` has and, where speakers are known, speaker_mean and speaker_std of
            the first (unweighted_accuracy, ccc or macro_f1) and the ends of its 95 %
            interval by speaker, such as ``ccc_low`` and, of attributes,
            ``ccc_<name>_high`` (:func:`sersk.metrics.bootstrap_interval`). For
            classes, chance and majority. Of several seeds, means (and intervals over
            what all of them predicted), and split_std, seed_std and rest_std.
        """
        pooled = pooled_scores(self.predictions, self._kind)
        parts = []
        if len(self.speakers):
            parts.append(spread(self.speakers, self._kind.main))
        if "seed" in self.folds:
            parts.append(seed_parts(self.folds, self._kind.main))
        for part in filter(len, parts):
            pooled = pooled.merge(part, on="pipeline", how="left")
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
            If there is no system of that name, or the target is not one class a clip.
        """
        self._expect(Classes, "one class a clip")
        own = self._predictions_of(pipeline)
        return confusion_counts(own["target"], own["prediction"], labels=self.classes)

    def label_scores(self, pipeline: str) -> pd.DataFrame:
        """Return precision, recall and F1 of each label, and their averages.

        Parameters
        ----------
        pipeline : str
            Name of a system.

        Returns
        -------
        scores : pandas.DataFrame
            What :func:`sersk.metrics.multilabel_scores` returns, over all test clips.

        Raises
        ------
        ValueError
            If there is no system of that name, or the target is not any of several
            labels.
        """
        kind = self._expect(Labels, "any of several labels")
        return kind.table(self._predictions_of(pipeline))

    def compare(self, *, random_state: int | None = 0) -> pd.DataFrame:
        """Compare each two systems by the main score, speaker by speaker.

        Systems that failed in some fold are left out, for they lack clips.

        Parameters
        ----------
        random_state : int or None, default=0
            Seed of draws of speakers.

        Returns
        -------
        table : pandas.DataFrame
            What :func:`sersk.metrics.compare_systems` returns; of several seeds, over
            what all of them predicted.

        Raises
        ------
        ValueError
            If fewer than two systems tested every clip, or if the speaker of a clip is
            not known, or all are of one.
        """
        kind, failed = self._kind, self._failures()
        keys = [name for name in ("seed", "fold", "clip") if name in self.predictions]
        ordered = self.predictions.sort_values(keys)
        systems = {
            name: own
            for name, own in ordered.groupby("pipeline", sort=False)
            if name not in failed
        }
        if len(systems) < 2 or "speaker" not in ordered:
            raise ValueError(
                f"{len(systems)} systems tested every clip, and clips say "
                f"{'who speaks' if 'speaker' in ordered else 'not who speaks'}; two "
                "systems at least, and speakers, are needed."
            )
        first = next(iter(systems.values()))
        return compare_systems(
            kind.read(first, "target"),
            {name: kind.read(own, "prediction") for name, own in systems.items()},
            first["speaker"],
            metric=kind.main_metric,
            clip={name: own["clip"] for name, own in systems.items()},
            random_state=random_state,
        )

    def _expect(self, expected: type, told: str) -> Any:
        """Return the kind of target, or raise if it is another than expected."""
        if not isinstance(self._kind, expected):
            raise ValueError(
                f"This is of a target that is {told}, and that of {self.corpus} is "
                f"{self.kind}: {', '.join(map(str, self.classes))}."
            )
        return self._kind

    def _predictions_of(self, pipeline: str) -> pd.DataFrame:
        own = self.predictions[self.predictions["pipeline"] == pipeline]
        if own.empty:
            known = ", ".join(map(repr, self.pipelines["pipeline"]))
            raise ValueError(f"There is no pipeline {pipeline!r}. There are {known}.")
        return own

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

    def to_frame(self) -> pd.DataFrame:
        """Return the cells of the table of scores, as words.

        Returns
        -------
        cells : pandas.DataFrame of str
            One row a system, and of attributes one row each.
        """
        return self._table()[1]

    def definitions(self) -> list[str]:
        """Return the lines under the table of scores.

        Returns
        -------
        lines : list of str
            What each column is, what the audit found, and the remarks.
        """
        return self._table()[2]

    def remarks(self) -> list[str]:
        """Return what stands against comparing the systems with each other.

        Returns
        -------
        lines : list of str
            Systems that failed; systems that answered every clip alike, which may be
            one under two names; and front ends, where systems hear other bands.
        """
        said = [f"failed: {name} {why}" for name, why in self._failures().items()]
        said += [
            f"same answers to every clip, as of one system: {', '.join(names)}"
            for names in find_alike(self.predictions)
        ]
        front_ends = self._front_ends()
        if len(set(front_ends.values())) > 1:
            told = "; ".join(f"{name}: {heard}" for name, heard in front_ends.items())
            said.append(f"front ends differ, and scores may for that: {told}")
        return said

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
            ``predictions.csv``, ``folds.csv`` (with what was chosen as JSON),
            ``speakers.csv``, ``scores.csv`` and ``table.md``.

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
            "folds": _with_json(self.folds, "chosen"),
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
        notes = define_columns(scores, self._kind)
        if self.scheme:
            notes.insert(0, f"{self.kind}: scheme {self.scheme}")
        if self.audit is not None:
            notes.append(self.audit.line)
        notes += self.remarks()
        return self._title(), describe_scores(scores, self._kind), notes

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

    def _front_ends(self) -> dict[str, str]:
        """Return what is known of what systems hear, by their names."""
        if "front_end" not in self.pipelines:
            return {}
        known = self.pipelines[self.pipelines["front_end"] != ""]
        return dict(zip(known["pipeline"], known["front_end"], strict=True))

    def _title(self) -> str:
        n_clips = self.predictions["clip"].nunique()
        facts = [f"{n_clips} clip{'s' * (n_clips != 1)}", self._count_names()]
        if len(self.speakers):
            n_speakers = self.speakers["speaker"].nunique()
            facts.append(f"{n_speakers} speaker{'s' * (n_speakers != 1)}")
        return f"{self.corpus}: {', '.join(facts)}"

    def _count_names(self) -> str:
        """Say how many classes there are, and how many of them have clips."""
        n_known = len(self.classes)
        if not isinstance(self._kind, Classes):
            return f"{n_known} {self.kind if n_known > 1 else self.kind[:-1]}"
        n_tested = self.predictions["target"].nunique()
        word = "class" if n_known == 1 else "classes"
        return f"{n_tested}{f' of {n_known}' * (n_tested != n_known)} {word}"


def _with_json(folds: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a table whose dicts are texts that come back by json.loads."""
    if column not in folds:
        return folds
    return folds.assign(**{column: folds[column].map(json.dumps)})
