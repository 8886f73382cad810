"""Co-attention whose encoder is trained with the rest, from waveforms on."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

import sersk
from sersk.audio import FeatureStreams
from sersk.estimators import CoAttentionRegressor, WindowedClassifier
from sersk.features import SpeechEmbeddingSequence, load_speech_encoder
from sersk.metrics import unweighted_accuracy
from sersk.persistence import read_manifest
from sersk.utils import EvaluationWarning
from tests.estimators.co_attention_probes import (
    NO_DROPOUT,
    make_inputs,
    make_net,
    make_speech,
    shrink,
    weights,
)
from tests.estimators.encoders import write_encoder

pytestmark = pytest.mark.usefixtures("one_thread", "small")
CONVOLUTIONS = "encoder.encoder.feature_extractor"
LAYERS = "encoder.encoder.encoder.layers"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    return make_speech(tmp_path_factory.mktemp("encoder"))


def _same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


def _started(speech):
    """Return the encoder's weights as they were, by their names in the net."""
    state = load_speech_encoder(speech.encoder).state_dict()
    return {f"encoder.encoder.{name}": value for name, value in state.items()}


# What it learns.


def test_it_learns_32_clips_by_heart(speech):
    net = make_net(speech.encoder, max_epochs=20, scheduler="cosine", **NO_DROPOUT)
    X, y = speech.X[:32], speech.y[:32]
    assert unweighted_accuracy(y, net.fit(X, y).predict(X)) >= 0.8


def test_it_beats_chance_on_unheard_speakers(speech):
    unheard = np.isin(speech.speaker, ["05", "06"])
    net = make_net(speech.encoder, max_epochs=10, **NO_DROPOUT)
    net.fit(speech.X[~unheard], speech.y[~unheard])
    found = net.predict(speech.X[unheard])
    assert unweighted_accuracy(speech.y[unheard], found) >= 0.45  # chance: 0.25


# What is trained.


def test_an_encoder_that_is_not_trained_gives_its_frames(speech):
    X, y = speech.X[:12], speech.y[:12]
    w2e = SpeechEmbeddingSequence(speech.encoder, cache=False)
    frames = FeatureStreams(
        {**dict(X.items()), "w2e": w2e.transform(speech.clips[:12])}
    )
    # Adam makes large steps of small differences.
    settings = {"optimizer": "sgd", "lr": 1e-2}
    frozen = make_net(**settings).fit(frames, y)
    net = make_net(speech.encoder, trained_layers=0, **settings).fit(X, y)
    assert_allclose(net.predict_proba(X), frozen.predict_proba(frames), atol=1e-5)
    assert _same(weights(net, CONVOLUTIONS), _started(speech))
    assert _same(weights(net, LAYERS), _started(speech))


@pytest.mark.parametrize(
    ("parameters", "trained"),
    [
        ({}, {LAYERS}),
        ({"trained_layers": 1}, {LAYERS}),
        ({"train_front": True}, {CONVOLUTIONS, LAYERS}),
    ],
)
def test_layers_are_trained_as_asked(speech, parameters, trained):
    net = make_net(speech.encoder, **parameters).fit(speech.X[:8], speech.y[::9])
    before = _started(speech)
    changed = {
        part for part in (CONVOLUTIONS, LAYERS) if not _same(weights(net, part), before)
    }
    assert changed == trained
    projection = "encoder.encoder.feature_projection"
    assert _same(weights(net, projection), before) == ("trained_layers" in parameters)


@pytest.mark.parametrize("scheduler", [None, "one_cycle", "cosine"])
def test_the_encoder_has_a_learning_rate_of_its_own(speech, scheduler):
    net = make_net(speech.encoder, encoder_lr=1e-9, scheduler=scheduler)
    net.fit(speech.X[:16], speech.y[:16])
    before = _started(speech)
    for name, value in weights(net, "encoder.").items():
        assert_allclose(value, before[name], rtol=1e-4, atol=1e-7, err_msg=name)
    assert not _same(weights(net, LAYERS), before)
    heads = weights(make_net(speech.encoder, lr=1e-9).fit(speech.X[:16], speech.y[:16]))
    assert any(
        (value - heads[name]).abs().max() > 1e-4
        for name, value in weights(net, "head").items()
    )


