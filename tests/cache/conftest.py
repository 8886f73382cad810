"""What the tests of the store share: a store with one value, and real processes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import sersk
from sersk.cache import FeatureStore, extractor_key
from sersk.utils import sha256


class Kept(NamedTuple):
    """A store that holds one value, and where that value lies."""

    store: FeatureStore
    key: str
    digest: str
    value: np.ndarray
    path: Path

    def get(self) -> np.ndarray | None:
        """Ask for the value."""
        return self.store.get(self.key, self.digest)

    def put(self) -> None:
        """Keep the value again."""
        self.store.put(self.key, self.digest, self.value)


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    """Return an empty store."""
    return FeatureStore(tmp_path / "store")


@pytest.fixture
def kept(store: FeatureStore) -> Kept:
    """Return a store with one small value."""
    key, digest = extractor_key({"extractor": "test"}), sha256("a clip")
    value = np.array([0.5, -1.0, 3.25], dtype=np.float32)
    store.put(key, digest, value)
    path = Path(store.path, key, digest[:1], f"{digest}.bin")
    return Kept(store, key, digest, value, path)


@pytest.fixture
def start_python() -> Callable[..., subprocess.Popen]:
    """Return a function that starts another interpreter on some code."""

    def start(code: str, *arguments: object, prefix: tuple = ()) -> subprocess.Popen:
        command = [*prefix, sys.executable, "-W", "error", "-c", code]
        # The same sersk, wherever pytest found it.
        root = os.path.dirname(os.path.dirname(sersk.__file__))
        places = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        return subprocess.Popen(
            [*command, *(str(argument) for argument in arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def run_python(start_python: Callable[..., subprocess.Popen]) -> Callable[..., str]:
    """Return a function that runs code in another interpreter; it must succeed."""

    def run(code: str, *arguments: object, prefix: tuple = ()) -> str:
        process = start_python(code, *arguments, prefix=prefix)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return output

    return run
