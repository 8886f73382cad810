"""Small checkpoints with random weights, that are quick to train."""

from typing import Any

import torch
from transformers import Wav2Vec2Config, Wav2Vec2Model

# One frame of 20 ms, as in the published encoders, after three convolutions.
_SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "conv_dim": [32, 32, 32],
    "conv_kernel": [10, 8, 8],
    "conv_stride": [5, 8, 8],
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "layerdrop": 0.0,
    "mask_time_prob": 0.2,
    "mask_time_length": 2,
}
_LAYER = {"feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True}
_NO_DROPOUT = dict.fromkeys(
    ("hidden_dropout", "attention_dropout", "activation_dropout", "feat_proj_dropout"),
    0.0,
)


def write_encoder(folder: Any, *, dropout: bool = False, **changes: Any) -> str:
    """Write a wav2vec 2.0 of one layer, and return its folder."""
    drops = {} if dropout else _NO_DROPOUT
    config = Wav2Vec2Config(**{**_SMALL, **_LAYER, **drops, **changes})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        Wav2Vec2Model(config).save_pretrained(folder)
    return str(folder)
