"""The base of all extractors: a newcomer who adds one opens this file first.

An extractor is its ``__init__``, ``_extract`` for one waveform, and the names of what
that returns; see :class:`sersk.features.AcousticFunctionals`. Input, workers and errors
are here; rows, names and the store in ``_extractor.py``; and in ``_extraction.py`` how
many clips are run over.
"""

from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from sersk.audio import (
    DEFAULT_MAX_DURATION,
    AudioClips,
    check_clips,
    check_matrix,
    check_not_empty,
)
from sersk.features._batches import BatchLimits
from sersk.features._extraction import Outcome, Work, extract_clips
from sersk.features._extractor import BaseExtractor
from sersk.features._failures import report_failures, warn_oddities
from sersk.utils import AudioError
from sersk.utils._sklearn import (
    Interval,
    StrOptions,
)


class BaseClipTransformer(BaseExtractor):
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

    # Shorter clips are padded with zeros at their end.
    _min_duration: ClassVar[float] = 0.0
    _runtime_parameters: ClassVar[frozenset[str]] = frozenset(
        {"on_error", "max_duration", "cache", "n_jobs"}
    )

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseExtractor._parameter_constraints,
        "sampling_rate": [Interval(Integral, 2_000, 384_000, closed="both")],
        "on_error": [StrOptions({"raise", "nan"})],
        "max_duration": [Interval(Real, 0, None, closed="neither")],
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
        work = Work(self, clips, self._place())
        return extract_clips(work, n_jobs=self.n_jobs)

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
        """Return how many clips `begin_many` is given; for the library's use.

        Returns
        -------
        limits : BatchLimits or None
            None: clips are extracted one by one, in workers if there are any.
        """
        return None

    def begin_many(
        self, waveforms: Sequence[np.ndarray]
    ) -> Callable[[], list[np.ndarray]]:
        """Begin to extract from several waveforms at once; for the library's use.

        What is computed elsewhere has begun when this returns; here, nothing has.

        Parameters
        ----------
        waveforms : sequence of ndarray of float32 of shape (n_samples,)
            Finite samples at ``sampling_rate``.

        Returns
        -------
        finish : callable
            It returns a list of what `extract` gives for each, or raises.
        """
        return lambda: [self.extract(waveform) for waveform in waveforms]

    def _finish(self, values: np.ndarray) -> np.ndarray:
        """Return values as they are kept, if they are finite."""
        values = np.ascontiguousarray(values, dtype=np.float32)
        if not np.isfinite(values).all():
            finite = np.isfinite(values).reshape(-1, values.shape[-1]).all(axis=0)
            bad = self.get_feature_names_out()[~finite]
            raise AudioError(
                f"gives values of {', '.join(bad[:3])} that are not finite. "
                f"{self._overflow_remedy()}Drop the clip, or pass "
                'on_error="nan".'
            )
        return values

    def _overflow_remedy(self) -> str:
        """Return what may help where values are not finite, before anything else."""
        return ""

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define _extract.")

    def _check_input(self, X: Any, *, reset: bool) -> AudioClips:
        """Pass X through the one door, with scikit-learn's checks of a matrix."""
        X = check_matrix(self, X, reset=reset, finite=self.on_error == "raise")
        clips = check_clips(X, self.sampling_rate, max_duration=self.max_duration)
        check_not_empty(clips, self)
        return clips

    def _report(self, clips: AudioClips, outcomes: list[Outcome]) -> None:
        warn_oddities(clips, outcomes)
        report_failures(clips, outcomes, fatal=self.on_error == "raise")
