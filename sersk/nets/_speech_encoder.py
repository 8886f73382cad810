"""A pretrained encoder of speech, with pooling and a head, from waveforms on."""

from typing import Any

from torch import Tensor, nn

from sersk.nets._encoder_parts import check_waveforms
from sersk.nets._heads import EmotionRegression
from sersk.nets._options import check_option
from sersk.nets._pooling import (
    AttentiveStatisticsPooling,
    MaskedMaxPooling,
    MaskedMeanPooling,
)
from sersk.nets._trained_encoder import TrainedEncoder

_POOLINGS = ("mean", "max", "attentive_statistics")
_HEADS = ("mlp", "tanh", "linear")


class SpeechEncoderNet(TrainedEncoder):
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
        super().__init__(
            encoder, trained_layers, train_front=train_front, spec_augment=spec_augment
        )
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
        width = encoder.config.hidden_size
        self.n_embedded = hidden_size or width
        self.pooling = _make_pooling(pooling, width)
        n_pooled = 2 * width if pooling == "attentive_statistics" else width
        self.head = _make_head(head, n_pooled, n_outputs, self.n_embedded, dropout)
        self.train()

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
        return _last_of(self.head)(self.embed(x, x_lengths))

    def embed(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the vector of each clip that the last layer makes outputs of.

        Parameters
        ----------
        x : Tensor of shape (batch, samples)
            Waveforms at 16 kHz.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid samples, enough for one frame; None for all.

        Returns
        -------
        vectors : Tensor of shape (batch, hidden_size)
            One row a clip.
        """
        x_lengths = check_waveforms(self.encoder, x, x_lengths)
        hidden, lengths = self.encode(x, x_lengths)
        return _without_last(self.head)(self.pooling(hidden, lengths))


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


def _without_last(head: Any) -> Any:
    return head.embed if isinstance(head, EmotionRegression) else head[:-1]


def _last_of(head: Any) -> Any:
    return head.out if isinstance(head, EmotionRegression) else head[-1]
