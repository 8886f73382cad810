"""The base of all waveform steps: a newcomer who adds one opens this file first.

A step is its ``__init__`` and ``_operation``; see
:class:`sersk.preprocessing.PreEmphasis`. Everything else (input, rates, checks) is
here, and what happens to the samples is an :class:`sersk.audio.Operation`.
"""

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sersk.audio import (
    AudioClips,
    Operation,
    check_clips,
    check_matrix,
    check_not_empty,
)
from sersk.utils._sklearn import Interval, fit_context

_ARRAY_RATE = 16_000


class WaveformStep(TransformerMixin, BaseEstimator):
    """Change the waveforms of clips, before any extractor.

    A subclass defines

    - ``__init__``, which stores its parameters and those of this class;
    - ``_parameter_constraints``, as scikit-learn's estimators do;
    - ``_operation()``, the :class:`sersk.audio.Operation` that its parameters describe;
    - ``_check_rate(sampling_rate)``, if some of them do not go with every rate.

    Nothing is computed by ``transform``: the operation runs when an extractor reads a
    clip, in the worker that needs it, and is part of the clip's digest.

    Parameters
    ----------
    sampling_rate : int or None, default=None
        Rate in Hz at which the step works. None: the rate that AudioClips have, and
        16000 for whatever else X is.

    See Also
    --------
    PreEmphasis : A step with a parameter of its own.
    sersk.AudioClips.apply : What a step does.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from sersk.audio import Operation
    >>> from sersk.preprocessing import WaveformStep
    >>> @dataclass(frozen=True)
    ... class Reversal(Operation):
    ...     def __call__(self, waveform, sampling_rate):
    ...         return waveform[::-1]
    >>> class Reverse(WaveformStep):
    ...     '''Play clips backwards.'''
    ...
    ...     def _operation(self):
    ...         return Reversal()
    >>> Reverse().fit_transform([[0.5, -0.25, 0.0]])[0]
    array([ 0.  , -0.25,  0.5 ], dtype=float32)
    """

    # Tells those who look for an extractor that it comes later, and gets these clips.
    gives_clips: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "sampling_rate": [Interval(Integral, 2_000, 384_000, closed="both"), None],
    }

    def __init_subclass__(cls) -> None:
        """Keep scikit-learn from making a table of the clips that any step gives."""
        keys: dict[str, Any] = {"auto_wrap_output_keys": None}
        super().__init_subclass__(**keys)

    def __init__(self, *, sampling_rate: int | None = None) -> None:
        self.sampling_rate = sampling_rate

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> "WaveformStep":
        """Check parameters and input; nothing is learned and no file is opened.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.
        y : None
            Ignored.

        Returns
        -------
        self : object
            This step.

        Raises
        ------
        ValueError
            If `X` holds no clips, or a parameter does not go with their rate.
        """
        self._change(self._check_input(X, reset=True))
        return self

    def transform(self, X: Any) -> AudioClips:
        """Return the clips, changed when they are read.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        clips : AudioClips
            As many clips, with the columns of `X`.

        Raises
        ------
        ValueError
            If `X` holds no clips, or a parameter does not go with their rate.
        """
        self._validate_params()
        return self._change(self._check_input(X, reset=False))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names given: samples have none, and pipelines ask every step.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names, if any.

        Returns
        -------
        names : ndarray of str objects
            The same names.
        """
        names = [] if input_features is None else input_features
        return np.asarray(names, dtype=object)

    def set_output(self, *, transform: str | None = None) -> "WaveformStep":
        """Change nothing: clips stay clips, whatever later steps of a pipeline give.

        Parameters
        ----------
        transform : str or None, default=None
            Ignored.

        Returns
        -------
        self : object
            This step.
        """
        return self

    def _operation(self) -> Operation:
        raise NotImplementedError(f"{type(self).__name__} does not define _operation.")

    def _check_rate(self, sampling_rate: int) -> None:
        """Raise where a parameter does not go with a rate; subclasses override this."""

    def _change(self, clips: AudioClips) -> AudioClips:
        """Return what the step makes of clips; subclasses that resample override it."""
        self._check_rate(clips.sampling_rate)
        return clips.apply(self._operation())

    def _check_input(self, X: Any, *, reset: bool) -> AudioClips:
        """Pass X through the one door, with scikit-learn's checks of a matrix."""
        clips = self._as_clips(check_matrix(self, X, reset=reset))
        check_not_empty(clips, self)
        return clips

    def _as_clips(self, X: Any) -> AudioClips:
        rate = self.sampling_rate
        if not isinstance(X, AudioClips):
            return check_clips(X, _ARRAY_RATE if rate is None else rate)
        return X if rate is None else X.resample(rate)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags
