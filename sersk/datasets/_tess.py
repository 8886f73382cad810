"""The Toronto emotional speech set."""

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._finding import Finding
from sersk.datasets._loading import CorpusFormat, as_loaded
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._tree import LeftOut, Row, find_contradictions, load_tree

# "ps" is what the corpus calls pleasant surprise.
EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "ps", "sad")
AGES = {"OAF": 64, "YAF": 26}

PUBLISHED = PublishedCounts(
    per_class=dict.fromkeys(EMOTIONS, 400), per_speaker=dict.fromkeys(AGES, 1400)
)

# One recording of the older speaker was published as "OA_bite_neutral.wav".
_PATTERN = re.compile(f"(OAF?|YAF)_([a-z]+)_({'|'.join(EMOTIONS)})")
_FOLDER = re.compile("(oa|ya)f?_([a-z_]+)")
_SURPRISES = ("ps", "pleasant_surprise", "pleasant_surprised", "surprise", "surprised")


class TessName(NamedTuple):
    """What the name of a TESS file says, in the order it says it."""

    speaker: str
    word: str
    emotion: str

    @classmethod
    def parse(cls, stem: str) -> "TessName":
        """Read a file name without its suffix, or raise LeftOut."""
        match = _PATTERN.fullmatch(stem)
        if match is None:
            raise LeftOut("no name of a TESS clip")
        speaker, word, emotion = match.groups()
        return cls("OAF" if speaker == "OA" else speaker, word, emotion)

    def format(self) -> str:
        """Return the file name without its suffix, as it should be."""
        return "_".join(self)


def _row(path: PurePath) -> dict[str, Any]:
    name = TessName.parse(path.stem)
    return {
        "utterance": name.format(),
        "label": name.emotion,
        "speaker": name.speaker,
        "gender": "female",
        "sentence": name.word,
        "age": AGES[name.speaker],
    }


def _is_in_another_folder(path: PurePath, row: Row) -> bool:
    """Compare a clip with the speaker and, if it is one, the emotion of its folder."""
    match = _FOLDER.fullmatch(path.parent.name.lower())
    if match is None:
        return False
    speaker, emotion = match.groups()
    emotion = "ps" if emotion in _SURPRISES else emotion
    is_other = emotion in EMOTIONS and emotion != row["label"]
    return is_other or not row["speaker"].lower().startswith(speaker)


def _review(rows: Sequence[Row], folder: str) -> list[Finding]:
    return find_contradictions(rows, folder, _is_in_another_folder, taken="file name")


TESS = CorpusFormat(
    name="tess",
    title="TESS",
    layout="'OAF_angry/OAF_back_angry.wav' and so on, in any folders, as WAV or FLAC",
    language="English",
    licence="CC BY-NC-ND 4.0",
    access="https://doi.org/10.5683/SP2/E8H2MF, open download",
    schemes=("tess", "six-merge", "four-merge", "three-merge", "valence3"),
    published={"tess": PUBLISHED},
    largest=2800,
)


def load_tess(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "tess",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the Toronto emotional speech set (TESS) from a folder.

    2800 clips of two actresses, who say "Say the word ..." with 200 English words in
    seven emotions: angry, disgust, fear, happy, neutral, ps (pleasant surprise) and
    sad 400 each. All is read from the file names, so the folders may be missing or
    have any names. No audio is opened. Clips are sorted by file name.

    Parameters
    ----------
    root : path
        Folder of the corpus, or a folder above it.
    scheme : str or LabelScheme, default="tess"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 24414 Hz, and one 96000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance``, ``label``, ``emotion``, ``speaker`` (``"OAF"``, the older, and
        ``"YAF"``, the younger), ``gender``, ``sentence`` (the word) and ``age`` in
        years (64 and 26). There are no sessions.
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
        If clips are missing, files were left out, or a clip lies in the folder of
        another speaker or emotion, in which case its name is believed;
        ``corpus.problems`` lists them.

    Notes
    -----
    With two speakers, leave-one-speaker-out has two folds, and each trains on one
    voice. A random split shares speakers and words between training and test, which
    is why results of nearly 100 % are common on this corpus.

    The archive at Kaggle holds the whole tree a second time inside itself, 5600
    files; the copies are left out and reported. ``OA_bite_neutral.wav`` is a clip of
    OAF, and ``OAF_food_fear.wav`` has a rate of 96000 Hz.

    References
    ----------
    M. K. Pichora-Fuller and K. Dupuis, "Toronto emotional speech set (TESS)", 2020.
    https://doi.org/10.5683/SP2/E8H2MF

    Examples
    --------
    >>> from sersk.datasets import load_tess
    >>> corpus = load_tess("path/to/tess")  # doctest: +SKIP
    >>> corpus.counts().loc["ps"].tolist()  # doctest: +SKIP
    [200, 200]
    """
    corpus = load_tree(
        root,
        TESS,
        _row,
        scheme=scheme,
        sampling_rate=sampling_rate,
        review=_review,
    )
    return as_loaded(corpus, return_X_y)
