"""Pretrained encoders of speech as parts of nets, and the frames that they give."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from sersk.nets._encoder_parts import (
    check_encoder,
    draw_spans,
    fewest_samples,
    normalize_waveforms,
    run_front,
    run_layers,
    trained_parts,
)
from sersk.nets._lengths import check_lengths, fill_padding, frame_mask
from sersk.nets._partly_trained import PartlyTrained


class TrainedEncoder(PartlyTrained):
    """Hold an encoder of which some layers are trained; the base of two modules.

    A subclass takes the encoder and arguments, which it names in `arguments`.
    """

    def __init__(
        self,
        encoder: Any,
        trained_layers: int | str,
        *,
        train_front: bool,
        spec_augment: bool,
    ) -> None:
        check_encoder(encoder)
        parts = trained_parts(encoder, trained_layers, train_front=train_front)
        super().__init__(encoder, parts)
        if trained_layers == "all" and hasattr(encoder, "masked_spec_embed"):
            encoder.masked_spec_embed.requires_grad_(True)
        self.masks_spans = spec_augment and trained_layers == "all"

    def encode(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return frames of waveforms, and how many are valid.

        Parameters
        ----------
        x : Tensor of shape (batch, samples)
            Waveforms.
        lengths : Tensor of int64 of shape (batch,)
            Valid samples, enough for one frame.

        Returns
        -------
        frames : Tensor of shape (batch, frames, features)
            Beyond the valid ones stands anything.
        lengths : Tensor of int64 of shape (batch,)
            Valid frames.
        """
        frames, lengths = run_front(self.encoder, x, lengths)
        hidden = self.encoder.feature_projection(frames)
        # Those of wav2vec 2.0 and WavLM give the frames before the projection too.
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        if self.training and self.masks_spans:
            hidden = self._mask_spans(hidden, lengths)
        valid = frame_mask(lengths, hidden.shape[1])
        return run_layers(self.encoder, hidden, valid), lengths

    def _mask_spans(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        config = self.encoder.config
        if not config.apply_spec_augment or not config.mask_time_prob:
            return hidden
        spans = draw_spans(
            lengths,
            hidden.shape[1],
            config.mask_time_prob,
            config.mask_time_length,
            config.mask_time_min_masks,
        )
        mask = self.encoder.masked_spec_embed.to(hidden.dtype)
        return torch.where(spans[..., None], mask, hidden)

    def __reduce__(self) -> tuple:
        """Pickle configurations and weights: parametrised layers cannot be pickled."""
        state = {name: value.cpu() for name, value in self.state_dict().items()}
        config = self.encoder.config.to_dict()
        return _rebuild, (type(self), config, self.arguments, state, self.training)


def _rebuild(
    cls: type[TrainedEncoder],
    config: dict[str, Any],
    arguments: dict[str, Any],
    state: dict[str, Tensor],
    training: bool,
) -> TrainedEncoder:
    # Nothing is drawn: other threads may draw meanwhile.
    with torch.device("meta"):
        net = cls.from_config(config, arguments)
    net.load_state_dict(state, assign=True)
    return net.train(training)


class SpeechEncoderFrames(TrainedEncoder):
    """Encode waveforms, so that a net is trained together with its encoder.

    A clip has the same frames whatever it is batched with: its level and the statistics
    of a group norm are taken over its own samples, and padded frames are not attended
    to.

    Parameters
    ----------
    encoder : transformers.Wav2Vec2Model, HubertModel or WavLMModel
        It becomes a part of this module, and is frozen as `trained_layers` says.
    trained_layers : int or "all", default="all"
        How many transformer layers are trained, from the last; ``"all"`` trains what is
        before them as well, 0 nothing of the encoder. What is not trained is not
        regularised either: it is as it is in use.
    train_front : bool, default=False
        Whether the convolutions are trained, which takes ``trained_layers="all"``.
    spec_augment : bool, default=True
        Whether spans of frames are masked in training, as many and as long as the
        encoder's configuration says, where all layers are trained.
    normalize : bool, default=True
        Whether each clip first gets a mean of 0 and a variance of 1.
    batch_size : int, default=8
        Clips that the encoder is given at a time, those of like lengths together. In
        training, what a group needs for its gradient is computed again when that is
        taken, if there are several: the memory is that of one, and nothing else
        changes.

    Raises
    ------
    ValueError
        If the encoder has fewer layers than are to be trained.

    See Also
    --------
    CoAttentionNet : Takes it as its encoder.
    SpeechEncoderNet : A net with nothing beside the encoder.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import SpeechEncoderFrames
    >>> from transformers import Wav2Vec2Config, Wav2Vec2Model
    >>> config = Wav2Vec2Config(
    ...     hidden_size=16,
    ...     num_hidden_layers=1,
    ...     num_attention_heads=2,
    ...     intermediate_size=32,
    ...     conv_dim=[8] * 7,
    ...     num_conv_pos_embeddings=8,
    ...     num_conv_pos_embedding_groups=2,
    ... )
    >>> encoder = SpeechEncoderFrames(Wav2Vec2Model(config))
    >>> frames, lengths = encoder(torch.rand(2, 48_000), torch.tensor([48_000, 16_000]))
    >>> frames.shape, lengths
    (torch.Size([2, 149, 16]), tensor([149,  49]))
    """

    def __init__(
        self,
        encoder: Any,
        *,
        trained_layers: int | str = "all",
        train_front: bool = False,
        spec_augment: bool = True,
        normalize: bool = True,
        batch_size: int = 8,
    ) -> None:
        super().__init__(
            encoder, trained_layers, train_front=train_front, spec_augment=spec_augment
        )
        self.arguments = {
            "trained_layers": trained_layers,
            "train_front": train_front,
            "spec_augment": spec_augment,
            "normalize": normalize,
            "batch_size": batch_size,
        }
        self.normalize = normalize
        self.batch_size = batch_size
        self.fewest_samples = fewest_samples(encoder.config)
        self.train()

    def forward(
        self, x: Tensor, x_lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return frames of waveforms, and how many are valid.

        Parameters
        ----------
        x : Tensor of shape (batch, samples)
            Waveforms at 16 kHz; those too short for a frame are padded with zeros.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid samples; None for all.

        Returns
        -------
        frames : Tensor of shape (batch, frames, features)
            Beyond the valid ones stands anything.
        lengths : Tensor of int64 of shape (batch,)
            Valid frames.

        Raises
        ------
        ValueError
            If shapes are wrong, or a clip is longer than `x`.
        """
        x, lengths = self._prepare(x, x_lengths)
        order = lengths.argsort(descending=True, stable=True)
        groups = order.split(self.batch_size)
        parts = [
            self._encode(x[rows, : int(lengths[rows[0]])], lengths[rows], len(groups))
            for rows in groups
        ]
        n_frames = parts[0][0].shape[1]
        frames = [F.pad(own, (0, 0, 0, n_frames - own.shape[1])) for own, _ in parts]
        back = order.argsort()
        return torch.cat(frames)[back], torch.cat([own for _, own in parts])[back]

    def _prepare(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return waveforms with zeros behind them, long enough, and their lengths."""
        if x.ndim != 2:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; an encoder takes waveforms (batch, "
                "samples)."
            )
        check_lengths(lengths, len(x), x.shape[1])
        if lengths is None:
            lengths = torch.full((len(x),), x.shape[1], device=x.device)
        x = fill_padding(x[..., None], lengths, 0.0)[..., 0]
        if self.normalize:
            x = normalize_waveforms(x, lengths)
        x = F.pad(x, (0, max(0, self.fewest_samples - x.shape[1])))
        return x, lengths.clamp(min=self.fewest_samples)

    def _encode(
        self, x: Tensor, lengths: Tensor, n_groups: int
    ) -> tuple[Tensor, Tensor]:
        if n_groups > 1 and self.trained and torch.is_grad_enabled():
            return checkpoint(self.encode, x, lengths, use_reentrant=False)
        return self.encode(x, lengths)
