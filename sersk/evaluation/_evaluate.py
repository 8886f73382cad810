"""Running systems over a corpus, fold by fold."""

from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.model_selection import check_cv

from sersk.cache import FeatureStore
from sersk.datasets import Corpus
from sersk.evaluation._cells import open_cells
from sersk.evaluation._evaluation import Evaluation
from sersk.evaluation._plan import (
    Fold,
    Task,
    audit_folds,
    check_folds,
    check_task,
    describe_protocol,
)
from sersk.evaluation._record import make_record
from sersk.evaluation._run import (
    Extraction,
    FoldResult,
    extract_all,
    open_store,
    run_folds,
)
from sersk.evaluation._search import add_search, check_inner_splits
from sersk.evaluation._systems import (
    check_pipelines,
    give_store,
    is_transductive,
    normalisation_note,
    sampling_rates,
)
from sersk.model_selection import LeaveOneSpeakerOut, SpeakerKFold

# What goes beside each prediction, to score by.
_SHOWN = ("speaker", "session", "gender", "corpus")


def evaluate(
    pipelines: Any,
    corpus: Corpus | Any,
    y: Any = None,
    *,
    cv: Any = None,
    search: Any = None,
    inner_cv: Any = None,
    n_jobs: int | None = None,
    cache: FeatureStore | str | PathLike | bool | None = None,
    resume: str | PathLike | None = None,
    acknowledge_overlap: bool = False,
) -> Evaluation:
    """Evaluate systems on a corpus by speakers that they have not heard.

    Every clip is extracted once for each extractor, before the folds begin, and the
    folds read the store.

    Parameters
    ----------
    pipelines : dict of str to classifier, or a classifier
        Systems by name; each is cloned for every fold.
    corpus : Corpus or clips
        What to evaluate on; clips, see :func:`sersk.check_clips`, go with `y`.
    y : array-like of shape (n_clips,), default=None
        Labels, where `corpus` is not a Corpus: text or whole numbers.
    cv : splitter, int or iterable, default=None
        How clips are divided; :class:`~sersk.model_selection.LeaveOneSpeakerOut` by
        default. As everywhere in scikit-learn, an int is a number of stratified
        folds, which share speakers, and an iterable gives the folds themselves.
    search : mapping of str to list, default=None
        Parameters to search in every fold, such as ``{"svc__C": [0.1, 1.0]}``, by
        unweighted accuracy on parts of the training clips; or a mapping of such grids
        by the name of the pipeline. What was chosen stands in ``folds["chosen"]``.
    inner_cv : splitter, default=None
        How the search divides the training clips;
        :class:`SpeakerKFold(3) <sersk.model_selection.SpeakerKFold>` by default.
    n_jobs : int or None, default=None
        Number of workers for extraction and for folds, as joblib understands it.
        Each fold runs on one thread, so that results do not depend on it.
    cache : FeatureStore, path, False or None, default=None
        Where features are kept, by extractors that have no store of their own. None:
        where the settings say, or else in a temporary folder for the length of this
        call. False: in a temporary folder whatever the settings say. Workers on other
        machines need a folder that all of them see.
    resume : path, default=None
        Folder in which the result of every fold is kept as soon as it is there. A
        call that was cut short, or has one system more, runs only what is missing.
    acknowledge_overlap : bool, default=False
        Whether folds may share speakers between training and test clips; the table
        then says so.

    Returns
    -------
    evaluation : Evaluation
        Scores, predictions and tables.

    Raises
    ------
    AudioError
        If clips cannot be used; it names them, before the first fold.
    ValueError
        If folds share speakers or recordings, or splits inside a pipeline share
        speakers; if `search` asks for a
        parameter that a pipeline does not have; or if clips and labels do not fit
        together.
    TypeError
        If a pipeline does not end in a classifier.

    See Also
    --------
    sersk.evaluation.Evaluation : What comes out.

    Notes
    -----
    A pipeline that raises in some folds costs only these: the error stands in
    ``folds["error"]`` and under the table, with a warning. It is raised, with a note
    of pipeline and fold, where nothing is left.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.evaluation import evaluate
    >>> from sersk.features import AcousticFunctionals
    >>> corpus = make_emotional_speech(n_speakers=3, random_state=0)
    >>> pipeline = make_pipeline(
    ...     AcousticFunctionals(), StandardScaler(), LogisticRegression(max_iter=1000)
    ... )
    >>> evaluation = evaluate({"functionals + LR": pipeline}, corpus)
    >>> evaluation.folds[["fold", "test_speakers", "n_test", "extractions"]]
       fold test_speakers  n_test  extractions
    0     0            01      24            0
    1     1            02      24            0
    2     2            03      24            0
    """
    systems = check_pipelines(pipelines)
    if search is not None:
        inner_cv = SpeakerKFold(3) if inner_cv is None else inner_cv
        systems = add_search(systems, search, inner_cv)
    elif inner_cv is not None:
        raise ValueError("inner_cv divides clips for a search: pass search= with it.")
    task = check_task(corpus, y, sampling_rates(systems))
    chosen = LeaveOneSpeakerOut() if cv is None else cv
    splitter = check_cv(chosen, task.target, classifier=True)
    splits = splitter.split(task.clips, task.target)
    folds = check_folds(splits, task, acknowledge_overlap)
    mixed = check_inner_splits(systems, task, acknowledge_overlap)
    audit = audit_folds(folds, task, acknowledge_overlap)
    with open_store(cache) as store:
        stored = {name: give_store(system, store) for name, system in systems.items()}
        extracted = {
            name: extract_all(name, system, task, n_jobs)
            for name, system in stored.items()
        }
        cells = None if resume is None else open_cells(resume, systems, task)
        results = run_folds(stored, task, folds, n_jobs, cells)
    fold_frame = _fold_frame(results, folds, task)
    return Evaluation(
        corpus=task.name,
        classes=task.classes,
        scheme=task.scheme,
        protocol=describe_protocol(splitter, folds, task, inner=inner_cv, mixed=mixed),
        folds=fold_frame,
        predictions=_prediction_frame(results, folds, task),
        pipelines=_pipeline_frame(systems, extracted, fold_frame, len(task.clips)),
        record=make_record(systems, task, folds, corpus),
        audit=audit,
    )


