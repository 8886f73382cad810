"""What a pretrained encoder of speech needs to be trained on padded batches."""

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from sersk.nets._lengths import count_frames, frame_mask, receptive_field
from sersk.nets._partly_trained import check_type, last_layers

_TYPES = ("wav2vec2", "hubert", "wavlm")
# Added to a variance by transformers' feature extractor.
_LEAST_VARIANCE = 1e-7


def normalize_waveforms(x: Tensor, lengths: Tensor) -> Tensor:
    """Return waveforms, which are 0 beyond their lengths, of mean 0 and variance 1."""
    n_samples = lengths[:, None]
    centred = x - x.sum(1, keepdim=True) / n_samples
    centred = centred.masked_fill(~frame_mask(lengths, x.shape[1]), 0.0)
    variance = centred.square().sum(1, keepdim=True) / n_samples
    return centred * (variance + _LEAST_VARIANCE).rsqrt()


def run_front(encoder: Any, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return frames (batch, frames, features) of samples, and how many are valid.

    The convolutions have no padding, so that the frames of a clip depend on its own
    samples; a group norm over time does not stop there, and is given the statistics of
    valid frames.
    """
    x = x.masked_fill(~frame_mask(lengths, x.shape[1]), 0.0)[:, None]
    for layer in encoder.feature_extractor.conv_layers:
        lengths = count_frames(lengths, layer.conv.kernel_size, layer.conv.stride)
        norm = getattr(layer, "layer_norm", None)
        if isinstance(norm, nn.GroupNorm):
            normal = masked_group_norm(norm, layer.conv(x), lengths)
            x = layer.activation(normal)
        else:
            x = layer(x)
    return x.transpose(1, 2), lengths


def run_layers(encoder: Any, hidden: Tensor, valid: Tensor) -> Tensor:
    """Return what the transformer makes of frames, of which some are valid."""
    with warnings.catch_warnings():
        # WavLM masks by truth values and adds numbers for positions.
        warnings.filterwarnings("ignore", "Support for mismatched key_padding_mask")
        return encoder.encoder(hidden, attention_mask=valid)[0]


def masked_group_norm(norm: nn.GroupNorm, x: Tensor, lengths: Tensor) -> Tensor:
    """Normalise x (batch, channels, frames), a group a channel, by valid frames."""
    valid = frame_mask(lengths, x.shape[2])[:, None]
    # Half precision has too few digits for the sums of long clips.
    wide = x.float().masked_fill(~valid, 0.0)
    n_frames = lengths[:, None, None]
    mean = wide.sum(2, keepdim=True) / n_frames
    deviation = (wide - mean).masked_fill(~valid, 0.0)
    variance = (deviation**2).sum(2, keepdim=True) / n_frames
    scaled = deviation * (variance + norm.eps).rsqrt()
    scaled = scaled * norm.weight[:, None] + norm.bias[:, None]
    return scaled.to(x.dtype)


def trained_parts(
    encoder: Any, trained_layers: int | str, *, train_front: bool
) -> list[nn.Module]:
    """Return the modules of an encoder that are trained."""
    layers = encoder.encoder.layers
    if trained_layers == "all":
        parts = [encoder.feature_projection, encoder.encoder]
        return [encoder.feature_extractor, *parts] if train_front else parts
    if train_front:
        raise ValueError(
            'train_front=True needs trained_layers="all": the gradient of the '
            f"convolutions passes all layers, and trained_layers is {trained_layers!r}."
        )
    parts = last_layers(layers, trained_layers)
    # Encoders of this kind normalise after the last layer, the others before the first.
    if parts and encoder.config.do_stable_layer_norm:
        parts.append(encoder.encoder.layer_norm)
    return parts


def draw_spans(
    lengths: Tensor, n_frames: int, share: float, span: int, fewest: int
) -> Tensor:
    """Draw spans of valid frames, which may overlap, of shape (batch, n_frames).

    Their number is that of transformers: `share` of the frames if no two overlap, but
    at least `fewest`; none where a clip is not longer than a span.
    """
    masked = torch.zeros((len(lengths), n_frames), dtype=torch.bool)
    for row, length in zip(masked, lengths.tolist(), strict=True):
        if length <= span:
            continue
        wanted = int(share * length / span + torch.rand(1).item())
        n_spans = min(max(wanted, fewest), length // span)
        starts = torch.randperm(length - span + 1)[:n_spans]
        row[(starts[:, None] + torch.arange(span)).flatten()] = True
    return masked.to(lengths.device)


def check_encoder(encoder: Any) -> None:
    """Raise unless an encoder is one of speech, without what is not supported."""
    check_type(encoder, _TYPES)
    config = encoder.config
    if getattr(config, "add_adapter", False):
        raise ValueError(
            "encoder has an adapter behind its layers (add_adapter=True), which this "
            "net does not take. Load it with add_adapter=False."
        )
    if getattr(config, "conv_pos_batch_norm", False):
        raise ValueError(
            "encoder normalises its positions over the batch "
            "(conv_pos_batch_norm=True), so that clips would depend on each other. "
            "Take another checkpoint."
        )


def check_waveforms(encoder: Any, x: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the lengths of waveforms, or raise where one is too short or too long."""
    if x.ndim != 2:
        raise ValueError(
            f"x has shape {tuple(x.shape)}; this net takes waveforms (batch, samples)."
        )
    if lengths is None:
        lengths = torch.full((len(x),), x.shape[1], device=x.device)
    fewest = fewest_samples(encoder.config)
    wrong = ((lengths < fewest) | (lengths > x.shape[1])).nonzero()
    if len(wrong):
        clip = int(wrong[0])
        raise ValueError(
            f"x_lengths[{clip}] is {int(lengths[clip])}; x holds {x.shape[1]} samples, "
            f"of which a clip needs at least {fewest} to make a frame. Pad it."
        )
    return lengths


def fewest_samples(config: Any) -> int:
    """Return how many samples an encoder needs to make one frame."""
    return receptive_field(config.conv_kernel, config.conv_stride)
