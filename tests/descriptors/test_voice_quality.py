"""Harmonics to noise, jitter and shimmer of voices in which they are known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sersk.descriptors import (
    PitchTrack,
    find_cycles,
    harmonics_to_noise_ratio,
    jitter,
    shimmer,
    track_pitch,
)
from tests.descriptors.signals import RATE, harmonic, pulse_train, vowel

# A male, a female and a child's voice, in samples.
PERIODS = [130.0, 75.3, 50.0]


def measure(wave):
    track = track_pitch(wave, RATE)
    return find_cycles(wave, track, RATE), track


@pytest.mark.parametrize("decibels", [5.0, 10.0, 20.0, 30.0])
@pytest.mark.parametrize("f0", [100.0, 221.3])
def test_harmonics_to_noise_is_what_was_mixed(decibels, f0):
    noise = np.random.default_rng(0).normal(size=3 * RATE)
    wave = harmonic(f0, 3.0) + 10 ** (-decibels / 20) * noise
    (ratio,) = harmonics_to_noise_ratio(track_pitch(0.05 * wave, RATE))
    assert np.nanmean(ratio[4:-4]) == pytest.approx(decibels, abs=0.5)


def test_harmonics_to_noise_by_hand():
    periodicity = np.array([0.5, 0.99, 1.0, 0.9], dtype=np.float32)
    f0 = np.array([100.0, 100.0, 100.0, np.nan], dtype=np.float32)
    ratio = harmonics_to_noise_ratio(PitchTrack(f0, periodicity, 986, 512))
    assert ratio.dtype == np.float32
    assert_allclose(ratio, [[0.0, 19.956, 60.0, np.nan]], atol=1e-3)


def signs(count):
    """Return ups and downs without order: in turn, two periods would be one."""
    return np.random.default_rng(0).choice([-1.0, 1.0], count)


def mean_change(values):
    return np.abs(np.diff(values)).mean() / values.mean()


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("share", [0.0, 0.005, 0.02, 0.04])
def test_jitter_of_a_pulse_train(period, share):
    periods = period * (1 + 0.5 * share * signs(round(3 * RATE / period)))
    values = jitter(*measure(pulse_train(periods)))
    expected = mean_change(periods)
    assert np.nanmean(values) == pytest.approx(expected, rel=0.05, abs=3e-4)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_shimmer_of_a_pulse_train(period, share):
    heights = 1 + 0.5 * share * signs(round(3 * RATE / period))
    # Whole samples, so that a peak is not missed between two of them.
    wave = pulse_train(np.full(len(heights), round(period)), heights)
    values = shimmer(*measure(wave))
    assert np.nanmean(values) == pytest.approx(mean_change(heights), rel=0.05, abs=1e-3)


def test_random_jitter_through_a_vowel():
    rng = np.random.default_rng(0)
    periods = 100.0 * (1 + 0.02 * rng.normal(size=400))
    expected = np.abs(np.diff(periods)).mean() / periods.mean()
    wave = vowel([700.0, 1_200.0], [100.0, 150.0], pulse_train(periods))
    values = jitter(*measure(wave))
    assert np.nanmean(values) == pytest.approx(expected, rel=0.15)


def test_cycles_are_where_they_were_made():
    periods = np.linspace(90.0, 110.0, 150)
    cycles, _ = measure(pulse_train(periods))
    assert len(cycles.periods) > 130
    assert cycles.follows[1:].all()
    assert not cycles.follows[0]
    made = np.cumsum(periods)
    nearest = np.abs(cycles.starts[:, np.newaxis] - made).min(axis=1)
    assert nearest.max() < 1.5
    assert_allclose(
        cycles.periods, np.interp(cycles.starts, made[:-1], periods[1:]), atol=0.2
    )
    assert_allclose(np.diff(cycles.starts), cycles.periods[:-1])


def test_a_pause_parts_the_cycles():
    voice = pulse_train(np.full(50, 100.0))
    cycles, _ = measure(np.concatenate([voice, np.zeros(8_000), voice]))
    assert np.count_nonzero(~cycles.follows) == 2


def test_level_does_not_matter():
    rng = np.random.default_rng(0)
    wave = pulse_train(100.0 * (1 + 0.01 * rng.normal(size=100)))
    one, other = measure(wave), measure(wave / 1024)
    assert_allclose(jitter(*one), jitter(*other), rtol=1e-4)
    assert_allclose(shimmer(*one), shimmer(*other), rtol=1e-4)


@pytest.mark.parametrize("length", [1, 10, 300, RATE])
def test_without_a_voice_there_is_nothing_to_measure(length):
    noise = 0.1 * np.random.default_rng(0).normal(size=length)
    for wave in (noise, np.zeros(length), np.ones(length)):
        cycles, track = measure(wave)
        assert len(cycles.periods) == len(cycles.amplitudes) == 0
        for value in (jitter(cycles, track), shimmer(cycles, track)):
            assert value.shape == (1, 1 + length // 512)
            assert np.isnan(value).all()
        assert np.isnan(harmonics_to_noise_ratio(track)).all()


def test_voices_between_unvoiced_frames_are_measured_there(waveforms):
    for waveform in waveforms[:2]:
        cycles, track = measure(waveform)
        for value in (jitter(cycles, track), shimmer(cycles, track)):
            assert np.isnan(value[0, np.isnan(track.f0)]).all()
            assert 0 < np.nanmedian(value) < 0.3


def test_the_synthetic_voice_has_about_its_jitter(waveforms):
    # Each pulse is off by 0.01 of a period at random, so that successive periods
    # differ by 0.01 times the root of 6, times that of 2 / pi.
    expected = 0.01 * np.sqrt(6) * np.sqrt(2 / np.pi)
    values = np.concatenate([jitter(*measure(w))[0] for w in waveforms[:2]])
    assert np.nanmedian(values) == pytest.approx(expected, rel=0.5)
