"""A user's own corpus, described by a table."""

import os
from collections.abc import Iterable, Mapping
from os import PathLike

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import ATTRIBUTES, Corpus
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, without_copies
from sersk.datasets._loading import CorpusFormat, as_loaded, assemble, with_parts
from sersk.datasets._paths import locate
from sersk.datasets._scheme import LabelScheme, Scheme
from sersk.datasets._schemes import check_scheme
from sersk.datasets._text import read_table
from sersk.datasets._votes import VOTES

UNKNOWN = "unknown"

_PARTS = ("file", "start", "end")
_NUMBERS = (*ATTRIBUTES, "sentiment")
_NOTHING = ("", "nan", "nat", "none", "<na>", "null")


def load_table(
    table: str | PathLike | pd.DataFrame,
    root: str | PathLike | None = None,
    *,
    scheme: str | Scheme | None = None,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    sampling_rate: int = 16_000,
    allow_outside: bool = False,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load a corpus of your own from a table of files, labels and speakers.

    The table is a csv file with a header, such as audformat and nkululeko write, or a
    DataFrame, which may have audformat's index of ``file``, or of ``file``, ``start``
    and ``end``. No audio is opened. Clips are in the order of the table.

    Parameters
    ----------
    table : path or DataFrame
        One row a clip, with columns ``file`` and ``emotion`` (or ``label``), and if
        known ``start`` and ``end`` (seconds, or durations such as ``0 days
        00:00:01.5``; empty for the whole file), ``speaker``, ``session``,
        ``partition``, ``gender``, ``transcript``, ``arousal`` and so on. Other columns
        are kept.
    root : path, default=None
        Folder to which relative paths are relative. None: the folder of the csv file;
        the paths of a DataFrame are taken as they are.
    scheme : str or LabelScheme, default=None
        Which labels make which classes. None: each label is a class, in alphabetical
        order.
    name : str, default=None
        Name of the corpus. None: that of the csv file without its suffix, or
        ``"table"``.
    columns : mapping of str to str, default=None
        Which column of the table is meant by one of ours, such as ``{"emotion":
        "label_majority", "speaker": "spk"}``.
    sampling_rate : int, default=16000
        Rate in Hz of the clips.
    allow_outside : bool, default=False
        Whether paths may lead out of the root, by being absolute, by ``..`` or by a
        link. Say True only of a table that you wrote yourself.
    return_X_y : bool, default=False
        Whether to return clips and target instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns of the table, and ``emotion``, ``label``
        (the label as the table has it) and ``utterance`` (if the table has none: the
        file as the table names it, with the times of a part).
    (clips, target) : tuple of AudioClips and ndarray
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the table cannot be read, lacks a column, names one part of a file twice
        with different content, names files outside the root, or none that is there.
        The message has the line; rows of a DataFrame are counted from 0.
    TypeError
        If `table` is neither a path nor a DataFrame.

    Warns
    -----
    CorpusWarning
        If there is no speaker, or lines were left out, because a label or a file is
        missing or a label is in no class; ``corpus.problems`` lists them.

    See Also
    --------
    sersk.datasets.load_folder : Labels are the names of folders.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.datasets import load_table
    >>> table = pd.DataFrame(
    ...     {
    ...         "file": ["a1.wav", "a2.wav", "b1.wav"],
    ...         "emotion": ["sad", "happy", "sad"],
    ...         "speaker": ["anna", "anna", "bob"],
    ...     }
    ... )
    >>> load_table(table, "recordings")  # doctest: +SKIP
    <Corpus table: 3 clips, 2 speakers; happy 1, sad 2>
    """
    source = _name_of(table)
    findings: list[Finding] = []
    frame = _rename(_read(table), columns, source)
    frame = _with_times(frame, source)
    frame = without_copies(frame, list(_PARTS), source, findings)
    if root is None and not isinstance(table, pd.DataFrame):
        root = os.path.dirname(os.path.abspath(source))
    folder = None if root is None else os.path.expanduser(os.fsdecode(root))
    chosen = None if scheme is None else check_scheme(scheme)
    if chosen is None or isinstance(chosen, LabelScheme):
        frame = _with_labels(frame, source, findings)
    frame = _with_utterances(_with_speakers(frame))
    frame = locate(frame, folder, source, findings, allow_outside=allow_outside)
    title = name or _title_of(table)
    chosen = scheme_of(frame, title) if chosen is None else chosen
    findings += unknown_labels(frame, chosen)
    findings += check_speakers(frame)
    corpus = assemble(
        with_parts(frame, frame["file"].tolist()),
        user_format(title, f"a table of files, {source!r}"),
        scheme=chosen,
        folder=folder or source,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def user_format(name: str, layout: str) -> CorpusFormat:
    """Return what is known of a corpus of which nothing is known."""
    return CorpusFormat(
        name=name,
        title=name,
        layout=layout,
        language="unknown",
        licence="yours to know",
        access="your own",
        schemes=(),
    )


def scheme_of(frame: pd.DataFrame, name: str) -> LabelScheme:
    """Return the scheme in which each label is a class, in alphabetical order."""
    labels = sorted(frame["label"].unique())
    if len(labels) < 2:
        raise ValueError(
            f"{name} has only the label {', '.join(map(repr, labels))}. There is "
            "nothing to tell apart; pass a scheme with all classes if this is a part "
            "of a corpus."
        )
    return LabelScheme(name, tuple(labels))


def unknown_labels(frame: pd.DataFrame, scheme: Scheme) -> list[Finding]:
    """Report labels that are in no class, for no list of them is published."""
    if not isinstance(scheme, LabelScheme) or "label" not in frame:
        return []
    rest = frame.loc[scheme.classify(frame["label"]).isna(), "label"]
    if rest.empty:
        return []
    counts = rest.value_counts()
    named = ", ".join(f"{label!r} {count}" for label, count in counts.items())
    message = f"Left out, in no class of the scheme {scheme.name}: {named}."
    return [Finding("left out", message)]


def check_speakers(frame: pd.DataFrame) -> list[Finding]:
    """Report that speakers are not known, without which no split is to be trusted."""
    if "speaker" not in frame:
        message = (
            "There is no speaker: training and test cannot be kept free of common "
            "speakers. Name the column with columns={'speaker': ...}."
        )
        return [Finding("speaker", message)]
    unknown = frame["speaker"] == UNKNOWN
    if not unknown.any():
        return []
    message = (
        f"{int(unknown.sum())} clips have no speaker, and are taken for one, "
        f"{UNKNOWN!r}."
    )
    return [Finding("speaker", message)]


def _name_of(table: str | PathLike | pd.DataFrame) -> str:
    """Return what messages call the table."""
    if isinstance(table, pd.DataFrame):
        return "table"
    if not isinstance(table, (str, PathLike)):
        raise TypeError(
            f"table must be the path of a csv file or a DataFrame, got {table!r}."
        )
    return os.path.expanduser(os.fsdecode(table))


def _title_of(table: str | PathLike | pd.DataFrame) -> str:
    return os.path.splitext(os.path.basename(_name_of(table)))[0]


def _read(table: str | PathLike | pd.DataFrame) -> pd.DataFrame:
    """Return the rows; the index is the number of each line, or of each row."""
    if not isinstance(table, pd.DataFrame):
        frame = read_table(_name_of(table), columns=[])
        return frame.apply(lambda column: column.str.strip())
    if "file" in table.index.names:
        table = table.reset_index()
    frame = table.reset_index(drop=True)
    frame.columns = [str(column) for column in frame.columns]
    return frame


def _rename(
    frame: pd.DataFrame, columns: Mapping[str, str] | None, source: str
) -> pd.DataFrame:
    """Give the columns our names; one that is named expressly goes before another."""
    columns = {} if columns is None else dict(columns)
    missing = [theirs for theirs in columns.values() if theirs not in frame]
    if "file" not in columns and "file" not in frame:
        missing.append("file")
    if missing:
        raise ValueError(
            f"{source!r} has no column {', '.join(map(repr, missing))}. It has "
            f"{', '.join(map(repr, frame.columns))}. Name those that are meant with "
            "columns={'file': ..., 'emotion': ..., 'speaker': ...}."
        )
    chosen = {ours: frame[theirs] for ours, theirs in columns.items()}
    rest = frame.drop(columns=[*columns.values(), *columns], errors="ignore")
    frame = rest.assign(**chosen)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"{source!r} has two columns {twice[0]!r}. Rename one.")
    return frame


def _with_times(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the table with start and end in seconds, and numbers as numbers."""
    nameless = _is_missing(frame["file"])
    if nameless.any():
        line = frame.index[nameless][0]
        raise ValueError(f"{source!r}, line {line}: names no file. Name it or drop it.")
    frame = frame.assign(
        file=_objects(map(_plain, frame["file"]), frame),
        start=_seconds(frame, "start", source).fillna(0.0),
        end=_seconds(frame, "end", source),
    )
    wrong = (frame["start"] < 0) | (frame["end"] <= frame["start"])
    if wrong.any():
        line = frame.index[wrong][0]
        start, end = frame.loc[line, "start"], frame.loc[line, "end"]
        raise ValueError(
            f"{source!r}, line {line}: {start:g} s to {end:g} s is no part of a file. "
            "Correct start and end, which are in seconds."
        )
    for column in frame:
        if column in _NUMBERS or str(column).startswith(VOTES):
            frame[column] = _numbers(frame[column], source)
    return frame


def _plain(file: str | PathLike) -> str:
    """Return a path without detours, so that a copy of a line is seen to be one."""
    name = os.fsdecode(file)
    # What lies above a link is not what stands before it.
    return name if os.pardir in name.split(os.sep) else os.path.normpath(name)


def _objects(texts: Iterable[str], frame: pd.DataFrame) -> pd.Series:
    """Return a column of any text; pandas' own type of text takes UTF-8 only."""
    return pd.Series(list(texts), index=frame.index, dtype=object)


def _seconds(frame: pd.DataFrame, column: str, source: str) -> pd.Series:
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    times = frame[column]
    if times.dtype.kind == "m":
        return times.dt.total_seconds()
    # Without a unit, pandas would take a number for nanoseconds.
    is_duration = times.astype(str).str.contains(":|day")
    durations = pd.to_timedelta(times.astype(str).where(is_duration), errors="coerce")
    wrong = is_duration & durations.isna()
    if wrong.any():
        raise _no_number(times, wrong, source)
    seconds = _numbers(times.mask(is_duration), source)
    return seconds.fillna(durations.dt.total_seconds())


def _numbers(values: pd.Series, source: str) -> pd.Series:
    """Return a column as numbers, or raise naming the line that holds none."""
    numbers = pd.to_numeric(values.mask(_is_missing(values)), errors="coerce")
    wrong = (numbers.isna() & ~_is_missing(values)) | np.isinf(numbers)
    if wrong.any():
        raise _no_number(values, wrong, source)
    return numbers.astype(np.float64)


def _no_number(values: pd.Series, wrong: pd.Series, source: str) -> ValueError:
    line = values.index[wrong][0]
    return ValueError(
        f"{source!r}, line {line}: {values.name} is {values[line]!r}, which is no "
        "number. Correct the line."
    )


def _is_missing(values: pd.Series) -> pd.Series:
    nothing = [str(value).strip().lower() in _NOTHING for value in values]
    return values.isna() | pd.Series(nothing, index=values.index, dtype=bool)


def _with_labels(
    frame: pd.DataFrame, source: str, findings: list[Finding]
) -> pd.DataFrame:
    """Set the label, without which a row is left out."""
    column = next((name for name in ("emotion", "label") if name in frame), None)
    if column is None:
        raise ValueError(
            f"{source!r} has no column 'emotion'. Its columns are "
            f"{', '.join(map(repr, frame.columns))}. Name the one that holds the label "
            "with columns={'emotion': ...}."
        )
    missing = _is_missing(frame[column])
    reasons = [f"{file!r} has no label" for file in frame.loc[missing, "file"]]
    labels = _objects((str(label).strip() for label in frame[column]), frame)
    frame = frame.drop(columns=["emotion", "label"], errors="ignore")
    frame = leave_out(frame.assign(label=labels), missing, reasons, source, findings)
    if frame.empty:
        raise ValueError(f"{source!r} has no row with a label. Fill in {column!r}.")
    return frame


def _with_speakers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return speakers as text, with one name for all that are not known."""
    if "speaker" not in frame:
        return frame
    unknown = _is_missing(frame["speaker"])
    speakers = _objects(map(str, frame["speaker"]), frame)
    return frame.assign(speaker=speakers.mask(unknown, UNKNOWN))


def _with_utterances(frame: pd.DataFrame) -> pd.DataFrame:
    """Name each clip by its file as the table has it, and the times of a part."""
    if "utterance" in frame:
        return frame
    names = [
        file if start == 0 and np.isnan(end) else f"{file}[{start:g}-{end:g}]"
        for file, start, end in frame[list(_PARTS)].itertuples(index=False)
    ]
    return frame.assign(utterance=_objects(names, frame))
