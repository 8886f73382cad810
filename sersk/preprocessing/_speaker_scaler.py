"""Normalisation by speaker, which learns from the clips that it transforms."""

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from sersk.audio import check_clips, is_matrix
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
    Rows of NaN, which an extractor with ``on_error="nan"`` gives, stay, and do not
    count.

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
        ValueError
            If the speaker of some clips is missing.
        """
        check_is_fitted(self)
        features = np.asarray(self.extractor_.transform(X), dtype=np.float32)
        codes, names = _number_speakers(X, len(features))
        _warn_of_loners(np.bincount(codes, weights=~np.isnan(features).all(1)), names)
        return _standardise_by_group(features, codes)

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


def _number_speakers(X: Any, n_clips: int) -> tuple[np.ndarray, list]:
    """Return the number of each clip's speaker, and the speakers by number."""
    columns = {} if is_matrix(X) else check_clips(X).columns
    if "speaker" not in columns:
        _warn(
            "X carries no speaker: all clips of this call are taken for one speaker's. "
            "Give it with clips.with_columns({'speaker': [...]})."
        )
        return np.zeros(n_clips, dtype=np.intp), ["unknown"]
    codes, names = pd.factorize(columns["speaker"])
    missing = np.flatnonzero(codes < 0)
    if len(missing):
        raise ValueError(
            f"X lacks the speaker of {len(missing)} of {n_clips} clips (first: clip "
            f"{missing[0]}). Fill it in, or drop these clips."
        )
    return codes, names.tolist()


def _warn_of_loners(n_usable: np.ndarray, names: Sequence) -> None:
    alone = np.flatnonzero(n_usable == 1)
    if len(alone):
        _warn(
            f"{len(alone)} speakers have one clip in this call (first: "
            f"{names[alone[0]]!r}), so their features become 0. Transform all clips of "
            "a speaker together."
        )


def _warn(message: str) -> None:
    # Where the caller stands is hidden by scikit-learn's wrapper around transform.
    warnings.warn(message, TransductionWarning, stacklevel=5)


def _standardise_by_group(features: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Give each column mean 0 and standard deviation 1 within each group."""
    standardised = np.empty_like(features)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        standardised[rows] = _standardise(features[rows].astype(np.float64))
    return standardised


def _standardise(group: np.ndarray) -> np.ndarray:
    """Return columns of mean 0 and standard deviation 1, or of 0 if constant."""
    missing = np.isnan(group)
    counts = np.maximum(np.sum(~missing, axis=0), 1)
    centred = group - np.nansum(group, axis=0) / counts
    spread = np.sqrt(np.nansum(centred**2, axis=0) / counts)
    # Rounding leaves a constant a spread of its own size times 1e-16.
    is_constant = spread <= 1e-7 * np.max(np.abs(np.where(missing, 0, group)), axis=0)
    scaled = centred / np.where(is_constant, 1.0, spread)
    return np.where(is_constant & ~missing, 0.0, scaled)
