"""Waveforms of every kind, as float32 at 16 kHz."""

import numpy as np
import pytest

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
