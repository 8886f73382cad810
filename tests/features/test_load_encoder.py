"""Encoders to be trained, and checkpoints to try things out with."""

import numpy as np
import pytest
import torch

from sersk import AudioClips
from sersk.features import (
    SpeechEmbedding,
    TextEmbedding,
    load_speech_encoder,
    load_text_encoder,
    make_random_encoder,
    make_random_text_encoder,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_random_encoder(tmp_path_factory.mktemp("encoder"), layer_norm=True)


def test_everybody_gets_an_encoder_of_their_own(folder):
    one, other = load_speech_encoder(folder), load_speech_encoder(folder)
    assert not one.training
    assert all(value.requires_grad for value in one.parameters())
    with torch.no_grad():
        next(one.parameters()).zero_()
    assert next(other.parameters()).abs().max() > 0


def test_it_is_the_encoder_of_embeddings(folder):
    waveform = np.random.default_rng(0).normal(size=4_000).astype(np.float32)
    row = SpeechEmbedding(folder, device="cpu").fit_transform([waveform])[0]
    normal = (waveform - waveform.mean()) / np.sqrt(waveform.var() + 1e-7)
    with torch.no_grad():
        frames = load_speech_encoder(folder)(torch.from_numpy(normal[None]))
    expected = frames.last_hidden_state[0].mean(0).numpy()
    np.testing.assert_allclose(row, expected, atol=1e-5)


def test_loading_leaves_the_generator_alone(folder, tmp_path):
    state = torch.random.get_rng_state()
    load_speech_encoder(folder)
    make_random_text_encoder(tmp_path, ["never mind"])
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_text_encoder_is_that_of_embeddings(tmp_path):
    folder = make_random_text_encoder(tmp_path, ["never mind"], "roberta")
    encoder, tokenizer, pad, max_length = load_text_encoder(folder)
    other = load_text_encoder(folder).encoder
    assert (pad, max_length, encoder.training) == (0, 64, False)
    assert all(value.requires_grad for value in encoder.parameters())
    ids = torch.tensor([tokenizer.encode("never mind").ids])
    with torch.no_grad():
        expected = encoder(ids).last_hidden_state[0, 0].numpy()
        next(encoder.parameters()).zero_()
    assert next(other.parameters()).abs().max() > 0
    embedding = TextEmbedding(folder, device="cpu")
    row = embedding.fit_transform(AudioClips.from_texts(["never mind"]))[0]
    np.testing.assert_allclose(row, expected, atol=1e-5)


def test_text_encoders_are_no_speech_encoders(tmp_path):
    folder = make_random_text_encoder(tmp_path / "text", ["never mind"], "roberta")
    with pytest.raises(ValueError, match="architecture 'roberta', and no speech"):
        load_speech_encoder(folder)
    with pytest.raises(ValueError, match="architecture='gpt2' must be one of"):
        make_random_text_encoder(tmp_path / "other", ["never mind"], "gpt2")
