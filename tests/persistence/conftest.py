"""A few clips, and what was saved of a pipeline fitted on them."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sersk
from sersk.datasets import Corpus, make_emotional_speech
from sersk.features import AcousticFunctionals


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return make_emotional_speech(n_speakers=3, random_state=0)


@pytest.fixture(scope="session")
def table(corpus) -> np.ndarray:
    """Return features of the clips."""
    return AcousticFunctionals(n_mfcc=13, n_mels=40).fit_transform(corpus.clips)


@pytest.fixture
def saved(corpus, tmp_path) -> Path:
    """Return the folder of a saved pipeline."""
    pipeline = make_pipeline(
        AcousticFunctionals(n_mfcc=13), StandardScaler(), LogisticRegression(C=0.1)
    )
    pipeline.fit(corpus.clips, corpus.target)
    return Path(sersk.save(pipeline, tmp_path / "model", scheme=corpus.scheme))


@pytest.fixture
def save_and_load(tmp_path) -> Callable:
    """Return a function that brings an estimator back from a folder."""
    return lambda estimator: sersk.load(sersk.save(estimator, tmp_path / "model"))


@pytest.fixture
def resign() -> Callable[[str | Path], None]:
    """Return a function that writes the digests of changed files, as a forger would."""

    def resign(folder: str | Path) -> None:
        path = Path(folder) / "manifest.json"
        manifest = json.loads(path.read_text())
        for name in manifest["files"]:
            data = (path.parent / name).read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            manifest["files"][name] = {"bytes": len(data), "sha256": digest}
        path.write_text(json.dumps(manifest))

    return resign
