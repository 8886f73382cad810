"""What all tests share: corpora on disk, files to write, settings that do not leak."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings

import sersk

# The same examples in every run, and no deadline that a busy machine would miss.
settings.register_profile("sersk", derandomize=True, deadline=None)
settings.load_profile("sersk")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the processes of one run share."""
    if not hasattr(config, "workerinput"):
        os.environ["SERSK_TEST_FOLDER"] = tempfile.mkdtemp(prefix="sersk-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove that folder when all of them are done."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop("SERSK_TEST_FOLDER"), ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run each test with the library's defaults, whatever is set around it."""
    monkeypatch.delenv("SERSK_CACHE", raising=False)
    sersk.set_config(cache_dir=None, progress=True)
    yield
    sersk.set_config(cache_dir=None, progress=True)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Return the folder of real corpora, or skip the test."""
    folder = os.environ.get("SERSK_CORPORA")
    if not folder:
        pytest.skip("SERSK_CORPORA names no folder of real corpora")
    return Path(folder)


@pytest.fixture(scope="session")
def emodb_root(corpora: Path) -> Path:
    """Return the folder of EmoDB, or skip the test."""
    return _existing(corpora / "emodb")


@pytest.fixture(scope="session")
def ravdess_root(corpora: Path) -> Path:
    """Return the folder of RAVDESS, or skip the test."""
    return _existing(corpora / "ravdess")


@pytest.fixture
def write_wav(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes samples to a sound file and returns its path."""

    def write(
        samples: np.ndarray,
        sampling_rate: int = 16_000,
        *,
        name: str = "clip.wav",
        subtype: str | None = "PCM_16",
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, sampling_rate, subtype=subtype)
        return path

    return write


@pytest.fixture
def wav_files(write_wav: Callable[..., Path]) -> list[Path]:
    """Return three short files of noise, of different lengths, at 16 kHz."""
    generator = np.random.default_rng(0)
    lengths = [4_000, 8_000, 6_000]
    return [
        write_wav(generator.uniform(-0.5, 0.5, length), name=f"clip_{index}.wav")
        for index, length in enumerate(lengths)
    ]


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        pytest.skip(f"SERSK_CORPORA holds no folder {folder.name!r}")
    return folder
