"""A corpus of three speakers whose loud clips are angry and whose quiet ones are sad.

Bob is louder than the others, so that some of his sad clips are taken for angry ones.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from sersk import AudioClips
from sersk.datasets import Corpus, LabelScheme
from tests.evaluation.probes import RowSpy, SplitSpy
from tests.features.probes import Spy


@pytest.fixture
def corpus() -> Corpus:
    """Return 12 clips: anna has the first four, bob the next, carl the last."""
    levels = [0.10, 0.12, 0.40, 0.42, 0.30, 0.22, 0.60, 0.62, 0.11, 0.13, 0.41, 0.43]
    frame = pd.DataFrame(
        {
            "emotion": ["sad", "sad", "angry", "angry"] * 3,
            "speaker": np.repeat(["anna", "bob", "carl"], 4),
        }
    )
    waveforms = [np.full(200, level) for level in levels]
    clips = AudioClips.from_arrays(waveforms, sampling_rate=16_000)
    scheme = LabelScheme("two", ("sad", "angry"))
    return Corpus(frame, clips, scheme, name="loudness")


@pytest.fixture
def spy(tmp_path) -> Spy:
    """Return an extractor, without a store, that counts what it computes."""
    (tmp_path / "marks").mkdir()
    return Spy(str(tmp_path / "marks"))


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    RowSpy.fitted.clear()
    RowSpy.transformed.clear()
    SplitSpy.made.clear()
