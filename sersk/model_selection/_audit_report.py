"""What an audit found: a table, a line, a report, and an error."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from sersk.model_selection._audit_checks import ERROR, LEAK, NOTE, Finding
from sersk.utils import listed

_MOST_LISTED = 5

# What is shared, how often it may be said, what a score then is, and what to do.
_REASONS = {
    "clip": (
        "clip",
        "those of clips that the model was trained on",
        "Correct cv so that no clip is in two parts of a fold",
    ),
    "selection": (
        "validation clip",
        "the best of many on these very clips",
        "Select on clips that are not tested, such as an inner SpeakerKFold()",
    ),
    "speaker": (
        "speaker",
        "those of voices that the model has heard",
        "Use cv=LeaveOneSpeakerOut() or SpeakerKFold()",
    ),
    "session": (
        "session",
        "those of rooms and channels that the model has heard",
        "Use cv=LeaveOneSessionOut()",
    ),
    "dialog": (
        "dialog",
        "those of conversations that the model has heard",
        "Use cv=LeaveOneSessionOut(), or GroupKFold() with groups=dialogs",
    ),
    "identical audio": (
        "clip of identical audio",
        "those of recordings that the model has heard",
        "Drop all but one clip of each recording",
    ),
    "near-identical audio": (
        "clip of near-identical audio",
        "those of recordings that the model has heard",
        "Listen to them and drop all but one clip of each recording",
    ),
    "copy": (
        "copy",
        "those of recordings that the model has heard",
        "Divide the originals first, and augment training clips only",
    ),
    "window": (
        "window",
        "those of recordings that the model has heard",
        "Divide clips, and cut windows in a WindowedClassifier",
    ),
    "scaled before the split": (
        "matrix",
        "those of features that know the test clips",
        "Scale in a step of the pipeline",
    ),
    "fitted on test clips": (
        "step",
        "those of clips that a step has learned from",
        "Let the step learn from what its fit is given, and from nothing else",
    ),
}
_BY_CLIP = ("identical audio", "near-identical audio", "copy", "window")
_PLURALS = {
    "copy": "copies",
    "clip of identical audio": "clips of identical audio",
    "clip of near-identical audio": "clips of near-identical audio",
    "class": "classes",
}


@dataclass(frozen=True, eq=False, repr=False)
class SplitAudit:
    """Hold what an audit found; its text is a report.

    Parameters
    ----------
    name : str
        What was audited.
    protocol : str
        What divided the clips.
    n_clips, n_folds : int
        Number of clips and of folds.
    checked : tuple of str
        The checks that could be made.
    findings : pandas.DataFrame
        One row a finding. Columns ``fold`` (missing for what holds for all),
        ``check``, ``sides`` (such as ``"train/test"``), ``severity``, ``value`` (the
        speaker, the number of the clip, and so on), ``count`` (clips of the second
        side concerned) and ``detail``. A ``"leak"`` makes scores better than they
        are. An ``"error"`` is what keeps leaks from being found, or a fold from being
        used. A ``"note"`` is what a reader should know.

    See Also
    --------
    audit_split : Make one.
    audit_fit : Make one of what an estimator learns from.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.model_selection import LeaveOneSessionOut, audit_split
    >>> corpus = make_emotional_speech(n_speakers=4, random_state=0)
    >>> audit = audit_split(corpus, cv=LeaveOneSessionOut())
    >>> audit.is_clean
    True
    >>> print(audit.line)
    audit: clean (speaker, session, audio; sentences shared by design)
    """

    name: str
    protocol: str
    n_clips: int
    n_folds: int
    checked: tuple[str, ...]
    findings: pd.DataFrame

    @property
    def leaks(self) -> pd.DataFrame:
        """The findings that make scores better than they are."""
        return self.findings[self.findings["severity"] == LEAK].reset_index(drop=True)

    @property
    def is_clean(self) -> bool:
        """Whether there is no leak, and no error that keeps one from being found."""
        return not self.findings["severity"].isin([LEAK, ERROR]).any()

    @property
    def line(self) -> str:
        """What a table says of the split, on one line."""
        asides = "; ".join([_join(self.checked), *_asides(self.findings)])
        told = [*_loud(self.findings, LEAK), *_loud(self.findings, ERROR)]
        return f"audit: {', '.join(told) or 'clean'}" + (f" ({asides})" * bool(asides))

    def raise_if_leaking(
        self,
        acknowledge: bool | str | Iterable[str] = False,
        *,
        parameter: str = "acknowledge",
    ) -> None:
        """Raise where a leak was found that nobody acknowledges.

        Parameters
        ----------
        acknowledge : bool, str or iterable of str, default=False
            Checks whose leaks are known, such as ``("session", "dialog")``; True: all.
        parameter : str, default="acknowledge"
            What the message calls this parameter, for functions that pass it on.

        Raises
        ------
        ValueError
            If there are other leaks. It names what is shared and the remedy.

        Examples
        --------
        >>> import numpy as np
        >>> from sersk.model_selection import audit_split
        >>> folds = [([0, 1], [2, 3])]
        >>> speakers = ["anna", "bob", "bob", "carl"]
        >>> audit = audit_split(np.zeros((4, 2)), cv=folds, groups=speakers, audio=None)
        >>> audit.raise_if_leaking("speaker")
        >>> audit.raise_if_leaking()
        Traceback (most recent call last):
        ...
        ValueError: 1 speaker is in the training and the test clips of a fold ('bob'),
        so the scores would be those of voices that the model has heard. Use
        cv=LeaveOneSpeakerOut() or SpeakerKFold(), or pass acknowledge=True.
        """
        if acknowledge is True:
            return
        known = [acknowledge] if isinstance(acknowledge, str) else acknowledge or ()
        leaks = self.leaks[~self.leaks["check"].isin(list(known))]
        if len(leaks):
            check = min(leaks["check"], key=list(_REASONS).index)
            raise ValueError(_refuse(leaks[leaks["check"] == check], parameter))

    def __repr__(self) -> str:
        """Return what was audited and whether it is clean."""
        n_leaks = len(self.leaks)
        told = "clean" if self.is_clean else _count(n_leaks, "leak")
        return f"<SplitAudit of {_title(self)}: {told}>"

    def __str__(self) -> str:
        """Return the report."""
        parts = [f"Audit of {_title(self)}", f"Checked: {_join(self.checked)}."]
        for severity in (LEAK, ERROR, NOTE):
            parts += _describe(self.findings, severity)
        return "\n".join([*parts, f"{self.line[0].upper()}{self.line[1:]}."])

    def _repr_html_(self) -> str:
        table = summarise(self.findings)
        heading = f"<p><b>Audit</b> of {html.escape(_title(self))}</p>"
        body = table.to_html(border=0, index=False, na_rep="") if len(table) else ""
        return f"{heading}{body}<p>{html.escape(self.line)}</p>"


def as_audit(
    name: str,
    protocol: str,
    n_clips: int,
    n_folds: int,
    checked: Sequence[str],
    findings: Iterable[Finding],
) -> SplitAudit:
    """Return an audit of findings."""
    frame = pd.DataFrame(
        [vars(finding) for finding in findings],
        columns=[field.name for field in fields(Finding)],
        dtype=object,
    )
    frame = frame.astype({"fold": "Int64", "count": "int64"})
    return SplitAudit(name, protocol, n_clips, n_folds, tuple(checked), frame)


def summarise(findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each check and pair of sides, with the first values."""
    rows = [
        (
            severity,
            check,
            sides,
            int(found["fold"].nunique()),
            int(found["count"].sum()),
            listed(list(found["value"].unique())),
        )
        for (severity, check, sides), found in findings.groupby(
            ["severity", "check", "sides"], sort=False
        )
    ]
    names = ["severity", "check", "sides", "folds", "clips", "values"]
    order = {LEAK: 0, ERROR: 1, NOTE: 2}
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values("severity", key=lambda s: s.map(order), kind="stable")


