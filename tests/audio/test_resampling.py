"""Changing the sampling rate."""

import librosa
import numpy as np
import pytest

from sersk.audio._resampling import resample

RATES = [(48_000, 16_000), (16_000, 48_000), (44_100, 16_000), (384_000, 2_000)]


@pytest.mark.parametrize(("orig_rate", "target_rate"), RATES)
@pytest.mark.parametrize("length", [1, 2, 3, 10, 441, 16_000])
def test_equal_to_librosa(orig_rate, target_rate, length):
    samples = np.random.default_rng(length).standard_normal(length).astype("float32")
    expected = librosa.resample(
        samples, orig_sr=orig_rate, target_sr=target_rate, res_type="soxr_hq"
    )
    result = resample(samples, orig_rate, target_rate)
    assert result.dtype == np.float32
    assert result.flags.c_contiguous
    np.testing.assert_array_equal(result, expected)


def test_a_tone_keeps_frequency_and_level():
    def tone(rate):
        return np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype("float32")

    result = resample(tone(44_100), 44_100, 16_000)
    assert result.shape == (16_000,)
    inside = slice(500, -500)
    np.testing.assert_allclose(result[inside], tone(16_000)[inside], atol=1e-4)


def test_a_tone_above_the_new_nyquist_frequency_disappears():
    tone = np.sin(2 * np.pi * 12_000 * np.arange(48_000) / 48_000)
    assert np.abs(resample(tone, 48_000, 16_000)[500:-500]).max() < 1e-4


def test_an_unchanged_rate_costs_no_copy():
    samples = np.ones(5, dtype=np.float32)
    assert resample(samples, 16_000, 16_000) is samples
    assert resample(samples, 16_000, 16_000.0) is samples


def test_the_input_is_not_modified_and_may_be_read_only_or_strided():
    samples = np.random.default_rng(0).standard_normal(2_000)
    before = samples.copy()
    samples.flags.writeable = False
    whole = resample(samples[::2], 32_000, 16_000)
    np.testing.assert_array_equal(samples, before)
    np.testing.assert_array_equal(
        whole, resample(samples[::2].astype("float32"), 32_000, 16_000)
    )


def test_no_samples_stay_no_samples():
    assert resample(np.empty(0, dtype=np.float32), 48_000, 16_000).shape == (0,)


@pytest.mark.parametrize("rate", [0, -16_000, float("nan")])
def test_rates_must_be_positive(rate):
    with pytest.raises(ValueError, match="orig_rate must be a positive rate"):
        resample(np.ones(3), rate, 16_000)
    with pytest.raises(ValueError, match="target_rate must be a positive rate"):
        resample(np.ones(3), 16_000, rate)
