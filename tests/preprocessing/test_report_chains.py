"""Two published front ends, step by step against librosa."""

import librosa
import numpy as np
import pytest
import soundfile
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from sersk.descriptors import cepstrum, mel_spectrogram, power_to_db
from sersk.preprocessing import (
    FixDuration,
    NormalizeAmplitude,
    Resample,
    TrimSilence,
)


def _first_chain():
    return make_pipeline(
        Resample(16_000),
        NormalizeAmplitude("peak"),
        TrimSilence(60, max_removed=1),
        FixDuration(3.0, max_removed=1),
    )


def _load(path, sampling_rate):
    """Do what librosa.load does, which imports a module that Python drops."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    waveform = librosa.to_mono(samples.T)
    return librosa.resample(waveform, orig_sr=rate, target_sr=sampling_rate)


def _first_chain_of_librosa(path):
    waveform = librosa.util.normalize(_load(path, 16_000))
    waveform, _ = librosa.effects.trim(waveform, top_db=60)
    return librosa.util.fix_length(waveform, size=48_000)


@pytest.fixture(params=["synthetic", "short", "emodb", "ravdess"])
def path(request, tmp_path):
    if request.param in ("emodb", "ravdess"):
        root = request.getfixturevalue(f"{request.param}_root")
        return sorted(root.rglob("*.flac"))[7]
    generator = np.random.default_rng(0)
    seconds = {"synthetic": 4.7, "short": 0.3}[request.param]
    noise = generator.normal(scale=0.05, size=round(seconds * 44_100))
    silence = generator.normal(scale=1e-6, size=30_000)
    path = tmp_path / "clip.wav"
    samples = np.concatenate([silence, noise, silence])
    soundfile.write(path, samples, 44_100, subtype="FLOAT")
    return path


def test_the_first_chain(path):
    (waveform,) = _first_chain().fit_transform([path])
    assert waveform.shape == (48_000,)
    assert_array_equal(waveform, _first_chain_of_librosa(path))

    mel = mel_spectrogram(waveform, 16_000, n_fft=2048, hop_length=512, fmax=8_000)
    expected = librosa.feature.melspectrogram(y=waveform, sr=16_000, fmax=8_000)
    assert mel.shape == (128, 94)
    assert_allclose(mel, expected, rtol=1e-3, atol=1e-6 * expected.max())
    # This report takes cepstra of the power, not of decibels.
    coefficients = cepstrum(mel, n_mfcc=13)
    assert coefficients.shape == (13, 94)
    of_librosa = librosa.feature.mfcc(S=expected, n_mfcc=13)
    assert_allclose(coefficients, of_librosa, atol=1e-4 * np.abs(of_librosa).max())


def test_the_second_chain(path):
    chain = make_pipeline(
        Resample(8_000), TrimSilence(30, max_removed=1), FixDuration(4, max_removed=1)
    )
    (waveform,) = chain.fit_transform([path])
    trimmed, _ = librosa.effects.trim(_load(path, 8_000), top_db=30)
    assert_array_equal(waveform, librosa.util.fix_length(trimmed, size=32_000))

    settings = {"n_fft": 1024, "win_length": 512, "window": "hamming"}
    mel = mel_spectrogram(waveform, 8_000, hop_length=100, fmax=4_000, **settings)
    # Of n samples, 1 + floor(n / 100) frames.
    assert mel.shape == (128, 321)
    of_librosa = librosa.feature.melspectrogram(
        y=waveform, sr=8_000, hop_length=100, fmax=4_000, **settings
    )
    ours = power_to_db(mel, ref="max")
    theirs = librosa.power_to_db(of_librosa, ref=np.max)
    assert_allclose(ours, theirs, atol=0.05)


def test_frames_of_a_real_clip(ravdess_root):
    # As published: 118 frames of 100 samples at 8 kHz.
    (path,) = ravdess_root.rglob("03-01-01-01-01-02-01.flac")
    chain = make_pipeline(Resample(8_000), TrimSilence(30, max_removed=1))
    (waveform,) = chain.fit_transform([path])
    assert 1 + len(waveform) // 100 == 118
