"""Loudness: what the recommendation prints, and its test signals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sersk.descriptors import integrated_loudness
from sersk.descriptors._loudness import _k_weighting

RATES = [8_000, 16_000, 22_050, 44_100, 48_000, 96_000]


def _sine(decibels, seconds, rate=48_000, frequency=997):
    time = np.arange(round(seconds * rate)) / rate
    return 10 ** (decibels / 20) * np.sin(2 * np.pi * frequency * time)


def test_the_filters_are_those_of_the_recommendation():
    # ITU-R BS.1770-4, tables 1 and 2, for 48 kHz.
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    shelf += [1.0, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    assert_allclose(_k_weighting(48_000), [shelf, high_pass], atol=1e-8)


@pytest.mark.parametrize("rate", RATES)
def test_a_sine_at_full_scale(rate):
    assert integrated_loudness(_sine(0, 2, rate), rate) == pytest.approx(
        -3.01, abs=0.01 if rate == 48_000 else 0.05
    )


@pytest.mark.parametrize("decibels", [-10.0, -23.0, -50.0])
def test_loudness_follows_the_level(decibels):
    loudness = integrated_loudness(_sine(decibels, 2), 48_000)
    assert loudness == pytest.approx(decibels - 3.01, abs=0.01)


def test_pauses_do_not_count():
    tone, pause = _sine(-20, 10), np.zeros(480_000)
    loudness = integrated_loudness(np.concatenate([pause, tone, pause]), 48_000)
    # 97 blocks hold nothing else, and three at each end a half of it on average.
    expected = 10 * np.log10((97 + 3) / 103) - 23.01
    assert loudness == pytest.approx(expected, abs=0.01)


def test_blocks_are_gated_as_in_the_test_signals_of_the_ebu():
    # EBU Tech 3341, cases 3 and 4, for one channel: quiet parts fall under the
    # relative gate, and the quietest under the absolute one.
    third = np.concatenate([_sine(-36, 10), _sine(-23, 60), _sine(-36, 10)])
    assert integrated_loudness(third, 48_000) == pytest.approx(-26.01, abs=0.1)
    parts = [_sine(level, 10) for level in (-72, -36)]
    fourth = np.concatenate([*parts, _sine(-23, 60), *parts[::-1]])
    assert integrated_loudness(fourth, 48_000) == pytest.approx(-26.01, abs=0.1)


def test_loud_parts_outweigh_by_power():
    # Within 10 LU of each other, so that none is left out: the mean of the powers.
    both = np.concatenate([_sine(-20, 30), _sine(-26, 30)])
    expected = 10 * np.log10((10**-2.0 + 10**-2.6) / 2) - 3.01
    assert integrated_loudness(both, 48_000) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("waveform", [np.zeros(48_000), _sine(-80, 1), np.zeros(1)])
def test_silence_has_none(waveform):
    assert integrated_loudness(waveform, 48_000) == -np.inf


def test_a_short_clip_is_one_block():
    assert integrated_loudness(_sine(-20, 0.2), 48_000) == pytest.approx(-23, abs=0.2)
    assert np.isfinite(integrated_loudness(np.array([0.5]), 48_000))


def test_a_rate_without_the_upper_band_is_refused():
    with pytest.raises(ValueError, match=r"sampling_rate=3999 Hz.*4000 Hz or more"):
        integrated_loudness(np.ones(100), 3_999)
