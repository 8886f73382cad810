"""What an estimator learns from, and what its predictions depend on."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from sersk.audio import AudioClips, FeatureStreams, FrameSequences, is_matrix
from sersk.model_selection._audit_checks import LEAK, NOTE, Finding
from sersk.model_selection._audit_folds import (
    Sides,
    Subject,
    check_subject,
    make_sides,
    take_rows,
)
from sersk.model_selection._audit_report import SplitAudit, as_audit
from sersk.model_selection._spy import Log, spy_on

# How near to 0 and 1 the mean and the deviation of scaled columns are in float32.
_SCALED = 1e-4
_FEWEST_ROWS = 3


def audit_fit(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    cv: Any = None,
    groups: Any = None,
) -> SplitAudit:
    """Look for steps that learn from test clips, or need them to predict.

    Clones of the estimator are fitted and applied fold by fold, and each step of them
    writes down the content of the rows that it is given. The checks by name:

    - ``fitted on test clips`` (leak): in ``fit``, a step was given rows that it is
      also given when test clips are predicted, and not when training clips are;
    - ``scaled before the split`` (leak): `X` is a matrix whose columns have mean 0 and
      deviation 1, or minimum 0 and maximum 1, over all rows;
    - ``transductive`` (note): what a step makes of a test clip changes when other
      test clips are left out;
    - ``fitted before`` (note): a step is frozen, and nobody knows on what it was
      fitted.

    Parameters
    ----------
    estimator : estimator
        What would be evaluated: a pipeline, a search or anything else with ``fit``
        and ``predict`` or ``transform``. It is left as it is.
    X : Corpus, clips or array-like
        See :func:`audit_split`.
    y : array-like of shape (n_clips,), default=None
        Labels, where `X` is not a Corpus.
    cv : splitter, int or iterable, default=None
        How clips are divided; :class:`LeaveOneSpeakerOut` by default.
    groups : array-like of shape (n_clips,), default=None
        Speaker of each clip, where `X` does not carry it.

    Returns
    -------
    audit : SplitAudit
        ``value`` is the step, by the name of its parameters; ``count`` the number of
        rows, or of test clips that change.

    Raises
    ------
    ValueError
        If lengths differ, labels are missing, or a fold does not fit the clips.

    See Also
    --------
    audit_split : Look at the split alone.

    Notes
    -----
    It sees what passes through the steps while this runs. It cannot see what was done
    to `X` before, apart from scaling: features that were selected, or clips that were
    drawn again, over all clips; what a frozen step, or a pretrained network, was
    fitted on; and what a step reads by itself, unless it hands it on to a step inside.
    Rows are the same if they are equal bit for bit. Everything runs in this process.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.features import AcousticFunctionals
    >>> from sersk.model_selection import audit_fit
    >>> from sersk.preprocessing import SpeakerScaler
    >>> corpus = make_emotional_speech(n_speakers=3, n_repetitions=1, random_state=0)
    >>> pipeline = make_pipeline(
    ...     SpeakerScaler(AcousticFunctionals(descriptors=("rms",))),
    ...     LogisticRegression(),
    ... )
    >>> audit_fit(pipeline, corpus).line
    'audit: clean (fit; transductive)'
    """
    subject = check_subject(X, y, groups)
    target = X.target if y is None and subject.X is not X else subject.target
    sides, n_folds, protocol = make_sides(subject, cv, groups, None)
    findings = [*_find_scaled(subject.X), *_find_frozen(estimator)]
    with parallel_config(backend="sequential"):
        for pair in sides:
            if pair.names == ("train", "test") and len(pair.first) and len(pair.second):
                findings += _audit_fold(estimator, subject, target, pair)
    name = f"{type(estimator).__name__} on {subject.name}"
    return as_audit(name, protocol, subject.n_clips, n_folds, ["fit"], findings)


def _audit_fold(
    estimator: Any, subject: Subject, target: Any, pair: Sides
) -> Iterator[Finding]:
    log = Log()
    spied = spy_on(estimator, log)
    train, test = take_rows(subject.X, pair.first), take_rows(subject.X, pair.second)
    with log.open_for("fit"):
        spied.fit(train, None if target is None else target[pair.first])
    for purpose, rows in (("train", train), ("test", test)):
        with log.open_for(purpose):
            _apply(spied, rows)
    for step, kind in log.kinds.items():
        leaked = (log.seen(step, "test") - log.seen(step, "train")) & log.seen(
            step, "fit"
        )
        if leaked:
            detail = f"{kind} was fitted on {len(leaked)} rows that are test clips"
            row = (pair.fold, "fitted on test clips", pair.title, LEAK, step or kind)
            yield Finding(*row, len(leaked), detail)
    yield from _find_transductive(spied, subject, pair, test)


def _apply(fitted: Any, X: Any) -> Any:
    """Return what an estimator makes of clips, as finely as it tells."""
    for method in ("predict_proba", "decision_function", "predict", "transform"):
        if hasattr(fitted, method):
            return getattr(fitted, method)(X)
    raise TypeError(f"{type(fitted).__name__} has neither predict nor transform.")


def _find_transductive(
    fitted: Any, subject: Subject, pair: Sides, test: Any
) -> Iterator[Finding]:
    """Yield the first step whose results depend on other test clips."""
    speakers = subject.columns.get("speaker")
    own = np.zeros(len(pair.second)) if speakers is None else speakers[pair.second]
    kept = _first_half(own)
    if len(kept) == len(pair.second):
        return
    whole, part = test, take_rows(test, kept)
    for name, step in _steps(fitted):
        try:
            of_whole, of_part = _apply_step(step, whole), _apply_step(step, part)
        except ValueError as error:
            changed, why = len(kept), f"fails without the others: {error}"
        else:
            changed = int(find_changed(take_rows(of_whole, kept), of_part).sum())
            why = "changes when other test clips are left out"
            whole, part = of_whole, of_part
        if changed:
            detail = f"what it makes of a test clip {why}"
            row = (pair.fold, "transductive", "test", NOTE, name, changed, detail)
            yield Finding(*row)
            return


def _first_half(speakers: np.ndarray) -> np.ndarray:
    """Return the first half of each speaker's clips, two at least."""
    series = pd.Series(np.zeros(len(speakers)))
    by_speaker = series.groupby(pd.factorize(speakers)[0])
    half = np.maximum(by_speaker.transform("size") // 2, 2)
    return np.flatnonzero(by_speaker.cumcount() < half)


def _steps(fitted: Any) -> Iterator[tuple[str, Any]]:
    """Return the steps of a pipeline, or the estimator as the only one."""
    fitted = getattr(fitted, "best_estimator_", fitted)
    if not isinstance(fitted, Pipeline):
        yield type(fitted).__name__, fitted
        return
    for name, step in fitted.steps:
        # imbalanced-learn's samplers let through whatever is predicted.
        if step not in (None, "passthrough") and not hasattr(step, "fit_resample"):
            yield name, step


def _apply_step(step: Any, X: Any) -> Any:
    return step.transform(X) if hasattr(step, "transform") else _apply(step, X)


def find_changed(one: Any, other: Any) -> np.ndarray:
    """Return whether each row of what a step returned differs, of shape (n_rows,)."""
    if isinstance(one, AudioClips):
        return np.not_equal(one.digests, other.digests)
    if isinstance(one, FeatureStreams):
        streams = [find_changed(part, other[name]) for name, part in one.items()]
        return np.logical_or.reduce(streams)
    if isinstance(one, FrameSequences):
        pairs = zip(one, other, strict=True)
        return np.array([a.shape != b.shape or _differ(a, b).any() for a, b in pairs])
    arrays = (
        part.toarray() if hasattr(part, "toarray") else part for part in (one, other)
    )
    differs = _differ(*map(np.asarray, arrays))
    return np.logical_or.reduce(differs.reshape(len(differs), -1), axis=1)


def _differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    if one.dtype.kind not in "fc":
        return one != other
    # Sums over other numbers of rows may round differently.
    return ~np.isclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True)


