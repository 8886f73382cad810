"""CMU-MOSEI, from a table whose columns are taken by name."""

import itertools
import os
import re
from collections.abc import Iterable
from os import PathLike

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import (
    AUDIO,
    check_root,
    list_media,
    name_some,
    preference,
    stem_of,
    suffix_of,
)
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out
from sersk.datasets._loading import (
    CorpusFormat,
    as_loaded,
    assemble,
    nothing_found,
    with_parts,
)
from sersk.datasets._mosei_table import EMOTIONS, find_table, read_labels
from sersk.datasets._scheme import Scheme

_PARTITIONS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "valid": "dev",
    "validation": "dev",
    "val": "dev",
    "test": "test",
}
_MOST_NAMED = 5
_SEGMENT = re.compile(r"(.+)\[(\d+)\]")

MOSEI = CorpusFormat(
    name="mosei",
    title="CMU-MOSEI",
    layout="a csv file with columns video, clip or start and end, sentiment, "
    f"{', '.join(EMOTIONS)} and split, and recordings "
    "'Segmented/train/-3g5yACwYnA[2].wav' or 'Raw/Audio/Full/WAV16000/-3g5yACwYnA.wav'",
    language="English",
    licence="for research, with citation; the videos belong to their authors",
    access="http://multicomp.cs.cmu.edu/resources/cmu-mosei-dataset, open download",
    schemes=(
        "mosei",
        "mosei4",
        "mosei-multilabel",
        "mosei-sentiment",
        "six-merge",
        "four-merge",
        "three-merge",
        "valence3",
    ),
)


