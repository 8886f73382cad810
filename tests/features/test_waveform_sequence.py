"""Samples as frames: what they are, and that many of them lie in a file."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sersk import AudioClips, AudioError
from sersk.audio import FrameWriter
from sersk.features import (
    WaveformSequence,
    make_random_encoder,
    speech_encoder_config,
)
from sersk.preprocessing import PreEmphasis


def _clips(n_clips=3, sampling_rate=16_000):
    generator = np.random.default_rng(0)
    waveforms = [
        generator.uniform(-0.5, 0.5, 1_000 + index).astype(np.float32)
        for index in range(n_clips)
    ]
    columns = {"speaker": [f"s{index}" for index in range(n_clips)]}
    return AudioClips.from_arrays(
        waveforms, sampling_rate=sampling_rate, columns=columns
    )


def test_frames_are_the_samples():
    clips = _clips()
    sequences = WaveformSequence().fit_transform(clips)
    assert sequences.n_features == 1
    assert sequences.lengths.tolist() == [1_000, 1_001, 1_002]
    assert sequences.period == pytest.approx(1 / 16_000)
    assert sequences.pad_value == 0
    assert sequences.columns["speaker"].tolist() == ["s0", "s1", "s2"]
    for frames, waveform in zip(sequences, clips, strict=True):
        assert_array_equal(frames[:, 0], waveform)


def test_clips_are_resampled_and_steps_are_run():
    clips = _clips(sampling_rate=32_000)
    sequences = WaveformSequence().transform(clips)
    assert sequences.lengths.tolist() == [500, 501, 501]
    assert WaveformSequence(sampling_rate=8_000).transform(clips).period == 1 / 8_000
    heard = PreEmphasis(0.97).fit_transform(_clips())
    found = WaveformSequence().transform(heard)
    assert_array_equal(found[1][:, 0], heard[1])


def test_a_clip_without_samples_is_named():
    with pytest.raises(AudioError, match="Clip 1 holds no samples"):
        WaveformSequence().transform([np.ones(5), np.ones(0)])


def test_many_samples_lie_in_a_file(monkeypatch):
    clips = _clips(20)
    expected = WaveformSequence().transform(clips)
    limited = partial(FrameWriter, memory_limit=2**14)
    monkeypatch.setattr("sersk.features._frames.FrameWriter", limited)
    found = WaveformSequence().transform(clips)
    assert type(found._buffer).__name__ == "FileBuffer"
    for frames, other in zip(found, expected, strict=True):
        assert_array_equal(frames, other)


def test_a_configuration_is_that_of_the_encoder(tmp_path):
    pytest.importorskip("transformers")
    config = speech_encoder_config(make_random_encoder(tmp_path / "wavlm", "wavlm"))
    assert config["model_type"] == "wavlm"
    assert (config["hidden_size"], config["num_hidden_layers"]) == (32, 3)
    assert len(config["conv_kernel"]) == 7
    assert config["do_normalize"] is True
    assert str(tmp_path) not in repr(config)
    settings = tmp_path / "wavlm" / "preprocessor_config.json"
    settings.write_text('{"do_normalize": false}')
    assert speech_encoder_config(tmp_path / "wavlm")["do_normalize"] is False
    settings.write_text('{"sampling_rate": 8000}')
    with pytest.raises(ValueError, match="is made for sampling_rate=8000"):
        speech_encoder_config(tmp_path / "wavlm")