def _fold_frame(
    results: list[FoldResult], folds: list[Fold], task: Task
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pipeline": result.pipeline,
            "fold": result.fold,
            "test_speakers": _names(task.speakers, folds[result.fold].test),
            "error": result.error,
            "chosen": result.chosen,
            "n_train": len(folds[result.fold].train),
            "n_test": len(folds[result.fold].test),
            "fit_seconds": result.fit_seconds,
            "predict_seconds": result.predict_seconds,
            "extractions": result.n_extracted,
        }
        for result in results
    )


def _names(speakers: np.ndarray | None, rows: np.ndarray) -> str:
    """Return the speakers of some rows, for a cell of a table."""
    if speakers is None:
        return ""
    return " ".join(sorted(set(pd.Series(speakers[rows]).dropna().map(str))))


def _prediction_frame(
    results: list[FoldResult], folds: list[Fold], task: Task
) -> pd.DataFrame:
    clips = _clip_frame(task)
    parts = [
        clips.iloc[folds[result.fold].test].assign(
            pipeline=result.pipeline,
            fold=result.fold,
            prediction=result.predicted,
            **_probability_columns(result, task),
        )
        for result in results
        if not result.error
    ]
    predictions = pd.concat(parts, ignore_index=True)
    leading = ["pipeline", "fold", "clip", "target", "prediction"]
    return predictions[[*leading, *predictions.columns.difference(leading)]]


def _probability_columns(result: FoldResult, task: Task) -> dict[str, np.ndarray]:
    if result.probabilities is None:
        return {}
    columns = zip(task.classes, result.probabilities.T, strict=True)
    return {f"probability_{label}": values for label, values in columns}


def _clip_frame(task: Task) -> pd.DataFrame:
    """Return what is known of each clip and goes beside its predictions."""
    frame = pd.DataFrame({"clip": np.arange(len(task.clips)), "target": task.target})
    if task.clips.files is not None:
        frame["file"] = task.clips.files
    for name in _SHOWN:
        if name in task.clips.columns:
            frame[name] = task.clips.columns[name]
    return frame


def _pipeline_frame(
    systems: dict[str, BaseEstimator],
    extracted: dict[str, Extraction],
    folds: pd.DataFrame,
    n_clips: int,
) -> pd.DataFrame:
    """Return what each system cost, and whether it is transductive."""
    rows = []
    for name, system in systems.items():
        own = folds[folds["pipeline"] == name]
        n_extracted = extracted[name].n_extracted + own["extractions"].sum()
        seconds = own["fit_seconds"].sum() + own["predict_seconds"].sum()
        rows.append(
            {
                "pipeline": name,
                "transductive": is_transductive(system),
                "normalisation": normalisation_note(system),
                "extractions_per_clip": n_extracted / n_clips,
                "seconds": extracted[name].seconds + seconds,
            }
        )
    return pd.DataFrame(rows)
