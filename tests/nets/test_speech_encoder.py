"""Pretrained encoders with a head: exact on padded batches, frozen as asked."""

import copy
import pickle

import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    HubertConfig,
    HubertModel,
    Wav2Vec2Config,
    Wav2Vec2Model,
    WavLMConfig,
    WavLMModel,
)

from sersk.nets import (
    AttentiveStatisticsPooling,
    MaskedMaxPooling,
    MaskedMeanPooling,
    SpeechEncoderNet,
)
from tests.nets.toy import count

SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8] * 7,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
}
LAYER = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
ENCODERS = {
    "wav2vec2 group": (Wav2Vec2Model, Wav2Vec2Config, {}),
    "wav2vec2 layer": (Wav2Vec2Model, Wav2Vec2Config, LAYER),
    "hubert group": (HubertModel, HubertConfig, {}),
    "hubert layer": (HubertModel, HubertConfig, LAYER),
    "wavlm group": (WavLMModel, WavLMConfig, {}),
    "wavlm layer": (WavLMModel, WavLMConfig, LAYER),
}
LENGTHS = torch.tensor([6_000, 2_500, 400])


def _make_encoder(name="wav2vec2 group", **changes):
    model, config, settings = ENCODERS[name]
    return model(config(**{**SMALL, **settings, **changes}))


def _make_net(name="wav2vec2 group", **arguments):
    return SpeechEncoderNet(_make_encoder(name), 3, **arguments)


def _make_batch():
    x = torch.randn(3, 6_000)
    for clip, length in zip(x, LENGTHS.tolist(), strict=True):
        clip[length:] = 0.0
    return x


@pytest.fixture(params=ENCODERS)
def encoder(request):
    return _make_encoder(request.param)


