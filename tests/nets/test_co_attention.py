"""The net of three inputs; numbers are those of its published layers."""

import math
from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sersk.nets import CoAttentionNet, wav2vec2_frame_count
from sersk.nets._co_attention_parts import SpectrogramBranch
from tests.nets.toy import count, spoil

N_MFCC, N_BINS, N_ENCODED = 40, 200, 768
LENGTHS = torch.tensor([120, 60, 7])
ENCODED = torch.tensor([59, 29, 3])


def _inputs(n_clips=3, n_frames=120, n_encoded=59):
    return [
        torch.randn(n_clips, n_frames, N_MFCC),
        torch.rand(n_clips, n_frames, N_BINS),
        torch.randn(n_clips, n_encoded, N_ENCODED),
    ]


@pytest.fixture(scope="module", params=["published", "masked"])
def net(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return CoAttentionNet(form=request.param)


def _run(net, inputs, lengths=(), *, training=False):
    torch.manual_seed(1)
    with torch.no_grad():
        return net.train(training)(*inputs, *lengths)


def test_parameters_of_the_published_form():
    with torch.device("meta"):
        net = CoAttentionNet(form="published")
    counts = {
        "AlexNet": count(net.spectrogram_branch.trunk),
        "LSTM": count(net.mfcc_branch.lstm),
        "9216 -> 128": count(net.spectrogram_branch.projection),
        "153600 -> 128": count(net.mfcc_branch.projection),
        "256 -> 149": count(net.co_attention),
        "768 -> 128": count(net.encoder_projection),
        "head": count(net.head),
    }
    assert counts == {
        "AlexNet": 2_469_696,
        "LSTM": 2_187_264,
        "9216 -> 128": 1_179_776,
        "153600 -> 128": 19_660_928,
        "256 -> 149": 38_293,
        "768 -> 128": 98_432,
        "head": 66_308,
    }
    assert count(net) == sum(counts.values())


def test_parameters_with_a_vit():
    with torch.device("meta"):
        net = CoAttentionNet(form="published", trunk="vit")
    assert count(net.spectrogram_branch.trunk) == 86_567_656 - 769_000
    assert count(net.spectrogram_branch.projection) == 768 * 128 + 128


def test_shapes_of_the_published_form():
    with torch.device("meta"):
        net = CoAttentionNet(form="published")
        shapes = {}
        for name, module in {
            "image": net.spectrogram_branch.trunk,
            "maps": net.spectrogram_branch.projection,
            "states": net.mfcc_branch.projection,
            "both": net.co_attention.weights,
            "context": net.encoder_projection,
            "all": net.head,
        }.items():
            module.register_forward_pre_hook(
                lambda _, inputs, name=name: shapes.update(
                    {name: tuple(inputs[0].shape[1:])}
                )
            )
        logits = net(*_inputs(2, 300, 149))
    assert logits.shape == (2, 4)
    assert shapes == {
        "image": (3, 256, 384),
        "maps": (9216,),
        "states": (153_600,),
        "both": (256,),
        "context": (768,),
        "all": (384,),
    }


def test_weights_of_the_published_form_are_rectified_and_not_normalised():
    co_attention = CoAttentionNet(form="published").eval().co_attention
    query, frames = torch.randn(2, 256), torch.randn(2, 149, 768)
    linear = co_attention.weights[1]
    weights = F.relu(linear(query))
    expected = torch.einsum("bt,btf->bf", weights, frames)
    result = co_attention(query, frames, None)
    torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(weights.sum(1), torch.ones(2), atol=0.1)


def test_weights_of_the_corrected_form_are_a_softmax_over_valid_frames():
    co_attention = CoAttentionNet().eval().co_attention
    with torch.no_grad():
        for parameter in co_attention.parameters():
            parameter.zero_()
    frames = torch.randn(1, 5, 768)
    context = co_attention(torch.randn(1, 256), frames, torch.tensor([2]))
    torch.testing.assert_close(context, frames[:, :2].mean(1))


def test_dropouts_are_those_of_the_report(net):
    shares = {module.p for module in net.modules() if isinstance(module, nn.Dropout)}
    assert shares == {0.1}
    assert net.mfcc_branch.lstm.dropout == 0.5


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("value", [0.0, 5.0, math.nan])
def test_what_lies_beyond_a_clip_changes_nothing(net, training, value):
    inputs = _inputs()
    lengths = (LENGTHS, LENGTHS, ENCODED)
    expected = _run(net, inputs, lengths, training=training)
    spoilt = [spoil(x, n, value) for x, n in zip(inputs, lengths, strict=True)]
    assert torch.isfinite(expected).all()
    result = _run(net, spoilt, lengths, training=training)
    assert torch.equal(result, expected)


def test_a_clip_gives_the_same_alone(net):
    inputs = _inputs()
    together = _run(net, inputs, (LENGTHS, LENGTHS, ENCODED))
    for index, (n, m) in enumerate(zip(LENGTHS, ENCODED, strict=True)):
        mfcc, spectrogram, w2e = (x[index : index + 1] for x in inputs)
        alone = _run(net, [mfcc[:, :n], spectrogram[:, :n], w2e[:, :m]])
        torch.testing.assert_close(together[index], alone[0], rtol=1e-4, atol=1e-6)


def test_clips_of_many_lengths_keep_their_order():
    # Those of like lengths are convolved together, shortest first.
    branch = SpectrogramBranch("alexnet", 8, 0.0, n_frames=300, fixed=False).eval()
    lengths = torch.tensor([90, 11, 120, 12, 60, 100])
    x = torch.rand(6, 120, 20)
    together = branch(x, lengths)
    for row, clip, length in zip(together, x, lengths, strict=True):
        alone = branch(clip[None, :length], None)[0]
        torch.testing.assert_close(row, alone, rtol=1e-4, atol=1e-5)


def test_a_vit_sees_no_padding_either():
    net = CoAttentionNet(trunk="vit")
    inputs, lengths = _inputs(2), (LENGTHS[:2], LENGTHS[:2], ENCODED[:2])
    spoilt = [spoil(x, n, math.nan) for x, n in zip(inputs, lengths, strict=True)]
    assert torch.equal(_run(net, spoilt, lengths), _run(net, inputs, lengths))


def test_each_input_matters(net):
    inputs = _inputs()
    expected = _run(net, inputs)
    for index in range(3):
        # MFCCs lose their scale to the norm, so that they are changed by more.
        changed = [x.flip(2) if k == index else x for k, x in enumerate(inputs)]
        assert not torch.allclose(_run(net, changed), expected, atol=1e-7)


def test_the_scale_of_a_frame_of_mfccs_does_not_matter(net):
    mfcc, *rest = _inputs()
    torch.testing.assert_close(_run(net, [mfcc * 9, *rest]), _run(net, [mfcc, *rest]))


def test_every_parameter_has_a_gradient(net):
    net.zero_grad()
    net.train()(*_inputs(8)).square().sum().backward()
    unused = [name for name, value in net.named_parameters() if value.grad is None]
    assert unused == []
    flat = [n for n, p in net.named_parameters() if not p.grad.any()]
    assert flat == []


def test_half_precision_gives_nearly_the_same(net):
    inputs, lengths = _inputs(), (LENGTHS, LENGTHS, ENCODED)
    expected = _run(net, inputs, lengths)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = _run(net, inputs, lengths)
    torch.testing.assert_close(logits.float(), expected, rtol=0.1, atol=0.05)


def test_a_seed_decides_everything():
    def run():
        torch.manual_seed(3)
        return CoAttentionNet()(*_inputs())

    assert torch.equal(run(), run())


def test_longer_clips_than_published_are_refused_by_that_form_only(net):
    cases = product((301, 300), (150, 149))
    for n_frames, n_encoded in cases:
        inputs = _inputs(1, n_frames, n_encoded)
        if net.form == "masked" or (n_frames, n_encoded) == (300, 149):
            assert _run(net, inputs).shape == (1, 4)
            continue
        longest = "301 frames" if n_frames > 300 else "150 frames"
        with pytest.raises(ValueError, match=f"holds a clip of {longest}"):
            net(*inputs)


@pytest.mark.parametrize(
    ("index", "shape", "message"),
    [
        (0, (3, 120, 13), r"mfcc has shape \(3, 120, 13\)"),
        (1, (3, 120, 201), r"spectrogram has shape \(3, 120, 201\)"),
        (2, (3, 59, 1024), r"w2e has shape \(3, 59, 1024\)"),
        (2, (3, 16_000), r"w2e has shape \(3, 16000\)"),
        (2, (2, 59, 768), "different numbers of clips: .*'w2e': 2"),
    ],
)
def test_input_that_does_not_fit_is_refused(net, index, shape, message):
    inputs = _inputs()
    inputs[index] = torch.zeros(shape)
    with pytest.raises(ValueError, match=message):
        net(*inputs)


def test_lengths_that_do_not_fit_are_named(net):
    with pytest.raises(ValueError, match=r"spectrogram_lengths\[0\] is 121"):
        net(*_inputs(), LENGTHS, LENGTHS + 1, ENCODED)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"form": "fixed"}, "form must be one of 'masked', 'published', got 'fixed'"),
        ({"trunk": "resnet50"}, "trunk must be one of 'alexnet', 'vit'"),
    ],
)
def test_settings_that_are_not_known_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CoAttentionNet(**settings)


