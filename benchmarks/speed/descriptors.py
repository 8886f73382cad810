"""How long descriptors of spectrum and voice take."""

import statistics
from collections.abc import Iterator

import librosa
import numpy as np

from benchmarks.speed.measure import Figure, compare, seconds
from sersk import AudioClips
from sersk.descriptors import (
    chroma,
    find_cycles,
    formants,
    power_spectrogram,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_flux,
    spectral_rolloff,
    speech_rhythm,
    track_pitch,
    yin,
)
from sersk.features import AcousticFunctionals, describe_descriptors

_RATE = 16_000
_PITCH = {"fmin": 65.0, "fmax": 600.0, "frame_length": 2048, "hop_length": 512}


def descriptor_figures(clips: AudioClips, *, quick: bool = False) -> Iterator[Figure]:
    """Measure pitch against librosa, and the parts and the whole by themselves."""
    rounds = 1 if quick else 9
    waveforms = [np.asarray(waveform) for waveform in clips[::10]]
    yield _pitch(waveforms, rounds)
    yield _parts(waveforms, rounds)
    yield _everything(waveforms, rounds)


def _pitch(waveforms: list[np.ndarray], rounds: int) -> Figure:
    for waveform in waveforms[:3]:
        expected = librosa.yin(waveform.astype(np.float64), sr=_RATE, **_PITCH)
        np.testing.assert_allclose(yin(waveform, _RATE, **_PITCH)[0], expected, 1e-4)
    times = compare(
        lambda: [yin(waveform, _RATE, **_PITCH) for waveform in waveforms],
        lambda: [librosa.yin(waveform, sr=_RATE, **_PITCH) for waveform in waveforms],
        rounds=rounds,
    )
    milliseconds = 1e3 * times.ours / len(waveforms)
    return Figure(
        "F0 by YIN, ms a clip",
        f"{milliseconds:.2f}",
        f"{1e3 * times.theirs / len(waveforms):.2f} (librosa, compiled)",
        f"{times.ratio:.1f}x",
        "at most 15 ms",
        milliseconds <= 15,
    )


def _parts(waveforms: list[np.ndarray], rounds: int) -> Figure:
    """Time each descriptor by itself, in turn, once what it shares is there."""
    tracks = [track_pitch(waveform, _RATE) for waveform in waveforms]
    powers = [power_spectrogram(waveform) for waveform in waveforms]
    spectra = [np.sqrt(power) for power in powers]
    voices = [*zip(waveforms, tracks, strict=True)]
    parts = {
        "pitch and HNR": lambda: [track_pitch(y, _RATE) for y in waveforms],
        "cycles": lambda: [find_cycles(y, track, _RATE) for y, track in voices],
        "formants": lambda: [formants(y, track, _RATE) for y, track in voices],
        "rhythm": lambda: [speech_rhythm(y, track, _RATE) for y, track in voices],
        "centroid": lambda: [spectral_centroid(s, _RATE) for s in spectra],
        "bandwidth": lambda: [spectral_bandwidth(s, _RATE) for s in spectra],
        "rolloff": lambda: [spectral_rolloff(s, _RATE) for s in spectra],
        "flux": lambda: [spectral_flux(s) for s in spectra],
        "flatness": lambda: [spectral_flatness(power) for power in powers],
        "contrast": lambda: [spectral_contrast(s, _RATE) for s in spectra],
        "chroma": lambda: [chroma(power, _RATE) for power in powers],
    }
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            times[name].append(1e3 * seconds(part) / len(waveforms))
    medians = {name: statistics.median(values) for name, values in times.items()}
    return Figure(
        "other descriptors, ms a clip each",
        ", ".join(f"{name} {value:.2f}" for name, value in medians.items()),
        "",
        f"{max(medians.values()):.2f} ms",
        "at most 5 ms",
        max(medians.values()) <= 5,
    )


def _everything(waveforms: list[np.ndarray], rounds: int) -> Figure:
    clips = AudioClips.from_arrays(waveforms, sampling_rate=_RATE)
    names = tuple(describe_descriptors()["descriptor"])
    everything = AcousticFunctionals(names, cache=False)
    default = AcousticFunctionals(cache=False)
    times = compare(
        lambda: everything.transform(clips),
        lambda: default.transform(clips),
        rounds=rounds,
    )
    milliseconds = 1e3 * times.ours / len(waveforms)
    return Figure(
        f"functionals of all {len(names)} descriptors, ms a clip",
        f"{milliseconds:.2f}",
        f"{1e3 * times.theirs / len(waveforms):.2f} (the three of the default)",
        f"{1 / times.ratio:.1f} times as long",
        "at most 25 ms",
        milliseconds <= 25,
    )
