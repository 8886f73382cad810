"""The kinds of target: one class a clip, several labels or none, or attributes.

Whatever depends on the kind is here: what a system must be, what its answers must
look like, the columns that they make, and how they are scored.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.utils import column_or_1d

from sersk.evaluation._labels import label_probabilities
from sersk.metrics import (
    bootstrap_interval,
    concordance_correlation_coefficient,
    macro_f1,
    mean_absolute_error,
    mean_concordance,
    mean_concordance_scorer,
    micro_f1,
    multilabel_macro_f1,
    multilabel_macro_f1_scorer,
    multilabel_scores,
    pearson_correlation,
    root_mean_squared_error,
    unweighted_accuracy,
    unweighted_accuracy_scorer,
    weighted_accuracy,
)


@dataclass(frozen=True)
class Kind(ABC):
    """What a target is made of; `names` are those of classes, attributes or labels."""

    names: tuple = ()

    # What names are called, what systems must be, and what they are selected by.
    word: ClassVar[str]
    role: ClassVar[str]
    scorer: ClassVar[Any]
    # The score that stands for the others, and what computes it.
    main: ClassVar[str]
    main_metric: ClassVar[Any]

    @property
    @abstractmethod
    def score_names(self) -> tuple[str, ...]:
        """Names of the scores, without numbers of clips or classes."""

    @abstractmethod
    def accepts(self, system: Any) -> bool:
        """Tell whether a system answers what the target is made of."""

    @abstractmethod
    def remedy(self) -> str:
        """Say what the target is, and what to do if a system is made for another."""

    @abstractmethod
    def check_predicted(self, predicted: Any, n_clips: int) -> np.ndarray:
        """Return what a system answered, or raise where that is no answer."""

    def probabilities(self, fitted: BaseEstimator, clips: Any) -> np.ndarray | None:
        """Return a column of probabilities for each name, where there are any."""
        return None

    def columns(self, values: np.ndarray, prefix: str) -> dict[str, np.ndarray]:
        """Return the columns of a frame that hold targets or predictions."""
        table = values.reshape(len(values), len(self.names))
        return {
            f"{prefix}_{name}": table[:, place] for place, name in enumerate(self.names)
        }

    def read(self, frame: pd.DataFrame, prefix: str) -> np.ndarray:
        """Return what `columns` made columns of, of shape (n_clips, n_names)."""
        return frame[[f"{prefix}_{name}" for name in self.names]].to_numpy()

    @abstractmethod
    def score(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return the scores of predictions, all at once."""

    def describe(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return what else is told of all predictions of a system."""
        return dict(self._intervals(frame))

    def _intervals(self, frame: pd.DataFrame) -> Iterator[tuple[str, float]]:
        """Return the ends of intervals by speaker, where speakers are known."""
        speaker = frame["speaker"] if "speaker" in frame else pd.Series([None])
        if speaker.isna().any() or speaker.nunique() < 2:
            return
        for name, metric, truth, predicted in self._measured(frame):
            _, low, high = bootstrap_interval(
                truth, predicted, speaker.to_numpy(), metric=metric, random_state=0
            )
            yield from ((f"{name}_low", low), (f"{name}_high", high))

    def _measured(
        self, frame: pd.DataFrame
    ) -> Iterator[tuple[str, Callable[..., float], np.ndarray, np.ndarray]]:
        """Return scores with an interval: name, metric, truth and prediction."""
        yield from ()


@dataclass(frozen=True)
class Classes(Kind):
    """One class a clip."""

    word: ClassVar[str] = "classes"
    role: ClassVar[str] = "classifier"
    scorer: ClassVar[Any] = unweighted_accuracy_scorer
    main: ClassVar[str] = "unweighted_accuracy"
    main_metric: ClassVar[Any] = staticmethod(unweighted_accuracy)

    @property
    def score_names(self) -> tuple[str, ...]:
        """Names of the scores, without numbers of clips or classes."""
        return ("unweighted_accuracy", "weighted_accuracy", "macro_f1", "micro_f1")

    def accepts(self, system: Any) -> bool:
        """Tell whether a system answers classes."""
        return is_classifier(system)

    def remedy(self) -> str:
        """Say what the target is, and what to do if a system is made for another."""
        return (
            "is one class a clip (text or whole numbers). End it in a classifier; or, "
            "for attributes, use corpus.with_scheme() with an AttributeScheme, or pass "
            "y as a table of floats with a column for each"
        )

    def check_predicted(self, predicted: Any, n_clips: int) -> np.ndarray:
        """Return one label a clip, of the type that the classes are of."""
        labels = column_or_1d(predicted)
        if len(labels) != n_clips:
            raise ValueError(f"predict gave {len(labels)} labels for {n_clips} clips.")
        is_text = isinstance(self.names[0], str)
        for clip, label in enumerate(labels.tolist()):
            if pd.isna(label) or isinstance(label, str) != is_text:
                raise ValueError(
                    f"predict gave {label!r} for test clip {clip} of the fold, but "
                    f"labels such as {self.names[0]!r} are expected."
                )
        return labels

    def probabilities(self, fitted: BaseEstimator, clips: Any) -> np.ndarray:
        """Return one column a class, of 0 where training lacked the class."""
        given = np.asarray(fitted.predict_proba(clips), dtype=np.float64)
        columns = {label: given[:, at] for at, label in enumerate(fitted.classes_)}
        nothing = np.zeros(len(given))
        return np.column_stack([columns.get(label, nothing) for label in self.names])

    def columns(self, values: np.ndarray, prefix: str) -> dict[str, np.ndarray]:
        """Return one column of labels, which is called by the prefix."""
        return {prefix: values}

    def read(self, frame: pd.DataFrame, prefix: str) -> np.ndarray:
        """Return the column of labels, of shape (n_clips,)."""
        return frame[prefix].to_numpy()

    def score(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return the scores over the classes that the clips have."""
        truth, predicted = frame["target"], frame["prediction"]
        # No list of classes: of a system that answers a class that no test clip has,
        # this is a mistake, and none of the call.
        return {
            "n_classes": truth.nunique(),
            "unweighted_accuracy": unweighted_accuracy(truth, predicted),
            "weighted_accuracy": weighted_accuracy(truth, predicted),
            "macro_f1": macro_f1(truth, predicted),
            "micro_f1": micro_f1(truth, predicted),
        }

    def describe(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return the interval of UA, and what guessing would score."""
        shares = frame["target"].value_counts(normalize=True)
        guessing = {"chance": 1.0 / len(shares), "majority": float(shares.max())}
        return {**super().describe(frame), **guessing}

    def _measured(self, frame: pd.DataFrame) -> Iterator[tuple]:
        truth, predicted = self.read(frame, "target"), self.read(frame, "prediction")
        yield "unweighted_accuracy", unweighted_accuracy, truth, predicted


@dataclass(frozen=True)
class Attributes(Kind):
    """Continuous attributes, such as arousal, one or several."""

    word: ClassVar[str] = "attributes"
    role: ClassVar[str] = "regressor"
    scorer: ClassVar[Any] = mean_concordance_scorer
    main: ClassVar[str] = "ccc"
    main_metric: ClassVar[Any] = staticmethod(mean_concordance)
    metrics: ClassVar[dict[str, Callable[..., float]]] = {
        "ccc": concordance_correlation_coefficient,
        "pcc": pearson_correlation,
        "mae": mean_absolute_error,
        "rmse": root_mean_squared_error,
    }

    @property
    def score_names(self) -> tuple[str, ...]:
        """Mean CCC, and each metric of each attribute."""
        each = [f"{metric}_{name}" for name in self.names for metric in self.metrics]
        return ("ccc", *each)

    def accepts(self, system: Any) -> bool:
        """Tell whether a system answers degrees."""
        return is_regressor(system)

    def remedy(self) -> str:
        """Say what the target is, and what to do if a system is made for another."""
        return (
            f"is continuous ({', '.join(map(str, self.names))}). End it in a "
            "regressor; or, for classes, use corpus.with_scheme() with a LabelScheme, "
            "or pass y as text or whole numbers"
        )

    def check_predicted(self, predicted: Any, n_clips: int) -> np.ndarray:
        """Return finite degrees of shape (n_clips, n_attributes)."""
        values = _check_table(predicted, n_clips, self).astype(np.float64)
        wrong = np.argwhere(~np.isfinite(values))
        if len(wrong):
            row, place = wrong[0]
            raise ValueError(
                f"predict gave {values[row, place]} as {self.names[place]} of test "
                f"clip {row} of the fold."
            )
        return values

    def score(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return the scores of each attribute, and the mean CCC."""
        truth, predicted = self.read(frame, "target"), self.read(frame, "prediction")
        each = {
            f"{metric}_{name}": function(truth[:, place], predicted[:, place])
            for place, name in enumerate(self.names)
            for metric, function in self.metrics.items()
        }
        return {"ccc": mean_concordance(truth, predicted), **each}

    def _measured(self, frame: pd.DataFrame) -> Iterator[tuple]:
        truth, predicted = self.read(frame, "target"), self.read(frame, "prediction")
        yield "ccc", mean_concordance, truth, predicted
        for place, name in enumerate(self.names):
            columns = truth[:, place], predicted[:, place]
            yield f"ccc_{name}", concordance_correlation_coefficient, *columns


@dataclass(frozen=True)
class Labels(Kind):
    """Several labels of a clip, or none."""

    word: ClassVar[str] = "labels"
    role: ClassVar[str] = "classifier"
    scorer: ClassVar[Any] = multilabel_macro_f1_scorer
    main: ClassVar[str] = "macro_f1"
    main_metric: ClassVar[Any] = staticmethod(multilabel_macro_f1)
    averages: ClassVar[tuple[str, ...]] = ("macro", "micro", "weighted", "samples")

    @property
    def score_names(self) -> tuple[str, ...]:
        """F1 averaged in four ways, and three scores of each label."""
        each = [
            f"{score}_{name}"
            for name in self.names
            for score in ("precision", "recall", "f1")
        ]
        return (*(f"{average}_f1" for average in self.averages), *each)

    def accepts(self, system: Any) -> bool:
        """Tell whether a system answers labels, as far as that can be seen."""
        return is_classifier(system)

    def remedy(self) -> str:
        """Say what the target is, and what to do if a system is made for another."""
        return (
            f"is any of several labels ({', '.join(map(str, self.names))}). End it in "
            "a classifier of several labels, such as "
            "MultiOutputClassifier(LogisticRegression())"
        )

    def check_predicted(self, predicted: Any, n_clips: int) -> np.ndarray:
        """Return 0 and 1 of shape (n_clips, n_labels)."""
        marks = _check_table(predicted, n_clips, self)
        if not np.isin(marks, (0, 1)).all():
            raise ValueError("predict must give 0 and 1 for each label of each clip.")
        return marks.astype(np.int64)

    def probabilities(self, fitted: BaseEstimator, clips: Any) -> np.ndarray:
        """Return one column a label."""
        return label_probabilities(fitted, clips, len(self.names))

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return precision, recall and F1 of each label, and their averages."""
        truth, predicted = self.read(frame, "target"), self.read(frame, "prediction")
        return multilabel_scores(truth, predicted, classes=self.names)

    def score(self, frame: pd.DataFrame) -> dict[str, float]:
        """Return averaged F1, and precision, recall and F1 of each label."""
        table = self.table(frame)
        averaged = {f"{name}_f1": table["f1"][f"{name} avg"] for name in self.averages}
        each = {
            f"{score}_{name}": table.loc[name, score]
            for name in self.names
            for score in ("precision", "recall", "f1")
        }
        return {**averaged, **each}

    def _measured(self, frame: pd.DataFrame) -> Iterator[tuple]:
        truth, predicted = self.read(frame, "target"), self.read(frame, "prediction")
        yield "macro_f1", multilabel_macro_f1, truth, predicted


KINDS: dict[str, type[Kind]] = {
    kind.word: kind for kind in (Classes, Attributes, Labels)
}


def make_kind(word: str, names: Any) -> Kind:
    """Return the kind of that name, or raise naming those there are."""
    if word not in KINDS:
        raise ValueError(f"kind must be one of {list(KINDS)}, got {word!r}.")
    return KINDS[word](tuple(names))


def _check_table(values: Any, n_clips: int, kind: Kind) -> np.ndarray:
    """Return answers with a column for each name."""
    array = np.asarray(values)
    if array.ndim == 1 and len(kind.names) == 1:
        array = array[:, np.newaxis]
    expected = (n_clips, len(kind.names))
    if array.shape != expected or array.dtype.kind not in "fiub":
        raise ValueError(
            f"predict gave an array of shape {array.shape} and type {array.dtype}, "
            f"but numbers of shape {expected} are expected: a column for each of "
            f"{', '.join(map(str, kind.names))}. {_WRAPPERS[kind.word]}"
        )
    return array


_WRAPPERS = {
    "attributes": "MultiOutputRegressor makes them of a regressor of one attribute.",
    "labels": "MultiOutputClassifier makes them of a classifier of one label.",
}
