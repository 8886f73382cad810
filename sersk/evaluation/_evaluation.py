"""The outcome of an evaluation: frames, scores and tables."""

from collections.abc import Sequence

import pandas as pd

from sersk.evaluation._scores import pooled_scores, score_by, spread
from sersk.evaluation._tables import markdown_table, text_table
from sersk.metrics import confusion_counts

_DEFINITIONS = (
    "UA: unweighted accuracy, the mean recall over classes, pooled over all test clips",
    "UA by speaker: mean and standard deviation over speakers of each speaker's UA "
    "(over the classes that the speaker has)",
    "WA: weighted accuracy, the share of clips that are right, pooled",
    "F1: macro F1, pooled",
    "chance: UA of any constant answer; always answering the most frequent class has "
    "WA {majority:.3f}",
    "transductive: features were normalised by speaker over the clips being tested",
)


class Evaluation:
    """Hold what systems predicted, score it, and print it.

    :func:`sersk.evaluation.evaluate` returns one.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    classes : sequence of str
        Classes in the order of the scheme.
    protocol : str
        How training and test clips were divided.
    folds : pandas.DataFrame
        One row a system and fold.
    predictions : pandas.DataFrame
        One row a system, fold and test clip.
    pipelines : pandas.DataFrame
        One row a system: what it cost, and whether it is transductive.

    Attributes
    ----------
    corpus, protocol : str
        As given.
    classes : tuple of str
        As given.
    folds : pandas.DataFrame
        Columns pipeline, fold, test_speakers, n_train, n_test, fit_seconds,
        predict_seconds, extractions, weighted_accuracy, unweighted_accuracy and
        n_classes.
    predictions : pandas.DataFrame
        Columns pipeline, fold, clip (row in the corpus), target, prediction and,
        where they are known, speaker and file.

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
        classes: Sequence[str],
        protocol: str,
        folds: pd.DataFrame,
        predictions: pd.DataFrame,
        pipelines: pd.DataFrame,
    ) -> None:
        self.corpus = corpus
        self.classes = tuple(classes)
        self.protocol = protocol
        scored = score_by(predictions, ["pipeline", "fold"]).drop(columns="n")
        self.folds = folds.merge(scored, on=["pipeline", "fold"])
        self.predictions = predictions
        self._pipelines = pipelines

    @property
    def speakers(self) -> pd.DataFrame:
        """Scores of each system for each speaker; empty where speakers are unknown."""
        if "speaker" not in self.predictions:
            return pd.DataFrame()
        return score_by(self.predictions, ["pipeline", "speaker"])

    def scores(self) -> pd.DataFrame:
        """Return one row a system: pooled scores, their spread over speakers, costs.

        Returns
        -------
        scores : pandas.DataFrame
            Columns corpus, pipeline, protocol, transductive, n, unweighted_accuracy,
            weighted_accuracy, macro_f1, micro_f1, chance, majority, speaker_mean and
            speaker_std (of UA), extractions_per_clip and seconds.
        """
        rows = []
        by_speaker = self.speakers
        for _, facts in self._pipelines.iterrows():
            own = self.predictions["pipeline"] == facts["pipeline"]
            row = {"corpus": self.corpus, "protocol": self.protocol, **facts}
            row |= pooled_scores(self.predictions[own], self.classes)
            if len(by_speaker):
                of_system = by_speaker["pipeline"] == facts["pipeline"]
                values = by_speaker.loc[of_system, "unweighted_accuracy"]
                row["speaker_mean"], row["speaker_std"] = spread(values)
            rows.append(row)
        return pd.DataFrame(rows)

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
            known = ", ".join(map(repr, self._pipelines["pipeline"]))
            raise ValueError(f"There is no pipeline {pipeline!r}. There are {known}.")
        return confusion_counts(own["target"], own["prediction"], labels=self.classes)

    def to_markdown(self) -> str:
        """Return the table of scores in Markdown, with definitions underneath.

        Returns
        -------
        table : str
            One row a system.
        """
        return markdown_table(self._title(), self._cells(), self._notes())

    def to_text(self) -> str:
        """Return the table of scores as text, with definitions underneath.

        Returns
        -------
        table : str
            One row a system.
        """
        return text_table(self._title(), self._cells(), self._notes())

    def __str__(self) -> str:
        """Return the table as text."""
        return self.to_text()

    def __repr__(self) -> str:
        """Return the table as text: that is what one looks at."""
        return self.to_text()

    def _repr_html_(self) -> str:
        return f"<p>{self._title()}</p>{self._cells().to_html(index=False, border=0)}"

    def _title(self) -> str:
        n_clips = self.predictions["clip"].nunique()
        facts = f"{n_clips} clips, {len(self.classes)} classes"
        if "speaker" in self.predictions:
            facts += f", {self.predictions['speaker'].nunique()} speakers"
        return f"{self.corpus}: {facts}"

    def _cells(self) -> pd.DataFrame:
        scores = self.scores()
        by_speaker = ["" for _ in range(len(scores))]
        if "speaker_mean" in scores:
            means, deviations = scores["speaker_mean"], scores["speaker_std"]
            by_speaker = [
                f"{mean:.3f} ± {deviation:.3f}"
                for mean, deviation in zip(means, deviations, strict=True)
            ]
        protocols = [
            f"{protocol}, transductive" if transductive else protocol
            for protocol, transductive in zip(
                scores["protocol"], scores["transductive"], strict=True
            )
        ]
        cells = {
            "pipeline": scores["pipeline"],
            "UA": scores["unweighted_accuracy"].map("{:.3f}".format),
            "UA by speaker": by_speaker,
            "WA": scores["weighted_accuracy"].map("{:.3f}".format),
            "F1": scores["macro_f1"].map("{:.3f}".format),
            "chance": scores["chance"].map("{:.3f}".format),
            "n": scores["n"].map(str),
        }
        if "extractions_per_clip" in scores:
            cells["extractions/clip"] = scores["extractions_per_clip"].map(
                "{:g}".format
            )
            cells["seconds"] = scores["seconds"].map("{:.1f}".format)
        return pd.DataFrame({**cells, "protocol": protocols})

    def _notes(self) -> list[str]:
        majority = self.scores()["majority"].iloc[0]
        return [note.format(majority=majority) for note in _DEFINITIONS]
