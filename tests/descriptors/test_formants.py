"""Formants of filters whose poles are known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import lfilter, resample_poly

from sersk.descriptors import formants, track_pitch
from sersk.descriptors._formants import _poles, _predictors
from tests.descriptors.signals import RATE, vowel

VOWELS = {
    "a": ([730.0, 1_090.0, 2_440.0], [80.0, 100.0, 120.0]),
    "i": ([300.0, 2_290.0, 3_010.0], [60.0, 110.0, 160.0]),
    "ə": ([500.0, 1_500.0, 2_500.0], [70.0, 90.0, 130.0]),
}

RATIOS = {8_000: (1, 2), 16_000: (1, 1), 48_000: (3, 1)}


def measure(frequencies, bandwidths, rate=RATE, **settings):
    pulses = (np.arange(RATE) % 160 == 0).astype(float)
    # A glottal pulse falls by 6 dB per octave once the lips have raised it.
    source = lfilter([1.0], [1.0, -np.exp(-2 * np.pi * 50 / RATE)], pulses)
    wave = vowel([*frequencies, 3_400, 4_500], [*bandwidths, 200, 250], source)
    wave = resample_poly(wave, *RATIOS[rate])
    return formants(wave, track_pitch(wave, rate), rate, **settings)


@pytest.mark.parametrize("name", VOWELS)
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_frequencies_are_those_of_the_filter(name, rate):
    found = measure(*VOWELS[name], rate)
    # Harmonics of 100 Hz are all that there is to see of the filter.
    assert_allclose(
        np.nanmedian(found.frequencies, axis=1), VOWELS[name][0], rtol=0.03, atol=30
    )


@pytest.mark.parametrize("name", VOWELS)
def test_bandwidths_are_about_those_of_the_filter(name):
    found = measure(*VOWELS[name])
    median = np.nanmedian(found.bandwidths, axis=1)
    assert_allclose(median, VOWELS[name][1], atol=130)


def test_prediction_of_an_exact_autocorrelation_is_exact():
    # The impulse response of a filter, whole, has the autocorrelation of its poles.
    poles = np.exp(np.pi * (-np.array([80, 120]) + 2j * np.array([600, 1_500])) / 8_000)
    polynomial = np.poly([*poles, *poles.conj()]).real
    response = lfilter([1.0], polynomial, np.eye(1, 4_000)[0])
    correlation = np.correlate(response, response, "full")[3_999:4_004]
    predictor = _predictors(correlation[np.newaxis])
    assert_allclose(predictor[0], polynomial, rtol=1e-9)
    found = np.sort_complex(_poles(predictor)[0])
    assert_allclose(found, np.sort_complex([*poles, *poles.conj()]), rtol=1e-7)


def test_unvoiced_frames_have_none(waveforms):
    for waveform in waveforms:
        track = track_pitch(waveform, RATE)
        found = formants(waveform, track, RATE)
        for values in found:
            assert values.dtype == np.float32
            assert values.shape == (3, len(track.f0))
            assert np.isnan(values[:, np.isnan(track.f0)]).all()
        rising = np.diff(found.frequencies, axis=0)
        assert (rising[np.isfinite(rising)] > 0).all()
        assert not (found.bandwidths <= 0).any()


def test_a_low_rate_has_fewer_formants():
    wave = np.sin(2 * np.pi * 100 * np.arange(2_000) / 2_000)
    found = formants(wave, track_pitch(wave, 2_000), 2_000)
    assert np.isnan(found.frequencies[1:]).all()


@pytest.mark.parametrize("period", [40, 100])
def test_a_square_wave_of_full_scale_is_no_error(period):
    square = np.where(np.arange(RATE) % period < period / 2, 1.0, -1.0)
    found = formants(square, track_pitch(square, RATE), RATE)
    assert not np.isinf(found.frequencies).any()


def test_a_lower_ceiling_moves_what_is_predicted():
    found = measure(*VOWELS["a"], max_frequency=3_300.0)
    assert np.nanmax(found.frequencies) < 3_300.0
    assert_allclose(
        np.nanmedian(found.frequencies, axis=1), VOWELS["a"][0], rtol=0.03, atol=30
    )
