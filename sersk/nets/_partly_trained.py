"""Pretrained encoders of transformers of which some layers are trained."""

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import nn

_MODELS = {
    "bert": "BertModel",
    "hubert": "HubertModel",
    "roberta": "RobertaModel",
    "wav2vec2": "Wav2Vec2Model",
    "wavlm": "WavLMModel",
}


class PartlyTrained(nn.Module):
    """Hold an encoder, of which nothing but some parts is trained.

    A subclass takes the encoder and arguments, which it names in `arguments`.
    """

    encoder: Any
    arguments: dict[str, Any]

    def __init__(self, encoder: Any, trained: list[nn.Module]) -> None:
        super().__init__()
        self.encoder = encoder
        self.trained = trained
        encoder.requires_grad_(False)
        for part in trained:
            part.requires_grad_(True)

    def train(self, mode: bool = True) -> Self:
        """Regularise what is trained, and nothing else.

        Parameters
        ----------
        mode : bool, default=True
            Whether to train.

        Returns
        -------
        self : torch.nn.Module
            This net.
        """
        super().train(mode)
        self.encoder.eval()
        for part in self.trained:
            part.train(mode)
        return self

    @classmethod
    def from_config(cls, config: dict[str, Any], arguments: dict[str, Any]) -> Self:
        """Make a net with random weights from what another one says of itself.

        Parameters
        ----------
        config : dict
            Configuration of the encoder, as its ``config.to_dict()`` gives it.
        arguments : dict
            The other arguments, as ``arguments`` of a net gives them.

        Returns
        -------
        net : torch.nn.Module
            To be filled with ``load_state_dict``.
        """
        return cls(make_encoder(config), **arguments)


def last_layers(layers: Sequence[nn.Module], wanted: int | str) -> list[nn.Module]:
    """Return the last layers of an encoder, as many as are wanted."""
    if isinstance(wanted, str) or not 0 <= wanted <= len(layers):
        raise ValueError(
            f"trained_layers={wanted!r}, but the encoder has {len(layers)} layers. "
            'Pass a number up to that, or "all".'
        )
    return list(layers[len(layers) - wanted :])


def check_type(encoder: Any, types: Sequence[str]) -> None:
    """Raise unless an encoder is of a type that a net takes."""
    if encoder.config.model_type not in types:
        raise ValueError(
            f"encoder is a {type(encoder).__name__}; this net takes one of "
            f"{', '.join(types)}."
        )


def make_encoder(config: dict[str, Any]) -> Any:
    """Return the encoder of a configuration of transformers, with random weights."""
    model = _MODELS.get(config.get("model_type", ""), "AutoModel")
    transformers = _import_transformers(model)
    masks = {
        name: config[name]
        for name in ("mask_feature_prob", "mask_time_prob")
        if name in config
    }
    # The vector of what is masked would be drawn even where tensors hold nothing.
    unmasked = config | dict.fromkeys(masks, 0.0)
    described = transformers.AutoConfig.for_model(**unmasked)
    encoder = transformers.AutoModel.from_config(described)
    encoder.config.update(masks)
    if any(masks.values()):
        vector = torch.rand(encoder.config.hidden_size)
        encoder.masked_spec_embed = nn.Parameter(vector)
    return encoder


def _import_transformers(model: str) -> Any:
    """Return transformers with a class imported; as utils do it, for nets alone."""
    import transformers

    try:
        for name in ("AutoConfig", "AutoModel", model):
            getattr(transformers, name)
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        raise ImportError(
            f"transformers cannot import {model}: {type(cause).__name__}: {cause}. "
            "That is mostly a torchvision or torchaudio that was built for another "
            f"torch than {torch.__version__}. Neither is needed here: pip uninstall "
            "torchvision torchaudio"
        ) from error
    return transformers
