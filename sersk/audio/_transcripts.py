"""What is said in clips, as they carry it."""

import re
import string
from typing import Any

import pandas as pd

from sersk.audio._clips import AudioClips

_COLUMN = "transcript"
_UNWANTED = re.compile(f"[^\\x00-\\x7f]|[{re.escape(string.punctuation)}]")


def read_transcripts(clips: AudioClips, *, clean: bool = False) -> list[str]:
    """Return what is said in each clip; no audio is opened.

    Parameters
    ----------
    clips : AudioClips
        Clips with a column ``transcript``.
    clean : bool, default=False
        Whether punctuation and what is not ASCII is left out, and white space between
        words is one blank, as in report 003.

    Returns
    -------
    texts : list of str
        One a clip; without a word where nothing is known to be said. What no encoding
        knows is a question mark.

    Raises
    ------
    ValueError
        If the clips carry no transcripts.

    See Also
    --------
    sersk.features.TextEmbedding : Makes rows of them.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.audio import read_transcripts
    >>> clips = AudioClips.from_texts(["What a day!", ""])
    >>> read_transcripts(clips), read_transcripts(clips, clean=True)
    (['What a day!', ''], ['What a day', ''])
    """
    if _COLUMN not in clips.columns:
        raise ValueError(
            f"X carries no column {_COLUMN!r} (columns: "
            f"{', '.join(clips.columns) or 'none'}). Give it with "
            f"clips.with_columns({{{_COLUMN!r}: [...]}}), or make clips of texts "
            "alone with AudioClips.from_texts."
        )
    texts = [_as_text(value) for value in clips.columns[_COLUMN]]
    return [_cleaned(text) for text in texts] if clean else texts


def _as_text(value: Any) -> str:
    text = "" if not isinstance(value, str) and pd.isna(value) else str(value)
    # Neither a tokenizer nor a digest takes what cannot be encoded.
    return text.encode("utf-8", "replace").decode()


def _cleaned(text: str) -> str:
    return " ".join(_UNWANTED.sub("", text).split())
