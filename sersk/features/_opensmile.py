"""openSMILE's functionals, made safe for any clip and any worker."""

import functools
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.features._base import BaseClipTransformer
from sersk.utils import import_optional
from sersk.utils._sklearn import StrOptions

if TYPE_CHECKING:
    import opensmile

_FEATURE_SETS = {"ComParE_2016", "GeMAPSv01b", "eGeMAPSv02", "emobase"}
# openSMILE multiplies by 32768 and casts to int16 without clipping, so that a sample
# of exactly 1 would become -32768.
_LARGEST_SAMPLE = np.float32(1.0 - 2.0**-15)


class OpenSMILEFunctionals(BaseClipTransformer):
    """Summarise clips by the functionals of an openSMILE feature set.

    openSMILE comes with ``pip install "sersk[opensmile]"``. Its licence is audEERING's
    own, for research and private use, and not an open-source licence.

    Parameters
    ----------
    feature_set : str, default="ComParE_2016"
        ``ComParE_2016`` (6373 functionals), ``eGeMAPSv02`` (88), ``GeMAPSv01b`` (62)
        or ``emobase`` (988).
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
        Number of worker processes; threads do not help openSMILE. None stands for 1,
        or for what :func:`joblib.parallel_config` says.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    EGeMAPS : The 88 functionals of the extended Geneva minimalistic set.
    SpeakerScaler : Normalise features by speaker.

    Notes
    -----
    Samples are clipped to the range of int16, and clips shorter than 0.5 s are padded
    with zeros at their end: openSMILE gives NaN for clips shorter than a frame.
    Otherwise the numbers are openSMILE's own, bit by bit, but for one thing: where it
    gives NaN, as ``ComParE_2016`` does for the linear prediction of contours of almost
    digital silence, the value is 0, as openSMILE's own are for silence.

    References
    ----------
    F. Eyben, M. Wöllmer, B. Schuller: openSMILE, the Munich versatile and fast
    open-source audio feature extractor. ACM Multimedia 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import OpenSMILEFunctionals
    >>> extractor = OpenSMILEFunctionals("GeMAPSv01b")
    >>> extractor.fit_transform(np.zeros((1, 16_000))).shape
    (1, 62)
    """

    _libraries = ("opensmile",)
    _min_duration = 0.5

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseClipTransformer._parameter_constraints,
        "feature_set": [StrOptions(_FEATURE_SETS)],
    }

    def __init__(
        self,
        feature_set: str = "ComParE_2016",
        *,
        sampling_rate: int = 16_000,
        on_error: str = "raise",
        max_duration: float = DEFAULT_MAX_DURATION,
        cache: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(
            sampling_rate=sampling_rate,
            on_error=on_error,
            max_duration=max_duration,
            cache=cache,
            n_jobs=n_jobs,
        )
        self.feature_set = feature_set

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        return smile_functionals(waveform, self.sampling_rate, self.feature_set)

    def _feature_names(self) -> list[str]:
        return list(_smile(self.feature_set).feature_names)


class EGeMAPS(BaseClipTransformer):
    """Summarise clips by the extended Geneva minimalistic acoustic parameter set.

    88 functionals (eGeMAPSv02) of loudness, pitch, jitter, shimmer, formants, spectral
    slopes and cepstral coefficients, computed by openSMILE, which comes with
    ``pip install "sersk[opensmile]"``. Its licence is audEERING's own, for research
    and private use, and not an open-source licence.

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
        Number of worker processes; threads do not help openSMILE. None stands for 1,
        or for what :func:`joblib.parallel_config` says.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    OpenSMILEFunctionals : Other feature sets of openSMILE, and how clips are treated.

    References
    ----------
    F. Eyben et al.: The Geneva minimalistic acoustic parameter set (GeMAPS) for voice
    research and affective computing. IEEE Transactions on Affective Computing, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import EGeMAPS
    >>> EGeMAPS().fit_transform(np.zeros((1, 16_000))).shape
    (1, 88)
    """

    _libraries = ("opensmile",)
    _min_duration = OpenSMILEFunctionals._min_duration

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        return smile_functionals(waveform, self.sampling_rate, "eGeMAPSv02")

    def _feature_names(self) -> list[str]:
        return list(_smile("eGeMAPSv02").feature_names)


def smile_functionals(
    waveform: np.ndarray, sampling_rate: int, feature_set: str
) -> np.ndarray:
    """Compute the functionals of one waveform that has been checked.

    Parameters
    ----------
    waveform : ndarray of float32 of shape (n_samples,)
        Finite samples; those beyond the range of int16 are clipped.
    sampling_rate : int
        Rate in Hz, between 2 and 384 kHz: openSMILE takes the process down at others.
    feature_set : str
        Name of an openSMILE feature set.

    Returns
    -------
    functionals : ndarray of float32 of shape (n_features,)
        In openSMILE's order; 0 where openSMILE gives NaN.
    """
    samples = np.clip(waveform, np.float32(-1.0), _LARGEST_SAMPLE)
    values = _smile(feature_set)(samples, sampling_rate).reshape(-1)
    # What is undefined, such as the pitch of silence, is 0 in openSMILE's own feature
    # sets; only the linear prediction of a contour that never changes is forgotten.
    return np.where(np.isnan(values), np.float32(0.0), values)


@functools.cache
def _smile(feature_set: str) -> "opensmile.Smile":
    """Return this process's own openSMILE; it is never pickled."""
    opensmile = import_optional("opensmile", extra="opensmile")
    return opensmile.Smile(
        feature_set=getattr(opensmile.FeatureSet, feature_set),
        feature_level=opensmile.FeatureLevel.Functionals,
    )