def test_how_many_clips_the_encoder_is_given_changes_nothing(speech):
    one, other = (
        make_net(speech.encoder, encoder_batch_size=size, optimizer="sgd", **NO_DROPOUT)
        .fit(speech.X[:16], speech.y[:16])
        .predict_proba(speech.X[:16])
        for size in (3, 8)
    )
    assert_allclose(one, other, atol=1e-4)


def test_batch_mates_change_no_prediction(speech):
    X = speech.X[:8]
    assert len(set(X["w2e"].lengths)) > 4
    net = make_net(speech.encoder).fit(X, speech.y[:8])
    alone = np.concatenate([net.predict_proba(X[[index]]) for index in range(8)])
    assert_allclose(alone, net.predict_proba(X), atol=1e-5)


def test_what_the_checkpoint_says_of_the_level_is_done(speech, tmp_path):
    shutil.copytree(speech.encoder, tmp_path / "plain")
    path = tmp_path / "plain" / "preprocessor_config.json"
    path.write_text('{"do_normalize": false}')
    plain, normal = (
        make_net(str(encoder)).fit(speech.X[:8], speech.y[:8])
        for encoder in (path.parent, speech.encoder)
    )
    assert not plain.module_.encoder.normalize
    assert normal.module_.encoder.normalize


def test_half_precision_gives_nearly_the_same(speech):
    whole, half = (
        make_net(speech.encoder, precision=precision, encoder_batch_size=3)
        .fit(speech.X[:16], speech.y[:16])
        .history_["train_loss"]
        for precision in ("float32", "bfloat16")
    )
    assert 0 < (whole - half).abs().max() < 0.05


# Seeds, copies, and what is saved.


