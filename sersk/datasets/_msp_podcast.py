"""The MSP-Podcast corpus, of which the Odyssey 2024 challenge used a release."""

import os
from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import AUDIO, check_root, name_some, suffix_of, walk
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, without_copies
from sersk.datasets._loading import (
    CorpusFormat,
    as_loaded,
    assemble,
    nothing_found,
    with_parts,
)
from sersk.datasets._missing import NOTHING, blank_missing
from sersk.datasets._msp_podcast_votes import LABELS, WITHHELD, add_votes, count_clips
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._text import read_numbers, read_table

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
# What a table says of a speaker who is not known.
_UNKNOWN = (*NOTHING, "na", "unknown")
_NAMELESS = "unknown-"
_GENDERS = {"male": "male", "m": "male", "female": "female", "f": "female"}
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
    ``test1`` or ``test2`` for judging. Known speakers are in one of these three only,
    and reported where they are not; the test sets share speakers with each other, so
    none may train for another. Of Test3 the labels are withheld; its recordings are in
    no class and are not reported.

    Many clips have ``Unknown`` for a speaker. Each podcast then has one of its own,
    such as ``"unknown-0153"``, so that no speaker of thousands of clips arises, and
    no two clips of a podcast are taken for two people. Who speaks there may still be
    a known speaker, of another partition too.

    The attributes are here in the order arousal, valence, dominance; the table has
    columns in yet another order and is read by name. ``"no agreement"`` is about a
    quarter of the clips: a score on the eight classes says nothing of them. Votes
    for what a rater wrote himself (``Other-...``) count as ``votes_other``, and a
    rater who is listed twice for a clip counts once.

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
    path = _find_table(folder, findings)
    table = _read_consensus(path, findings)
    listed = set(table["FileName"].str.removesuffix(".wav"))
    table = _with_files(table, os.path.dirname(path), folder, findings)
    if table.empty:
        raise nothing_found(folder, MSP_PODCAST, findings)
    frame = _frame(table, path)
    _compare_partitions(frame, findings)
    _report_shared(frame, findings)
    _report_unrated(frame, findings)
    detailed = os.path.join(os.path.dirname(path), _DETAILED)
    frame = add_votes(frame, detailed, listed, findings)
    corpus = assemble(
        frame,
        MSP_PODCAST,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _find_table(folder: str, findings: list[Finding]) -> str:
    """Return the path of the consensus labels, without listing the recordings."""
    with os.scandir(folder) as entries:
        below = sorted(entry.path for entry in entries if entry.is_dir())
    found: dict[str, str] = {}
    for parent in (folder, *below):
        for place in (os.path.join(parent, "Labels"), parent):
            for name in _TABLES:
                path = os.path.join(place, name)
                if os.path.isfile(path):
                    found.setdefault(os.path.realpath(path), path)
    if not found:
        raise nothing_found(folder, MSP_PODCAST, [])
    first, *others = found.values()
    if others:
        message = (
            f"Read {first!r}. Left out, another table of labels: "
            f"{name_some(others, folder)}."
        )
        findings.append(Finding("copy", message, tuple(others)))
    return first


def _read_consensus(path: str, findings: list[Finding]) -> pd.DataFrame:
    """Return the lines that can be read, with the table's own names of columns."""
    table = read_table(path, columns=COLUMNS)[list(COLUMNS)]
    table = table.apply(lambda column: column.str.strip())
    # Programs that take the column for numbers write 12 as 12.0.
    table["SpkrID"] = table["SpkrID"].str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    for column in ATTRIBUTES:
        table[column] = blank_missing(table[column])
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
    names = table["FileName"]
    parent = labels
    if os.path.basename(os.path.abspath(labels)) == "Labels":
        parent = os.path.normpath(os.path.join(labels, os.pardir))
    places = [os.path.join(parent, name) for name in _AUDIO_FOLDERS]
    place = next(filter(os.path.isdir, places), places[0])
    found = _list_recordings(places, folder, findings)
    if not found:
        message = f"No audio: there is no recording in {place!r}. "
        findings.append(Finding("no audio", message + "Only the table is read."))
    else:
        unlabelled = [found[name] for name in set(found).difference(names)]
        _report_unlabelled(unlabelled, folder, findings)
    files = [found.get(name, os.path.join(place, name)) for name in names]
    table = table.assign(file=pd.Series(files, index=table.index, dtype=object))
    silent = ~names.isin(found) & bool(found)
    if silent.any():
        message = f"Left out, no recording of it: {count_clips(names[silent])}."
        findings.append(Finding("missing", message, tuple(table["file"][silent])))
    return table[~silent]


def _list_recordings(
    places: Sequence[str], folder: str, findings: list[Finding]
) -> dict[str, str]:
    """Return the path of each recording by its name, by one look at each folder."""
    # Of two names of one folder, either may be a link to the other.
    folders = {os.path.realpath(place): place for place in reversed(places)}
    paths = [
        os.path.join(parent, name)
        for place in filter(os.path.isdir, reversed(folders.values()))
        for parent, names in walk(place, findings)
        for name in names
        if suffix_of(name) in AUDIO and not name.startswith(".")
    ]
    found: dict[str, str] = {}
    for path in paths:
        found.setdefault(os.path.basename(path), path)
    copies = sorted(set(paths) - set(found.values()))
    if copies:
        message = f"Left out, another copy of a clip: {name_some(copies, folder)}."
        findings.append(Finding("copy", message, tuple(copies)))
    return found


def _report_unlabelled(
    paths: Sequence[str], folder: str, findings: list[Finding]
) -> None:
    """Report recordings that are not in the table, but for the withheld ones."""
    unlabelled = sorted(
        path for path in paths if not os.path.basename(path).startswith(_TEST3)
    )
    if unlabelled:
        message = (
            f"Left out, a recording without a label: {name_some(unlabelled, folder)}."
        )
        findings.append(Finding("left out", message, tuple(unlabelled)))


def _frame(table: pd.DataFrame, path: str) -> pd.DataFrame:
    unknown = table["SpkrID"].str.lower().isin(_UNKNOWN)
    frame = pd.DataFrame(
        {
            "utterance": table["FileName"].str.removesuffix(".wav"),
            "label": table["label"],
            "speaker": table["SpkrID"].mask(unknown, _NAMELESS + table["podcast"]),
            "gender": table["Gender"].str.lower().map(_GENDERS).fillna("unknown"),
            "session": table["podcast"],
            "partition": table["partition"],
        }
    )
    for column, attribute in ATTRIBUTES.items():
        frame[attribute] = read_numbers(table, column, path, low=1, high=7)
    return with_parts(frame, table["file"].tolist())


def _report_shared(frame: pd.DataFrame, findings: list[Finding]) -> None:
    """Report known speakers for whom training and test are not kept apart."""
    known = frame[~frame["speaker"].str.startswith(_NAMELESS)]
    # The test sets share speakers with each other as published.
    partition = known["partition"].str.rstrip("123")
    counts = partition.groupby(known["speaker"], sort=False).nunique()
    shared = counts.index[counts > 1].to_series()
    if len(shared):
        more = ", ..." if len(shared) > 5 else ""
        named = ", ".join(map(repr, shared.head()))
        message = (
            f"In more than one of train, dev and test: {len(shared)} "
            f"speaker{'s' * (len(shared) != 1)} ({named}{more})."
        )
        findings.append(Finding("speaker", message))


def _report_unrated(frame: pd.DataFrame, findings: list[Finding]) -> None:
    """Report clips that a scheme of attributes drops, but for the withheld ones."""
    empty = frame[list(ATTRIBUTES.values())].isna().any(axis=1)
    clips = frame.loc[empty & frame["label"].ne(WITHHELD), "utterance"]
    if len(clips):
        message = (
            "Without arousal, valence or dominance, and so in no scheme of "
            f"attributes: {count_clips(clips)}."
        )
        findings.append(Finding("attributes", message))


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
