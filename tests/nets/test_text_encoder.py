"""An encoder of text with a head: each text by itself, and what is trained of it."""

import pickle

import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
)

from sersk.nets import TextEncoderNet

SIZE = {
    "vocab_size": 20,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "pad_token_id": 0,
}
TOKENS = torch.tensor([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0], [1, 2, 0, 0, 0]])
LENGTHS = torch.tensor([5, 3, 2])


def _encoder(kind="bert"):
    config, model = {
        "bert": (BertConfig, BertModel),
        "roberta": (RobertaConfig, RobertaModel),
    }[kind]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return model(config(**SIZE))


def _net(kind="bert", **arguments):
    return TextEncoderNet(_encoder(kind), 3, **arguments).eval()


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_it_is_the_encoder_and_one_layer(kind, pooling):
    net = _net(kind, pooling=pooling)
    encoder = _encoder(kind).eval()
    with torch.no_grad():
        together = net(TOKENS, LENGTHS)
        for tokens, length, outputs in zip(TOKENS, LENGTHS, together, strict=True):
            hidden = encoder(tokens[None, :length]).last_hidden_state[0]
            vector = hidden[0] if pooling == "cls" else hidden.mean(0)
            torch.testing.assert_close(net.head[-1](vector), outputs)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_padding_changes_nothing(kind):
    net = _net(kind)
    spoilt = TOKENS.clone()
    spoilt[1, 3:] = 9
    torch.testing.assert_close(net(spoilt, LENGTHS), net(TOKENS, LENGTHS))


@pytest.mark.parametrize(
    ("layers", "trained"),
    [
        ("all", {"embeddings", "encoder.layer.0", "encoder.layer.1"}),
        (1, {"encoder.layer.1"}),
        (0, set()),
    ],
)
def test_what_is_trained_has_gradients_and_dropout(layers, trained):
    net = _net(trained_layers=layers).train()
    net(TOKENS, LENGTHS).square().sum().backward()
    named = dict(net.encoder.named_parameters())
    learns = {name for name, one in named.items() if one.grad is not None}
    assert learns == {
        name for name in named if name.startswith(tuple(trained)) and trained
    }
    assert net.encoder.encoder.layer[1].training == (layers != 0)
    assert net.encoder.embeddings.training == (layers == "all")


def test_a_copy_gives_the_same():
    net = _net("roberta")
    expected = net(TOKENS, LENGTHS)
    copied = pickle.loads(pickle.dumps(net))
    assert torch.equal(copied(TOKENS, LENGTHS), expected)
    config = net.encoder.config.to_dict()
    with torch.device("meta"):
        made = TextEncoderNet.from_config(config, net.arguments)
    made.load_state_dict(net.state_dict(), assign=True)
    assert torch.equal(made.eval().to("cpu")(TOKENS, LENGTHS), expected)


def test_other_encoders_and_inputs_are_refused():
    other = DistilBertModel(
        DistilBertConfig(vocab_size=20, dim=8, n_heads=2, hidden_dim=8)
    )
    with pytest.raises(ValueError, match="DistilBertModel; this net takes one of bert"):
        TextEncoderNet(other)
    with pytest.raises(ValueError, match="the encoder has 2 layers"):
        _net(trained_layers=3)
    with pytest.raises(ValueError, match=r"takes tokens \(batch, tokens\)"):
        _net()(TOKENS[0])
    with pytest.raises(ValueError, match=r"x_lengths\[1\] is 6"):
        _net()(TOKENS, torch.tensor([5, 6, 1]))
