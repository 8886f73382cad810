"""Filters: by hand, and as librosa and scipy have them."""

import librosa
import numpy as np
import pytest
import scipy.signal
from numpy.testing import assert_allclose, assert_array_equal

from sersk import AudioClips
from sersk.preprocessing import HighPass, PreEmphasis

RATE = 16_000
NOISE = np.random.default_rng(0).normal(scale=0.1, size=RATE).astype(np.float32)


def test_pre_emphasis_by_hand():
    (waveform,) = PreEmphasis(0.5).fit_transform([[0.5, 0.5, 0.25, -0.5]])
    assert_array_equal(waveform, [0.5, 0.25, 0.0, -0.625])


def test_pre_emphasis_from_silence_is_a_filter_at_rest():
    (waveform,) = PreEmphasis().fit_transform([NOISE])
    expected = scipy.signal.lfilter([1.0, -0.97], [1.0], NOISE)
    assert_allclose(waveform, expected, atol=1e-7)


def test_pre_emphasis_as_librosa():
    (waveform,) = PreEmphasis(start="librosa").fit_transform([NOISE])
    assert_allclose(waveform, librosa.effects.preemphasis(NOISE), atol=1e-7)


@pytest.mark.parametrize("start", ["zero", "librosa"])
def test_one_sample_has_nothing_before_it(start):
    assert_array_equal(PreEmphasis(start=start).fit_transform([[0.5]])[0], [0.5])


def test_pre_emphasis_of_nothing_changes_nothing():
    assert_array_equal(PreEmphasis(0).fit_transform([NOISE])[0], NOISE)


@pytest.mark.parametrize(("cutoff", "order"), [(60, 4), (300, 1), (1_000, 8)])
def test_high_pass_is_the_butterworth_filter_of_scipy(cutoff, order):
    sections = scipy.signal.butter(order, cutoff, "highpass", fs=RATE, output="sos")
    state = scipy.signal.sosfilt_zi(sections) * NOISE[0]
    expected, _ = scipy.signal.sosfilt(sections, NOISE, zi=state)
    (waveform,) = HighPass(cutoff, order).fit_transform([NOISE])
    assert_allclose(waveform, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("frequency", "gain"),
    [(0, 0.0), (20, (1 + 3.0**8) ** -0.5), (60, 0.5**0.5), (997, 1.0)],
)
def test_gains_by_hand(frequency, gain):
    # |H| = 1 / sqrt(1 + (cutoff / f)^2n), of order n = 4 at a cutoff of 60 Hz.
    time = np.arange(4 * RATE) / RATE
    tone = 0.5 * np.cos(2 * np.pi * frequency * time)
    (waveform,) = HighPass(60, 4).fit_transform([tone])
    assert np.abs(waveform[-RATE:]).max() == pytest.approx(0.5 * gain, abs=1e-3)


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (PreEmphasis(1.5), "coef"),
        (PreEmphasis(np.nan), "coef"),
        (PreEmphasis(start="one"), "start"),
        (HighPass(0), "cutoff"),
        (HighPass(-60), "cutoff"),
        (HighPass(np.nan), "cutoff"),
        (HighPass(np.inf), "cutoff"),
        (HighPass(order=0), "order"),
        (HighPass(order=2.5), "order"),
        (HighPass(sampling_rate=1_000), "sampling_rate"),
    ],
)
def test_bad_parameters_are_refused(step, name):
    with pytest.raises(
        ValueError, match=f"'{name}' parameter of {type(step).__name__}"
    ):
        step.fit([NOISE])


@pytest.mark.parametrize("cutoff", [8_000, 9_000.0])
def test_a_cutoff_above_half_the_rate_is_refused(cutoff):
    with pytest.raises(ValueError, match=r"cutoff=.* at 16000 Hz.*end at 8000 Hz"):
        HighPass(cutoff).fit([NOISE])


def test_the_rate_of_the_clips_decides_what_is_above():
    clips = AudioClips.from_arrays([NOISE], sampling_rate=44_100)
    HighPass(9_000).fit(clips)
    with pytest.raises(ValueError, match="cutoff=9000"):
        HighPass(9_000).transform(clips.resample(RATE))
    with pytest.raises(ValueError, match="cutoff=9000"):
        HighPass(9_000, sampling_rate=RATE).fit(clips)
