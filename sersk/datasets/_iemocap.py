"""The interactive emotional dyadic motion capture database."""

import os
import re
from collections.abc import Iterator
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._emo_evaluation import (
    CHOICES,
    Evaluation,
    read_evaluations,
    read_transcripts,
)
from sersk.datasets._files import (
    AUDIO,
    check_root,
    list_media,
    name_some,
    preference,
    stem_of,
    suffix_of,
    walk,
)
from sersk.datasets._finding import Finding
from sersk.datasets._lines import report_lines
from sersk.datasets._loading import (
    CorpusFormat,
    as_frame,
    as_loaded,
    assemble,
    nothing_found,
)
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._votes import VOTES

LABELS = {
    "ang": "angry",
    "hap": "happy",
    "exc": "excited",
    "sad": "sad",
    "neu": "neutral",
    "fru": "frustrated",
    "sur": "surprised",
    "fea": "fearful",
    "dis": "disgusted",
    "oth": "other",
    "xxx": "no agreement",
}

FOUR = PublishedCounts(
    per_class={"angry": 1103, "happy": 1636, "sad": 1084, "neutral": 1708},
    per_speaker={
        "1F": 528,
        "1M": 557,
        "2F": 481,
        "2M": 542,
        "3F": 522,
        "3M": 629,
        "4F": 528,
        "4M": 503,
        "5F": 590,
        "5M": 651,
    },
    per_session={"1": 1085, "2": 1023, "3": 1151, "4": 1031, "5": 1241},
)
EXCITED = PublishedCounts(
    per_class={"angry": 1103, "excited": 1041, "sad": 1084, "neutral": 1708}
)
THREE = PublishedCounts(per_class={"angry": 1103, "happy": 1636, "sad": 1084})
THREE_NEUTRAL = PublishedCounts(
    per_class={"angry": 1103, "happy": 595, "neutral": 1708}
)
IMPROVISED = PublishedCounts(
    per_class={"angry": 289, "happy": 947, "sad": 608, "neutral": 1099}
)
ALL = PublishedCounts(
    per_class={
        "angry": 1103,
        "happy": 595,
        "excited": 1041,
        "sad": 1084,
        "neutral": 1708,
        "frustrated": 1849,
        "surprised": 107,
        "fearful": 40,
        "disgusted": 2,
        "other": 3,
        "no agreement": 2507,
    },
    is_exact=False,
)

_MOST_NAMED = 5
_SESSION = re.compile(r"Session[1-5]")
_TURN = re.compile(
    r"Ses0([1-5])([FM])_(impro\d\d|script\d\d_\d)([a-z]?)_([FM])(\d{3}|XX\d)",
    re.ASCII,
)


class TurnName(NamedTuple):
    """What the name of a turn says, in the order it says it."""

    session: str
    prefix: str
    script: str
    part: str
    letter: str
    number: str

    @classmethod
    def parse(cls, turn: str) -> "TurnName | None":
        """Read the name of a turn, or return None where it is none."""
        match = _TURN.fullmatch(turn)
        return None if match is None else cls(*match.groups())

    def format(self) -> str:
        """Return the name of the turn."""
        return f"{self.dialog}_{self.letter}{self.number}"

    @property
    def dialog(self) -> str:
        """The recording, whose F or M is the actor with the markers on."""
        return f"Ses0{self.session}{self.prefix}_{self.script}{self.part}"

    @property
    def speaker(self) -> str:
        """Who speaks: the letter of the turn, never that of the recording."""
        return f"{self.session}{self.letter}"

    @property
    def gender(self) -> str:
        """Gender of who speaks."""
        return "female" if self.letter == "F" else "male"

    @property
    def style(self) -> str:
        """Whether the dialogue was made up or learnt by heart."""
        return "improvised" if self.script.startswith("impro") else "scripted"


IEMOCAP = CorpusFormat(
    name="iemocap",
    title="IEMOCAP",
    layout="'Session1/dialog/EmoEvaluation/Ses01F_impro01.txt' and "
    "'Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav' and so on",
    language="English",
    licence="for research, on signed request; no redistribution",
    access="https://sail.usc.edu/iemocap, on request",
    schemes=(
        "iemocap4-merge",
        "iemocap4-exc",
        "iemocap4-improvised",
        "iemocap5",
        "iemocap3",
        "iemocap3-neutral",
        "iemocap",
        "iemocap-attributes",
        "four-merge",
        "three-merge",
        "valence3",
    ),
    published={
        "iemocap4-merge": FOUR,
        "iemocap4-exc": EXCITED,
        "iemocap4-improvised": IMPROVISED,
        "iemocap3": THREE,
        "iemocap3-neutral": THREE_NEUTRAL,
        "iemocap": ALL,
    },
    largest=10_039,
)