def _title(audit: SplitAudit) -> str:
    folds = _count(audit.n_folds, "fold")
    clips = _count(audit.n_clips, "clip")
    return f"{audit.name}: {clips}, {audit.protocol}, {folds}"


def _describe(findings: pd.DataFrame, severity: str) -> list[str]:
    """Return a paragraph for each check that found something of a severity."""
    lines = []
    found = findings[findings["severity"] == severity]
    for (check, sides), rows in found.groupby(["check", "sides"], sort=False):
        where = f" {sides}" if sides else ""
        folds = rows["fold"].nunique()
        in_folds = f", {_count(folds, 'fold')}" if folds else ""
        lines.append(f"{severity}: {check}{where} ({len(rows)}{in_folds})")
        for row in rows.head(_MOST_LISTED).to_dict("records"):
            fold = "" if pd.isna(row["fold"]) else f"fold {row['fold']}: "
            has_name = check not in _BY_CLIP and row["value"] is not None
            named = f"{row['value']!r}: " if has_name else ""
            lines.append(f"  {fold}{named}{row['detail']}")
        if len(rows) > _MOST_LISTED:
            lines.append(f"  and {len(rows) - _MOST_LISTED} more")
    return lines


def _loud(findings: pd.DataFrame, severity: str) -> list[str]:
    """Return what has to be seen, in capital letters."""
    told = []
    found = findings[findings["severity"] == severity]
    for check, rows in found.groupby("check", sort=False):
        told.append(_say_loud(str(check), rows))
    return told


