"""Functionals of acoustic descriptors that share one Fourier transform."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from sersk.audio import DEFAULT_MAX_DURATION
from sersk.descriptors import (
    PITCH_METHODS,
    apply_functionals,
    check_functionals,
    get_window,
    measured_functionals,
    mel_filterbank,
)
from sersk.features._acoustic_analysis import ClipAnalysis
from sersk.features._acoustic_table import DESCRIPTORS, Column, coefficient_names
from sersk.features._base import BaseClipTransformer
from sersk.utils import find_version
from sersk.utils._sklearn import Interval, StrOptions

# Only descriptors of the voice depend on these.
_VOICE_PARAMETERS = ("pitch_method", "pitch_fmin", "pitch_fmax", "voiced_only")


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
          loudest band of the clip, down to -80, with ``log_mel_delta`` and
          ``log_mel_delta2``;
        - ``zcr``, zero-crossing rate; ``rms``, root mean square, with ``rms_delta``;
          ``waveform``, the samples themselves;
        - ``power_mfcc``, the cosine transform of power instead of decibels: not a
          cepstrum, but what some published systems computed;
        - ``spectral_centroid``, ``spectral_bandwidth``, ``spectral_rolloff``,
          ``spectral_flux``, ``spectral_flatness``, ``spectral_contrast`` and
          ``chroma``, the shape of the spectrum;
        - ``f0``, ``f0_semitones``, ``jitter``, ``shimmer``, ``hnr``,
          ``formant_frequency`` and ``formant_bandwidth``, the voice, measured in
          voiced frames only;
        - ``rhythm``, stand-ins for speech rate, one value a clip each.

        :func:`describe_descriptors` lists them with units.
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
    pitch_method : {"yin", "pyin"}, default="yin"
        See :func:`sersk.descriptors.track_pitch`; "pyin" takes a hundred times as long.
    pitch_fmin, pitch_fmax : float, default=65.0 and 600.0
        Lowest and highest fundamental frequency in Hz.
    voiced_only : bool, default=False
        Whether all functionals are taken over voiced frames only, except those of
        ``waveform``.
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
    describe_features : The columns with their units.

    Notes
    -----
    Frames are centred and the waveform is padded with zeros, as in librosa, so that a
    clip of any length has at least one frame. Columns are ordered by descriptor, then
    functional, then coefficient.

    Functionals of what is measured in voiced frames only are 0 for a clip that has
    none. Frames of the voice hold four periods of `pitch_fmin`, whatever `n_fft` is;
    their centres are those of all others.

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
        "pitch_method": [StrOptions(set(PITCH_METHODS))],
        "pitch_fmin": [Interval(Real, 0, None, closed="neither")],
        "pitch_fmax": [Interval(Real, 0, None, closed="neither")],
        "voiced_only": ["boolean"],
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
        pitch_method: str = "yin",
        pitch_fmin: float = 65.0,
        pitch_fmax: float = 600.0,
        voiced_only: bool = False,
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
        self.pitch_method = pitch_method
        self.pitch_fmin = pitch_fmin
        self.pitch_fmax = pitch_fmax
        self.voiced_only = voiced_only

    def _extract(self, waveform: np.ndarray) -> np.ndarray:
        clip = ClipAnalysis(waveform, self, keep_power=self._needs("power"))
        whole: dict[str, np.ndarray] = {}
        values: dict[str, np.ndarray] = {}
        for name, matrix in self._describe(clip).items():
            if not DESCRIPTORS[name].is_series:
                values[name] = matrix
                continue
            if not self.per_coefficient:
                matrix = matrix.reshape(1, -1)
            if DESCRIPTORS[name].source == "pitch" or not matrix.size:
                values[name] = measured_functionals(matrix, self.functionals)
            else:
                whole[name] = matrix
        values |= _summarise(whole, self.functionals)
        return np.concatenate([values[name].ravel() for name in self.descriptors])

    def _describe(self, clip: ClipAnalysis) -> dict[str, np.ndarray]:
        """Return each descriptor as a matrix of coefficients by frames."""
        # Samples first: the spectrogram drives them out of the processor's cache. Mel
        # bands next: the power that is computed on the way is kept for the others.
        order = ("samples", "mel", "power", "pitch")
        names = sorted(
            self.descriptors, key=lambda name: order.index(DESCRIPTORS[name].source)
        )
        found = {name: DESCRIPTORS[name].describe(clip) for name in names}
        if self.voiced_only:
            is_voiced = np.isfinite(clip.pitch.f0)
            for name in names:
                if name == "waveform" or not DESCRIPTORS[name].is_series:
                    continue
                # Transforms of odd length may lack the last frame.
                kept = is_voiced[: found[name].shape[1]]
                found[name] = found[name][:, : len(kept)][:, kept]
        return found

    def _needs(self, source: str) -> bool:
        return any(DESCRIPTORS[name].source == source for name in self.descriptors)

    def _description(self) -> dict[str, Any]:
        description = super()._description()
        if not self.voiced_only and not self._needs("pitch"):
            # They change no number, and stored features stay valid without them.
            for name in _VOICE_PARAMETERS:
                del description["parameters"][name]
        elif self.pitch_method == "pyin":
            description["libraries"]["librosa"] = find_version("librosa")
        return description

    def _check_parameters(self) -> None:
        self._check_names()
        if self.n_mfcc > self.n_mels and any("mfcc" in n for n in self.descriptors):
            raise ValueError(
                f"n_mfcc={self.n_mfcc} needs at least as many mel bands, "
                f"but n_mels={self.n_mels}. Raise n_mels, or pass fewer n_mfcc."
            )
        if self.win_length is not None and self.win_length > self.n_fft:
            raise ValueError(
                f"win_length={self.win_length} is longer than n_fft={self.n_fft}. "
                "Pass at most that, or raise n_fft."
            )
        mel_filterbank(
            self.sampling_rate, self.n_fft, self.n_mels, self.fmin, self.fmax, self.htk
        )
        get_window(self.window, 2)
        self._check_pitch()

    def _check_pitch(self) -> None:
        nyquist = self.sampling_rate / 2
        is_used = self.voiced_only or self._needs("pitch")
        if is_used and not self.pitch_fmin < self.pitch_fmax <= nyquist:
            raise ValueError(
                f"pitch_fmin={self.pitch_fmin:g} and pitch_fmax={self.pitch_fmax:g} Hz "
                f"must satisfy pitch_fmin < pitch_fmax <= {nyquist:g} Hz, half the "
                "sampling rate."
            )

    def _check_names(self) -> None:
        names = list(self.descriptors)
        unknown = [name for name in names if name not in DESCRIPTORS]
        if unknown:
            raise ValueError(
                f"Unknown descriptor {unknown[0]!r}. There are "
                f"{', '.join(DESCRIPTORS)}."
            )
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"descriptors={names!r} must be one or more names, each of them once."
            )
        functionals = check_functionals(self.functionals)
        if not self.per_coefficient and "slope" in functionals:
            raise ValueError(
                "functionals with 'slope' need per_coefficient=True: coefficients that "
                "are pooled have no order in time."
            )

    def _feature_names(self) -> list[str]:
        return [column.name for column in self._columns()]

    def _columns(self) -> Iterator[Column]:
        """Yield what each column holds, in order."""
        for name in self.descriptors:
            if not DESCRIPTORS[name].is_series:
                for coefficient in coefficient_names(name, self):
                    yield Column(coefficient, name, coefficient, None)
                continue
            pooled = (
                [name] if not self.per_coefficient else coefficient_names(name, self)
            )
            for functional in self.functionals:
                for coefficient in pooled:
                    column = f"{coefficient}_{functional}"
                    yield Column(column, name, coefficient, functional)


def _summarise(
    matrices: dict[str, np.ndarray], functionals: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return the functionals of matrices without gaps."""
    if len({matrix.shape[1] for matrix in matrices.values()}) != 1:
        return {
            name: apply_functionals(matrix, functionals)
            for name, matrix in matrices.items()
        }
    # One large matrix takes little longer than one small one.
    together = apply_functionals(np.concatenate([*matrices.values()]), functionals)
    ends = accumulate(len(matrix) for matrix in matrices.values())
    bounds = zip(matrices, pairwise([0, *ends]), strict=True)
    return {name: together[:, start:stop] for name, (start, stop) in bounds}
