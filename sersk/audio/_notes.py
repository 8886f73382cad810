"""What is worth saying of a clip that can be used."""

from typing import NamedTuple


class Note(NamedTuple):
    """What an operation has to say of a clip that it changed.

    Notes travel with the clip to whoever reads many, who warns once.

    Parameters
    ----------
    fact : str
        What follows the number of clips that it concerns; the same for all of them.
    detail : str
        How much of it holds for this clip.
    remedy : str
        What to do about it, as a sentence.

    Examples
    --------
    >>> from sersk.audio import Note
    >>> note = Note("lose a half to trimming", "3.50 to 1.20 s", "Raise top_db.")
    >>> note.detail
    '3.50 to 1.20 s'
    """

    fact: str
    detail: str
    remedy: str
