"""Waveforms of every kind, as float32 at 16 kHz."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersk.datasets import make_emotional_speech

RATE = 16_000


@pytest.fixture(scope="session")
def waveforms():
    """Two clips of speech, noise, a pure tone, an offset, silence and short ones."""
    speech = make_emotional_speech(
        n_speakers=2, n_sentences=1, n_repetitions=1, random_state=0
    ).clips
    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    kinds = [
        speech[0],
        speech[5],
        rng.normal(scale=0.1, size=20_011),
        0.5 * np.sin(2 * np.pi * 440 * time),
        np.full(5_000, 0.25),
        np.zeros(9_000),
        rng.normal(scale=0.1, size=300),
        np.array([0.5]),
    ]
    return [np.asarray(waveform, dtype=np.float32) for waveform in kinds]


@pytest.fixture(scope="session")
def recordings(emodb_root, ravdess_root):
    """Real clips and their rates, 16 and 48 kHz, some with digital silence."""
    german = sorted(emodb_root.rglob("*.wav"))[::60]
    american = sorted(filter(_is_audio, ravdess_root.rglob("*")))[::180]
    clips = [soundfile.read(path, dtype="float32") for path in german + american]
    return [(samples.reshape(len(samples), -1)[:, 0].copy(), r) for samples, r in clips]


def _is_audio(path: Path) -> bool:
    return path.suffix in {".wav", ".flac"}
