"""The Berlin database of emotional speech."""

import re
from os import PathLike
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._loading import CorpusFormat, as_loaded
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._tree import LeftOut, load_tree

SENTENCES = ("a01", "a02", "a04", "a05", "a07", "b01", "b02", "b03", "b09", "b10")
MALE = ("03", "10", "11", "12", "15")
FEMALE = ("08", "09", "13", "14", "16")

# The letters are the initials of the German words.
EMOTIONS = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happy",
    "N": "neutral",
    "T": "sad",
}

PUBLISHED = PublishedCounts(
    per_class={
        "anger": 127,
        "boredom": 81,
        "disgust": 46,
        "fear": 69,
        "happy": 71,
        "neutral": 79,
        "sad": 62,
    },
    per_speaker={
        "03": 49,
        "08": 58,
        "09": 43,
        "10": 38,
        "11": 55,
        "12": 35,
        "13": 61,
        "14": 69,
        "15": 56,
        "16": 71,
    },
)

_PATTERN = re.compile(
    f"({'|'.join(sorted(MALE + FEMALE))})({'|'.join(SENTENCES)})"
    f"([{''.join(EMOTIONS)}])([a-z])"
)


class EmoDBName(NamedTuple):
    """What the name of an EmoDB file says, in the order it says it."""

    speaker: str
    sentence: str
    letter: str
    version: str

    @classmethod
    def parse(cls, stem: str) -> "EmoDBName":
        """Read a file name without its suffix, or raise LeftOut."""
        match = _PATTERN.fullmatch(stem)
        if match is None:
            raise LeftOut("no name of an EmoDB clip")
        return cls(*match.groups())

    def format(self) -> str:
        """Return the file name without its suffix."""
        return "".join(self)


def row_of(path: PurePath) -> dict[str, Any]:
    """Return what the path of a clip says, or raise LeftOut."""
    name = EmoDBName.parse(path.stem)
    return {
        "utterance": path.stem,
        "label": EMOTIONS[name.letter],
        "speaker": name.speaker,
        "gender": "male" if name.speaker in MALE else "female",
        "sentence": name.sentence,
        "version": name.version,
    }


EMODB = CorpusFormat(
    name="emodb",
    title="EmoDB",
    layout="'wav/03a01Fa.wav' and so on, or the files themselves, as WAV or FLAC",
    language="German",
    licence="CC BY 4.0, as on Zenodo; free for research, with citation",
    access="fetch_emodb, or https://zenodo.org/records/7447302",
    schemes=("emodb", "six-merge", "four-merge", "three-merge", "valence3"),
    published={"emodb": PUBLISHED},
    largest=535,
)


def load_emodb(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "emodb",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the Berlin database of emotional speech (EmoDB) from a folder.

    535 clips of 10 speakers, who say 10 German sentences in seven emotions: anger
    127, boredom 81, disgust 46, fear 69, happy 71, neutral 79, sad 62. No audio is
    opened. Clips are sorted by file name.

    Parameters
    ----------
    root : path
        Folder of the corpus, or its folder ``wav``.
    scheme : str or LabelScheme, default="emodb"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 16000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance``, ``emotion``, ``label``, ``speaker`` (``"03"`` to ``"16"``),
        ``gender``, ``sentence`` (``"a01"`` to ``"b10"``) and ``version``. There are
        no sessions.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no clip, or if a class or a speaker
        has more clips than were published.

    Warns
    -----
    CorpusWarning
        If clips are missing, or files were left out; ``corpus.problems`` lists them.

    Notes
    -----
    All speakers say the same sentences, and 61 clips are a speaker's second or third
    version of a sentence with one emotion, so a random split shares both speakers
    and sentences between training and test.

    References
    ----------
    F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier and B. Weiss, "A database of
    German emotional speech", Interspeech 2005. http://emodb.bilderbar.info

    Examples
    --------
    >>> from sersk.datasets import load_emodb
    >>> corpus = load_emodb("path/to/emodb")  # doctest: +SKIP
    >>> corpus.clips.speaker[:2]  # doctest: +SKIP
    array(['03', '03'], dtype=object)
    """
    corpus = load_tree(root, EMODB, row_of, scheme=scheme, sampling_rate=sampling_rate)
    return as_loaded(corpus, return_X_y)
