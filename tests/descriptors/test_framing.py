"""Frames against librosa's."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sersk.descriptors import frame, frame_count


@pytest.mark.parametrize(("length", "hop"), [(4, 2), (5, 3), (8, 8)])
def test_frames_are_librosas(length, hop):
    waveform = np.arange(1.0, 31.0, dtype=np.float32)
    centred = np.pad(waveform, length // 2)
    assert_array_equal(
        frame(waveform, frame_length=length, hop_length=hop),
        librosa.util.frame(centred, frame_length=length, hop_length=hop, axis=0),
    )
    assert_array_equal(
        frame(waveform, frame_length=length, hop_length=hop, center=False),
        librosa.util.frame(waveform, frame_length=length, hop_length=hop, axis=0),
    )


@given(
    n_samples=st.integers(0, 200),
    length=st.integers(1, 50),
    hop=st.integers(1, 60),
    center=st.booleans(),
)
def test_the_count_is_that_of_the_frames(n_samples, length, hop, center):
    settings = {"frame_length": length, "hop_length": hop, "center": center}
    frames = frame(np.ones(n_samples), **settings)
    assert frames.shape == (frame_count(n_samples, **settings), length)
    assert len(frames) >= 1


def test_a_short_waveform_is_padded_to_one_frame():
    frames = frame(np.ones(2), frame_length=4, hop_length=2, center=False)
    assert_array_equal(frames, [[1.0, 1.0, 0.0, 0.0]])
