"""Extractors that tell what was done with them, or go wrong when a clip says so."""

import os
import signal
import sys
import time
import uuid
from pathlib import Path
from typing import ClassVar

import numpy as np

from sersk.features import BaseClipTransformer

# What the first sample of a clip makes `Fragile` do; 16-bit files hold them exactly.
RAISES, KILLS, INTERRUPTS, GIVES_NAN = 0.5, 0.25, 0.125, 0.0625


def is_loaded(module):
    """Tell whether this process has imported a module."""
    return module in sys.modules


class Level(BaseClipTransformer):
    """Return the mean and the largest absolute value of a clip."""

    def _extract(self, waveform):
        level = np.abs(waveform)
        return np.array([level.mean(), level.max()])

    def _feature_names(self):
        return ["level_mean", "level_max"]


class Spy(Level):
    """Leave a file in a folder for each clip, named after the process."""

    _runtime_parameters: ClassVar[frozenset[str]] = frozenset(
        {*BaseClipTransformer._runtime_parameters, "folder", "seconds"}
    )
    _parameter_constraints: ClassVar[dict[str, list]] = {
        **BaseClipTransformer._parameter_constraints,
        "folder": [str],
        "seconds": [float],
    }

    def __init__(
        self,
        folder,
        *,
        seconds=0.0,
        sampling_rate=16_000,
        on_error="raise",
        max_duration=600.0,
        cache=None,
        n_jobs=None,
    ):
        super().__init__(
            sampling_rate=sampling_rate,
            on_error=on_error,
            max_duration=max_duration,
            cache=cache,
            n_jobs=n_jobs,
        )
        self.folder = folder
        self.seconds = seconds

    @property
    def processes(self):
        """Return the processes that extracted, one entry a clip."""
        return [int(path.name.split("-")[0]) for path in Path(self.folder).iterdir()]

    def _extract(self, waveform):
        time.sleep(self.seconds)
        Path(self.folder, f"{os.getpid()}-{uuid.uuid4().hex}").touch()
        return super()._extract(waveform)


class Fragile(Spy):
    """Go wrong where the first sample of a clip asks for it."""

    def _extract(self, waveform):
        values = super()._extract(waveform)
        if waveform[0] == RAISES:
            raise ZeroDivisionError("one by nought")
        if waveform[0] == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        if waveform[0] == INTERRUPTS:
            raise KeyboardInterrupt
        if waveform[0] == GIVES_NAN:
            values[1] = np.nan
        return values
