"""A pretrained encoder of text with a head, from tokens on."""

from typing import Any

import torch
from torch import Tensor, nn

from sersk.nets._lengths import check_lengths, frame_mask
from sersk.nets._options import check_option
from sersk.nets._partly_trained import PartlyTrained, check_type, last_layers

_POOLINGS = ("cls", "mean")
_TYPES = ("bert", "roberta")


class TextEncoderNet(PartlyTrained):
    """Encode tokens, pool those of each text, and map them to outputs.

    A text has the same outputs whatever it is batched with: padding is not attended to,
    and not pooled.

    Parameters
    ----------
    encoder : transformers.BertModel or RobertaModel
        It becomes a part of this net, and is frozen as `trained_layers` says. A pooling
        layer of its own is not used.
    n_outputs : int, default=4
        Number of classes.
    pooling : {"cls", "mean"}, default="cls"
        From tokens to one vector a text: the first, which stands for it, or their mean.
    dropout : float, default=0.1
        Share of that vector's values that are dropped before the last layer.
    trained_layers : int or "all", default="all"
        How many transformer layers are trained, from the last; ``"all"`` trains the
        vectors of words as well, 0 nothing of the encoder. What is not trained is not
        regularised either.

    Raises
    ------
    ValueError
        If the encoder is of another kind or has fewer layers than are to be trained, or
        a parameter is none of its options.

    References
    ----------
    Report 003 (BERT and RoBERTa) of :doc:`/user_guide/fine_tuning`.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import TextEncoderNet
    >>> from transformers import BertConfig, BertModel
    >>> config = BertConfig(
    ...     vocab_size=20,
    ...     hidden_size=16,
    ...     num_hidden_layers=2,
    ...     num_attention_heads=2,
    ...     intermediate_size=32,
    ... )
    >>> net = TextEncoderNet(BertModel(config), n_outputs=3)
    >>> net(torch.tensor([[1, 5, 2], [1, 2, 0]]), torch.tensor([3, 2])).shape
    torch.Size([2, 3])
    """

    n_embedded: int

    def __init__(
        self,
        encoder: Any,
        n_outputs: int = 4,
        *,
        pooling: str = "cls",
        dropout: float = 0.1,
        trained_layers: int | str = "all",
    ) -> None:
        check_option("pooling", pooling, _POOLINGS)
        check_type(encoder, _TYPES)
        super().__init__(encoder, _trained_parts(encoder, trained_layers))
        self.arguments = {
            "n_outputs": n_outputs,
            "pooling": pooling,
            "dropout": dropout,
            "trained_layers": trained_layers,
        }
        # What transformers puts behind the layers has no gradient here.
        self.encoder.pooler = None
        _fill_buffers(encoder.embeddings)
        self.pooling = pooling
        self.n_embedded = encoder.config.hidden_size
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(self.n_embedded, n_outputs)
        )
        self.train()

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the outputs for each text.

        Parameters
        ----------
        x : Tensor of int64 of shape (batch, tokens)
            Numbers of tokens, those that mark the ends of a text among them.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid tokens; None for all.

        Returns
        -------
        outputs : Tensor of shape (batch, n_outputs)
            Logits.
        """
        return self.head(self.embed(x, x_lengths))

    def embed(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the vector of each text that the head makes outputs of.

        Parameters
        ----------
        x : Tensor of int64 of shape (batch, tokens)
            Numbers of tokens.
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid tokens; None for all.

        Returns
        -------
        vectors : Tensor of shape (batch, hidden_size)
            One row a text.

        Raises
        ------
        ValueError
            If `x` is no matrix, or a length is none of its texts.
        """
        if x.ndim != 2:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; this net takes tokens (batch, tokens)."
            )
        check_lengths(x_lengths, *x.shape)
        if x_lengths is None:
            x_lengths = torch.full((len(x),), x.shape[1], device=x.device)
        valid = frame_mask(x_lengths, x.shape[1])
        # RoBERTa numbers positions by what is no padding.
        x = x.masked_fill(~valid, self.encoder.config.pad_token_id or 0)
        hidden = self.encoder(input_ids=x, attention_mask=valid.long())[0]
        if self.pooling == "cls":
            return hidden[:, 0]
        total = hidden.masked_fill(~valid[..., None], 0.0).sum(1)
        return total / x_lengths[:, None]


def _fill_buffers(embeddings: Any) -> None:
    """Give values to what no file of weights has, where the net was made without."""
    if embeddings.position_ids.is_meta:
        n_positions = embeddings.position_ids.shape[1]
        places = torch.arange(n_positions, device="cpu").expand(1, -1)
        embeddings.position_ids = places
        embeddings.token_type_ids = torch.zeros_like(places, device="cpu")


def _trained_parts(encoder: Any, trained_layers: int | str) -> list[nn.Module]:
    """Return the modules of an encoder that are trained."""
    if trained_layers == "all":
        return [encoder.embeddings, encoder.encoder]
    return last_layers(encoder.encoder.layer, trained_layers)
