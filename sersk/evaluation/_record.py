"""What an evaluation was run on and with, as files that anybody can read."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from os import PathLike
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator

from sersk.datasets import Corpus
from sersk.evaluation._description import Undescribable, describe, describe_scheme
from sersk.evaluation._plan import Fold
from sersk.evaluation._task import Task
from sersk.utils import describe_machine, installed_versions, sha256

RECORD = "record.json"
_FORMAT = 1


@dataclass(frozen=True)
class RunRecord:
    """Say what is needed to run an evaluation again and get the same.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    origin : dict or None
        Function of :mod:`sersk.datasets` and its arguments that make the corpus.
    scheme : dict or None
        The label scheme.
    corpus_digest : str
        Digest of all clips, labels and columns, in order.
    clips : list of str
        Digest of each clip.
    folds : list of dict
        ``number``, and the clips of ``train`` and ``test``.
    systems : dict
        Class and parameters of each system; or, where these are no plain data, a text
        that says so under ``"not described"``.
    versions, machine : dict
        What it was run with.
    created : str
        When, in UTC.
    format : int, default=1
        Of this record.
    seeds : list of int or None, default=None
        What every random_state was set to, one after another.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from sersk.datasets import make_emotional_speech
    >>> from sersk.evaluation import evaluate
    >>> corpus = make_emotional_speech(n_speakers=2, random_state=0)
    >>> record = evaluate({"guess": DummyClassifier()}, corpus).record
    >>> record.systems["guess"]["class"]
    'sklearn.dummy:DummyClassifier'
    """

    corpus: str
    origin: dict[str, Any] | None
    scheme: dict[str, Any] | None
    corpus_digest: str
    clips: list[str]
    folds: list[dict[str, Any]]
    systems: dict[str, Any]
    versions: dict[str, str]
    machine: dict[str, Any]
    created: str
    format: int = _FORMAT
    seeds: list[int] | None = None


def make_record(
    systems: Mapping[str, BaseEstimator],
    task: Task,
    folds: list[Fold],
    corpus: Any,
    seeds: Sequence[int | None] = (None,),
) -> RunRecord:
    """Return the record of an evaluation that is about to run."""
    is_corpus = isinstance(corpus, Corpus)
    origin = corpus.origin if is_corpus else None
    digests = task.clips.digests
    return RunRecord(
        corpus=task.name,
        origin=None if origin is None else dict(origin),
        scheme=describe_scheme(corpus.scheme) if is_corpus else None,
        corpus_digest=digest_task(task, digests),
        clips=digests,
        folds=[
            {
                "number": fold.number,
                "train": fold.train.tolist(),
                "test": fold.test.tolist(),
            }
            for fold in folds
        ],
        systems={name: _describe_system(system) for name, system in systems.items()},
        versions=installed_versions(),
        machine=describe_machine(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seeds=[seed for seed in seeds if seed is not None] or None,
    )


def digest_task(task: Task, digests: list[str]) -> str:
    """Digest clips, labels and what the clips carry, in order."""
    columns = {
        name: [repr(value) for value in values.tolist()]
        for name, values in sorted(task.clips.columns.items())
    }
    parts = [digests, [repr(label) for label in task.target.tolist()]]
    return sha256(json.dumps([*parts, columns]))


def _describe_system(system: BaseEstimator) -> Any:
    try:
        return describe(system)
    except Undescribable as error:
        return {"not described": str(error)}


def write_folder(
    folder: str | PathLike,
    record: RunRecord,
    tables: Mapping[str, pd.DataFrame],
    **texts: str,
) -> str:
    """Write a record, tables and texts into a new folder, which appears at once."""
    path = os.path.abspath(os.path.expanduser(os.fspath(folder)))
    if os.path.lexists(path) and (not os.path.isdir(path) or os.listdir(path)):
        raise ValueError(
            f"folder={path!r} exists and is not empty. Pass a new folder, so that no "
            "result is overwritten."
        )
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as parent:
        made = os.path.join(parent, "record")
        os.mkdir(made)
        _write(made, RECORD, json.dumps(asdict(record), indent=1))
        for name, table in tables.items():
            _write(made, f"{name}.csv", table.to_csv(index=False))
        for name, text in texts.items():
            _write(made, f"{name}.md", text + "\n")
        if os.path.isdir(path):
            os.rmdir(path)
        os.rename(made, path)
    return path


def _write(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
        file.write(text)


def read_record(folder: str | PathLike) -> RunRecord:
    """Return the record of a folder that :meth:`Evaluation.save` wrote."""
    path = os.path.join(os.path.expanduser(os.fspath(folder)), RECORD)
    try:
        with open(path, encoding="utf-8") as file:
            fields = json.load(file)
        record = RunRecord(**fields)
    except OSError as error:
        raise ValueError(
            f"{path!r} cannot be read: {error.strerror}. Pass a folder that "
            "Evaluation.save wrote."
        ) from error
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path!r} is no record of an evaluation ({error}). Pass a folder that "
            "Evaluation.save wrote."
        ) from error
    if record.format != _FORMAT:
        raise ValueError(
            f"{path!r} has format {record.format}, and this version of sersk reads "
            f"{_FORMAT}. Use the version that wrote it: {record.versions.get('sersk')}."
        )
    return record