# With an encoder inside.


class _Encoder(nn.Module):
    """Two convolutions with a normalisation over time, as wav2vec 2.0 begins."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(1, 8, 400, stride=320)
        self.norm = nn.GroupNorm(8, 8)
        self.second = nn.Conv1d(8, N_ENCODED, 1)
        self.dropout = nn.Dropout(0.5)

    def forward(self, waveforms):
        maps = self.norm(self.first(waveforms[:, None]))
        return self.dropout(self.second(maps)).mT


def _with_encoder(**settings):
    return CoAttentionNet(encoder=_Encoder(), **settings)


def _waveforms():
    return torch.randn(3, 19_200), torch.tensor([19_200, 9_700, 1_200])


def test_waveforms_go_through_the_encoder_without_their_padding():
    net = _with_encoder().eval()
    mfcc, spectrogram, _ = _inputs()
    waveforms, lengths = _waveforms()
    counts = (lengths - 400) // 320 + 1
    frames = torch.zeros(3, int(counts.max()), N_ENCODED)
    with torch.no_grad():
        for index, n in enumerate(lengths):
            frames[index, : counts[index]] = net.encoder(
                waveforms[index : index + 1, :n]
            )
    spoilt = spoil(waveforms, lengths, math.nan)
    result = _run(net, [mfcc, spectrogram, spoilt], (LENGTHS, LENGTHS, lengths))
    net.encoder = None
    expected = _run(net, [mfcc, spectrogram, frames], (LENGTHS, LENGTHS, counts))
    torch.testing.assert_close(result, expected)


def test_an_encoder_is_trained_with_the_rest():
    net = _with_encoder().train()
    mfcc, spectrogram, _ = _inputs()
    waveforms, lengths = _waveforms()
    net(mfcc, spectrogram, waveforms, LENGTHS, LENGTHS, lengths).sum().backward()
    assert net.encoder.second.weight.grad.any()
    assert net.encoder.dropout.training


def test_a_frozen_encoder_learns_nothing_and_drops_nothing():
    net = _with_encoder(freeze_encoder=True).train()
    mfcc, spectrogram, _ = _inputs()
    waveforms, _ = _waveforms()
    net(mfcc, spectrogram, waveforms).sum().backward()
    assert all(value.grad is None for value in net.encoder.parameters())
    assert not any(value.requires_grad for value in net.encoder.parameters())
    assert not net.encoder.training
    assert net.head.training


def test_an_encoder_wants_waveforms():
    with pytest.raises(ValueError, match="takes waveforms"):
        _with_encoder()(*_inputs())


def test_a_wav2vec2_fits():
    transformers = pytest.importorskip("transformers")
    config = transformers.Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=[8] * 7,
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )
    encoder = transformers.Wav2Vec2Model(config)
    net = CoAttentionNet(
        encoder=encoder, n_encoder_features=16, freeze_encoder=True, form="published"
    ).eval()
    seen = []
    net.co_attention.register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[1].abs().sum(2))
    )
    mfcc, spectrogram, _ = _inputs()
    waveforms = torch.randn(3, 48_000)
    lengths = torch.tensor([48_000, 16_000, 9_000])
    logits = _run(net, [mfcc, spectrogram, waveforms], (LENGTHS, LENGTHS, lengths))
    assert logits.shape == (3, 4)
    valid = (seen[0] > 0).sum(1)
    assert torch.equal(valid, wav2vec2_frame_count(lengths))
