"""What saved pipelines say of a few clips, told in a process that made none of them.

``python -m tests.persistence.answers FOLDER...`` prints it as JSON. A folder holds a
``pipeline``, and one of its steps ``alone``.
"""

import hashlib
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from joblib import parallel_config

import sersk
from sersk import AudioClips
from sersk.audio import FeatureStreams
from sersk.datasets import Corpus, make_emotional_speech

METHODS = ("predict", "predict_proba", "decision_function", "transform")


def make_corpus() -> Corpus:
    """Return the clips of three speakers, the same in every process."""
    return make_emotional_speech(3, 1, 1, duration=0.7, random_state=0)


def make_clips() -> AudioClips:
    """Return them with words."""
    clips = make_corpus().clips
    return clips.with_columns({"transcript": ["yes", "no", "never"] * 4})


def answers_of(model: Any, X: Any) -> dict[str, str]:
    """Return a digest of all that a model says."""
    with parallel_config("threading"):
        return {
            name: _digest(getattr(model, name)(X))
            for name in METHODS
            if hasattr(model, name)
        }


def answers_of_step(pipeline: Any, position: int, step: Any) -> dict[str, str]:
    """Return what a step says of what a pipeline gives it."""
    clips = make_clips()
    return answers_of(step, pipeline[:position].transform(clips) if position else clips)


def _digest(value: Any) -> str:
    digest = hashlib.sha256()
    for array in _arrays(value):
        digest.update(f"{array.dtype} {array.shape}".encode())
        held = array.tolist() if array.dtype == object else None
        digest.update(repr(held).encode() if held else array.tobytes())
    return digest.hexdigest()


def _arrays(value: Any) -> Iterator[np.ndarray]:
    """Return the arrays of an array, of clips, of frames or of several of them."""
    if isinstance(value, FeatureStreams):
        for _, stream in value.items():
            yield from _arrays(stream)
    elif isinstance(value, np.ndarray):
        yield value
    else:
        yield from value


def _tell(folders: list[Path]) -> dict[str, Any]:
    told = {}
    for folder in folders:
        pipeline = sersk.load(folder / "pipeline")
        alone = sersk.load(folder / "alone")
        position = json.loads((folder / "position.json").read_text())
        told[folder.name] = [
            answers_of(pipeline, make_clips()),
            answers_of_step(pipeline, position, alone),
        ]
    return told


if __name__ == "__main__":
    warnings.simplefilter("error")
    print(json.dumps(_tell([Path(name) for name in sys.argv[1:]])))
