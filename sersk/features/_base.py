"""The base of all extractors: a newcomer who adds one opens this file first.

An extractor is its ``__init__``, ``_extract`` for one waveform, and the names of what
that returns; see :class:`sersk.features.AcousticFunctionals`. Everything else is here
(input, store, workers, errors, names) or, for running over many clips, in
``_extraction.py``.
"""

import functools
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from numbers import Integral, Real
from os import PathLike
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sersk.audio import DEFAULT_MAX_DURATION, AudioClips, check_clips, check_matrix
from sersk.cache import FeatureStore, check_store, extractor_key
from sersk.features._batches import BatchLimits
from sersk.features._extraction import Outcome, Place, Work, extract_clips
from sersk.features._failures import (
    raise_failures,
    warn_failures,
    warn_low_rates,
    warn_notes,
)
from sersk.utils import AudioError
from sersk.utils._sklearn import (
    Interval,
    Options,
    StrOptions,
)


class BaseClipTransformer(TransformerMixin, BaseEstimator):
    """Turn clips into rows of features.

    A subclass defines

    - ``__init__``, which stores its parameters and those of this class;
    - ``_parameter_constraints``, as scikit-learn's estimators do;
    - ``_extract(waveform)``, from float32 samples at ``sampling_rate`` to a 1-D array;
    - ``_feature_names()``, a list of the names of its values;
    - ``_extractor_version``, to be raised whenever the numbers change, and
      ``_libraries``, the distributions whose versions change them;
    - ``_runtime_parameters``, if it has more that cannot change the numbers.

    Parameters
    ----------
    sampling_rate : int, default=16000
        Rate in Hz to which clips are resampled, and at which arrays are taken to be.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them rows of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers; None stands for 1, or for what
        :func:`joblib.parallel_config` says.

    See Also
    --------
    AcousticFunctionals : An extractor with parameters of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import BaseClipTransformer
    >>> class Peak(BaseClipTransformer):
    ...     '''Measure the largest amplitude of a clip.'''
    ...
    ...     def _extract(self, waveform):
    ...         return np.abs(waveform).max(keepdims=True)
    ...
    ...     def _feature_names(self):
    ...         return ["peak"]
    >>> Peak().fit_transform([[0.5, -0.25], [0.125, 0.0, 0.0]])
    array([[0.5  ],
           [0.125]], dtype=float32)
    """

    _extractor_version: ClassVar[int] = 1
    _libraries: ClassVar[tuple[str, ...]] = ()
    # Shorter clips are padded with zeros at their end.
    _min_duration: ClassVar[float] = 0.0
    # All others are part of the store's key.
    _runtime_parameters: ClassVar[frozenset[str]] = frozenset(
        {"on_error", "max_duration", "cache", "n_jobs"}
    )

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "sampling_rate": [Interval(Integral, 2_000, 384_000, closed="both")],
        "on_error": [StrOptions({"raise", "nan"})],
        "max_duration": [Interval(Real, 0, None, closed="neither")],
        "cache": [str, PathLike, FeatureStore, Options(bool, {False}), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        *,
        sampling_rate: int = 16_000,
        on_error: str = "raise",
        max_duration: float = DEFAULT_MAX_DURATION,
        cache: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.sampling_rate = sampling_rate
        self.on_error = on_error
        self.max_duration = max_duration
        self.cache = cache
        self.n_jobs = n_jobs

    # Without scikit-learn's context of a fit, whose first use imports its callbacks.
    def fit(self, X: Any, y: Any = None) -> "BaseClipTransformer":
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
            This extractor.
        """
        self._begin(X, reset=True)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Extract the features of each clip.

        Parameters
        ----------
        X : clips
            See :func:`sersk.check_clips`.

        Returns
        -------
        features : ndarray of float32 of shape (n_clips, n_features)
            One row a clip, in order.

        Raises
        ------
        AudioError
            If clips cannot be used and ``on_error="raise"``; the message names them.
            Clips that were computed are kept in the store, if there is one.
        ValueError
            If `X` holds no clips.

        Warns
        -----
        sersk.utils.AudioWarning
            If clips got rows of NaN, or were recorded at less than ``sampling_rate``.
        """
        clips = self._begin(X)
        outcomes = self.run(clips)
        self._report(clips, outcomes)
        return self._assemble(outcomes)

    def run(self, clips: AudioClips) -> list[Outcome]:
        """Extract from clips and return what became of each; for the library's use.

        Parameters
        ----------
        clips : AudioClips
            Clips at this extractor's rate.

        Returns
        -------
        outcomes : list of Outcome
            One a clip, in order.
        """
        store = check_store(self.cache)
        place = None
        if store is not None:
            description = self._description()
            place = Place(store, extractor_key(description), description)
        return extract_clips(Work(self, clips, place), n_jobs=self.n_jobs)

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Extract the features of one waveform.

        Parameters
        ----------
        waveform : ndarray of float32 of shape (n_samples,)
            Finite samples at ``sampling_rate``.

        Returns
        -------
        features : ndarray of float32 of shape (n_features,)
            Finite values.

        Raises
        ------
        AudioError
            If a value is not finite; the message is a phrase without the clip.
        """
        shortage = int(np.ceil(self._min_duration * self.sampling_rate)) - len(waveform)
        if shortage > 0:
            waveform = np.pad(waveform, (0, shortage))
        return self._finish(self._extract(waveform))

    def prepare(self) -> None:
        """Get ready to extract, in the process that will; for the library's use.

        Whatever keeps all clips from being extracted is raised here.
        """

    def batching(self) -> BatchLimits | None:
        """Return how many clips `extract_many` is given; for the library's use.

        Returns
        -------
        limits : BatchLimits or None
            None: clips are extracted one by one, in workers if there are any.
        """
        return None

    def extract_many(self, waveforms: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Extract the features of several waveforms at once; for the library's use.

        Parameters
        ----------
        waveforms : sequence of ndarray of float32 of shape (n_samples,)
            Finite samples at ``sampling_rate``.

        Returns
        -------
        features : list of ndarray of float32
            What `extract` gives for each.

        Raises
        ------
        AudioError
            If a value of any of them is not finite.
        """
        return [self.extract(waveform) for waveform in waveforms]

    def _finish(self, values: np.ndarray) -> np.ndarray:
        """Return values as they are kept, if they are finite."""
        values = np.ascontiguousarray(values, dtype=np.float32)
        if not np.isfinite(values).all():
            finite = np.isfinite(values).reshape(-1, values.shape[-1]).all(axis=0)
            bad = self.get_feature_names_out()[~finite]
            raise AudioError(
                f"gives values of {', '.join(bad[:3])} that are not finite. Drop the "
                'clip, or pass on_error="nan".'
            )
        return values

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns.

        Parameters
        ----------
        input_features : None
            Ignored; samples have no names.

        Returns
        -------
        names : ndarray of str objects of shape (n_features,)
            Such as ``mfcc_03_mean``.
        """
        return np.asarray(self._feature_names(), dtype=object)

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define _extract.")

    def _feature_names(self) -> list[str]:
        raise NotImplementedError(f"{type(self).__name__} does not name its features.")

    def _begin(self, X: Any, *, reset: bool = False) -> AudioClips:
        """Check parameters and input, as fit and transform begin."""
        self._validate_params()
        self._check_parameters()
        return self._check_input(X, reset=reset)

    def _report(self, clips: AudioClips, outcomes: list[Outcome]) -> None:
        """Raise or warn about the clips that failed, and warn of what else is odd."""
        warn_low_rates(clips, [outcome.source_rate for outcome in outcomes])
        warn_notes(clips, [outcome.notes for outcome in outcomes])
        failures = {i: out.reason for i, out in enumerate(outcomes) if out.reason}
        if failures and self.on_error == "raise":
            raise_failures(clips, failures)
        if failures:
            warn_failures(clips, failures)

    def _check_parameters(self) -> None:
        """Raise where parameters do not go together; subclasses override this."""

    def _check_input(self, X: Any, *, reset: bool) -> AudioClips:
        """Pass X through the one door, with scikit-learn's checks of a matrix."""
        X = check_matrix(self, X, reset=reset, finite=self.on_error == "raise")
        clips = check_clips(X, self.sampling_rate, max_duration=self.max_duration)
        if len(clips) == 0:
            raise ValueError(
                f"X holds 0 clips; {type(self).__name__} needs at least 1."
            )
        return clips

    def _assemble(self, outcomes: list[Outcome]) -> np.ndarray:
        """Return a row a clip, of NaN where it failed."""
        n_features = len(self._feature_names())
        nothing = np.full(n_features, np.nan, dtype=np.float32)
        rows = [nothing if row.value is None else row.value for row in outcomes]
        shapes = {row.shape for row in rows} - {(n_features,)}
        if shapes:
            raise ValueError(
                f"{type(self).__name__}._extract gave an array of shape "
                f"{shapes.pop()}, but _feature_names gives {n_features} names. Give "
                "one for each value."
            )
        # Stacking would make an array of two dimensions of each row first.
        joined = np.concatenate(rows, dtype=np.float32, casting="same_kind")
        return joined.reshape(len(rows), n_features)

    def _description(self) -> dict[str, Any]:
        """Return all that can change the numbers: the store's key is made of it."""
        parameters = self.get_params(deep=False)
        return {
            "extractor": type(self).__qualname__,
            "module": type(self).__module__,
            "version": self._extractor_version,
            "libraries": {name: _version(name) for name in self._libraries},
            "parameters": {
                name: value
                for name, value in parameters.items()
                if name not in self._runtime_parameters
            },
        }

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


@functools.cache
def _version(distribution: str) -> str | None:
    """Return the version of what is installed; what is not says so when it is used."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
