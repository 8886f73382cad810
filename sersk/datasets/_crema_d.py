"""The crowd-sourced emotional multimodal actors dataset."""

import re
from os import PathLike
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._crema_d_tables import add_ages, add_votes
from sersk.datasets._files import AUDIO, check_rate, check_root, list_media
from sersk.datasets._finding import Finding
from sersk.datasets._loading import (
    CorpusFormat,
    as_frame,
    as_loaded,
    assemble,
    nothing_found,
)
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._tree import LeftOut, parse_all, without_copies

EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
SENTENCES = (
    *("IEO", "TIE", "IOM", "IWW", "TAI", "MTI"),
    *("IWL", "ITH", "DFA", "ITS", "TSI", "WSI"),
)
# The one sentence that was said at three levels, except where it is neutral.
LEVELLED = "IEO"
INTENSITIES = {"XX": "unspecified", "LO": "low", "MD": "medium", "HI": "high"}
ACTORS = tuple(str(actor) for actor in range(1001, 1092))
_FEMALE = (
    *range(1002, 1005),
    *range(1006, 1011),
    *(1012, 1013, 1018, 1020, 1021, 1024, 1025, 1028, 1029, 1030, 1037, 1043),
    *(1046, 1047, 1049, 1052, 1053, 1054, 1055, 1056, 1058, 1060, 1061, 1063),
    *range(1072, 1077),
    *(1078, 1079, 1082, 1084, 1089, 1091),
)
FEMALE = frozenset(map(str, _FEMALE))

# Three actors lack a sentence, and two lack one clip; the others have all 82.
_FEWER = {"1002": 81, "1076": 81, "1008": 76, "1009": 76, "1019": 76}
PUBLISHED = PublishedCounts(
    per_class={
        emotion: 1087 if code == "NEU" else 1271 for code, emotion in EMOTIONS.items()
    },
    per_speaker=dict.fromkeys(ACTORS, 82) | _FEWER,
)

# One clip was published as "1040_ITH_SAD_X.wav", and renamed later.
_PATTERN = re.compile(
    f"(10[0-9]{{2}})_({'|'.join(SENTENCES)})_({'|'.join(EMOTIONS)})_(XX?|LO|MD|HI)"
)


class CremaDName(NamedTuple):
    """What the name of a CREMA-D file says, in the order it says it."""

    actor: str
    sentence: str
    emotion: str
    level: str

    @classmethod
    def parse(cls, stem: str) -> "CremaDName":
        """Read a file name without its suffix, or raise LeftOut."""
        match = _PATTERN.fullmatch(stem)
        if match is None or match[1] not in ACTORS:
            raise LeftOut("no name of a CREMA-D clip")
        actor, sentence, emotion, level = match.groups()
        return cls(actor, sentence, emotion, "XX" if level == "X" else level)

    def format(self) -> str:
        """Return the file name without its suffix, as it should be."""
        return "_".join(self)

    @property
    def has_level(self) -> bool:
        """Whether clips of this sentence and emotion are low, medium or high."""
        return self.sentence == LEVELLED and self.emotion != "NEU"


def _row(path: PurePath) -> dict[str, Any]:
    name = CremaDName.parse(path.stem)
    if name.has_level == (name.level == "XX"):
        raise LeftOut("of a level that CREMA-D does not have for that sentence")
    return {
        "utterance": name.format(),
        "label": EMOTIONS[name.emotion],
        "speaker": name.actor,
        "gender": "female" if name.actor in FEMALE else "male",
        "sentence": name.sentence,
        "intensity": INTENSITIES[name.level],
    }


CREMA_D = CorpusFormat(
    name="crema-d",
    title="CREMA-D",
    layout="'AudioWAV/1001_DFA_ANG_XX.wav' and so on, or the files themselves, as WAV "
    "or FLAC",
    language="English",
    licence="ODbL 1.0, contents DbCL 1.0",
    access="https://github.com/CheyneyComputerScience/CREMA-D, open download, git-lfs",
    schemes=("crema-d", "six-merge", "four-merge", "three-merge", "valence3"),
    published={"crema-d": PUBLISHED},
    largest=7442,
)