def _say_loud(check: str, rows: pd.DataFrame) -> str:
    n_values = rows["value"].nunique()
    if check in ("speakers unknown", "scaled before the split"):
        return check.upper()
    if check == "speaker unknown":
        return f"{_count(int(rows['count'].sum()), 'CLIP', 'CLIPS')} WITHOUT SPEAKER"
    if check == "class":
        folds = _count(rows["fold"].nunique(), "FOLD", "FOLDS")
        return f"{folds} WITHOUT TRAINING CLIPS OF A CLASS"
    if check == "empty":
        return f"{_count(rows['fold'].nunique(), 'FOLD', 'FOLDS')} WITH AN EMPTY SIDE"
    if check in ("clip", "selection"):
        n_clips = int(rows["count"].sum())
        kind = "TESTED AND SELECTED ON" if check == "selection" else "SHARED"
        return f"{_count(n_clips, 'CLIP', 'CLIPS')} {kind}"
    noun = _REASONS[check][0]
    verb = " ON BOTH SIDES" if check in _BY_CLIP else " SHARED"
    verb = " FITTED ON TEST CLIPS" if check == "fitted on test clips" else verb
    return _count(n_values, noun).upper() + verb


def _asides(findings: pd.DataFrame) -> list[str]:
    """Return what a reader should know, in a few words each."""
    notes = findings[findings["severity"] == NOTE]
    told = []
    for check, rows in notes.groupby("check", sort=False):
        if check == "sentence":
            told.append("sentences shared by design")
        elif check == "confounded":
            told.append("labels confounded with speakers")
        elif check == "class":
            folds = _count(rows["fold"].nunique(), "fold")
            told.append(f"{folds} without test clips of a class")
        elif check == "unreadable":
            told.append(f"{_count(len(rows), 'clip')} not readable")
        elif check in ("script", "session", "dialog"):
            told.append(f"{check!s}s shared")
        else:
            told.append(str(check))
    return told


def _refuse(leaks: pd.DataFrame, parameter: str) -> str:
    """Return why a split is refused, and the remedy."""
    check, sides = leaks["check"].iloc[0], leaks["sides"].iloc[0]
    noun, scores, remedy = _REASONS[check]
    values = sorted(leaks["value"].unique(), key=str)
    n_values = len(values)
    if check in ("clip", "selection"):
        n_values = int(leaks["count"].max())
        named = f"first: clip {values[0]}"
    elif check in _BY_CLIP:
        named = leaks["detail"].iloc[0]
    else:
        named = listed(values)
    if check == "scaled before the split":
        where = "scaled over all rows before the split"
    elif check == "fitted on test clips":
        where = "fitted on test clips of a fold"
    else:
        first, _, second = sides.partition("/")
        first = first.replace("train", "training")
        where = f"in the {first} and the {second} clips of a fold"
    return (
        f"{_count(n_values, noun)} {'is' if n_values == 1 else 'are'} {where} "
        f"({named}), so the scores would be {scores}. {remedy}, or pass "
        f"{parameter}=True."
    )


def _count(n: int, noun: str, nouns: str | None = None) -> str:
    plural = nouns or _PLURALS.get(noun, f"{noun}s")
    return f"{n} {noun if n == 1 else plural}"


def _join(checked: Sequence[str]) -> str:
    return ", ".join(checked)
