"""The acted emotional speech dynamic database."""

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
from sersk.datasets._tree import LeftOut, Row, load_tree

EMOTIONS = {
    "a": "anger",
    "d": "disgust",
    "f": "fear",
    "h": "happiness",
    "s": "sadness",
}
N_SENTENCES = 20
# Published without samples: "No 'data' chunk".
UNREADABLE = "s05 (3)"

# The database grows: other releases have other numbers of clips.
PUBLISHED = PublishedCounts(
    per_class={
        "anger": 121,
        "disgust": 122,
        "fear": 120,
        "happiness": 119,
        "sadness": 122,
    },
    per_speaker={"1": 100, "2": 100, "3": 98, "4": 99, "5": 107, "6": 100},
    is_exact=False,
)

_PATTERN = re.compile(r"([adfhs])([0-9]{2}) \(0*([1-9][0-9]*)\)([a-z]?)")


class AesddName(NamedTuple):
    """What the name of an AESDD file says, in the order it says it."""

    letter: str
    sentence: str
    speaker: str
    version: str

    @classmethod
    def parse(cls, stem: str) -> "AesddName":
        """Read a file name without its suffix, or raise LeftOut."""
        match = _PATTERN.fullmatch(stem)
        if match is None:
            raise LeftOut("no name of an AESDD clip")
        return cls(*match.groups())

    def format(self) -> str:
        """Return the file name without its suffix, without zeros before the speaker."""
        return f"{self.letter}{self.sentence} ({self.speaker}){self.version}"


def _row(path: PurePath) -> dict[str, Any]:
    name = AesddName.parse(path.stem)
    folder = path.parent.name.lower()
    if folder in EMOTIONS.values() and folder != EMOTIONS[name.letter]:
        raise LeftOut("its folder is that of another emotion")
    if name.format() == UNREADABLE:
        raise LeftOut("without samples, as it is published")
    return {
        "utterance": name.format(),
        "label": EMOTIONS[name.letter],
        "speaker": name.speaker,
        "sentence": name.sentence,
        "version": name.version,
    }


def _is_new(row: Row) -> bool:
    is_known = 1 <= int(row["sentence"]) <= N_SENTENCES
    return not is_known or row["speaker"] not in PUBLISHED.per_speaker


def _review(rows: Sequence[Row], folder: str) -> list[Finding]:
    """Report what may be of a later release, or may be misnamed."""
    files = [row["file"] for row in rows if _is_new(row)]
    if not files:
        return []
    message = (
        f"Of a speaker beyond {len(PUBLISHED.per_speaker)} or a sentence beyond "
        f"{N_SENTENCES}, which are all that were counted: {name_some(files, folder)}."
    )
    return [Finding("release", message, tuple(files))]


AESDD = CorpusFormat(
    name="aesdd",
    title="AESDD",
    layout="'anger/a01 (1).wav' and so on, or the files themselves, as WAV or FLAC",
    language="Greek",
    licence="free for research, with citation",
    access="http://m3c.web.auth.gr/research/aesdd-speech-emotion-recognition/, open "
    "download",
    schemes=("aesdd", "six-merge", "valence3"),
    published={"aesdd": PUBLISHED},
)


def load_aesdd(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "aesdd",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the acted emotional speech dynamic database (AESDD) from a folder.

    604 clips of six actors, who say 20 Greek sentences in five emotions: anger 121,
    disgust 122, fear 120, happiness 119, sadness 122. No audio is opened. Clips are
    sorted by file name.

    Parameters
    ----------
    root : path
        Folder that holds ``anger``, ``disgust`` and so on, or a folder above or below.
    scheme : str or LabelScheme, default="aesdd"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 44100 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance`` (``"a06 (5)b"``, without zeros before the speaker), ``label``,
        ``emotion``, ``speaker`` (``"1"`` to ``"6"``), ``sentence`` (``"01"`` to
        ``"20"``, the same in all emotions) and ``version`` (``"b"``, mostly empty).
        There are no sessions, and gender is not published by actor.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no clip.

    Warns
    -----
    CorpusWarning
        If clips are missing, there are more than were counted, or others than those
        of six speakers and 20 sentences, or files were left out; ``corpus.problems``
        lists them.

    Notes
    -----
    The number in brackets is the speaker. Some names have a letter behind it, or a
    zero before it: ``a06 (5)b.wav`` is another take of speaker 5, and
    ``f10 (01).wav`` is the clip ``f10 (1)`` of speaker 1. Whoever takes the text in
    brackets for the speaker finds nine speakers instead of six, and shares them
    between folds.

    ``s05 (3).wav`` is published without samples. It is left out and reported, so a
    complete copy has 604 clips in 605 files.

    References
    ----------
    N. Vryzas, R. Kotsakis, A. Liatsou, C. A. Dimoulas and G. Kalliris, "Speech emotion
    recognition for performance interaction", Journal of the Audio Engineering Society
    66(6), 2018. https://doi.org/10.17743/jaes.2018.0036

    Examples
    --------
    >>> from sersk.datasets import load_aesdd
    >>> corpus = load_aesdd("path/to/aesdd")  # doctest: +SKIP
    >>> corpus.counts().sum().tolist()  # doctest: +SKIP
    [100, 100, 98, 99, 107, 100]
    """
    corpus = load_tree(
        root,
        AESDD,
        _row,
        scheme=scheme,
        sampling_rate=sampling_rate,
        review=_review,
    )
    return as_loaded(corpus, return_X_y)
