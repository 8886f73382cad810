"""Frames of synthetic speech that the tests of nets share, and one thread for torch."""

from types import SimpleNamespace

import numpy as np
import pytest

from sersk.datasets import make_emotional_speech
from sersk.features import MelSpectrogram, MFCCSequence
from sersk.preprocessing import SequenceScaler


@pytest.fixture(scope="module")
def one_thread():
    """Let torch compute in one thread, as it does in a worker."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def speech():
    """Return 72 clips of 6 speakers with 4 emotions, as MFCCs and as mel bands."""
    corpus = make_emotional_speech(n_speakers=6, n_repetitions=1, random_state=0)
    fourier = {"n_fft": 512, "hop_length": 640}
    mfcc = MFCCSequence(13, n_mels=40, **fourier).fit_transform(corpus.clips)
    mel = MelSpectrogram(32, n_fft=1024, hop_length=1024).fit_transform(corpus.clips)
    return SimpleNamespace(
        corpus=corpus,
        y=np.asarray(corpus.target),
        speaker=corpus.clips.speaker,
        mfcc=SequenceScaler().fit_transform(mfcc),
        mel=SequenceScaler("minmax").fit_transform(mel),
    )
