"""Padding and cropping, by hand and as librosa does."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sersk import AudioClips
from sersk.preprocessing import FixDuration
from sersk.preprocessing._duration import fix_length

RATE = 16_000


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("end", [1, 2, 9, 9, 9]),
        ("start", [9, 9, 9, 1, 2]),
        ("both", [9, 1, 2, 9, 9]),
    ],
)
def test_padding_by_hand(side, expected):
    fixed = fix_length(np.array([1, 2]), 5, pad_side=side, pad_value=9)
    assert_array_equal(fixed, expected)


@pytest.mark.parametrize(
    ("side", "expected"),
    [("end", [1, 2]), ("start", [4, 5]), ("both", [2, 3])],
)
def test_cropping_by_hand(side, expected):
    assert_array_equal(fix_length(np.arange(1, 6), 2, crop_side=side), expected)


@pytest.mark.parametrize("length", [1, 47_999, 48_000, 48_001, 96_000])
def test_it_is_the_fixed_length_of_librosa(length):
    waveform = np.random.default_rng(0).normal(size=length).astype(np.float32) / 10
    (fixed,) = FixDuration(3).fit_transform([waveform])
    expected = librosa.util.fix_length(waveform, size=48_000)
    assert_array_equal(fixed, expected)
    assert fixed.dtype == np.float32


@pytest.mark.parametrize(
    ("duration", "rate", "n_samples"),
    [
        (3.0, 16_000, 48_000),
        (3.0, 44_100, 132_300),
        (0.1, 8_000, 800),
        (0.3, 16_000, 4_800),
        (1.1, 22_050, 24_255),
    ],
)
def test_seconds_are_exact_in_samples(duration, rate, n_samples):
    clips = AudioClips.from_arrays([[0.5], np.zeros(2 * rate)], sampling_rate=rate)
    for waveform in FixDuration(duration, max_removed=1).fit_transform(clips):
        assert len(waveform) == n_samples


@pytest.mark.parametrize(
    "parameters",
    [
        {"duration": 0},
        {"duration": -1.0},
        {"duration": np.nan},
        {"duration": np.inf},
        {"duration": None},
        {"pad_side": "left"},
        {"crop_side": "middle"},
        {"pad_value": 2.0},
        {"pad_value": np.nan},
        {"max_removed": -0.1},
    ],
)
def test_bad_parameters_are_refused(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"'{name}' parameter of FixDuration"):
        FixDuration(**parameters).fit([[0.5]])


def test_less_than_a_sample_is_refused():
    with pytest.raises(ValueError, match=r"duration=1e-05 s is less than one sample"):
        FixDuration(1e-5).fit([[0.5]])


def test_sides_are_in_the_digest():
    clips = AudioClips.from_arrays([[0.5]], sampling_rate=RATE)
    settings = [
        {},
        {"duration": 2.0},
        {"pad_side": "start"},
        {"pad_value": 0.5},
        {"crop_side": "both"},
    ]
    digests = [FixDuration(**one).fit_transform(clips).digest(0) for one in settings]
    assert len(set(digests)) == len(settings)
