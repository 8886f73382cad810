"""Running an evaluation again from its record, and comparing cell by cell."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from sersk import datasets
from sersk.cache import FeatureStore
from sersk.datasets import Corpus
from sersk.evaluation._description import restore, restore_scheme
from sersk.evaluation._evaluate import evaluate
from sersk.evaluation._kinds import make_kind
from sersk.evaluation._record import RunRecord, read_record
from sersk.evaluation._tables import text_table
from sersk.utils import installed_versions


class Rerun:
    """Hold what an evaluation gave before and gives now.

    :func:`sersk.evaluation.rerun` returns one.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a system, fold and metric: pipeline, fold, metric, before, now, equal.
    n_predictions, n_different : int
        How many predictions were compared, and how many are others.
    versions : pandas.DataFrame
        Packages of another version than before: package, before, now.

    Attributes
    ----------
    frame, n_predictions, n_different, versions
        As given.
    is_identical : bool
        Whether every prediction and every score is the same.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.evaluation import Rerun
    >>> row = {"pipeline": "mine", "fold": 0, "metric": "macro_f1", "equal": True}
    >>> frame = pd.DataFrame([row | {"before": 0.5, "now": 0.5}])
    >>> rerun = Rerun(frame, n_predictions=8, n_different=0, versions=pd.DataFrame())
    >>> rerun.is_identical
    True
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        n_predictions: int,
        n_different: int,
        versions: pd.DataFrame,
    ) -> None:
        self.frame = frame
        self.n_predictions = n_predictions
        self.n_different = n_different
        self.versions = versions

    @property
    def is_identical(self) -> bool:
        """Whether every prediction and every score is the same."""
        return self.n_different == 0 and bool(self.frame["equal"].all())

    def __str__(self) -> str:
        """Return the cells that differ, and how many do not."""
        cells = len(self.frame)
        same = int(self.frame["equal"].sum())
        notes = [
            f"{same} of {cells} scores and {self.n_predictions - self.n_different} of "
            f"{self.n_predictions} predictions are the same."
        ]
        notes += [
            f"{row.package}: {row.before} before, {row.now} now"
            for row in self.versions.itertuples()
        ]
        if same == cells:
            return "\n".join(notes)
        shown = self.frame[~self.frame["equal"]].drop(columns="equal")
        shown = shown.assign(
            before=shown["before"].map("{:.4f}".format),
            now=shown["now"].map("{:.4f}".format),
        )
        return text_table("Cells that differ", shown, notes)

    def __repr__(self) -> str:
        """Return what str does."""
        return str(self)


def rerun(
    folder: str | PathLike,
    *,
    corpus: Corpus | None = None,
    root: str | PathLike | None = None,
    n_jobs: int | None = None,
    cache: FeatureStore | str | PathLike | bool | None = None,
) -> Rerun:
    """Run an evaluation again from its record, and compare it cell by cell.

    Systems are made of the classes and parameters in the record, and only classes of
    sersk, scikit-learn, XGBoost, skorch, imbalanced-learn and LightGBM are imported
    for it. Clips are found by their content, and tested in the folds of the record.

    Parameters
    ----------
    folder : path
        What :meth:`sersk.evaluation.Evaluation.save` wrote.
    corpus : Corpus, default=None
        The clips. None: they are loaded as the record says.
    root : path, default=None
        Where the corpus lies now, if it is not where it was.
    n_jobs, cache
        See :func:`sersk.evaluation.evaluate`.

    Returns
    -------
    rerun : Rerun
        What differs.

    Raises
    ------
    ValueError
        If the folder holds no record, the corpus cannot be loaded or lacks clips, or a
        system was not described.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.dummy import DummyClassifier
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.evaluation import evaluate, rerun
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     evaluation = evaluate(DummyClassifier(), corpus)
    ...     folder = evaluation.save(os.path.join(parent, "run"))
    ...     print(rerun(folder))
    8 of 8 scores and 48 of 48 predictions are the same.
    """
    record = read_record(folder)
    before, old_folds = (_read_table(folder, name) for name in ("predictions", "folds"))
    with _told(folder):
        corpus = _load(record, root) if corpus is None else corpus
        clips = _find_clips(corpus, record)
        systems = {
            name: _restore(name, system) for name, system in record.systems.items()
        }
        folds = [(fold["train"], fold["test"]) for fold in record.folds]
    evaluation = evaluate(
        systems,
        clips,
        cv=folds,
        n_jobs=n_jobs,
        cache=cache,
        acknowledge_overlap=True,
        seeds=record.seeds,
    )
    names = make_kind(evaluation.kind, evaluation.classes).score_names
    with _told(folder):
        frame = _compare_scores(old_folds, evaluation.folds, names)
        n_different = _count_differences(before, evaluation.predictions)
    return Rerun(
        frame,
        n_predictions=len(before),
        n_different=n_different,
        versions=_compare_versions(record.versions, installed_versions()),
    )


