"""Finding a text encoder's checkpoint and its tokenizer."""

import functools
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from sersk.features._checkpoint_files import (
    Stamps,
    check_sizes,
    digest_files,
    find_folder,
    find_weights,
    read_config,
    read_json,
    require,
)

# How config.json calls the architectures, and the classes of transformers.
TEXT_ARCHITECTURES = {"bert": "BertModel", "roberta": "RobertaModel"}
TOKENIZER = "tokenizer.json"

# Beyond the largest that there are.
_LARGEST = {
    "hidden_size": 65_536,
    "max_position_embeddings": 1_000_000,
    "vocab_size": 10_000_000,
}
_EXAMPLE = "bert-base-uncased"

_check_config = functools.partial(
    read_config, architectures=TEXT_ARCHITECTURES, kind="text encoder"
)


@dataclass(frozen=True)
class TextCheckpoint:
    """What is known of a checkpoint without loading it; equal ones are the same."""

    folder: str
    digest: str
    architecture: str
    n_features: int
    n_words: int
    max_length: int
    pad: int


def find_text_checkpoint(
    model: str | PathLike, revision: str | None = None
) -> TextCheckpoint:
    """Find a checkpoint in a folder or on the hub, and check its files.

    Parameters
    ----------
    model : str or path
        A folder, or a name on the Hugging Face hub.
    revision : str or None, default=None
        Commit, tag or branch on the hub; it does not concern a folder.

    Returns
    -------
    checkpoint : TextCheckpoint
        What its configuration says, and the digest of its files.

    Raises
    ------
    ValueError
        If there is no such checkpoint, a file is missing or damaged, its weights are
        no safetensors, it needs code of its own, or it is no text encoder.
    """
    return _read(*find_folder(model, revision, (TOKENIZER,), _EXAMPLE, _check_config))


@functools.lru_cache(maxsize=32)
def _read(folder: str, stamps: Stamps) -> TextCheckpoint:
    """Check and digest a checkpoint; once, as long as its files stay as they are."""
    names = {name for name, _, _ in stamps}
    config = _check_config(folder, names)
    require(folder, config, _LARGEST)
    check_sizes(folder, config, _LARGEST)
    weights = find_weights(folder, names)
    if TOKENIZER not in names:
        raise ValueError(
            f"{folder} holds no {TOKENIZER}, which says how words are cut. Write it "
            "with transformers: AutoTokenizer.from_pretrained(...).save_pretrained("
            "folder); or download it again."
        )
    pad = config.get("pad_token_id", 0) or 0
    # RoBERTa numbers positions from the one after that of padding.
    taken = pad + 1 if config["model_type"] == "roberta" else 0
    tokenizer = read_json(Path(folder) / TOKENIZER)
    return TextCheckpoint(
        folder=folder,
        digest=digest_files([config, tokenizer], weights),
        architecture=config["model_type"],
        n_features=config["hidden_size"],
        n_words=config["vocab_size"],
        max_length=config["max_position_embeddings"] - taken,
        pad=pad,
    )
