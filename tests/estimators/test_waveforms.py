"""Clips as a net hears them."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sersk import AudioClips, AudioError
from sersk.estimators._fine_tuning_batches import read_ahead
from sersk.estimators._waveforms import (
    Normalizer,
    WaveformReader,
    WaveformStatistics,
    measure_waveforms,
    warn_cut,
)
from sersk.utils import AudioWarning

RATE = 16_000


@pytest.fixture
def clips():
    rng = np.random.default_rng(0)
    waveforms = [0.1 + 0.2 * rng.normal(size=n) for n in (300, 1_000, 20, 700)]
    return AudioClips.from_arrays(waveforms, sampling_rate=RATE)


def test_the_statistics_are_those_of_all_samples(clips):
    known = measure_waveforms(clips, np.array([0, 1, 3]), 800)
    samples = np.concatenate([clips[0], clips[1][:800], clips[3]]).astype(float)
    assert known.mean == pytest.approx(samples.mean(), rel=1e-9)
    assert known.deviation == pytest.approx(samples.std(), rel=1e-9)
    assert (known.n_samples, known.n_removed, known.n_cut) == (1_800, 200, 1)


def test_statistics_of_a_small_signal_on_a_large_offset():
    waveforms = [0.9 + 1e-4 * np.sin(np.arange(5_000) + at) for at in range(3)]
    clips = AudioClips.from_arrays(waveforms, sampling_rate=RATE)
    known = measure_waveforms(clips, np.arange(3), 5_000)
    samples = np.concatenate([*clips]).astype(float)
    assert known.deviation == pytest.approx(samples.std(), rel=1e-9)


def test_normalisers():
    waveform = np.array([0.0, 1.0, 2.0], dtype=np.float32)
    assert Normalizer(None)(waveform) is waveform
    assert_allclose(Normalizer("corpus", 1.0, 0.5)(waveform), [-2, 0, 2], atol=1e-4)
    # As transformers' feature extractor: (x - mean) / sqrt(var + 1e-7).
    assert_allclose(
        Normalizer("clip")(waveform), [-1.2247448, 0.0, 1.2247448], atol=1e-6
    )
    assert_array_equal(Normalizer("clip")(np.zeros(4, np.float32)), 0.0)
    assert Normalizer("corpus", 1.0, 0.5)(waveform).dtype == np.float32


def test_batches_are_padded_at_their_ends(clips):
    reader = WaveformReader(Normalizer(None), longest=800, shortest=400)
    first, second = reader.read(clips, np.array([2, 1, 0, 3]), 2)
    # The longest first: less is padded.
    assert_array_equal(first.rows, [1, 3])
    assert_array_equal(first.lengths, [800, 700])
    assert_array_equal(second.rows, [0, 2])
    assert_array_equal(second.lengths, [400, 400])
    assert first.inputs.shape == (2, 800)
    assert_array_equal(first.inputs[1, :700], clips[3])
    assert_array_equal(first.inputs[1, 700:], 0.0)
    assert_array_equal(second.inputs[0, :20], clips[2])
    assert_array_equal(second.inputs[0, 20:], 0.0)
    assert first.inputs.dtype == np.float32


def test_no_more_than_the_next_batch_is_read(clips):
    reader = WaveformReader(Normalizer(None), longest=800, shortest=1)
    taken = []

    def batches():
        for number in itertools.count():
            taken.append(number)
            yield np.array([number % 4])

    read = read_ahead(clips, reader, batches(), 1)
    for number in range(3):
        (part,) = next(read)
        assert part.lengths[0] == min(800, len(clips[number]))
        assert len(taken) == number + 2
    read.close()


def test_a_clip_that_cannot_be_read_is_named():
    clips = AudioClips.from_files(["gone.wav"])
    reader = WaveformReader(Normalizer(None), longest=800, shortest=1)
    with pytest.raises(AudioError, match=r"Clip 0 \('gone\.wav'\)"):
        measure_waveforms(clips, np.array([0]), 800)
    with pytest.raises(AudioError, match=r"Clip 0 \('gone\.wav'\)"):
        list(read_ahead(clips, reader, [np.array([0])], 1))


def test_a_warning_tells_when_much_is_cut():
    with pytest.warns(AudioWarning, match="crop=2 removes 20% of all"):
        warn_cut(WaveformStatistics(0.0, 1.0, 800, 200, 3), 10, 2.0)
    warn_cut(WaveformStatistics(0.0, 1.0, 960, 40, 3), 10, 2.0)
