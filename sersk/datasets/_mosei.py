"""CMU-MOSEI, from a table whose columns are taken by name."""

import os
import re
from os import PathLike

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import (
    AUDIO,
    check_root,
    find_files,
    list_media,
    name_some,
    preference,
    stem_of,
    suffix_of,
)
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, without_copies
from sersk.datasets._loading import (
    CorpusFormat,
    as_loaded,
    assemble,
    nothing_found,
    with_parts,
)
from sersk.datasets._scheme import Scheme
from sersk.datasets._text import read_numbers, read_table

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")

# What other people call the columns. Position says nothing: tables differ in it.
_NAMES = {
    "video": ("video", "video_id", "video id", "vid"),
    "clip": ("clip", "clip_id", "clip id", "clip_index", "clip index", "segment"),
    "start": ("start", "start_time", "start time"),
    "end": ("end", "end_time", "end time"),
    "sentiment": ("sentiment",),
    "happy": ("happy", "happiness"),
    "sad": ("sad", "sadness"),
    "anger": ("anger", "angry"),
    "surprise": ("surprise", "surprised"),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful"),
    "partition": ("split", "partition", "mode"),
    "transcript": ("transcript", "text"),
}
_PARTITIONS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "valid": "dev",
    "validation": "dev",
    "val": "dev",
    "test": "test",
}
_NKULULEKO = {"label2a", "label2b", "label6", "label7"}
_SEGMENT = re.compile(r"(.+)\[(\d+)\]")
_LONGEST = 1e6

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
    ``end_time``); and ``split`` (or ``partition``, ``mode``). That is the
    computational sequence *All Labels* of the CMU Multimodal SDK, written to csv with
    these names. Further columns are passed over. Some tables have the last three
    emotions in another order, so one without names is refused. So is that of
    nkululeko: its ``label6`` is the largest of the six even where all are 0, which
    makes clips without any emotion happy.

    A clip is the file ``<video>[<clip>].wav`` if there is one, and else the part from
    ``start`` to ``end`` of ``<video>.wav``. Without a column ``clip``, parts of a video
    are numbered as they stand in the table, and only whole videos are used. Without
    a column ``split``, the folder ``train``, ``dev`` or ``test`` of the file counts.

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
    path = _find_table(folder, findings)
    table = _read(path, findings)
    table = _with_recordings(table, folder, findings)
    if table.empty:
        raise nothing_found(folder, MOSEI, findings)
    table = _with_partition(table, path, findings)
    corpus = assemble(
        with_parts(table, table["file"].tolist()),
        MOSEI,
        scheme=scheme,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _find_table(folder: str, findings: list[Finding]) -> str:
    """Return the one csv file that has the columns, or say what is wrong."""
    paths = find_files(folder, ".csv", findings)
    headers = {path: set(_header(path)) for path in paths}
    needed = {"video", "sentiment", *EMOTIONS}
    usable = [path for path in paths if needed <= headers[path]]
    if len(usable) == 1:
        return usable[0]
    if usable:
        raise ValueError(
            f"root={folder!r} holds several tables of labels: "
            f"{name_some(usable, folder)}. Keep one."
        )
    for path in paths:
        _refuse_nkululeko(path)
    reasons = [
        Finding(
            "table", f"{path!r} has no {', '.join(sorted(needed - headers[path]))}."
        )
        for path in paths
    ]
    raise nothing_found(folder, MOSEI, reasons)


def _header(path: str) -> list[str]:
    """Return our names of the columns of a table, and others as they are."""
    with open(path, "rb") as file:
        first = file.readline().decode("utf-8-sig", "replace")
    return [_our_name(name) for name in first.strip().split(",")]


def _our_name(name: str) -> str:
    plain = name.strip().strip('"').lower()
    for ours, theirs in _NAMES.items():
        if plain in theirs:
            return ours
    return plain


def _refuse_nkululeko(path: str) -> None:
    if _NKULULEKO & set(_header(path)):
        raise ValueError(
            f"{path!r} is the table of nkululeko, which has no strength of each "
            "emotion: its label6 is the largest of the six even where all are 0, so "
            "that clips without emotion count as happy. Write the labels of the CMU "
            f"Multimodal SDK to csv with columns {', '.join(EMOTIONS)}."
        )


def _read(path: str, findings: list[Finding]) -> pd.DataFrame:
    """Return the lines that can be read, under our names of the columns."""
    table = read_table(path, columns=[]).rename(columns=_our_name)
    table = table[[column for column in table if column in _NAMES]]
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise ValueError(
            f"{path!r}, line 1: two columns are the {twice[0]}. Remove one of them."
        )
    table = table.apply(lambda column: column.str.strip())
    is_part = {"start", "end"} <= set(table)
    if "clip" not in table and not is_part:
        raise ValueError(
            f"{path!r} has neither a column 'clip' nor 'start' and 'end', which say "
            "what part of a video is meant. Add them."
        )
    key = ["video", "clip"] if "clip" in table else ["video", "start", "end"]
    table = without_copies(table, key, path, findings)
    for column, low, high in (
        *((emotion, 0, 3) for emotion in EMOTIONS),
        ("sentiment", -3, 3),
        *((time, -_LONGEST, _LONGEST) for time in ("start", "end") if is_part),
    ):
        table[column] = read_numbers(table, column, path, low=low, high=high)
    table = _leave_out(table, path, findings)
    return _with_names(table)


def _leave_out(table: pd.DataFrame, path: str, findings: list[Finding]) -> pd.DataFrame:
    """Leave out lines that name no clip, or do not say every emotion."""
    values = table[["sentiment", *EMOTIONS]]
    wrong = values.isna().any(axis=1)
    reasons = ["a value is missing"] * int(wrong.sum())
    table = leave_out(table, wrong, reasons, path, findings)
    no_name = table["video"].eq("") | table["video"].str.contains(r"[/\\\0]")
    reasons = [f"{video!r} is no video" for video in table.loc[no_name, "video"]]
    table = leave_out(table, no_name, reasons, path, findings)
    if "clip" in table:
        wrong = ~table["clip"].str.fullmatch(r"\d+")
        reasons = [f"{clip!r} is no number of a clip" for clip in table["clip"][wrong]]
        table = leave_out(table, wrong, reasons, path, findings)
    if "start" in table and "end" in table:
        wrong = ~(table["start"].ge(0) & table["end"].gt(table["start"]))
        times = table.loc[wrong, ["start", "end"]].itertuples(index=False)
        reasons = [f"{start:g} s to {end:g} s is no part" for start, end in times]
        table = leave_out(table, wrong, reasons, path, findings)
    return table


def _with_names(table: pd.DataFrame) -> pd.DataFrame:
    """Set utterance, label and speaker."""
    clip = table.groupby("video").cumcount().astype(str)
    if "clip" in table:
        clip = table["clip"].str.lstrip("0").replace("", "0")
    shown = table[list(EMOTIONS)].gt(0)
    label = shown.idxmax(axis=1).mask(shown.sum(axis=1) > 1, "several")
    utterance = table["video"] + "[" + clip + "]"
    table.insert(0, "utterance", utterance)
    table.insert(1, "label", label.mask(~shown.any(axis=1), "neutral"))
    table.insert(2, "speaker", table["video"])
    return table


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
        named = ", ".join(map(repr, silent.head())) + ", ..." * (len(silent) > 5)
        message = (
            f"Left out, annotated but without a recording: {len(silent)} ({named})."
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
    table: pd.DataFrame, path: str, findings: list[Finding]
) -> pd.DataFrame:
    """Set the partition from the table, or else from the folder of each file."""
    source = table.get("partition")
    if source is None:
        folders = [os.path.basename(os.path.dirname(file)) for file in table["file"]]
        names = [_PARTITIONS.get(folder.lower()) for folder in folders]
        partition = pd.Series(names, index=table.index)
        return table if None in names else table.assign(partition=partition)
    partition = source.str.lower().map(_PARTITIONS)
    wrong = partition.isna()
    reasons = [f"{value!r} is no known split" for value in source[wrong]]
    table = leave_out(table.assign(partition=partition), wrong, reasons, path, findings)
    if table.empty:
        raise ValueError(f"{path!r} names no split of train, dev and test. Correct it.")
    return table
