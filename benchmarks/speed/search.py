"""What a leave-one-speaker-out search costs when clips are extracted once."""

import statistics
import tempfile
from collections.abc import Iterator

import librosa
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from benchmarks.speed.extraction import librosa_functionals
from benchmarks.speed.measure import Figure, seconds
from sersk import FeatureStore
from sersk.audio import _files
from sersk.datasets import Corpus
from sersk.features import AcousticFunctionals, count_extractions
from sersk.model_selection import LeaveOneSpeakerOut

_GRID = {"logisticregression__C": [0.01, 0.1, 1.0]}


def search_figures(corpus: Corpus, *, quick: bool = False) -> Iterator[Figure]:
    """Time one grid three ways: cold store, a matrix made once, plain librosa."""
    n_before = count_extractions()
    # Deleted at the end: new files are made slowly where many were just deleted.
    with tempfile.TemporaryDirectory() as folder:
        # Whatever is slow the first time must not count for one side only.
        _seconds_cold(corpus, f"{folder}/first")
        per_clip = (count_extractions() - n_before) / len(corpus)
        pairs = [
            (
                _seconds_cold(corpus, f"{folder}/{number}"),
                seconds(lambda: _search_matrix(corpus)),
            )
            for number in range(1 if quick else 5)
        ]
    cold, matrix = map(statistics.median, zip(*pairs, strict=True))
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    plain = seconds(lambda: _search_librosa(corpus))
    n_folds = len(set(corpus.clips.speaker))
    grid = f"grid, {n_folds} folds x 3 candidates, cold store"
    yield Figure(
        f"{grid}, extractions a clip",
        f"{per_clip:.2f}",
        f"{3 * n_folds + 1} (plain pipeline)",
        f"{per_clip:.2f}",
        "1.0",
        per_clip == 1.0,
    )
    yield Figure(
        f"{grid}, s",
        f"{cold:.1f}",
        f"{matrix:.1f} (one extraction + precomputed matrix)",
        f"{ratio:.2f}x the time",
        "at most 1.25x",
        ratio <= 1.25,
    )
    yield Figure(
        f"{grid}, s",
        f"{cold:.1f}",
        f"{plain:.1f} (plain librosa pipeline)",
        f"{plain / cold:.1f}x",
        "at least 10x",
        plain / cold >= 10,
    )


def _seconds_cold(corpus: Corpus, folder: str) -> float:
    """Time a search with an empty store, as in a process that has hashed no file."""
    _files._digests.clear()
    return seconds(lambda: _search_clips(corpus, folder))


def _search_clips(corpus: Corpus, folder: str) -> None:
    extractor = AcousticFunctionals(cache=FeatureStore(folder))
    search = GridSearchCV(_pipeline(extractor), _GRID, cv=LeaveOneSpeakerOut())
    search.fit(corpus.clips, corpus.target)


def _search_matrix(corpus: Corpus) -> None:
    features = AcousticFunctionals(cache=False).fit_transform(corpus.clips)
    search = GridSearchCV(_pipeline(), _GRID, cv=LeaveOneGroupOut())
    search.fit(features, corpus.target, groups=corpus.clips.speaker)


def _search_librosa(corpus: Corpus) -> None:
    """Search as most published scripts do: files in, features in every fold."""
    extractor = FunctionTransformer(_load_and_extract)
    search = GridSearchCV(_pipeline(extractor), _GRID, cv=LeaveOneGroupOut())
    sources = corpus.clips.files
    if sources is None:
        sources = np.array(list(corpus.clips), dtype=object)
    search.fit(sources, corpus.target, groups=corpus.clips.speaker)


def _load_and_extract(sources: np.ndarray) -> np.ndarray:
    rows = []
    for source in sources:
        is_path = isinstance(source, str)
        waveform = librosa.load(source, sr=16_000)[0] if is_path else source
        rows.append(librosa_functionals(waveform))
    return np.stack(rows)


def _pipeline(*extractor: BaseEstimator) -> Pipeline:
    return make_pipeline(
        *extractor, StandardScaler(), LogisticRegression(max_iter=1000)
    )
