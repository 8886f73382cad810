"""Extractors that keep time: cepstra, mel spectrograms and log spectrograms."""

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.descriptors import (
    cepstrum,
    get_window,
    mel_filterbank,
    mel_spectrogram,
    power_spectrogram,
    power_to_db,
)
from sersk.features._acoustic_table import numbered
from sersk.features._frames import BaseFrameExtractor
from sersk.utils._sklearn import Interval

# librosa's smallest power, and its decibels: those of no power at all.
_LEAST_POWER = 1e-10
_NO_POWER = -100.0

_FOURIER_CONSTRAINTS: dict[str, list] = {
    "n_fft": [Interval(Integral, 2, None, closed="left")],
    "hop_length": [Interval(Integral, 1, None, closed="left")],
    "win_length": [Interval(Integral, 1, None, closed="left"), None],
    "window": [str],
    "top_db": [Interval(Real, 0, None, closed="neither")],
}
_MEL_CONSTRAINTS: dict[str, list] = {
    **_FOURIER_CONSTRAINTS,
    "n_mels": [Interval(Integral, 1, None, closed="left")],
    "fmin": [Interval(Real, 0, None, closed="left")],
    "fmax": [Interval(Real, 0, None, closed="neither"), None],
    "htk": ["boolean"],
}


class _SpectralFrames(BaseFrameExtractor):
    """What the extractors of this module share: one short-time Fourier transform."""

    _libraries = ("scipy",)

    n_fft: int
    hop_length: int
    win_length: int | None
    window: str

    def _period(self) -> float:
        return self.hop_length / self.sampling_rate

    def _check_parameters(self) -> None:
        if self.win_length is not None and self.win_length > self.n_fft:
            raise ValueError(
                f"win_length={self.win_length} is longer than n_fft={self.n_fft}. "
                "Pass at most that, or raise n_fft."
            )
        get_window(self.window, 2)

    def _fourier(self) -> dict[str, Any]:
        return {
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
            "win_length": self.win_length,
            "window": self.window,
        }


class _MelFrames(_SpectralFrames):
    """What the extractors from mel bands share."""

    n_mels: int
    fmin: float
    fmax: float | None
    htk: bool

    def _check_parameters(self) -> None:
        super()._check_parameters()
        bands = mel_filterbank(
            self.sampling_rate, self.n_fft, self.n_mels, self.fmin, self.fmax, self.htk
        )
        if not bands.any():
            raise ValueError(
                f"No mel band holds a frequency of n_fft={self.n_fft} between fmin="
                f"{self.fmin} and fmax={self.fmax}: every clip would be silent. Raise "
                "n_fft or fmax."
            )

    def _mel(self, waveform: np.ndarray) -> np.ndarray:
        return mel_spectrogram(
            waveform,
            self.sampling_rate,
            **self._fourier(),
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=self.htk,
        )


