"""Encoders as parts of nets: frames of a clip alone, in the memory of a few clips."""

import copy
import math
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from sersk.nets import SpeechEncoderFrames, wav2vec2_frame_count
from tests.nets.toy import spoil

transformers = pytest.importorskip("transformers")

LENGTHS = torch.tensor([2_500, 6_000, 399, 2_500])
LAYER = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}


def _make_encoder(**changes):
    config = transformers.Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        conv_dim=[8] * 7,
        num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=2,
        **changes,
    )
    torch.manual_seed(0)
    return transformers.Wav2Vec2Model(config)


def _make_batch():
    torch.manual_seed(1)
    # Neither as loud as checkpoints want it, nor around zero.
    return spoil(3 * torch.randn(4, 6_000) + 1, LENGTHS, math.nan)


def _gradients(net):
    return {
        name: value.grad.clone()
        for name, value in net.named_parameters()
        if value.grad is not None
    }


@pytest.mark.parametrize("batch_size", [1, 2, 8])
@pytest.mark.parametrize("settings", [{}, LAYER], ids=["group", "layer"])
def test_frames_are_those_of_transformers_for_a_clip_alone(settings, batch_size):
    encoder = _make_encoder(**settings)
    net = SpeechEncoderFrames(encoder, batch_size=batch_size).eval()
    prepare = transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    x = _make_batch()
    with torch.no_grad():
        frames, lengths = net(x, LENGTHS)
        assert torch.equal(lengths, wav2vec2_frame_count(LENGTHS.clamp(min=400)))
        for index, length in enumerate(LENGTHS.tolist()):
            given = prepare(
                x[index, :length].numpy(), sampling_rate=16_000, return_tensors="pt"
            ).input_values
            # Behind what is normalised, as SpeechEmbedding does.
            given = torch.nn.functional.pad(given, (0, max(0, 400 - length)))
            expected = encoder(given).last_hidden_state[0]
            found = frames[index, : lengths[index]]
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_waveforms_stay_as_they_are_where_the_checkpoint_wants_it():
    encoder = _make_encoder(**LAYER)
    x = _make_batch()[1:2]
    net = SpeechEncoderFrames(encoder, normalize=False).eval()
    with torch.no_grad():
        expected = encoder(x).last_hidden_state
        torch.testing.assert_close(net(x)[0], expected, rtol=1e-5, atol=1e-5)
        assert not torch.allclose(
            SpeechEncoderFrames(encoder).eval()(x)[0], expected, atol=1e-3
        )


@pytest.mark.parametrize("settings", [{}, LAYER], ids=["group", "layer"])
def test_groups_change_no_gradient(settings):
    found = []
    for batch_size in (1, 3, 8):
        net = SpeechEncoderFrames(
            _make_encoder(**settings), train_front=True, batch_size=batch_size
        ).eval()
        frames, lengths = net(_make_batch(), LENGTHS)
        valid = torch.arange(frames.shape[1]) < lengths[:, None]
        frames.masked_fill(~valid[..., None], 0).square().sum().backward()
        found.append(_gradients(net))
    assert any("conv_layers" in name for name in found[0])
    for name, expected in found[2].items():
        for one in found[:2]:
            torch.testing.assert_close(one[name], expected, rtol=1e-3, atol=1e-4)


def test_what_is_computed_again_drops_and_masks_the_same():
    net = SpeechEncoderFrames(
        _make_encoder(mask_time_prob=0.5, mask_time_length=2, layerdrop=0.3),
        batch_size=1,
    ).train()
    x = torch.randn(3, 4_000)
    lengths = torch.tensor([4_000, 4_000, 4_000])
    for seed in range(4):
        torch.manual_seed(seed)
        net(x, lengths)[0].square().sum().backward()
        found = _gradients(net)
        net.zero_grad()
        torch.manual_seed(seed)
        given, lengths = net._prepare(x, lengths)
        alone = [net.encode(given[row : row + 1], lengths[:1])[0] for row in range(3)]
        torch.cat(alone).square().sum().backward()
        torch.testing.assert_close(found, _gradients(net))
        net.zero_grad()


def _kept(batch_size):
    """Return how many numbers are kept until the gradient is taken."""
    net = SpeechEncoderFrames(_make_encoder(), train_front=True, batch_size=batch_size)
    sizes = []

    def keep(tensor):
        sizes.append(tensor.numel())
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        net(torch.randn(8, 6_000))
    return sum(sizes)


def test_of_a_group_its_waveforms_are_kept_and_no_more():
    assert _kept(1) < 1.01 * 8 * 6_000
    assert _kept(8) > 5 * _kept(1)


@pytest.mark.parametrize(
    ("trained_layers", "expected"),
    [
        (0, set()),
        (1, {"encoder.layers.1"}),
        ("all", {"feature_projection", "encoder"}),
    ],
)
def test_layers_are_frozen_as_asked(trained_layers, expected):
    net = SpeechEncoderFrames(_make_encoder(), trained_layers=trained_layers).train()
    frames, _ = net(torch.randn(2, 2_500))
    assert frames.requires_grad == bool(expected)
    training = {name for name, one in net.encoder.named_modules() if one.training}
    assert {name for name in training if name in expected} == expected
    assert "feature_extractor" not in training
    trained = [n for n, one in net.encoder.named_parameters() if one.requires_grad]
    beginnings = (*expected, "masked_spec_embed") if trained_layers == "all" else ()
    assert all(name.startswith((*expected, *beginnings)) for name in trained)


def _pickled(net):
    return pickle.loads(pickle.dumps(net))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, _pickled])
def test_copies_and_pickles_give_the_same(duplicate):
    net = SpeechEncoderFrames(_make_encoder(), trained_layers=1, batch_size=2).eval()
    before = torch.get_rng_state()
    again = duplicate(net)
    assert torch.equal(torch.get_rng_state(), before)
    assert again.arguments == net.arguments
    x = torch.randn(3, 2_500)
    with torch.no_grad():
        assert torch.equal(again(x)[0], net(x)[0])


def test_a_copy_is_made_while_other_threads_draw():
    net = SpeechEncoderFrames(_make_encoder())
    torch.manual_seed(0)
    alone = torch.stack([torch.rand(50) for _ in range(500)])
    torch.manual_seed(0)
    done = threading.Event()

    def copy_on():
        while not done.is_set():
            copy.deepcopy(net)

    with ThreadPoolExecutor(1) as pool:
        copying = pool.submit(copy_on)
        together = []
        for _ in range(500):
            together.append(torch.rand(50))
            time.sleep(1e-4)
        done.set()
        copying.result()
    assert torch.equal(torch.stack(together), alone)


def test_input_that_does_not_fit_is_refused():
    net = SpeechEncoderFrames(_make_encoder())
    with pytest.raises(ValueError, match=r"x has shape \(2, 49, 768\); an encoder tak"):
        net(torch.zeros(2, 49, 768))
    with pytest.raises(ValueError, match=r"x_lengths\[1\] is 401"):
        net(torch.zeros(2, 400), torch.tensor([400, 401]))
    with pytest.raises(ValueError, match="trained_layers=3, but the encoder has 2"):
        SpeechEncoderFrames(_make_encoder(), trained_layers=3)
