"""Tiny encoders with random weights, in the place of those to be downloaded."""

import json
from pathlib import Path

from sersk.features import make_random_encoder
from sersk.utils import import_optional

_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}


def make_checkpoint(name: str, folder: Path) -> str:
    """Write a tiny checkpoint of the kind that a name tells, and return its folder.

    Parameters
    ----------
    name : str
        Such as ``"facebook/wav2vec2-base"``, or that of a WavLM, BERT or RoBERTa.
    folder : Path
        Where to; what is there already is taken as it is.

    Returns
    -------
    path : str
        A folder that transformers loads by ``from_pretrained``.
    """
    kind = next(
        kind for kind in ("wavlm", "wav2vec2", "roberta", "bert") if kind in name
    )
    path = folder / f"tiny-{kind}"
    if path.exists():
        return str(path)
    if kind in {"wavlm", "wav2vec2"}:
        return make_random_encoder(path, kind)
    path.mkdir(parents=True)
    torch = import_optional("torch", extra="torch")
    import_optional("transformers", extra="torch")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        (_bert if kind == "bert" else _roberta)(path)
    return str(path)


def _bert(path: Path) -> None:
    import transformers

    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = [*_WORDS, *letters, *(f"##{letter}" for letter in letters)]
    (path / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    transformers.BertTokenizer(str(path / "vocab.txt")).save_pretrained(path)
    config = transformers.BertConfig(**_TINY, vocab_size=len(words))
    transformers.BertModel(config).save_pretrained(path)


def _roberta(path: Path) -> None:
    import transformers
    from tokenizers.pre_tokenizers import ByteLevel

    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    # Every byte is a word: there are no merges.
    words += sorted(ByteLevel.alphabet())
    vocabulary = {word: code for code, word in enumerate(words)}
    (path / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (path / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    transformers.RobertaTokenizer(
        str(path / "vocab.json"), str(path / "merges.txt")
    ).save_pretrained(path)
    config = transformers.RobertaConfig(
        **_TINY, vocab_size=len(words), max_position_embeddings=514
    )
    transformers.RobertaModel(config).save_pretrained(path)
