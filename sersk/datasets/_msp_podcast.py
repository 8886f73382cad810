"""The MSP-Podcast corpus, of which the Odyssey 2024 challenge used a release."""

import os
from os import PathLike

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import AUDIO, check_root, suffix_of
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, report_lines, without_copies
from sersk.datasets._loading import (
    CorpusFormat,
    as_loaded,
    assemble,
    nothing_found,
    with_parts,
)
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._text import read_numbers, read_table
from sersk.datasets._votes import VOTES

LABELS = {
    "A": "angry",
    "S": "sad",
    "H": "happy",
    "U": "surprise",
    "F": "fear",
    "D": "disgust",
    "C": "contempt",
    "N": "neutral",
    "O": "other",
    "X": "no agreement",
}
WITHHELD = "withheld"
PARTITIONS = {
    "train": "train",
    "development": "dev",
    "validation": "dev",  # as releases before 1.11 say
    "test1": "test1",
    "test2": "test2",
    "test3": "test3",
}
ATTRIBUTES = {"EmoAct": "arousal", "EmoVal": "valence", "EmoDom": "dominance"}
COLUMNS = ("FileName", "EmoClass", *ATTRIBUTES, "SpkrID", "Gender", "Split_Set")

# Training and development set of the Odyssey 2024 challenge.
ODYSSEY = {
    "train": {
        "angry": 3053,
        "sad": 3882,
        "happy": 13440,
        "surprise": 2897,
        "fear": 1139,
        "disgust": 1426,
        "contempt": 2443,
        "neutral": 25106,
    },
    "dev": {
        "angry": 2413,
        "sad": 1101,
        "happy": 3340,
        "surprise": 729,
        "fear": 282,
        "disgust": 486,
        "contempt": 1323,
        "neutral": 5667,
    },
}
PUBLISHED = PublishedCounts(
    per_class={
        label: count + ODYSSEY["dev"][label]
        for label, count in ODYSSEY["train"].items()
    },
    is_exact=False,
)

_TABLES = ("labels_consensus.csv", "labels_concensus.csv")
_DETAILED = "labels_detailed.csv"
_AUDIO_FOLDERS = ("Audios", "Audio")
_NAME = r"MSP-PODCAST_(?P<podcast>[A-Za-z0-9]+)_\d+(?:_\d+)*\.wav"
_TEST3 = "MSP-PODCAST_test3_"

MSP_PODCAST = CorpusFormat(
    name="msp-podcast",
    title="MSP-Podcast",
    layout="'Labels/labels_consensus.csv' and 'Audios/MSP-PODCAST_0002_0033.wav' and "
    "so on",
    language="English",
    licence="for research, on signed agreement; no redistribution",
    access="https://ecs.utdallas.edu/research/researchlabs/msp-lab/MSP-Podcast.html, "
    "on request",
    schemes=(
        "msp-podcast",
        "msp-podcast-attributes",
        "six-merge",
        "four-merge",
        "three-merge",
        "valence3",
    ),
    published={"msp-podcast": PUBLISHED},
)


