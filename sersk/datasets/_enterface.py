"""The eNTERFACE'05 audio-visual emotion database."""

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

EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
N_SENTENCES = 5
HIGHEST_SUBJECT = 44

# 43 subjects, five sentences an emotion; one lacks three clips of happiness.
PUBLISHED = PublishedCounts(per_class=dict.fromkeys(EMOTIONS, 215) | {"happiness": 212})

_SUBJECT = re.compile("subject[ _]?([1-9][0-9]?)", re.IGNORECASE | re.ASCII)
_FILE = re.compile(r"s_?([0-9]+)_([a-z]{2})_([0-9]+)", re.IGNORECASE | re.ASCII)
_SENTENCE = re.compile(f"sentence[ _]?([1-{N_SENTENCES}])", re.IGNORECASE | re.ASCII)


class EnterfaceFolder(NamedTuple):
    """What the folders of an eNTERFACE'05 recording say, from the outside inwards."""

    subject: str
    emotion: str
    sentence: str

    @classmethod
    def parse(cls, folders: Sequence[str]) -> "EnterfaceFolder":
        """Read the names of the folders around a file, or raise LeftOut."""
        above, emotion, sentence = ("", "", "", *folders)[-3:]
        if _subject(emotion) and sentence.lower() in EMOTIONS:
            raise LeftOut("all sentences of an emotion in one recording, not segmented")
        subject, match = _subject(above), _SENTENCE.fullmatch(sentence)
        if match is None or emotion.lower() not in EMOTIONS or not subject:
            raise LeftOut("in no folder 'subject N/<emotion>/sentence K'")
        return cls(subject, emotion.lower(), match[1])

    def format(self) -> str:
        """Return the folders as they are published."""
        return f"subject {self.subject}/{self.emotion}/sentence {self.sentence}"


def _subject(folder: str) -> str:
    """Return the number that a folder names, or nothing."""
    match = _SUBJECT.fullmatch(folder)
    return match[1] if match and int(match[1]) <= HIGHEST_SUBJECT else ""


def _row(path: PurePath) -> dict[str, Any]:
    # File names are not to be trusted: one of subject 3 begins with "s_3".
    where = EnterfaceFolder.parse(path.parts[:-1])
    return {
        "utterance": where.format(),
        "label": where.emotion,
        "speaker": where.subject,
        "prompt": f"{where.emotion} {where.sentence}",
    }


def _has_another_name(path: PurePath, row: Row) -> bool:
    """Compare a clip with what its name says, if it is named like a clip."""
    match = _FILE.fullmatch(path.stem)
    if match is None:
        return False
    subject, code, sentence = match.groups()
    named = f"{int(subject)} {code.lower()} {int(sentence)}"
    return named != f"{row['speaker']} {row['label'][:2]} {row['prompt'][-1]}"


def _review(rows: Sequence[Row], folder: str) -> list[Finding]:
    return find_contradictions(rows, folder, _has_another_name, taken="folder")


ENTERFACE = CorpusFormat(
    name="enterface",
    title="eNTERFACE'05",
    layout="'subject 1/anger/sentence 1/s1_an_1.avi' and so on, as AVI, WAV or FLAC",
    language="English",
    licence="free for research, with citation",
    access="https://enterface.net/enterface05/, open download",
    schemes=("enterface", "six-merge", "valence3"),
    published={"enterface": PUBLISHED},
    largest=1287,
)


def load_enterface(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "enterface",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the eNTERFACE'05 audio-visual emotion database from a folder.

    1287 clips of 43 subjects, who react in English to six stories: happiness 212, and
    anger, disgust, fear, sadness and surprise 215 each. Subject and emotion are those
    of the folders. No audio is opened. Clips are sorted by subject, as text.

    Parameters
    ----------
    root : path
        Folder that holds ``subject 1`` and so on, or a folder above or below it.
    scheme : str or LabelScheme, default="enterface"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 48000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance`` (``"subject 3/surprise/sentence 4"``), ``label``, ``emotion``,
        ``speaker`` (the number of the subject, ``"1"`` to ``"44"``) and ``prompt``
        (``"surprise 4"``), which stays in the table because it tells the emotion.
        There are no sessions, and gender is not published by subject.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no clip, or if a class has more clips
        than were published.

    Warns
    -----
    CorpusWarning
        If clips are missing or are video, files were left out, or the name of a file
        is that of another clip than its folder; ``corpus.problems`` lists them.

    Notes
    -----
    The recordings are published as video. Write their sound to WAV files beside
    them; of a WAV and an AVI of one sentence, the WAV is taken.

    Subject 6 is published as six recordings of a minute or more, one an emotion, so
    that 1257 clips and these six make the 1263 files that are often reported. They
    are left out: they are no clips of one sentence. Subject 23 has 27 clips. The name
    of one file of subject 3 begins with ``s_3``; who takes speakers from file names
    finds a subject too many.

    Each emotion has five sentences of its own, so what is said tells the emotion, and
    a classifier that reads words is not compared with one that hears voices. All
    subjects say the same sentences: a split by speaker shares them.

    References
    ----------
    O. Martin, I. Kotsia, B. Macq and I. Pitas, "The eNTERFACE'05 audio-visual emotion
    database", ICDE Workshops, 2006. https://doi.org/10.1109/ICDEW.2006.145

    Examples
    --------
    >>> from sersk.datasets import load_enterface
    >>> corpus = load_enterface("path/to/enterface")  # doctest: +SKIP
    >>> corpus.counts()["23"].sum()  # doctest: +SKIP
    27
    """
    corpus = load_tree(
        root,
        ENTERFACE,
        _row,
        scheme=scheme,
        sampling_rate=sampling_rate,
        video=True,
        review=_review,
    )
    return as_loaded(corpus, return_X_y)
