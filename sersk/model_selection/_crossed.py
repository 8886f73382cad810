"""Splits in which neither the speaker nor the sentence of a test clip was heard."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator, GroupKFold
from sklearn.utils import indexable

from sersk.model_selection._split import find_groups


class SpeakerSentenceKFold(BaseCrossValidator):
    """Split speakers and sentences, and test where neither was trained on.

    Speakers are dealt to folds, and so are sentences. A fold tests the clips of some
    speakers that say some sentences, and trains on the clips of the other speakers
    that say the other sentences. Clips with only one of the two are in neither part,
    so that less is left to train on. Each clip is tested once.

    Parameters
    ----------
    n_speaker_splits : int, default=5
        Number of groups of speakers, from 2 to the number of speakers.
    n_sentence_splits : int, default=2
        Number of groups of sentences, from 2 to the number of sentences.
    sentence : str, default="sentence"
        Column of X that says what is said, such as ``"script"``.

    See Also
    --------
    SpeakerKFold : Trains on all clips of the other speakers.

    Notes
    -----
    In acted corpora everybody says the same sentences, so that a model may know how
    a sentence sounds when sad, and not how a sad voice does.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.model_selection import SpeakerSentenceKFold
    >>> table = pd.DataFrame({"speaker": list("aabb"), "sentence": list("xyxy")})
    >>> for train, test in SpeakerSentenceKFold(2, 2).split(table):
    ...     print(train, test)
    [0] [3]
    [1] [2]
    [2] [1]
    [3] [0]
    """

    def __init__(
        self,
        n_speaker_splits: int = 5,
        n_sentence_splits: int = 2,
        *,
        sentence: str = "sentence",
    ) -> None:
        self.n_speaker_splits = n_speaker_splits
        self.n_sentence_splits = n_sentence_splits
        self.sentence = sentence

    def get_n_splits(
        self, X: Any = None, y: Any = None, groups: ArrayLike | None = None
    ) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_clips, default=None
            Not used.
        y : array-like of shape (n_clips,), default=None
            Not used.
        groups : array-like of shape (n_clips,), default=None
            Not used.

        Returns
        -------
        n_splits : int
            Number of folds.
        """
        return self.n_speaker_splits * self.n_sentence_splits

    def split(
        self, X: Any, y: Any = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return an iterator over the folds.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_clips
            The clips, with the column of what is said and, without `groups`, of who
            says it.
        y : array-like of shape (n_clips,), default=None
            Not used.
        groups : array-like of shape (n_clips,), default=None
            Speaker of each clip, taken instead of the column of X.

        Returns
        -------
        folds : iterator of (train, test)
            Positions of the training and of the test clips. Where some speakers say
            none of some sentences, there is no fold for them.

        Raises
        ------
        ValueError
            If a column is not there or has gaps, there are fewer speakers or
            sentences than groups of them, or a fold has nothing to train on.
        """
        speakers = find_groups(self, "speaker", X, groups)
        sentences = find_groups(self, self.sentence, X, None)
        indexable(X, y, speakers)
        speaker_folds = _deal(speakers, self.n_speaker_splits, "speakers")
        sentence_folds = _deal(sentences, self.n_sentence_splits, "sentences")
        return iter(list(_cross(speaker_folds, sentence_folds)))


def _deal(values: np.ndarray, n_splits: int, what: str) -> np.ndarray:
    """Return the number of the group that each clip is in."""
    names, codes = np.unique(values.astype(str), return_inverse=True)
    if not 2 <= n_splits <= len(names):
        raise ValueError(
            f"{n_splits} groups of {what} are asked for, and there are {len(names)} "
            f"{what}. Ask for 2 to {len(names)}."
        )
    dealt = np.empty(len(values), dtype=np.intp)
    for number, (_, test) in enumerate(GroupKFold(n_splits).split(codes, groups=codes)):
        dealt[test] = number
    return dealt


def _cross(
    speakers: np.ndarray, sentences: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for speaker in range(speakers.max() + 1):
        for sentence in range(sentences.max() + 1):
            spoken = speakers == speaker
            said = sentences == sentence
            test, train = np.flatnonzero(spoken & said), np.flatnonzero(~spoken & ~said)
            if not len(test):
                continue
            if not len(train):
                raise ValueError(
                    "The other speakers say none of the other sentences, so that a "
                    "fold has nothing to train on. Ask for fewer groups."
                )
            yield train, test
