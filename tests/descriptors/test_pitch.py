"""Pitch against librosa and against signals of known pitch."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.descriptors import track_pitch, yin
from sersk.descriptors._pitch import parabola_peak, voiced_runs
from tests.descriptors.signals import RATE, harmonic, vowel

SETTINGS = [
    {},
    {"frame_length": 1024, "hop_length": 160},
    {"frame_length": 986, "hop_length": 512},
    {"frame_length": 2048, "hop_length": 333, "fmin": 80.0, "fmax": 400.0},
    {"frame_length": 1501, "hop_length": 256, "fmin": 50.0, "fmax": 1_000.0},
]


def librosas_yin(waveform, rate=RATE, **settings):
    settings = {"fmin": 65.0, "fmax": 600.0, "frame_length": 2048, **settings}
    settings.setdefault("hop_length", 512)
    # In double precision, as here: in single, librosa's choice of a dip may differ.
    return librosa.yin(waveform.astype(np.float64), sr=rate, **settings)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_yin_is_librosas(settings, waveforms):
    # In the last one, a single sample, every lag is as good as another.
    for waveform in waveforms[:-1]:
        (actual,) = yin(waveform, RATE, **settings)
        assert_allclose(actual, librosas_yin(waveform, **settings), rtol=1e-5)


def test_yin_of_real_speech_is_librosas(recordings):
    for waveform, rate in recordings:
        settings = {"frame_length": 2048, "hop_length": 512}
        (actual,) = yin(waveform, rate, **settings)
        assert_allclose(actual, librosas_yin(waveform, rate, **settings), rtol=1e-5)


def test_yin_of_a_long_clip_is_computed_in_blocks():
    # More than one block of frames.
    waveform = np.random.default_rng(0).normal(size=20 * RATE).astype(np.float32)
    settings = {"frame_length": 2048, "hop_length": 200}
    (actual,) = yin(waveform, RATE, **settings)
    assert_allclose(actual, librosas_yin(waveform, **settings), rtol=1e-5)


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("f0", [80.0, 123.4, 250.0, 510.0])
def test_the_pitch_of_a_harmonic_sound(f0, rate):
    track = track_pitch(harmonic(f0, n_harmonics=5, rate=rate), rate)
    inner = slice(4, -4)
    assert np.isfinite(track.f0[inner]).all()
    assert_allclose(track.f0[inner], f0, rtol=0.01)
    assert (track.periodicity[inner] > 0.99).all()


def test_there_is_a_frame_every_hop():
    track = track_pitch(np.zeros(RATE), RATE, hop_length=160)
    assert len(track.f0) == len(track.periodicity) == 101
    assert track.frame_length == 4 * 246 + 2
    assert track.hop_length == 160
    assert track.f0.dtype == track.periodicity.dtype == np.float32


def test_pyin_is_librosas_where_voiced():
    wave = np.concatenate([np.zeros(4_000), harmonic(150.0, 0.5), np.zeros(4_000)])
    track = track_pitch(wave, RATE, method="pyin")
    expected, is_voiced, _ = librosa.pyin(
        wave, fmin=65.0, fmax=600.0, sr=RATE, frame_length=986, hop_length=512
    )
    found = np.isfinite(track.f0)
    assert found.sum() >= 10
    assert is_voiced[found].all()
    assert_allclose(track.f0[found], expected[found], rtol=1e-5)


def voice_and_rest(rest):
    return np.concatenate([rest, 0.3 * harmonic(150.0, 0.5), rest])


@pytest.mark.parametrize(
    "rest",
    [
        np.zeros(8_000),
        1e-4 * np.random.default_rng(0).normal(size=8_000),
        0.1 * np.random.default_rng(0).normal(size=8_000),
        np.full(8_000, 0.2),
    ],
    ids=["silence", "faint noise", "noise", "offset"],
)
def test_only_the_voice_is_voiced(rest):
    track = track_pitch(voice_and_rest(rest), RATE)
    (run,) = voiced_runs(track)
    assert run.start == pytest.approx(8_000 / 512, abs=1)
    assert run.stop == pytest.approx(16_000 / 512 + 1, abs=1)


def test_whisper_has_no_pitch():
    noise = np.random.default_rng(0).normal(size=RATE)
    whisper = vowel([700.0, 1_200.0, 2_600.0], [130.0, 150.0, 200.0], noise)
    track = track_pitch(whisper, RATE)
    assert np.isfinite(track.f0).mean() < 0.05


@pytest.mark.parametrize(
    "waveform",
    [
        np.array([0.5]),
        np.linspace(-0.5, 0.5, 10),
        np.zeros(RATE),
        np.ones(RATE),
        np.full(RATE, 0.25),
        np.repeat([0.0, 0.9], 8_000),
        np.linspace(-1.0, 1.0, RATE),
        np.eye(1, RATE, 8_000)[0],
    ],
    ids=["one", "ten", "silence", "ones", "offset", "step", "ramp", "click"],
)
def test_what_has_no_period_is_unvoiced(waveform):
    for rate in (8_000, RATE, 48_000):
        track = track_pitch(waveform, rate)
        assert np.isnan(track.f0).all()
        assert np.isfinite(track.periodicity).all()


def test_a_square_wave_of_full_scale_has_its_pitch():
    square = np.where(np.arange(RATE) % 100 < 50, 1.0, -1.0)
    track = track_pitch(square, RATE)
    assert_allclose(track.f0[3:-3], 160.0, rtol=0.01)


def test_level_does_not_matter():
    wave = harmonic(200.0, 0.5).astype(np.float32)
    one, faint = track_pitch(wave, RATE), track_pitch(wave * np.float32(2**-12), RATE)
    assert_allclose(faint.f0, one.f0, rtol=1e-6)


def test_the_input_is_not_changed(waveforms):
    before = waveforms[0].copy()
    track_pitch(waveforms[0], RATE)
    assert_array_equal(waveforms[0], before)


def test_the_vertex_of_a_parabola():
    values = [-((x - 0.25) ** 2) for x in (-1.0, 0.0, 1.0)]
    assert parabola_peak(*map(np.array, values)) == pytest.approx(0.25)
    flat = np.array(1.0)
    assert parabola_peak(flat, flat, flat) == 0.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "praat"}, "method='praat' must be one of yin, pyin"),
        ({"frame_length": 1001}, "frame_length=1001 even"),
        ({"fmin": 0.0}, "fmin=0 and fmax=600 Hz must satisfy"),
        ({"fmin": 700.0}, "fmin=700 and fmax=600"),
        ({"fmax": 9_000.0}, "<= 8000 Hz, half the sampling rate"),
    ],
    ids=str,
)
def test_wrong_parameters_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        track_pitch(np.zeros(100), RATE, **settings)
