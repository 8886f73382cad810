"""What holds for every net that takes sequences."""

import math
import pickle

import pytest
import torch
from torch.nn import functional as F

from tests.nets.toy import NETS, make_batch, make_trunk_net, spoil

ALL = {**NETS, "AlexNet": make_trunk_net}
FIXED = [name for name, make in NETS.items() if "n_frames" in make.keywords]


@pytest.fixture(params=ALL, scope="module")
def net(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ALL[request.param]()


@pytest.fixture
def batch(net):
    return make_batch(net.n_features)


def _run(net, x, lengths, *, training):
    """Return the logits, drawing the same dropout every time."""
    state = {name: value.clone() for name, value in net.state_dict().items()}
    torch.manual_seed(1)
    with torch.no_grad():
        logits = net.train(training)(x, lengths)
    # Training moves the statistics of batch normalisation.
    net.load_state_dict(state)
    return logits


def test_there_are_logits(net, batch):
    assert _run(net, *batch, training=False).shape == (3, 3)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("value", [-80.0, 1e30, math.nan])
def test_what_lies_beyond_a_clip_changes_nothing(net, batch, training, value):
    x, lengths = batch
    expected = _run(net, x, lengths, training=training)
    spoilt = _run(net, spoil(x, lengths, value), lengths, training=training)
    assert torch.isfinite(expected).all()
    assert torch.equal(spoilt, expected)


def test_a_clip_gives_the_same_alone(net, batch):
    x, lengths = batch
    together = _run(net, x, lengths, training=False)
    for index, length in enumerate(lengths.tolist()):
        alone = x[index : index + 1, :length]
        expected = _run(net, alone, None, training=False)[0]
        torch.testing.assert_close(together[index], expected, rtol=1e-4, atol=1e-5)


def test_more_padding_changes_nothing(net, batch):
    x, lengths = batch
    expected = _run(net, x, lengths, training=True)
    more = F.pad(x, (0, 0, 0, 11), value=7.0)
    result = _run(net, more, lengths, training=True)
    torch.testing.assert_close(result, expected, rtol=1e-3, atol=1e-4)


def test_clips_decide_the_logits(net, batch):
    x, lengths = batch
    one, other = (_run(net, x * k, lengths, training=False) for k in (1.0, 0.5))
    assert not torch.allclose(one, other)


def test_every_parameter_has_a_gradient(net, batch):
    x, lengths = batch
    net.zero_grad()
    net.train()(x, lengths).square().sum().backward()
    unused = [
        name
        for name, parameter in net.named_parameters()
        if parameter.grad is None or not torch.isfinite(parameter.grad).all()
    ]
    assert unused == []
    # Some biases stand before a normalisation, which cancels them: weights do not.
    flat = [n for n, p in net.named_parameters() if p.ndim > 1 and not p.grad.any()]
    assert flat == []


@pytest.mark.parametrize("training", [False, True])
def test_half_precision_gives_nearly_the_same(net, batch, training):
    x, lengths = batch
    expected = _run(net, x, lengths, training=training)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = _run(net, spoil(x, lengths, math.nan), lengths, training=training)
    torch.testing.assert_close(logits.float(), expected, rtol=0.1, atol=0.1)


def test_a_copy_gives_the_same(net, batch):
    expected = _run(net, *batch, training=False)
    copied = pickle.loads(pickle.dumps(net))
    assert torch.equal(_run(copied, *batch, training=False), expected)


@pytest.mark.parametrize("name", NETS)
def test_a_seed_decides_everything(name):
    def run():
        torch.manual_seed(5)
        net = NETS[name]()
        return net.train()(*make_batch(net.n_features))

    assert torch.equal(run(), run())


@pytest.mark.parametrize("name", NETS)
def test_a_few_clips_are_learnt_by_heart(name):
    net = NETS[name]()
    for module in net.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torch.nn.LSTM):
            module.dropout = 0.0
    x = torch.randn(12, 40, net.n_features) + torch.arange(12)[:, None, None] % 5
    lengths = torch.arange(29, 41)
    labels = torch.arange(12) % 3
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(80):
        optimiser.zero_grad()
        loss = F.cross_entropy(net(x, lengths), labels)
        loss.backward()
        optimiser.step()
        if loss < 0.05:
            break
    assert loss < 0.3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, n: (x[..., :-1], n), "takes \\(batch, frames"),
        (lambda x, n: (x[0], n), "takes \\(batch, frames"),
        (lambda x, n: (x[:, :0], None), "x holds no frames"),
        (lambda x, n: (x, n[:2]), "x_lengths must be 3 integers"),
        (lambda x, n: (x, n.float()), "x_lengths must be 3 integers"),
        (lambda x, n: (x, torch.tensor([40, 0, 3])), r"x_lengths\[1\] is 0"),
        (lambda x, n: (x, torch.tensor([40, 3, 41])), r"x_lengths\[2\] is 41"),
    ],
)
def test_input_that_does_not_fit_is_refused(net, batch, change, message):
    with pytest.raises(ValueError, match=message):
        net(*change(*batch))


@pytest.mark.parametrize("name", FIXED)
def test_a_clip_that_is_too_long_for_fixed_frames_is_refused(name):
    net = NETS[name]()
    x = torch.zeros(2, 60, net.n_features)
    with pytest.raises(ValueError, match="60 frames; this net was built for n_frames"):
        net(x)
    assert net.eval()(x, torch.tensor([40, 12])).shape == (2, 3)


@pytest.mark.parametrize("name", FIXED)
def test_fixed_frames_are_padded_with_the_value_that_is_named(name):
    net = NETS[name]().eval()
    net.pad_value = 0.25
    x = torch.rand(1, 20, net.n_features)
    padded = F.pad(x, (0, 0, 0, 20), value=0.25)
    assert torch.equal(net(x), net(padded))
