"""A user's own corpus, described by a table."""

import os
from collections.abc import Collection, Mapping
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import check_rate, check_root
from sersk.datasets._finding import Finding
from sersk.datasets._lines import Source, leave_out
from sersk.datasets._loading import CorpusFormat, as_loaded, assemble, with_parts
from sersk.datasets._names import check_title, find_variants
from sersk.datasets._paths import locate
from sersk.datasets._scheme import LabelScheme, Scheme
from sersk.datasets._schemes import check_scheme
from sersk.datasets._table_cells import names_in, parts_of, with_values
from sersk.datasets._table_rows import check_columns, read_rows, source_of

UNKNOWN = "unknown"

_LABELS = ("emotion", "label")
_MOST_NAMED = 5


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
        One row a clip, with columns ``file`` and ``emotion`` (or ``label``; not both,
        unless they are equal or `columns` names one; neither is needed under an
        :class:`AttributeScheme`), and if known ``start`` and
        ``end`` (seconds, or durations such as ``0 days 00:00:01.5``; empty for the
        whole file), ``speaker``, ``session``, ``partition``, ``gender``,
        ``transcript``, ``arousal``, ``votes_sad`` and so on. Other columns are kept.
        Labels and speakers are taken without blanks around
        them and as Unicode NFC.
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
        "label_majority", "speaker": "spk"}``: the other way round than in
        ``DataFrame.rename``.
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
        If the table cannot be read, lacks a column, holds what is no number or no
        name where there should be one, names one part of a file twice with different
        content (even by two paths or a link), names files outside the root, or none
        that is there. The message has the line; rows of a DataFrame are counted from 0.
    TypeError
        If a parameter is of another type than it says here.

    Warns
    -----
    CorpusWarning
        If there is no speaker, lines were left out, because a label or a file is
        missing or a label is in no class, names differ only in case, or one utterance
        names several clips; ``corpus.problems`` lists them.

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
    source, columns = source_of(table), check_columns(columns)
    title = check_title(name, os.path.splitext(os.path.basename(source.name))[0])
    check_rate(sampling_rate)
    _check_flag(allow_outside)
    folder = _folder_of(table, root, source)
    chosen = None if scheme is None else check_scheme(scheme)
    findings: list[Finding] = []
    frame = read_rows(table, columns, source)
    frame = with_values(frame, source, _numbers_of(chosen))
    if chosen is None or isinstance(chosen, LabelScheme):
        frame = _with_labels(frame, columns, source, findings)
    frame = _with_speakers(frame, source)
    names = _utterances(frame, source, findings)
    frame = locate(frame, folder, source, findings, allow_outside=allow_outside)
    frame = frame.assign(utterance=names[frame.index])
    chosen = scheme_of(frame, title) if chosen is None else chosen
    findings += unknown_labels(frame, chosen) + find_variants(frame)
    findings += check_speakers(frame, "Name the column with columns={'speaker': ...}.")
    corpus = assemble(
        with_parts(frame, frame["file"].tolist()),
        user_format(title, f"a table of files, {source.name!r}"),
        scheme=chosen,
        folder=folder or source.name,
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


def check_speakers(frame: pd.DataFrame, remedy: str) -> list[Finding]:
    """Report that speakers are not known, without which no split is to be trusted."""
    if "speaker" not in frame:
        message = (
            "There is no speaker: training and test cannot be kept free of common "
            f"speakers. {remedy}"
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


def _check_flag(allow_outside: Any) -> None:
    # Any text would be true, "no" included.
    if not isinstance(allow_outside, (bool, np.bool_)):
        raise TypeError(f"allow_outside must be True or False, got {allow_outside!r}.")


def _folder_of(table: Any, root: Any, source: Source) -> str | None:
    """Return the folder to which paths are relative."""
    if root is not None:
        return check_root(
            root, title="the files of the table", layout="its paths are relative to it"
        )
    if isinstance(table, pd.DataFrame):
        return None
    return os.path.dirname(os.path.abspath(source.name))


def _numbers_of(scheme: Scheme | None) -> Collection[str]:
    """Return the columns that a scheme makes a target of numbers of."""
    if scheme is None or isinstance(scheme, LabelScheme):
        return ()
    return scheme.classes


def _with_labels(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    source: Source,
    findings: list[Finding],
) -> pd.DataFrame:
    """Set the label, without which a row is left out."""
    given = {
        column: names_in(frame, column, source) for column in _LABELS if column in frame
    }
    column = _label_column(frame, given, columns, source)
    labels = given[column]
    missing = labels.isna()
    reasons = [f"{file!r} has no label" for file in frame.loc[missing, "file"]]
    frame = frame.drop(columns=list(given)).assign(label=labels)
    frame = leave_out(frame, missing, reasons, source, findings)
    if frame.empty:
        raise ValueError(
            f"{source.name!r} has no {source.unit} with a label. Fill in {column!r}."
        )
    return frame


def _label_column(
    frame: pd.DataFrame,
    given: Mapping[str, pd.Series],
    columns: Mapping[str, str],
    source: Source,
) -> str:
    """Return which column holds the label; one that is named expressly goes before."""
    if not given:
        raise ValueError(
            f"{source.name!r} has no column 'emotion'. Its columns are "
            f"{', '.join(map(repr, frame.columns))}. Name the one that holds the label "
            "with columns={'emotion': ...}; or, to learn numbers, pass a scheme of "
            "them: scheme=AttributeScheme('mine', ('arousal',))."
        )
    named = [column for column in given if column in columns]
    if len(given) == 1 or len(named) == 1:
        return (named or list(given))[0]
    differs = given["emotion"].fillna("") != given["label"].fillna("")
    if differs.any():
        line = frame.index[differs][0]
        values = " and ".join(repr(given[column][line]) for column in _LABELS)
        raise ValueError(
            f"{source.at(line)}: emotion and label differ, {values}. Say which of the "
            "two is the label, columns={'emotion': 'emotion'} or "
            "columns={'emotion': 'label'}."
        )
    return "emotion"


def _with_speakers(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return speakers as text, with one name for all that are not known."""
    if "speaker" not in frame:
        return frame
    return frame.assign(speaker=names_in(frame, "speaker", source).fillna(UNKNOWN))


def _utterances(
    frame: pd.DataFrame, source: Source, findings: list[Finding]
) -> pd.Series:
    """Return a name for each clip: the table's own, or file and times."""
    names = parts_of(frame)
    if "utterance" not in frame:
        return names
    names = names_in(frame, "utterance", source).fillna(names)
    counts = names.value_counts()
    repeated = counts[counts > 1]
    if len(repeated):
        some = repeated[:_MOST_NAMED].items()
        named = ", ".join(f"{name!r} {count}" for name, count in some)
        more = ", ..." if len(repeated) > _MOST_NAMED else ""
        message = f"One utterance names several clips: {named}{more}."
        findings.append(Finding("utterance", message, (source.name,)))
    return names