def load_iemocap(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "iemocap4-merge",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the turns of IEMOCAP from a folder.

    10039 turns of ten actors in five sessions of two, improvised and scripted, in
    ten emotions or without agreement of the raters. The default is the task most
    often reported: 5531 turns, angry 1103, happy (happy 595 and excited 1041) 1636,
    sad 1084, neutral 1708. No audio is opened. Clips are sorted by name.

    Parameters
    ----------
    root : path
        Folder ``IEMOCAP_full_release``, a folder above it, or one session of it.
    scheme : str or LabelScheme, default="iemocap4-merge"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`. Others
        are ``"iemocap4-exc"`` (excited instead of happy), ``"iemocap4-improvised"``
        (2943 turns), ``"iemocap5"``, ``"iemocap"`` (all labels) and
        ``"iemocap-attributes"``.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; the recordings have 16000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance`` (name of the turn), ``emotion``, ``label``, ``speaker``
        (``"1F"`` to ``"5M"``), ``gender``, ``session`` (``"1"`` to ``"5"``),
        ``dialog`` (``"Ses05F_script01_1b"``), ``script`` (``"script01_1"`` or
        ``"impro04"``), ``style`` (``"improvised"`` or ``"scripted"``),
        ``transcript`` (empty where there is none), ``arousal``, ``valence`` and
        ``dominance`` (means of the raters, 1 to 5), ``dialog_start`` and
        ``dialog_end`` (seconds in the recording of the dialogue), and
        ``votes_angry`` and so on: how many evaluators chose a label.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no turn, if a turn is annotated twice
        and differently, or if a class, a speaker or a session has more turns than
        were published.

    Warns
    -----
    CorpusWarning
        If turns are missing, or lines or files were left out; ``corpus.problems``
        lists them.

    Notes
    -----
    The speaker is the session and the letter before the number of the *turn*. The
    letter after the session in ``Ses05F_impro04_M001`` says who of the two wore the
    markers, and both actors speak in either recording: split by it and the same voice
    is in training and test. By the turn, 5F has 590 of the 5531 turns; 644 begin with
    ``Ses05F``. The two actors of a session talk to each other, so leaving a session
    out is safer than leaving a speaker out. All actors share the scripts: ``script``
    is the same for all parts (``a``, ``b``) and all actors of one, to be a group.

    An evaluator may choose several labels, and each counts as a vote. What the actors
    said of themselves is no vote. Turns such as ``Ses01F_impro01_MXX0`` have a
    recording and a transcript but no label, and are left out.

    References
    ----------
    C. Busso, M. Bulut, C.-C. Lee, A. Kazemzadeh, E. Mower, S. Kim, J. N. Chang, S.
    Lee and S. S. Narayanan, "IEMOCAP: interactive emotional dyadic motion capture
    database", Language Resources and Evaluation 42(4), 2008.

    Examples
    --------
    >>> from sersk.datasets import load_iemocap
    >>> corpus = load_iemocap("path/to/IEMOCAP_full_release")  # doctest: +SKIP
    >>> corpus.counts("session")["5"].sum()  # doctest: +SKIP
    1241
    """
    folder = check_root(root, title=IEMOCAP.title, layout=IEMOCAP.layout)
    findings: list[Finding] = []
    rows: list[dict[str, Any]] = []
    for session in _find_sessions(folder, findings):
        rows += _read_session(session, folder, findings)
    rows = _without_copies(rows, findings)
    if not rows:
        raise nothing_found(folder, IEMOCAP, findings)
    frame = as_frame(sorted(rows, key=lambda row: row["utterance"]))
    corpus = assemble(
        frame.drop(columns="source"),
        IEMOCAP,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _find_sessions(folder: str, findings: list[Finding]) -> list[str]:
    """Return the folders of the sessions at or below the root; of copies the first."""
    found: dict[str, str] = {}
    copies = []
    parents = [parent for parent, _ in walk(folder, findings)]
    for parent in sorted(parents, key=lambda path: (path.count(os.sep), path)):
        name = os.path.basename(os.path.abspath(parent))
        if _SESSION.fullmatch(name) is None:
            continue
        if name in found:
            copies.append(parent)
        else:
            found[name] = parent
    if copies:
        listed = ", ".join(map(repr, copies))
        message = f"Left out, another copy of a session that is there: {listed}."
        findings.append(Finding("copy", message, tuple(copies)))
    return [found[name] for name in sorted(found)]


def _read_session(
    session: str, folder: str, findings: list[Finding]
) -> list[dict[str, Any]]:
    """Return a row for each turn that has both a label and a recording."""
    recordings = _find_recordings(session, folder, findings)
    rows, silent = [], []
    for source, name, evaluation in _evaluations(session, findings):
        file = recordings.get(evaluation.turn)
        if file is None:
            silent.append(evaluation.turn)
        else:
            rows.append({"file": file, "source": source} | _row(name, evaluation))
    if silent:
        message = (
            f"Left out, annotated in {session!r} but without a recording: "
            f"{_count_turns(silent)}."
        )
        findings.append(Finding("missing", message))
    unlabelled = set(recordings) - {row["utterance"] for row in rows}
    if unlabelled:
        files = sorted(recordings[turn] for turn in unlabelled)
        message = f"Left out, a recording without a label: {name_some(files, folder)}."
        findings.append(Finding("left out", message, tuple(files)))
    _add_transcripts(session, rows, findings)
    return rows


def _find_recordings(
    session: str, folder: str, findings: list[Finding]
) -> dict[str, str]:
    """Return the path of each turn's recording."""
    parent = os.path.join(session, "sentences", "wav")
    paths = [path for path in list_media(parent, findings) if suffix_of(path) in AUDIO]
    found: dict[str, str] = {}
    copies = []
    for path in sorted(paths, key=preference):
        turn = stem_of(path)
        if turn in found:
            copies.append(path)
        else:
            found[turn] = path
    if copies:
        listed = name_some(copies, folder)
        message = f"Left out, another copy of a clip that is there: {listed}."
        findings.append(Finding("copy", message, tuple(copies)))
    return found


def _evaluations(
    session: str, findings: list[Finding]
) -> Iterator[tuple[str, TurnName, Evaluation]]:
    """Yield file and line, name and content of each turn that is annotated."""
    for path in _texts(os.path.join(session, "dialog", "EmoEvaluation"), findings):
        wrong = []
        for line, evaluation in read_evaluations(path, findings):
            name = TurnName.parse(evaluation.turn)
            reason = _fault(path, name, evaluation)
            if name is None or reason is not None:
                wrong.append((line, f"{evaluation.turn!r} {reason}"))
            else:
                yield f"{path!r}, line {line}", name, evaluation
        findings += report_lines(path, wrong)


def _fault(path: str, name: TurnName | None, evaluation: Evaluation) -> str | None:
    """Return what is wrong with an annotation, or None."""
    if name is None:
        return "is no name of a turn"
    if name.dialog != stem_of(path):
        return f"is no turn of {stem_of(path)}"
    if evaluation.code not in LABELS:
        return f"has the unknown label {evaluation.code!r}"
    if evaluation.end <= evaluation.start:
        return f"ends at {evaluation.end:g} s, before it begins"
    # Wide enough for means that somebody rounded.
    attributes = (evaluation.valence, evaluation.activation, evaluation.dominance)
    if not all(0 < value < 6 for value in attributes):
        return f"has attributes {attributes}, which are not from 1 to 5"
    return None


def _row(name: TurnName, evaluation: Evaluation) -> dict[str, Any]:
    row = {
        "utterance": evaluation.turn,
        "label": LABELS[evaluation.code],
        "speaker": name.speaker,
        "gender": name.gender,
        "session": name.session,
        "dialog": name.dialog,
        "script": name.script,
        "style": name.style,
        "transcript": "",
        "arousal": evaluation.activation,
        "valence": evaluation.valence,
        "dominance": evaluation.dominance,
        "dialog_start": evaluation.start,
        "dialog_end": evaluation.end,
    }
    labels = dict.fromkeys(CHOICES.values())
    return row | {VOTES + label: evaluation.votes.get(label, 0) for label in labels}


def _add_transcripts(
    session: str, rows: list[dict[str, Any]], findings: list[Finding]
) -> None:
    """Fill in what was said in each turn."""
    texts: dict[str, str] = {}
    for path in _texts(os.path.join(session, "dialog", "transcriptions"), findings):
        read_transcripts(path, texts, findings)
    untold = [row["utterance"] for row in rows if row["utterance"] not in texts]
    for row in rows:
        row["transcript"] = texts.get(row["utterance"], "")
    if untold:
        message = f"Without a transcript in {session!r}: {_count_turns(untold)}."
        findings.append(Finding("transcript", message))


def _texts(folder: str, findings: list[Finding]) -> list[str]:
    """Return the annotations in a folder, not those of single raters below it."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        message = f"{folder!r} cannot be read: {error.strerror}."
        findings.append(Finding("unreadable", message, (folder,)))
        return []
    return [
        os.path.join(folder, name)
        for name in names
        if suffix_of(name) == ".txt" and not name.startswith(".")
    ]


def _without_copies(
    rows: list[dict[str, Any]], findings: list[Finding]
) -> list[dict[str, Any]]:
    """Keep each turn once; raise where two annotations of it differ."""
    kept: dict[str, dict[str, Any]] = {}
    copies = []
    for row in rows:
        first = kept.setdefault(row["utterance"], row)
        if first is row:
            continue
        if first | {"source": row["source"]} != row:
            raise ValueError(
                f"{row['source']}: {row['utterance']!r} is annotated in "
                f"{first['source']} already, with other content. Remove one of the two."
            )
        copies.append(row["utterance"])
    if copies:
        message = f"Annotated twice, in the same words: {_count_turns(copies)}."
        findings.append(Finding("copy", message))
    return list(kept.values())


def _count_turns(turns: list[str]) -> str:
    """Count turns and name the first of them."""
    more = ", ..." if len(turns) > _MOST_NAMED else ""
    listed = ", ".join(map(repr, turns[:_MOST_NAMED]))
    return f"{len(turns)} turn{'s' * (len(turns) != 1)} ({listed}{more})"
