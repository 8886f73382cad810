"""Loading a text encoder for whoever trains it."""

from os import PathLike
from typing import Any, NamedTuple

from sersk.features._text_checkpoint import find_text_checkpoint
from sersk.utils import import_optional


class LoadedTextEncoder(NamedTuple):
    """An encoder, its tokenizer, the token that pads, and the most tokens it takes."""

    encoder: Any
    tokenizer: Any
    pad: int
    max_length: int


def load_text_encoder(
    model: str | PathLike, *, revision: str | None = None
) -> LoadedTextEncoder:
    """Load BERT or RoBERTa as a torch module, and what cuts texts for it.

    Its weights are in single precision and on the CPU. Only safetensors are read, and
    nothing that comes with a checkpoint is executed.

    Parameters
    ----------
    model : str or path
        A folder with ``tokenizer.json``, or a name on the Hugging Face hub.
    revision : str or None, default=None
        Commit, tag or branch on the hub.

    Returns
    -------
    loaded : LoadedTextEncoder
        ``encoder``, a transformers.BertModel or RobertaModel in evaluation mode that
        nobody else has; ``tokenizer``, a tokenizers.Tokenizer; ``pad``, the number of
        the token that fills up; and ``max_length``, the most tokens of a text.

    Raises
    ------
    ValueError
        If there is no such checkpoint, it is damaged, incomplete or no text encoder,
        or it asks for code of its own.

    See Also
    --------
    sersk.features.TextEmbedding : Use an encoder as it is.
    sersk.estimators.TextEncoderClassifier : Train it.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.features import load_text_encoder, make_random_text_encoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     loaded = load_text_encoder(make_random_text_encoder(folder, ["a day"]))
    >>> type(loaded.encoder).__name__, loaded.tokenizer.encode("a day").ids
    ('BertModel', [1, 4, 5, 2])
    """
    import_optional("torch", extra="torch")
    checkpoint = find_text_checkpoint(model, revision)
    from sersk.features import _torch_text

    return LoadedTextEncoder(
        _torch_text.load_model(checkpoint),
        _torch_text.load_tokenizer(checkpoint),
        checkpoint.pad,
        checkpoint.max_length,
    )
