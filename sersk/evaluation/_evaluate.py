"""Running systems over a corpus, fold by fold."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from sersk.cache import FeatureStore
from sersk.datasets import Corpus
from sersk.evaluation._cells import open_cells
from sersk.evaluation._copies import describe_copies, refuse_contradictions
from sersk.evaluation._evaluation import Evaluation
from sersk.evaluation._kinds import Labels
from sersk.evaluation._plan import (
    Fold,
    audit_folds,
    check_folds,
    describe_protocol,
    make_splitter,
)
from sersk.evaluation._record import make_record
from sersk.evaluation._run import (
    Extraction,
    FoldResult,
    extract_all,
    open_store,
    run_folds,
)
from sersk.evaluation._search import (
    add_search,
    add_thresholds,
    check_inner_cv,
    check_inner_splits,
    stops_early,
)
from sersk.evaluation._systems import (
    check_pipelines,
    check_roles,
    check_seeds,
    front_end,
    give_store,
    is_transductive,
    normalisation_note,
    sampling_rates,
)
from sersk.evaluation._task import Task, check_task
from sersk.model_selection import SpeakerKFold

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
    thresholds: str | None = None,
    seeds: Sequence[int] | None = None,
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
    pipelines : dict of str to estimator, or an estimator
        Systems by name; each is cloned for every fold. Classifiers of one class a
        clip, regressors of attributes, or classifiers of several labels, such as
        scikit-learn's ``MultiOutputClassifier``, as the target is.
    corpus : Corpus or clips
        What to evaluate on; its scheme says what the target is made of. Clips, see
        :func:`sersk.check_clips`, go with `y`.
    y : array-like of shape (n_clips,) or (n_clips, n_columns), default=None
        The target, where `corpus` is not a Corpus: text or whole numbers are classes,
        numbers with fractions or columns of floats are attributes, and columns of 0
        and 1 are labels. The columns of a DataFrame give their names.
    cv : splitter, int or iterable, default=None
        How clips are divided; :class:`~sersk.model_selection.LeaveOneSpeakerOut` by
        default. As everywhere in scikit-learn, an int is a number of stratified
        folds, which share speakers, and an iterable gives the folds themselves.
    search : mapping of str to list, default=None
        Parameters to search in every fold, such as ``{"svc__C": [0.1, 1.0]}``, by
        unweighted accuracy on parts of the training clips; or a mapping of such grids
        by the name of the pipeline. Attributes are searched by their mean concordance
        correlation coefficient, and labels by macro F1. What was chosen stands in
        ``folds["chosen"]``.
    inner_cv : splitter, default=None
        How a search, and the tuning of thresholds, divide the training clips;
        :class:`SpeakerKFold(3) <sersk.model_selection.SpeakerKFold>` by default.
    thresholds : {"tuned"} or None, default=None
        For several labels, from which probability a label is answered. None: what
        the classifier's ``predict`` does. "tuned": the threshold of each label that
        maximises its F1 on training clips held out by `inner_cv`.
    seeds : sequence of int, default=None
        Run everything once for each of them, with every ``random_state`` in the
        pipelines set to it. Scores are means over seeds, and the table tells apart
        what folds and what seeds make them vary by.
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
        speakers; if `search` asks for a parameter that a pipeline does not have; if
        `inner_cv` cannot divide the training clips; or if clips and target do not fit
        together, or a value of the target is missing.
    TypeError
        If a pipeline does not end in a classifier, where the target is classes or
        labels, or in a regressor, where it is attributes; or if `cv` or `inner_cv` is
        no splitter.

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
    task = check_task(corpus, y, sampling_rates(systems))
    check_roles(systems, task)
    runs = check_seeds(seeds, systems)
    systems, inner_cv = _add_choices(systems, task, search, thresholds, inner_cv)
    splitter = make_splitter(cv, task)
    splits = splitter.split(task.clips, task.target)
    folds = check_folds(splits, task, acknowledge_overlap)
    if inner_cv is not None:
        check_inner_cv(inner_cv, folds, task)
    mixed = check_inner_splits(systems, task, acknowledge_overlap)
    audit = audit_folds(folds, task, acknowledge_overlap)
    if y is not None:
        refuse_contradictions(task)
    with open_store(cache) as store:
        stored = {name: give_store(system, store) for name, system in systems.items()}
        extracted = {
            name: extract_all(name, system, task, n_jobs)
            for name, system in stored.items()
        }
        cells = None if resume is None else open_cells(resume, systems, task)
        results = run_folds(stored, task, folds, n_jobs, cells, runs)
    fold_frame = _fold_frame(results, folds, task)
    return Evaluation(
        corpus=task.name,
        classes=task.classes,
        scheme=task.scheme,
        protocol=describe_protocol(
            splitter,
            folds,
            task,
            inside=_describe_choices(search, thresholds, inner_cv, runs),
            reservations=_describe_reservations(systems, task, folds, mixed),
        ),
        folds=fold_frame,
        predictions=_prediction_frame(results, folds, task),
        pipelines=_pipeline_frame(systems, extracted, fold_frame, len(task.clips)),
        record=make_record(systems, task, folds, corpus, runs),
        audit=audit,
        kind=task.kind.word,
    )


def _add_choices(
    systems: dict[str, BaseEstimator],
    task: Task,
    search: Any,
    thresholds: str | None,
    inner_cv: Any,
) -> tuple[dict[str, BaseEstimator], Any]:
    """Put around the systems what is chosen on training clips, and say by what."""
    if search is None and thresholds is None:
        if inner_cv is not None:
            raise ValueError(
                "inner_cv divides clips for a search or for thresholds: pass search= "
                "or thresholds= with it."
            )
        return systems, None
    inner_cv = SpeakerKFold(3) if inner_cv is None else inner_cv
    if search is not None:
        systems = add_search(systems, search, inner_cv, task.kind.scorer)
    if thresholds is not None:
        if thresholds != "tuned" or not isinstance(task.kind, Labels):
            raise ValueError(
                f"thresholds={thresholds!r}: only 'tuned' or None is possible, and "
                f"'tuned' for several labels, but the target is {task.kind.word}."
            )
        systems = add_thresholds(systems, inner_cv)
    return systems, inner_cv


def _describe_choices(
    search: Any,
    thresholds: str | None,
    inner_cv: Any,
    seeds: Sequence[int | None],
) -> list[str]:
    """Say what was chosen on parts of the training clips, and what is averaged."""
    by = type(inner_cv).__name__
    said = [f"parameters searched by {by}"] * (search is not None)
    if thresholds is not None:
        said.append(f"thresholds tuned by {by} on training clips")
    if None not in seeds:
        said.append(f"{len(seeds)} seed{'s' * (len(seeds) != 1)}")
    return said


def _describe_reservations(
    systems: Mapping[str, BaseEstimator], task: Task, folds: list[Fold], mixed: bool
) -> list[str]:
    said = ["INNER SPLITS SHARE SPEAKERS"] * mixed
    most = max(len(fold.train) for fold in folds)
    if any(stops_early(system, most) for system in systems.values()):
        said.append("EARLY STOPPING ON SPEAKERS THAT ARE TRAINED ON")
    return said + describe_copies(task, folds)


def _fold_frame(
    results: list[FoldResult], folds: list[Fold], task: Task
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pipeline": result.pipeline,
            **_seed_of(result),
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


def _seed_of(result: FoldResult) -> dict[str, int]:
    return {} if result.seed is None else {"seed": result.seed}


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
            **_seed_of(result),
            fold=result.fold,
            **task.kind.columns(result.predicted, "prediction"),
            **_probability_columns(result, task),
        )
        for result in results
        if not result.error
    ]
    predictions = pd.concat(parts, ignore_index=True)
    answers = [*task.kind.columns(task.target, "target")]
    answers += [name.replace("target", "prediction", 1) for name in answers]
    leading = ["pipeline", *_seed_of(results[0]), "fold", "clip", *answers]
    return predictions[[*leading, *predictions.columns.difference(leading)]]


def _probability_columns(result: FoldResult, task: Task) -> dict[str, np.ndarray]:
    if result.probabilities is None:
        return {}
    columns = zip(task.classes, result.probabilities.T, strict=True)
    return {f"probability_{label}": values for label, values in columns}


def _clip_frame(task: Task) -> pd.DataFrame:
    """Return what is known of each clip and goes beside its predictions."""
    frame = pd.DataFrame(
        {
            "clip": np.arange(len(task.clips)),
            **task.kind.columns(task.target, "target"),
        }
    )
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
                "front_end": front_end(system),
                "extractions_per_clip": n_extracted / n_clips,
                "seconds": extracted[name].seconds + seconds,
            }
        )
    return pd.DataFrame(rows)