class MFCCSequence(_MelFrames):
    """Extract cepstral coefficients, frame by frame.

    Parameters
    ----------
    n_mfcc : int, default=40
        Number of cepstral coefficients, the zeroth included.
    n_mels : int, default=128
        Number of mel bands.
    n_fft, hop_length : int, default=2048 and 160
        Length of a frame and distance between frames, in samples.
    win_length : int or None, default=None
        Length of the window in samples; None stands for `n_fft`.
    window : str, default="hann"
        Name of a window of :func:`scipy.signal.get_window`.
    fmin, fmax : float, default=0.0 and None
        Lowest and highest frequency of the mel bands in Hz; None stands for half the
        sampling rate.
    htk : bool, default=False
        Whether to use HTK's mel scale instead of Slaney's.
    top_db : float, default=80.0
        Power this many decibels below the clip's largest is raised to it.
    sampling_rate : int, default=16000
        Rate in Hz to which clips are resampled, and at which arrays are taken to be.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them one frame of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers; None stands for 1, or for what
        :func:`joblib.parallel_config` says.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    AcousticFunctionals : The same coefficients, summarised over time.
    MelSpectrogram : The bands that they are computed from.

    Notes
    -----
    A clip of n samples has ``1 + n // hop_length`` frames, which are centred. What pads
    is the cepstrum of no power at all.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import MFCCSequence
    >>> waveforms = [np.zeros(16_000), np.zeros(8_000)]
    >>> MFCCSequence(n_mfcc=13).fit_transform(waveforms)
    <FrameSequences: 2 clips, 51 to 101 frames of 13 features>
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseFrameExtractor._parameter_constraints,
        **_MEL_CONSTRAINTS,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_mfcc: int = 40,
        *,
        n_mels: int = 128,
        n_fft: int = 2048,
        hop_length: int = 160,
        win_length: int | None = None,
        window: str = "hann",
        fmin: float = 0.0,
        fmax: float | None = None,
        htk: bool = False,
        top_db: float = 80.0,
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
        self.n_mfcc = n_mfcc
        self.n_mels = n_mels
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk
        self.top_db = top_db

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        log_mel = power_to_db(self._mel(waveform), top_db=self.top_db)
        return cepstrum(log_mel, n_mfcc=self.n_mfcc).T

    def _feature_names(self) -> list[str]:
        return _numbered("mfcc", self.n_mfcc)

    def _pad_value(self) -> np.ndarray:
        silence = np.full((self.n_mels, 1), _NO_POWER, dtype=np.float32)
        return cepstrum(silence, n_mfcc=self.n_mfcc)[:, 0]

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.n_mfcc > self.n_mels:
            raise ValueError(
                f"n_mfcc={self.n_mfcc} needs at least as many mel bands, "
                f"but n_mels={self.n_mels}. Raise n_mels, or pass fewer n_mfcc."
            )


class MelSpectrogram(_MelFrames):
    """Extract mel spectrograms in decibels below the loudest band of the clip.

    Parameters
    ----------
    n_mels : int, default=128
        Number of mel bands.
    n_fft, hop_length : int, default=2048 and 512
        Length of a frame and distance between frames, in samples.
    win_length : int or None, default=None
        Length of the window in samples; None stands for `n_fft`.
    window : str, default="hann"
        Name of a window of :func:`scipy.signal.get_window`.
    fmin, fmax : float, default=0.0 and None
        Lowest and highest frequency of the mel bands in Hz; None stands for half the
        sampling rate.
    htk : bool, default=False
        Whether to use HTK's mel scale instead of Slaney's.
    top_db : float, default=80.0
        Range in decibels: values lie between ``-top_db`` and 0.
    sampling_rate : int, default=16000
        Rate in Hz to which clips are resampled, and at which arrays are taken to be.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them one frame of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers; None stands for 1, or for what
        :func:`joblib.parallel_config` says.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    LogSpectrogram : The same with all frequencies apart.

    Notes
    -----
    A clip of n samples has ``1 + n // hop_length`` frames, which are centred. What pads
    is ``-top_db``, the floor: 0 would be as loud as the clip ever gets. A clip
    without any power is at the floor throughout.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import MelSpectrogram
    >>> MelSpectrogram().fit_transform([np.zeros(48_000)])
    <FrameSequences: 1 clip, 94 to 94 frames of 128 features>
    """

    _extractor_version = 2
    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseFrameExtractor._parameter_constraints,
        **_MEL_CONSTRAINTS,
    }

    def __init__(
        self,
        n_mels: int = 128,
        *,
        n_fft: int = 2048,
        hop_length: int = 512,
        win_length: int | None = None,
        window: str = "hann",
        fmin: float = 0.0,
        fmax: float | None = None,
        htk: bool = False,
        top_db: float = 80.0,
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
        self.n_mels = n_mels
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk
        self.top_db = top_db

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        return _below_loudest(self._mel(waveform), self.top_db).T

    def _feature_names(self) -> list[str]:
        return _numbered("log_mel", self.n_mels)

    def _pad_value(self) -> float:
        return -self.top_db


class LogSpectrogram(_SpectralFrames):
    """Extract spectrograms in decibels below the loudest bin of the clip.

    The defaults are those of the co-attention net of Zou et al. (2022): 200 bins of
    20 Hz, every 10 ms.

    Parameters
    ----------
    n_bins : int, default=200
        Number of bins, from 0 Hz on; the bins above are left out.
    n_fft, hop_length : int, default=800 and 160
        Length of a frame and distance between frames, in samples.
    win_length : int or None, default=640
        Length of the window in samples; None stands for `n_fft`.
    window : str, default="hamming"
        Name of a window of :func:`scipy.signal.get_window`.
    top_db : float, default=80.0
        Range in decibels: values lie between ``-top_db`` and 0.
    sampling_rate : int, default=16000
        Rate in Hz to which clips are resampled, and at which arrays are taken to be.
    on_error : {"raise", "nan"}, default="raise"
        What to do about clips that cannot be used: raise when all others are
        computed, or give them one frame of NaN and warn.
    max_duration : float, default=600.0
        Longest clip in seconds that is read; it bounds the memory.
    cache : path, FeatureStore, False or None, default=None
        Where features are kept: None stands for the setting ``cache_dir`` of
        :func:`sersk.set_config`, False for nowhere.
    n_jobs : int or None, default=None
        Number of workers; None stands for 1, or for what
        :func:`joblib.parallel_config` says.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    MelSpectrogram : Bands instead of bins.

    Notes
    -----
    A clip of n samples has ``1 + n // hop_length`` frames, which are centred. What pads
    is ``-top_db``, the floor: 0 would be as loud as the clip ever gets. A clip
    without any power is at the floor throughout.

    References
    ----------
    H. Zou, Y. Si, C. Chen, D. Rajan, E. S. Chng, "Speech emotion recognition with
    co-attention based multi-level acoustic information", ICASSP 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import LogSpectrogram
    >>> LogSpectrogram().fit_transform([np.zeros(48_000)])
    <FrameSequences: 1 clip, 301 to 301 frames of 200 features>
    """

    _extractor_version = 2
    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseFrameExtractor._parameter_constraints,
        **_FOURIER_CONSTRAINTS,
        "n_bins": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_bins: int = 200,
        *,
        n_fft: int = 800,
        hop_length: int = 160,
        win_length: int | None = 640,
        window: str = "hamming",
        top_db: float = 80.0,
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
        self.n_bins = n_bins
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.top_db = top_db

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        power = power_spectrogram(waveform, **self._fourier())
        # The loudest of all bins is 0 dB, also where it is not among those kept.
        return _below_loudest(power, self.top_db)[: self.n_bins].T

    def _feature_names(self) -> list[str]:
        return _numbered("log_bin", self.n_bins)

    def _pad_value(self) -> float:
        return -self.top_db

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.n_bins > self.n_fft // 2 + 1:
            raise ValueError(
                f"n_bins={self.n_bins} is more than the {self.n_fft // 2 + 1} bins "
                f"that n_fft={self.n_fft} has. Pass at most that, or raise n_fft."
            )


def _below_loudest(power: np.ndarray, top_db: float) -> np.ndarray:
    """Return decibels below the largest power; of no power at all, the floor.

    librosa puts silence at 0 dB, where the loudest of other clips is.
    """
    decibels = power_to_db(power, ref="max", top_db=top_db)
    return decibels if power.max() > _LEAST_POWER else np.full_like(decibels, -top_db)


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}_{number}" for number in numbered(count)]
