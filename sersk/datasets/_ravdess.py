"""The speech of the Ryerson audio-visual database of emotional speech and song."""

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

EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
INTENSITIES = {"01": "normal", "02": "strong"}
SENTENCES = {"01": "kids", "02": "dogs"}
ACTORS = tuple(f"{actor:02d}" for actor in range(1, 25))

# Two intensities, sentences and repetitions; neutral has one intensity.
_PER_CLASS_AND_ACTOR = {
    emotion: 4 if emotion == "neutral" else 8 for emotion in EMOTIONS.values()
}
PUBLISHED = PublishedCounts(
    per_class={
        emotion: count * len(ACTORS) for emotion, count in _PER_CLASS_AND_ACTOR.items()
    },
    per_speaker=dict.fromkeys(ACTORS, sum(_PER_CLASS_AND_ACTOR.values())),
)

_PATTERN = re.compile(
    r"(0[1-3])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-(0[1-9]|1[0-9]|2[0-4])"
)
_FOLDER = re.compile("actor[ _-]?([0-9]+)", re.IGNORECASE | re.ASCII)


class RavdessName(NamedTuple):
    """What the name of a RAVDESS file says, in the order it says it."""

    modality: str
    channel: str
    emotion: str
    intensity: str
    sentence: str
    repetition: str
    actor: str

    @classmethod
    def parse(cls, stem: str) -> "RavdessName":
        """Read a file name without its suffix, or raise LeftOut."""
        match = _PATTERN.fullmatch(stem)
        if match is None:
            raise LeftOut("no name of a RAVDESS clip")
        return cls(*match.groups())

    def format(self) -> str:
        """Return the file name without its suffix."""
        return "-".join(self)


def row_of(path: PurePath) -> dict[str, Any]:
    """Return what the path of a clip says, or raise LeftOut."""
    name = RavdessName.parse(path.stem)
    if name.channel == "02":
        raise LeftOut("song (vocal channel 02)")
    if name.modality != "03":
        raise LeftOut("video or its sound track (modality 01 or 02)")
    if name.emotion == "01" and name.intensity == "02":
        raise LeftOut("neutral of strong intensity, which RAVDESS does not have")
    return {
        "utterance": path.stem,
        "label": EMOTIONS[name.emotion],
        "speaker": name.actor,
        "gender": "male" if int(name.actor) % 2 else "female",
        "sentence": SENTENCES[name.sentence],
        "intensity": INTENSITIES[name.intensity],
        "repetition": int(name.repetition),
    }


def _is_of_another_actor(path: PurePath, row: Row) -> bool:
    match = _FOLDER.fullmatch(path.parent.name)
    return match is not None and int(match[1]) != int(row["speaker"])


def _review(rows: Sequence[Row], folder: str) -> list[Finding]:
    return find_contradictions(rows, folder, _is_of_another_actor, taken="file name")


RAVDESS = CorpusFormat(
    name="ravdess",
    title="RAVDESS speech",
    layout="'Actor_01/03-01-01-01-01-01-01.wav' and so on, as WAV or FLAC",
    language="English",
    licence="CC BY-NC-SA 4.0",
    access="fetch_ravdess, or https://zenodo.org/record/1188976",
    schemes=("ravdess", "six-merge", "four-merge", "three-merge", "valence3"),
    published={"ravdess": PUBLISHED},
    largest=1440,
)


def load_ravdess(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "ravdess",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the speech of RAVDESS from a folder.

    1440 clips of 24 actors, who say two English sentences in eight emotions: neutral
    96, and calm, happy, sad, angry, fearful, disgust and surprised 192 each. Song
    and video are left out and reported. No audio is opened. Clips are sorted by file
    name, which begins with the emotion: shuffle them before a split that does not.

    Parameters
    ----------
    root : path
        Folder that holds ``Actor_01`` to ``Actor_24``, or a folder above it.
    scheme : str or LabelScheme, default="ravdess"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 48000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance``, ``emotion``, ``label``, ``speaker`` (``"01"`` to ``"24"``),
        ``gender``, ``sentence`` (``"kids"`` or ``"dogs"``), ``intensity``
        (``"normal"`` or ``"strong"``) and ``repetition`` (1 or 2). There are no
        sessions.
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
        another actor, in which case its name is believed; ``corpus.problems`` lists
        them.

    References
    ----------
    S. R. Livingstone and F. A. Russo, "The Ryerson audio-visual database of emotional
    speech and song (RAVDESS)", PLoS ONE 13(5), 2018. https://zenodo.org/record/1188976

    Examples
    --------
    >>> from sersk.datasets import load_ravdess
    >>> corpus = load_ravdess("path/to/ravdess")  # doctest: +SKIP
    >>> corpus.counts()["07"].sum()  # doctest: +SKIP
    60
    """
    corpus = load_tree(
        root,
        RAVDESS,
        row_of,
        scheme=scheme,
        sampling_rate=sampling_rate,
        review=_review,
    )
    return as_loaded(corpus, return_X_y)