def load_msp_podcast(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "msp-podcast",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load MSP-Podcast, or the Odyssey 2024 release of it, from a folder.

    Clips of podcasts with eight emotions and three attributes. In the eight classes
    the Odyssey release has 53386 clips for training and 15341 for development;
    others have more. No audio is opened. Clips are in the order of the table.

    Parameters
    ----------
    root : path
        Folder that holds ``Labels/labels_consensus.csv``, or the one above it.
    scheme : str or LabelScheme, default="msp-podcast"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`. The
        default leaves out clips that are ``"other"`` or ``"no agreement"``;
        ``"msp-podcast-attributes"`` keeps them.
    sampling_rate : int, default=16000
        Rate in Hz of the clips; nearly all recordings have 16000 Hz.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance``, ``emotion``, ``label``, ``speaker``, ``gender`` (``"male"``,
        ``"female"`` or ``"unknown"``), ``session`` (number of the podcast),
        ``partition`` (``"train"``, ``"dev"``, ``"test1"``, ``"test2"`` or
        ``"test3"``), and ``arousal``, ``valence`` and ``dominance`` (means of the
        raters, 1 to 7); with ``Labels/labels_detailed.csv`` also ``votes_angry`` and
        so on: how many raters chose a label as the main one.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist, holds no table or no clip, if a column is
        missing, a number is none or out of range, or a clip is in the table twice and
        differently.

    Warns
    -----
    CorpusWarning
        If lines or files were left out, the recordings are not there, or counts are
        not those of the Odyssey release; ``corpus.problems`` lists them.

    Notes
    -----
    Use the partitions: ``train`` is for training, ``dev`` for whatever is chosen, and
    ``test1`` or ``test2`` for judging. Known speakers are in one of these three only;
    the test sets share speakers with each other, so none may train for another. Of
    Test3 the labels are withheld; its recordings are in no class and are not reported.

    Many clips have ``Unknown`` for a speaker. Each podcast then has one of its own,
    such as ``"unknown-0153"``, so that no speaker of thousands of clips arises, and
    no two clips of a podcast are taken for two people. Who speaks there may still be
    a known speaker, of another partition too.

    The attributes are here in the order arousal, valence, dominance; the table has
    columns in yet another order and is read by name. ``"no agreement"`` is about a
    quarter of the clips: a score on the eight classes says nothing of them. Votes
    for what a rater wrote himself count as ``votes_other``.

    References
    ----------
    R. Lotfian and C. Busso, "Building naturalistic emotionally balanced speech corpus
    by retrieving emotional speech from existing podcast recordings", IEEE
    Transactions on Affective Computing 10(4), 2019. L. Goncalves et al., "Odyssey
    2024 - Speech emotion recognition challenge", Odyssey 2024.

    Examples
    --------
    >>> from sersk.datasets import load_msp_podcast
    >>> corpus = load_msp_podcast("path/to/MSP-Podcast")  # doctest: +SKIP
    >>> corpus.counts("partition").loc["neutral", "dev"]  # doctest: +SKIP
    5667
    """
    folder = check_root(root, title=MSP_PODCAST.title, layout=MSP_PODCAST.layout)
    findings: list[Finding] = []
    path = _find_table(folder)
    table = _read_consensus(path, findings)
    table = _with_files(table, os.path.dirname(path), folder, findings)
    if table.empty:
        raise nothing_found(folder, MSP_PODCAST, findings)
    frame = _frame(table, path)
    _compare_partitions(frame, findings)
    frame = _add_votes(frame, os.path.dirname(path), findings)
    corpus = assemble(
        frame,
        MSP_PODCAST,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _find_table(folder: str) -> str:
    """Return the path of the consensus labels, without listing the recordings."""
    with os.scandir(folder) as entries:
        below = sorted(entry.path for entry in entries if entry.is_dir())
    for parent in (folder, *below):
        for place in (os.path.join(parent, "Labels"), parent):
            for name in _TABLES:
                if os.path.isfile(os.path.join(place, name)):
                    return os.path.join(place, name)
    raise nothing_found(folder, MSP_PODCAST, [])


def _read_consensus(path: str, findings: list[Finding]) -> pd.DataFrame:
    """Return the lines that can be read, with the table's own names of columns."""
    table = read_table(path, columns=COLUMNS)[list(COLUMNS)]
    table = table.apply(lambda column: column.str.strip())
    table = without_copies(table, ["FileName"], path, findings)
    table["podcast"] = table["FileName"].str.extract(f"^{_NAME}$", expand=False)
    table["partition"] = table["Split_Set"].str.lower().map(PARTITIONS)
    table["label"] = table["EmoClass"].map(LABELS)
    no_label = table["EmoClass"].eq("") & table["partition"].eq("test3")
    table.loc[no_label, "label"] = WITHHELD
    for column, source, kind in (
        ("podcast", "FileName", "no name of a clip"),
        ("partition", "Split_Set", "no known partition"),
        ("label", "EmoClass", "no known label"),
    ):
        wrong = table[column].isna()
        reasons = [f"{value!r} is {kind}" for value in table.loc[wrong, source]]
        table = leave_out(table, wrong, reasons, path, findings)
    return table


def _with_files(
    table: pd.DataFrame, labels: str, folder: str, findings: list[Finding]
) -> pd.DataFrame:
    """Set ``file``, and leave out what has no recording, if there are any."""
    parent = labels
    if os.path.basename(os.path.abspath(labels)) == "Labels":
        parent = os.path.normpath(os.path.join(labels, os.pardir))
    places = [os.path.join(parent, name) for name in _AUDIO_FOLDERS]
    place = next(filter(os.path.isdir, places), None)
    if place is None:
        message = f"No audio: there is no folder {places[0]!r}. Only the table is read."
        findings.append(Finding("no audio", message))
        return _at(table, places[0])
    found = _list_recordings(place)
    table = _at(table, place)
    _report_unlabelled(found - set(table["FileName"]), place, findings)
    silent = ~table["FileName"].isin(found)
    if silent.any():
        files = table.loc[silent, "file"]
        named = ", ".join(map(repr, table.loc[silent, "FileName"].head()))
        message = f"Left out, no recording in {place!r}: {len(files)} clips ({named}"
        message += ", ...)." if len(files) > 5 else ")."
        findings.append(Finding("missing", message, tuple(files)))
    return table[~silent]


def _at(table: pd.DataFrame, place: str) -> pd.DataFrame:
    files = [os.path.join(place, name) for name in table["FileName"]]
    return table.assign(file=pd.Series(files, index=table.index, dtype=object))


def _list_recordings(place: str) -> set[str]:
    """Return the names of the recordings in a folder, by one look at it."""
    with os.scandir(place) as entries:
        names = {entry.name for entry in entries}
    return {
        name for name in names if suffix_of(name) in AUDIO and not name.startswith(".")
    }


def _report_unlabelled(names: set[str], place: str, findings: list[Finding]) -> None:
    """Report recordings that are not in the table, but for the withheld ones."""
    unlabelled = sorted(name for name in names if not name.startswith(_TEST3))
    if not unlabelled:
        return
    named = ", ".join(map(repr, unlabelled[:5])) + ", ..." * (len(unlabelled) > 5)
    files = tuple(os.path.join(place, name) for name in unlabelled)
    message = f"Left out, recordings without a label: {len(files)} ({named})."
    findings.append(Finding("left out", message, files))


def _frame(table: pd.DataFrame, path: str) -> pd.DataFrame:
    gender = table["Gender"].str.lower()
    unknown = table["SpkrID"].str.lower().isin(["unknown", ""])
    frame = pd.DataFrame(
        {
            "utterance": table["FileName"].str.removesuffix(".wav"),
            "label": table["label"],
            "speaker": table["SpkrID"].mask(unknown, "unknown-" + table["podcast"]),
            "gender": gender.where(gender.isin(["male", "female"]), "unknown"),
            "session": table["podcast"],
            "partition": table["partition"],
        }
    )
    for column, attribute in ATTRIBUTES.items():
        frame[attribute] = read_numbers(table, column, path, low=1, high=7)
    return with_parts(frame, table["file"].tolist())


def _compare_partitions(frame: pd.DataFrame, findings: list[Finding]) -> None:
    """Say where a partition is not as the challenge had it."""
    classes = frame["label"].isin(PUBLISHED.per_class)
    found = frame.loc[classes, "partition"].value_counts()
    for partition, counts in ODYSSEY.items():
        n_clips, expected = found.get(partition, 0), sum(counts.values())
        if n_clips != expected:
            message = (
                f"partition {partition}: {n_clips} clips in eight classes; the Odyssey "
                f"2024 release has {expected}."
            )
            findings.append(Finding("release", message))


def _add_votes(
    frame: pd.DataFrame, labels: str, findings: list[Finding]
) -> pd.DataFrame:
    """Count how many raters chose each label, if the file of the raters is there."""
    path = os.path.join(labels, _DETAILED)
    if not os.path.isfile(path):
        return frame
    table = read_table(path, columns=["FileName"])
    if "EmoClass_Major" in table:
        chosen = table["EmoClass_Major"]
    elif "EmoDetail" in table:
        # "WORKER00000001; Neutral; Happy,Amused; A:4.0; V:4.0; D:4.0;"
        chosen = table["EmoDetail"].str.extract("^[^;]+;([^;]+);", expand=False)
        wrong = chosen.isna()
        reasons = [f"{text!r} is no rating" for text in table["EmoDetail"][wrong]]
        table = leave_out(table, wrong, reasons, path, findings)
        chosen = chosen[~wrong]
    else:
        findings += report_lines(
            path, [(1, "neither a column 'EmoClass_Major' nor 'EmoDetail'")], "votes"
        )
        return frame
    votes = pd.crosstab(table["FileName"].str.strip(), _label_of(chosen))
    names = frame["utterance"] + ".wav"
    for label in (*PUBLISHED.per_class, "other"):
        counts = votes.get(label, pd.Series(dtype=np.int64))
        frame[VOTES + label] = names.map(counts).fillna(0).astype(np.int64)
    return frame


def _label_of(chosen: pd.Series) -> pd.Series:
    """Return the label of each rater's choice; what he wrote himself is another."""
    words = {label: label for label in PUBLISHED.per_class}
    letters = {letter.lower(): label for letter, label in LABELS.items()}
    return chosen.str.strip().str.lower().map(words | letters).fillna("other")
