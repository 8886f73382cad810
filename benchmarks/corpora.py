"""The corpora that benchmarks run on, by name."""

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from sklearn.model_selection import BaseCrossValidator

from sersk import datasets
from sersk.datasets import Corpus
from sersk.model_selection import (
    LeaveOneSpeakerOut,
    PredefinedPartition,
    SpeakerKFold,
)

_MOST_FOLDS = 24

LOADERS: dict[str, Callable[..., Any]] = {
    "emodb": datasets.load_emodb,
    "ravdess": datasets.load_ravdess,
    "tess": datasets.load_tess,
    "savee": datasets.load_savee,
    "crema-d": datasets.load_crema_d,
    "iemocap": datasets.load_iemocap,
    "msp-podcast": datasets.load_msp_podcast,
    "mosei": datasets.load_mosei,
    "enterface": datasets.load_enterface,
    "afew": datasets.load_afew,
    "aesdd": datasets.load_aesdd,
    "smile": datasets.load_smile,
}


def load(request: str) -> Corpus:
    """Return the corpus that NAME[:SCHEME]=ROOT stands for, or say what is wrong."""
    asked, _, root = request.partition("=")
    name, _, scheme = asked.partition(":")
    if name not in LOADERS or not root:
        raise argparse.ArgumentTypeError(
            f"{request!r} is not understood: pass NAME=ROOT or NAME:SCHEME=ROOT, where "
            f"NAME is one of {', '.join(LOADERS)}."
        )
    options = {"scheme": scheme} if scheme else {}
    try:
        corpus = LOADERS[name](root, **options)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{request!r}: {error}") from error
    if corpus.clips.files is None:
        raise argparse.ArgumentTypeError(
            f"{request!r}: {name} has no recordings, which every system here needs."
        )
    return corpus


def protocol(corpus: Corpus) -> BaseCrossValidator:
    """Return how a corpus is divided: as published, or else by speaker."""
    if "partition" in corpus.clips.columns:
        found = set(corpus.clips.columns["partition"])
        test = [name for name in ("test", "test1", "dev") if name in found]
        if test and "train" in found:
            return PredefinedPartition(test=test[0])
    if len(set(corpus.clips.speaker)) > _MOST_FOLDS:
        return SpeakerKFold(10)
    return LeaveOneSpeakerOut()


def describe_corpora() -> str:
    """Return a paragraph on each corpus: licence, how to get it, and its schemes."""
    rows = datasets.list_corpora().to_dict(orient="records")
    uses = Counter(name for row in rows for name in row["schemes"].split(", "))
    shared = [name for name, count in uses.items() if count > 1]
    schemes = [f"  {datasets.get_scheme(name)}" for name in shared]
    parts = [_describe(row, shared) for row in rows]
    return "\n\n".join([*parts, "\n".join(["schemes of several corpora:", *schemes])])


def _describe(row: dict[str, Any], shared: Sequence[str]) -> str:
    clips = "" if pd.isna(row["clips"]) else f", {row['clips']} clips"
    names = row["schemes"].split(", ")
    own = [f"    {datasets.get_scheme(name)}" for name in names if name not in shared]
    others = ", ".join(name for name in names if name in shared)
    return "\n".join(
        [
            f"{row['name']}: {row['title']}, {row['language']}{clips}",
            f"  licence: {row['licence']}",
            f"  how to get it: {row['access']}",
            f"  ROOT holds: {row['layout']}",
            "  schemes, the default first:",
            *own,
            *([f"    {others}"] if others else []),
        ]
    )
