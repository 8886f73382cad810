"""The descriptors of AcousticFunctionals: to add one, add an entry to the table."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from sersk.descriptors import (
    RHYTHM,
    cepstrum,
    chroma,
    contrast_band_count,
    delta,
    harmonics_to_noise_ratio,
    jitter,
    rms,
    shimmer,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_flux,
    spectral_rolloff,
    speech_rhythm,
    zero_crossing_rate,
)
from sersk.features._acoustic_analysis import ClipAnalysis


class Descriptor(NamedTuple):
    """One descriptor: how it is computed, what it is called and what it means.

    `describe` returns a matrix of coefficients by frames, NaN where there is nothing
    to measure. `coefficients` returns what follows the descriptor's name in the names
    of its coefficients, given the extractor; nothing follows that of a single one.
    `source` is the part of the analysis that it needs. What is no series of frames
    (``is_series=False``) is a matrix of one column, and has no functionals.
    """

    describe: Callable[[ClipAnalysis], np.ndarray]
    coefficients: Callable[[Any], list[str]]
    unit: str
    text: str
    source: Literal["samples", "mel", "power", "pitch"]
    is_series: bool = True


class Column(NamedTuple):
    """One column of features: a functional of a coefficient of a descriptor.

    `functional` is None for what is measured once a clip.
    """

    name: str
    descriptor: str
    coefficient: str
    functional: str | None


def _single(settings: Any) -> list[str]:
    return [""]


def numbered(count: int) -> list[str]:
    """Return numbers of one length, from 0 on."""
    digits = len(str(count - 1))
    return [f"{number:0{digits}d}" for number in range(count)]


def _of_cepstrum(settings: Any) -> list[str]:
    return numbered(settings.n_mfcc)


def _of_mel(settings: Any) -> list[str]:
    return numbered(settings.n_mels)


def _of_contrast(settings: Any) -> list[str]:
    return numbered(contrast_band_count(settings.sampling_rate))


def _of_chroma(settings: Any) -> list[str]:
    return numbered(12)


def _of_formants(settings: Any) -> list[str]:
    return ["f1", "f2", "f3"]


def _of_rhythm(settings: Any) -> list[str]:
    return list(RHYTHM)


def _f0(clip: ClipAnalysis) -> np.ndarray:
    return clip.pitch.f0[np.newaxis]


def _semitones(clip: ClipAnalysis) -> np.ndarray:
    return 12.0 * np.log2(_f0(clip) / 27.5)


def _of_shape(
    compute: Callable[..., np.ndarray],
) -> Callable[[ClipAnalysis], np.ndarray]:
    """Return a function of the analysis for one of the shape of the spectrum."""

    def describe(clip: ClipAnalysis) -> np.ndarray:
        n_fft = clip.settings.n_fft
        return compute(clip.magnitude, clip.sampling_rate, n_fft=n_fft)

    return describe


def _chroma(clip: ClipAnalysis) -> np.ndarray:
    return chroma(clip.power, clip.sampling_rate, n_fft=clip.settings.n_fft)


def _rhythm(clip: ClipAnalysis) -> np.ndarray:
    values = speech_rhythm(clip.waveform, clip.pitch, clip.sampling_rate)
    return values[:, np.newaxis]


DESCRIPTORS = {
    "mfcc": Descriptor(
        lambda clip: clip.mfcc,
        _of_cepstrum,
        "dB",
        "Cepstral coefficients of the mel spectrogram in decibels",
        "mel",
    ),
    "mfcc_delta": Descriptor(
        lambda clip: delta(clip.mfcc),
        _of_cepstrum,
        "dB per frame",
        "Slopes of ``mfcc`` over 9 frames",
        "mel",
    ),
    "mfcc_delta2": Descriptor(
        lambda clip: delta(clip.mfcc, order=2),
        _of_cepstrum,
        "dB per frame²",
        "Curvatures of ``mfcc`` over 9 frames",
        "mel",
    ),
    "power_mfcc": Descriptor(
        lambda clip: cepstrum(clip.mel, n_mfcc=clip.settings.n_mfcc),
        _of_cepstrum,
        "power",
        "Cosine transform of ``mel`` itself: not a cepstrum, but what some published "
        "systems computed",
        "mel",
    ),
    "mel": Descriptor(
        lambda clip: clip.mel, _of_mel, "power", "Power in mel bands", "mel"
    ),
    "log_mel": Descriptor(
        lambda clip: clip.relative_log_mel,
        _of_mel,
        "dB",
        "Power in mel bands below the loudest band of the clip, down to -80",
        "mel",
    ),
    "log_mel_delta": Descriptor(
        lambda clip: delta(clip.relative_log_mel),
        _of_mel,
        "dB per frame",
        "Slopes of ``log_mel`` over 9 frames",
        "mel",
    ),
    "log_mel_delta2": Descriptor(
        lambda clip: delta(clip.relative_log_mel, order=2),
        _of_mel,
        "dB per frame²",
        "Curvatures of ``log_mel`` over 9 frames",
        "mel",
    ),
    "zcr": Descriptor(
        lambda clip: zero_crossing_rate(clip.waveform, **clip.steps),
        _single,
        "crossings per sample",
        "Zero-crossing rate",
        "samples",
    ),
    "rms": Descriptor(
        lambda clip: rms(clip.waveform, **clip.steps),
        _single,
        "full scale",
        "Root mean square",
        "samples",
    ),
    "rms_delta": Descriptor(
        lambda clip: delta(rms(clip.waveform, **clip.steps)),
        _single,
        "full scale per frame",
        "Slope of ``rms`` over 9 frames",
        "samples",
    ),
    "waveform": Descriptor(
        lambda clip: clip.waveform[np.newaxis],
        _single,
        "full scale",
        "The samples themselves",
        "samples",
    ),
    "spectral_centroid": Descriptor(
        _of_shape(spectral_centroid),
        _single,
        "Hz",
        "Mean frequency of the magnitude spectrum",
        "power",
    ),
    "spectral_bandwidth": Descriptor(
        _of_shape(spectral_bandwidth),
        _single,
        "Hz",
        "Standard deviation of frequency around the centroid",
        "power",
    ),
    "spectral_rolloff": Descriptor(
        _of_shape(spectral_rolloff),
        _single,
        "Hz",
        "Frequency below which 85 % of the magnitude lies",
        "power",
    ),
    "spectral_flux": Descriptor(
        lambda clip: spectral_flux(clip.magnitude),
        _single,
        "1",
        "Distance of the scaled spectra of successive frames, from 0 to the root of 2",
        "power",
    ),
    "spectral_flatness": Descriptor(
        lambda clip: spectral_flatness(clip.power),
        _single,
        "1",
        "Geometric over arithmetic mean of power, from 0 to 1",
        "power",
    ),
    "spectral_contrast": Descriptor(
        _of_shape(spectral_contrast),
        _of_contrast,
        "dB",
        "Peaks over valleys in bands of an octave",
        "power",
    ),
    "chroma": Descriptor(
        _chroma,
        _of_chroma,
        "1",
        "Power of the twelve pitch classes from C on, the largest being 1",
        "power",
    ),
    "f0": Descriptor(
        _f0, _single, "Hz", "Fundamental frequency of voiced frames", "pitch"
    ),
    "f0_semitones": Descriptor(
        _semitones,
        _single,
        "semitones",
        "Fundamental frequency of voiced frames above 27.5 Hz",
        "pitch",
    ),
    "jitter": Descriptor(
        lambda clip: jitter(clip.cycles, clip.pitch),
        _single,
        "1",
        "Mean change from one period to the next over the mean period (local jitter), "
        "in voiced frames",
        "pitch",
    ),
    "shimmer": Descriptor(
        lambda clip: shimmer(clip.cycles, clip.pitch),
        _single,
        "1",
        "Mean change of amplitude from one cycle to the next over the mean amplitude "
        "(local shimmer), in voiced frames",
        "pitch",
    ),
    "hnr": Descriptor(
        lambda clip: harmonics_to_noise_ratio(clip.pitch),
        _single,
        "dB",
        "Harmonics-to-noise ratio of voiced frames",
        "pitch",
    ),
    "formant_frequency": Descriptor(
        lambda clip: clip.formants.frequencies,
        _of_formants,
        "Hz",
        "Frequencies of the first three formants, in voiced frames",
        "pitch",
    ),
    "formant_bandwidth": Descriptor(
        lambda clip: clip.formants.bandwidths,
        _of_formants,
        "Hz",
        "Bandwidths of the first three formants, in voiced frames",
        "pitch",
    ),
    "rhythm": Descriptor(
        _rhythm,
        _of_rhythm,
        "per second, seconds",
        "Voiced segments per second, mean lengths of voiced and unvoiced segments in "
        "seconds, and energy peaks per second; one value a clip, without functionals",
        "pitch",
        is_series=False,
    ),
}

# The units of coefficients that do not share one.
UNITS = {
    "rhythm_voiced_segments_per_second": "1/s",
    "rhythm_mean_voiced_segment": "s",
    "rhythm_mean_unvoiced_segment": "s",
    "rhythm_energy_peaks_per_second": "1/s",
}


def coefficient_names(name: str, settings: Any) -> list[str]:
    """Return the names of the coefficients of a descriptor."""
    suffixes = DESCRIPTORS[name].coefficients(settings)
    return [f"{name}_{suffix}" if suffix else name for suffix in suffixes]
