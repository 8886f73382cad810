"""Clips of noise that the tests of collections and of windows share."""

import numpy as np

from sersk import AudioClips

RATE = 16_000
LENGTHS = [4_000, 8_000, 6_000]
COLUMNS = {"speaker": ["anna", "bob", "anna"], "session": [1, 2, 1]}


def noise(n_samples, seed=0):
    generator = np.random.default_rng(seed)
    return generator.uniform(-0.5, 0.5, n_samples).astype(np.float32)


def arrays(*lengths, rate=RATE, **columns):
    waveforms = [noise(length, seed) for seed, length in enumerate(lengths)]
    return AudioClips.from_arrays(waveforms, sampling_rate=rate, columns=columns)


def assert_same(one, other):
    """Check that two collections hold the same clips and columns in one order."""
    assert one.sampling_rate == other.sampling_rate
    assert one.digests == other.digests
    assert list(one.columns) == list(other.columns)
    for name in one.columns:
        assert one.columns[name].tolist() == other.columns[name].tolist()
