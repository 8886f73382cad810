"""What is evaluated: clips, their target, and of which kind it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

from sersk.audio import AudioClips, check_clips
from sersk.datasets import AttributeScheme, Corpus, LabelScheme, MultiLabelScheme
from sersk.evaluation._kinds import Attributes, Classes, Kind, Labels

_DEFAULT_RATE = 16_000
_KIND_OF_SCHEME: dict[type, type[Kind]] = {
    LabelScheme: Classes,
    AttributeScheme: Attributes,
    MultiLabelScheme: Labels,
}


@dataclass(frozen=True)
class Task:
    """Clips with a target, and the kind that says what this is made of."""

    name: str
    clips: AudioClips
    target: np.ndarray
    kind: Kind
    scheme: str = ""

    @property
    def classes(self) -> tuple:
        """Names of classes, attributes or labels, in the order of every table."""
        return self.kind.names

    @property
    def speakers(self) -> np.ndarray | None:
        """Speaker of each clip, where the clips carry it."""
        return self.clips.columns.get("speaker")


def check_task(corpus: Any, y: Any, sampling_rates: set[int]) -> Task:
    """Return a task from a corpus, or from clips and labels."""
    if isinstance(corpus, Corpus):
        if y is not None:
            raise ValueError("A corpus has its labels already: do not pass y.")
        if not len(corpus):
            raise ValueError(f"{corpus.name} holds no clips.")
        return _corpus_task(corpus)
    if y is None:
        raise ValueError("Pass a Corpus, or clips and their labels y.")
    clips = _check_clips(corpus, sampling_rates)
    target, kind = check_target(y, len(clips))
    return Task("clips", clips, target, kind)


def _corpus_task(corpus: Corpus) -> Task:
    scheme = corpus.scheme
    kinds = [kind for of, kind in _KIND_OF_SCHEME.items() if isinstance(scheme, of)]
    if not kinds:
        raise ValueError(
            f"evaluate does not know how to score the scheme of {corpus.name}, "
            f"{scheme}. Use corpus.with_scheme() with a LabelScheme, a "
            "MultiLabelScheme or an AttributeScheme."
        )
    return Task(
        corpus.name, corpus.clips, corpus.target, kinds[0](scheme.classes), str(scheme)
    )


def _check_clips(X: Any, sampling_rates: set[int]) -> AudioClips:
    """Pass X through the one door, at the rate that the extractors expect."""
    if isinstance(X, AudioClips):
        return X
    clips = check_clips(X, min(sampling_rates, default=_DEFAULT_RATE))
    if clips.files is None and len(sampling_rates) > 1:
        raise ValueError(
            f"X holds arrays, which the pipelines take to be at {sampling_rates} Hz. "
            "Say at which rate they are: AudioClips.from_arrays(X, sampling_rate=...)."
        )
    return clips


def check_target(y: Any, n_clips: int) -> tuple[np.ndarray, Kind]:
    """Return a target and its kind, or raise where it might be two.

    One column of text or whole numbers is classes, and one of numbers with fractions
    is an attribute. Several columns of 0 and 1 are labels, and of floats attributes.
    """
    # As objects, because numpy would turn a missing label among texts into 'nan'.
    values = np.asarray(y, dtype=object)
    if values.ndim not in (1, 2) or len(values) != n_clips or not values.size:
        raise ValueError(f"y has shape {values.shape}, but X holds {n_clips} clips.")
    names = _column_names(y, values)
    _check_missing(values, names)
    if values.ndim == 2:
        return _check_columns(values, names, np.asarray(y).dtype)
    kinds = {type(label).__name__ for label in values}
    if "str" in kinds and len(kinds) > 1:
        raise ValueError(
            f"y holds labels of different types ({', '.join(sorted(kinds))}), so that "
            "one class may have two names. Make all of them text."
        )
    if kinds & {"list", "tuple", "set", "frozenset"}:
        raise ValueError(
            "y holds several labels for a clip. Pass a column of 0 and 1 for each "
            "label, such as MultiLabelBinarizer makes."
        )
    target = np.array(values.tolist())
    if target.dtype.kind == "f" and _has_fractions(target):
        return _check_finite(target, names), Attributes(names)
    check_classification_targets(target)
    return target, Classes(tuple(np.unique(target).tolist()))


def _check_columns(
    values: np.ndarray, names: tuple, dtype: np.dtype
) -> tuple[np.ndarray, Kind]:
    """Return the target of several columns, or of one column of a table."""
    try:
        target = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"y has shape {values.shape} and holds what is no number ({error}). Pass "
            "one class a clip, of shape (n_clips,); 0 and 1, with a column for each "
            "label; or floats, with a column for each attribute."
        ) from error
    _check_finite(target, names)
    is_marks = bool(np.isin(target, (0, 1)).all())
    if is_marks and len(names) > 1:
        return target.astype(np.int64), Labels(names)
    if dtype.kind in "iub" or is_marks:
        raise ValueError(
            f"y has shape {values.shape} and holds whole numbers, which may be classes "
            "or degrees. Pass one class a clip, of shape (n_clips,); or degrees as "
            "floats: y.astype(float)."
        )
    return target[:, 0] if len(names) == 1 else target, Attributes(names)


def _column_names(y: Any, values: np.ndarray) -> tuple:
    """Return the names of the columns, or numbers where they have none."""
    if values.ndim == 1:
        name = getattr(y, "name", None)
        return ("y" if name is None else str(name),)
    columns = getattr(y, "columns", None)
    if columns is None:
        return tuple(f"y{place}" for place in range(values.shape[1]))
    return _check_distinct(tuple(map(str, columns)))


def _check_distinct(names: tuple) -> tuple:
    if len(set(names)) < len(names):
        raise ValueError(f"y has two columns of one name: {', '.join(names)}.")
    return names


def _check_missing(values: np.ndarray, names: tuple) -> None:
    missing = pd.isna(values)
    if not missing.any():
        return
    if values.ndim == 2:
        row, place = np.argwhere(missing)[0]
        raise ValueError(
            f"y lacks the {names[place]!r} of {missing[:, place].sum()} clips (first: "
            f"clip {row}). Drop these clips from X and y."
        )
    raise ValueError(
        f"y lacks the labels of {missing.sum()} clips (first: clip "
        f"{np.argmax(missing)}). Drop these clips from X and y."
    )


def _check_finite(target: np.ndarray, names: tuple) -> np.ndarray:
    wrong = np.argwhere(~np.isfinite(target.reshape(len(target), -1)))
    if len(wrong):
        row, place = wrong[0]
        raise ValueError(
            f"The {names[place]!r} of clip {row} in y is not finite. Drop the clip "
            "from X and y."
        )
    return target


def _has_fractions(target: np.ndarray) -> bool:
    return bool((target % 1 != 0).any())