def load_mosei(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "mosei",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load CMU-MOSEI from a folder with a table and recordings.

    About 23000 parts of videos in which one person speaks to the camera, with six
    emotions from 0 to 3 and a sentiment from -3 to 3. No audio is opened. Clips are
    in the order of the table.

    Parameters
    ----------
    root : path
        Folder that holds, at any depth, one csv file as below and the recordings.
    scheme : str or LabelScheme, default="mosei"
        What the target is; :func:`sersk.datasets.scheme_names`. The default takes
        clips with exactly one emotion above 0, and those with none as neutral;
        ``"mosei4"`` takes four of these classes. ``"mosei-multilabel"`` (which
        emotions are above 0) and ``"mosei-sentiment"`` (a number) take every clip.
    sampling_rate : int, default=16000
        Rate in Hz of the clips.
    return_X_y : bool, default=False
        Whether to return clips and target instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``,
        ``utterance`` (``"-3g5yACwYnA[2]"``), ``emotion``, ``label``, ``speaker`` (the
        video), ``sentiment``, ``happy``, ``sad``, ``anger``, ``surprise``,
        ``disgust`` and ``fear``, and, if known, ``partition`` (``"train"``,
        ``"dev"`` or ``"test"``) and ``transcript``. ``label`` is the one emotion above
        0, ``"neutral"`` if there is none, and else ``"several"``.
    (clips, target) : tuple of AudioClips and ndarray
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist, holds no such table or several, or no clip of
        it; if a number is none or out of range; or if a clip is in the table twice
        and differently.

    Warns
    -----
    CorpusWarning
        If lines or files were left out; ``corpus.problems`` lists them.

    Notes
    -----
    The table has a header in any order. Its columns are found by name, whatever the
    case: ``video`` (or ``video_id``, ``vid``); ``sentiment``; ``happy``, ``sad``,
    ``anger``, ``surprise``, ``disgust`` and ``fear`` (or ``happiness``, ``sadness``,
    ``angry`` and so on); ``clip`` (or ``clip_id``, ``clip_index``, ``segment``), the
    number in brackets; ``start`` and ``end`` in seconds (or ``start_time`` and
    ``end_time``); and ``split`` (or ``partition``, ``mode``). A value such as ``nan``
    is missing, and its line left out. That is the
    computational sequence *All Labels* of the CMU Multimodal SDK, written to csv with
    these names. Further columns are passed over. Some tables have the last three
    emotions in another order, so one without names is refused. So is that of
    nkululeko: its ``label6`` is the largest of the six even where all are 0, which
    makes clips without any emotion happy.

    A clip is the file ``<video>[<clip>].wav`` if there is one, and else the part from
    ``start`` to ``end`` of ``<video>.wav``. Without a column ``clip``, parts of a video
    are numbered as they stand in the table, and only whole videos are used. Without
    a column ``split``, the folder ``train``, ``dev`` or ``test`` of the file counts;
    clips in other folders then have no partition.

    There are no speaker ids. A video shows one person, and ``speaker`` is the video,
    but some people have several videos.

    The single-label rule drops every clip of several emotions. To count them:
    ``load_mosei(root, scheme="mosei-multilabel").frame["label"].value_counts()``.

    References
    ----------
    A. Zadeh, P. P. Liang, J. Vanbriesen, S. Poria, E. Tong, E. Cambria, M. Chen and
    L.-P. Morency, "Multimodal language analysis in the wild: CMU-MOSEI dataset and
    interpretable dynamic fusion graph", ACL 2018.

    Examples
    --------
    >>> from sersk.datasets import load_mosei
    >>> corpus = load_mosei("path/to/CMU_MOSEI")  # doctest: +SKIP
    >>> corpus.with_scheme("mosei4").target[:2]  # doctest: +SKIP
    array(['happy', 'neutral'], dtype='<U7')
    """
    folder = check_root(root, title=MOSEI.title, layout=MOSEI.layout)
    findings: list[Finding] = []
    path = find_table(folder, findings)
    if path is None:
        raise nothing_found(folder, MOSEI, findings)
    table = read_labels(path, findings)
    if not table.empty:
        table = _with_recordings(table, folder, findings)
    if table.empty:
        raise nothing_found(folder, MOSEI, findings)
    table = _with_partition(table, path, folder, findings)
    corpus = assemble(
        with_parts(table, table["file"].tolist()),
        MOSEI,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _with_recordings(
    table: pd.DataFrame, folder: str, findings: list[Finding]
) -> pd.DataFrame:
    """Set file and part of each clip; leave out and report what lacks the other."""
    found = _find_recordings(folder, findings)
    is_part = {"start", "end"} <= set(table)
    # Without numbers of their own, clips may be numbered otherwise than the files.
    clips = [
        found.get(name) if "clip" in table else None for name in table["utterance"]
    ]
    videos = [found.get(name) if is_part else None for name in table["video"]]
    files = [clip or video for clip, video in zip(clips, videos, strict=True)]
    table = table.assign(file=pd.Series(files, index=table.index, dtype=object))
    if is_part:
        whole = np.array([clip is not None for clip in clips])
        table["start"] = table["start"].mask(whole, 0.0)
        table["end"] = table["end"].mask(whole)
    silent = table.loc[table["file"].isna(), "utterance"]
    if len(silent):
        message = (
            f"Left out, annotated but without a recording: {len(silent)} "
            f"({_name(silent)})."
        )
        findings.append(Finding("missing", message))
    used = set(table["file"].dropna()) | {found.get(video) for video in table["video"]}
    unused = sorted(set(found.values()) - used)
    if unused:
        message = f"Left out, a recording without labels: {name_some(unused, folder)}."
        findings.append(Finding("left out", message, tuple(unused)))
    return table[table["file"].notna()].drop(columns=["video", "clip"], errors="ignore")


def _find_recordings(folder: str, findings: list[Finding]) -> dict[str, str]:
    """Return the path of each recording by its name, which may begin with a dash."""
    paths = [path for path in list_media(folder, findings) if suffix_of(path) in AUDIO]
    found: dict[str, str] = {}
    copies = []
    for path in sorted(paths, key=preference):
        name = stem_of(path)
        match = _SEGMENT.fullmatch(name)
        if match is not None:
            name = f"{match[1]}[{int(match[2])}]"
        if name in found:
            copies.append(path)
        else:
            found[name] = path
    if copies:
        listed = name_some(copies, folder)
        message = f"Left out, another copy of a recording that is there: {listed}."
        findings.append(Finding("copy", message, tuple(copies)))
    return found


def _with_partition(
    table: pd.DataFrame, path: str, folder: str, findings: list[Finding]
) -> pd.DataFrame:
    """Set the partition from the table, or else from the folder of each file."""
    folders = _partitions_of_folders(table)
    if "partition" in table:
        table = _read_partition(table, path, findings)
        _compare_folders(table, folders, findings)
    else:
        if folders.isna().all():
            return table
        table = table.assign(partition=folders)
        _report_outside(table, folder, findings)
    _report_shared(table, findings)
    return table


def _partitions_of_folders(table: pd.DataFrame) -> pd.Series:
    """Return the partition that the folder of each file is named after, or None."""
    folders = [os.path.basename(os.path.dirname(file)) for file in table["file"]]
    names = [_PARTITIONS.get(folder.lower()) for folder in folders]
    return pd.Series(names, index=table.index, dtype=object)


def _read_partition(
    table: pd.DataFrame, path: str, findings: list[Finding]
) -> pd.DataFrame:
    source = table["partition"]
    partition = source.map(_PARTITIONS)
    wrong = partition.isna()
    if wrong.all():
        values = ", ".join(map(repr, sorted(source.unique())[:_MOST_NAMED]))
        raise ValueError(
            f"{path!r}, line {table.index[0]}: split is {source.iloc[0]!r}, and no "
            f"line has a known one; there are {values}. Write train, dev and test."
        )
    reasons = [f"{value!r} is no known split" for value in source[wrong]]
    return leave_out(table.assign(partition=partition), wrong, reasons, path, findings)


def _compare_folders(
    table: pd.DataFrame, folders: pd.Series, findings: list[Finding]
) -> None:
    """Report clips in the folder of another partition than that of the table."""
    folders = folders[table.index]
    # Copies have the two folders train and test, of which the first holds dev as well.
    is_both = table["partition"].eq("dev") & folders.eq("train")
    other = folders.notna() & folders.ne(table["partition"]) & ~is_both
    if other.any():
        files = tuple(table.loc[other, "file"])
        plural = "s" * (len(files) != 1)
        message = (
            "In the folder of another partition than that of the table, which counts: "
            f"{len(files)} clip{plural} ({_name(table.loc[other, 'utterance'])})."
        )
        findings.append(Finding("partition", message, files))


def _report_outside(table: pd.DataFrame, folder: str, findings: list[Finding]) -> None:
    """Report clips of which no folder says the partition, where one does of others."""
    files = table.loc[table["partition"].isna(), "file"].drop_duplicates().tolist()
    if files:
        message = (
            "Without a partition, for they lie in no folder train, dev or test: "
            f"{name_some(files, folder)}. Add a column 'split' to the table."
        )
        findings.append(Finding("partition", message, tuple(files)))


def _report_shared(table: pd.DataFrame, findings: list[Finding]) -> None:
    """Report videos, and so speakers, in more than one partition."""
    counts = table.groupby("speaker", sort=False)["partition"].nunique()
    shared = counts.index[counts > 1]
    if len(shared):
        plural = "s" * (len(shared) != 1)
        message = (
            f"In more than one partition: {len(shared)} video{plural} "
            f"({_name(shared)})."
        )
        findings.append(Finding("partition", message))


def _name(names: Iterable[str]) -> str:
    first = list(itertools.islice(names, _MOST_NAMED + 1))
    more = ", ..." if len(first) > _MOST_NAMED else ""
    return ", ".join(map(repr, first[:_MOST_NAMED])) + more
