"""Searches inside an evaluation: divided by speaker, or not at all."""

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, ParameterGrid, check_cv

from sersk.evaluation._plan import Fold, Task, shared_speakers
from sersk.evaluation._systems import parts_of
from sersk.metrics import unweighted_accuracy_scorer


def add_search(
    systems: dict[str, BaseEstimator], search: Any, inner_cv: Any
) -> dict[str, BaseEstimator]:
    """Put a grid search around each system that has a grid, on unweighted accuracy.

    `search` is one grid for all systems, or a mapping of names to grids.
    """
    grids = _grids(systems, search)
    for name, grid in grids.items():
        _check_grid(name, systems[name], grid)
    return {
        name: GridSearchCV(
            system,
            grids[name],
            scoring=unweighted_accuracy_scorer,
            cv=inner_cv,
            error_score="raise",
        )
        if name in grids
        else system
        for name, system in systems.items()
    }


def _grids(systems: Mapping[str, BaseEstimator], search: Any) -> dict[str, Any]:
    if isinstance(search, Mapping) and search and set(search) <= set(systems):
        return dict(search)
    return dict.fromkeys(systems, search)


def _check_grid(name: str, system: BaseEstimator, grid: Any) -> None:
    try:
        asked = {key for candidate in ParameterGrid(grid) for key in candidate}
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"search is no grid of parameters: {error}. Pass a mapping such as "
            '{"logisticregression__C": [0.1, 1.0]}, or one such for each pipeline.'
        ) from error
    unknown = sorted(asked - set(system.get_params()))
    if unknown:
        raise ValueError(
            f"search asks for {', '.join(map(repr, unknown))}, which pipeline {name!r} "
            "does not have. Correct it, or pass a grid for each pipeline: "
            f"search={{{name!r}: {{...}}}}."
        )


def mixed_speakers(system: BaseEstimator, task: Task) -> list:
    """Return the speakers that a split inside a system puts on both of its sides."""
    if task.speakers is None:
        return []
    found: set = set()
    for splitter in _inner_splitters(system):
        found.update(shared_speakers(_try_split(splitter, task), task.speakers))
    return sorted(found, key=str)


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


def _inner_splitters(part: Any) -> Iterator[Any]:
    """Return what divides clips inside an estimator, such as the cv of a search."""
    if isinstance(part, BaseEstimator) and not isinstance(part, type):
        parameters = part.get_params(deep=False)
        cv = parameters.get("cv", "prefit")
        if not isinstance(cv, str):
            yield cv
    for inner in parts_of(part):
        yield from _inner_splitters(inner)


def _try_split(cv: Any, task: Task) -> list[Fold]:
    """Divide all clips as the splitter would, if it can."""
    if isinstance(cv, Real) and not isinstance(cv, int):
        cv = None  # a share of the clips, drawn whoever speaks
    try:
        splitter = check_cv(cv, task.target, classifier=True)
        splits = list(splitter.split(task.clips, task.target))
    except (TypeError, ValueError):
        return []  # it raises again where it is used, with what it is used on
    return [
        Fold(number, np.asarray(train), np.asarray(test))
        for number, (train, test) in enumerate(splits)
    ]
