"""Filling the store before folds, searches and workers ask for it."""

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator, clone

from sersk.cache import check_store
from sersk.features._base import BaseClipTransformer
from sersk.features._extractor import BaseExtractor
from sersk.features._failures import warn_oddities


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
    for extractor, clips in plan_extractions(estimator, X):
        n_extracted += _fill(extractor, clips)
    return n_extracted


def _fill(extractor: BaseExtractor, X: Any) -> int:
    """Return how many clips had to be computed to fill the extractor's store."""
    if check_store(extractor.cache) is None:
        return 0
    # A copy is fitted: this must not leave a trace in the caller's estimator.
    checked = clone(extractor)
    clips = checked.begin(X, reset=True)
    outcomes = checked.run(clips)
    warn_oddities(clips, outcomes)
    return sum(outcome.is_computed for outcome in outcomes)


def find_extractors(estimator: Any) -> list[BaseClipTransformer]:
    """Return the extractors that will hear the clips that the estimator is given.

    Those that are given windows of these clips are among them, and those that read
    transcripts are not.

    Parameters
    ----------
    estimator : estimator
        Anything of scikit-learn's shape.

    Returns
    -------
    extractors : list of BaseClipTransformer
        In the order in which they are found.

    See Also
    --------
    plan_extractions : Those too that are given clips which steps have changed.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.features import AcousticFunctionals, find_extractors
    >>> find_extractors(make_pipeline(AcousticFunctionals(), LogisticRegression()))
    [AcousticFunctionals()]
    """
    return [
        extractor
        for extractor, steps in _find(estimator)
        if isinstance(extractor, BaseClipTransformer)
        and not any(getattr(step, "gives_clips", False) for step in steps)
    ]


def plan_extractions(estimator: Any, X: Any) -> list[tuple[BaseExtractor, Any]]:
    """Return the extractors of an estimator, each with the clips that it will be given.

    Parameters
    ----------
    estimator : estimator
        Anything of scikit-learn's shape; it stays as it is.
    X : clips
        See :func:`sersk.check_clips`.

    Returns
    -------
    plan : list of (BaseExtractor, clips)
        In the order in which they are found. The clips are `X`, unless steps such as
        :class:`sersk.preprocessing.TrimSilence` come first in a pipeline, or an
        estimator such as :class:`sersk.estimators.WindowedClassifier` cuts windows.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.features import AcousticFunctionals, plan_extractions
    >>> from sersk.preprocessing import FixDuration
    >>> pipeline = make_pipeline(FixDuration(0.5), AcousticFunctionals())
    >>> [(extractor, clips)] = plan_extractions(pipeline, np.zeros((2, 16_000)))
    >>> clips[0].shape
    (8000,)
    """
    plan = []
    for extractor, steps in _find(estimator):
        clips = X
        for step in steps:
            if hasattr(step, "cut_windows"):
                clips = step.cut_windows(clips)
            else:
                clips = clone(step).fit(clips).transform(clips)
        plan.append((extractor, clips))
    return plan


def _find(
    part: Any, steps: tuple[Any, ...] = ()
) -> list[tuple[BaseExtractor, tuple[Any, ...]]]:
    """Return extractors, each with the steps that clips go through before."""
    if isinstance(part, BaseExtractor):
        return [(part, steps)]
    # Importing it takes as long as reading fifty clips.
    from sklearn.pipeline import Pipeline

    if isinstance(part, Pipeline):
        return _find_in_pipeline(part, steps)
    if isinstance(part, BaseEstimator):
        if hasattr(part, "cut_windows"):
            steps = (*steps, part)
        return _find(part.get_params(deep=False), steps)
    if isinstance(part, Mapping):  # the grid of a search
        return _find(list(part.values()), steps)
    if isinstance(part, (list, tuple)):
        return [found for value in part for found in _find(value, steps)]
    return []


def _find_in_pipeline(
    pipeline: Any, steps: tuple[Any, ...]
) -> list[tuple[BaseExtractor, tuple[Any, ...]]]:
    """Return the extractors of the step that ends clips: those behind it get none."""
    for _, step in pipeline.steps:
        if getattr(step, "gives_clips", False):
            steps = (*steps, step)
        elif step not in (None, "passthrough"):
            return _find(step, steps)
    return []
