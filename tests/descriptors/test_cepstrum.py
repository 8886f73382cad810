"""Decibels, cepstra and deltas, against librosa's."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.datasets import load_emodb
from sersk.descriptors import cepstrum, delta, mel_spectrogram, mfcc, power_to_db

# librosa warns of what sersk documents: a clip shorter than a frame is padded.
pytestmark = pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")

RATE = 16_000
SETTINGS = [
    {"n_mfcc": 13},
    {"n_mfcc": 40},
    {"n_mfcc": 20, "n_fft": 512, "hop_length": 160, "n_mels": 40, "htk": True},
    {"n_mfcc": 12, "n_mels": 26, "fmin": 50.0, "fmax": 7_000.0, "window": "hamming"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_mfcc_are_librosas(settings, waveforms):
    for waveform in waveforms:
        expected = librosa.feature.mfcc(y=waveform, sr=RATE, **settings)
        assert_allclose(mfcc(waveform, RATE, **settings), expected, atol=1e-3, rtol=0.0)


def test_mfcc_of_real_speech_are_librosas(emodb_root):
    for waveform in load_emodb(emodb_root).clips[::60]:
        expected = librosa.feature.mfcc(y=waveform, sr=RATE, n_mfcc=40)
        assert_allclose(mfcc(waveform, RATE, n_mfcc=40), expected, atol=1e-3, rtol=0.0)


def test_three_seconds_have_94_frames():
    assert mfcc(np.ones(48_000, np.float32), RATE, n_mfcc=13).shape == (13, 94)


@pytest.mark.parametrize("top_db", [80.0, 30.0, None])
def test_decibels_are_librosas(top_db, waveforms):
    power = mel_spectrogram(waveforms[0], RATE)
    assert_allclose(
        power_to_db(power, top_db=top_db),
        librosa.power_to_db(power, top_db=top_db),
        atol=1e-4,
    )
    assert_allclose(
        power_to_db(power, ref="max", top_db=top_db),
        librosa.power_to_db(power, ref=np.max, top_db=top_db),
        atol=1e-4,
    )


def test_decibels_by_hand():
    power = np.array([1.0, 10.0, 1e-20], dtype=np.float32)
    assert_allclose(power_to_db(power, top_db=None), [0.0, 10.0, -100.0], atol=1e-5)
    assert_allclose(power_to_db(power, ref=10.0, top_db=5.0), [-5.0, 0.0, -5.0])


@pytest.mark.parametrize("wrong", [{"ref": -1.0}, {"top_db": -1.0}])
def test_negative_references_are_refused(wrong):
    with pytest.raises(ValueError, match="negative"):
        power_to_db(np.ones(2), **wrong)


def test_decibels_leave_the_power_as_it_was():
    power = np.array([1.0, 1e-20], dtype=np.float32)
    power_to_db(power)
    assert_array_equal(power, np.array([1.0, 1e-20], dtype=np.float32))


def test_the_transform_keeps_lengths():
    log_mel = np.random.default_rng(0).normal(size=(32, 5)).astype(np.float32)
    coefficients = cepstrum(log_mel, n_mfcc=32)
    assert_allclose(
        np.linalg.norm(coefficients, axis=0), np.linalg.norm(log_mel, axis=0), rtol=1e-5
    )


def test_more_coefficients_than_bands_are_refused():
    with pytest.raises(ValueError, match=r"n_mfcc=5 .*4"):
        cepstrum(np.ones((4, 1)), n_mfcc=5)


@pytest.mark.parametrize(("order", "width"), [(1, 9), (2, 9), (1, 5)])
def test_deltas_are_librosas(order, width):
    features = np.random.default_rng(0).normal(size=(3, 40)).astype(np.float32)
    expected = librosa.feature.delta(features, order=order, width=width)
    assert_allclose(delta(features, order=order, width=width), expected, atol=1e-5)


def test_deltas_of_few_frames_exist():
    line = np.arange(4.0)[np.newaxis]
    assert np.isfinite(delta(line)).all()
    assert_allclose(delta(np.ones((2, 1))), np.zeros((2, 1)), atol=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"width": 4}, {"width": 1}, {"width": 3, "order": 3}]
)
def test_impossible_widths_are_refused(wrong):
    with pytest.raises(ValueError, match="width"):
        delta(np.ones((1, 20)), **wrong)


def test_mfcc_of_recordings_are_librosas(recordings):
    for waveform, rate in recordings:
        expected = librosa.feature.mfcc(y=waveform, sr=rate, n_mfcc=40)
        assert_allclose(mfcc(waveform, rate, n_mfcc=40), expected, atol=1e-3, rtol=0.0)


def test_a_sum_of_silent_bands_keeps_its_digits():
    silence = np.full((128, 3), -100.0, dtype=np.float32)
    expected = np.zeros((40, 3))
    expected[0] = -100.0 * np.sqrt(128)
    assert_allclose(cepstrum(silence, n_mfcc=40), expected, atol=1e-4)


def test_a_cosine_over_bands_is_one_coefficient():
    bands = (np.arange(16) + 0.5) / 16
    coefficients = cepstrum(np.cos(3 * np.pi * bands)[:, np.newaxis], n_mfcc=5)
    assert_allclose(coefficients[:, 0], [0, 0, 0, np.sqrt(8), 0], atol=1e-6)
