"""A pretrained encoder of speech, with pooling and a head, from waveforms on."""

from typing import Any

import torch
from torch import Tensor, nn

from sersk.nets._encoder_parts import (
    check_encoder,
    check_waveforms,
    draw_spans,
    fewest_samples,
    freeze,
    make_encoder,
    run_front,
    run_layers,
    trained_parts,
)
from sersk.nets._heads import EmotionRegression
from sersk.nets._lengths import check_option, frame_mask
from sersk.nets._pooling import (
    AttentiveStatisticsPooling,
    MaskedMaxPooling,
    MaskedMeanPooling,
)

_POOLINGS = ("mean", "max", "attentive_statistics")
_HEADS = ("mlp", "tanh", "linear")


class SpeechEncoderNet(nn.Module):
    """Encode waveforms, pool the frames of each clip, and map them to outputs.

    A clip has the same outputs whatever it is batched with: the statistics of a group
    norm are taken over its own frames, padded frames are not attended to, and none is
    pooled.

    Parameters
    ----------
    encoder : transformers.Wav2Vec2Model, HubertModel or WavLMModel
        It becomes a part of this net, and is frozen as `trained_layers` says.
    n_outputs : int, default=4
        Number of classes or attributes.
    pooling : {"attentive_statistics", "mean", "max"}, default="attentive_statistics"
        From frames to one vector a clip, over valid frames only.
    head : {"mlp", "tanh", "linear"}, default="mlp"
        From a clip's vector to outputs: ``"mlp"`` is
        :class:`~sersk.nets.EmotionRegression` of report 000; ``"tanh"`` that of report
        003, dropout, linear layer, tanh, dropout, linear layer; ``"linear"`` that of
        report 001, two linear layers with nothing between.
    hidden_size : int or None, default=None
        Width of the head; None for that of the encoder.
    dropout : float, default=0.5
        Share of values that the head drops.
    trained_layers : int or "all", default="all"
        How many transformer layers are trained, from the last; ``"all"`` trains what is
        before them as well, 0 nothing of the encoder. What is not trained is not
        regularised either: it is as it is in use.
    train_front : bool, default=False
        Whether the convolutions are trained, which takes ``trained_layers="all"``.
    spec_augment : bool, default=True
        Whether spans of frames are masked in training, as many and as long as the
        encoder's configuration says, where all layers are trained.

    Raises
    ------
    ValueError
        If the encoder has fewer layers than are to be trained, or a parameter is none
        of its options.

    References
    ----------
    Reports 000 (WavLM and attentive statistics), 001 and 003 (wav2vec 2.0) of
    :doc:`/user_guide/fine_tuning`.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import SpeechEncoderNet
    >>> from transformers import WavLMConfig, WavLMModel
    >>> config = WavLMConfig(
    ...     hidden_size=16,
    ...     num_hidden_layers=2,
    ...     num_attention_heads=2,
    ...     intermediate_size=32,
    ...     conv_dim=[8] * 7,
    ...     num_conv_pos_embeddings=8,
    ...     num_conv_pos_embedding_groups=2,
    ... )
    >>> net = SpeechEncoderNet(WavLMModel(config), n_outputs=3)
    >>> net(torch.zeros(2, 16_000), torch.tensor([16_000, 9_000])).shape
    torch.Size([2, 3])
    """

    encoder: Any

    def __init__(
        self,
        encoder: Any,
        n_outputs: int = 4,
        *,
        pooling: str = "attentive_statistics",
        head: str = "mlp",
        hidden_size: int | None = None,
        dropout: float = 0.5,
        trained_layers: int | str = "all",
        train_front: bool = False,
        spec_augment: bool = True,
    ) -> None:
        super().__init__()
        self.arguments = {
            "n_outputs": n_outputs,
            "pooling": pooling,
            "head": head,
            "hidden_size": hidden_size,
            "dropout": dropout,
            "trained_layers": trained_layers,
            "train_front": train_front,
            "spec_augment": spec_augment,
        }
        check_encoder(encoder)
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.fewest_samples = fewest_samples(encoder.config)
        self.pooling = _make_pooling(pooling, width)
        n_pooled = 2 * width if pooling == "attentive_statistics" else width
        self.head = _make_head(head, n_pooled, n_outputs, hidden_size or width, dropout)
        self.trained = trained_parts(encoder, trained_layers, train_front=train_front)
        freeze(encoder, self.trained)
        self.masks_spans = spec_augment and trained_layers == "all"
        self.train()

    def train(self, mode: bool = True) -> "SpeechEncoderNet":
        """Regularise what is trained, and nothing else.

        Parameters
        ----------
        mode : bool, default=True
            Whether to train.

        Returns
        -------
        self : SpeechEncoderNet
            This net.
        """
        super().train(mode)
        self.encoder.eval()
        for part in self.trained:
            part.train(mode)
        return self

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the outputs for each clip.

        Parameters
        ----------
        x : Tensor of shape (batch, samples)
            Waveforms at 16 kHz.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid samples, enough for one frame; None for all.

        Returns
        -------
        outputs : Tensor of shape (batch, n_outputs)
            Logits or attributes, without an activation.
        """
        x_lengths = check_waveforms(self.encoder, x, x_lengths)
        frames, lengths = run_front(self.encoder, x, x_lengths)
        hidden = self.encoder.feature_projection(frames)
        # Those of wav2vec 2.0 and WavLM give the frames before the projection too.
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        if self.training and self.masks_spans:
            hidden = self._mask_spans(hidden, lengths)
        valid = frame_mask(lengths, hidden.shape[1])
        hidden = run_layers(self.encoder, hidden, valid)
        return self.head(self.pooling(hidden, lengths))

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

    @classmethod
    def from_config(
        cls, config: dict[str, Any], arguments: dict[str, Any]
    ) -> "SpeechEncoderNet":
        """Make a net with random weights from what another one says of itself.

        Parameters
        ----------
        config : dict
            Configuration of the encoder, as its ``config.to_dict()`` gives it.
        arguments : dict
            The other arguments, as ``arguments`` of a net gives them.

        Returns
        -------
        net : SpeechEncoderNet
            To be filled with ``load_state_dict``.
        """
        return cls(make_encoder(config), **arguments)

    def __reduce__(self) -> tuple:
        """Pickle configurations and weights: parametrised layers cannot be pickled."""
        state = {name: value.cpu() for name, value in self.state_dict().items()}
        config = self.encoder.config.to_dict()
        return _rebuild, (config, self.arguments, state, self.training)


def _rebuild(
    config: dict[str, Any],
    arguments: dict[str, Any],
    state: dict[str, Tensor],
    training: bool,
) -> SpeechEncoderNet:
    # What is drawn here is overwritten, and must not be missed elsewhere.
    with torch.random.fork_rng(devices=[]):
        net = SpeechEncoderNet.from_config(config, arguments)
    net.load_state_dict(state)
    return net.train(training)


def _make_pooling(pooling: str, n_features: int) -> nn.Module:
    check_option("pooling", pooling, _POOLINGS)
    if pooling == "attentive_statistics":
        return AttentiveStatisticsPooling(n_features)
    return MaskedMeanPooling() if pooling == "mean" else MaskedMaxPooling()


def _make_head(
    head: str, n_features: int, n_outputs: int, hidden_size: int, dropout: float
) -> nn.Module:
    check_option("head", head, _HEADS)
    if head == "mlp":
        return EmotionRegression(
            n_features, n_outputs, hidden_size=hidden_size, dropout=dropout
        )
    layers = [nn.Linear(n_features, hidden_size), nn.Linear(hidden_size, n_outputs)]
    if head == "linear":
        return nn.Sequential(*layers)
    drop = nn.Dropout(dropout)
    return nn.Sequential(drop, layers[0], nn.Tanh(), drop, layers[1])
