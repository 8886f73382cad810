"""Small BERT and RoBERTa checkpoints with random weights."""

from typing import Any

from sersk.features import make_random_text_encoder

_WORDS = "what a day never mind i am happy sad angry so very dont not"


def write_text_encoder(folder: Any, kind: str = "bert", seed: int = 0) -> str:
    """Write a checkpoint of two layers that knows a few words; return its folder."""
    return make_random_text_encoder(str(folder), [_WORDS], kind, random_state=seed)
