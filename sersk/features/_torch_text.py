"""Text encoders of transformers, run by torch; imported only when one is needed."""

import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from sersk.features._text_checkpoint import (
    TEXT_ARCHITECTURES,
    TOKENIZER,
    TextCheckpoint,
)
from sersk.features._torch_encoder import load_pretrained
from sersk.utils import import_optional, in_halves

_loading = threading.Lock()


class TextEncoder:
    """Cut texts into tokens, and encode them; one for all threads of a process."""

    def __init__(
        self, model: nn.Module, tokenizer: Any, checkpoint: TextCheckpoint, device: str
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.checkpoint = checkpoint
        self.device = torch.device(device)

    def embed(
        self, texts: Sequence[str], *, pooling: str, max_length: int, batch_size: int
    ) -> list[np.ndarray]:
        """Return a row of float32 a text.

        Parameters
        ----------
        texts : sequence of str
            What to encode.
        pooling : {"cls", "mean"}
            The first token, or the mean over all of a text.
        max_length : int
            Most tokens of a text, those that mark its ends among them.
        batch_size : int
            Texts that are encoded at once.

        Returns
        -------
        rows : list of ndarray of shape (n_features,)
            In the order of the texts.
        """
        tokens = self._tokenize(texts, max_length)
        # Texts of like length share a batch, so that little is padded.
        order = sorted(range(len(texts)), key=lambda at: -len(tokens[at]))
        rows: list[np.ndarray] = [np.empty(0)] * len(texts)
        for first in range(0, len(order), batch_size):
            batch = order[first : first + batch_size]
            embedded = in_halves(
                functools.partial(self._embed, pooling=pooling),
                [tokens[at] for at in batch],
                torch.OutOfMemoryError,
            )
            for at, row in zip(batch, embedded, strict=True):
                rows[at] = row
        return rows

    def _tokenize(self, texts: Sequence[str], max_length: int) -> list[list[int]]:
        # A tokenizer keeps its settings, and threads may want different ones.
        with _loading:
            self.tokenizer.no_padding()
            self.tokenizer.enable_truncation(max_length)
            return [found.ids for found in self.tokenizer.encode_batch(list(texts))]

    def _embed(self, batch: Sequence[list[int]], pooling: str) -> list[np.ndarray]:
        lengths = torch.tensor([len(tokens) for tokens in batch], device=self.device)
        ids = torch.full((len(batch), max(map(len, batch))), self.checkpoint.pad)
        for row, tokens in zip(ids, batch, strict=True):
            row[: len(tokens)] = torch.tensor(tokens)
        valid = torch.arange(ids.shape[1], device=self.device) < lengths[:, None]
        with torch.inference_mode():
            hidden = self.model(
                input_ids=ids.to(self.device), attention_mask=valid.long()
            ).last_hidden_state.float()
            if pooling == "cls":
                pooled = hidden[:, 0]
            else:
                total = hidden.masked_fill(~valid[..., None], 0.0).sum(1)
                pooled = total / lengths[:, None]
        return list(pooled.cpu().numpy())


def open_text_encoder(checkpoint: TextCheckpoint, device: str) -> TextEncoder:
    """Return this process's own encoder, which is loaded when it is first asked for.

    Parameters
    ----------
    checkpoint : TextCheckpoint
        Where it lies.
    device : str
        Where it runs.

    Returns
    -------
    encoder : TextEncoder
        Shared by all that ask for the same.

    Raises
    ------
    ValueError
        If weights are missing, the tokenizer cannot be read, or it knows more words
        than the encoder.
    """
    # Two threads would load it twice.
    with _loading:
        return _load(checkpoint, device)


@functools.lru_cache(maxsize=2)
def _load(checkpoint: TextCheckpoint, device: str) -> TextEncoder:
    tokenizer = load_tokenizer(checkpoint)
    model = load_model(checkpoint).requires_grad_(False).to(device)
    return TextEncoder(model, tokenizer, checkpoint, device)


def load_model(checkpoint: TextCheckpoint) -> nn.Module:
    """Return an encoder that nobody else has, in evaluation mode."""
    name = TEXT_ARCHITECTURES[checkpoint.architecture]
    return load_pretrained(name, checkpoint, "float32", {}, add_pooling_layer=False)


def load_tokenizer(checkpoint: TextCheckpoint) -> Any:
    """Return what cuts texts into tokens, or raise where it is of another encoder."""
    tokenizers = import_optional("tokenizers", extra="torch")
    path = Path(checkpoint.folder) / TOKENIZER
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
    # The library raises nothing more special.
    except Exception as error:
        raise ValueError(
            f"{path} cannot be read as a tokenizer: {error}. Download it again."
        ) from error
    if tokenizer.get_vocab_size() > checkpoint.n_words:
        raise ValueError(
            f"{path} knows {tokenizer.get_vocab_size()} words, but the encoder beside "
            f"it {checkpoint.n_words}. They belong to different checkpoints."
        )
    if not tokenizer.encode("").ids:
        raise ValueError(
            f"{path} does not mark where a text begins. Use the tokenizer that the "
            "encoder was trained with."
        )
    return tokenizer
