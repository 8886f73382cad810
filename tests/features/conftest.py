"""Clips that extractors of ``probes.py`` understand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.features.probes import Fragile, Spy


@pytest.fixture
def write_clips(write_wav: Callable[..., Path]) -> Callable[..., list[Path]]:
    """Return a function that writes one short file for each first sample given."""

    def write(*first_samples: float, sampling_rate: int = 16_000) -> list[Path]:
        generator = np.random.default_rng(7)
        paths = []
        for number, first in enumerate(first_samples):
            samples = generator.uniform(-0.5, 0.5, 400 + 8 * number)
            samples[0] = first
            paths.append(write_wav(samples, sampling_rate, name=f"{number:04d}.wav"))
        return paths

    return write


@pytest.fixture
def spy(tmp_path: Path) -> Spy:
    """Return an extractor with a store that counts what it does."""
    (tmp_path / "marks").mkdir()
    return Spy(str(tmp_path / "marks"), cache=str(tmp_path / "store"))


@pytest.fixture
def fragile(tmp_path: Path) -> Fragile:
    """Return an extractor with a store that some clips make go wrong."""
    (tmp_path / "marks").mkdir()
    return Fragile(str(tmp_path / "marks"), cache=str(tmp_path / "store"))
