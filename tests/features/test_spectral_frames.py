"""Cepstra, mel bands and log spectrograms, frame by frame, as librosa has them."""

import librosa
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk.audio import AudioClips
from sersk.features import LogSpectrogram, MelSpectrogram, MFCCSequence

RATE = 16_000


@pytest.fixture(scope="module")
def waveform():
    """Return 1.3 s of a tone that rises, with noise."""
    seconds = np.arange(int(1.3 * RATE)) / RATE
    noise = np.random.default_rng(0).normal(0, 0.01, len(seconds))
    tone = 0.5 * np.sin(2 * np.pi * (200 + 400 * seconds) * seconds)
    return (tone + noise).astype(np.float32)


@pytest.mark.parametrize("htk", [False, True])
def test_cepstra_are_those_of_librosa(waveform, htk):
    expected = librosa.feature.mfcc(
        y=waveform, sr=RATE, n_mfcc=40, hop_length=160, htk=htk
    ).T
    found = MFCCSequence(htk=htk).fit_transform([waveform])[0]
    assert_allclose(found, expected, rtol=1e-4, atol=2e-3)


def test_mel_bands_are_those_of_report_001(waveform):
    power = librosa.feature.melspectrogram(y=waveform, sr=RATE, fmax=8000)
    expected = librosa.power_to_db(power, ref=np.max).T
    found = MelSpectrogram().fit_transform([waveform])[0]
    assert_allclose(found, expected, atol=1e-3)
    assert found.max() == 0


def test_mel_bands_are_those_of_report_003(waveform):
    parameters = {"n_fft": 1024, "win_length": 512, "hop_length": 100}
    power = librosa.feature.melspectrogram(
        y=waveform, sr=8_000, window="hamming", n_mels=128, fmax=4_000, **parameters
    )
    expected = librosa.power_to_db(power, ref=np.max).T
    extractor = MelSpectrogram(window="hamming", sampling_rate=8_000, **parameters)
    assert_allclose(extractor.fit_transform([waveform])[0], expected, atol=1e-3)


def test_log_spectrograms_are_those_of_the_co_attention_net(waveform):
    spectrum = librosa.stft(
        waveform, n_fft=800, win_length=640, hop_length=160, window="hamming"
    )
    expected = librosa.amplitude_to_db(np.abs(spectrum), ref=np.max, top_db=80)
    found = LogSpectrogram().fit_transform([waveform])[0]
    assert_allclose(found, expected[:200].T, atol=2e-3)


def test_a_log_spectrogram_has_20_hz_a_bin():
    tone = np.sin(2 * np.pi * 1_000 * np.arange(RATE) / RATE)
    frames = LogSpectrogram().fit_transform([tone])[0]
    assert (frames[5:-5].argmax(axis=1) == 50).all()
    assert_allclose(frames[5:-5, 50], 0, atol=0.01)


def test_the_loudest_bin_is_the_reference_even_where_it_is_left_out():
    seconds = np.arange(RATE) / RATE
    high, low = (np.sin(2 * np.pi * f * seconds) for f in (6_000, 1_000))
    frames = LogSpectrogram().fit_transform([high + 0.1 * low])[0]
    assert_allclose(frames[50, 50], -20, atol=0.01)


@pytest.mark.parametrize(
    ("extractor", "counts"),
    [
        (MFCCSequence(13), [301, 101, 1]),
        (LogSpectrogram(), [301, 101, 1]),
        (MelSpectrogram(), [94, 32, 1]),
        (MelSpectrogram(sampling_rate=8_000, hop_length=100), [481, 161, 1]),
    ],
)
def test_frames_are_counted_from_their_centres(extractor, counts):
    waveforms = [np.zeros(n_samples) for n_samples in (48_000, 16_000, 80)]
    sequences = extractor.fit_transform(waveforms)
    assert sequences.lengths.tolist() == counts
    assert sequences.period == extractor.hop_length / extractor.sampling_rate
    assert all(len(frames) == n for frames, n in zip(sequences, counts, strict=True))


@pytest.mark.parametrize("extractor", [MelSpectrogram(), LogSpectrogram()])
def test_what_pads_is_the_floor_and_not_the_loudest_value(extractor, waveform):
    sequences = extractor.fit_transform([waveform, waveform[:1_000]])
    assert (sequences.pad_value == -80).all()
    batch, lengths = sequences.pad()
    assert (batch[1, lengths[1] :] == -80).all()
    lowered = type(extractor)(top_db=50.0).fit_transform([waveform])
    assert (lowered.pad_value == -50).all()
    assert lowered[0].min() == -50


@pytest.mark.parametrize("kind", [LogSpectrogram, MelSpectrogram, MFCCSequence])
@pytest.mark.parametrize("level", [0.0, 1e-9])
def test_a_silent_clip_is_what_pads(kind, level):
    noise = np.random.default_rng(0).normal(size=4_000)
    frames = kind().fit_transform([level * noise, noise])
    silence = np.broadcast_to(frames.pad_value, frames[0].shape)
    assert_allclose(frames[0], silence, atol=1e-3)
    assert not np.allclose(frames[1], frames.pad_value, atol=1.0)


def test_what_pads_cepstra_is_silence():
    sequences = MFCCSequence(13).fit_transform([np.zeros(1_000)])
    # -100 dB in each of 128 bands: the zeroth of an orthonormal cosine transform.
    assert_allclose(sequences.pad_value, [-100 * np.sqrt(128)] + [0] * 12, atol=1e-3)
    assert_allclose(sequences[0][0], sequences.pad_value, atol=1e-3)


def test_columns_travel_and_clips_are_sliced(waveform):
    clips = AudioClips.from_arrays(
        [waveform, waveform[:5_000]],
        sampling_rate=RATE,
        columns={"speaker": ["a", "b"]},
    )
    sequences = MFCCSequence(13).fit_transform(clips)
    assert sequences.columns["speaker"].tolist() == ["a", "b"]
    assert sequences[1:].columns["speaker"].tolist() == ["b"]
    assert_array_equal(sequences[1:][0], sequences[1])


@pytest.mark.parametrize(
    ("extractor", "message"),
    [
        (MFCCSequence(40, n_mels=20), "n_mfcc=40 needs at least as many mel bands"),
        (LogSpectrogram(500), "n_bins=500 is more than the 401 bins that n_fft=800"),
        (MelSpectrogram(win_length=4_096), "win_length=4096 is longer than n_fft=2048"),
        (MelSpectrogram(fmax=9_000.0), "fmax"),
        (MelSpectrogram(n_fft=2), "No mel band holds a frequency of n_fft=2 between"),
        (MFCCSequence(fmax=1e-9), "every clip would be silent. Raise n_fft or fmax"),
        (MelSpectrogram(window="round"), "round"),
        (MFCCSequence(0), "The 'n_mfcc' parameter of MFCCSequence"),
    ],
)
def test_parameters_that_do_not_go_together(extractor, message):
    with pytest.raises(ValueError, match=message):
        extractor.fit([np.zeros(1_000)])
