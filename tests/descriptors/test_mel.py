"""The mel scale and its filters, against librosa's."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.descriptors import hz_to_mel, mel_filterbank, mel_to_hz
from sersk.descriptors._mel import mel_bands

FREQUENCIES = np.array([0.0, 60.0, 999.0, 1_000.0, 1_001.0, 4_000.0, 20_000.0])


@pytest.mark.parametrize("htk", [False, True])
def test_the_scale_is_librosas(htk):
    mel = hz_to_mel(FREQUENCIES, htk=htk)
    assert_allclose(mel, librosa.hz_to_mel(FREQUENCIES, htk=htk), rtol=1e-12)
    assert_allclose(mel_to_hz(mel, htk=htk), FREQUENCIES, rtol=1e-9, atol=1e-9)


def test_slaneys_scale_is_linear_up_to_a_kilohertz():
    assert float(hz_to_mel(500.0)) == pytest.approx(7.5)
    # 27 steps to 6.4 kHz above it.
    assert float(hz_to_mel(6_400.0)) == pytest.approx(15.0 + 27.0)


def test_htks_thousand_mel_are_a_kilohertz():
    assert float(hz_to_mel(1_000.0, htk=True)) == pytest.approx(999.99, abs=0.01)


@pytest.mark.parametrize(
    ("rate", "settings"),
    [
        (16_000, {"n_fft": 2048}),
        (8_000, {"n_fft": 256, "n_mels": 23, "fmin": 60.0, "fmax": 3_500.0}),
        (44_100, {"n_fft": 1024, "n_mels": 40, "htk": True}),
        (16_000, {"n_fft": 1023, "n_mels": 30}),
    ],
    ids=str,
)
def test_the_filters_are_librosas(rate, settings):
    expected = librosa.filters.mel(sr=rate, **settings)
    assert_allclose(mel_filterbank(rate, **settings), expected, rtol=1e-5, atol=1e-9)


def test_shared_filters_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        mel_filterbank(16_000, 512)[0, 0] = 1.0


@pytest.mark.parametrize(
    ("fmin", "fmax"), [(-1.0, None), (4_000.0, 4_000.0), (0.0, 8_001.0)]
)
def test_bands_outside_the_spectrum_are_refused(fmin, fmax):
    with pytest.raises(ValueError, match=r"0 <= fmin < fmax <= 8000 Hz"):
        mel_filterbank(16_000, 512, 40, fmin, fmax)


def test_a_filter_has_an_area_of_one():
    filters = mel_filterbank(16_000, 16_384, 20)
    assert_allclose(filters.sum(axis=1) * 16_000 / 16_384, 1.0, rtol=2e-3)


@pytest.mark.parametrize("n_mels", [1, 16, 17, 128])
@pytest.mark.parametrize("n_fft", [64, 401, 2048])
def test_groups_hold_every_weight_once(n_fft, n_mels):
    filters = mel_filterbank(16_000, n_fft, n_mels)
    gathered = np.zeros_like(filters)
    for group in mel_bands(16_000, n_fft, n_mels, 0.0, None, False).groups:
        gathered[group.bands, group.bins] += group.weights.T
    assert_array_equal(gathered, filters)


def test_a_band_without_bins_has_no_noise():
    empty = ~mel_filterbank(16_000, 128, 64).any(axis=1)
    noise = mel_bands(16_000, 128, 64, 0.0, None, False).noise
    assert empty.any()
    assert_array_equal(noise == 0.0, empty)
