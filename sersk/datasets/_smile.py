"""The tweets of SMILE, which are texts without audio."""

import os
from os import PathLike

import numpy as np
import pandas as pd

from sersk.audio import AudioClips
from sersk.datasets._corpus import Corpus
from sersk.datasets._files import check_root, find_files, name_some
from sersk.datasets._finding import Finding
from sersk.datasets._lines import leave_out, without_copies
from sersk.datasets._loading import (
    CorpusFormat,
    as_loaded,
    assemble,
    nothing_found,
    with_parts,
)
from sersk.datasets._published import PublishedCounts
from sersk.datasets._scheme import Scheme
from sersk.datasets._text import read_table

FILE = "smile-annotations-final.csv"
NO_CODE = "nocode"

# As counted in copies, not as printed in a publication.
PUBLISHED = PublishedCounts(
    per_class={
        "happy": 1137,
        "angry": 57,
        "surprise": 35,
        "sad": 32,
        "disgust": 6,
        "not-relevant": 214,
    },
    is_exact=False,
)
THREE = PublishedCounts(
    per_class={
        label: PUBLISHED.per_class[label] for label in ("angry", "happy", "sad")
    },
    is_exact=False,
)

SMILE = CorpusFormat(
    name="smile",
    title="SMILE",
    layout=f"{FILE!r}, which has no header",
    language="English",
    licence="CC BY 4.0 for the annotations",
    access="https://doi.org/10.6084/m9.figshare.3187909, open download",
    schemes=("smile", "smile3"),
    published={"smile": PUBLISHED, "smile3": THREE},
    largest=3085,
)


def load_smile(
    root: str | PathLike,
    *,
    scheme: str | Scheme = "smile",
    sampling_rate: int = 16_000,
    return_X_y: bool = False,
) -> Corpus | tuple[AudioClips, np.ndarray]:
    """Load the tweets of SMILE from a folder.

    3085 tweets on British museums, of which 1481 have one label: happy 1137, angry 57,
    surprise 35, sad 32, disgust 6, and not-relevant 214. They are text: reading a
    clip is an AudioError, and what there is to work with is its ``transcript``.
    Clips are in the order of the table.

    Parameters
    ----------
    root : path
        Folder that holds ``smile-annotations-final.csv``, or a folder above it.
    scheme : str or LabelScheme, default="smile"
        Which labels make which classes; :func:`sersk.datasets.scheme_names`.
        ``"smile3"`` takes angry, happy and sad.
    sampling_rate : int, default=16000
        Rate in Hz of the clips, for clips that have none to be put beside others.
    return_X_y : bool, default=False
        Whether to return clips and labels instead of the corpus.

    Returns
    -------
    corpus : Corpus
        ``corpus.frame`` has the columns ``file`` (the table), ``start`` and ``end``
        (without meaning), ``utterance`` (number of the tweet), ``emotion``,
        ``label`` and ``transcript``. There are no speakers: the authors of the tweets
        are not named.
    (clips, target) : tuple of AudioClips and ndarray of str
        If `return_X_y`.

    Raises
    ------
    ValueError
        If the folder does not exist or holds no tweet, if the table is not UTF-8 or
        has not three columns, or if a tweet is in it twice and differently.

    Warns
    -----
    CorpusWarning
        If tweets are missing, or lines were left out; ``corpus.problems`` lists them.

    Notes
    -----
    About half the tweets are ``nocode``, without a label, and some thirty have
    several, joined by ``|``; no scheme that is built in takes them. A retweet repeats
    another tweet, so a random split can share texts between training and test. With
    32 sad and 57 angry tweets there is little to learn these two from.

    References
    ----------
    B. Wang, M. Liakata, A. Zubiaga, R. Procter and E. Jensen, "SMILE: Twitter emotion
    classification using domain adaptation", SAAIP workshop at IJCAI 2016.

    Examples
    --------
    >>> from sersk.datasets import load_smile
    >>> corpus = load_smile("path/to/smile")  # doctest: +SKIP
    >>> len(corpus), len(corpus.with_scheme("smile3"))  # doctest: +SKIP
    (1481, 1226)
    """
    folder = check_root(root, title=SMILE.title, layout=SMILE.layout)
    findings: list[Finding] = []
    path = _find_table(folder, findings)
    table = _read(path, findings)
    if table.empty:
        raise nothing_found(folder, SMILE, findings)
    clips = AudioClips.from_texts(table["transcript"].tolist())
    corpus = assemble(
        with_parts(table.reset_index(drop=True), [path] * len(table)),
        SMILE,
        scheme=scheme,
        folder=folder,
        findings=findings,
        clips=clips.resample(sampling_rate),
    )
    return as_loaded(corpus, return_X_y)


def _find_table(folder: str, findings: list[Finding]) -> str:
    """Return the table that is nearest to the root, and report any other."""
    found = find_files(folder, FILE, findings)
    paths = [path for path in found if os.path.basename(path).lower() == FILE]
    if not paths:
        raise nothing_found(folder, SMILE, findings)
    first, *others = sorted(paths, key=lambda path: (path.count(os.sep), path))
    if others:
        message = (
            f"Read {first!r}. Left out, another table of that name: "
            f"{name_some(others, folder)}."
        )
        findings.append(Finding("copy", message, tuple(others)))
    return first


def _read(path: str, findings: list[Finding]) -> pd.DataFrame:
    """Return the tweets that have a number and a known label."""
    table = read_table(
        path, columns=[], names=["utterance", "transcript", "label"]
    ).reindex(columns=["utterance", "label", "transcript"])
    for column in ("utterance", "label"):
        table[column] = table[column].str.strip()
    # Raters that agree may stand there as "happy|happy".
    labels = table["label"].str.split("|")
    table["label"] = labels.map(lambda words: "|".join(dict.fromkeys(words)))
    table = without_copies(table, ["utterance"], path, findings)
    known = {*PUBLISHED.per_class, NO_CODE}
    is_known = table["label"].map(lambda label: set(label.split("|")) <= known)
    unknown = ~is_known.astype(bool)
    reasons = [f"{label!r} is no known label" for label in table["label"][unknown]]
    table = leave_out(table, unknown, reasons, path, findings)
    nameless = ~table["utterance"].str.fullmatch(r"\d+").astype(bool)
    reasons = [f"{tweet!r} is no number" for tweet in table["utterance"][nameless]]
    return leave_out(table, nameless, reasons, path, findings)
