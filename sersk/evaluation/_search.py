"""Searches inside an evaluation: divided by speaker, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, ParameterGrid, check_cv

from sersk.evaluation._labels import TunedThresholds
from sersk.evaluation._plan import Fold, shared_speakers
from sersk.evaluation._systems import is_estimator, walk
from sersk.evaluation._task import Task
from sersk.utils import listed_and_more

# From here on, early_stopping="auto" of scikit-learn's boosting is True.
_MANY = 10_000


def add_search(
    systems: dict[str, BaseEstimator], search: Any, inner_cv: Any, scorer: Any
) -> dict[str, BaseEstimator]:
    """Put a grid search around each system that has a grid.

    `search` is one grid for all systems, or a mapping of names to grids.
    """
    grids = _grids(systems, search)
    for name, grid in grids.items():
        _check_grid(name, systems[name], grid)
    return {
        name: GridSearchCV(
            system,
            grids[name],
            scoring=scorer,
            cv=inner_cv,
            error_score="raise",
        )
        if name in grids
        else system
        for name, system in systems.items()
    }


def add_thresholds(
    systems: dict[str, BaseEstimator], inner_cv: Any
) -> dict[str, BaseEstimator]:
    """Put the tuning of thresholds around each system that gives probabilities."""
    for name, system in systems.items():
        if not hasattr(system, "predict_proba"):
            raise ValueError(
                f"thresholds='tuned' are of probabilities, which pipeline {name!r} "
                "does not give. Use a classifier with predict_proba."
            )
    return {name: TunedThresholds(system, inner_cv) for name, system in systems.items()}


def check_inner_cv(inner_cv: Any, folds: Sequence[Fold], task: Task) -> None:
    """Raise where the training clips of a fold cannot be divided once more."""
    if not hasattr(inner_cv, "split") or isinstance(inner_cv, type):
        raise TypeError(
            f"inner_cv={inner_cv!r} is no splitter. Pass one that divides by speaker, "
            "such as SpeakerKFold(3)."
        )
    for fold in folds:
        try:
            for _ in inner_cv.split(task.clips[fold.train], task.target[fold.train]):
                pass
        except ValueError as error:
            raise ValueError(
                f"inner_cv={inner_cv!r} does not divide the training clips of fold "
                f"{fold.number}: {error} Pass another inner_cv to evaluate, such as "
                "inner_cv=SpeakerKFold(2)."
            ) from error


def _grids(systems: Mapping[str, BaseEstimator], search: Any) -> dict[str, Any]:
    if isinstance(search, Mapping) and (
        set(search) & set(systems)
        # A grid holds lists of values; what holds grids means them for pipelines.
        or (search and all(isinstance(grid, Mapping) for grid in search.values()))
    ):
        unknown = [name for name in search if name not in systems]
        if unknown:
            raise ValueError(
                f"search has grids for {', '.join(map(repr, unknown))}, but there are "
                f"the pipelines {', '.join(map(repr, systems))}."
            )
        return dict(search)
    return dict.fromkeys(systems, search)


def _check_grid(name: str, system: BaseEstimator, grid: Any) -> None:
    try:
        asked = {key for candidate in ParameterGrid(grid) for key in candidate}
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"search is no grid of parameters: {str(error).rstrip('.')}. Pass a "
            "mapping such as "
            '{"logisticregression__C": [0.1, 1.0]}, or one such for each pipeline.'
        ) from error
    unknown = sorted(asked - set(system.get_params()))
    if unknown:
        raise ValueError(
            f"search asks for {', '.join(map(repr, unknown))}, which pipeline {name!r} "
            f"does not have.{_meant(unknown, system)} Correct it, or pass a grid for "
            f"each pipeline: search={{{name!r}: {{...}}}}."
        )


def _meant(unknown: Sequence[str], system: BaseEstimator) -> str:
    """Return the parameters that end like those asked for, which have other steps."""
    endings = {name.rpartition("__")[2] for name in unknown}
    alike = [
        name for name in system.get_params() if name.rpartition("__")[2] in endings
    ]
    return f" It has {listed_and_more(alike)}." if alike else ""


def mixed_speakers(system: BaseEstimator, task: Task) -> list:
    """Return the speakers that a split inside a system puts on both of its sides."""
    if task.speakers is None:
        return []
    found: set = set()
    for splitter in _inner_splitters(system):
        for rows in _try_on(task.speakers):
            found.update(
                shared_speakers(_try_split(splitter, task, rows), task.speakers)
            )
    return sorted(found, key=str)


def _try_on(speakers: np.ndarray) -> Iterator[np.ndarray]:
    """Yield all clips, and those of all speakers but the first.

    Speakers with equally many clips, one after another, may be kept apart by a
    splitter that knows nothing of them, as long as they are all there.
    """
    codes, _ = pd.factorize(speakers)
    yield np.arange(len(codes))
    yield np.flatnonzero(codes)


def check_inner_splits(
    systems: Mapping[str, BaseEstimator], task: Task, acknowledged: bool
) -> bool:
    """Tell whether inner splits mix speakers; raise unless that is acknowledged."""
    for name, system in systems.items():
        mixed = mixed_speakers(system, task)
        if mixed and not acknowledged:
            raise ValueError(
                f"Pipeline {name!r} selects or calibrates on splits that put the clips "
                f"of {len(mixed)} speakers (first: {mixed[0]!r}) on both sides, so it "
                "chooses what recognises voices. Pass search= to evaluate, or "
                "cv=SpeakerKFold(3) to what splits inside the pipeline, around the "
                "extractor; or pass acknowledge_overlap=True, which the table then "
                "shows."
            )
        if mixed:
            return True
    return False


def stops_early(part: Any, n_clips: int) -> bool:
    """Tell whether a part stops on training clips that it draws whoever speaks.

    So do scikit-learn's networks and boosting, by a share of the clips.
    """
    for item in filter(is_estimator, walk(part)):
        own = item.get_params(deep=False)
        asked = own.get("early_stopping", own.get("n_iter_no_change") is not None)
        stops = n_clips > _MANY if asked == "auto" else bool(asked)
        if stops and own.get("validation_fraction") is not None:
            return True
    return False


def _inner_splitters(part: Any) -> Iterator[Any]:
    """Return what divides clips inside an estimator, such as the cv of a search."""
    for item in filter(is_estimator, walk(part)):
        cv = item.get_params(deep=False).get("cv", "prefit")
        # An ensemble by speaker looks after its own, where an int counts speakers.
        by_speaker = getattr(item, "splits_by_speaker", False)
        if not (isinstance(cv, str) or by_speaker):
            yield cv


def _try_split(cv: Any, task: Task, rows: np.ndarray) -> list[Fold]:
    """Divide these clips as the splitter would, if it can."""
    if isinstance(cv, Real) and not isinstance(cv, int):
        cv = None  # a share of the clips, drawn whoever speaks
    try:
        is_classes = task.kind.role == "classifier"
        splitter = check_cv(cv, task.target[rows], classifier=is_classes)
        splits = splitter.split(task.clips[rows], task.target[rows])
        return [
            Fold(number, rows[train], rows[test])
            for number, (train, test) in enumerate(splits)
        ]
    except (TypeError, ValueError, IndexError):
        return []  # it raises again where it is used, with what it is used on
