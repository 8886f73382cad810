"""Variants of a system, one change at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import BaseEstimator, clone

from sersk.utils import listed_and_more

_UNCHANGED = "as given"


def ablate(
    pipeline: BaseEstimator, param_grid: Mapping[str, Sequence[Any]]
) -> dict[str, BaseEstimator]:
    """Return a system and variants of it that differ from it in one parameter each.

    Two systems that differ in more than one thing say nothing about either. These are
    for :func:`evaluate`, and :meth:`Evaluation.compare` says which differences from
    ``"as given"`` are more than chance.

    Parameters
    ----------
    pipeline : estimator
        The system that is varied.
    param_grid : mapping of str to sequence
        Values to try by the names of parameters, as scikit-learn's searches take them.
        A step is left out by ``"passthrough"``. Unlike in a search, they are never
        combined.

    Returns
    -------
    systems : dict of str to estimator
        Clones: the system itself, ``"as given"``, and one for each value, such as
        ``"logisticregression__C=0.1"``.

    Raises
    ------
    ValueError
        If there is no such parameter, if a value is the one that the system has, or if
        two values go by one name.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.evaluation import ablate
    >>> from sersk.features import AcousticFunctionals
    >>> from sersk.preprocessing import TrimSilence
    >>> pipeline = make_pipeline(
    ...     TrimSilence(), AcousticFunctionals(), LogisticRegression()
    ... )
    >>> list(ablate(pipeline, {
    ...     "trimsilence": ["passthrough"],
    ...     "acousticfunctionals__n_mfcc": [13, 20],
    ... }))
    ['as given', 'trimsilence=passthrough', 'acousticfunctionals__n_mfcc=13',
    'acousticfunctionals__n_mfcc=20']
    """
    given = pipeline.get_params()
    systems = {_UNCHANGED: clone(pipeline)}
    for parameter, values in param_grid.items():
        _check(parameter, values, given)
        for value in values:
            name = " ".join(f"{parameter}={value}".split())
            if repr(value) == repr(given[parameter]):
                raise ValueError(f"{name!r} is what the system has. Leave it out.")
            if name in systems:
                raise ValueError(f"Two variants are named {name!r}. Leave one out.")
            systems[name] = clone(pipeline).set_params(**{parameter: value})
    return systems


def _check(parameter: str, values: Sequence[Any], given: Mapping[str, Any]) -> None:
    if parameter not in given:
        raise ValueError(
            f"The system has no parameter {parameter!r}. It has "
            f"{listed_and_more(sorted(given))}."
        )
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TypeError(
            f"param_grid[{parameter!r}] must be a list of values, but got {values!r}."
        )
