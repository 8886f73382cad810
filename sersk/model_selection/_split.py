"""scikit-learn's group splitters, which here find the groups in X by themselves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import BaseCrossValidator, GroupKFold, LeaveOneGroupOut
from sklearn.utils import indexable

from sersk.utils import listed_and_more


class _GroupsFromX:
    """Hand `groups`, or else a column of X, to the splitter that follows.

    Only for classes whose other base is a splitter by groups.
    """

    _column = "speaker"

    def split(
        self, X: Any, y: Any = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return an iterator over the folds.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_clips
            The clips; AudioClips, or a table, may carry the column that is read.
        y : array-like of shape (n_clips,), default=None
            Not used.
        groups : array-like of shape (n_clips,), default=None
            Taken instead of the column of X.

        Returns
        -------
        folds : iterator of (train, test)
            Positions of the training and of the test clips of each fold.

        Raises
        ------
        ValueError
            If a clip's group is not known, or there are fewer than two groups.
        """
        # The base class is a generator; the check belongs before its first fold.
        resolved = self._resolve(X, groups)
        return super().split(X, y, resolved)  # type: ignore[misc]  # it is a mixin

    def _resolve(self, X: Any, groups: Any) -> np.ndarray:
        """Return the checked group of each clip."""
        values = find_groups(self, self._column, X, groups)
        names = _unique(values, self._column)
        if len(names) < 2:
            raise ValueError(
                f"{type(self).__name__} needs clips of at least two {self._column}s, "
                f"but all {len(values)} are of {self._column} {listed_and_more(names)}."
            )
        return values


class LeaveOneSpeakerOut(_GroupsFromX, LeaveOneGroupOut):
    """Test on each speaker in turn, having trained on all others.

    The speakers are those of X (``X.columns["speaker"]`` of AudioClips, or the column
    of a table), unless `groups` names them. The folds are in the sorted order of the
    speakers.

    See Also
    --------
    SpeakerKFold : Fewer folds, of several speakers each.
    sklearn.model_selection.LeaveOneGroupOut : The same for groups of any kind.

    Examples
    --------
    >>> import numpy as np
    >>> from sersk import AudioClips
    >>> from sersk.model_selection import LeaveOneSpeakerOut
    >>> clips = AudioClips.from_arrays(
    ...     np.zeros((4, 800)),
    ...     sampling_rate=16_000,
    ...     columns={"speaker": ["anna", "bob", "anna", "carl"]},
    ... )
    >>> for train, test in LeaveOneSpeakerOut().split(clips):
    ...     print(train, test)
    [1 3] [0 2]
    [0 2 3] [1]
    [0 1 2] [3]
    """

    def get_n_splits(
        self, X: Any = None, y: Any = None, groups: ArrayLike | None = None
    ) -> int:
        """Return the number of groups.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_clips, default=None
            The clips, which are needed where `groups` is not given.
        y : array-like of shape (n_clips,), default=None
            Not used.
        groups : array-like of shape (n_clips,), default=None
            Taken instead of the column of X.

        Returns
        -------
        n_splits : int
            Number of folds.

        Raises
        ------
        ValueError
            If a clip's group is not known, or there are fewer than two groups.
        """
        return super().get_n_splits(X, y, self._resolve(X, groups))


class LeaveOneSessionOut(LeaveOneSpeakerOut):
    """Test on each session in turn, having trained on all others.

    The sessions are those of X (``X.columns["session"]`` of AudioClips, or the column
    of a table), unless `groups` names them. In IEMOCAP a session holds two speakers
    that are in no other, so that the folds are speaker-disjoint; where a speaker took
    part in several sessions they are not.

    See Also
    --------
    LeaveOneSpeakerOut : The same for speakers.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.model_selection import LeaveOneSessionOut
    >>> table = pd.DataFrame({"file": ["a", "b", "c"], "session": [1, 2, 1]})
    >>> for train, test in LeaveOneSessionOut().split(table):
    ...     print(train, test)
    [1] [0 2]
    [0 2] [1]
    """

    _column = "session"


class SpeakerKFold(_GroupsFromX, GroupKFold):
    """Split the speakers into folds, all clips of a speaker being in the same one.

    The speakers are those of X (``X.columns["speaker"]`` of AudioClips, or the column
    of a table), unless `groups` names them.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, from 2 to the number of speakers.
    shuffle : bool, default=False
        False: speakers are dealt to the folds such that these have about the same
        number of clips. True: speakers are dealt at random, such that the folds have
        about the same number of speakers.
    random_state : int, RandomState instance or None, default=None
        Where `shuffle` is True, an int makes the folds the same in every call.

    See Also
    --------
    LeaveOneSpeakerOut : One fold for each speaker.
    sklearn.model_selection.GroupKFold : The same for groups of any kind.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.model_selection import SpeakerKFold
    >>> table = pd.DataFrame({"speaker": ["a", "a", "a", "b", "b", "c"]})
    >>> for train, test in SpeakerKFold(n_splits=2).split(table):
    ...     print(train, test)
    [3 4 5] [0 1 2]
    [0 1 2] [3 4 5]
    """

    def _resolve(self, X: Any, groups: Any) -> np.ndarray:
        values = super()._resolve(X, groups)
        n_speakers = len(np.unique(values))
        if self.n_splits > n_speakers:
            raise ValueError(
                f"n_splits={self.n_splits} is more than there are speakers "
                f"({n_speakers}). Lower n_splits, or use LeaveOneSpeakerOut()."
            )
        return values


