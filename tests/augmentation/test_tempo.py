"""Tempo and pitch, against librosa."""

import librosa
import numpy as np
import pytest

from sersk import AudioClips
from sersk.augmentation import PitchShift, SpeedPerturbation, TimeStretch
from sersk.augmentation._vocoder import shift_pitch, stretch_time
from tests.augmentation.conftest import RATE


def _agree(ours, theirs):
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape
    scale = np.sqrt(np.mean(theirs**2))
    assert np.sqrt(np.mean((ours - theirs) ** 2)) < 2e-3 * scale


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.93, 1.0, 1.1, 1.7])
def test_stretching_agrees_with_librosa(clips, rate):
    for waveform in clips:
        # In single precision librosa loses the phase within a second.
        theirs = librosa.effects.time_stretch(waveform.astype(float), rate=rate)
        _agree(stretch_time(waveform, rate), theirs)


@pytest.mark.parametrize("semitones", [-7, -1.5, 0, 2, 4])
def test_shifting_agrees_with_librosa(clips, semitones):
    for waveform in clips:
        theirs = librosa.effects.pitch_shift(
            waveform.astype(float), sr=RATE, n_steps=semitones, res_type="soxr_hq"
        )
        _agree(shift_pitch(waveform, RATE, semitones), theirs)


def _pitch(waveform):
    return np.abs(np.fft.rfft(waveform)).argmax() * RATE / len(waveform)


@pytest.fixture
def tone():
    waveform = np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)
    return AudioClips.from_arrays([waveform], sampling_rate=RATE)


def test_stretching_keeps_the_pitch(tone):
    stretched = tone.apply(TimeStretch(0.8).operation(0))[0]
    assert len(stretched) == 20_000
    assert _pitch(stretched) == pytest.approx(500, abs=2)


def test_shifting_keeps_the_length(tone):
    shifted = tone.apply(PitchShift(12).operation(0))[0]
    assert len(shifted) == RATE
    assert _pitch(shifted) == pytest.approx(1_000, abs=2)


def test_speed_changes_both(tone):
    faster = tone.apply(SpeedPerturbation(1.25).operation(0))[0]
    assert len(faster) == 12_800
    assert _pitch(faster) == pytest.approx(625, abs=2)


def test_speed_is_resampling(clips):
    for clean, faster in zip(
        clips, clips.apply(SpeedPerturbation(2).operation(0)), strict=True
    ):
        theirs = librosa.resample(clean, orig_sr=2 * RATE, target_sr=RATE)
        np.testing.assert_allclose(faster, theirs, atol=1e-6)


@pytest.mark.parametrize(
    "augmenter",
    [
        TimeStretch(0),
        TimeStretch(-1),
        TimeStretch((0, 1)),
        TimeStretch((1.2, 0.8)),
        TimeStretch(np.nan),
        SpeedPerturbation(0),
        SpeedPerturbation((-1, 1)),
        PitchShift(np.inf),
        PitchShift((1, -1)),
        PitchShift(60),
    ],
)
def test_bad_parameters_are_named(augmenter):
    (name,) = augmenter.get_params()
    with pytest.raises(ValueError, match=f"^{name}="):
        augmenter.operation(0)
