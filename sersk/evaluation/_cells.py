"""Results of single folds, kept so that an evaluation that was cut short goes on."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from sersk.evaluation._description import Undescribable, describe
from sersk.evaluation._plan import Fold
from sersk.evaluation._record import digest_task
from sersk.evaluation._task import Task
from sersk.utils import CacheWarning, installed_versions, sha256, warn_user

_ARRAYS = ("predicted", "probabilities")


@dataclass(frozen=True)
class Cells:
    """Keep what was found of each system in each fold in a folder, by content.

    The key of a cell is made of the system, the clips, their labels and columns, the
    fold and the versions of all packages that matter, so that a cell is used only
    where running it again would give the same.
    """

    folder: str
    task: str
    systems: Mapping[str, str]

    def path(self, system: str, fold: Fold, seed: int | None = None) -> str:
        """Return where a cell lies."""
        rows = [fold.train.tolist(), fold.test.tolist()]
        seeded = [] if seed is None else [f"seed {seed}"]
        key = sha256(self.task, self.systems[system], json.dumps(rows), *seeded)
        return os.path.join(self.folder, f"{key}.json")

    def find(
        self, system: str, fold: Fold, seed: int | None = None
    ) -> dict[str, Any] | None:
        """Return the fields of a result that is kept, or None."""
        path = self.path(system, fold, seed)
        try:
            with open(path, encoding="utf-8") as file:
                kept = json.load(file)
            fields = json.loads(kept["result"])
            if kept["sha256"] != sha256(kept["result"]):
                raise ValueError("its checksum does not fit")
            arrays = {name: fields[name] for name in _ARRAYS}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            warn_user(f"{path!r} is not used ({error}): the fold is run.", CacheWarning)
            return None
        return fields | {
            name: None if values is None else np.array(values)
            for name, values in arrays.items()
        }

    def keep(
        self,
        system: str,
        fold: Fold,
        fields: Mapping[str, Any],
        seed: int | None = None,
    ) -> None:
        """Keep the fields of a result; it appears at once or not at all."""
        plain = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in fields.items()
        }
        result = json.dumps(plain)
        text = json.dumps({"sha256": sha256(result), "result": result})
        descriptor, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, self.path(system, fold, seed))
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def open_cells(
    folder: str | PathLike, systems: Mapping[str, BaseEstimator], task: Task
) -> Cells:
    """Return the cells of an evaluation, or raise where a system has no key."""
    described = {}
    versions = json.dumps(installed_versions(), sort_keys=True)
    for name, system in systems.items():
        try:
            described[name] = json.dumps(describe(system), sort_keys=True) + versions
        except Undescribable as error:
            raise ValueError(
                f"Pipeline {name!r} cannot be resumed: {error}. Leave resume= out, or "
                "make it a parameter of a class of your own."
            ) from error
    path = os.path.abspath(os.path.expanduser(os.fspath(folder)))
    try:
        os.makedirs(path, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise ValueError(
            f"resume={path!r} cannot hold results: {error.strerror}. Pass a folder "
            "that can be written to."
        ) from error
    return Cells(path, digest_task(task, task.clips.digests), described)
