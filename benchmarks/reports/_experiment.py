"""What a script is made of: experiments, protocols, and how large they are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator

from benchmarks.reports._checkpoints import make_checkpoint
from sersk.datasets.testing import make_tree

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """How large the systems are: as published, or reduced so as to run in seconds.

    `folder` holds what stands in for corpora and for the checkpoints of encoders.
    """

    quick: bool
    folder: Path

    def pick(self, published: T, reduced: T) -> T:
        """Return one of two values of a parameter."""
        return reduced if self.quick else published

    def checkpoint(self, name: str) -> str:
        """Return the name of a checkpoint, or the folder of a tiny one of its kind."""
        return make_checkpoint(name, self.folder) if self.quick else name

    def tree(self, name: str) -> Path:
        """Return a folder with a fake copy of a corpus."""
        root = self.folder / "corpora" / name
        if not root.exists():
            make_tree(name, root)
        return root


@dataclass(frozen=True)
class Protocol:
    """A way to divide clips; `is_published` of what a report says that it did."""

    name: str
    splitter: Any
    is_published: bool = False
    # Whether speakers may be on both sides; the table then says so.
    shares_speakers: bool = False


@dataclass(frozen=True)
class Experiment:
    """One system on one corpus, and the published figures that it stands beside.

    Several `corpora` are put together; `texts` takes what is said in them and no audio.
    `figures` are keys of the published ones; with attributes, one for each in the order
    of the scheme, if there are any. With `thresholds`, attributes are how much of each
    label a clip shows, and there is a row for each degree from which it counts. `few`
    is the number of speakers when it is reduced.
    """

    system: str
    make: Callable[[Settings], BaseEstimator]
    corpora: tuple[str, ...]
    protocols: tuple[Protocol, ...]
    figures: tuple[str, ...] = ()
    scheme: Any = None
    options: Mapping[str, Any] | None = None
    texts: bool = False
    thresholds: tuple[float, ...] = ()
    few: int = 4


@dataclass(frozen=True)
class Table:
    """What one script measures."""

    name: str
    title: str
    experiments: tuple[Experiment, ...]
    notes: tuple[str, ...] = ()


class HoldOut:
    """Test on the clips whose `column` begins with a text, train on all others."""

    def __init__(self, column: str, beginning: str) -> None:
        self.column = column
        self.beginning = beginning

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the one fold."""
        values = np.asarray(X.columns[self.column]).astype(str)
        tested = np.char.startswith(values, self.beginning)
        yield np.flatnonzero(~tested), np.flatnonzero(tested)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return 1."""
        return 1


class FirstFold:
    """Take the first fold of a splitter and leave the others out."""

    def __init__(self, splitter: Any) -> None:
        self.splitter = splitter

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the one fold."""
        yield next(iter(self.splitter.split(X, y, groups)))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return 1."""
        return 1