def _find_scaled(X: Any) -> Iterator[Finding]:
    """Yield whether the columns of a matrix were scaled over all of its rows."""
    if not is_matrix(X) or hasattr(X, "toarray"):
        return
    matrix = np.asarray(X, dtype=np.float64)
    if len(matrix) < _FEWEST_ROWS or not np.isfinite(matrix).all():
        return
    matrix = matrix[:, np.ptp(matrix, axis=0) > 0]
    if matrix.shape[1] < 2:
        return
    for names, low, high in (
        ("mean 0 and deviation 1", matrix.mean(axis=0), matrix.std(axis=0)),
        ("minimum 0 and maximum 1", matrix.min(axis=0), matrix.max(axis=0)),
    ):
        if np.all((np.abs(low) < _SCALED) & (np.abs(high - 1) < _SCALED)):
            detail = (
                f"all {matrix.shape[1]} columns of X that vary have {names} over all "
                f"{len(matrix)} rows, test clips included"
            )
            row = (None, "scaled before the split", "", LEAK, names, len(matrix))
            yield Finding(*row, detail)


def _find_frozen(estimator: Any) -> Iterator[Finding]:
    """Yield the steps that were fitted before."""
    parts = {"": estimator, **estimator.get_params(deep=True)}
    for name, part in parts.items():
        if isinstance(part, FrozenEstimator):
            detail = "it is frozen: on what it was fitted cannot be seen"
            value = name or type(part).__name__
            yield Finding(None, "fitted before", "", NOTE, value, 0, detail)
