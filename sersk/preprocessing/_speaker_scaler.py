"""Normalisation by speaker, which learns from the clips that it transforms."""

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from sersk.utils import TransductionWarning
from sersk.utils._sklearn import HasMethods, fit_context


class SpeakerScaler(TransformerMixin, BaseEstimator):
    """Standardise the features of an extractor by speaker.

    Each speaker's features get mean 0 and standard deviation 1 over the clips of that
    speaker *in the same call*. That is transductive: to transform test clips it uses
    all test clips of the speaker (never their labels), so a result that was reached
    with it holds where many clips of each new speaker are at hand. Tables of
    :func:`sersk.evaluation.evaluate` say so.

    Parameters
    ----------
    extractor : extractor
        What turns clips into features; it keeps its cache.

    Attributes
    ----------
    extractor_ : extractor
        The fitted copy of `extractor`.
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    sklearn.preprocessing.StandardScaler : What is learned on training clips only.

    Notes
    -----
    Where `X` carries no speaker, all clips of a call are taken for one speaker's, with
    a :class:`~sersk.utils.TransductionWarning`. A feature that is constant for a
    speaker becomes 0, so a speaker of whom there is one clip gets zeros and a warning.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.features import AcousticFunctionals
    >>> from sersk.preprocessing import SpeakerScaler
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> features = SpeakerScaler(AcousticFunctionals()).fit_transform(corpus.clips)
    >>> one = features[corpus.clips.speaker == corpus.clips.speaker[0]]
    >>> bool(abs(one.mean(axis=0)).max() < 1e-5)
    True
    """

    is_transductive: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "extractor": [HasMethods(["fit", "transform"])],
    }

    def __init__(self, extractor: Any) -> None:
        self.extractor = extractor

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None) -> "SpeakerScaler":
        """Fit a copy of the extractor; no statistics are learned here.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        y : array-like, default=None
            Passed on to the extractor.

        Returns
        -------
        self : object
            This transformer.
        """
        self.extractor_ = clone(self.extractor).fit(X, y)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Extract features and standardise them by speaker, over these clips.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`; with a column ``speaker``.

        Returns
        -------
        features : ndarray of float32 of shape (n_clips, n_features)
            One row a clip, in order.

        Raises
        ------
        AudioError
            If clips cannot be used; see the extractor.
        """
        check_is_fitted(self)
        features = np.asarray(self.extractor_.transform(X), dtype=np.float32)
        return standardise_by_group(features, _speakers(X, len(features)))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the extractor's names: they stay, their units do not.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str objects of shape (n_features,)
            One a column.
        """
        check_is_fitted(self)
        return self.extractor_.get_feature_names_out(input_features)

    @property
    def n_features_in_(self) -> int:
        """Number of samples of a clip, if fitted on a 2-D array."""
        return self.extractor_.n_features_in_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def standardise_by_group(features: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Give each column mean 0 and standard deviation 1 within each group.

    Parameters
    ----------
    features : ndarray of shape (n_clips, n_features)
        Rows to be standardised.
    groups : ndarray of shape (n_clips,)
        Group of each row.

    Returns
    -------
    standardised : ndarray of float32 of shape (n_clips, n_features)
        0 where a column is constant within a group.
    """
    standardised = np.empty_like(features, dtype=np.float32)
    codes, names = pd.factorize(groups)
    alone = []
    for code, name in enumerate(names):
        rows = np.flatnonzero(codes == code)
        group = features[rows].astype(np.float64)
        centred = group - group.mean(axis=0)
        spread = centred.std(axis=0)
        # Rounding leaves a constant a spread of its own size times 1e-16.
        varies = spread > 1e-7 * np.abs(group).max(axis=0)
        scale = np.where(varies, spread, 1.0)
        standardised[rows] = np.where(varies, centred / scale, 0.0)
        if len(rows) < 2:
            alone.append(name)
    if alone:
        warnings.warn(
            f"{len(alone)} speakers have one clip in this call (first: {alone[0]!r}), "
            "so their features become 0. Transform all clips of a speaker together.",
            TransductionWarning,
            stacklevel=3,
        )
    return standardised


def _speakers(X: Any, n_clips: int) -> np.ndarray:
    columns = X if isinstance(X, pd.DataFrame) else getattr(X, "columns", {})
    if isinstance(columns, (Mapping, pd.DataFrame)) and "speaker" in columns:
        return np.asarray(columns["speaker"], dtype=object)
    warnings.warn(
        "X carries no speaker: all clips of this call are taken for one speaker's. "
        "Give it with clips.with_columns({'speaker': [...]}).",
        TransductionWarning,
        stacklevel=3,
    )
    return np.zeros(n_clips, dtype=object)
