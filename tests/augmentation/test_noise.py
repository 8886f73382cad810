"""Noise at a ratio that can be measured."""

import numpy as np
import pytest
import soundfile

from sersk import AudioClips, AudioError
from sersk.augmentation import AddBackgroundNoise, AddNoise
from sersk.augmentation._noise import make_noise, mix
from tests.augmentation.conftest import RATE, noises


def _measured_snr(clips, augmenter, seed=0):
    for clean, noisy in zip(clips, clips.apply(augmenter.operation(seed)), strict=True):
        clean, noisy = clean.astype(float), noisy.astype(float)
        yield 10 * np.log10(np.mean(clean**2) / np.mean((noisy - clean) ** 2))


@pytest.mark.parametrize("color", ["white", "pink", "brown"])
@pytest.mark.parametrize("snr", [-10, 0, 12.5, 40])
def test_the_ratio_is_exact(clips, color, snr):
    measured = list(_measured_snr(clips, AddNoise(snr, color=color)))
    np.testing.assert_allclose(measured, snr, atol=1e-2)


def test_the_ratio_of_recordings_is_exact(clips):
    measured = list(_measured_snr(clips, AddBackgroundNoise(noises(), snr=7)))
    np.testing.assert_allclose(measured, 7, atol=1e-3)


def test_ratios_are_drawn_from_the_whole_range():
    rng = np.random.default_rng(0)
    many = AudioClips.from_arrays(rng.normal(size=(300, 200)), sampling_rate=RATE)
    measured = np.array(list(_measured_snr(many, AddNoise((10, 30)))))
    assert 10 <= measured.min() < 10.5
    assert 29.5 < measured.max() <= 30.01
    assert abs(measured.mean() - 20) < 1


@pytest.mark.parametrize(
    ("color", "slope"), [("white", 0), ("pink", -3), ("brown", -6)]
)
def test_colours_fall_by_their_decibels_per_octave(color, slope):
    noise = make_noise(1 << 17, color, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = 2 ** np.arange(8, 16)
    level = [10 * np.log10(power[low : 2 * low].mean()) for low in octaves]
    np.testing.assert_allclose(np.diff(level), slope, atol=0.6)
    assert noise.dtype == np.float32


@pytest.mark.parametrize("length", [1, 2, 17, 999])
def test_noise_is_as_long_as_the_clip(length):
    for color in ("white", "pink", "brown"):
        noise = make_noise(length, color, np.random.default_rng(0))
        assert noise.shape == (length,)
        assert np.abs(noise).max() > 0


def test_nothing_is_clipped():
    loud = AudioClips.from_arrays([np.ones(4_000)], sampling_rate=RATE)
    assert np.abs(loud.apply(AddNoise(0).operation(0))[0]).max() > 1.5


def test_noise_in_silence_or_silence_as_noise_is_nothing():
    rng = np.random.default_rng(0)
    some, nothing = rng.normal(size=50).astype(np.float32), np.zeros(50, np.float32)
    assert mix(nothing, some, 10) is nothing
    assert mix(some, nothing, 10) is some


def test_recordings_of_another_rate_are_resampled():
    seconds = np.arange(8_000) / 8_000
    hum = np.sin(2 * np.pi * 1_000 * seconds)
    noise = AudioClips.from_arrays([hum], sampling_rate=8_000)
    clips = AudioClips.from_arrays([np.full(16_000, 0.1)], sampling_rate=RATE)
    added = clips.apply(AddBackgroundNoise(noise, snr=0).operation(0))[0] - 0.1
    assert np.abs(np.fft.rfft(added)).argmax() == 1_000


def test_short_noise_is_repeated():
    noise = AudioClips.from_arrays([[0.5, -0.25]], sampling_rate=RATE)
    clips = AudioClips.from_arrays([np.full(7, 0.1)], sampling_rate=RATE)
    added = clips.apply(AddBackgroundNoise(noise, snr=0).operation(0))[0] - 0.1
    np.testing.assert_allclose(added[2:], added[:-2], rtol=1e-5)


def test_noise_comes_from_files(clips, tmp_path):
    rng = np.random.default_rng(0)
    paths = [str(tmp_path / f"{number}.wav") for number in range(2)]
    for path in paths:
        soundfile.write(path, rng.uniform(-0.5, 0.5, 44_100), 44_100)
    augmenter = AddBackgroundNoise(paths, snr=3)
    np.testing.assert_allclose(list(_measured_snr(clips, augmenter)), 3, atol=1e-3)
    before = augmenter.operation(0).key
    soundfile.write(paths[1], rng.uniform(-0.5, 0.5, 44_100), 44_100)
    assert augmenter.operation(0).key != before


def test_silent_noise_is_named_with_the_clip(clips):
    noise = AudioClips.from_arrays([np.zeros(100)], sampling_rate=RATE)
    augmented = clips.apply(AddBackgroundNoise(noise).operation(0))
    with pytest.raises(
        AudioError, match=r"^Clip 1 gets .* noise recording 0, .* are silent"
    ):
        augmented[1]


def test_noise_that_cannot_be_read_is_named(clips, tmp_path):
    path = tmp_path / "bad.wav"
    path.write_bytes(b"no sound")
    augmented = clips.apply(AddBackgroundNoise([str(path)]).operation(0))
    with pytest.raises(
        AudioError, match=r"^Clip 0 cannot be changed by recording 0 \('"
    ):
        augmented[0]


def test_noise_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"^noises .*: Clip 0 \('gone\.wav'\)"):
        AddBackgroundNoise(["gone.wav"]).operation(0)


@pytest.mark.parametrize("noises", ["hum.wav", 1, None, [1]])
def test_what_is_no_noise_is_refused_by_name(noises):
    with pytest.raises((TypeError, ValueError), match=r"^noises cannot be used: "):
        AddBackgroundNoise(noises).operation(0)


def test_no_noise_is_refused():
    with pytest.raises(ValueError, match=r"^noises is empty"):
        AddBackgroundNoise([]).operation(0)


@pytest.mark.parametrize(
    "parameters", [{"snr": (20, 10)}, {"snr": np.nan}, {"snr": "5"}, {"color": "blue"}]
)
def test_bad_parameters_are_named(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        AddNoise(**parameters).operation(0)
