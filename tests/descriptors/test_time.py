"""Descriptors of the waveform itself, by hand and against librosa's."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sersk.descriptors import rms, zero_crossing_rate

SETTINGS = [
    {},
    {"frame_length": 400, "hop_length": 160},
    {"frame_length": 513, "hop_length": 100},
    {"frame_length": 2048, "hop_length": 512, "center": False},
]


def librosas(function, waveform, center=True, **settings):
    """Call librosa, which refuses a clip that is shorter than an uncentred frame."""
    if not center and len(waveform) < settings["frame_length"]:
        waveform = np.pad(waveform, (0, settings["frame_length"] - len(waveform)))
    return function(y=waveform, center=center, **settings)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_zero_crossings_are_librosas(settings, waveforms):
    for waveform in waveforms:
        expected = librosas(librosa.feature.zero_crossing_rate, waveform, **settings)
        actual = zero_crossing_rate(waveform, **settings)
        assert_allclose(actual, expected, atol=1e-6)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_levels_are_librosas(settings, waveforms):
    for waveform in waveforms:
        expected = librosas(librosa.feature.rms, waveform, **settings)
        assert_allclose(rms(waveform, **settings), expected, atol=1e-6)


def test_a_tone_crosses_zero_twice_a_period():
    time = np.arange(16_000) / 16_000
    tone = np.sin(2 * np.pi * 440 * time + 0.1).astype(np.float32)
    rate = zero_crossing_rate(tone)[0, 4:-4]
    assert_allclose(rate, 2 * 440 / 16_000, atol=1 / 2048)


def test_silence_crosses_nothing():
    assert_array_equal(
        zero_crossing_rate(np.zeros(4_000, np.float32)), np.zeros((1, 8))
    )


def test_a_whisper_below_the_threshold_is_zero():
    whisper = np.tile([1e-11, -1e-11], 1_000).astype(np.float32)
    assert zero_crossing_rate(whisper).max() == 0.0


@given(
    signs=st.lists(st.sampled_from([-0.5, 0.0, 0.5]), min_size=1, max_size=300),
    frame_length=st.integers(2, 64),
    hop_length=st.integers(1, 70),
    center=st.booleans(),
)
def test_zero_crossings_are_counted_frame_by_frame(
    signs, frame_length, hop_length, center
):
    waveform = np.array(signs, dtype=np.float32)
    margin = frame_length // 2 if center else 0
    padded = np.pad(waveform, margin, mode="edge")
    padded = np.pad(padded, (0, max(0, frame_length - len(padded))), mode="edge")
    starts = range(0, len(padded) - frame_length + 1, hop_length)
    counts = [
        np.count_nonzero(np.diff(padded[start : start + frame_length] < 0))
        for start in starts
    ]
    actual = zero_crossing_rate(
        waveform, frame_length=frame_length, hop_length=hop_length, center=center
    )
    assert_allclose(actual[0], np.array(counts) / frame_length, atol=1e-6)


def test_the_level_of_a_constant():
    level = rms(np.full(8_192, -0.5, np.float32), center=False)
    assert_allclose(level, 0.5, atol=1e-6)


def test_a_run_of_words_is_counted_to_the_bit():
    # Alternating signs: each frame of n samples holds n - 1 crossings, wherever in a
    # word of 64 bits it begins.
    waveform = np.resize(np.float32([0.5, -0.5]), 1_000)
    for length in (2, 63, 64, 65, 129):
        settings = {"frame_length": length, "hop_length": 1, "center": False}
        rate = zero_crossing_rate(waveform, **settings)
        assert_allclose(rate * length, length - 1, rtol=1e-6)


@pytest.mark.parametrize("gain", [-3.0, 0.01])
def test_gain_does_not_change_crossings(gain, waveforms):
    noise = waveforms[2]
    assert_array_equal(
        zero_crossing_rate(noise * np.float32(gain)), zero_crossing_rate(noise)
    )


def test_descriptors_of_recordings_are_librosas(recordings):
    for waveform, _ in recordings:
        crossings = librosa.feature.zero_crossing_rate(waveform)
        assert_allclose(zero_crossing_rate(waveform), crossings, atol=1e-6)
        level = librosa.feature.rms(y=waveform)
        assert_allclose(rms(waveform), level, rtol=1e-5, atol=0.0)


def test_the_level_of_a_tone():
    # 1600 samples hold 44 whole periods, whose mean square is a half.
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)
    level = rms(tone, frame_length=1_600, hop_length=100, center=False)
    assert_allclose(level, np.sqrt(0.5), rtol=1e-5)


def test_silence_after_sound_is_silent():
    waveform = np.concatenate([np.ones(4_096), np.zeros(8_192)]).astype(np.float32)
    assert_array_equal(rms(waveform, center=False)[0, 8:], 0.0)
