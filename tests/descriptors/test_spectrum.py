"""The shared transform against librosa's, cell by cell."""

from concurrent.futures import ThreadPoolExecutor

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.datasets import load_emodb
from sersk.descriptors import _framing, mel_spectrogram, power_spectrogram

# librosa warns of what sersk documents: a clip shorter than a frame is padded.
pytestmark = pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")

RATE = 16_000
SETTINGS = [
    {},
    {"n_fft": 512, "hop_length": 160, "n_mels": 40, "fmin": 20.0, "fmax": 7_600.0},
    {"n_fft": 400, "hop_length": 100, "n_mels": 26, "htk": True},
    {"n_fft": 1024, "win_length": 400, "window": "hamming", "n_mels": 64},
    {"n_fft": 2048, "hop_length": 333, "window": "blackman", "fmax": 4_000.0},
    {"n_fft": 1023, "hop_length": 256, "n_mels": 32},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_mel_power_is_librosas_in_every_cell(settings, waveforms):
    for waveform in waveforms:
        expected = librosa.feature.melspectrogram(y=waveform, sr=RATE, **settings)
        actual = mel_spectrogram(waveform, RATE, **settings)
        # What is less than nothing: both are rounding of an empty band.
        assert_allclose(actual, expected, rtol=1e-4, atol=1e-10 * expected.max())


def test_mel_power_of_real_speech_is_librosas_in_every_cell(emodb_root):
    for waveform in load_emodb(emodb_root).clips[::60]:
        expected = librosa.feature.melspectrogram(y=waveform, sr=RATE)
        assert_allclose(mel_spectrogram(waveform, RATE), expected, rtol=1e-4, atol=0.0)


@pytest.mark.parametrize("settings", [{}, {"n_fft": 512, "hop_length": 200}], ids=str)
def test_power_is_the_square_of_librosas_stft(settings, waveforms):
    for waveform in waveforms:
        expected = np.abs(librosa.stft(waveform, **settings)) ** 2
        actual = power_spectrogram(waveform, **settings)
        assert_allclose(actual, expected, rtol=1e-3, atol=1e-9 * expected.max())


def test_frames_need_not_be_centred(waveforms):
    speech = waveforms[0]
    expected = librosa.feature.melspectrogram(y=speech, sr=RATE, center=False)
    assert_allclose(
        mel_spectrogram(speech, RATE, center=False), expected, rtol=1e-4, atol=0.0
    )


def test_three_seconds_have_94_frames():
    waveform = np.ones(48_000, dtype=np.float32)
    assert mel_spectrogram(waveform, RATE).shape == (128, 94)
    assert power_spectrogram(waveform).shape == (1025, 94)


def test_parseval():
    # A rectangular window and no overlap: the power of the frames is n_fft times the
    # energy of the samples, each bin but the first and the last standing for two.
    waveform = np.random.default_rng(0).normal(size=4_096).astype(np.float32)
    power = power_spectrogram(
        waveform, n_fft=512, hop_length=512, window="boxcar", center=False
    )
    both_sides = power.sum(dtype=np.float64) * 2 - power[[0, -1]].sum(dtype=np.float64)
    energy = np.square(waveform, dtype=np.float64).sum()
    assert both_sides / 512 == pytest.approx(energy, rel=1e-5)


def test_a_tone_is_in_its_bin():
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 1_000 * time).astype(np.float32)
    power = power_spectrogram(tone, n_fft=512, hop_length=512)
    assert (power[:, 5].argmax() * RATE / 512) == 1_000


def test_gain_scales_power_by_its_square(waveforms):
    speech = waveforms[0]
    assert_allclose(
        mel_spectrogram(np.float32(0.5) * speech, RATE),
        0.25 * mel_spectrogram(speech, RATE),
        rtol=1e-6,
    )


def test_polarity_changes_nothing(waveforms):
    speech = waveforms[0]
    assert_array_equal(mel_spectrogram(-speech, RATE), mel_spectrogram(speech, RATE))


