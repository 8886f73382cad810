"""What estimators have in common that learn from windows and answer for clips."""

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import Tags, check_consistent_length, get_tags
from sklearn.utils.validation import check_is_fitted

from sersk.audio import (
    AudioClips,
    check_clips,
    check_not_empty,
    make_windows,
)
from sersk.estimators._weights import check_weights, weight_parameter
from sersk.estimators._wrapped import check_rows
from sersk.features import find_extractors
from sersk.utils import AudioError
from sersk.utils._sklearn import HasMethods, Interval, StrOptions

# The columns that make_windows adds.
_CLIP, _START = "window_of", "window_start"
_DEFAULT_RATE = 16_000


class Cut(NamedTuple):
    """Windows, and what they are windows of.

    `rows` holds for each window a row of X, whose target it inherits; `owners` the
    clip with whose windows it is aggregated; `answers`, for each row of X, the clip
    whose answer it gets.
    """

    windows: AudioClips
    rows: np.ndarray
    owners: np.ndarray
    answers: np.ndarray


class Windowed(MetaEstimatorMixin, BaseEstimator):
    """Fit a clone of an estimator on the windows of clips."""

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "estimator": [HasMethods(["fit", "predict"])],
        "window": [Interval(Real, 0, None, closed="neither")],
        "hop": [Interval(Real, 0, None, closed="neither")],
        "tail": [StrOptions({"drop", "shift", "pad"})],
        "sampling_rate": [Interval(Integral, 2_000, 384_000, closed="both"), None],
    }

    def cut_windows(self, X: Any) -> AudioClips:
        """Cut clips into the windows that the estimator is given.

        Parameters
        ----------
        X : clips of shape (n_clips,)
            See :func:`sersk.check_clips`.

        Returns
        -------
        windows : AudioClips of shape (n_windows,)
            See :func:`sersk.audio.make_windows`. Windows are returned as they are.

        Raises
        ------
        AudioError
            If the length of a clip cannot be found; the message names it.
        """
        return self._cut(self._as_clips(X)).windows

    def _check_clips(self, X: Any) -> AudioClips:
        """Return X as clips to be fitted to."""
        check_rows(self, X, reset=True)
        return self._as_clips(X)

    def _fit_windows(
        self, clips: AudioClips, target: np.ndarray, sample_weight: Any
    ) -> None:
        """Fit to windows of clips, of which each inherits what the clip has."""
        check_consistent_length(clips, target)
        cut = self._cut(clips)
        _check_agreement(cut, target)
        given = {}
        if sample_weight is not None:
            weights = check_weights(sample_weight, target)
            given[weight_parameter(self.estimator)] = weights[cut.rows]
        with self._clips_named(cut):
            estimator = clone(self.estimator)
            self.estimator_ = estimator.fit(cut.windows, target[cut.rows], **given)

    def _cut(self, clips: AudioClips) -> Cut:
        rows = np.arange(len(clips))
        if _CLIP in clips.columns:
            owners = pd.factorize(clips.columns[_CLIP])[0]
            if (owners < 0).any():
                raise ValueError(
                    f"Column {_CLIP!r} of X lacks the clip of window "
                    f"{int((owners < 0).argmax())}. Fill it in, or drop the window."
                )
            return Cut(clips, rows, owners, owners)
        windows = make_windows(clips, self.window, self.hop, tail=self.tail)
        numbers = windows.columns[_CLIP]
        return Cut(windows, numbers, numbers, rows)

    def _as_clips(self, X: Any) -> AudioClips:
        """Return X as clips at the rate at which windows are cut."""
        rate = self.sampling_rate
        if rate is None:
            rates = [one.sampling_rate for one in find_extractors(self.estimator)]
            rate = max(rates, default=None)
        if isinstance(X, AudioClips):
            clips = X if rate is None else X.resample(rate)
        else:
            clips = check_clips(X, rate or _DEFAULT_RATE)
        check_not_empty(clips, self)
        return clips

    def _cut_fitted(self, X: Any) -> Cut:
        check_is_fitted(self)
        check_rows(self, X, reset=False)
        return self._cut(self._as_clips(X))

    @contextmanager
    def _clips_named(self, cut: Cut) -> Iterator[None]:
        """Say of which clips the windows are that an error is about."""
        try:
            yield
        except AudioError as error:
            # What splits windows itself has other numbers for them.
            if not (error.indices and isinstance(self.estimator, Pipeline)):
                raise
            window = error.indices[0]
            start = _starts(cut.windows)[window]
            raise AudioError(
                f"{error} (This is about windows; {window} is the one from "
                f"{start:.10g} s of clip {cut.rows[window]}.)",
                indices=np.unique(cut.rows[list(error.indices)]).tolist(),
            ) from error

    def _tabulate(self, cut: Cut, values: np.ndarray, names: list) -> pd.DataFrame:
        """Return the scores of windows beside where these lie."""
        starts = _starts(cut.windows)
        clips = cut.windows.columns[_CLIP]
        table = pd.DataFrame(
            {"clip": clips, "start": starts, "end": starts + self.window}
        )
        scores = pd.DataFrame(values, columns=names)
        return pd.concat([table, scores], axis=1)

    def __sklearn_tags__(self) -> Tags:
        """Take over what the estimator says of its input and target."""
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.target_tags.multi_output = inner.target_tags.multi_output
        return tags


def _starts(windows: AudioClips) -> np.ndarray:
    """Return where windows start, NaN where whoever cut them does not say."""
    unknown = np.full(len(windows), np.nan)
    return np.asarray(windows.columns.get(_START, unknown), dtype=np.float64)


def _check_agreement(cut: Cut, target: np.ndarray) -> None:
    """Raise where windows that were given have other targets than their clip."""
    first = np.unique(cut.owners, return_index=True)[1]
    differs = target[cut.rows] != target[cut.rows][first][cut.owners]
    rows = np.flatnonzero(differs.reshape(len(differs), -1).any(axis=1))
    if len(rows):
        clip = cut.windows.columns[_CLIP][rows[0]]
        raise ValueError(
            f"y differs within clip {clip}: window {rows[0]} of X has "
            f"{target[rows[0]]}, window {first[cut.owners[rows[0]]]} has "
            f"{target[first[cut.owners[rows[0]]]]}. Give all windows of a clip its "
            "target."
        )
