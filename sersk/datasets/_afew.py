"""Acted facial expressions in the wild: clips of films."""

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import name_some
from sersk.datasets._finding import Finding
from sersk.datasets._loading import CorpusFormat, as_loaded
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._tree import LeftOut, Row, load_tree, where_is

EMOTIONS = ("Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
PARTITIONS = {"Train_AFEW": "train", "Val_AFEW": "dev"}

# Release 4.0, train and validation; other releases have other numbers of clips.
PUBLISHED = PublishedCounts(
    per_class={
        "angry": 156,
        "disgust": 106,
        "fear": 113,
        "happy": 171,
        "neutral": 167,
        "sad": 145,
        "surprise": 103,
    },
    is_exact=False,
)

_IDENTIFIER = re.compile("[0-9]+")
_EMOTIONS = {emotion.lower(): emotion for emotion in EMOTIONS}
_SETS = {name.lower(): name for name in PARTITIONS}


class AfewName(NamedTuple):
    """What folders and name of an AFEW clip say, from the outside inwards."""

    subset: str
    emotion: str
    identifier: str

    @classmethod
    def parse(cls, folders: Sequence[str], stem: str) -> "AfewName":
        """Read the folders around a file and its name, or raise LeftOut."""
        subset, emotion = (name.lower() for name in ("", "", *folders)[-2:])
        if subset not in _SETS or emotion not in _EMOTIONS:
            raise LeftOut("in no folder 'Train_AFEW/<emotion>' or 'Val_AFEW/<emotion>'")
        if _IDENTIFIER.fullmatch(stem) is None:
            raise LeftOut("no name of an AFEW clip, which is a number")
        return cls(_SETS[subset], _EMOTIONS[emotion], stem)

    def format(self) -> str:
        """Return folders and file name, without the suffix."""
        return "/".join(self)


def _row(path: PurePath) -> dict[str, Any]:
    name = AfewName.parse(path.parts[:-1], path.stem)
    return {
        "utterance": name.format(),
        "label": name.emotion.lower(),
        "partition": PARTITIONS[name.subset],
    }


def _review(rows: Sequence[Row], folder: str) -> list[Finding]:
    """Report the clips that are there twice, with one name in two folders."""
    files: dict[str, list[str]] = {}
    for row in rows:
        files.setdefault(where_is(row["file"]).stem, []).append(row["file"])
    twice = [file for group in files.values() if len(group) > 1 for file in group]
    if not twice:
        return []
    message = (
        "One clip in both sets or in two emotions, though each is published once: "
        f"{name_some(twice, folder)}."
    )
    return [Finding("contradiction", message, tuple(twice))]


AFEW = CorpusFormat(
    name="afew",
    title="AFEW",
    layout="'Train_AFEW/Angry/000046280.avi', 'Val_AFEW/Sad/...' and so on, as AVI, "
    "WAV or FLAC",
    language="English",
    licence="academic research only, by agreement",
    access="https://cs.anu.edu.au/few/AFEW.html, on request",
    schemes=("afew", "six-merge", "four-merge", "three-merge", "valence3"),
    published={"afew": PUBLISHED},
)


def load_afew(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "afew",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load acted facial expressions in the wild (AFEW) from a folder.

    961 clips of films in release 4.0: angry 156, disgust 106, fear 113, happy 171,
    neutral 167, sad 145, surprise 103. Emotion and partition are those of the
    folders. No audio is opened. Clips are sorted by partition and emotion.

    Parameters
    ----------
    root : path
        Folder that holds ``Train_AFEW`` and ``Val_AFEW``, or a folder above or below.
    scheme : str or LabelScheme, default="afew"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance`` (``"Train_AFEW/Angry/000046280"``), ``label``, ``emotion`` and
        ``partition`` (``"train"``, or ``"dev"`` for ``Val_AFEW``). Speakers are not
        published.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no clip.

    Warns
    -----
    CorpusWarning
        If clips are missing or are video, there are more than in release 4.0, one is
        in both sets or in two emotions, or files were left out; ``corpus.problems``
        lists them.

    Notes
    -----
    Nothing says who speaks, so no split can be promised to keep speakers apart: a
    random one certainly does not, since a film has several clips. Evaluate with
    ``PredefinedPartition(test="dev")``, the partition of the authors. The test set is
    published without labels and left out.

    The clips are published as video with the music and noise of the films. Write
    their sound to WAV files beside them; of a WAV and an AVI of one clip, the WAV is
    taken.

    References
    ----------
    A. Dhall, R. Goecke, S. Lucey and T. Gedeon, "Collecting large, richly annotated
    facial-expression databases from movies", IEEE MultiMedia 19(3), 2012.
    https://doi.org/10.1109/MMUL.2012.26

    Examples
    --------
    >>> from sersk.datasets import load_afew
    >>> from sersk.model_selection import PredefinedPartition
    >>> corpus = load_afew("path/to/afew")  # doctest: +SKIP
    >>> cv = PredefinedPartition(test="dev")
    """
    corpus = load_tree(
        root,
        AFEW,
        _row,
        scheme=scheme,
        sampling_rate=sampling_rate,
        video=True,
        review=_review,
    )
    return as_loaded(corpus, return_X_y)
