"""A user's own corpus, whose folders are its labels."""

import os
from collections.abc import Sequence
from os import PathLike
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._corpus_checks import NUMBERS
from sersk.datasets._files import (
    AUDIO,
    check_rate,
    check_root,
    list_media,
    name_some,
    preference,
    suffix_of,
)
from sersk.datasets._finding import Finding
from sersk.datasets._loading import as_loaded, assemble, with_parts
from sersk.datasets._names import check_title, clean_name, find_variants, is_text
from sersk.datasets._scheme import Scheme
from sersk.datasets._schemes import check_scheme
from sersk.datasets._table import (
    check_speakers,
    scheme_of,
    unknown_labels,
    user_format,
)
from sersk.datasets._votes import VOTES

_RESERVED = ("file", "start", "end", "utterance", "label")
_SPEAKERS = "If there are folders of speakers, say so: levels=('emotion', 'speaker')."


def load_folder(
    root: str | PathLike,
    *,
    levels: Sequence[str] = ("emotion", "speaker"),
    scheme: str | Scheme | None = None,
    name: str | None = None,
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load a corpus of your own from folders that are named after their labels.

    The default is a tree ``emotion/speaker/file.wav``. No audio is opened. Clips are
    sorted by path.

    Parameters
    ----------
    root : path
        Folder that holds the tree.
    levels : sequence of str, default=("emotion", "speaker")
        What the folders between root and recording say, from the outermost:
        ``"emotion"``, and ``"speaker"``, ``"session"``, ``"gender"``,
        ``"partition"`` or whatever else is no number. Names of folders are taken
        without blanks around them and as Unicode NFC.
    scheme : str or LabelScheme, default=None
        Which labels make which classes. None: each label is a class, in alphabetical
        order.
    name : str, default=None
        Name of the corpus. None: that of the folder.
    sampling_rate : int, default=16000
        Rate in Hz of the clips.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file``, ``start``, ``end``, ``utterance``
        (path in the root without suffix), ``emotion``, ``label`` and the levels.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no recording at the right depth, if
        there is only one label, the levels are not usable, or the name of a folder is
        not UTF-8.
    TypeError
        If a parameter is of another type than it says here.

    Warns
    -----
    CorpusWarning
        If there is no level of speakers, names differ only in case, or files were
        left out: those at another depth, of other formats, copies, or with a label
        that is in no class; ``corpus.problems`` lists them.

    See Also
    --------
    sersk.datasets.load_table : A table says what is known of each file.

    Notes
    -----
    Two folders of one name on the level of speakers are one speaker. Where each
    label numbers its speakers anew, name them apart first.

    Examples
    --------
    >>> from sersk.datasets import load_folder
    >>> load_folder("recordings", levels=("speaker", "emotion"))  # doctest: +SKIP
    <Corpus recordings: 535 clips, 10 speakers; anger 127, happy 71, sad 62>
    """
    columns = _check_levels(levels)
    check_rate(sampling_rate)
    layout = os.sep.join([*columns, "file.wav"])
    folder = check_root(root, title="the recordings", layout=repr(layout))
    title = check_title(name, os.path.basename(os.path.abspath(folder)) or "folder")
    findings: list[Finding] = []
    rows = _read(folder, columns, findings)
    if not rows:
        found = "".join(f" {finding.message}" for finding in findings)
        raise ValueError(
            f"root={folder!r} holds no clip of {layout!r}.{found} Say with levels= "
            "what the folders between root and recording are, from the outermost on, "
            "such as ('speaker', 'emotion'); where a table says it, use load_table."
        )
    # Any name of a folder; pandas' own type of text takes UTF-8 only.
    frame = pd.DataFrame(rows, dtype=object).rename(columns={"emotion": "label"})
    frame = with_parts(frame, frame["file"].tolist())
    chosen = scheme_of(frame, title) if scheme is None else check_scheme(scheme)
    findings += unknown_labels(frame, chosen) + find_variants(frame)
    findings += check_speakers(frame, _SPEAKERS)
    corpus = assemble(
        frame,
        user_format(title, repr(layout)),
        scheme=chosen,
        folder=folder,
        findings=findings,
        sampling_rate=sampling_rate,
    )
    return as_loaded(corpus, return_X_y)


def _check_levels(levels: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the levels, or say what cannot be one."""
    # The order says which folder is meant, and a set has none.
    if not isinstance(levels, (tuple, list)):
        raise TypeError(f"levels must be a tuple of str, got {levels!r}.")
    names = tuple(levels)
    if not all(isinstance(level, str) and level for level in names):
        raise TypeError(f"levels must be names of columns, got {names!r}.")
    if "emotion" not in names or len(set(names)) < len(names):
        raise ValueError(
            f"levels={names!r} must hold 'emotion', and no name twice. Pass what the "
            "folders say from the outermost on, such as ('speaker', 'emotion')."
        )
    reserved = [level for level in names if level in _RESERVED]
    if reserved:
        raise ValueError(
            f"levels={names!r}: every corpus has a column {reserved[0]!r}. Give the "
            "level another name."
        )
    numbers = [name for name in names if name in NUMBERS or name.startswith(VOTES)]
    if numbers:
        raise ValueError(
            f"levels={names!r}: {numbers[0]!r} is a column of numbers, and folders "
            "have names. Give the level another name, or use load_table."
        )
    return names


def _names_of(
    folder: str, path: str, columns: tuple[str, ...], parts: tuple[str, ...]
) -> dict[str, str]:
    """Return what the folders of a recording say, or name one that says nothing."""
    names = {}
    for column, part in zip(columns, parts[:-1], strict=True):
        names[column] = clean_name(part)
        if not names[column] or not is_text(part):
            at = os.path.dirname(os.path.relpath(path, folder))
            raise ValueError(
                f"The folder {at!r} in {folder!r} has {part!r} for {column!r}, which "
                "is blank or not UTF-8. Rename it."
            )
    return names


def _read(
    folder: str, columns: tuple[str, ...], findings: list[Finding]
) -> list[dict[str, Any]]:
    """Return a row for each recording; report what is left out, by reason."""
    rows: dict[str, dict[str, Any]] = {}
    left_out: dict[str, list[str]] = {}
    for path in sorted(list_media(folder, findings), key=preference):
        parts = PurePath(os.path.relpath(path, folder)).with_suffix("").parts
        utterance = "/".join(parts)
        reason = None
        if suffix_of(path) not in AUDIO:
            reason = "neither WAV nor FLAC"
        elif len(parts) != len(columns) + 1:
            reason = f"not {len(columns)} folders below the root"
        elif utterance in rows:
            reason = "another copy of a clip that is there"
        if reason is not None:
            left_out.setdefault(reason, []).append(path)
            continue
        levels = _names_of(folder, path, columns, parts)
        rows[utterance] = {"file": path, "utterance": utterance, **levels}
    for reason, files in left_out.items():
        message = f"Left out, {reason}: {name_some(files, folder)}."
        findings.append(Finding("left out", message, tuple(files)))
    return [rows[utterance] for utterance in sorted(rows)]
