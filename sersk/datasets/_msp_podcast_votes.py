"""The labels of MSP-Podcast, and which of them each rater chose."""

import os
from collections.abc import Collection

import numpy as np
import pandas as pd

from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, report_lines
from sersk.datasets._text import read_table
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

_CHOICES = {letter: label for letter, label in LABELS.items() if letter != "X"}
_WORKERS = ("worker", "workers", "workerid", "worker_id")
_MOST_NAMED = 5


def add_votes(
    frame: pd.DataFrame, path: str, listed: Collection[str], findings: list[Finding]
) -> pd.DataFrame:
    """Count how many raters chose each label, if the file of the raters is there.

    `listed` are the names of all clips that have a line among the consensus labels.
    """
    if not os.path.lexists(path):
        return frame
    try:
        ratings = _read_ratings(path, findings)
    except ValueError as error:
        findings.append(Finding("votes", f"No votes: {error}", (path,)))
        return frame
    _report_unlisted(ratings, path, listed, findings)
    votes = pd.crosstab(ratings["utterance"], ratings["label"])
    for label in _CHOICES.values():
        counts = votes.get(label, pd.Series(dtype=np.int64))
        counts = frame["utterance"].map(counts).fillna(0).astype(np.int64)
        frame = frame.assign(**{VOTES + label: counts})
    _report_unrated(frame, path, findings)
    return frame


def _read_ratings(path: str, findings: list[Finding]) -> pd.DataFrame:
    """Return clip and label of each rating, and the rater if the table says who."""
    # Opening a pipe waits for somebody to write into it.
    if not os.path.isfile(path):
        raise ValueError(f"{path!r} is no file.")
    ratings = _with_choices(read_table(path, columns=["FileName"]), path)
    ratings = _with_labels(ratings, path, findings)
    if ratings.empty:
        raise ValueError(f"{path!r} holds no rating that can be read.")
    return _without_repeats(ratings, path, findings)


def _with_choices(table: pd.DataFrame, path: str) -> pd.DataFrame:
    names = table["FileName"].str.strip()
    ratings = pd.DataFrame(
        {"utterance": names.str.replace(r"\.wav$", "", case=False, regex=True)}
    )
    if "EmoClass_Major" in table:
        for column in map(str, table.columns):
            if column.lower() in _WORKERS:
                ratings["worker"] = table[column].str.strip()
        return ratings.assign(choice=table["EmoClass_Major"], said="")
    if "EmoDetail" in table:
        # "WORKER00000001; Neutral; Happy,Amused; A:4.0; V:4.0; D:4.0;"
        parts = table["EmoDetail"].str.extract("^([^;]+);([^;]+);")
        return ratings.assign(
            worker=parts[0].str.strip(), choice=parts[1], said=table["EmoDetail"]
        )
    raise ValueError(
        f"{path!r}, line 1: neither a column 'EmoClass_Major' nor 'EmoDetail'."
    )


def _with_labels(
    ratings: pd.DataFrame, path: str, findings: list[Finding]
) -> pd.DataFrame:
    """Set the label of each choice; what a rater wrote himself is another one."""
    wrong = ratings["choice"].isna()
    reasons = [f"{text!r} is no rating" for text in ratings["said"][wrong]]
    ratings = leave_out(ratings, wrong, reasons, path, findings)
    words = ratings["choice"].str.strip().str.lower()
    known = {label: label for label in _CHOICES.values()}
    known |= {letter.lower(): label for letter, label in _CHOICES.items()}
    is_other = words.str.match(r"other\b").astype(bool)
    ratings = ratings.assign(label=words.map(known).mask(is_other, "other"))
    wrong = ratings["label"].isna()
    reasons = [f"{choice.strip()!r} is no class" for choice in ratings["choice"][wrong]]
    return leave_out(ratings, wrong, reasons, path, findings)


def _without_repeats(
    ratings: pd.DataFrame, path: str, findings: list[Finding]
) -> pd.DataFrame:
    """Keep the first rating of a clip by each rater."""
    if "worker" not in ratings:
        return ratings
    again = ratings.duplicated(["utterance", "worker"]) & ratings["worker"].ne("")
    lines = [
        (int(line), f"{worker} rated {clip!r} before")
        for line, clip, worker in ratings.loc[
            again, ["utterance", "worker"]
        ].itertuples()
    ]
    findings += report_lines(path, lines, "copy")
    return ratings[~again]


def _report_unlisted(
    ratings: pd.DataFrame, path: str, listed: Collection[str], findings: list[Finding]
) -> None:
    """Report ratings of clips that are in no line of the consensus labels."""
    clips = ratings["utterance"].drop_duplicates()
    unlisted = clips[~clips.isin(listed)]
    if len(unlisted):
        message = (
            f"Left out of {path!r}, ratings of clips that have no consensus label: "
            f"{count_clips(unlisted)}."
        )
        findings.append(Finding("votes", message, (path,)))


def _report_unrated(frame: pd.DataFrame, path: str, findings: list[Finding]) -> None:
    """Report clips that no rater chose a label for."""
    total = frame[[VOTES + label for label in _CHOICES.values()]].sum(axis=1)
    unrated = frame.loc[total.eq(0) & frame["label"].ne(WITHHELD), "utterance"]
    if len(unrated):
        message = f"Without any vote in {path!r}: {count_clips(unrated)}."
        findings.append(Finding("votes", message, (path,)))


def count_clips(names: pd.Series) -> str:
    """Count clips and name the first of them."""
    named = ", ".join(map(repr, names.head(_MOST_NAMED)))
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return f"{len(names)} clip{'s' * (len(names) != 1)} ({named}{more})"
