"""Clips of which only the words are known."""

from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from sersk.utils import AudioError, sha256


class TextSource:
    """Texts without audio: a collection to be sliced and split like any other.

    Parameters
    ----------
    texts : ndarray of str objects of shape (n_clips,)
        What was said or written.
    """

    def __init__(self, texts: np.ndarray) -> None:
        self.texts = texts

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)

    def read(self, index: int, max_duration: float) -> NoReturn:
        """Refuse: there is nothing to hear."""
        raise AudioError(
            "has no audio, only a text. Use its transcript, or a corpus with "
            "recordings."
        )

    def digest(self, index: int) -> str:
        """Digest the text."""
        return sha256("text", self.texts[index].encode("utf-8", "surrogatepass"))

    def name(self, index: int) -> None:
        """Return None: a text has no name."""

    def take(self, index: slice | np.ndarray) -> "TextSource":
        """Return a source of some of the texts."""
        return TextSource(self.texts[index])

    def table(self) -> dict[str, np.ndarray]:
        """Return no columns: there are no files."""
        return {}

    def extent(self) -> str:
        """Say that there is no audio."""
        return "without audio"


def make_text_source(texts: Sequence[str]) -> TextSource:
    """Take a sequence of texts, or raise naming the one that is none."""
    items = np.empty(len(texts), dtype=object)
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise AudioError(
                f"Clip {index} has {text!r} for a text. Pass a str, '' if nothing is "
                "known.",
                indices=[index],
            )
        # Halves of a character, of which files hold none.
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise AudioError(
                f"Clip {index} has {text!r:.80} for a text. It is no valid Unicode: "
                "read it again with the encoding that it was written in.",
                indices=[index],
            )
        items[index] = text
    return TextSource(items)
