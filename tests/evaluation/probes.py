"""Parts of systems that tell what was done with them, or go wrong."""

import threading
import time
import uuid
from pathlib import Path
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.dummy import DummyClassifier
from threadpoolctl import threadpool_info

from sersk.model_selection import LeaveOneSpeakerOut


class Broken(DummyClassifier):
    """Fail in the one fold whose training clips are not of some speaker."""

    def __init__(self, speaker="anna"):
        super().__init__()
        self.speaker = speaker

    def fit(self, X, y):
        if self.speaker not in X.speaker:
            raise ZeroDivisionError("one by nought")
        return super().fit(X, y)


class Hopeless(DummyClassifier):
    """Fail in every fold."""

    def fit(self, X, y):
        raise ValueError("no samples to fit")


class Awkward(Exception):
    """An error that cannot be made again from its message."""

    def __init__(self, code, reason):
        super().__init__(f"{code}: {reason}")


class Exotic(DummyClassifier):
    """Fail, with an error that no other process can be sent."""

    def fit(self, X, y):
        raise Awkward(7, "out of luck")


class Constant(ClassifierMixin, BaseEstimator):
    """Answer one label, as a column, as CatBoost does."""

    def __init__(self, label="sad"):
        self.label = label

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full((len(X), 1), self.label)


class Threads(DummyClassifier):
    """Note in a folder the largest number of threads of any library, at a fit's end."""

    def __init__(self, folder=""):
        super().__init__()
        self.folder = folder

    def fit(self, X, y):
        counts = [library["num_threads"] for library in threadpool_info()]
        Path(self.folder, uuid.uuid4().hex).write_text(str(max(counts)))
        return super().fit(X, y)


class Overlapping(Threads):
    """Begin two fits together, in threads, and end that which anna is in last."""

    barrier: ClassVar[threading.Barrier] = threading.Barrier(2, timeout=60)

    def fit(self, X, y):
        self.barrier.wait()
        time.sleep(0.2 if "anna" in X.speaker else 0)
        return super().fit(X, y)


class RowSpy(TransformerMixin, BaseEstimator):
    """Pass features on and remember the rows of each fit and of each transform."""

    fitted: ClassVar[list[np.ndarray]] = []
    transformed: ClassVar[list[np.ndarray]] = []

    def fit(self, X, y=None):
        self.fitted.append(np.array(X))
        return self

    def fit_transform(self, X, y=None):
        return self.fit(X).transform(X, seen=False)

    def transform(self, X, seen=True):
        if seen:
            self.transformed.append(np.array(X))
        return X


class SplitSpy(LeaveOneSpeakerOut):
    """Remember the speakers that each split was made of, and was made into."""

    made: ClassVar[list[tuple[set, set]]] = []

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            self.made.append((set(X.speaker[train]), set(X.speaker[test])))
            yield train, test
