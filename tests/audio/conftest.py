"""Three clips in memory and on disk, and files of noise."""

import numpy as np
import pytest
import soundfile

from sersk import AudioClips
from tests.audio.toy import COLUMNS, LENGTHS, RATE, noise


@pytest.fixture
def waveforms():
    generator = np.random.default_rng(0)
    return [generator.uniform(-0.5, 0.5, n).astype(np.float32) for n in LENGTHS]


@pytest.fixture
def in_memory(waveforms):
    return AudioClips.from_arrays(waveforms, sampling_rate=RATE, columns=COLUMNS)


@pytest.fixture
def on_disk(wav_files):
    return AudioClips.from_files(wav_files, columns=COLUMNS)


@pytest.fixture(params=["in_memory", "on_disk"])
def clips(request):
    """Return three clips with columns, of either source."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes noise of some seconds and returns the path."""

    def write(name, seconds, rate=RATE, **settings):
        path = tmp_path / name
        soundfile.write(path, noise(int(seconds * rate)), rate, **settings)
        return path

    return write
