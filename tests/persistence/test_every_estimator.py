"""Every public estimator, saved alone and at work, says the same in another process.

Estimators are found by themselves: one that is added to sersk and cannot be saved fails
here.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import is_regressor

import sersk

pytest.importorskip("opensmile")
pytest.importorskip("skorch")
pytest.importorskip("transformers")
pytest.importorskip("xgboost")

from tests.persistence import pipelines
from tests.persistence.answers import (
    answers_of,
    answers_of_step,
    make_clips,
    make_corpus,
)
from tests.public_estimators import PUBLIC

ROOT = Path(sersk.__file__).parents[1]


def _fitted(pipeline: Any) -> Any:
    target = make_corpus().target
    if is_regressor(pipeline):
        target = np.unique(target, return_inverse=True)[1].astype(float)
    return pipeline.fit(make_clips(), target)


def _every_pipeline() -> Iterator[tuple[str, Any, int]]:
    """Return pipelines that are not fitted, and which step of each is saved alone."""
    for kind in PUBLIC:
        pipeline = pipelines.pipeline_of(kind)
        (position,) = (i for i, step in enumerate(pipeline) if type(step) is kind)
        yield kind.__name__, pipeline, position
    for name in pipelines.OF_OTHERS:
        yield name, pipelines.of_others(name), 2


def _save(pipeline: Any, position: int, folder: Path) -> list[dict[str, str]]:
    """Save a pipeline and a step of it; return what both say."""
    step = pipeline[position]
    sersk.save(pipeline, folder / "pipeline")
    sersk.save(step, folder / "alone")
    (folder / "position.json").write_text(json.dumps(position))
    return [
        answers_of(pipeline, make_clips()),
        answers_of_step(pipeline, position, step),
    ]


def test_every_estimator_comes_back_in_another_process(tmp_path):
    expected = {}
    for name, pipeline, position in _every_pipeline():
        try:
            expected[name] = _save(_fitted(pipeline), position, tmp_path / name)
        except Exception as error:
            error.add_note(f"This was {name}: tests/persistence/pipelines.py.")
            raise
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.persistence.answers",
            *(tmp_path / name for name in expected),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert all(all(said) for said in expected.values())
    assert found == expected


def test_what_a_search_over_nets_found_comes_back(tmp_path):
    search = _fitted(pipelines.searched())
    loaded = sersk.load(sersk.save(search.best_estimator_, tmp_path / "model"))
    assert answers_of(loaded, make_clips()) == answers_of(search, make_clips())