@contextmanager
def _told(folder: str | PathLike) -> Iterator[None]:
    """Say of what is missing or of another form that the record is the matter."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ImportError) as error:
        raise ValueError(
            f"The record in {os.fspath(folder)!r} cannot be used: "
            f"{type(error).__name__}: {error}. Pass a folder that Evaluation.save "
            "wrote, as it was written."
        ) from error


def _read_table(folder: str | PathLike, name: str) -> pd.DataFrame:
    """Return a table as texts, because a class may be called 01, and a system NA."""
    path = os.path.join(os.path.expanduser(os.fspath(folder)), f"{name}.csv")
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path!r} cannot be read ({error}). Pass a folder that Evaluation.save "
            "wrote, as it was written."
        ) from error


def _typed(texts: pd.DataFrame, columns: Sequence[str], like: pd.DataFrame) -> Any:
    """Return columns of texts as what they are in another table: numbers, or texts."""
    numeric = [name for name in columns if like[name].dtype.kind in "iuf"]
    return texts[list(columns)].assign(
        **{name: pd.to_numeric(texts[name].replace("", "nan")) for name in numeric}
    )


def _load(record: RunRecord, root: str | PathLike | None) -> Corpus:
    if record.origin is None or record.scheme is None:
        raise ValueError(
            f"The record does not say how {record.corpus} is loaded. Pass corpus=."
        )
    name, arguments = record.origin["function"], dict(record.origin["arguments"])
    if name not in datasets.__all__ or not name.startswith(("load_", "make_")):
        raise ValueError(
            f"The record asks for {name!r}, which is no loader of sersk.datasets."
        )
    if root is not None:
        arguments["root"] = os.fspath(root)
    scheme = restore_scheme(record.scheme)
    if name.startswith("load_"):
        return getattr(datasets, name)(**arguments, scheme=scheme)
    return getattr(datasets, name)(**arguments).with_scheme(scheme)


def _find_clips(corpus: Corpus, record: RunRecord) -> Corpus:
    """Return the clips of the record, in its order."""
    places: dict[str, list[int]] = {}
    for row, digest in enumerate(corpus.clips.digests):
        places.setdefault(digest, []).append(row)
    missing = [digest for digest in record.clips if digest not in places]
    if missing:
        raise ValueError(
            f"{len(missing)} of the {len(record.clips)} clips of the record are not in "
            f"{corpus.name}: their recordings are others now, or are read by another "
            "version of a library. Pass root= or corpus= with the recordings of then."
        )
    # Two clips of one content are taken in turn.
    rows = [
        places[digest].pop(0) if len(places[digest]) > 1 else places[digest][0]
        for digest in record.clips
    ]
    return Corpus(
        corpus.frame.iloc[rows], corpus.clips[rows], corpus.scheme, name=corpus.name
    )


def _restore(name: str, described: Any) -> Any:
    if "not described" in described:
        raise ValueError(
            f"Pipeline {name!r} cannot be made again: {described['not described']}."
        )
    return restore(described)


def _compare_scores(
    before: pd.DataFrame, now: pd.DataFrame, scores: Sequence[str]
) -> pd.DataFrame:
    keys = [name for name in ("pipeline", "seed", "fold") if name in now]
    before = _typed(before, [*keys, *scores], now)
    both = [
        frame.melt(keys, list(scores), var_name="metric", value_name=name)
        for name, frame in (("before", before), ("now", now))
    ]
    merged = both[0].merge(both[1], on=[*keys, "metric"], how="outer")
    equal = np.isclose(
        merged["before"], merged["now"], rtol=0, atol=1e-12, equal_nan=True
    )
    return merged.assign(equal=equal)


def _count_differences(before: pd.DataFrame, now: pd.DataFrame) -> int:
    """Return how many predictions are others, in any of their columns."""
    keys = [name for name in ("pipeline", "seed", "fold", "clip") if name in now]
    answers = [str(name) for name in now if str(name).startswith("prediction")]
    merged = _typed(before, [*keys, *answers], now).merge(
        now[[*keys, *answers]], on=keys, how="outer", suffixes=(" before", " now")
    )
    differs = np.zeros(len(merged), dtype=bool)
    for name in answers:
        then, this = merged[f"{name} before"], merged[f"{name} now"]
        differs |= ~_is_equal(then, this)
    return int(differs.sum())


def _is_equal(then: pd.Series, this: pd.Series) -> np.ndarray:
    if then.dtype.kind == this.dtype.kind == "f":
        return np.isclose(then, this, rtol=0, atol=1e-9)
    return then.astype(str).to_numpy() == this.astype(str).to_numpy()


def _compare_versions(before: dict[str, str], now: dict[str, str]) -> pd.DataFrame:
    rows = [
        {"package": name, "before": before.get(name, "-"), "now": now.get(name, "-")}
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    return pd.DataFrame(rows, columns=["package", "before", "now"])
