"""The door to the miniature corpora."""

import os
from collections.abc import Callable
from os import PathLike

from sersk.datasets.testing._aesdd import write_aesdd
from sersk.datasets.testing._afew import write_afew
from sersk.datasets.testing._crema_d import write_crema_d
from sersk.datasets.testing._emodb import write_emodb
from sersk.datasets.testing._enterface import write_enterface
from sersk.datasets.testing._iemocap import write_iemocap
from sersk.datasets.testing._mosei import write_mosei
from sersk.datasets.testing._msp_podcast import write_msp_podcast
from sersk.datasets.testing._ravdess import write_ravdess
from sersk.datasets.testing._savee import write_savee
from sersk.datasets.testing._smile import write_smile
from sersk.datasets.testing._tess import write_tess

_WRITERS: dict[str, Callable[..., None]] = {
    "tess": write_tess,
    "savee": write_savee,
    "enterface": write_enterface,
    "crema-d": write_crema_d,
    "afew": write_afew,
    "aesdd": write_aesdd,
    "emodb": write_emodb,
    "ravdess": write_ravdess,
    "iemocap": write_iemocap,
    "mosei": write_mosei,
    "msp-podcast": write_msp_podcast,
    "smile": write_smile,
}


def make_tree(
    name: str,
    folder: str | PathLike,
    *,
    complete: bool = False,
    quirks: bool = False,
) -> str:
    """Write a corpus of tones with the names, folders and annotations of a real one.

    Nothing of the real corpus is in it but its grammar and its counts, so it can be
    shared, and every loader can be tested without the corpus.

    Parameters
    ----------
    name : str
        Name of the corpus, such as ``"iemocap"``.
    folder : path
        Where to; made if it is not there, and else empty.
    complete : bool, default=False
        Whether every clip of the published corpus is written, instead of a few of
        each class and speaker. The recordings last a tenth of a second.
    quirks : bool, default=False
        Whether the oddities are written that real copies have: files of macOS,
        copies, odd rates and channels, irregular names.

    Returns
    -------
    root : str
        What to give to the loader.

    Raises
    ------
    ValueError
        If there is no such corpus, or the folder holds something.

    See Also
    --------
    sersk.datasets.make_emotional_speech : Synthetic voices instead of tones.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.datasets import load_emodb
    >>> from sersk.datasets.testing import make_tree
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     corpus = load_emodb(make_tree("emodb", folder, complete=True))
    >>> len(corpus), corpus.problems
    (535, [])
    """
    if name not in _WRITERS:
        raise ValueError(
            f"There is no tree for {name!r}. There are {', '.join(_WRITERS)}."
        )
    root = os.path.abspath(os.path.expanduser(os.fsdecode(folder)))
    os.makedirs(root, exist_ok=True)
    if os.listdir(root):
        raise ValueError(f"folder={root!r} is not empty. Pass a new or empty folder.")
    _WRITERS[name](root, complete=complete, quirks=quirks)
    return root