def test_frames_are_those_of_transformers(encoder):
    net = SpeechEncoderNet(encoder, 3, pooling="mean", head="linear").eval()
    x = torch.randn(2, 4_000)
    with torch.no_grad():
        expected = net.head(encoder(x).last_hidden_state.mean(1))
        torch.testing.assert_close(net(x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pooling", ["attentive_statistics", "mean", "max"])
def test_a_clip_gives_the_same_alone(encoder, pooling):
    net = SpeechEncoderNet(encoder, 3, pooling=pooling).eval()
    x = _make_batch()
    with torch.no_grad():
        together = net(x, LENGTHS)
        for index, length in enumerate(LENGTHS.tolist()):
            alone = net(x[index : index + 1, :length])[0]
            torch.testing.assert_close(together[index], alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_what_lies_beyond_a_clip_changes_nothing(encoder, training):
    net = SpeechEncoderNet(encoder, 3).train(training)
    x = _make_batch()
    spoilt = x.clone()
    spoilt[1, 2_500:] = float("nan")
    outputs = []
    for batch in (x, spoilt):
        torch.manual_seed(1)
        outputs.append(net(batch, LENGTHS))
    assert torch.equal(*outputs)
    assert torch.isfinite(outputs[0]).all()


def test_gradients_of_a_batch_are_those_of_its_clips(encoder):
    net = SpeechEncoderNet(encoder, 3, train_front=True).eval()
    x = _make_batch()
    net(x, LENGTHS).square().sum().backward()
    together = {
        name: p.grad.clone() for name, p in net.named_parameters() if p.grad is not None
    }
    net.zero_grad()
    for clip, length in zip(x, LENGTHS.tolist(), strict=True):
        net(clip[None, :length]).square().sum().backward()
    for name, value in net.named_parameters():
        if name in together:
            torch.testing.assert_close(together[name], value.grad, rtol=1e-3, atol=1e-4)


def _trained(net):
    return {name for name, value in net.named_parameters() if value.requires_grad}


def test_the_convolutions_are_frozen(encoder):
    net = SpeechEncoderNet(encoder)
    front = {name for name in net.state_dict() if "feature_extractor" in name}
    assert front
    assert not front & _trained(net)
    net(_make_batch(), LENGTHS).sum().backward()
    assert all(value.grad is None for value in encoder.feature_extractor.parameters())


def test_convolutions_can_be_trained():
    net = _make_net(train_front=True)
    assert _trained(net) == {name for name, _ in net.named_parameters()}


@pytest.mark.parametrize("n_layers", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["wav2vec2 group", "wavlm layer"])
def test_the_last_layers_are_trained(name, n_layers):
    net = _make_net(name, trained_layers=n_layers)
    trained = {
        part
        for part in ("layers.0", "layers.1", "layers.2", "pos_conv", "projection")
        if any(
            f".{part}." in f".{one}." or part in one
            for one in _trained(net)
            if "encoder" in one
        )
    }
    assert trained == {f"layers.{2 - at}" for at in range(n_layers)}
    last_norm = "encoder.encoder.layer_norm.weight" in _trained(net)
    assert last_norm == (name == "wavlm layer" and n_layers > 0)


def test_what_is_frozen_is_not_regularised():
    net = _make_net(trained_layers=1).train()
    layers = net.encoder.encoder.layers
    assert [layer.training for layer in layers] == [False, False, True]
    assert net.head.training
    x = _make_batch()
    frozen = _make_net(trained_layers=0, head="linear", pooling="mean").train()
    assert torch.equal(frozen(x, LENGTHS), frozen(x, LENGTHS))


def test_attentive_statistics_of_wavlm_large():
    assert count(AttentiveStatisticsPooling(1024)) == 1_050_624
    pooled = torch.zeros(2, 4, 1024)
    assert AttentiveStatisticsPooling(1024)(pooled).shape == (2, 2048)


@pytest.mark.parametrize(
    ("pooling", "kind", "width"),
    [
        ("attentive_statistics", AttentiveStatisticsPooling, 32),
        ("mean", MaskedMeanPooling, 16),
        ("max", MaskedMaxPooling, 16),
    ],
)
def test_poolings(pooling, kind, width):
    net = _make_net(pooling=pooling, head="linear", hidden_size=4)
    assert isinstance(net.pooling, kind)
    assert count(net.head) == width * 4 + 4 + 4 * 3 + 3


def test_heads():
    # Of report 000: linear layer, layer normalisation, linear layer.
    assert count(_make_net().head) == 32 * 16 + 16 + 2 * 16 + 16 * 3 + 3
    tanh = _make_net(head="tanh", pooling="mean").head
    assert [type(layer).__name__ for layer in tanh] == [
        "Dropout",
        "Linear",
        "Tanh",
        "Dropout",
        "Linear",
    ]
    assert count(tanh) == 16 * 16 + 16 + 16 * 3 + 3


def test_spans_are_masked_in_training_only():
    settings = {"mask_time_prob": 0.5, "mask_time_length": 2, "layerdrop": 0.0}
    drops = dict.fromkeys(
        ("hidden_dropout", "attention_dropout", "activation_dropout"), 0.0
    )
    encoder = _make_encoder(**settings, **drops, feat_proj_dropout=0.0)
    x = _make_batch()
    net = SpeechEncoderNet(encoder, 3, dropout=0.0)
    assert not torch.equal(net(x, LENGTHS), net(x, LENGTHS))
    net.eval()
    assert torch.equal(net(x, LENGTHS), net(x, LENGTHS))
    plain = SpeechEncoderNet(encoder, 3, dropout=0.0, spec_augment=False)
    assert torch.equal(plain(x, LENGTHS), plain(x, LENGTHS))


def test_a_share_of_frames_is_masked():
    from sersk.nets._encoder_parts import draw_spans

    lengths = torch.tensor([400, 200, 10, 3])
    masked = draw_spans(lengths, 400, 0.2, 10, 2)
    assert masked.shape == (4, 400)
    # 8 spans of 10 at most, some of which overlap.
    assert 40 <= int(masked[0].sum()) <= 80
    assert not masked[1, 200:].any()
    assert not masked[2:].any()


def test_a_net_can_be_pickled_and_copied(encoder):
    net = SpeechEncoderNet(encoder, 3, trained_layers=1).eval()
    x = _make_batch()
    state = torch.random.get_rng_state()
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert torch.equal(other(x, LENGTHS), net(x, LENGTHS))
        assert _trained(other) == _trained(net)
        assert not other.training
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trained_layers": 4}, "the encoder has 3 layers"),
        ({"train_front": True, "trained_layers": 2}, 'needs trained_layers="all"'),
        ({"pooling": "median"}, "pooling must be one of"),
        ({"head": "bilinear"}, "head must be one of"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        _make_net(**arguments)


def test_other_encoders_are_refused():
    config = BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
    with pytest.raises(ValueError, match="encoder is a BertModel"):
        SpeechEncoderNet(BertModel(config))
    with pytest.raises(ValueError, match="has an adapter"):
        SpeechEncoderNet(_make_encoder(add_adapter=True))
    with pytest.raises(ValueError, match="normalises its positions"):
        SpeechEncoderNet(_make_encoder("hubert group", conv_pos_batch_norm=True))


def test_bad_waveforms():
    net = _make_net()
    with pytest.raises(ValueError, match=r"waveforms \(batch, samples\)"):
        net(torch.zeros(2, 5, 400))
    with pytest.raises(ValueError, match=r"x_lengths\[1\] is 399"):
        net(torch.zeros(2, 500), torch.tensor([400, 399]))
    with pytest.raises(ValueError, match="holds 500 samples"):
        net(torch.zeros(2, 500), torch.tensor([400, 501]))


def test_the_net_of_report_000_has_its_size():
    config = WavLMConfig(
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        do_stable_layer_norm=True,
        feat_extract_norm="layer",
    )
    with torch.device("meta"):
        net = SpeechEncoderNet(WavLMModel(config), 8)
    sizes = [(one.numel(), one.requires_grad) for one in net.parameters()]
    assert sum(size for size, _ in sizes) == 318_612_168
    assert sum(size for size, is_trained in sizes if not is_trained) == 4_206_592
