"""The shape of spectra against librosa's."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.descriptors import (
    chroma,
    chroma_filterbank,
    contrast_band_count,
    power_spectrogram,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_flux,
    spectral_rolloff,
)

RATE = 16_000
TRANSFORMS = [
    {},
    {"n_fft": 512, "hop_length": 160},
    {"n_fft": 1023, "hop_length": 256},
]
SHAPES = {
    "centroid": (spectral_centroid, librosa.feature.spectral_centroid, 1e-5),
    "bandwidth": (spectral_bandwidth, librosa.feature.spectral_bandwidth, 1e-5),
    "rolloff": (spectral_rolloff, librosa.feature.spectral_rolloff, 1e-5),
    "contrast": (spectral_contrast, librosa.feature.spectral_contrast, 1e-4),
}


def magnitudes(waveform, transform, rate=RATE):
    """Return magnitudes, and what librosa is told about them."""
    n_fft = transform.get("n_fft", 2048)
    frequencies = np.arange(1 + n_fft // 2) * (rate / n_fft)
    power = power_spectrogram(waveform, **transform)
    # In double precision, in which sums agree on which side of a limit they are.
    magnitude = np.sqrt(power.astype(np.float64))
    return magnitude, {"S": magnitude, "sr": rate, "freq": frequencies}


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_librosas(name, transform, waveforms):
    ours, librosas, rtol = SHAPES[name]
    for waveform in waveforms:
        magnitude, spectrum = magnitudes(waveform, transform)
        actual = ours(magnitude, RATE, n_fft=transform.get("n_fft"))
        expected = librosas(**spectrum)
        assert actual.dtype == np.float32
        # A cell of a band that is all rounding has no contrast to speak of.
        scale = 1e-6 * np.abs(expected).max()
        assert_allclose(actual, expected, rtol=rtol, atol=max(scale, 1e-4))


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_real_speech_are_librosas(name, recordings):
    ours, librosas, rtol = SHAPES[name]
    for waveform, rate in recordings:
        magnitude, spectrum = magnitudes(waveform, {}, rate)
        actual, expected = ours(magnitude, rate), librosas(**spectrum)
        assert_allclose(actual, expected, rtol=rtol, atol=1e-4)


def test_flatness_is_librosas(waveforms):
    for waveform in waveforms:
        power = power_spectrogram(waveform)
        expected = librosa.feature.spectral_flatness(S=np.sqrt(power))
        assert_allclose(spectral_flatness(power), expected, rtol=1e-4)


@pytest.mark.parametrize("transform", TRANSFORMS[:2], ids=str)
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_chroma_is_librosas(transform, rate, waveforms):
    for waveform in waveforms:
        power = power_spectrogram(waveform, **transform)
        expected = librosa.feature.chroma_stft(S=power, sr=rate, tuning=0.0)
        assert_allclose(chroma(power, rate), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("rate", "n_fft"), [(16_000, 2048), (8_000, 400), (44_100, 511)]
)
def test_chroma_filters_are_librosas(rate, n_fft):
    filters = chroma_filterbank(rate, n_fft)
    assert_allclose(
        filters, librosa.filters.chroma(sr=rate, n_fft=n_fft), rtol=1e-5, atol=1e-7
    )
    assert not filters.flags.writeable


# Values computed by hand.


def test_a_line_has_no_bandwidth():
    magnitude = np.zeros((5, 1))
    magnitude[3] = 2.0
    assert spectral_centroid(magnitude, 8_000) == 3_000.0
    assert spectral_bandwidth(magnitude, 8_000) == 0.0
    assert spectral_rolloff(magnitude, 8_000) == 3_000.0


def test_flux_is_a_distance_of_shapes():
    magnitude = np.array([[3.0, 6.0, 0.0, 1.0], [4.0, 8.0, 0.0, 0.0]])
    assert_allclose(spectral_flux(magnitude), [[0.0, 0.0, 1.0, 1.0]], atol=1e-7)


def test_flux_is_that_of_its_formula(waveforms):
    magnitude = np.sqrt(power_spectrogram(waveforms[0])).astype(np.float64)
    scaled = magnitude / np.linalg.norm(magnitude, axis=0)
    expected = np.linalg.norm(np.diff(scaled, axis=1), axis=0)
    assert_allclose(spectral_flux(magnitude)[0, 1:], expected, rtol=1e-5)


def test_level_does_not_matter(waveforms):
    power = power_spectrogram(waveforms[0])
    magnitude = np.sqrt(power)
    for compute in (spectral_centroid, spectral_bandwidth, spectral_rolloff):
        assert_allclose(
            compute(magnitude / 64, RATE), compute(magnitude, RATE), rtol=1e-5
        )
    assert_allclose(spectral_flux(magnitude / 64), spectral_flux(magnitude), atol=1e-6)
    assert_allclose(chroma(power / 64, RATE), chroma(power, RATE), rtol=1e-5)


def test_silence_has_documented_values():
    nothing = np.zeros((513, 3), dtype=np.float32)
    for compute in (spectral_centroid, spectral_bandwidth, spectral_rolloff):
        assert_array_equal(compute(nothing, RATE), np.zeros((1, 3)))
    assert_array_equal(spectral_flux(nothing), np.zeros((1, 3)))
    assert_array_equal(spectral_contrast(nothing, RATE), np.zeros((7, 3)))
    assert_array_equal(chroma(nothing, RATE), np.zeros((12, 3)))
    assert_allclose(spectral_flatness(nothing), np.ones((1, 3)), rtol=1e-6)


@pytest.mark.parametrize(
    ("rate", "n_bands"), [(2_000, 4), (4_000, 5), (8_000, 6), (16_000, 7), (48_000, 7)]
)
@pytest.mark.parametrize("n_fft", [2, 16, 64, 2048])
def test_contrast_has_bands_at_every_rate(rate, n_bands, n_fft):
    assert contrast_band_count(rate) == n_bands
    noise = np.random.default_rng(0).normal(size=RATE).astype(np.float32)
    magnitude = np.sqrt(power_spectrogram(noise, n_fft=n_fft))
    contrast = spectral_contrast(magnitude, rate, n_fft=n_fft)
    assert contrast.shape == (n_bands, magnitude.shape[1])
    assert (contrast >= -1e-4).all()


def test_the_input_is_not_changed(waveforms):
    power = power_spectrogram(waveforms[0])
    before = power.copy()
    for compute in (spectral_centroid, spectral_bandwidth, spectral_contrast, chroma):
        compute(power, RATE)
    spectral_flux(power)
    spectral_flatness(power)
    assert_array_equal(power, before)