def load_crema_d(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "crema-d",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the crowd-sourced emotional multimodal actors dataset (CREMA-D).

    7442 clips of 91 actors, who say 12 English sentences in six emotions: neutral
    1087, and anger, disgust, fear, happy and sad 1271 each. No audio is opened. Clips
    are sorted by file name.

    Parameters
    ----------
    root : path
        Folder of the corpus, or its folder ``AudioWAV``.
    scheme : str or LabelScheme, default="crema-d"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 16000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance``, ``label`` (what the actor was asked for), ``emotion``,
        ``speaker`` (``"1001"`` to ``"1091"``), ``gender``, ``sentence`` (``"IEO"``
        and so on) and ``intensity`` (``"low"``, ``"medium"`` or ``"high"`` for IEO
        that is not neutral, else ``"unspecified"``). There are no sessions.

        With ``VideoDemographics.csv``, also ``age`` in years. With
        ``tabulatedVotes.csv``, also ``votes_anger``, ``votes_disgust``,
        ``votes_fear``, ``votes_happy``, ``votes_neutral`` and ``votes_sad``: how many
        raters chose the emotion when they heard the voice alone. The tables may lie
        anywhere below `root`, or in the folder above it. Of several, that in
        ``processedResults`` is taken, or else the one nearest to `root`.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no clip, if a class or a speaker has
        more clips than were published, or if a table has a line that is not to be
        understood, or says two things of one actor or clip.

    Warns
    -----
    CorpusWarning
        If clips are missing, files were left out, or a table lacks an actor or a clip
        or is none of CREMA-D; ``corpus.problems`` lists them.

    Notes
    -----
    The label is the emotion that was played. Raters who only heard a clip chose it in
    40 % of their votes, and neutral most often, so results on labels and on votes are
    different tasks. Rows of ``tabulatedVotes.csv`` are numbered from 100001 for the
    voice, 200001 for the face and 300001 for both; only the first are used.

    ``1076_MTI_SAD_XX.wav`` is very short and holds no sound. Raters did not hear what
    the WAV files of ``1076_MTI_NEU_XX``, ``1064_TIE_SAD_XX`` and ``1064_IEO_DIS_MD``
    hold, because the sound they were played was damaged. A download of the repository
    without git-lfs holds texts in place of recordings. Older copies name one clip
    ``1040_ITH_SAD_X``. MP3 and video files of the
    same clips are passed over.

    References
    ----------
    H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova and R. Verma,
    "CREMA-D: Crowd-sourced emotional multimodal actors dataset", IEEE Transactions on
    Affective Computing 5(4), 2014. https://doi.org/10.1109/TAFFC.2014.2336244

    Examples
    --------
    >>> from sersk.datasets import load_crema_d
    >>> corpus = load_crema_d("path/to/crema-d")  # doctest: +SKIP
    >>> corpus.frame["gender"].value_counts().to_dict()  # doctest: +SKIP
    {'male': 3930, 'female': 3512}
    """
    check_rate(sampling_rate)
    folder = check_root(root, title=CREMA_D.title, layout=CREMA_D.layout)
    findings: list[Finding] = []
    corpus = assemble(
        _table(folder, findings),
        CREMA_D,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _table(folder: str, findings: list[Finding]) -> pd.DataFrame:
    """Return one row a clip, with age and votes where there are tables of them."""
    rows = parse_all(list_media(folder, findings), _row, folder, findings, AUDIO)
    if not rows:
        raise nothing_found(folder, CREMA_D, findings)
    frame = as_frame(without_copies(rows, folder, findings))
    return add_votes(add_ages(frame, folder, findings), folder, findings)
