"""Looking for what a split lets through from training to test."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sersk.model_selection._audit_checks import (
    NOTE,
    Finding,
    augmented_copies,
    find_confounding,
    find_empty,
    find_missing_classes,
    find_relatives,
    find_shared_clips,
    find_shared_groups,
    find_unknown,
    identical_audio,
    is_undivided,
    near_identical_audio,
    number,
    windows_of_a_clip,
)
from sersk.model_selection._audit_folds import (
    COLUMNS,
    Sides,
    Subject,
    check_subject,
    make_sides,
)
from sersk.model_selection._audit_report import SplitAudit, as_audit

_AUDIO = ("digest", "fingerprint", None)


def audit_split(
    X: Any,
    y: Any = None,
    *,
    cv: Any = None,
    groups: Any = None,
    validation: Any = None,
    audio: str | None = "digest",
    n_jobs: int | None = None,
) -> SplitAudit:
    """Look for what a split lets through from training to validation and test.

    The checks by name:

    - ``clip``, ``selection`` (leaks): clips that are on both sides; validation clips,
      on which a system is selected, that are tested;
    - ``speaker``, ``session``, ``dialog`` (leaks): those with clips on both sides;
    - ``script``, ``sentence`` (notes): the same. Acted corpora share them by design,
      so scores hold for these texts;
    - ``identical audio``, ``near-identical audio``, ``copy``, ``window`` (leaks):
      clips that have the same content, or nearly the same sound, as one on the other
      side, whatever their names and speakers; copies whose original, or another copy
      of it, is on the other side; windows of a clip that has others there;
    - ``class`` (error in training, note in test): classes that a fold lacks;
    - ``confounded`` (note): at least half of the speakers with three clips or more
      have 90 % of them in one class, or speaker and label share at least 0.3 of
      their information beyond chance. A system that knows the voices then knows the
      labels;
    - ``speaker unknown`` (error), ``session unknown`` and so on (notes): what could
      not be judged;
    - ``empty`` (error): a side without clips; ``unreadable`` (note): clips whose
      audio could not be compared.

    Parameters
    ----------
    X : Corpus or clips
        What is divided; clips, see :func:`sersk.check_clips`, or a table without
        audio. The columns ``speaker``, ``session``, ``dialog``, ``script``,
        ``sentence``, ``copy_of`` and ``window_of`` are looked at where it carries
        them. ``copy_of`` names the original of an augmented clip, and is missing for
        originals: by ``utterance`` where there is such a column, else by its number in
        `X`. ``window_of`` is that of :func:`sersk.audio.make_windows`.
    y : array-like of shape (n_clips,), default=None
        Labels, where `X` is not a Corpus; without them nothing is said of labels.
    cv : splitter, int or iterable, default=None
        How clips are divided; :class:`LeaveOneSpeakerOut` by default. An iterable
        gives (train, test) or (train, validation, test) for each fold.
    groups : array-like of shape (n_clips,), default=None
        Speaker of each clip, where `X` does not carry it; the splitter gets it too.
    validation : splitter or int, default=None
        What divides the training clips of each fold for a search or early stopping.
    audio : {"digest", "fingerprint"} or None, default="digest"
        How recordings are compared: by content, which reads every file, but decodes
        none; by sound as well, which decodes all; or not at all.
    n_jobs : int or None, default=None
        Number of workers that decode, as joblib understands it.

    Returns
    -------
    audit : SplitAudit
        ``print`` it for a report; ``audit.findings`` is a table of all findings.

    Raises
    ------
    ValueError
        If lengths differ, labels are missing or of mixed types, there are no folds,
        or a fold does not fit the clips.

    See Also
    --------
    audit_fit : Look at what an estimator learns from.

    Notes
    -----
    A column that holds one session, or one dialog, for all clips can be divided by
    nothing; then it is a note.

    Sounds are compared by shape: power in 32 segments of the clip and 24 mel bands up
    to 3.8 kHz, in decibels. Clips nearer than 0.05 (1 - cosine) whose waveforms have a
    correlation above 0.7 are taken for copies. On all clips of EmoDB and of twelve
    actors of RAVDESS that finds every copy at half the gain, with noise at 40 dB, with
    20 ms cut off at either end, resampled to 8 kHz, or coded as MP3 or Ogg Vorbis, and
    no two recordings that differ. It does not find copies that are much shorter than
    their original, faster, or of another pitch.

    Examples
    --------
    >>> from sklearn.model_selection import StratifiedKFold
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.model_selection import audit_split
    >>> corpus = make_emotional_speech(n_speakers=4, n_repetitions=1, random_state=0)
    >>> audit = audit_split(corpus, cv=StratifiedKFold(3))
    >>> print(audit.line)
    audit: 2 SPEAKERS SHARED, 2 SESSIONS SHARED
    (speaker, session, audio; sentences shared by design)
    >>> audit.leaks[["fold", "check", "value", "detail"]].head(2)
       fold    check value                    detail
    0     0  speaker    02  8 train and 4 test clips
    1     1  speaker    02  4 train and 8 test clips
    """
    if audio not in _AUDIO:
        raise ValueError(f"audio={audio!r} must be one of {_AUDIO}.")
    subject = check_subject(X, y, groups)
    sides, n_folds, protocol = make_sides(subject, cv, groups, validation)
    findings = [
        *find_shared_clips(sides),
        *find_empty(sides),
        *find_unknown(subject),
        *find_shared_groups(sides, subject),
        *_audio(subject, sides, audio, n_jobs),
        *_copies(subject, sides),
        *_windows(subject, sides),
        *_labels(subject, sides),
    ]
    checked = _checked(subject, audio)
    return as_audit(subject.name, protocol, subject.n_clips, n_folds, checked, findings)


def _audio(
    subject: Subject, sides: list[Sides], audio: str | None, n_jobs: int | None
) -> Iterable[Finding]:
    if audio is None or subject.clips is None:
        return
    identical, unread = identical_audio(subject, subject.clips)
    yield from find_relatives(sides, identical)
    if audio == "fingerprint":
        near, unread = near_identical_audio(
            subject, subject.clips, identical, n_jobs=n_jobs
        )
        yield from find_relatives(sides, near)
    yield from unread


def _copies(subject: Subject, sides: list[Sides]) -> Iterable[Finding]:
    if "copy_of" not in subject.columns:
        return
    yield from find_relatives(sides, augmented_copies(subject))
    ids = subject.columns.get("utterance", np.arange(subject.n_clips))
    named = pd.Series(subject.columns["copy_of"]).dropna()
    lost = named[~named.isin(ids)]
    if len(lost):
        detail = (
            f"copy_of names {lost.nunique()} originals that X does not hold (first: "
            f"{lost.iloc[0]!r})"
        )
        yield Finding(None, "original unknown", "", NOTE, None, len(lost), detail)


def _windows(subject: Subject, sides: list[Sides]) -> Iterable[Finding]:
    if "window_of" in subject.columns:
        yield from find_relatives(sides, windows_of_a_clip(subject))


def _labels(subject: Subject, sides: list[Sides]) -> Iterable[Finding]:
    labels = subject.labels
    if labels is None:
        return
    yield from find_missing_classes(sides, labels)
    if "speaker" in subject.columns:
        yield from find_confounding(subject, labels)


def _checked(subject: Subject, audio: str | None) -> list[str]:
    """Return what would have been found, had it been there."""
    checked = [
        column
        for column in COLUMNS[:3]
        if column in subject.columns
        and not is_undivided(column, len(number(subject.columns[column])[1]))
    ]
    if audio is not None and subject.clips is not None:
        checked += ["audio"] if audio == "digest" else ["audio and its near copies"]
    copies = ["copies"] * ("copy_of" in subject.columns)
    return checked + copies + ["windows"] * ("window_of" in subject.columns)
