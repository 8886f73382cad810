"""Scaling frames by the frames of the training clips."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sersk.audio import FrameSequences
from sersk.preprocessing import SequenceScaler


@pytest.fixture
def matrices():
    generator = np.random.default_rng(0)
    return [
        generator.normal([5.0, -300.0, 0.1], [2.0, 0.5, 10.0], size=(n, 3))
        for n in (40, 3, 17)
    ]


@pytest.mark.parametrize(
    ("scaling", "reference"),
    [("standard", StandardScaler()), ("minmax", MinMaxScaler())],
)
def test_frames_are_scaled_as_rows_would_be(scaling, reference, matrices):
    scaler = SequenceScaler(scaling).fit(FrameSequences.from_arrays(matrices))
    reference.fit(np.concatenate(matrices))
    scaled = scaler.transform(FrameSequences.from_arrays(matrices[1:]))
    for frames, matrix in zip(scaled, matrices[1:], strict=True):
        assert frames.dtype == np.float32
        assert_allclose(frames, reference.transform(matrix), atol=2e-4)


def test_padding_is_scaled_and_does_not_count(matrices):
    padded = FrameSequences.from_arrays(matrices, pad_value=-1000.0)
    plain = FrameSequences.from_arrays(matrices)
    scaler = SequenceScaler().fit(padded)
    assert_array_equal(scaler.offset_, SequenceScaler().fit(plain).offset_)
    expected = (-1000 - scaler.offset_) / scaler.scale_
    assert_allclose(scaler.transform(padded).pad_value, expected, rtol=1e-6)


def test_nothing_is_learned_from_other_clips(matrices):
    scaler = SequenceScaler().fit(FrameSequences.from_arrays(matrices))
    before = scaler.offset_.copy()
    scaler.transform(FrameSequences.from_arrays([np.full((4, 3), 1e6)]))
    assert_array_equal(scaler.offset_, before)


def test_values_beyond_the_range_are_cut_if_asked():
    scaler = SequenceScaler("minmax", clip=True)
    scaler.fit(FrameSequences.from_arrays([[[0.0], [4.0]]]))
    scaled = scaler.transform(FrameSequences.from_arrays([[[-1.0], [1.0], [9.0]]]))
    assert_array_equal(scaled[0], [[0], [0.25], [1]])


def test_a_feature_that_does_not_vary_is_shifted_only():
    frames = FrameSequences.from_arrays([[[0.1, 1.0], [0.1, 2.0]]] * 50)
    for scaling in ("standard", "minmax"):
        scaler = SequenceScaler(scaling).fit(frames)
        assert scaler.scale_[0] == 1
        assert_allclose(scaler.transform(frames)[0][:, 0], 0, atol=1e-7)


def test_rows_are_scaled_like_a_matrix(matrices):
    rows = np.concatenate(matrices)
    scaled = SequenceScaler().fit_transform(rows)
    assert_allclose(scaled, StandardScaler().fit_transform(rows), atol=2e-4)


def test_frames_of_another_width_are_refused(matrices):
    scaler = SequenceScaler().fit(FrameSequences.from_arrays(matrices))
    with pytest.raises(ValueError, match="frames of 2 features, but SequenceScaler"):
        scaler.transform(FrameSequences.from_arrays([np.zeros((4, 2))]))


def test_cutting_needs_a_range(matrices):
    with pytest.raises(ValueError, match="clip=True needs"):
        SequenceScaler(clip=True).fit(FrameSequences.from_arrays(matrices))


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_not_learned_from(scaling, value, matrices):
    # All clips would be scaled by it, and a net would name the first of them.
    matrices[1][2, 0] = value
    with pytest.raises(ValueError, match="Clip 1 has values that are not finite"):
        SequenceScaler(scaling).fit(FrameSequences.from_arrays(matrices))


def test_a_range_beyond_single_precision_is_refused():
    frames = FrameSequences.from_arrays([[[3e38], [-3e38]]])
    with pytest.raises(ValueError, match="too large for single precision"):
        SequenceScaler("minmax").fit(frames)


def test_nothing_is_learned_of_no_clips(matrices):
    with pytest.raises(ValueError, match="X holds 0 clips"):
        SequenceScaler().fit(FrameSequences.from_arrays(matrices)[:0])


def test_names_are_those_of_the_last_fit(matrices):
    table = pd.DataFrame(matrices[0], columns=[*"abc"])
    scaler = SequenceScaler().fit(table).fit(FrameSequences.from_arrays(matrices))
    assert not hasattr(scaler, "feature_names_in_")