def test_a_delay_by_a_hop_moves_the_frames(waveforms):
    speech = waveforms[0]
    late = np.concatenate([np.zeros(512, dtype=np.float32), speech])
    assert_allclose(
        mel_spectrogram(late, RATE)[:, 1:], mel_spectrogram(speech, RATE), rtol=1e-6
    )


def test_frames_do_not_depend_on_what_follows(waveforms):
    speech = waveforms[0]
    whole = mel_spectrogram(speech, RATE)
    part = mel_spectrogram(speech[: 20 * 512], RATE)
    assert_allclose(part[:, :18], whole[:, :18], rtol=1e-5)


def test_threads_do_not_disturb_each_other(waveforms):
    alone = [mel_spectrogram(waveform, RATE) for waveform in waveforms]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda w: mel_spectrogram(w, RATE), waveforms * 5))
    for number, mel in enumerate(together):
        assert_array_equal(mel, alone[number % len(waveforms)])


def test_results_are_nobody_elses_memory(waveforms):
    first = mel_spectrogram(waveforms[0], RATE)
    power = power_spectrogram(waveforms[0])
    kept, kept_power = first.copy(), power.copy()
    mel_spectrogram(waveforms[2], RATE)
    power_spectrogram(waveforms[2])
    assert_array_equal(first, kept)
    assert_array_equal(power, kept_power)


def test_the_waveform_is_not_changed(waveforms):
    for waveform in waveforms:
        before = waveform.copy()
        mel_spectrogram(waveform, RATE)
        assert_array_equal(waveform, before)


def test_a_window_longer_than_the_transform_is_refused():
    with pytest.raises(ValueError, match=r"win_length=600.*n_fft=512"):
        mel_spectrogram(np.ones(100, np.float32), RATE, n_fft=512, win_length=600)


@pytest.mark.parametrize(
    "settings",
    [{}, {"n_fft": 512, "hop_length": 160, "n_mels": 40}, {"fmin": 300.0}],
    ids=str,
)
def test_mel_power_of_recordings_is_librosas_in_every_cell(settings, recordings):
    for waveform, rate in recordings:
        expected = librosa.feature.melspectrogram(y=waveform, sr=rate, **settings)
        actual = mel_spectrogram(waveform, rate, **settings)
        assert_allclose(actual, expected, rtol=1e-4, atol=0.0)


@pytest.fixture(scope="module")
def muffled():
    """Noise that falls by 100 dB towards 8 kHz, in three blocks of frames."""
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=300_000))
    spectrum *= np.logspace(0, -5, len(spectrum))
    return np.fft.irfft(spectrum).astype(np.float32)


def test_the_faintest_cells_are_as_right_as_asked_for(muffled):
    expected = librosa.feature.melspectrogram(y=muffled, sr=RATE)

    def error(rtol):
        actual = mel_spectrogram(muffled, RATE, rtol=rtol)
        return np.abs(actual / expected - 1.0).max()

    assert error(1e-5) <= 1e-5
    assert error(1e-4) <= 1e-4
    assert 1e-4 < error(1e-2) <= 1e-2


def test_blocks_do_not_show(muffled, monkeypatch):
    whole = mel_spectrogram(muffled, RATE)
    power = power_spectrogram(muffled)
    monkeypatch.setattr(_framing, "_SAMPLES_PER_BLOCK", 20_000)
    assert_allclose(mel_spectrogram(muffled, RATE), whole, rtol=1e-4)
    assert_allclose(power_spectrogram(muffled), power, rtol=1e-3, atol=1e-6)


def test_samples_of_any_type_are_taken(waveforms):
    speech = waveforms[0]
    for dtype in (np.float64, np.int16):
        samples = (speech * 30_000).astype(dtype)
        assert_allclose(
            mel_spectrogram(samples, RATE),
            mel_spectrogram(samples.astype(np.float32), RATE),
            rtol=1e-6,
        )
