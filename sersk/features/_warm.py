"""Filling the store before folds, searches and workers ask for it."""

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from sersk.audio import check_clips
from sersk.cache import check_store
from sersk.features._base import BaseClipTransformer
from sersk.features._failures import warn_low_rates


def warm_cache(estimator: Any, X: Any) -> int:
    """Extract, in this process and its workers, what an estimator will need of clips.

    Folds and searches that follow only read the store. Without a store (see
    :func:`sersk.set_config`) this does nothing.

    Parameters
    ----------
    estimator : estimator
        An extractor, or a pipeline, union or search that contains extractors.
    X : clips
        See :func:`sersk.check_clips`.

    Returns
    -------
    n_extracted : int
        How many clips had to be computed, summed over extractors; 0 the second time.

    Notes
    -----
    Clips that fail are left out: the error comes when they are needed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.features import AcousticFunctionals, warm_cache
    >>> X = np.random.default_rng(0).normal(scale=0.1, size=(3, 8_000))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     extractor = AcousticFunctionals(cache=folder)
    ...     pipeline = make_pipeline(extractor, LogisticRegression())
    ...     warm_cache(pipeline, X), warm_cache(pipeline, X)
    (3, 0)
    """
    n_extracted = 0
    for extractor in find_extractors(estimator):
        n_extracted += _fill(extractor, X)
    return n_extracted


def _fill(extractor: BaseClipTransformer, X: Any) -> int:
    """Return how many clips had to be computed to fill the extractor's store."""
    if check_store(extractor.cache) is None:
        return 0
    # A copy is fitted: this must not leave a trace in the caller's estimator.
    checked = clone(extractor).fit(X)
    clips = check_clips(X, checked.sampling_rate, max_duration=checked.max_duration)
    outcomes = checked.run(clips)
    warn_low_rates(clips, [outcome.source_rate for outcome in outcomes])
    return sum(outcome.is_computed for outcome in outcomes)


def find_extractors(estimator: Any) -> list[BaseClipTransformer]:
    """Return the extractors that will be given the clips that the estimator is given.

    Parameters
    ----------
    estimator : estimator
        Anything of scikit-learn's shape.

    Returns
    -------
    extractors : list of BaseClipTransformer
        In the order in which they are found.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.features import AcousticFunctionals, find_extractors
    >>> find_extractors(make_pipeline(AcousticFunctionals(), LogisticRegression()))
    [AcousticFunctionals()]
    """
    if isinstance(estimator, BaseClipTransformer):
        return [estimator]
    if isinstance(estimator, Pipeline):
        skipped = (None, "passthrough")
        first = [step for _, step in estimator.steps if step not in skipped][:1]
        return find_extractors(first)
    if isinstance(estimator, BaseEstimator):
        return find_extractors(estimator.get_params(deep=False))
    if isinstance(estimator, Mapping):  # the grid of a search
        return find_extractors(list(estimator.values()))
    if isinstance(estimator, (list, tuple)):
        return [found for value in estimator for found in find_extractors(value)]
    return []
