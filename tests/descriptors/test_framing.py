"""Frames against librosa's."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sersk.descriptors import _framing, frame, frame_count


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


def test_frames_by_hand():
    waveform = np.arange(1.0, 7.0)
    frames = frame(waveform, frame_length=4, hop_length=2)
    assert_array_equal(frames, [[0, 0, 1, 2], [1, 2, 3, 4], [3, 4, 5, 6], [5, 6, 0, 0]])


def test_frames_are_read_only():
    frames = frame(np.arange(8.0), frame_length=4, hop_length=2)
    with pytest.raises(ValueError, match="read-only"):
        frames[0, 0] = 1.0


def test_samples_keep_their_type():
    waveform = np.arange(8, dtype=np.int16)
    assert frame(waveform, frame_length=4, hop_length=2).dtype == np.int16


@given(
    n_samples=st.integers(0, 300),
    length=st.integers(1, 40),
    hop=st.integers(1, 60),
    center=st.booleans(),
    per_block=st.integers(1, 200),
)
def test_blocks_hold_the_same_frames(n_samples, length, hop, center, per_block):
    waveform = np.arange(1, n_samples + 1, dtype=np.float32)
    settings = {"frame_length": length, "hop_length": hop, "center": center}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_framing, "_SAMPLES_PER_BLOCK", per_block)
        # A block is gone when the next one is made.
        blocks = [
            (rows, frames.copy())
            for rows, frames in _framing.frame_blocks(waveform, **settings)
        ]
    starts, stops = zip(*[(rows.start, rows.stop) for rows, _ in blocks], strict=True)
    assert starts == (0, *stops[:-1])
    together = np.concatenate([frames for _, frames in blocks])
    assert_array_equal(together, frame(waveform, **settings))
    sizes = [len(frames) for _, frames in blocks]
    assert all(size == 1 or size * max(length, hop) <= per_block for size in sizes)
