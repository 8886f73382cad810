"""Clips as a net reads them: their transcripts, cut into tokens batch by batch."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sersk.audio import AudioClips, read_transcripts
from sersk.estimators._fine_tuning_batches import Batch, make_batches
from sersk.utils import AudioError


@dataclass(frozen=True)
class TranscriptReader:
    """How transcripts are given to a net.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        What cuts them, and marks their ends; nobody else may set it.
    pad : int
        The token that fills up shorter texts.
    clean : bool
        Whether punctuation and what is not ASCII is left out.
    """

    tokenizer: Any
    pad: int
    clean: bool

    def read(self, clips: AudioClips, indices: np.ndarray, size: int) -> list[Batch]:
        """Return some clips in batches of a size, longest first to pad little."""
        texts = read_transcripts(clips[indices], clean=self.clean)
        found = self.tokenizer.encode_batch(texts)
        tokens = [np.array(one.ids, dtype=np.int64) for one in found]
        return make_batches(tokens, size, fill=self.pad)

    def describe(self, length: int) -> str:
        """Say what tokens of this number are, and which parameter bounds them."""
        return f"a text of {length} tokens (see max_length)"


def check_words(clips: AudioClips, *, clean: bool) -> None:
    """Raise where clips have no transcript, or one without a word."""
    texts = read_transcripts(clips, clean=clean)
    silent = [index for index, text in enumerate(texts) if not text.strip()]
    if silent:
        raise AudioError(
            f"{clips.describe(silent[0])} has no word of a transcript, one of "
            f"{len(silent)} such clips. Drop them, or pass on_missing='empty'.",
            indices=silent,
        )
