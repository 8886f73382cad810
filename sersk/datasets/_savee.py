"""The Surrey audio-visual expressed emotion database."""

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

SPEAKERS = ("DC", "JE", "JK", "KL")
EMOTIONS = {
    "a": "anger",
    "d": "disgust",
    "f": "fear",
    "h": "happiness",
    "n": "neutral",
    "sa": "sadness",
    "su": "surprise",
}
N_SENTENCES = {letters: 30 if letters == "n" else 15 for letters in EMOTIONS}

PUBLISHED = PublishedCounts(
    per_class={
        emotion: N_SENTENCES[letters] * len(SPEAKERS)
        for letters, emotion in EMOTIONS.items()
    },
    per_speaker=dict.fromkeys(SPEAKERS, sum(N_SENTENCES.values())),
)

_SPEAKER = "|".join(SPEAKERS)
_PATTERN = re.compile(f"(?:({_SPEAKER})_)?(a|d|f|h|n|sa|su)([0-3][0-9])")


class SaveeName(NamedTuple):
    """What the name of a SAVEE file says, in the order it says it."""

    speaker: str
    letters: str
    number: str

    @classmethod
    def parse(cls, stem: str, folder: str = "") -> "SaveeName":
        """Read a file name without its suffix, or raise LeftOut.

        The speaker is in the name (``DC_sa05``) or is the folder (``DC/sa05``).
        """
        match = _PATTERN.fullmatch(stem)
        if match is None or not 1 <= int(match[3]) <= N_SENTENCES[match[2]]:
            raise LeftOut("no name of a SAVEE clip")
        speaker = match[1] or folder
        if speaker not in SPEAKERS:
            raise LeftOut("neither name nor folder says which of the speakers it is")
        if folder in SPEAKERS and folder != speaker:
            raise LeftOut("its folder is that of another speaker")
        return cls(speaker, match[2], match[3])

    def format(self) -> str:
        """Return the file name without its suffix, the speaker in front."""
        return f"{self.speaker}_{self.prompt}"

    @property
    def prompt(self) -> str:
        """Emotion and number of the sentence: the name that it has in both layouts."""
        return f"{self.letters}{self.number}"


def _row(path: PurePath) -> dict[str, Any]:
    name = SaveeName.parse(path.stem, path.parent.name)
    return {
        "utterance": name.format(),
        "label": EMOTIONS[name.letters],
        "speaker": name.speaker,
        "gender": "male",
        "prompt": name.prompt,
    }


SAVEE = CorpusFormat(
    name="savee",
    title="SAVEE",
    layout="'DC_sa05.wav' or 'AudioData/DC/sa05.wav' and so on, as WAV or FLAC",
    language="English",
    licence="free for research",
    access="http://kahlan.eps.surrey.ac.uk/savee/, on registration",
    schemes=("savee", "six-merge", "four-merge", "three-merge", "valence3"),
    published={"savee": PUBLISHED},
    largest=480,
)


def load_savee(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "savee",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the Surrey audio-visual expressed emotion database (SAVEE) from a folder.

    480 clips of four English men in seven emotions: neutral 120, and anger, disgust,
    fear, happiness, sadness and surprise 60 each. No audio is opened. Clips are
    sorted by speaker and emotion.

    Parameters
    ----------
    root : path
        Folder that holds ``DC_a01.wav`` and so on, or ``DC/a01.wav``, or a folder
        above it.
    scheme : str or LabelScheme, default="savee"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 44100 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance`` (``"DC_sa05"`` in both layouts), ``label``, ``emotion``,
        ``speaker`` (``"DC"``, ``"JE"``, ``"JK"``, ``"KL"``), ``gender`` (all male)
        and ``prompt`` (``"sa05"``), which stays in the table because it tells the
        emotion. There are no sessions.
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
    Most of the 15 sentences of an emotion are not those of another, so what is said
    tells much of the emotion, and a classifier that reads words is not compared with
    one that hears voices. All speakers say the same sentences: a split by speaker
    shares them.

    References
    ----------
    S. Haq and P. J. B. Jackson, "Multimodal emotion recognition", in Machine
    Audition, IGI Global, 2010. http://kahlan.eps.surrey.ac.uk/savee/

    Examples
    --------
    >>> from sersk.datasets import load_savee
    >>> corpus = load_savee("path/to/savee")  # doctest: +SKIP
    >>> corpus.counts().loc["neutral"].tolist()  # doctest: +SKIP
    [30, 30, 30, 30]
    """
    corpus = load_tree(root, SAVEE, _row, scheme=scheme, sampling_rate=sampling_rate)
    return as_loaded(corpus, return_X_y)
