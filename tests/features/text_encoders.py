"""Small BERT and RoBERTa checkpoints with random weights, and their tokenizers."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

_SMALL: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "vocab_size": 40,
    "hidden_dropout_prob": 0.1,
}
_WORDS = (
    *("what", "a", "day", "never", "mind", "i", "am", "happy", "sad", "angry"),
    *("so", "very", "dont", "not"),
)
# Architecture: classes, what marks beginning, padding and end, and the most tokens.
_KINDS = {
    "bert": (BertModel, BertConfig, ("[CLS]", "[PAD]", "[SEP]"), 32),
    # It numbers positions from the one after padding.
    "roberta": (RobertaModel, RobertaConfig, ("<s>", "<pad>", "</s>"), 34),
}


def write_text_encoder(folder: Any, kind: str = "bert", seed: int = 0) -> str:
    """Write a checkpoint of two layers that knows a few words; return its folder."""
    model, config, (begin, pad, end), n_positions = _KINDS[kind]
    order = [begin, pad, end] if kind == "roberta" else [pad, begin, end]
    words = {word: at for at, word in enumerate([*order, "[UNK]", *_WORDS])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = [(begin, words[begin]), (end, words[end])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=marks
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = model(
            config(
                **_SMALL,
                max_position_embeddings=n_positions,
                pad_token_id=words[pad],
                bos_token_id=words[begin],
                eos_token_id=words[end],
            )
        )
    net.save_pretrained(folder)
    tokenizer.save(str(Path(folder) / "tokenizer.json"))
    return str(folder)
