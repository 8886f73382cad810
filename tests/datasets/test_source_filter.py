from dataclasses import replace

import numpy as np
import pytest

from sersk.datasets._source_filter import VOWELS, Utterance, synthesise

RATE = 16_000
UTTERANCE = Utterance(
    formants=np.repeat(VOWELS[:1], 5, axis=0),
    accents=np.array([0.5, -1.0, 1.0, 0.0, -0.5]),
    frication=np.zeros(5),
    f0=140.0,
    f0_range=0.5,
    level=-30.0,
    rate=4.0,
    tilt=0.0,
    breath=0.1,
    resonance=(1_000.0, 0.0),
    noise=-60.0,
)


def make(sampling_rate=RATE, seed=0, **changes):
    utterance = replace(UTTERANCE, **changes)
    return synthesise(utterance, sampling_rate, np.random.default_rng(seed))


def spectrum(waveform, sampling_rate=RATE):
    """Return frequencies and mean power, in dB, of frames of 64 ms."""
    length = int(0.064 * sampling_rate)
    frames = waveform[: len(waveform) // length * length].reshape(-1, length)
    power = np.abs(np.fft.rfft(frames * np.hanning(length))) ** 2
    return np.fft.rfftfreq(length, 1 / sampling_rate), 10 * np.log10(power.mean(0))


def band(waveform, low, high):
    """Return the mean level in dB between two frequencies."""
    frequencies, level = spectrum(waveform)
    return level[(frequencies >= low) & (frequencies < high)].mean()


def pitch(frame, sampling_rate=RATE):
    """Return the F0 of a frame, in Hz, by its autocorrelation."""
    frame = frame - frame.mean()
    power = np.abs(np.fft.rfft(frame * np.hanning(len(frame)), 4 * len(frame))) ** 2
    correlation = np.fft.irfft(power)
    shortest, longest = sampling_rate // 400, sampling_rate // 70
    return sampling_rate / (shortest + correlation[shortest:longest].argmax())


def test_the_waveform_is_float32_of_the_expected_length():
    waveform, _ = make()
    assert waveform.dtype == np.float32
    # Five syllables at four per second, between two pauses of 60 ms.
    assert len(waveform) == round((5 / 4 + 0.12) * RATE)


@pytest.mark.parametrize("level", [-50.0, -30.0, -22.0])
def test_the_level_is_that_of_the_waveform(level):
    waveform, said = make(level=level)
    assert said == pytest.approx(level)
    assert 10 * np.log10(np.mean(waveform**2)) == pytest.approx(level, abs=0.01)


def test_the_peak_limits_the_level():
    waveform, said = make(level=0.0)
    assert np.abs(waveform).max() == pytest.approx(0.99, abs=1e-6)
    assert said < -6
    assert 10 * np.log10(np.mean(waveform**2)) == pytest.approx(said, abs=0.01)


@pytest.mark.parametrize("f0", [90.0, 140.0, 220.0, 330.0])
def test_the_voice_has_the_f0_asked_for(f0):
    waveform, _ = make(f0=f0, f0_range=0.1)
    middles = RATE * (0.06 + (np.arange(5) + 0.5) / 4)
    heard = [pitch(waveform[int(m) - 400 : int(m) + 400]) for m in middles]
    assert np.median(heard) == pytest.approx(f0, rel=0.02)


def test_a_wider_range_spreads_the_f0():
    def spread(f0_range):
        waveform, _ = make(f0_range=f0_range)
        middles = RATE * (0.06 + (np.arange(5) + 0.6) / 4)
        heard = [pitch(waveform[int(m) - 400 : int(m) + 400]) for m in middles]
        return 12 * np.std(np.log2(heard))

    assert spread(0.2) < 0.5
    assert spread(3.0) > 1.5


def test_the_pauses_are_quiet():
    waveform, _ = make()
    pause = int(0.04 * RATE)
    speech = np.mean(waveform**2)
    assert np.mean(waveform[:pause] ** 2) < 1e-4 * speech
    assert np.mean(waveform[-pause:] ** 2) < 1e-4 * speech


def test_the_background_noise_has_the_level_asked_for():
    waveform, level = make(noise=-20.0)
    pause = waveform[: int(0.03 * RATE)]
    heard = 10 * np.log10(np.mean(pause**2)) - level
    assert heard == pytest.approx(-20, abs=1)


def test_formants_show_in_the_spectrum():
    waveform, _ = make(f0=100.0, formants=np.repeat(VOWELS[2:3], 5, axis=0))
    assert band(waveform, 2_200, 2_400) > band(waveform, 1_200, 1_600) + 6
    shorter, _ = make(f0=100.0, formants=1.3 * np.repeat(VOWELS[2:3], 5, axis=0))
    assert band(shorter, 2_850, 3_050) > band(shorter, 1_500, 2_100) + 6


def test_tilt_moves_the_slope_of_the_spectrum():
    def slope(tilt):
        waveform, _ = make(tilt=tilt)
        return band(waveform, 3_000, 3_600) - band(waveform, 400, 600)

    # From 500 to 3300 Hz there are 2.7 octaves.
    assert slope(3.0) - slope(0.0) == pytest.approx(3 * 2.7, abs=1.5)


def test_a_resonance_raises_its_surroundings():
    flat, _ = make(resonance=(3_000.0, 0.0))
    bright, _ = make(resonance=(3_000.0, 12.0))

    def gain(low, high):
        return band(bright, low, high) - band(flat, low, high)

    assert gain(2_800, 3_200) - gain(300, 600) == pytest.approx(12, abs=2)


def test_frication_is_noise_at_the_onset():
    plain, _ = make(frication=np.zeros(5))
    lisp, _ = make(frication=np.ones(5))
    assert band(lisp, 5_000, 8_000) > band(plain, 5_000, 8_000) + 6


@pytest.mark.parametrize("sampling_rate", [8_000, 11_025, 44_100])
def test_other_rates_give_the_same_voice(sampling_rate):
    waveform, said = make(sampling_rate, f0_range=0.1)
    assert len(waveform) == round((5 / 4 + 0.12) * sampling_rate)
    assert said == pytest.approx(-30)
    middle = int(sampling_rate * (0.06 + 0.5 / 4))
    half = sampling_rate // 40
    heard = pitch(waveform[middle - half : middle + half], sampling_rate)
    assert heard == pytest.approx(140, rel=0.06)


def test_frames_leave_no_seams():
    # White noise through a flat filter must keep its level at every phase of a frame.
    waveform, _ = make(f0=100.0, f0_range=0.1, breath=0.0, noise=-100.0)
    syllable = waveform[int(0.2 * RATE) : int(0.28 * RATE)]
    strongest = np.abs(syllable).reshape(-1, 160).max(axis=1)
    assert strongest.max() < 2 * strongest.min()


def test_draws_decide_everything_else():
    assert np.array_equal(make(seed=1)[0], make(seed=1)[0])
    assert not np.array_equal(make(seed=1)[0], make(seed=2)[0])
