"""Clips and augmented copies of them in one collection."""

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from sersk.audio import AudioClips, vary_clips
from sersk.augmentation._base import check_augmenters
from sersk.augmentation._combine import OneOf


def add_copies(
    clips: AudioClips,
    augmenters: Any,
    *,
    n_copies: int = 1,
    random_state: int | np.random.RandomState | None = None,
) -> AudioClips:
    """Return clips, and augmented copies of each behind them.

    To be used on training clips alone: copies made before a split put every test clip
    into training. :class:`sersk.estimators.AugmentedClassifier` sees to that, and
    :func:`sersk.model_selection.audit_split` finds what went wrong by ``copy_of``.

    Parameters
    ----------
    clips : AudioClips of shape (n_clips,)
        The originals.
    augmenters : augmenter or list of augmenters
        What may be done: each copy goes through one of them, drawn for that copy.
    n_copies : int, default=1
        Number of copies of each clip.
    random_state : int, RandomState or None, default=None
        Seed. With an int, a copy of a clip is the same whatever other clips there are,
        and features of it that were kept in a store are found again.

    Returns
    -------
    clips : AudioClips of shape (n_clips * (1 + n_copies),)
        The originals, the first copy of each, the second of each, and so on, with all
        columns. ``copy_of`` is missing for originals, and for copies the
        ``utterance``, or, where there is no such column, the number, of the original.

    Raises
    ------
    ValueError
        If there are no augmenters, or `n_copies` is not at least 1.

    Examples
    --------
    >>> from sersk import AudioClips
    >>> from sersk.augmentation import Gain, add_copies
    >>> clips = AudioClips.from_arrays(
    ...     [[0.5], [0.25]], sampling_rate=16_000, columns={"speaker": ["03", "08"]}
    ... )
    >>> augmented = add_copies(clips, Gain(-20))
    >>> augmented.to_frame()
      speaker copy_of
    0      03    None
    1      08    None
    2      03       0
    3      08       1
    >>> [round(float(waveform[0]), 3) for waveform in augmented]
    [0.5, 0.25, 0.05, 0.025]
    """
    if not (isinstance(n_copies, Integral) and n_copies >= 1):
        raise ValueError(f"n_copies={n_copies!r} must be an integer of at least 1.")
    several = check_augmenters(augmenters)
    augmenter = several[0] if len(several) == 1 else OneOf(several)
    seeds = check_random_state(random_state).randint(2**31 - 1, size=int(n_copies))
    operations: list = [None] * len(clips)
    for seed in seeds:
        operations += [augmenter.operation(seed)] * len(clips)
    rows = np.tile(np.arange(len(clips)), 1 + n_copies)
    named = clips[rows].with_columns({"copy_of": _copy_of(clips, n_copies)})
    return vary_clips(named, operations)


def _copy_of(clips: AudioClips, n_copies: int) -> np.ndarray:
    """Return the original of each clip, by the name that the audit knows it by."""
    numbers = np.arange(len(clips)).astype(object)
    names = clips.columns.get("utterance", numbers).astype(object)
    known = clips.columns.get("copy_of", np.full(len(clips), None))
    # A copy of a copy is one of the same original.
    originals = np.where(pd.isna(known), names, known)
    return np.concatenate([known.astype(object), np.tile(originals, n_copies)])
