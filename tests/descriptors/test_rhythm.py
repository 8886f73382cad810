"""Stand-ins for speech rate of syllables that were counted when they were made."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sersk.descriptors import speech_rhythm, track_pitch
from tests.descriptors.signals import RATE, harmonic


def measure(waveform, rate=RATE, hop_length=160):
    track = track_pitch(waveform, rate, hop_length=hop_length)
    return speech_rhythm(waveform, track, rate)


def syllables(count, length=0.12, pause=0.08, rate=RATE):
    """Return voiced bumps with silence before, between and after them."""
    n_samples = round(length * rate)
    voice = 0.3 * harmonic(150.0, length, rate=rate) * np.hanning(n_samples)
    silence = np.zeros(round(pause * rate))
    return np.concatenate([silence, *[voice, silence] * count])


@pytest.mark.parametrize("count", [1, 4, 12])
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_syllables_are_counted(count, rate):
    wave = syllables(count, rate=rate)
    seconds = len(wave) / rate
    segments, voiced, unvoiced, peaks = measure(wave, rate, rate // 100)
    assert segments == pytest.approx(count / seconds)
    assert peaks == pytest.approx(count / seconds)
    assert voiced == pytest.approx(0.12, abs=0.03)
    assert unvoiced == pytest.approx(0.08, abs=0.03)


def test_segments_fill_the_clip():
    wave = syllables(5)
    segments, voiced, unvoiced, _ = measure(wave)
    seconds = len(wave) / RATE
    total = segments * seconds * voiced + (segments * seconds + 1) * unvoiced
    assert total == pytest.approx(seconds, abs=0.011)


def test_peaks_without_voice_do_not_count():
    bursts = syllables(4)
    noise = np.random.default_rng(0).normal(size=len(bursts))
    assert measure(np.abs(bursts) * noise)[3] == 0.0


def test_faint_peaks_do_not_count():
    wave = np.concatenate([syllables(2), 0.01 * syllables(3)])
    assert measure(wave)[3] == pytest.approx(2 * RATE / len(wave))


def test_without_a_voice():
    assert_allclose(measure(np.zeros(RATE)), [0.0, 0.0, 1.01, 0.0], rtol=1e-6)


def test_a_voice_without_a_pause():
    segments, voiced, unvoiced, peaks = measure(0.3 * harmonic(150.0, 1.0))
    assert segments == 1.0
    assert voiced == pytest.approx(1.01)
    assert unvoiced == 0.0
    assert peaks <= 1.0


@pytest.mark.parametrize("length", [1, 10, 500])
def test_short_clips(length):
    values = measure(np.linspace(-0.5, 0.5, length))
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