class PredefinedPartition(BaseCrossValidator):
    """Train and test on the partitions that a corpus was published with.

    There is one fold. The partition of each clip is read from a column of X
    (``X.columns`` of AudioClips, or a table), unless `groups` names it. Clips of a
    partition that is named neither in `train` nor in `test`, such as ``"dev"``, are in
    neither.

    Parameters
    ----------
    column : str, default="partition"
        Column of X that holds the partition of each clip.
    train : str or sequence of str, default=("train",)
        Partitions to train on.
    test : str or sequence of str, default=("test",)
        Partitions to test on.

    See Also
    --------
    sklearn.model_selection.PredefinedSplit : Takes the folds where it is made.

    Notes
    -----
    In a search, ``GridSearchCV(..., cv=PredefinedPartition(test="dev"))`` selects on
    ``"dev"``; with ``refit=True`` it then trains on every clip that it was given, which
    must therefore not include the test partition.

    Examples
    --------
    >>> import pandas as pd
    >>> from sersk.model_selection import PredefinedPartition
    >>> table = pd.DataFrame({"partition": ["train", "dev", "test", "train"]})
    >>> for train, test in PredefinedPartition().split(table):
    ...     print(train, test)
    [0 3] [2]
    """

    # By this name scikit-learn's metadata routing knows that groups are taken.
    __metadata_request__split: ClassVar[dict] = {"groups": True}

    def __init__(
        self,
        column: str = "partition",
        *,
        train: str | Sequence[str] = ("train",),
        test: str | Sequence[str] = ("test",),
    ) -> None:
        self.column = column
        self.train = train
        self.test = test

    def get_n_splits(
        self, X: Any = None, y: Any = None, groups: ArrayLike | None = None
    ) -> int:
        """Return 1.

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
        return 1

    def split(
        self, X: Any, y: Any = None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return an iterator over the one fold.

        Parameters
        ----------
        X : AudioClips, table or array-like of n_clips
            The clips; AudioClips, or a table, may carry the column that is read.
        y : array-like of shape (n_clips,), default=None
            Not used.
        groups : array-like of shape (n_clips,), default=None
            Partition of each clip, taken instead of the column of X.

        Returns
        -------
        folds : iterator of (train, test)
            Positions of the training and of the test clips.

        Raises
        ------
        ValueError
            If a clip's partition is not known, if `train` or `test` name none, or one
            that no clip has, or both the same.
        """
        train, test = _as_names(self.train, "train"), _as_names(self.test, "test")
        both = [name for name in train if name in test]
        if both:
            raise ValueError(
                f"Partition {listed_and_more(both)} is both in train and in test."
            )
        values = find_groups(self, self.column, X, groups)
        indexable(X, y, values)
        known = _unique(values, self.column)
        unknown = [name for name in (*train, *test) if name not in known]
        if unknown:
            raise ValueError(
                f"No clip is in the {self.column} {listed_and_more(unknown)}. There "
                f"are: {listed_and_more(known)}. Correct train or test."
            )
        partition = pd.Series(values, dtype=object)
        train_clips = np.flatnonzero(partition.isin(train))
        return iter([(train_clips, np.flatnonzero(partition.isin(test)))])


def find_groups(splitter: Any, column: str, X: Any, groups: Any) -> np.ndarray:
    """Return what `groups`, or else the column of X, says of each clip."""
    values = _column_of(X, column) if groups is None else groups
    if values is None:
        raise ValueError(
            f"{type(splitter).__name__} needs the {column} of each clip. Give an X "
            f"that carries it, such as corpus.clips, "
            f"clips.with_columns({{{column!r}: [...]}}) or a table with a column "
            f"{column!r}; or pass groups=. In a pipeline, put what divides clips "
            "around the extractor: its rows no longer say whose they are."
        )
    source = f"X's column {column!r}" if groups is None else "groups"
    return _check_groups(values, column, source)


def _column_of(X: Any, name: str) -> Any:
    """Return a column of AudioClips or of a table, or None where there is none."""
    columns = getattr(X, "columns", None)
    if columns is None or name not in columns:
        return None
    return columns[name] if isinstance(columns, Mapping) else X[name]


def _check_groups(values: Any, column: str, source: str) -> np.ndarray:
    """Return the group of each clip as an array of objects without a gap."""
    # As objects, because numpy would turn a missing value among texts into 'nan'.
    array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"The {column} of each clip is expected, of shape (n_clips,), but {source} "
            f"has shape {array.shape}."
        )
    missing = np.flatnonzero(pd.isna(array))
    if len(missing):
        raise ValueError(
            f"{source} lacks the {column} of {len(missing)} of {len(array)} clips "
            f"(first: clip {missing[0]}). Fill it in, or drop these clips: a clip "
            "whose place is not known could be on both sides."
        )
    return array


def _unique(values: np.ndarray, column: str) -> list:
    """Return the distinct groups, sorted."""
    try:
        return np.unique(values).tolist()
    except TypeError:
        kinds = sorted({type(value).__name__ for value in values})
        raise ValueError(
            f"The {column} is of different types ({', '.join(kinds)}), so that the "
            "same one may have two names. Make all of them text."
        ) from None


def _as_names(names: Any, parameter: str) -> tuple:
    """Return names of partitions, of which there must be one at least."""
    names = (names,) if isinstance(names, str) else tuple(names)
    if not names:
        raise ValueError(f"{parameter} names no partition.")
    return names
