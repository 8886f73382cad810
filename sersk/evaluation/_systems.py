"""The systems that are compared: what they must be, and what they consist of."""

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any

from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor

from sersk.cache import FeatureStore
from sersk.evaluation._task import Task
from sersk.features import BaseExtractor, find_extractors


def check_pipelines(pipelines: Any) -> dict[str, BaseEstimator]:
    """Return systems by name, or raise naming the one that predicts nothing."""
    if isinstance(pipelines, (list, tuple)):
        raise TypeError(
            "pipelines must be an estimator, or a dict of name to estimator, got a "
            f"{type(pipelines).__name__}. Give each a name: {{'mine': ...}}."
        )
    if not isinstance(pipelines, Mapping):
        pipelines = {type(pipelines).__name__: pipelines}
    if not pipelines:
        raise ValueError("pipelines is empty: pass a dict of name to estimator.")
    for name, pipeline in pipelines.items():
        if not isinstance(name, str):
            raise TypeError(f"Names of pipelines must be str, got {name!r}.")
        if not (is_estimator(pipeline) and _predicts(pipeline)):
            raise TypeError(
                f"Pipeline {name!r} does not end in a classifier or a regressor: "
                f"{pipeline!r}. evaluate takes pipelines first, and then the corpus."
            )
    return dict(pipelines)


def _predicts(system: Any) -> bool:
    return is_classifier(system) or is_regressor(system)


def check_roles(systems: Mapping[str, BaseEstimator], task: Task) -> None:
    """Raise where a system answers something else than the target is made of."""
    for name, system in systems.items():
        if not task.kind.accepts(system):
            raise TypeError(
                f"Pipeline {name!r} does not end in a {task.kind.role}: {system!r}. "
                f"The target of {task.name} {task.kind.remedy()}."
            )


def check_seeds(
    seeds: Sequence[int] | None, systems: Mapping[str, BaseEstimator]
) -> list[int | None]:
    """Return the seeds, or one that leaves systems as they are."""
    if seeds is None:
        return [None]
    given = list(seeds)
    if not given or any(
        isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0
        for seed in given
    ):
        raise ValueError(f"seeds must be whole numbers from 0, got {seeds!r}.")
    if len(set(given)) < len(given):
        raise ValueError(f"seeds hold a number twice: {given}.")
    if not any(map(_random_states, systems.values())):
        raise ValueError(
            "seeds set every random_state in the pipelines, but there is none, so that "
            "each would give the same. Leave seeds out."
        )
    return [int(seed) for seed in given]


def give_seed(system: BaseEstimator, seed: int | None) -> BaseEstimator:
    """Return a copy in which every random_state is the seed."""
    copy = clone(system)
    states = {} if seed is None else dict.fromkeys(_random_states(copy), seed)
    return copy.set_params(**states) if states else copy


def _random_states(system: BaseEstimator) -> list[str]:
    """Return the names of the parameters that are random states."""
    return [
        name
        for name in system.get_params()
        if name == "random_state" or name.endswith("__random_state")
    ]


def is_transductive(part: Any) -> bool:
    """Tell whether an estimator learns from the clips that it predicts."""
    return any(getattr(item, "is_transductive", False) for item in walk(part))


def normalisation_note(part: Any) -> str:
    """Return what a system says of how it normalises speakers, if it does."""
    notes = [getattr(item, "normalisation_note", "") for item in walk(part)]
    return "; ".join(dict.fromkeys(filter(None, notes)))


def front_end(system: BaseEstimator) -> str:
    """Return at which rates a system takes clips, and the band that is left of them."""
    # Some have a rate that is no parameter, as an encoder was trained at one.
    bands = [
        _band(item.sampling_rate, getattr(item, "fmax", None))
        for item in filter(is_estimator, walk(system))
        if getattr(item, "sampling_rate", None)
    ]
    return "; ".join(dict.fromkeys(bands))


def _band(sampling_rate: int, fmax: float | None) -> str:
    highest = sampling_rate / 2 if fmax is None else min(fmax, sampling_rate / 2)
    return f"{sampling_rate} Hz, band to {highest:g} Hz"


def sampling_rates(systems: Mapping[str, BaseEstimator]) -> set[int]:
    """Return the rates at which the systems' extractors take arrays to be."""
    extractors = find_extractors(list(systems.values()))
    return {extractor.sampling_rate for extractor in extractors}


def give_store(part: Any, store: FeatureStore) -> Any:
    """Return a copy whose extractors keep features in a store, if they had none.

    The store travels inside the estimator, because settings do not reach the workers
    of a search that runs inside a worker.
    """
    if isinstance(part, BaseExtractor):
        return part if part.cache is not None else clone(part).set_params(cache=store)
    if isinstance(part, (list, tuple)):
        return type(part)([give_store(item, store) for item in part])
    if isinstance(part, dict):
        return {name: give_store(item, store) for name, item in part.items()}
    if is_estimator(part):
        return _give_store_inside(part, store)
    return part


def _give_store_inside(estimator: BaseEstimator, store: FeatureStore) -> BaseEstimator:
    copy = clone(estimator)
    # A frozen estimator is its own clone, fitted, and not ours to change.
    if copy is estimator or not any(map(_has_extractor, _parts_of(estimator))):
        return estimator
    parameters = copy.get_params(deep=False)
    return copy.set_params(**give_store(parameters, store))


def _has_extractor(part: Any) -> bool:
    return any(isinstance(item, BaseExtractor) for item in walk(part))


def walk(whole: Any) -> Iterator[Any]:
    """Return an estimator or a container, and all that is inside of it."""
    yield whole
    for part in _parts_of(whole):
        yield from walk(part)


def _parts_of(whole: Any) -> Iterator[Any]:
    """Return what an estimator or a container holds, such as steps or a grid."""
    if is_estimator(whole):
        whole = whole.get_params(deep=False)
    if isinstance(whole, Mapping):
        return iter(whole.values())
    return iter(whole if isinstance(whole, (list, tuple)) else ())


def is_estimator(part: Any) -> bool:
    return hasattr(part, "get_params") and not isinstance(part, type)