def test_the_same_seed_gives_the_same_weights(speech):
    before = torch.get_rng_state()
    net = make_net(speech.encoder, encoder_batch_size=3)
    one, other = (
        weights(clone(net).fit(speech.X[:16], speech.y[:16])) for _ in range(2)
    )
    assert _same(one, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_saved_or_pickled_needs_no_checkpoint(speech, tmp_path):
    shutil.copytree(speech.encoder, tmp_path / "encoder")
    X, y = speech.X[:8], speech.y[:8]
    net = make_net(str(tmp_path / "encoder"), trained_layers=1).fit(X, y)
    data = pickle.dumps(net)
    folder = sersk.save(net, tmp_path / "model")
    shutil.rmtree(tmp_path / "encoder")
    expected = net.predict_proba(X)
    for loaded in (sersk.load(folder), pickle.loads(data)):
        assert_array_equal(loaded.predict_proba(X), expected, strict=True)
        assert loaded.encoder_config_ == net.encoder_config_
    assert json.loads(json.dumps(net.encoder_config_)) == net.encoder_config_
    assert "transformers" in read_manifest(folder).versions


def test_clips_go_in_and_are_saved_with_what_extracts(speech, tmp_path):
    pipeline = make_pipeline(make_inputs(), make_net(speech.encoder))
    pipeline.fit(speech.clips[:8], speech.y[:8])
    folder = sersk.save(pipeline, tmp_path / "model")
    assert_array_equal(
        sersk.load(folder).predict_proba(speech.clips[:8]),
        pipeline.predict_proba(speech.clips[:8]),
    )
    assert read_manifest(folder).inputs["sampling_rate"] == 16_000


# Where it ends.


class _Interrupts:
    """Augment so many clips, and then be the user who gives up."""

    def __init__(self, n_clips):
        self.left = n_clips

    def __call__(self, frames, rng, *, length, pad_value):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return frames


def test_the_best_epoch_is_kept_also_of_the_encoder(speech):
    X, y = speech.X[:36], speech.y[:36]
    settings = {"early_stopping": True, "validation_cv": 3, "lr": 3e-3, "patience": 9}
    whole = make_net(speech.encoder, max_epochs=4, **settings).fit(X, y)
    assert 1 <= whole.best_epoch_ <= 4
    best = make_net(speech.encoder, max_epochs=whole.best_epoch_, **settings).fit(X, y)
    assert _same(weights(whole), weights(best))


def test_an_interrupted_fit_returns_to_its_best_epoch(speech):
    X, y = speech.X[:36], speech.y[:36]
    settings = {"early_stopping": True, "validation_cv": 3}
    whole = make_net(speech.encoder, max_epochs=2, **settings).fit(X, y)
    net = make_net(speech.encoder, max_epochs=50, **settings)
    # As an attribute: a copy would keep the count to itself.
    net.augment = _Interrupts(2 * 24 + 10)
    with pytest.warns(EvaluationWarning, match="weights of the best epoch are kept"):
        net.fit(X, y)
    pd.testing.assert_frame_equal(net.history_, whole.history_)
    assert _same(weights(net), weights(whole))


# Other forms.


def test_a_regressor_trains_its_encoder(speech):
    y = np.column_stack([speech.y == "sad", speech.y == "anger"])[:16].astype(float)
    net = CoAttentionRegressor(
        encoder=speech.encoder, max_epochs=1, device="cpu", random_state=0
    )
    assert net.fit(speech.X[:16], y).predict(speech.X[:16]).shape == (16, 2)
    assert not _same(weights(net, LAYERS), _started(speech))


def test_segments_of_the_published_form(speech):
    net = make_net(
        speech.encoder, form="published", n_frames=30, n_encoder_frames=14
    ).set_params(batch_size=64)
    system = WindowedClassifier(
        make_pipeline(make_inputs(hop_length=160), net),
        window=0.29,
        hop=0.29,
        tail="pad",
        aggregate="mean_logproba",
    )
    system.fit(speech.clips[:8], speech.y[:8])
    assert system.predict(speech.clips[:8]).shape == (8,)


def test_a_vit_sees_the_spectrogram(speech, monkeypatch):
    for name, value in {"_WIDTH": 24, "_HIDDEN": 48, "_LAYERS": 2}.items():
        monkeypatch.setattr(f"sersk.nets._vit.{name}", value)
    monkeypatch.setattr("sersk.nets._vit.ViT.n_channels", 24)
    net = make_net(speech.encoder, trunk="vit").fit(speech.X[:8], speech.y[:8])
    assert net.predict(speech.X[:1]).shape == (1,)


# Input that it does not take.


def test_frames_are_no_waveforms(speech):
    frames = make_inputs(SpeechEmbeddingSequence(speech.encoder, cache=False))
    X = frames.fit_transform(speech.clips[:8])
    with pytest.raises(ValueError, match="w2e holds 32 features a frame, but encoder="):
        make_net(speech.encoder).fit(X, speech.y[:8])


def test_waveforms_of_another_rate_are_refused(speech):
    features = make_inputs().set_params(w2e__sampling_rate=8_000)
    X = features.fit_transform(speech.clips[:8])
    with pytest.raises(ValueError, match="holds 8000 samples a second, but encoder="):
        make_net(speech.encoder).fit(X, speech.y[:8])


def test_an_encoder_of_another_rate_is_refused(speech, tmp_path):
    encoder = Path(write_encoder(tmp_path / "encoder"))
    (encoder / "preprocessor_config.json").write_text('{"sampling_rate": 8000}')
    with pytest.raises(ValueError, match="is made for sampling_rate=8000"):
        make_net(str(encoder)).fit(speech.X[:8], speech.y[:8])


def test_more_frames_than_the_published_form_takes_are_counted(speech):
    X = speech.X[:8]
    n_samples = X["w2e"].lengths[0]
    counts = ((((n_samples - 20) // 20 + 1) - 8) // 4 + 1 - 4) // 4 + 1
    net = make_net(speech.encoder, form="published", n_encoder_frames=int(counts) - 1)
    message = (
        f"Clip 0 has {n_samples} samples, of which the encoder makes {counts} frames, "
        f"but n_encoder_frames={counts - 1}. Cut clips"
    )
    with pytest.raises(ValueError, match=message):
        net.fit(X, speech.y[:8])
    net.set_params(n_encoder_frames=100).fit(X, speech.y[:8])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"encoder": "/no/such/folder"}, "no/such/folder"),
        ({"trained_layers": 2}, "trained_layers=2, but the encoder has 1"),
        ({"trained_layers": 1, "train_front": True}, 'needs trained_layers="all"'),
        ({"trained_layers": "some"}, "The 'trained_layers' parameter of CoAttentionC"),
        ({"encoder_lr": 0.0}, "The 'encoder_lr' parameter of CoAttentionClassifier"),
        ({"encoder_batch_size": 0}, "The 'encoder_batch_size' parameter of"),
    ],
)
def test_parameters_that_an_encoder_does_not_take(speech, parameters, message):
    net = make_net(**{"encoder": speech.encoder, **parameters})
    with pytest.raises(ValueError, match=message):
        net.fit(speech.X[:8], speech.y[:8])
