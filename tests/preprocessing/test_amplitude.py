"""Levels: by hand, and peaks as librosa scales them."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk import AudioClips
from sersk.descriptors import integrated_loudness
from sersk.preprocessing import NormalizeAmplitude

RATE = 16_000
SPEECH = np.random.default_rng(0).laplace(scale=0.03, size=RATE).astype(np.float32)


def _normalise(waveform, *args):
    return NormalizeAmplitude(*args).fit_transform([waveform])[0]


def test_the_peak_is_one_as_with_librosa():
    normalised = _normalise(SPEECH)
    assert_array_equal(normalised, librosa.util.normalize(SPEECH))
    assert np.abs(normalised).max() == 1


@pytest.mark.parametrize(
    ("method", "level", "expected"),
    [
        # An amplitude of 0.5 lies 6.02 dB below full scale.
        ("peak", -6.0206, [0.5, -0.25, 0.5, 0.0]),
        ("peak", 0.0, [1.0, -0.5, 1.0, 0.0]),
        # The root of (1 + 0.25 + 1) / 4 is 0.75.
        ("rms", 0.0, [4 / 3, -2 / 3, 4 / 3, 0.0]),
        ("rms", None, [0.4 / 3, -0.2 / 3, 0.4 / 3, 0.0]),
    ],
)
def test_levels_by_hand(method, level, expected):
    waveform = [0.5, -0.25, 0.5, 0.0]
    assert_allclose(_normalise(waveform, method, level), expected, rtol=1e-5)


def test_a_negative_peak_counts():
    assert_array_equal(_normalise([0.25, -0.5]), [0.5, -1.0])


@pytest.mark.parametrize("level", [-30.0, None])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_the_loudness_is_what_was_asked_for(level, rate):
    clips = AudioClips.from_arrays([SPEECH], sampling_rate=rate)
    (waveform,) = NormalizeAmplitude("loudness", level).fit_transform(clips)
    expected = -23.0 if level is None else level
    assert integrated_loudness(waveform, rate) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("method", ["peak", "rms", "loudness"])
@pytest.mark.parametrize("waveform", [np.zeros(8_000), np.full(8_000, 1e-44)])
def test_silence_stays_silent(method, waveform):
    assert_array_equal(_normalise(waveform, method), np.float32(waveform))


def test_a_clip_quieter_than_any_gate_has_no_loudness():
    quiet = np.float32(1e-5) * SPEECH
    assert_array_equal(_normalise(quiet, "loudness"), quiet)


@pytest.mark.parametrize(
    "parameters",
    [
        {"method": "lufs"},
        {"method": None},
        {"level": np.inf},
        {"level": -np.inf},
        {"level": np.nan},
        {"level": 21},
        {"level": "0 dB"},
    ],
)
def test_bad_parameters_are_refused(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of NormalizeAmplitude"):
        NormalizeAmplitude(**parameters).fit([SPEECH])


def test_a_rate_without_loudness_is_refused_early():
    with pytest.raises(ValueError, match="sampling_rate=2000 Hz"):
        NormalizeAmplitude("loudness", sampling_rate=2_000).fit([SPEECH])
    NormalizeAmplitude("rms", sampling_rate=2_000).fit([SPEECH])


def test_a_default_level_is_the_level_that_it_stands_for():
    clips = AudioClips.from_arrays([SPEECH], sampling_rate=RATE)
    default = NormalizeAmplitude("rms").fit_transform(clips)
    assert (
        default.digests == NormalizeAmplitude("rms", -20).fit_transform(clips).digests
    )
    assert (
        default.digests != NormalizeAmplitude("peak", -20).fit_transform(clips).digests
    )
