"""Clips that are there several times: copies and windows, which are no clips."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sersk.evaluation._kinds import Classes
from sersk.evaluation._plan import Fold
from sersk.evaluation._task import Task
from sersk.utils import AudioError


def refuse_contradictions(task: Task) -> None:
    """Raise where clips given as such occur under two classes."""
    found = _contradictions(task)
    if found:
        first, second = found[0]
        raise ValueError(
            f"Clips {first} and {second} hold the same audio, but y calls one "
            f"{task.target[first]!r} and the other {task.target[second]!r} (and so for "
            f"{len(found) - 1} more). Copies with soft labels are to be learned from: "
            "score each clip once, as corpus.clips with corpus.target, or drop these "
            "clips."
        )


def describe_copies(task: Task, folds: Sequence[Fold]) -> list[str]:
    """Return what is to be said of copies and windows beside the scores."""
    said = []
    found = _contradictions(task)
    if found:
        clips = "CLIPS" if len(found) > 1 else "CLIP"
        said.append(f"{len(found)} {clips} TWICE UNDER TWO CLASSES")
    tested = np.unique(np.concatenate([fold.test for fold in folds]))
    n_again = len(tested) - len(set(np.array(_originals(task))[tested]))
    if n_again:
        said.append(f"{n_again} of {len(tested)} TEST CLIPS REPEAT ANOTHER'S AUDIO")
    copy_of = task.clips.columns.get("copy_of")
    if copy_of is not None:
        n_copies = int(pd.notna(copy_of[tested]).sum())
        if n_copies:
            said.append(f"{n_copies} of {len(tested)} TEST CLIPS ARE COPIES")
    if "window_of" in task.clips.columns:
        said.append("SCORED BY WINDOW, NOT BY CLIP")
    return said


def _contradictions(task: Task) -> list[tuple[int, int]]:
    """Return pairs of clips of the same audio that are of two classes."""
    if not isinstance(task.kind, Classes):
        return []
    return [
        (first, clip)
        for clip, first in enumerate(_originals(task))
        if task.target[first] != task.target[clip]
    ]


def _originals(task: Task) -> list[int]:
    """Return for each clip the first one that has its audio, which may be itself."""
    first: dict[str, int] = {}
    originals = []
    for clip in range(len(task.clips)):
        try:
            originals.append(first.setdefault(task.clips.digest(clip), clip))
        except AudioError:
            originals.append(clip)  # the audit and the extractors say so
    return originals
