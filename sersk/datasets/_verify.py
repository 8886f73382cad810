"""Whether a copy of a corpus is the corpus, and its recordings can be used."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sersk.datasets._catalogue import FORMATS
from sersk.datasets._checks import CHECKS, tabulate
from sersk.datasets._corpus import Corpus
from sersk.datasets._finding import Finding
from sersk.datasets._listening import Heard, listen
from sersk.datasets._loading import published_counts
from sersk.datasets._report import count_findings, write_html, write_report

# A loader's sentence up to where it starts to list files.
_LIST_OF_FILES = re.compile(r": \d+( \w+)? \(['\"].*", re.DOTALL)


@dataclass(frozen=True, eq=False, repr=False)
class Verification:
    """Hold what was found in a corpus; its text is a report.

    Parameters
    ----------
    title : str
        What was looked at, on one line.
    folder : str
        Folder that all files lie in; the report names them relative to it.
    counts : pandas.DataFrame
        Columns ``column`` (``"emotion"``, ``"speaker"`` or ``"session"``),
        ``value``, ``found`` (clips of the corpus) and ``published`` (missing where
        that is not known).
    frame : pandas.DataFrame
        One row for each file concerned and what was found of it. Columns ``check``,
        ``utterance``, ``file`` and ``detail``, and ``clip``, its number in the
        corpus; missing where there is none, as for a file that was left out.

    See Also
    --------
    verify_corpus : Make one.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech, verify_corpus
    >>> verification = verify_corpus(make_emotional_speech(random_state=0))
    >>> verification
    <Verification of synthetic: 192 clips, no findings>
    >>> verification.is_clean
    True
    """

    title: str
    folder: str
    counts: pd.DataFrame
    frame: pd.DataFrame

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return self.frame.empty

    def __repr__(self) -> str:
        """Return the corpus and the number of findings."""
        name, _, facts = self.title.partition(": ")
        n_clips = facts.partition(",")[0]
        return f"<Verification of {name}: {n_clips}, {count_findings(self.frame)}>"

    def __str__(self) -> str:
        """Return the report."""
        return write_report(self.title, self.folder, self.counts, self.frame)

    def _repr_html_(self) -> str:
        return write_html(self.title, self.counts, self.frame)


def verify_corpus(corpus: Corpus, *, n_jobs: int | None = None) -> Verification:
    """Compare a corpus with its publication, and listen to every clip.

    Every file is opened and decoded. Whatever is wrong with one, the others are
    looked at. The checks by name, in the order of the report:

    - those of the loader: ``missing``, ``left out``, ``copy``, ``hidden`` and
      further ones; they also concern files that are no clip of the corpus, and clips
      that :meth:`Corpus.select` left out;
    - ``unreadable``: the file or the part cannot be decoded, and why;
    - ``rate``, ``channels``: not those of most files of the corpus;
    - ``silent``: the peak is below -60 dB, or the RMS below -75 dB, re full scale;
    - ``clipped``: three or more samples in a row are at full scale;
    - ``short``: under 0.1 s, and under half of the median of the corpus;
    - ``long``: more than ten times the median of the corpus;
    - ``identical``: another clip has the same samples, as decoded at the file's own
      rate and mixed to one channel, so that a FLAC copy of a WAV file is found;
    - ``overlap``: more than 0.01 s of the file are part of another clip too.

    Parameters
    ----------
    corpus : Corpus
        What a loader returned, or a corpus of your own. Clips that are arrays are
        heard as they are; a corpus of text has only its counts.
    n_jobs : int or None, default=None
        Number of workers, as joblib understands it.

    Returns
    -------
    verification : Verification
        ``print`` it for a report; ``verification.frame`` is a table of all findings.

    See Also
    --------
    Corpus.describe : Clips, speakers and hours of each class.

    Notes
    -----
    Published are the clips of each class under the schemes made for a corpus, with
    labels as they are; under another scheme nothing is known to compare with.
    A corpus that was cut by :meth:`Corpus.select` is compared as it was loaded:
    the clips left out are no finding.

    Examples
    --------
    >>> from sersk.datasets import make_emotional_speech, verify_corpus
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> print(verify_corpus(corpus))
    synthetic: 48 clips, 0.02 h, 2 speakers; scheme synthetic
    <BLANKLINE>
    emotion  found
    anger       12
    happy       12
    neutral     12
    sad         12
    2 speakers of 24 clips each
    1 session of 48 clips
    <BLANKLINE>
    No findings.
    """
    # Nothing new would be said of a file that is known to be a video.
    videos = {file for f in corpus.findings if f.check == "video" for file in f.files}
    heard = listen(corpus.clips, n_jobs=n_jobs, passed_over=videos)
    rows = _told(corpus)
    has_audio = not _is_text(corpus, heard)
    if has_audio:
        rows += _heard(tabulate(corpus, heard))
    hours = sum(result.seconds or 0.0 for result in heard) / 3600
    return Verification(
        title=_title(corpus, f"{hours:.2f} h" if has_audio else "no audio"),
        folder=_folder(corpus),
        counts=_compare(corpus),
        frame=_as_frame(rows),
    )


def _is_text(corpus: Corpus, heard: Sequence[Heard]) -> bool:
    """Tell whether the corpus was never meant to be heard."""
    is_silent = all(result.seconds is None for result in heard)
    return (
        corpus.clips.files is None
        and "transcript" in corpus.clips.columns
        and is_silent
    )


def _told(corpus: Corpus) -> list[tuple]:
    """Return a row for each file of each finding of the loader."""
    files = [] if corpus.clips.files is None else corpus.clips.files.tolist()
    clips = {file: clip for clip, file in reversed(list(enumerate(files)))}
    utterances = dict(enumerate(corpus.frame.get("utterance", ())))
    return [
        (
            finding.check,
            clips.get(file),
            utterances.get(clips.get(file, -1)),
            file,
            _shorten(finding),
        )
        for finding in corpus.findings
        for file in finding.files or (None,)
    ]


def _heard(table: pd.DataFrame) -> list[tuple]:
    """Return a row for each clip or file in which a check finds something."""
    return [
        (check, row, table["utterance"][row], table["file"][row], detail)
        for check, find in CHECKS.items()
        for row, detail in find(table)
    ]


def _as_frame(rows: Sequence[tuple]) -> pd.DataFrame:
    names = ("check", "clip", "utterance", "file", "detail")
    # Plain objects: a name that is not UTF-8 fits into none of pandas' string types.
    frame = pd.DataFrame(list(rows), columns=list(names), dtype=object)
    return frame.astype({"clip": "Int64"})


def _shorten(finding: Finding) -> str:
    """Return what a loader says, without the files if they have rows of their own."""
    if not finding.files:
        return finding.message
    return _LIST_OF_FILES.sub("", finding.message)


def _compare(corpus: Corpus) -> pd.DataFrame:
    """Count classes, speakers and sessions, and set the published counts beside."""
    frame, published = corpus.frame, _published(corpus)
    whole = pd.Series(0, index=frame.index)
    found: dict[str, dict] = {
        "emotion": corpus.scheme.counts(frame, whole)[0].to_dict()
    }
    for column in ("speaker", "session"):
        if column in frame:
            found[column] = (
                frame[column].value_counts(sort=False).sort_index().to_dict()
            )
    rows = [
        (column, value, counts.get(value, 0), published.get(column, {}).get(value))
        for column, counts in found.items()
        for value in [*counts, *_absent(counts, published.get(column, {}))]
    ]
    names = ["column", "value", "found", "published"]
    return pd.DataFrame(rows, columns=names).astype({"published": "Int64"})


def _absent(counts: Mapping, published: Mapping) -> list:
    return [value for value in published if value not in counts]


def _published(corpus: Corpus) -> Mapping[str, Mapping]:
    for layout in FORMATS:
        if layout.name == corpus.name:
            published = published_counts(layout, corpus.scheme)
            return {} if published is None else published.columns()
    return {}


def _title(corpus: Corpus, hours: str) -> str:
    facts = [f"{len(corpus)} clip{'s' * (len(corpus) != 1)}", hours]
    if "speaker" in corpus.frame:
        n_speakers = corpus.frame["speaker"].nunique()
        facts.append(f"{n_speakers} speaker{'s' * (n_speakers != 1)}")
    return f"{corpus.name}: {', '.join(facts)}; scheme {corpus.scheme.name}"


def _folder(corpus: Corpus) -> str:
    """Return the folder in which all files lie; '' if there is none to speak of."""
    files = [file for finding in corpus.findings for file in finding.files]
    if corpus.clips.files is not None:
        files += corpus.clips.files.tolist()
    try:
        return os.path.commonpath({os.path.dirname(file) for file in files})
    except ValueError:
        # None at all, on several drives, or some relative and some absolute.
        return ""
