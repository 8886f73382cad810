"""Checkpoints of text encoders to try things out with, where there is no other."""

import re
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from sersk.features._text_checkpoint import TEXT_ARCHITECTURES, TOKENIZER
from sersk.utils import import_optional, seeded_torch

_SIZE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
_MAX_LENGTH = 64
# What marks padding, beginning, end, and words that are not known.
_MARKS = {
    "bert": ("[PAD]", "[CLS]", "[SEP]", "[UNK]"),
    "roberta": ("<pad>", "<s>", "</s>", "<unk>"),
}


def make_random_text_encoder(
    folder: str | PathLike,
    texts: Iterable[str],
    architecture: str = "bert",
    *,
    random_state: int = 0,
) -> str:
    """Write the checkpoint of a text encoder with random weights.

    It has learned nothing: that texts of other words get other numbers is all that it
    can do. It is there to try a pipeline without a download.

    Parameters
    ----------
    folder : str or path
        Where to; made if it is not there.
    texts : iterable of str
        Texts whose words it knows; all others are one to it.
    architecture : {"bert", "roberta"}, default="bert"
        Which encoder: two layers of 32 features.
    random_state : int, default=0
        Seed of the weights; torch's own generator stays as it is.

    Returns
    -------
    folder : str
        As given, for ``TextEmbedding(model=...)``.

    Raises
    ------
    ValueError
        If the architecture is neither.

    Examples
    --------
    >>> import os, tempfile
    >>> from sersk.features import make_random_text_encoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(os.listdir(make_random_text_encoder(folder, ["never mind"])))
    ['config.json', 'model.safetensors', 'tokenizer.json']
    """
    if architecture not in TEXT_ARCHITECTURES:
        raise ValueError(
            f"architecture={architecture!r} must be one of "
            f"{', '.join(sorted(TEXT_ARCHITECTURES))}."
        )
    transformers = import_optional("transformers", extra="torch")
    marks = _MARKS[architecture]
    words = sorted(
        {word for text in texts for word in re.findall(r"\w+|[^\w\s]", text)}
    )
    numbers = {word: at for at, word in enumerate(dict.fromkeys((*marks, *words)))}
    model_class = getattr(transformers, TEXT_ARCHITECTURES[architecture])
    config = model_class.config_class(
        **_SIZE,
        vocab_size=len(numbers),
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        # RoBERTa numbers positions from the one after padding.
        max_position_embeddings=_MAX_LENGTH + (architecture == "roberta"),
    )
    with seeded_torch(random_state):
        model = model_class(config, add_pooling_layer=False)
    Path(folder).mkdir(parents=True, exist_ok=True)
    from sersk.features._torch_encoder import quiet

    with quiet():
        model.save_pretrained(folder)
    _make_tokenizer(numbers, marks).save(str(Path(folder) / TOKENIZER))
    return fspath(folder)


def _make_tokenizer(numbers: dict[str, int], marks: tuple[str, ...]) -> Any:
    """Return a tokenizer of whole words, which marks both ends of a text."""
    tokenizers = import_optional("tokenizers", extra="torch")
    _, begin, end, unknown = marks
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel(numbers, unk_token=unknown)
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, 1), (end, 2)]
    )
    return tokenizer
