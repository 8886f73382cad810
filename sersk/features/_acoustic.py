"""Functionals of acoustic descriptors that share one Fourier transform."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.descriptors import (
    apply_functionals,
    cepstrum,
    check_functionals,
    delta,
    get_window,
    mel_filterbank,
    mel_spectrogram,
    power_to_db,
    rms,
    zero_crossing_rate,
)
from sersk.features._base import BaseClipTransformer
from sersk.utils._sklearn import Interval

_DESCRIPTORS = (
    "mfcc",
    "mfcc_delta",
    "mfcc_delta2",
    "power_mfcc",
    "mel",
    "log_mel",
    "zcr",
    "rms",
    "waveform",
)
_WITHOUT_SPECTRUM = {"zcr", "rms", "waveform"}


class AcousticFunctionals(BaseClipTransformer):
    """Summarise spectral and temporal descriptors by functionals.

    All descriptors of a clip share one short-time Fourier transform.

    Parameters
    ----------
    descriptors : sequence of str, default=("mfcc", "mel", "zcr")
        Any of

        - ``mfcc``, cepstral coefficients of the mel spectrogram in decibels, with
          ``mfcc_delta`` and ``mfcc_delta2``, their slopes and curvatures over 9 frames;
        - ``mel``, power in mel bands, and ``log_mel``, the same in decibels below the
          loudest band of the clip, down to -80;
        - ``zcr``, zero-crossing rate; ``rms``, root mean square; ``waveform``, the
          samples themselves;
        - ``power_mfcc``, the cosine transform of power instead of decibels: not a
          cepstrum, but what some published systems computed.
    functionals : sequence of str, default=("mean", "std")
        See :func:`sersk.descriptors.apply_functionals`.
    per_coefficient : bool, default=True
        Whether each coefficient or band is summarised over time. If False, all
        coefficients of a descriptor are pooled into one value a functional.
    n_mfcc : int, default=40
        Number of cepstral coefficients, the zeroth included.
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

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip; only after fitting on a 2-D array.

    See Also
    --------
    EGeMAPS : A small set of functionals that a committee of phoneticians chose.

    Notes
    -----
    Frames are centred and the waveform is padded with zeros, as in librosa, so that a
    clip of any length has at least one frame. Columns are ordered by descriptor, then
    functional, then coefficient.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk.features import AcousticFunctionals
    >>> waveforms = np.random.default_rng(0).normal(scale=0.1, size=(2, 16_000))
    >>> extractor = AcousticFunctionals(n_mfcc=13)
    >>> extractor.fit_transform(waveforms).shape
    (2, 284)
    >>> extractor.get_feature_names_out()[:2]
    array(['mfcc_00_mean', 'mfcc_01_mean'], dtype=object)
    """

    _libraries = ("scipy",)

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseClipTransformer._parameter_constraints,
        "descriptors": ["array-like"],
        "functionals": ["array-like"],
        "per_coefficient": ["boolean"],
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "win_length": [Interval(Integral, 1, None, closed="left"), None],
        "window": [str],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
        "htk": ["boolean"],
    }

    def __init__(
        self,
        descriptors: Sequence[str] = ("mfcc", "mel", "zcr"),
        functionals: Sequence[str] = ("mean", "std"),
        *,
        per_coefficient: bool = True,
        n_mfcc: int = 40,
        n_mels: int = 128,
        n_fft: int = 2048,
        hop_length: int = 512,
        win_length: int | None = None,
        window: str = "hann",
        fmin: float = 0.0,
        fmax: float | None = None,
        htk: bool = False,
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
        self.descriptors = descriptors
        self.functionals = functionals
        self.per_coefficient = per_coefficient
        self.n_mfcc = n_mfcc
        self.n_mels = n_mels
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        matrices = self._describe(waveform)
        if not self.per_coefficient:
            matrices = [matrix.reshape(1, -1) for matrix in matrices]
        return _summarise(matrices, self.functionals)

    def _describe(self, waveform: np.ndarray) -> list[np.ndarray]:
        """Return each descriptor as a matrix of coefficients by frames."""
        # Samples first: the spectrogram drives them out of the processor's cache.
        of_samples = _WITHOUT_SPECTRUM.intersection(self.descriptors)
        found = {name: self._from_samples(name, waveform) for name in of_samples}
        if len(found) < len(self.descriptors):
            mel = self._mel(waveform)
            for name in self.descriptors:
                if name not in found:
                    found[name] = self._from_mel(name, mel)
        return [found[name] for name in self.descriptors]

    def _from_samples(self, name: str, waveform: np.ndarray) -> np.ndarray:
        if name == "waveform":
            return waveform[np.newaxis]
        describe = zero_crossing_rate if name == "zcr" else rms
        return describe(waveform, frame_length=self.n_fft, hop_length=self.hop_length)

    def _from_mel(self, name: str, mel: np.ndarray) -> np.ndarray:
        if name == "mel":
            return mel
        if name == "log_mel":
            return power_to_db(mel, ref="max")
        if name == "power_mfcc":
            return cepstrum(mel, n_mfcc=self.n_mfcc)
        coefficients = cepstrum(power_to_db(mel), n_mfcc=self.n_mfcc)
        if name == "mfcc":
            return coefficients
        return delta(coefficients, order=2 if name == "mfcc_delta2" else 1)

    def _mel(self, waveform: np.ndarray) -> np.ndarray:
        return mel_spectrogram(
            waveform,
            self.sampling_rate,
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            win_length=self.win_length,
            window=self.window,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=self.htk,
            # A digit less in bands 60 dB below the mean shows in no functional.
            rtol=1e-3,
        )

    def _check_parameters(self) -> None:
        self._check_names()
        if self.n_mfcc > self.n_mels and any("mfcc" in n for n in self.descriptors):
            raise ValueError(
                f"n_mfcc={self.n_mfcc} needs at least as many mel bands, "
                f"but n_mels={self.n_mels}."
            )
        if self.win_length is not None and self.win_length > self.n_fft:
            raise ValueError(
                f"win_length={self.win_length} is longer than n_fft={self.n_fft}."
            )
        mel_filterbank(
            self.sampling_rate, self.n_fft, self.n_mels, self.fmin, self.fmax, self.htk
        )
        get_window(self.window, 2)

    def _check_names(self) -> None:
        names = list(self.descriptors)
        unknown = [name for name in names if name not in _DESCRIPTORS]
        if unknown or not names or len(set(names)) < len(names):
            raise ValueError(
                f"descriptors={names!r} must be different names of "
                f"{', '.join(_DESCRIPTORS)}."
            )
        functionals = check_functionals(self.functionals)
        if not self.per_coefficient and "slope" in functionals:
            raise ValueError(
                "functionals with 'slope' need per_coefficient=True: coefficients that "
                "are pooled have no order in time."
            )

    def _feature_names(self) -> list[str]:
        return [
            f"{coefficient}_{functional}"
            for name in self.descriptors
            for functional in self.functionals
            for coefficient in self._coefficients(name)
        ]

    def _coefficients(self, name: str) -> list[str]:
        if name in _WITHOUT_SPECTRUM or not self.per_coefficient:
            return [name]
        count = self.n_mfcc if "mfcc" in name else self.n_mels
        digits = len(str(count - 1))
        return [f"{name}_{number:0{digits}d}" for number in range(count)]


def _summarise(matrices: list[np.ndarray], functionals: Sequence[str]) -> np.ndarray:
    """Return the functionals of each matrix in turn, as one row."""
    if len({matrix.shape[1] for matrix in matrices}) > 1:
        parts = [apply_functionals(matrix, functionals) for matrix in matrices]
    else:
        # One large matrix takes little longer than one small one.
        whole = apply_functionals(np.concatenate(matrices), functionals)
        ends = list(accumulate(len(matrix) for matrix in matrices))
        parts = [whole[:, a:b] for a, b in pairwise([0, *ends])]
    return np.concatenate([part.ravel() for part in parts])
